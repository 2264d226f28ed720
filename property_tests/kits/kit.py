"""A kit: what the laws need to know of a pattern.

That is: specs to draw, what models and people answer, and an oracle that knows from the answers alone what
may run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hypothesis import strategies as st

from durable_core.spec.models import Spec
from durable_core.types import Json, UnitId
from property_tests.kits.strategies import PERSON, common_edits

Look = tuple[Spec, Mapping[str, Json]]
"""The spec and the variables, as they were when something was decided by them."""


class Answers(dict[UnitId, str]):
    """What was taken from models and people so far, by unit, in the order it was taken.

    ``looks`` has, by unit, the spec and the variables when it was answered, and after each change until the
    next unit was.
    """

    def __init__(self) -> None:
        super().__init__()
        self.looks: dict[UnitId, list[Look]] = {}


@dataclass(frozen=True, slots=True)
class Want:
    """A unit that may run. ``agent`` is None for a person, ``prompt`` where the oracle does not know it."""

    unit: UnitId
    agent: str | None
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an oracle expects: the units that may run, in order; or the result; or neither: it ended badly."""

    wants: tuple[Want, ...] = ()
    result: str | None = None


def _plain_answer(spec: Spec, unit: UnitId, attempt: int) -> str:
    return f"answer of {unit}"


def _plain_person(unit: UnitId) -> str:
    return PERSON


def _no_edits(spec: Spec) -> tuple[Spec, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """What the laws need to know of a pattern.

    ``oracle`` recomputes naively what the pattern may want. ``answer`` is a model's text for an attempt of
    a unit: the same for every attempt, but that early ones may be malformed. ``person`` is what people
    answer. ``own_edits`` are changes of a spec, beside the common ones, that a session can be resumed under
    at any point, also when made twice (a task that is added needs an id of its own each time); ``bound`` is
    the most units (calls and gates) that a run can complete.
    """

    pattern: str
    specs: st.SearchStrategy[Spec]
    oracle: Callable[[Spec, Answers], Expectation]
    bound: Callable[[Spec], int]
    answer: Callable[[Spec, UnitId, int], str] = _plain_answer
    person: Callable[[UnitId], str] = _plain_person
    own_edits: Callable[[Spec], tuple[Spec, ...]] = _no_edits

    def edits(self, spec: Spec) -> tuple[Spec, ...]:
        """Changed specs that a session can be resumed under, whatever it has done so far."""
        return (*common_edits(spec), *self.own_edits(spec))

    def __str__(self) -> str:
        return self.pattern
