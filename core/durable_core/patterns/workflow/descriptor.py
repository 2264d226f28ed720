"""All that the rest of the program knows of a workflow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, get_args

from durable_core.patterns.pattern import Pattern
from durable_core.patterns.places import CONFIG_AT
from durable_core.patterns.topology import Link, Topology, node
from durable_core.patterns.workflow.machine import decide, evolve, initial, verdict, wanted
from durable_core.patterns.workflow.names import TASK_SCOPE, WORKFLOW_RESULT, template_names
from durable_core.patterns.workflow.state import Event, State
from durable_core.spec.cross_references import pointed, second_ones, unknown_name
from durable_core.spec.graph_algorithms import cycles
from durable_core.spec.models import WorkflowConfig
from durable_core.spec.problems import Problem
from durable_core.spec.units import step_units
from durable_core.types import Json, UnitId


def _topology(config: WorkflowConfig) -> Topology:
    nodes = tuple(
        node(f"tasks/{task.id}", f"{CONFIG_AT}/tasks/{index}", task)
        for index, task in enumerate(config.tasks)
    )
    links = (Link(f"tasks/{dep}", f"tasks/{task.id}") for task in config.tasks for dep in task.deps)
    return Topology(nodes, tuple(links))


def _problems(config: WorkflowConfig) -> Iterator[Problem]:
    yield from second_ones("task", pointed(CONFIG_AT + "/tasks/{}/id", (task.id for task in config.tasks)))
    # of two tasks with one id, which is a problem of its own, the first counts
    pointers = {task.id: f"{CONFIG_AT}/tasks/{index}" for index, task in reversed([*enumerate(config.tasks)])}
    deps = {task.id: task.deps for task in reversed(config.tasks)}
    deps = {task.id: deps[task.id] for task in config.tasks}
    for index, task in enumerate(config.tasks):
        yield from second_ones("dependency", pointed(f"{CONFIG_AT}/tasks/{index}/deps/{{}}", task.deps))
        for number, dep in enumerate(task.deps):
            if dep not in deps:
                pointer = f"{CONFIG_AT}/tasks/{index}/deps/{number}"
                yield unknown_name("task", dep, pointer, (known for known in deps if known != task.id))
    for cycle in cycles(deps):
        yield Problem(
            f"These tasks wait for each other: {' -> '.join((*cycle, cycle[0]))}.",
            f"{pointers[cycle[0]]}/deps",
            hint="Remove one of these dependencies.",
        )


def _view(state: State, _failed: tuple[UnitId, ...]) -> dict[str, Json]:
    tasks = [task.id for task in state.config.tasks]
    ready = [tasks[position] for position in sorted((*state.calls, *state.gates))]
    blocked = [tasks[position] for position in sorted(state.missing)]
    return {
        "completed_tasks": list(state.records),
        "pending_tasks": ready,
        "blocked_tasks": [task for task in blocked if task not in state.records],
        "task_outputs": {task: dict(record) for task, record in state.records.items()},
    }


PATTERN: Final = Pattern(
    events=get_args(Event),
    initial=initial,
    decide=decide,
    evolve=evolve,
    wanted=wanted,
    verdict=verdict,
    template_names=template_names,
    scopes=(TASK_SCOPE, WORKFLOW_RESULT),
    units=lambda config: step_units(f"{CONFIG_AT}/tasks", config.tasks),
    topology=_topology,
    view=_view,
    problems=_problems,
)
