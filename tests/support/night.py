"""Whether this is the night's run, which does the same as the day's at full size (`make test-nightly`)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final, TypeVar

T = TypeVar("T")

NIGHTLY: Final = os.environ.get("STRANDS_NIGHTLY") == "1"
"""Whether counts are scaled up: the same tests, more often, and nothing left out."""


def at_night(day: int, night: int) -> int:
    """A count that is larger at night."""
    return night if NIGHTLY else day


def spread(items: Sequence[T], most: int) -> list[T]:
    """All of ``items`` at night; by day at most so many, evenly spread, with the first and the last."""
    if NIGHTLY or len(items) <= most:
        return list(items)
    return [items[place * (len(items) - 1) // (most - 1)] for place in range(most)]
