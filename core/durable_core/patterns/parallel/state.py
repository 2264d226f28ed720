"""The events and the state of parallel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from rpds import HashTrieMap

from durable_core.frozen import frozen
from durable_core.patterns.records import ClosingText, Record, StepRecord
from durable_core.patterns.steps import Line
from durable_core.persistent.bit_set import BitSet
from durable_core.persistent.ordered_map import OrderedMap
from durable_core.persistent.persistent_list import PersistentList
from durable_core.spec.models import ParallelConfig
from durable_core.types import Counted


@frozen(kw_only=True)
class BranchStepCompleted:
    """An agent answered step ``index`` (from 0) of ``branch`` with ``response``, for ``tokens`` tokens."""

    branch: str
    index: Counted
    agent: str
    response: str
    tokens: Counted
    type: Literal["parallel.step_completed/1"] = "parallel.step_completed/1"


@frozen(kw_only=True)
class BranchStepAnswered:
    """A person was shown ``prompt`` at step ``index`` (from 0) of ``branch`` and answered ``response``."""

    branch: str
    index: Counted
    prompt: str
    response: str
    type: Literal["parallel.step_answered/1"] = "parallel.step_answered/1"


@frozen(kw_only=True)
class Reduced:
    """An agent joined the branches into ``response``, for ``tokens`` tokens."""

    agent: str
    response: str
    tokens: Counted
    type: Literal["parallel.reduced/1"] = "parallel.reduced/1"


@frozen(kw_only=True)
class ReduceAnswered:
    """A person was shown ``prompt`` when all branches were done, and answered ``response``."""

    prompt: str
    response: str
    type: Literal["parallel.reduce_answered/1"] = "parallel.reduce_answered/1"


Event = BranchStepCompleted | BranchStepAnswered | Reduced | ReduceAnswered


@frozen(kw_only=True, eq=False)
class BranchRecord(Record):
    """A completed branch: its last answer, and the steps that led to it."""

    response: str
    status: str
    tokens: int
    steps: PersistentList[StepRecord]


class State(NamedTuple):
    """``lines`` are the steps done, by branch id; ``outputs`` the completed branches, as templates see them.

    ``calls`` and ``gates`` are the branches whose next step is an agent's or a person's, by their position
    in the file (``positions``). ``spoken`` is the last branch, by id, in which a person answered. ``reduced``
    is the record of the reduce step when it is done.
    """

    config: ParallelConfig
    max_parallel: int
    positions: Mapping[str, int]
    lines: HashTrieMap[str, Line]
    calls: BitSet
    gates: BitSet
    outputs: OrderedMap[BranchRecord]
    spoken: str | None = None
    reduced: ClosingText | None = None
