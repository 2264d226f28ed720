"""The session's events: what was decided, in the past tense, one journal line each.

Each carries its type's name and version for the wire, and ``at``, the time it was decided (seconds since
the epoch, UTC). What a pattern decided rides inside the event that caused it (``decided``), so that a
unit is completed by one line, whole or not at all. Where a command asks for the very thing that an event
records, both take their fields from one payload (``payloads``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from durable_core.frozen import frozen
from durable_core.session import payloads
from durable_core.session.adapters import OnePatternEvent
from durable_core.session.conversation import Mark, Memory
from durable_core.session.payloads import Moment, SpecOnWire
from durable_core.session.state import THIS_FORMAT, AnsweredBy, BudgetName, Options, Writer
from durable_core.session.tool_calls import CallOutcome
from durable_core.spec.source import Source
from durable_core.types import Counted, Fault, Json, UnitId, Usage

Decided = tuple[OnePatternEvent, ...]


@frozen(kw_only=True)
class SessionStarted:
    """The first event of every session: the spec, the variables, and how the person wants it run.

    ``writer`` is the program that started it.
    """

    at: Moment
    session_id: str
    spec: SpecOnWire
    source: Source
    variables: Mapping[str, Json]
    options: Options
    name: str | None = None
    writer: Writer = THIS_FORMAT
    type: Literal["session_started/2"] = "session_started/2"


@frozen(kw_only=True)
class SessionResumed(payloads.NewDriver):
    """A driver resumed the session: earlier attempts are given up, failures may be tried afresh."""

    type: Literal["session_resumed/2"] = "session_resumed/2"


@frozen(kw_only=True)
class UnitStarted:
    """Attempt ``attempt`` of a unit is about to be sent to its model (or its artifact to be written).

    It continues from ``kept`` messages that earlier attempts left behind; what else they left is rolled back.
    """

    at: Moment
    unit: UnitId
    attempt: Counted
    agent: str = ""
    conversation: str = ""
    kept: Counted = 0
    type: Literal["unit_started/1"] = "unit_started/1"


@frozen(kw_only=True)
class MessageAdded:
    """A message joined a conversation at ``index`` (from 0); ``memory`` is the agent's, if it changed."""

    at: Moment
    unit: UnitId
    attempt: Counted
    conversation: str
    index: Counted
    message: Json
    digest: str
    memory: Memory | None = None
    type: Literal["message_added/1"] = "message_added/1"


@frozen(kw_only=True)
class ToolStarted:
    """A tool is about to be called. Until its result is journalled, only the tool knows what became of it."""

    at: Moment
    unit: UnitId
    attempt: Counted
    call: str
    name: str
    input: Json
    reads_only: bool
    type: Literal["tool_started/1"] = "tool_started/1"


@frozen(kw_only=True)
class ToolReturned:
    """A tool gave its result. From here on the call never runs again, unless its turn is begun anew."""

    at: Moment
    unit: UnitId
    attempt: Counted
    call: str
    result: Json
    type: Literal["tool_returned/1"] = "tool_returned/1"


@frozen(kw_only=True)
class ToolSettled:
    """A person settled a call in doubt; ``result`` is what the agent gets, if it was done."""

    at: Moment
    unit: UnitId
    call: str
    outcome: CallOutcome
    result: Json = None
    type: Literal["tool_settled/1"] = "tool_settled/1"


@frozen(kw_only=True)
class UnitCompleted:
    """A model's answer was taken. From here on the unit never runs again.

    ``usage`` here and in the other reports is what the attempt's model calls cost, and those of killed
    attempts before it that never reported; each model call is counted by one event alone.
    """

    at: Moment
    unit: UnitId
    attempt: Counted
    agent: str
    conversation: str
    usage: Usage
    mark: Mark
    decided: Decided
    type: Literal["unit_completed/1"] = "unit_completed/1"


@frozen(kw_only=True)
class AnswerRejected:
    """An answer did not have the shape that was due; the model is asked again and sent ``problem``."""

    at: Moment
    unit: UnitId
    attempt: Counted
    agent: str
    conversation: str
    usage: Usage
    mark: Mark
    problem: str
    type: Literal["answer_rejected/1"] = "answer_rejected/1"


@frozen(kw_only=True)
class AttemptFaulted:
    """An attempt failed and there will be another, not before ``not_before`` (seconds since the epoch)."""

    at: Moment
    unit: UnitId
    attempt: Counted
    agent: str
    fault: Fault
    usage: Usage
    not_before: Moment
    type: Literal["attempt_faulted/1"] = "attempt_faulted/1"


@frozen(kw_only=True)
class UnitFailed:
    """A unit failed for good, until someone resumes the session."""

    at: Moment
    unit: UnitId
    attempt: Counted
    agent: str
    fault: Fault
    usage: Usage
    type: Literal["unit_failed/1"] = "unit_failed/1"


@frozen(kw_only=True)
class GateOpened(payloads.RenderedQuestion):
    """A person was asked. ``deadline`` in seconds since the epoch, None for no timeout."""

    default: str | None = None
    deadline: Moment | None = None
    pattern: str | None = None
    choices: tuple[str, ...] = ()
    type: Literal["gate_opened/2"] = "gate_opened/2"


@frozen(kw_only=True)
class GateAnswered:
    """A gate got its answer, from a person, by its default, or by its timeout."""

    at: Moment
    unit: UnitId
    response: str
    answered_by: AnsweredBy
    decided: Decided
    type: Literal["gate_answered/1"] = "gate_answered/1"


@frozen(kw_only=True)
class BudgetWarned:
    """Spending passed the warn threshold of a budget: ``spent`` of ``limit``."""

    at: Moment
    budget: BudgetName
    spent: float
    limit: float
    type: Literal["budget_warned/1"] = "budget_warned/1"


@frozen(kw_only=True)
class BudgetRaised(payloads.NewBudget):
    """A person set a budget to ``limit``."""

    type: Literal["budget_raised/1"] = "budget_raised/1"


@frozen(kw_only=True)
class SpecChanged(payloads.NewSpec):
    """The session is resumed under a changed spec; completed units keep their results."""

    type: Literal["spec_changed/2"] = "spec_changed/2"


@frozen(kw_only=True)
class VariablesEdited(payloads.NewVariables):
    """A person edited the variables between two runs."""

    type: Literal["variables_edited/1"] = "variables_edited/1"


@frozen(kw_only=True)
class OptionsChanged(payloads.NewOptions):
    """A person resumed with another output folder, or allowed files to be replaced."""

    type: Literal["options_changed/1"] = "options_changed/1"


@frozen(kw_only=True)
class SessionRenamed(payloads.NewName):
    """A person gave the session another name, or its name to another session."""

    type: Literal["session_renamed/1"] = "session_renamed/1"


@frozen(kw_only=True)
class ArtifactWritten:
    """An artifact is on disk."""

    at: Moment
    unit: UnitId
    attempt: Counted
    path: str
    sha256: str
    size: Counted
    type: Literal["artifact_written/1"] = "artifact_written/1"


Event = Annotated[
    SessionStarted
    | SessionResumed
    | UnitStarted
    | MessageAdded
    | ToolStarted
    | ToolReturned
    | ToolSettled
    | UnitCompleted
    | AnswerRejected
    | AttemptFaulted
    | UnitFailed
    | GateOpened
    | GateAnswered
    | BudgetWarned
    | BudgetRaised
    | SpecChanged
    | VariablesEdited
    | OptionsChanged
    | SessionRenamed
    | ArtifactWritten,
    Field(discriminator="type"),
]
