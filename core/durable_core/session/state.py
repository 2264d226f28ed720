"""The session's state: what all patterns share, wrapped around one pattern's own state.

Everything here follows from the journal. Containers that grow with the session are persistent, so that a
transition costs the same at the ten-thousandth unit as at the tenth. What nearly every event changes is a
named tuple: a changed copy of one costs an eighth of that of a dataclass with as many fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from rpds import HashTrieMap

from durable_core.frozen import frozen
from durable_core.persistent.persistent_list import PersistentList
from durable_core.session.conversation import Conversation
from durable_core.session.tool_calls import Calls
from durable_core.spec.models import Budgets, HumanStep, Spec
from durable_core.spec.source import Source
from durable_core.types import Counted, Fault, Json, UnitId, Usage

if TYPE_CHECKING:
    from durable_core.patterns.unions import PatternState

BudgetName = Literal["max_tokens", "max_steps", "max_duration_s"]
AnsweredBy = Literal["person", "default", "timeout"]


JOURNAL_FORMAT: Final = 3
"""The number of the journal's format, raised when a journal is written that earlier versions can't read."""


@frozen(kw_only=True)
class Writer:
    """Who wrote a part of the journal: the program's version, empty where it is not known, and the number of
    the journal's format."""

    program: str = ""
    journal: Counted = JOURNAL_FORMAT


THIS_FORMAT: Final = Writer()
"""A writer of today's format, of which nothing else is known."""


@frozen(kw_only=True)
class Options:
    """What the person asked for at the start and a resume keeps.

    ``out`` is the folder of the artifacts; ``force`` lets them replace files that are there. ``folder`` is
    where the session was started.
    """

    out: str = "."
    force: bool = False
    folder: str = ""


@frozen(kw_only=True)
class Done:
    """A completed unit; ``agent`` is None for a person's answer.

    ``unreported`` counts its model calls whose provider reported no usage; ``usage`` lacks what they cost.
    """

    unit: UnitId
    agent: str | None
    usage: Usage
    unreported: int = 0


class UnitProgress(NamedTuple):
    """What a unit that is not completed has been through.

    ``attempt`` is the number of its latest attempt (from 1, never used twice, resumes included) and
    ``running`` whether that one has neither reported nor been given up. ``faults`` and ``rejections``
    count since the last resume; ``not_before`` (seconds since the epoch) is when the next attempt may
    start; ``correction`` what was wrong with the last answer. ``calls`` are its tool calls whose results
    the agent does not have yet. ``heard`` is what the model calls of the running attempt cost so far, by the
    messages they gave; its report will count it too. ``owed`` is the same of killed attempts, which never
    reported: the unit's next report counts it. ``unreported`` counts the model calls of all its attempts
    whose provider reported no usage.
    """

    attempt: int = 0
    running: bool = False
    conversation: str = ""
    agent: str = ""
    faults: int = 0
    rejections: int = 0
    not_before: float = 0.0
    correction: str | None = None
    calls: Calls = ()
    heard: Usage = Usage()
    owed: Usage = Usage()
    unreported: int = 0


UNTOUCHED: Final = UnitProgress()
"""What a unit has been through before anything happened to it."""

SILENT: Final = Conversation()
"""A conversation without messages."""


@frozen(kw_only=True)
class Gate:
    """A question to a person, as it was put. ``deadline`` is in seconds since the epoch.

    ``response`` and ``answered_by`` are None while it is open.
    """

    unit: UnitId
    prompt: str
    opened_at: float
    display: str | None = None
    default: str | None = None
    deadline: float | None = None
    pattern: str | None = None
    choices: tuple[str, ...] = ()
    response: str | None = None
    answered_by: AnsweredBy | None = None


@frozen(kw_only=True)
class Failure:
    """A unit that failed for good at its attempt ``attempt``."""

    unit: UnitId
    attempt: int
    fault: Fault


@frozen(kw_only=True)
class WrittenArtifact:
    """A file that was written: its path below the output folder, SHA-256 (hex) and size in bytes."""

    unit: UnitId
    path: str
    sha256: str
    size: int

    @property
    def index(self) -> int:
        """Its place among the artifacts of the spec, from 0."""
        return int(self.unit.removeprefix(_ARTIFACT))


_ARTIFACT: Final = "artifacts/"


def artifact_unit(index: int) -> UnitId:
    """The unit that writes the artifact at ``index`` of the spec, from 0."""
    return f"{_ARTIFACT}{index}"


def is_artifact(unit: UnitId) -> bool:
    """Whether ``unit`` writes an artifact."""
    return unit.startswith(_ARTIFACT)


class Spending(NamedTuple):
    """What the session has cost, resumes included. It only grows.

    ``steps`` counts model-calling units that were started; ``warned`` names the budgets that were warned of.
    ``unreported`` counts the model calls whose provider reported no usage: ``usage`` lacks what they cost.
    """

    usage: Usage = Usage()
    by_agent: HashTrieMap[str, Usage] = HashTrieMap()
    steps: int = 0
    warned: frozenset[BudgetName] = frozenset()
    unreported: int = 0


class Session(NamedTuple):
    """A session between two events. ``seq`` counts the events it was made of, ``first_source`` is the spec as
    first run.

    ``worked_s`` is working time in seconds, not waiting for people and not between resumes. It only grows.
    ``running`` counts the attempts that have started and not reported; ``resumed_from`` is what had been
    used when this run of the session began. ``withdrawn`` are the questions that a changed spec took away,
    with the part of the earlier one that asked each (``session.withdrawn``).
    """

    id: str
    name: str | None
    created_at: float
    updated_at: float
    spec: Spec
    source: Source
    first_source: Source
    variables: Mapping[str, Json]
    options: Options
    budgets: Budgets
    pattern: PatternState
    seq: int = 1
    worked_s: float = 0.0
    resumed_from: Usage = Usage()
    running: int = 0
    done: PersistentList[Done] = PersistentList()
    progress: HashTrieMap[UnitId, UnitProgress] = HashTrieMap()
    failures: tuple[Failure, ...] = ()
    gates: HashTrieMap[UnitId, Gate] = HashTrieMap()
    answered: PersistentList[Gate] = PersistentList()
    withdrawn: HashTrieMap[UnitId, HumanStep | None] = HashTrieMap()
    spending: Spending = Spending()
    conversations: HashTrieMap[str, Conversation] = HashTrieMap()
    artifacts: HashTrieMap[UnitId, WrittenArtifact] = HashTrieMap()

    def progress_of(self, unit: UnitId) -> UnitProgress:
        """What ``unit`` has been through; a fresh Progress when nothing happened to it yet."""
        return self.progress.get(unit) or UNTOUCHED

    def conversation(self, name: str) -> Conversation:
        """The conversation called ``name``; an empty one when it has no message yet."""
        return self.conversations.get(name) or SILENT

    def rolled_back(self, progress: UnitProgress, kept: int) -> Session:
        """The session in which an attempt's conversation keeps ``kept`` of the messages after its mark."""
        if not progress.conversation:
            return self
        afresh = self.conversation(progress.conversation).rolled_back(kept)
        return self._replace(conversations=self.conversations.insert(progress.conversation, afresh))
