"""What goes wrong in one run of a driver, drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final, Literal, get_args

from tests.simulation.models import Rates

Kind = Literal[
    "crash", "power cut", "input/output error", "failed sync", "slow disk", "full disk", "kill", "stop",
    "clock jump", "second driver", "lost lock", "knock", "too many files", "standstill", "held interpreter",
]  # fmt: skip

AT_OPERATION: Final[tuple[Kind, ...]] = (
    "crash", "power cut", "input/output error", "slow disk", "knock", "too many files", "standstill",
)  # fmt: skip
"""Troubles that come at an operation of the disk; the others come at a time, or are a number of bytes."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that goes wrong: at an operation (from 1), at a time (seconds from the start), or, for a full
    disk, once so many bytes are written."""

    kind: Kind
    at: float

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:g}"


CALM_MODELS: Final = Rates()
"""Models that only take their time."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One run of a driver: what goes wrong with the machine, and how often with the models."""

    troubles: tuple[Trouble, ...] = ()
    rates: Rates = CALM_MODELS

    def __str__(self) -> str:
        said = ", ".join(str(trouble) for trouble in self.troubles) or "a calm machine"
        return f"{said}; models fail at {self.rates.transient:.2f}/{self.rates.lasting:.2f}"


CALM: Final = Plan()
"""Nothing goes wrong."""


def trouble_of(text: str) -> Trouble:
    """What ``str`` of a trouble says, read back. Raises ValueError for anything else."""
    name, _, at = text.rpartition(" at ")
    kinds: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
    if name not in kinds:
        raise ValueError(f"{name!r} is none of {', '.join(kinds)}")
    return Trouble(kinds[name], float(at))


def draw_plan(random: Random) -> Plan:
    """One to three troubles, and models that are now and then in a bad state."""
    kinds: list[Kind] = random.choices(
        ("crash", "power cut", "kill", "input/output error", "failed sync", "slow disk", "full disk", "stop",
         "clock jump", "second driver", "lost lock", "knock", "too many files", "standstill",
         "held interpreter"),
        weights=(8, 5, 4, 2, 2, 1, 2, 2, 2, 2, 2, 6, 2, 4, 2),
        k=random.choice((1, 1, 2, 3)),
    )  # fmt: skip
    rates = Rates()
    if random.random() < 0.5:
        rates = Rates(random.uniform(0, 0.5), random.choice((0.0, 0.1, 0.3)), random.choice((0.0, 0.3)))
    return Plan(tuple(Trouble(kind, _when(random, kind)) for kind in kinds), rates)


def _when(random: Random, kind: Kind) -> float:
    """Early more often than late, since every run begins and not every run gets far."""
    if kind in AT_OPERATION:
        return int(10 ** random.uniform(0, 3))
    if kind == "failed sync":
        return random.randint(1, 12)
    if kind == "full disk":
        return int(10 ** random.uniform(0, 4.5))
    return round(10 ** random.uniform(-3, 2.5), 3)
