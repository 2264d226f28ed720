"""Throws texts at a door, in a child process that the system ends when one takes too long or too much.

What is found is tried once more, alone, as a busy machine may have been slow just then.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from tests.fuzz.child import TAKES, in_child
from tests.fuzz.door import Door
from tests.fuzz.mutations import mutated


@dataclass(frozen=True, slots=True)
class Finding:
    """The text of this ``number`` got through a door's guard, and ``why``."""

    door: str
    number: int
    why: str

    def __str__(self) -> str:
        return f"{self.door}, text {self.number}: {self.why}"


def fuzz(door: Door, first: int, *, texts: int, seconds: float = float("inf")) -> tuple[int, list[Finding]]:
    """Throw so many ``texts`` at a door, from the one of number ``first`` on, but begin none after so many
    ``seconds``. Gives the number after the last one, and what was found."""
    ends, findings, after = time.monotonic() + seconds, list[Finding](), first + texts
    made = door.texts()  # read once, for all children

    def throw(number: int) -> None:
        door.enter(mutated(made, number, door.form))

    while first < after and time.monotonic() < ends:
        number, why = in_child(throw, first, after, ends)
        if why is not None:
            _, alone = in_child(throw, number, number + 1)
            if alone is not None:
                findings.append(Finding(door.name, number, alone))
            elif not why.startswith(TAKES):
                findings.append(Finding(door.name, number, f"only after the texts from {first} on: {why}"))
        first = number + 1
    return first, findings
