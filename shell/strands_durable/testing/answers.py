"""Scripted answers: what models and people say in a test, by unit, by agent, or by a function."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from durable_core.frozen import frozen
from durable_core.session import Turn
from durable_core.spec.secrets import unescaped
from durable_core.types import UnitId


@frozen(kw_only=True)
class Asked:
    """What a scripted answer may look at: attempt ``attempt`` (from 1) of ``unit`` was sent ``prompt``.

    ``json_due`` tells whether the answer must be JSON, as a router's or an evaluator's. ``agent`` and
    ``system_prompt`` are None where a person is asked.
    """

    unit: UnitId
    attempt: int
    prompt: str
    agent: str | None = None
    system_prompt: str | None = None
    json_due: bool = False


Scripted = Any
"""What is answered: a text; a mapping or list, which is sent as JSON; a Fault, which fails the attempt; a
tuple of these, one for each attempt, the last one for all that follow; or a function of ``Asked`` that gives
one of these. None leaves a question to a person open."""

ScriptedAnswers = Mapping[str, Scripted] | Callable[[Asked], Scripted]
"""Answers by unit id or, for all units of an agent, by the agent's name; or one function for all."""


class Unanswered(LookupError):
    """The script has no answer for a unit. The text names the unit, its agent and what it was sent."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(
            f"no answer for {asked.unit} (agent {asked.agent}), which was sent: {asked.prompt!r:.200}"
        )


def asked_by(turn: Turn) -> Asked:
    """What ``turn`` asks a model."""
    return Asked(
        unit=turn.unit,
        attempt=turn.attempt,
        prompt=unescaped(turn.prompt),
        agent=turn.agent,
        system_prompt=unescaped(turn.system_prompt),
        json_due=turn.answer_type is not None,
    )


def answer_for(answers: ScriptedAnswers, asked: Asked) -> Scripted:
    """What ``answers`` say to ``asked``; None for nothing."""
    if callable(answers):
        found = answers(asked)
    else:
        found = answers.get(asked.unit)
        if found is None and asked.agent is not None:
            found = answers.get(asked.agent)
    if callable(found):
        found = found(asked)
    return found[min(asked.attempt, len(found)) - 1] if isinstance(found, tuple) else found


def text_of(answer: Scripted) -> str:
    """The text of an answer; anything but a text is JSON."""
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
