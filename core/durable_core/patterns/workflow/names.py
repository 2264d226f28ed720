"""What the templates of a workflow see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from durable_core.patterns.places import CONFIG_AT, part_places
from durable_core.patterns.scopes import Heard, Scope, ScopedName
from durable_core.patterns.workflow.state import AgentTaskRecord, HumanTaskRecord, State
from durable_core.patterns.workflow.task_plan import TaskPlan, plan_of
from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.models import WorkflowConfig
from durable_core.spec.template_names import TemplateNames, TemplatePlace


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
        "tasks.<id>",
        (AgentTaskRecord, HumanTaskRecord),
    ),
    last_response=ScopedName[TaskView](
        lambda view: _response_at(view.state, view.agent),
        "what an agent answered last, among the tasks before this one",
    ),
    hitl_response=ScopedName[TaskView](
        lambda view: _response_at(view.state, view.person),
        "what a person answered last, among the tasks before this one",
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
    places = tuple(_places(config, plan_of(config.tasks)))
    return TemplateNames(places, WORKFLOW_RESULT.offered(Heard.of(config.tasks)))


def _places(config: WorkflowConfig, plan: TaskPlan) -> Iterator[TemplatePlace]:
    for position, task in enumerate(config.tasks):
        names = TASK_SCOPE.offered(heard_before_task(plan, position))
        yield from part_places(f"{CONFIG_AT}/tasks/{position}", task, names)
