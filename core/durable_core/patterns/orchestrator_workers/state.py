"""The events and the state of orchestrator-workers."""

from __future__ import annotations

from typing import Literal, NamedTuple

from rpds import HashTrieMap

from durable_core.frozen import frozen
from durable_core.patterns.records import ClosingText, Record
from durable_core.persistent.bit_set import BitSet
from durable_core.persistent.persistent_list import PersistentList
from durable_core.spec.models import OrchestratorWorkersConfig
from durable_core.types import Counted

ReviewGate = Literal["decomposition_review", "reduce_review"]
ClosingPart = Literal["reduce", "writeup"]


@frozen(kw_only=True)
class Planned:
    """The orchestrator divided the work of ``round`` (from 1) into ``tasks``; none ends the rounds."""

    round: Counted
    agent: str
    response: str
    tasks: tuple[str, ...]
    tokens: Counted
    type: Literal["orchestrator_workers.planned/1"] = "orchestrator_workers.planned/1"


@frozen(kw_only=True)
class Worked:
    """A worker answered task ``index`` (from 0) of ``round`` with ``response``, for ``tokens`` tokens."""

    round: Counted
    index: Counted
    agent: str
    response: str
    tokens: Counted
    type: Literal["orchestrator_workers.worked/1"] = "orchestrator_workers.worked/1"


@frozen(kw_only=True)
class RoundReviewed:
    """A person was shown ``prompt`` at ``gate`` after ``round`` was planned and answered ``response``."""

    gate: ReviewGate
    round: Counted
    prompt: str
    response: str
    rejected: bool
    type: Literal["orchestrator_workers.reviewed/1"] = "orchestrator_workers.reviewed/1"


@frozen(kw_only=True)
class PartCompleted:
    """An agent wrote ``part`` for ``tokens`` tokens."""

    part: ClosingPart
    agent: str
    response: str
    tokens: Counted
    type: Literal["orchestrator_workers.part_completed/1"] = "orchestrator_workers.part_completed/1"


@frozen(kw_only=True)
class PartAnswered:
    """A person was shown ``prompt`` at ``part`` and answered ``response``."""

    part: ClosingPart
    prompt: str
    response: str
    type: Literal["orchestrator_workers.part_answered/1"] = "orchestrator_workers.part_answered/1"


Event = Planned | Worked | RoundReviewed | PartCompleted | PartAnswered


@frozen(kw_only=True, eq=False)
class PlannedTask(Record):
    """A task of a plan, in the orchestrator's words."""

    task: str


@frozen(kw_only=True, eq=False)
class WorkerRecord(Record):
    """A worker answered ``task`` with ``response``, for ``tokens`` tokens."""

    task: str
    response: str
    status: str
    tokens: int


@frozen(kw_only=True)
class Round:
    """A plan: the orchestrator's answer, its tasks, and the index of its first worker among all workers."""

    response: str
    tokens: int
    tasks: tuple[PlannedTask, ...]
    first: int


class State(NamedTuple):
    """Rounds, workers and parts so far; ``slots`` is the spec's ``max_parallel``.

    ``tasks`` are those of the latest plan, ``left`` the indices of those that are not done, and ``first`` the
    index of its first worker in ``workers``. Those hold what is done in plan order; ``ahead`` is what is done
    before an earlier one, by its index in the plan. ``reviewed`` is the latest round whose plan a person has
    seen; ``rejection`` is the gate that a person rejected, and their answer there.
    """

    config: OrchestratorWorkersConfig
    slots: int
    rounds: PersistentList[Round] = PersistentList()
    tasks: tuple[str, ...] = ()
    first: int = 0
    workers: PersistentList[WorkerRecord] = PersistentList()
    ahead: HashTrieMap[int, WorkerRecord] = HashTrieMap()
    left: BitSet = BitSet()
    reviewed: int = 0
    reduce_reviewed: bool = False
    rejection: tuple[str, str] | None = None
    reduced: ClosingText | None = None
    written: ClosingText | None = None
    hitl_response: str | None = None

    @property
    def round(self) -> int:
        """The latest round that was planned, from 1; 0 before that."""
        return len(self.rounds)

    @property
    def ended(self) -> bool:
        """Whether the latest plan was empty."""
        return len(self.rounds) > 0 and not self.tasks

    @property
    def working(self) -> bool:
        """Whether a worker of the latest plan is done."""
        return len(self.workers) + len(self.ahead) > self.first
