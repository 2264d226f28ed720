"""``python -m tests.fuzz [SECONDS]``: an hour of texts, or so many seconds, at all doors in turn.

Each night begins with other texts, by the day's number. Exit status 1 if a text got through.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from typing import Final

from tests.fuzz.doors import DOORS
from tests.fuzz.fuzzing import fuzz

HOUR_S: Final = 3600.0

TURN_S: Final = 20.0
"""Seconds for one door, before the next has its turn."""

A_DAY: Final = 10_000_000
"""Numbers of texts for one day: more than an hour has time for."""


def main(seconds: float) -> int:
    """Fuzz for so many seconds; gives the exit status."""
    ends, tried, found = time.monotonic() + seconds, Counter[str](), Counter[str]()
    begin = int(time.time()) // 86_400 * A_DAY
    after = {door.name: begin for door in DOORS}
    turn = min(TURN_S, seconds / len(DOORS))
    while time.monotonic() < ends:
        for door in DOORS:
            left = min(turn, ends - time.monotonic())
            first = after[door.name]
            after[door.name], findings = fuzz(door, first, texts=A_DAY, seconds=left)
            tried[door.name] += after[door.name] - first
            found[door.name] += len(findings)
            for finding in findings:
                print(finding, file=sys.stderr, flush=True)
    for name, count in tried.items():
        print(f"{name}: {count} texts, {found[name]} got through")
    return 1 if found.total() else 0


if __name__ == "__main__":
    os.nice(10)
    sys.exit(main(float(sys.argv[1]) if sys.argv[1:] else HOUR_S))
