"""Orchestrator-workers: an agent divides the work, workers do it, and a step or two bring it together.

Theory of operation. A round (from 1) is a plan and its workers. The plan is decided once, with its tasks:
it is an event, never asked for again, whatever the workers or the spec do later. Workers of a round run
concurrently, the earliest of those that are ``left`` first. ``workers`` holds what is done in plan order, and
a worker that is done before an earlier one waits in ``ahead``. What comes next follows from the facts::

    plan -> (decomposition review) -> workers -> next round, or on
    (reduce review) -> (reduce) -> (writeup) -> finished

An empty plan ends the rounds. A review that is answered ``rejected`` fails the session for good.
"""

from __future__ import annotations

from typing import Final, Literal, assert_never

from returns.result import Result, Success

from durable_core.answers.reading import read_tasks
from durable_core.patterns.base import (
    SUCCESS,
    Completed,
    Failed,
    Finished,
    Malformed,
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
from durable_core.patterns.changes import conflict_with, respecified
from durable_core.patterns.orchestrator_workers.names import WORKERS_RESULT, heard_before_part, unjoined
from durable_core.patterns.orchestrator_workers.requests import (
    REJECTED,
    gate_unit,
    part_request,
    plan_request,
    plan_unit,
    review_request,
    step_of,
    worker_request,
    worker_unit,
)
from durable_core.patterns.orchestrator_workers.state import (
    ClosingPart,
    Event,
    PartAnswered,
    PartCompleted,
    Planned,
    PlannedTask,
    ReviewGate,
    Round,
    RoundReviewed,
    State,
    Worked,
    WorkerRecord,
)
from durable_core.patterns.records import ClosingText
from durable_core.persistent.bit_set import BitSet
from durable_core.spec.models import HumanStep, OrchestratorWorkersConfig, Spec, Step
from durable_core.types import Fault

MOST_TASKS: Final = 10_000
"""Tasks kept of a plan when ``max_workers`` is not given: beyond any use, and still fast."""


NextPart = Literal["plan", "work"] | ReviewGate | ClosingPart | Literal["finished", "failed"]


def initial(spec: Spec) -> State:
    """Nothing is planned."""
    return State(_config(spec), spec.runtime.max_parallel)


def decide(state: State, command: PatternCommand) -> Result[tuple[Event | Respecified, ...], Refusal]:
    """The events that ``command`` leads to; ``()`` for a report on a unit that is not wanted."""
    match command:
        case Respecify(spec):
            return respecified(command, _conflict(state, spec))
        case Completed():
            return _completed(state, command)
        case Responded():
            return Success(_responded(state, command))
        case _ as never:
            assert_never(never)


def evolve(state: State, event: Event | Respecified) -> State:
    """The state after ``event``."""
    match event:
        case Planned():
            return _planned(state, event)
        case Worked():
            return _worked(state, event)
        case RoundReviewed(gate=gate, round=number, response=response, rejected=rejected):
            state = state._replace(hitl_response=response)
            if rejected:
                return state._replace(rejection=(gate_unit(gate, number), response))
            is_plan = gate == "decomposition_review"
            return state._replace(reviewed=number) if is_plan else state._replace(reduce_reviewed=True)
        case PartCompleted(part=part, response=response):
            return _with_part(state, part, ClosingText(response, by_person=False))
        case PartAnswered(part=part, response=response):
            state = state._replace(hitl_response=response)
            return _with_part(state, part, ClosingText(response, by_person=True))
        case Respecified(spec):
            return state._replace(config=_config(spec), slots=spec.runtime.max_parallel)
        case _ as never:
            assert_never(never)


def wanted(state: State) -> tuple[Request, ...]:
    """The one thing that comes next, or as many workers as may run at once, in plan order."""
    match _next(state):
        case "plan":
            return (plan_request(state),)
        case "work":
            return tuple(worker_request(state, index) for index in state.left.first(_at_once(state)))
        case "decomposition_review" | "reduce_review" as gate:
            return (review_request(state, gate),)
        case "reduce" | "writeup" as part:
            return (part_request(state, part),)
        case "finished" | "failed":
            return ()
        case _ as never:
            assert_never(never)


def verdict(state: State) -> PatternVerdict:
    """Finished after the last part there is; failed once a person rejected."""
    stage = _next(state)
    match stage:
        case "finished":
            heard, without = heard_before_part(state.config, "end"), unjoined(state.config)
            return Finished(_result(state), WORKERS_RESULT.context(state, heard, without))
        case "failed":
            assert state.rejection is not None, "that is why it failed"
            unit, answer = state.rejection
            message = f"a person answered: {answer}; what is done is kept, but a rejected session ends here"
            return Failed(unit, Fault("pattern", message))
        case "decomposition_review" | "reduce_review":
            return Waiting((gate_unit(stage, state.round),))
        case "reduce" | "writeup" if isinstance(step_of(state.config, stage), HumanStep):
            return Waiting((stage,))
        case _:
            return Open()


# --- what comes next ----------------------------------------------------------------------------------


def _next(state: State) -> NextPart:
    if state.rejection is not None:
        return "failed"
    if state.written is not None:
        return "finished"
    if state.reduced is None:
        if not state.reduce_reviewed:
            in_rounds = _next_in_rounds(state)
            if in_rounds is not None:
                return in_rounds
            if state.config.reduce_review is not None:
                return "reduce_review"
        if state.config.reduce is not None:
            return "reduce"
    return "finished" if state.config.writeup is None else "writeup"


def _next_in_rounds(state: State) -> NextPart | None:
    if state.left:
        unseen = state.reviewed < state.round and not state.working
        asks = unseen and state.config.decomposition_review is not None
        return "decomposition_review" if asks else "work"
    return None if state.ended or state.round >= state.config.orchestrator.limits.rounds else "plan"


def _config(spec: Spec) -> OrchestratorWorkersConfig:
    assert spec.pattern.type == "orchestrator_workers", "the session hands each pattern its own spec"
    return spec.pattern.config


def _at_once(state: State) -> int:
    return min(state.slots, state.config.orchestrator.limits.max_workers or state.slots)


# --- deciding -----------------------------------------------------------------------------------------


def _completed(state: State, report: Completed) -> Result[tuple[Event, ...], Refusal]:
    match _next(state):
        case "plan" if report.unit == plan_unit(state.round + 1):
            most = state.config.orchestrator.limits.max_workers or MOST_TASKS
            return (
                read_tasks(report.text, most)
                .map(lambda tasks: (_plan_of(state, report, tasks),))
                .alt(Malformed)
            )
        case "work":
            for index in state.left.first(_at_once(state)):
                if report.unit == worker_unit(state.round, index):
                    return Success((_work_of(state, report, index),))
        case "reduce" | "writeup" as part if report.unit == part:
            step = step_of(state.config, part)
            if isinstance(step, Step):
                event = PartCompleted(part=part, agent=step.agent, response=report.text, tokens=report.tokens)
                return Success((event,))
    return Success(())


def _plan_of(state: State, report: Completed, tasks: tuple[str, ...]) -> Event:
    return Planned(
        round=state.round + 1,
        agent=state.config.orchestrator.agent,
        response=report.text,
        tasks=tasks,
        tokens=report.tokens,
    )


def _work_of(state: State, report: Completed, index: int) -> Event:
    return Worked(
        round=state.round,
        index=index,
        agent=state.config.worker_template.agent,
        response=report.text,
        tokens=report.tokens,
    )


def _responded(state: State, report: Responded) -> tuple[Event, ...]:
    number = state.round
    match _next(state):
        case "decomposition_review" | "reduce_review" as gate if report.unit == gate_unit(gate, number):
            rejected = report.text.strip().lower().startswith(REJECTED)
            return (
                RoundReviewed(
                    gate=gate, round=number, prompt=report.prompt, response=report.text, rejected=rejected
                ),
            )
        case "reduce" | "writeup" as part if report.unit == part:
            if isinstance(step_of(state.config, part), HumanStep):
                return (PartAnswered(part=part, prompt=report.prompt, response=report.text),)
    return ()


def _conflict(state: State, spec: Spec) -> str | None:
    """A plan stays as it was decided; what is done must still be there, and of its kind."""
    config = _config(spec)
    planned, allowed = state.round, config.orchestrator.limits.rounds
    if planned > allowed:
        return f"round {planned} is planned, but the changed spec allows only {allowed}"
    gates = (
        ("decomposition_review", state.reviewed, config.decomposition_review),
        ("reduce_review", state.reduce_reviewed, config.reduce_review),
    )
    parts = (("reduce", state.reduced, config.reduce), ("writeup", state.written, config.writeup))
    conflicts = (
        *(
            conflict_with(name, gate, by_person=True, missing="has no such gate")
            for name, is_answered, gate in gates
            if is_answered
        ),
        *(
            conflict_with(name, step, by_person=text.by_person, missing="has none")
            for name, text, step in parts
            if text is not None
        ),
    )
    return next(filter(None, conflicts), None)


# --- evolving -----------------------------------------------------------------------------------------


def _planned(state: State, event: Planned) -> State:
    first = len(state.workers)
    plan = Round(
        response=event.response,
        tokens=event.tokens,
        tasks=tuple(PlannedTask(task=task) for task in event.tasks),
        first=first,
    )
    left = BitSet((1 << len(event.tasks)) - 1)
    return state._replace(rounds=state.rounds.append(plan), tasks=event.tasks, first=first, left=left)


def _worked(state: State, event: Worked) -> State:
    record = WorkerRecord(
        task=state.tasks[event.index], response=event.response, status=SUCCESS, tokens=event.tokens
    )
    workers, ahead = state.workers, state.ahead.insert(event.index, record)
    while (following := ahead.get(len(workers) - state.first)) is not None:
        ahead = ahead.remove(len(workers) - state.first)
        workers = workers.append(following)
    return state._replace(workers=workers, ahead=ahead, left=state.left.without(event.index))


def _with_part(state: State, part: ClosingPart, text: ClosingText) -> State:
    return state._replace(reduced=text) if part == "reduce" else state._replace(written=text)


def _result(state: State) -> str:
    final = state.written or state.reduced
    if final is not None:
        return final.response
    return "\n\n".join(f"{number}. {worker.response}" for number, worker in enumerate(state.workers, 1))
