"""The session's commands: what the shell reports, and what people ask of a session.

Every command carries ``at``, the time of the report (seconds since the epoch, UTC): the core has no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from durable_core.session.conversation import Mark, Memory
from durable_core.session.state import BudgetName, Options, Source
from durable_core.spec.models import Spec
from durable_core.types import Fault, Json, UnitId, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """A driver takes the session up again."""

    at: float


@dataclass(frozen=True, slots=True)
class Start:
    """One attempt that ``wanted`` names; ``kept`` messages of earlier ones stay."""

    unit: UnitId
    attempt: int
    kept: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """Attempts are about to start, all at once: what is wanted is looked up once for all of them."""

    at: float
    starts: tuple[Start, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecorded:
    """The SDK added a message to a conversation while ``attempt`` of ``unit`` was running.

    ``memory`` is the agent's memory as of then; None when it is what it was before.
    """

    at: float
    unit: UnitId
    attempt: int
    conversation: str
    index: int
    message: Json
    digest: str
    memory: Memory | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTool:
    """``attempt`` of ``unit`` is about to run a tool.

    ``call`` names the call among those of its message, ``name`` is the tool's name in the spec. A call that
    ``reads_only`` changes nothing in the world.
    """

    at: float
    unit: UnitId
    attempt: int
    call: str
    name: str
    input: Json
    reads_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnTool:
    """The tool called by ``call`` gave ``result``, in the SDK's form."""

    at: float
    unit: UnitId
    attempt: int
    call: str
    result: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """A person says what became of a call in doubt: it was done, with ``done`` as its result, or None: retry.

    ``call`` may be None when one alone is in doubt. Whoever sends this holds the session's lease and runs no
    attempt of ``unit``.
    """

    at: float
    unit: UnitId
    call: str | None
    done: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A model answered ``attempt`` of ``unit``; ``mark`` is where its conversation stood then."""

    at: float
    unit: UnitId
    attempt: int
    text: str
    usage: Usage
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Faulted:
    """An attempt ended without success. ``chance`` in [0, 1) is the jitter of a possible retry."""

    at: float
    unit: UnitId
    attempt: int
    fault: Fault
    usage: Usage
    chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGate:
    """The question of the gate ``unit`` was rendered and is now put to people."""

    at: float
    unit: UnitId
    attempt: int
    prompt: str
    display: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerGate:
    """A person answers an open gate; ``unit`` may be None when just one is open."""

    at: float
    unit: UnitId | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Time has passed: gates whose deadline is over take their default, or fail."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSpec:
    """The spec file is another one now."""

    at: float
    spec: Spec
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class EditVariables:
    """The variables are other ones now."""

    at: float
    variables: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOptions:
    """The person wants the rest run with other options."""

    at: float
    options: Options


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseBudget:
    """The person allows more (or less)."""

    at: float
    budget: BudgetName
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportArtifact:
    """An artifact was written."""

    at: float
    unit: UnitId
    attempt: int
    path: str
    sha256: str
    size: int


Command = (
    Resume
    | Begin
    | MessageRecorded
    | StartTool
    | ReturnTool
    | Settle
    | Answered
    | Faulted
    | OpenGate
    | AnswerGate
    | Tick
    | ChangeSpec
    | EditVariables
    | ChangeOptions
    | RaiseBudget
    | ReportArtifact
)
