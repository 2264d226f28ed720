"""Families of small specs, and the walks that reach every kind of state of a pattern in them.

A family holds every combination of what its pattern knows, as small as each can be: so what no walk over it
reaches, the pattern does not do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from types import MappingProxyType
from typing import Any, Final

from returns.result import Failure

from durable_core.patterns import PATTERNS
from durable_core.patterns.base import AskPerson, Completed, Request, Respecify, Responded
from property_tests.kits.strategies import Doc
from property_tests.worlds.kinds import kind_of_pattern
from property_tests.worlds.walking import spec_of

Pair = tuple[str, str]
"""A kind of state, and the type of an event that happens in it."""

CALL: Final[Doc] = {"agent": "ann", "input": "Go on."}
GATE: Final[Doc] = {"type": "hitl", "prompt": "Go on?"}
STEPS: Final = (CALL, GATE)
ROWS: Final[tuple[list[Doc], ...]] = tuple(
    list(row) for size in (1, 2) for row in product(STEPS, repeat=size)
)
MAYBE: Final[tuple[Doc | None, ...]] = (None, *STEPS)


@dataclass(frozen=True, slots=True)
class Small:
    """A pattern's config, and all that may be answered: where JSON is due, by other models, by people."""

    config: Doc
    due: tuple[str, ...] = ()
    texts: tuple[str, ...] = ("done",)
    person: tuple[str, ...] = ("approved",)

    def answers(self, request: Request) -> tuple[str, ...]:
        """What may be answered to ``request``."""
        if isinstance(request, AskPerson):
            return self.person
        return self.texts if request.shape is None else self.due


def _with(config: Doc, **optional: Doc | None) -> Doc:
    return {**config, **{name: part for name, part in optional.items() if part is not None}}


def _chains() -> Iterator[Small]:
    for size in (1, 2, 3):
        for row in product(STEPS, repeat=size):
            yield Small({"steps": list(row)})


def _workflows() -> Iterator[Small]:
    shapes = (((), (), ()), ((), ("a",), ("b",)), ((), (), ("a", "b")), ((), ("a",), ("a",)))
    for deps, kinds in product(shapes, product(STEPS, repeat=3)):
        tasks = [
            {"id": name, "deps": list(before), **kind}
            for name, before, kind in zip("abc", deps, kinds, strict=True)
        ]
        yield Small({"tasks": tasks})


def _parallels() -> Iterator[Small]:
    for first, second, reduce in product(ROWS, ROWS, MAYBE):
        branches = [{"id": "b", "steps": first}, {"id": "a", "steps": second}]
        yield Small(_with({"branches": branches}, reduce=reduce))


def _routings() -> Iterator[Small]:
    due = ('{"route": "left"}', '{"route": "right"}')
    for left, right, review in product(ROWS, ROWS, (None, GATE)):
        router = _with({"agent": "bob"}, review_router=review)
        routes = {"left": {"then": left}, "right": {"then": right}}
        yield Small({"router": router, "routes": routes}, due, person=("approved", "route:left"))


def _orchestrations() -> Iterator[Small]:
    for rounds, plan, work, reduce, writeup in product((1, 2), (None, GATE), (None, GATE), MAYBE, MAYBE):
        orchestrator = {"agent": "bob", "limits": {"max_rounds": rounds}}
        config = {"orchestrator": orchestrator, "worker_template": {"agent": "eve"}}
        parts = {"decomposition_review": plan, "reduce_review": work, "reduce": reduce, "writeup": writeup}
        yield Small(_with(config, **parts), ("[]", '["a", "b"]'), person=("approved", "rejected"))


def _evaluations() -> Iterator[Small]:
    for most, gate in product((1, 2, 3), (None, GATE)):
        accept = {"min_score": 50, "max_iters": most}
        config = {"producer": "ann", "evaluator": {"agent": "eve"}, "accept": accept}
        scores = ('{"score": 10}', '{"score": 90}')
        yield Small(_with(config, review_gate=gate), scores, person=("go on", "stop"))


def _graphs() -> Iterator[Small]:
    choices = [
        {"choose": [{"when": "last_response == 'left'", "to": "a"}, {"when": "else", "to": "b"}]},
        {"choose": [{"when": "nowhere == 1", "to": "a"}]},
        {"to": ["b"]},
        {"to": []},
    ]
    for most, first, second, one, other in product((1, 2), STEPS, STEPS, choices, choices):
        nodes = {"a": {**first}, "b": {**second}}
        edges = [{"from": "a", **one}, {"from": "b", **other}]
        yield Small({"max_iterations": most, "nodes": nodes, "edges": edges}, texts=("left", "right"))


FAMILIES: Final[Mapping[str, tuple[Small, ...]]] = MappingProxyType(
    {
        "chain": tuple(_chains()),
        "workflow": tuple(_workflows()),
        "parallel": tuple(_parallels()),
        "routing": tuple(_routings()),
        "orchestrator_workers": tuple(_orchestrations()),
        "evaluator_optimizer": tuple(_evaluations()),
        "graph": tuple(_graphs()),
    }
)
"""Every family, by its pattern."""


@dataclass(slots=True)
class Reached:
    """What the walks over a family reached."""

    specs: int = 0
    states: int = 0
    pairs: set[Pair] = field(default_factory=set)


@cache
def reached(pattern: str) -> Reached:
    """All that the walks over the family of ``pattern`` reach."""
    found = Reached()
    for small in FAMILIES[pattern]:
        found.specs += 1
        _walk(pattern, small, found)
    return found


def _walk(pattern: str, small: Small, found: Reached) -> None:
    """Every state of one spec, whatever is answered in whatever order."""
    machine, spec = PATTERNS[pattern], spec_of(pattern, small.config)
    seen: set[frozenset[tuple[str, str]]] = {frozenset()}
    waiting: list[tuple[frozenset[tuple[str, str]], Any]] = [(frozenset(), machine.initial(spec))]
    while waiting:
        done, state = waiting.pop()
        found.states += 1
        kind = kind_of_pattern(pattern, state)
        found.pairs.add((kind, "respecified"))
        assert _under_the_same_spec(pattern, state, spec) == state
        for request in machine.wanted(state):
            for answer in small.answers(request):
                after = state
                for event in machine.decide(state, _command(request, answer)).unwrap():
                    found.pairs.add((kind, event.type))
                    after = machine.evolve(after, event)
                further = done | {(request.unit, answer)}
                if further not in seen:
                    seen.add(further)
                    waiting.append((further, after))


def _command(request: Request, answer: str) -> Completed | Responded:
    if isinstance(request, AskPerson):
        return Responded(request.unit, request.prompt, answer)
    return Completed(request.unit, answer, 3)


def _under_the_same_spec(pattern: str, state: Any, spec: Any) -> Any:
    """``state`` after its spec was read again and found to be as it was."""
    machine = PATTERNS[pattern]
    decided = machine.decide(state, Respecify(spec))
    assert not isinstance(decided, Failure), f"a state does not fit its own spec: {decided}"
    for event in decided.unwrap():
        state = machine.evolve(state, event)
    return state
