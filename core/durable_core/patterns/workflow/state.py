"""What happens in a workflow, and where it stands: the events and the state of that pattern."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rpds import HashTrieMap

from durable_core.patterns.workflow.task_plan import TaskPlan
from durable_core.persistent.bit_set import BitSet
from durable_core.persistent.ordered_map import OrderedMap
from durable_core.spec.models import WorkflowConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCompleted:
    """An agent answered ``task`` (an id) with ``response``, for ``tokens`` tokens."""

    task: str
    agent: str
    response: str
    tokens: int
    type: Literal["workflow.task_completed/1"] = "workflow.task_completed/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAnswered:
    """A person was shown ``prompt`` at ``task`` (an id) and said ``response``."""

    task: str
    prompt: str
    response: str
    type: Literal["workflow.task_answered/1"] = "workflow.task_answered/1"


Event = TaskCompleted | TaskAnswered


class State(NamedTuple):
    """``records`` are the completed tasks, as templates see them, by id in file order.

    ``missing`` counts, for each task that is blocked, the dependencies that are not completed; ``calls`` and
    ``gates`` are the ready tasks. Tasks are known by their position in the file.
    """

    config: WorkflowConfig
    max_parallel: int
    plan: TaskPlan
    records: OrderedMap[Mapping[str, object]]
    missing: HashTrieMap[int, int]
    calls: BitSet
    gates: BitSet
