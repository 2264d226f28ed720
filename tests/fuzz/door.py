"""A door of the program through which foreign text comes in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.fuzz.mutations import Form


@dataclass(frozen=True, slots=True)
class Door:
    """``enter`` takes any bytes at all, and raises nothing. ``texts`` fit it, and others are made of them: of
    their bytes, and of their parts in the ``form`` that they have."""

    name: str
    enter: Callable[[bytes], object]
    texts: Callable[[], tuple[bytes, ...]]
    form: Form | None = None
