"""The doors of the program through which foreign text comes in, each with texts that fit it."""

from __future__ import annotations

from typing import Final

from tests.fuzz import answers, sessions, specs, templates
from tests.fuzz.door import Door

DOORS: Final[tuple[Door, ...]] = (*specs.DOORS, *answers.DOORS, *templates.DOORS, *sessions.DOORS)
