"""The session's commands: what the shell reports, and what people ask of a session.

A report is a fact and named like one (``ToolStarted``); what a person wants is an order (``AnswerGate``).
Four reports are events as they are: the core only decides whether they still count. Of the other commands,
those that ask for just what an event records take their fields from the payload that they share with it
(``payloads``).

Every command carries ``at``, the time of the report (seconds since the epoch, UTC): the core has no clock.
"""

from __future__ import annotations

from durable_core.frozen import frozen
from durable_core.session import payloads
from durable_core.session.conversation import Mark
from durable_core.session.events import ArtifactWritten, MessageAdded, ToolReturned, ToolStarted
from durable_core.types import Fault, UnitId, Usage

__all__ = [
    "AnswerGate",
    "Answered",
    "ArtifactWritten",
    "ChangeOptions",
    "ChangeSpec",
    "Command",
    "EditVariables",
    "Faulted",
    "MessageAdded",
    "QuestionAsked",
    "RaiseBudget",
    "Rename",
    "Resume",
    "SettleTool",
    "Tick",
    "ToolReturned",
    "ToolStarted",
    "UnitStart",
    "UnitsStarted",
]


@frozen(kw_only=True)
class Resume(payloads.NewDriver):
    """A driver wants to resume the session."""


@frozen()
class UnitStart:
    """The start of one attempt that ``wanted`` names; ``kept`` messages of earlier ones stay."""

    unit: UnitId
    attempt: int
    kept: int = 0


@frozen(kw_only=True)
class UnitsStarted:
    """Attempts are about to start, all at once: what is wanted is looked up once for all of them."""

    at: float
    starts: tuple[UnitStart, ...]


@frozen(kw_only=True)
class SettleTool:
    """A person settles a call in doubt: it was done, with ``done`` as its result, or None: retry.

    ``call`` may be None when one alone is in doubt. Whoever sends this holds the session's lease and runs no
    attempt of ``unit``.
    """

    at: float
    unit: UnitId
    call: str | None
    done: str | None


@frozen(kw_only=True)
class Answered:
    """A model answered ``attempt`` of ``unit``; ``mark`` is that of its conversation then."""

    at: float
    unit: UnitId
    attempt: int
    text: str
    usage: Usage
    mark: Mark


@frozen(kw_only=True)
class Faulted:
    """An attempt ended without success. ``chance`` in [0, 1) is the jitter of a possible retry."""

    at: float
    unit: UnitId
    attempt: int
    fault: Fault
    usage: Usage
    chance: float


@frozen(kw_only=True)
class QuestionAsked(payloads.RenderedQuestion):
    """The question of a gate was rendered and is now put to people."""


@frozen(kw_only=True)
class AnswerGate:
    """A person answers an open gate; ``unit`` may be None when just one is open."""

    at: float
    unit: UnitId | None
    text: str


@frozen(kw_only=True)
class Tick:
    """Time has passed: gates whose deadline is over take their default, or fail."""

    at: float


@frozen(kw_only=True)
class ChangeSpec(payloads.NewSpec):
    """The spec file is another one now."""


@frozen(kw_only=True)
class EditVariables(payloads.NewVariables):
    """The variables are other ones now."""


@frozen(kw_only=True)
class ChangeOptions(payloads.NewOptions):
    """The person wants the rest run with other options."""


@frozen(kw_only=True)
class Rename(payloads.NewName):
    """The session is to be called otherwise."""


@frozen(kw_only=True)
class RaiseBudget(payloads.NewBudget):
    """The person allows more (or less)."""


Command = (
    Resume
    | UnitsStarted
    | MessageAdded
    | ToolStarted
    | ToolReturned
    | SettleTool
    | Answered
    | Faulted
    | QuestionAsked
    | AnswerGate
    | Tick
    | ChangeSpec
    | EditVariables
    | ChangeOptions
    | RaiseBudget
    | Rename
    | ArtifactWritten
)
