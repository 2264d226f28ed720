"""What the oracles of chains, branches and routes share: a row of steps, looked at from its answers alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hypothesis import strategies as st

from durable_core.spec.models import HumanStep, Step
from property_tests.kits.chain import fill
from property_tests.kits.kit import Answers, Want
from property_tests.kits.strategies import Doc

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


def same_steps(old: Sequence[AnyStep], new: Sequence[AnyStep], done: int) -> bool:
    """Whether the first ``done`` steps of ``old`` are those of ``new``: each a copy at its place, or edited.

    A step is edited if a step of the same agent (or a person's) stands at its place and neither of the
    two stands anywhere in the other's row.
    """
    for place in range(done):
        its_places = [other for other, step in enumerate(new) if step == old[place]]
        if place in its_places:
            continue
        origins = [other for other, step in enumerate(old) if new[place : place + 1] == (step,)]
        edited = _doers(new[place : place + 1]) == _doers(old[place : place + 1])
        if its_places or origins or not edited:
            return False
    return True


def _doers(steps: Sequence[AnyStep]) -> list[str | None]:
    return [step.agent if isinstance(step, Step) else None for step in steps]


FEW_STEPS: Final[tuple[Doc, ...]] = (
    {"agent": "ann", "input": "One."},
    {"agent": "ann", "input": "Two."},
    {"agent": "bob", "input": "One."},
    {"type": "hitl", "prompt": "Go on?"},
    {"type": "hitl", "prompt": "Well?"},
)
"""So few that rows of them hold the same step twice, and rows that are drawn apart hold the same steps."""

rows = st.lists(st.sampled_from(FEW_STEPS), min_size=1, max_size=5)


def _default(own: dict[str, str], last: str) -> str:
    if last == "":
        return "Begin."
    if last == "hitl_response" and "last_response" in own:
        return "{{ last_response }}\n\nA person answered: {{ hitl_response }}"
    return "{{ " + last + " }}"
