"""What the oracles of branches and routes share: a row of steps, looked at from its answers alone."""

from __future__ import annotations

from collections.abc import Sequence

from durable_core.spec.models import HumanStep, Step
from property_tests.kits.chain import fill
from property_tests.kits.kit import Answers, Want

AnyStep = Step | HumanStep


def next_of(steps: Sequence[AnyStep], unit: str, answers: Answers, known: dict[str, str]) -> Want | None:
    """The first step below ``unit`` without an answer; None when all have one. ``known`` fills templates."""
    known = dict(known)
    own: dict[str, str] = {}
    last = ""
    for number, step in enumerate(steps):
        if f"{unit}/{number}" in answers:
            last = "hitl_response" if isinstance(step, HumanStep) else "last_response"
            own[last] = answers[f"{unit}/{number}"]
            continue
        known |= own
        if isinstance(step, HumanStep):
            return Want(f"{unit}/{number}", None, fill(step.prompt, known))
        known |= {name: str(value) for name, value in (step.vars or {}).items()}
        template = _default(own, last) if step.input is None else step.input
        return Want(f"{unit}/{number}", step.agent, fill(template, known))
    return None


def outcome_of(steps: Sequence[AnyStep], unit: str, answers: Answers) -> str:
    """The last agent's answer below ``unit``, else the last person's."""
    texts = [(isinstance(step, Step), answers[f"{unit}/{number}"]) for number, step in enumerate(steps)]
    from_agents = [text for from_agent, text in texts if from_agent]
    return from_agents[-1] if from_agents else texts[-1][1]


def _default(own: dict[str, str], last: str) -> str:
    if last == "":
        return "Begin."
    if last == "hitl_response" and "last_response" in own:
        return "{{ last_response }}\n\nA person answered: {{ hitl_response }}"
    return "{{ " + last + " }}"
