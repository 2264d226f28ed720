"""Walking through all states of a pattern that a small spec can reach, whatever the order of the reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from durable_core.patterns import pattern_of
from durable_core.patterns.base import AskPerson, CallAgent, Completed, Responded
from durable_core.spec.models import Spec
from durable_core.templates.rendering import render
from property_tests.kits.strategies import AGENTS, VARIABLES, Doc

Done = frozenset[str]
"""The units that are done."""


def spec_of(pattern: str, config: Doc, max_parallel: int = 9) -> Spec:
    """A bare spec around a pattern's config."""
    return Spec.model_validate(
        {
            "version": 0,
            "name": pattern,
            "runtime": {"provider": "echo", "max_parallel": max_parallel},
            "agents": AGENTS,
            "pattern": {"type": pattern, "config": config},
        }
    )


def plain_answer(unit: str) -> str:
    """What models and people answer where a test has no wish of its own."""
    return f"answer of {unit}"


def after(
    spec: Spec, state: Any, request: CallAgent | AskPerson, answer: Callable[[str], str] = plain_answer
) -> Any:
    """The state after ``request`` was answered."""
    text = answer(request.unit)
    if isinstance(request, AskPerson):
        command: Completed | Responded = Responded(request.unit, request.prompt, text)
    else:
        command = Completed(request.unit, text, 3)
    for event in pattern_of(spec).decide(state, command).unwrap():
        state = pattern_of(spec).evolve(state, event)
    return state


def walk(spec: Spec, answer: Callable[[str], str] = plain_answer) -> Iterator[tuple[Done, Any]]:
    """Every reachable state with the units that are done in it, each once.

    Raises AssertionError when two orders of the same reports lead to states that differ: so a walk over
    states covers every interleaving.
    """
    start = pattern_of(spec).initial(spec)
    seen: dict[Done, Any] = {frozenset(): start}
    waiting: list[Done] = [frozenset()]
    while waiting:
        done = waiting.pop()
        yield done, seen[done]
        for request in pattern_of(spec).wanted(seen[done]):
            further = done | {request.unit}
            state = after(spec, seen[done], request, answer)
            if further in seen:
                assert seen[further] == state, f"the order of {sorted(further)} left a trace"
            else:
                seen[further] = state
                waiting.append(further)


def sent(request: CallAgent | AskPerson) -> str:
    """What the model or the person is sent."""
    template = request.prompt if isinstance(request, AskPerson) else request.input
    return render(template, {**VARIABLES, **request.context}, place=request.place).unwrap()
