"""What the templates of orchestrator-workers see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from durable_core.patterns.orchestrator_workers.state import (
    ClosingPart,
    PlannedTask,
    ReviewGate,
    State,
    WorkerRecord,
)
from durable_core.patterns.places import CONFIG_AT, part_places
from durable_core.patterns.scopes import Heard, Scope, ScopedName
from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.models import HumanStep, OrchestratorWorkersConfig, Step
from durable_core.spec.template_names import TemplateNames, TemplatePlace


class WorkerView(NamedTuple):
    """The state as seen from the worker on task ``task`` (an index) of the latest plan."""

    state: State
    task: int


def _last_response(state: State) -> str:
    """What an agent answered last; of workers, the last in plan order."""
    for text in (state.written, state.reduced):
        if text is not None and not text.by_person:
            return text.response
    # a plan of which nothing is done yet is newer than the earlier rounds' workers
    of_the_plan = not state.workers or (state.left and not state.working)
    return state.rounds[-1].response if of_the_plan else state.workers[-1].response


def _hitl_response(state: State) -> str | None:
    return state.hitl_response


def _count(state: State) -> int:
    return len(state.workers)


_LAST_ANSWER: Final = "what a person answered last, at a review or in place of an agent"
_PLANNED: Final = FrozenDict(
    workers=ScopedName[State](
        lambda state: state.workers, "the workers that are done, in plan order", "records", (WorkerRecord,)
    ),
    num_workers=ScopedName[State](_count, "how many workers are done", "number"),
    worker_count=ScopedName[State](_count, "the same as `num_workers`", "number"),
    round_count=ScopedName[State](
        lambda state: state.round - state.ended, "how many rounds had tasks, up to now", "number"
    ),
    orchestrator_response=ScopedName[State](
        lambda state: state.rounds[-1].response, "the latest plan, as the orchestrator wrote it"
    ),
    tasks=ScopedName[State](
        lambda state: state.rounds[-1].tasks, "the tasks of the latest plan", "records", (PlannedTask,)
    ),
    task_count=ScopedName[State](
        lambda state: len(state.tasks), "how many tasks the latest plan has", "number"
    ),
    last_response=ScopedName[State](
        _last_response, "what an agent answered last; of workers, the last in plan order", "answer"
    ),
    hitl_response=ScopedName[State](_hitl_response, _LAST_ANSWER, "answer"),
)
_REDUCED: Final = FrozenDict(
    _PLANNED,
    reduce_response=ScopedName[State](
        lambda state: state.reduced and state.reduced.response,
        "what `reduce` gave, where there is one",
        "answer",
    ),
)
PLAN_SCOPE: Final[Scope[State]] = Scope("the orchestrator's own prompt, from round 2 on", _PLANNED)
WORKER_SCOPE: Final[Scope[WorkerView]] = Scope(
    "a worker's own prompt",
    FrozenDict(
        task=ScopedName[WorkerView](lambda view: view.state.tasks[view.task], "the worker's task"),
        hitl_response=ScopedName[WorkerView](lambda view: view.state.hitl_response, _LAST_ANSWER, "answer"),
    ),
)
PLAN_REVIEW_SCOPE: Final[Scope[State]] = Scope("`decomposition_review`", _PLANNED)
WORK_REVIEW_SCOPE: Final[Scope[State]] = Scope("`reduce_review`", _PLANNED)
WORK_SCOPE: Final[Scope[State]] = Scope("`reduce`", _PLANNED)
WRITEUP_SCOPE: Final[Scope[State]] = Scope("`writeup`", _REDUCED)
WORKERS_RESULT: Final[Scope[State]] = Scope("an artifact", _REDUCED)


def heard_before_part(
    config: OrchestratorWorkersConfig, part: ReviewGate | ClosingPart | Literal["end"]
) -> Heard:
    """Who may have answered before ``part``. A plan's review comes again in each round."""
    person = part == "decomposition_review" and config.orchestrator.limits.rounds > 1
    for name, step in _parts(config):
        if name == part:
            break
        person = person or isinstance(step, HumanStep)
    return Heard(agent=True, person=person)


def unjoined(config: OrchestratorWorkersConfig) -> tuple[str, ...]:
    """The names that are not there without a reduce step."""
    return ("reduce_response",) if config.reduce is None else ()


def template_names(config: OrchestratorWorkersConfig) -> TemplateNames:
    """The templates of orchestrator-workers, and what its artifacts see."""
    result = WORKERS_RESULT.offered(heard_before_part(config, "end"), unjoined(config))
    return TemplateNames(tuple(_places(config)), result)


def _places(config: OrchestratorWorkersConfig) -> Iterator[TemplatePlace]:
    scopes = (PLAN_REVIEW_SCOPE, WORK_REVIEW_SCOPE, WORK_SCOPE, WRITEUP_SCOPE)
    for scope, (part, step) in zip(scopes, _parts(config), strict=True):
        names = scope.offered(heard_before_part(config, part), unjoined(config))
        yield from part_places(f"{CONFIG_AT}/{part}", step, names)


def _parts(
    config: OrchestratorWorkersConfig,
) -> tuple[tuple[ReviewGate | ClosingPart, Step | HumanStep | None], ...]:
    return (
        ("decomposition_review", config.decomposition_review),
        ("reduce_review", config.reduce_review),
        ("reduce", config.reduce),
        ("writeup", config.writeup),
    )
