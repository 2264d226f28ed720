"""The plan of a workflow: all that follows from its tasks and their dependencies alone.

Worked out once for a spec, so that a completed task costs a look at the tasks that wait for it and no more.
Tasks are known by their position in the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush

from durable_core.frozen import frozen
from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.models import AgentTask, HumanTask


@frozen(kw_only=True)
class TaskPlan:
    """``position`` finds a task by its id; ``order`` is the topological file order.

    For each task: ``deps`` are its dependencies, ``dependents`` the tasks that wait for it, and
    ``agent_before`` and ``person_before`` are the tasks whose answers are its ``last_response`` and
    ``hitl_response`` (None where no agent or person comes before it). ``last_agent`` and ``last_person`` are
    the same for the end.
    """

    position: Mapping[str, int]
    order: tuple[int, ...]
    deps: tuple[tuple[int, ...], ...]
    dependents: tuple[tuple[int, ...], ...]
    agent_before: tuple[int | None, ...]
    person_before: tuple[int | None, ...]
    last_agent: int | None
    last_person: int | None


def plan_of(tasks: Sequence[AgentTask | HumanTask]) -> TaskPlan:
    """The plan of ``tasks``.

    The checks of a spec ask for it too. So a dependency that does not exist counts for nothing, and tasks in
    a cycle come after none.
    """
    position = FrozenDict({task.id: index for index, task in enumerate(tasks)})
    deps = tuple(tuple(sorted({position[dep] for dep in task.deps if dep in position})) for task in tasks)
    dependents: list[list[int]] = [[] for _ in tasks]
    for index, before in enumerate(deps):
        for dep in before:
            dependents[dep].append(index)
    order = _topological(deps, dependents)
    people = [isinstance(task, HumanTask) for task in tasks]
    agents = [not person for person in people]
    return TaskPlan(
        position=position,
        order=order,
        deps=deps,
        dependents=tuple(tuple(after) for after in dependents),
        agent_before=_latest(order, deps, agents),
        person_before=_latest(order, deps, people),
        last_agent=next((index for index in reversed(order) if agents[index]), None),
        last_person=next((index for index in reversed(order) if people[index]), None),
    )


def _topological(deps: Sequence[Sequence[int]], dependents: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Kahn's order: of all tasks whose dependencies are through, always the first in the file."""
    missing = [len(before) for before in deps]
    ready = [index for index, count in enumerate(missing) if count == 0]
    heapify(ready)
    order = []
    while ready:
        index = heappop(ready)
        order.append(index)
        for after in dependents[index]:
            missing[after] -= 1
            if missing[after] == 0:
                heappush(ready, after)
    return tuple(order)


def _latest(
    order: Sequence[int], deps: Sequence[Sequence[int]], counts: Sequence[bool]
) -> tuple[int | None, ...]:
    """For each task the last one in ``order`` that counts, of all it depends on, directly or not."""
    rank = {index: place for place, index in enumerate(order)}
    latest: list[int | None] = [None] * len(deps)
    for index in order:
        through = (dep if counts[dep] else latest[dep] for dep in deps[index])
        latest[index] = max((dep for dep in through if dep is not None), key=rank.__getitem__, default=None)
    return tuple(latest)
