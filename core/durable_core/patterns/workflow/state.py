"""The events and the state of a workflow."""

from __future__ import annotations

from typing import Literal, NamedTuple

from rpds import HashTrieMap

from durable_core.frozen import frozen
from durable_core.patterns.records import Record
from durable_core.patterns.workflow.task_plan import TaskPlan
from durable_core.persistent.bit_set import BitSet
from durable_core.persistent.ordered_map import OrderedMap
from durable_core.spec.models import WorkflowConfig
from durable_core.types import Counted


@frozen(kw_only=True)
class TaskCompleted:
    """An agent answered ``task`` (an id) with ``response``, for ``tokens`` tokens."""

    task: str
    agent: str
    response: str
    tokens: Counted
    type: Literal["workflow.task_completed/1"] = "workflow.task_completed/1"


@frozen(kw_only=True)
class TaskAnswered:
    """A person was shown ``prompt`` at ``task`` (an id) and answered ``response``."""

    task: str
    prompt: str
    response: str
    type: Literal["workflow.task_answered/1"] = "workflow.task_answered/1"


Event = TaskCompleted | TaskAnswered


@frozen(kw_only=True, eq=False)
class AgentTaskRecord(Record):
    """A task that an agent completed with ``response``, for ``tokens`` tokens."""

    response: str
    status: str
    agent: str
    tokens: int


@frozen(kw_only=True, eq=False)
class HumanTaskRecord(Record):
    """A task in which a person was shown ``prompt`` and answered ``response``."""

    response: str
    status: str
    agent: Literal[""] = ""
    tokens: Literal[0] = 0
    type: Literal["hitl"] = "hitl"
    prompt: str


TaskRecord = AgentTaskRecord | HumanTaskRecord


class State(NamedTuple):
    """``records`` are the completed tasks, as templates see them, by id in file order.

    ``missing`` counts, for each task that is blocked, the dependencies that are not completed, or that wait
    themselves for a dependency which a changed spec gave them; ``calls`` and
    ``gates`` are the ready tasks. Tasks are known by their position in the file.
    """

    config: WorkflowConfig
    max_parallel: int
    plan: TaskPlan
    records: OrderedMap[TaskRecord]
    missing: HashTrieMap[int, int]
    calls: BitSet
    gates: BitSet
