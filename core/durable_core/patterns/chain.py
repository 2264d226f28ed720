"""Chain: steps one after another, each seeing what came before.

Theory of operation. The state is a cursor: the records of the steps that are done, in order. The next
step is the one after the last record, and nothing else is ever wanted. An agent step ends with
``StepCompleted``, a human step with ``StepAnswered``; both append a record. One agent named in several
steps goes on with its conversation.

A step without ``input`` gets one from what stands before it: see ``_default_input``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, assert_never

from returns.result import Failure, Result, Success

from durable_core.machine import (
    AskPerson,
    CallAgent,
    Command,
    Completed,
    Finished,
    Open,
    PatternVerdict,
    Refusal,
    Request,
    Respecified,
    Respecify,
    Responded,
    Unusable,
    Waiting,
)
from durable_core.rows import Rows
from durable_core.spec.frozen import FrozenMap
from durable_core.spec.models import ChainConfig, HumanStep, Spec, Step

BEGIN = "Begin."
"""What a first step without an ``input`` is sent: its agent's prompt already says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCompleted:
    """An agent answered step ``index`` (from 0) with ``response``, for ``tokens`` tokens."""

    index: int
    agent: str
    response: str
    tokens: int
    type: Literal["chain.step_completed/1"] = "chain.step_completed/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAnswered:
    """A person was shown ``prompt`` at step ``index`` (from 0) and said ``response``."""

    index: int
    prompt: str
    response: str
    type: Literal["chain.step_answered/1"] = "chain.step_answered/1"


Event = StepCompleted | StepAnswered


@dataclass(frozen=True, slots=True)
class State:
    """``records`` are the steps that are done, as templates see them; the next step is ``len(records)``.

    ``last_response`` is the last agent's answer and ``hitl_response`` the last person's, None before that.
    """

    config: ChainConfig
    records: Rows[Mapping[str, object]] = field(default_factory=Rows)
    last_response: str | None = None
    hitl_response: str | None = None


def initial(spec: Spec) -> State:
    """A chain of which no step is done."""
    return State(_config(spec))


def decide(state: State, command: Command) -> Result[tuple[Event | Respecified, ...], Refusal]:
    """The events that ``command`` leads to; ``()`` for a report on a step that is not the next one."""
    match command:
        case Respecify(spec):
            return _respecified(state, spec)
        case Completed(unit, text, tokens):
            step = _next_step(state)
            if not isinstance(step, Step) or unit != _unit(len(state.records)):
                return Success(())
            index = len(state.records)
            return Success((StepCompleted(index=index, agent=step.agent, response=text, tokens=tokens),))
        case Responded(unit, prompt, text):
            if not isinstance(_next_step(state), HumanStep) or unit != _unit(len(state.records)):
                return Success(())
            return Success((StepAnswered(index=len(state.records), prompt=prompt, response=text),))
        case _ as never:
            assert_never(never)


def evolve(state: State, event: Event | Respecified) -> State:
    """The state after ``event``."""
    match event:
        case StepCompleted(index=index, agent=agent, response=response, tokens=tokens):
            record = FrozenMap(index=index, agent=agent, response=response, tokens=tokens)
            return replace(state, records=state.records.append(record), last_response=response)
        case StepAnswered(index=index, prompt=prompt, response=response):
            record = FrozenMap(index=index, type="hitl", prompt=prompt, response=response)
            return replace(state, records=state.records.append(record), hitl_response=response)
        case Respecified(spec):
            return replace(state, config=_config(spec))
        case _ as never:
            assert_never(never)


def wanted(state: State) -> tuple[Request, ...]:
    """The next step, if there is one."""
    index = len(state.records)
    match _next_step(state):
        case None:
            return ()
        case HumanStep() as step:
            return (
                AskPerson(
                    unit=_unit(index),
                    title=f"{_numbered(state, index)}: person",
                    prompt=step.prompt,
                    place=_place(index),
                    context=_context(state),
                    display=step.context_display,
                    default=step.default,
                    timeout_seconds=step.timeout_seconds or None,  # 0 means no limit
                    pattern=step.validation.pattern if step.validation else None,
                ),
            )
        case Step() as step:
            return (
                CallAgent(
                    unit=_unit(index),
                    title=f"{_numbered(state, index)}: {step.agent}",
                    agent=step.agent,
                    conversation=step.agent,
                    input=_default_input(state) if step.input is None else step.input,
                    place=f"{_place(index)}.input",
                    context=_context(state) | dict(step.vars or {}),
                    tools=step.tool_overrides,
                ),
            )
        case _ as never:
            assert_never(never)


def verdict(state: State) -> PatternVerdict:
    """Finished after the last step; waiting while the next one is a person's."""
    match _next_step(state):
        case None:
            return Finished(state.last_response or state.hitl_response or "", _context(state))
        case HumanStep():
            return Waiting((_unit(len(state.records)),))
        case Step():
            return Open()
        case _ as never:
            assert_never(never)


def _config(spec: Spec) -> ChainConfig:
    assert spec.pattern.type == "chain", "the session never hands a chain another pattern's spec"
    return spec.pattern.config


def _next_step(state: State) -> Step | HumanStep | None:
    index = len(state.records)
    return state.config.steps[index] if index < len(state.config.steps) else None


def _unit(index: int) -> str:
    return f"steps/{index}"


def _place(index: int) -> str:
    return f"pattern.config.steps[{index}]"


def _numbered(state: State, index: int) -> str:
    return f"Step {index + 1}/{len(state.config.steps)}"


def _context(state: State) -> dict[str, object]:
    said = {"last_response": state.last_response, "hitl_response": state.hitl_response}
    return {"steps": state.records, **{name: text for name, text in said.items() if text is not None}}


def _default_input(state: State) -> str:
    """What a step without an ``input`` is sent: the answer before it, and what a person said since."""
    if not state.records:
        return BEGIN
    person_spoke_last = "type" in state.records[-1]
    if not person_spoke_last:
        return "{{ last_response }}"
    if state.last_response is None:
        return "{{ hitl_response }}"
    return "{{ last_response }}\n\nA person answered: {{ hitl_response }}"


def _respecified(state: State, spec: Spec) -> Result[tuple[Respecified, ...], Unusable]:
    """Prompts, agents and steps to come may change; a step that is done must still be there, of its kind."""
    steps = _config(spec).steps
    if len(steps) < len(state.records):
        gone = len(steps)
        return Failure(Unusable(f"step {gone} is completed, but the changed spec has only {gone} steps"))
    for index, record in enumerate(state.records):
        if ("type" in record) != isinstance(steps[index], HumanStep):
            return Failure(Unusable(f"step {index} is completed, but the changed spec changes its kind"))
    return Success((Respecified(spec),))
