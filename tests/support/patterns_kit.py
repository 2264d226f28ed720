"""What the examples of the patterns are written in: bare specs, and reports by unit and text."""

from __future__ import annotations

from typing import Any

from returns.result import Failure

from durable_core.patterns import pattern_of
from durable_core.patterns.base import AskPerson, CallAgent, Completed, Respecify, Responded, Unusable
from durable_core.spec.models import Spec
from durable_core.templates.rendering import render
from durable_core.types import Json

Doc = dict[str, Any]

CALL: Doc = {"agent": "ann"}
QUESTION: Doc = {"type": "hitl", "prompt": "Go on?"}


def spec_of(pattern: str, config: Doc, **runtime: Any) -> Spec:
    """A bare spec around a pattern's config."""
    return Spec.model_validate(
        {
            "version": 0,
            "name": pattern,
            "runtime": {"provider": "echo", **runtime},
            "agents": {"ann": {"prompt": "You are ann."}, "bob": {"prompt": "You are bob."}},
            "pattern": {"type": pattern, "config": config},
        }
    )


def told(spec: Spec, state: Any, **answers: str) -> Any:
    """The state after the units were answered, in this order; ``__`` in a name stands for a slash."""
    for name, text in answers.items():
        unit = name.replace("__", "/")
        (request,) = [each for each in pattern_of(spec).wanted(state) if each.unit == unit]
        state = heard(spec, state, request, text)
    return state


def heard(spec: Spec, state: Any, request: CallAgent | AskPerson, text: str) -> Any:
    """The state after one request was answered."""
    if isinstance(request, AskPerson):
        command: Completed | Responded = Responded(request.unit, request.prompt, text)
    else:
        command = Completed(request.unit, text, 3)
    events = pattern_of(spec).decide(state, command).unwrap()
    assert events, f"nothing was decided for {request.unit}"
    for event in events:
        state = pattern_of(spec).evolve(state, event)
    return state


def wanted(spec: Spec, state: Any) -> dict[str, CallAgent | AskPerson]:
    """What may run, by unit, in order."""
    return {request.unit: request for request in pattern_of(spec).wanted(state)}


def sent(request: CallAgent | AskPerson) -> str:
    """What the model or the person is sent."""
    template = request.prompt if isinstance(request, AskPerson) else request.input
    return render(template, request.context, place=request.place).unwrap()


def respecified(state: Any, spec: Spec, **variables: Json) -> Any:
    """The state that goes on under ``spec`` and ``variables``, or the sentence that refuses it."""
    match pattern_of(spec).decide(state, Respecify(spec, variables)):
        case Failure(Unusable(problem)):
            return problem
        case decided:
            for event in decided.unwrap():
                state = pattern_of(spec).evolve(state, event)
            return state


def shown(spec: Spec, state: Any, *failed: str) -> Doc:
    """What pattern_state.json says of ``state``, when the units ``failed`` have failed."""
    return pattern_of(spec).view(state, failed)
