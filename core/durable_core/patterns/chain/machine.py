"""Chain: steps one after another, each seeing what came before.

Theory of operation. The state is a cursor: the records of the steps that are done, in order. The next
step is the one after the last record, and nothing else is ever wanted. An agent step ends with
``StepCompleted``, a human step with ``StepAnswered``; both append a record. One agent named in several
steps continues its conversation.
"""

from __future__ import annotations

from typing import assert_never

from returns.result import Result, Success

from durable_core.patterns.base import (
    Completed,
    Finished,
    Open,
    PatternCommand,
    PatternVerdict,
    Refusal,
    Request,
    Respecified,
    Respecify,
    Responded,
    Waiting,
)
from durable_core.patterns.chain.names import CHAIN_RESULT, STEP_SCOPE
from durable_core.patterns.chain.state import Event, State, StepAnswered, StepCompleted
from durable_core.patterns.changes import respecified
from durable_core.patterns.steps import Spot, asked, called
from durable_core.spec.models import ChainConfig, HumanStep, Spec, Step


def initial(spec: Spec) -> State:
    """A chain of which no step is done."""
    return State(_config(spec))


def decide(state: State, command: PatternCommand) -> Result[tuple[Event | Respecified, ...], Refusal]:
    """The events that ``command`` leads to; ``()`` for a report on a step that is not the next one."""
    match command:
        case Respecify(spec):
            return respecified(command, state.line.conflict(state.config.steps, _config(spec).steps))
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
        case StepCompleted(agent=agent, response=response, tokens=tokens):
            return state._replace(line=state.line.completed(agent, response, tokens))
        case StepAnswered(prompt=prompt, response=response):
            return state._replace(line=state.line.answered(prompt, response))
        case Respecified(spec):
            return state._replace(config=_config(spec))
        case _ as never:
            assert_never(never)


def wanted(state: State) -> tuple[Request, ...]:
    """The next step, if there is one."""
    index = len(state.records)
    spot = Spot(
        unit=_unit(index),
        title=f"Step {index + 1}/{len(state.config.steps)}",
        place=f"pattern.config.steps[{index}]",
    )
    context = STEP_SCOPE.context(state.line, state.line.heard)
    match _next_step(state):
        case None:
            return ()
        case HumanStep() as step:
            return (asked(step, spot, context),)
        case Step() as step:
            return (called(step, spot, context, default_input=state.line.default_input()),)
        case _ as never:
            assert_never(never)


def verdict(state: State) -> PatternVerdict:
    """Finished after the last step; waiting while the next one is a person's."""
    match _next_step(state):
        case None:
            return Finished(state.line.response, CHAIN_RESULT.context(state.line, state.line.heard))
        case HumanStep():
            return Waiting((_unit(len(state.records)),))
        case Step():
            return Open()
        case _ as never:
            assert_never(never)


def _config(spec: Spec) -> ChainConfig:
    assert spec.pattern.type == "chain", "the session hands each pattern its own spec"
    return spec.pattern.config


def _next_step(state: State) -> Step | HumanStep | None:
    index = len(state.records)
    return state.config.steps[index] if index < len(state.config.steps) else None


def _unit(index: int) -> str:
    return f"steps/{index}"
