"""Workflow: tasks that depend on each other, each started as soon as all that it depends on is done.

Theory of operation. The state holds the records of the completed tasks and two sets that follow from them:
``calls`` and ``gates``, the ready tasks of agents and of people. A task is ready when all its dependencies
are completed and it is not. Its report (``TaskCompleted``, ``TaskAnswered``) takes it out of its set, and
counts it off (``missing``) at the tasks that wait for it; those that miss nothing more become ready. There is
no barrier between layers, and nothing looks at all tasks again: what a spec settles is in its ``TaskPlan``.

Wanted are all ready gates and the first ``max_parallel`` ready calls, in file order. A running task may fall
out of these when an earlier one becomes ready; its report counts all the same, because it still is ready.

What ``last_response`` and ``hitl_response`` are in a task follows from the dependencies alone, never from who
was faster: the answers of the last agent and the last person, in topological file order, among all tasks
before it (see the decision record on it).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from returns.result import Result, Success
from rpds import HashTrieMap

from durable_core.patterns.base import (
    SUCCESS,
    AskPerson,
    CallAgent,
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
from durable_core.patterns.changes import conflict_with, respecified
from durable_core.patterns.scopes import Heard
from durable_core.patterns.steps import BEGIN, Spot, asked, literally
from durable_core.patterns.workflow.names import (
    TASK_SCOPE,
    WORKFLOW_RESULT,
    final_view,
    heard_before_task,
    task_view,
)
from durable_core.patterns.workflow.state import (
    AgentTaskRecord,
    Event,
    HumanTaskRecord,
    State,
    TaskAnswered,
    TaskCompleted,
    TaskRecord,
)
from durable_core.patterns.workflow.task_plan import plan_of
from durable_core.persistent.bit_set import BitSet
from durable_core.persistent.ordered_map import OrderedMap
from durable_core.spec.models import AgentTask, HumanTask, Spec, WorkflowConfig


def initial(spec: Spec) -> State:
    """A workflow of which no task is done."""
    return _from_records(spec, {})


def decide(state: State, command: PatternCommand) -> Result[tuple[Event | Respecified, ...], Refusal]:
    """The events that ``command`` leads to; ``()`` for a report on a task that is not ready."""
    if isinstance(command, Respecify):
        return respecified(command, _conflict(state, command.spec))
    match command, _ready_task(state, command.unit):
        case Completed(text=text, tokens=tokens), AgentTask(id=task, agent=agent):
            return Success((TaskCompleted(task=task, agent=agent, response=text, tokens=tokens),))
        case Responded(prompt=prompt, text=text), HumanTask(id=task):
            return Success((TaskAnswered(task=task, prompt=prompt, response=text),))
        case _:
            return Success(())


def evolve(state: State, event: Event | Respecified) -> State:
    """The state after ``event``."""
    match event:
        case TaskCompleted(task=task, agent=agent, response=response, tokens=tokens):
            record = AgentTaskRecord(response=response, status=SUCCESS, agent=agent, tokens=tokens)
            return _done(state, task, record)
        case TaskAnswered(task=task, prompt=prompt, response=response):
            return _done(state, task, HumanTaskRecord(response=response, status=SUCCESS, prompt=prompt))
        case Respecified(spec):
            return _from_records(spec, state.records)
        case _ as never:
            assert_never(never)


def wanted(state: State) -> tuple[Request, ...]:
    """The ready tasks in file order: all gates, and as many calls as may run at once."""
    positions = sorted((*state.calls.first(state.max_parallel), *state.gates))
    return tuple(_request(state, position) for position in positions)


def verdict(state: State) -> PatternVerdict:
    """Finished when every task is completed; waiting when all that is ready is for people."""
    if state.calls:
        return Open()
    if state.gates:
        return Waiting(tuple(_unit(state.config.tasks[position].id) for position in state.gates))
    plan = state.plan
    last = state.config.tasks[plan.order[-1]].id
    context = WORKFLOW_RESULT.context(final_view(state), Heard.of(state.config.tasks))
    return Finished(state.records[last].response, context)


def _config(spec: Spec) -> WorkflowConfig:
    assert spec.pattern.type == "workflow", "the session hands each pattern its own spec"
    return spec.pattern.config


def _unit(task: str) -> str:
    return f"tasks/{task}"


def _from_records(spec: Spec, records: Mapping[str, TaskRecord]) -> State:
    """The state in which exactly ``records`` are completed, with its sets worked out from nothing.

    A completed task that a changed spec makes wait for another is not settled before that one is, and what
    depends on it waits too: so every task that ``last_response`` may come from is always completed.
    """
    config = _config(spec)
    plan = plan_of(config.tasks)
    missing: HashTrieMap[int, int] = HashTrieMap()
    unsettled: set[int] = set()
    calls, gates = BitSet(), BitSet()
    for position in plan.order:
        is_done = config.tasks[position].id in records
        count = sum(dep in unsettled for dep in plan.deps[position])
        if count:
            missing = missing.insert(position, count)
        elif not is_done and isinstance(config.tasks[position], HumanTask):
            gates = gates.including(position)
        elif not is_done:
            calls = calls.including(position)
        if count or not is_done:
            unsettled.add(position)
    return State(
        config=config,
        max_parallel=spec.runtime.max_parallel,
        plan=plan,
        records=OrderedMap((task.id for task in config.tasks), records),
        missing=missing,
        calls=calls,
        gates=gates,
    )


def _ready_task(state: State, unit: str) -> AgentTask | HumanTask | None:
    root, _, task = unit.partition("/")
    position = state.plan.position.get(task) if root == "tasks" else None
    if position is None or (position not in state.calls and position not in state.gates):
        return None
    return state.config.tasks[position]


def _done(state: State, task: str, record: TaskRecord) -> State:
    """The state with ``task`` completed, and ready whatever waited for it alone.

    Raises KeyError for a task that is not ready: no event of it was ever decided, and what depends on others
    that are not done would ask for answers that there are not.
    """
    position = state.plan.position[task]
    if position not in state.calls and position not in state.gates:
        raise KeyError(task)
    calls, gates, missing = state.calls.without(position), state.gates.without(position), state.missing
    settled = [position]
    while settled:
        for after in state.plan.dependents[settled.pop()]:
            count = missing[after] - 1
            if count:
                missing = missing.insert(after, count)
                continue
            missing = missing.remove(after)
            if state.config.tasks[after].id in state.records:
                settled.append(after)
            elif isinstance(state.config.tasks[after], HumanTask):
                gates = gates.including(after)
            else:
                calls = calls.including(after)
    return state._replace(records=state.records.put(task, record), missing=missing, calls=calls, gates=gates)


def _request(state: State, position: int) -> CallAgent | AskPerson:
    task = state.config.tasks[position]
    unit = _unit(task.id)
    spot = Spot(unit=unit, title=f"Task {task.id}", place=f"pattern.config.tasks[{position}]")
    context = TASK_SCOPE.context(task_view(state, position), heard_before_task(state.plan, position))
    if isinstance(task, HumanTask):
        return asked(task, spot, context)
    return CallAgent(
        unit=unit,
        title=f"{spot.title}: {task.agent}",
        agent=task.agent,
        conversation=f"{task.agent}@{unit}",
        input=_default_input(state, task) if task.input is None else task.input,
        place=f"{spot.place}.input",
        context=context,
    )


def _default_input(state: State, task: AgentTask) -> str:
    """What a task without an ``input`` is sent: its description, and the answers that it depends on.

    A single answer is sent as it is; several are marked with their tasks' ids. A person's answer alone holds
    no work to continue, so the last agent's answer is sent before it.
    """
    parts = [] if task.description is None else [literally(task.description)]
    deps = [state.config.tasks[state.plan.position[dep]] for dep in dict.fromkeys(task.deps)]
    agents = [dep for dep in deps if isinstance(dep, AgentTask)]
    people = [dep for dep in deps if isinstance(dep, HumanTask)]
    heard = state.plan.agent_before[state.plan.position[task.id]] is not None
    if heard and not agents:
        parts.append("{{ last_response }}")
    parts.extend((f"Task {dep.id}:\n" if len(agents) > 1 else "") + _response_of(dep) for dep in agents)
    mark = "A person answered: " if heard or len(people) > 1 else ""
    parts.extend(mark + _response_of(dep) for dep in people)
    return "\n\n".join(parts) or BEGIN


def _response_of(task: AgentTask | HumanTask) -> str:
    return "{{ tasks['" + task.id + "'].response }}"  # an id holds no quote


def _conflict(state: State, spec: Spec) -> str | None:
    """Prompts, agents, dependencies and tasks to come may change; a completed task must stay, of its kind."""
    tasks = {task.id: task for task in _config(spec).tasks}
    conflicts = (
        conflict_with(
            f"task {name}",
            tasks.get(name),
            by_person=isinstance(record, HumanTaskRecord),
            missing="has no such task",
        )
        for name, record in state.records.items()
    )
    return next(filter(None, conflicts), None)
