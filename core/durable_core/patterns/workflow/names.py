"""What the templates of a workflow see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from durable_core.patterns.places import CONFIG_AT, part_places
from durable_core.patterns.records import record_shape
from durable_core.patterns.scopes import Heard, Scope, ScopedName
from durable_core.patterns.workflow.state import AgentTaskRecord, HumanTaskRecord, State
from durable_core.patterns.workflow.task_plan import TaskPlan, plan_of
from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.models import AgentTask, HumanTask, WorkflowConfig
from durable_core.spec.template_names import TemplateNames, TemplatePlace
from durable_core.templates.shapes import ANYTHING, Absent, Fields, Shape, one_of


class TaskView(NamedTuple):
    """The state as seen from a task: ``agent`` and ``person`` are the tasks (by position) that an agent and
    a person answered last before it, None where there is none."""

    state: State
    agent: int | None
    person: int | None


def _response_at(state: State, position: int | None) -> str | None:
    return None if position is None else state.records[state.config.tasks[position].id].response


_DONE: Final = FrozenDict(
    tasks=ScopedName[TaskView](
        lambda view: view.state.records,
        "the completed tasks, by id; those that the task depends on are sure to be there",
        "records by id",
        (AgentTaskRecord, HumanTaskRecord),
    ),
    last_response=ScopedName[TaskView](
        lambda view: _response_at(view.state, view.agent),
        "what an agent answered last, among the tasks before this one",
        "answer",
    ),
    hitl_response=ScopedName[TaskView](
        lambda view: _response_at(view.state, view.person),
        "what a person answered last, among the tasks before this one",
        "answer",
    ),
)
TASK_SCOPE: Final[Scope[TaskView]] = Scope("a task", _DONE)
WORKFLOW_RESULT: Final[Scope[TaskView]] = Scope("an artifact", _DONE)


def heard_before_task(plan: TaskPlan, position: int) -> Heard:
    """Who has answered among all that the task at ``position`` depends on."""
    return Heard(
        agent=plan.agent_before[position] is not None, person=plan.person_before[position] is not None
    )


def task_view(state: State, position: int) -> TaskView:
    """What the task at ``position`` sees."""
    return TaskView(state, state.plan.agent_before[position], state.plan.person_before[position])


def final_view(state: State) -> TaskView:
    """What is seen when every task is completed."""
    return TaskView(state, state.plan.last_agent, state.plan.last_person)


def template_names(config: WorkflowConfig) -> TemplateNames:
    """The templates of a workflow, and what its artifacts see."""
    records = {task.id: _record(task) for task in config.tasks}
    places = tuple(_places(config, plan_of(config.tasks), records))
    known = FrozenDict(tasks=Fields(records))
    return TemplateNames(places, WORKFLOW_RESULT.offered(Heard.of(config.tasks), known=known))


def _record(task: AgentTask | HumanTask) -> Shape:
    return record_shape(HumanTaskRecord if isinstance(task, HumanTask) else AgentTaskRecord)


def _places(config: WorkflowConfig, plan: TaskPlan, records: Mapping[str, Shape]) -> Iterator[TemplatePlace]:
    # which of the others are done when a task begins, only a run knows
    any_of_them = {name: one_of((record, Absent(ANYTHING, name))) for name, record in records.items()}
    known = FrozenDict(tasks=Fields(any_of_them))
    for position, task in enumerate(config.tasks):
        names = TASK_SCOPE.offered(heard_before_task(plan, position), known=known)
        yield from part_places(f"{CONFIG_AT}/tasks/{position}", task, names)
