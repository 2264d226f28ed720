"""Units: what each piece of work was asked, what it answered, when, and at what cost.

The journal holds these facts event by event; ``units_of`` gathers them by unit, for people and programs that
want to look at a session and not at its state machine. It follows from the events alone, and nothing is ever
read back from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field, replace
from typing import Any, Literal, assert_never, overload

from durable_core.frozen import frozen
from durable_core.session import events
from durable_core.session.conversation import tool_results
from durable_core.session.state import AnsweredBy, is_artifact
from durable_core.session.tool_calls import CallOutcome
from durable_core.spec.secrets import unescaped
from durable_core.types import Fault, Json, UnitId, UnitStatus, Usage

UnitKind = Literal["agent", "person", "artifact"]
"""Who does the work of a unit: an agent, a person at a gate, or the program, which writes an artifact."""

AttemptOutcome = Literal["running", "completed", "rejected", "faulted", "failed", "given_up"]
"""What became of an attempt.

``rejected``: the answer did not have the shape that was due, and the model is asked again. ``faulted``: it
failed and there will be another. ``failed``: it failed for good, until someone resumes the session.
``given_up``: it never reported, and the session was resumed without it.
"""


@frozen(kw_only=True)
class ToolCallRecord:
    """One call of a tool, started at ``started_at`` (seconds since the epoch, UTC) by attempt ``attempt``.

    ``call`` is the model's own id for it. ``result`` is what the agent gets for it, in the SDK's form,
    and ``returned_at`` when the tool gave it; both are None while that is not known. ``settled`` is what a
    person decided on a call in doubt. A call that is made again after a crash is
    another one with the same ``call``.
    """

    call: str
    name: str
    input: Json
    reads_only: bool
    attempt: int
    started_at: float
    returned_at: float | None = None
    result: Json | None = None
    settled: CallOutcome | None = None


@frozen(kw_only=True)
class UnitAttempt:
    """Attempt ``number`` (from 1) of a unit. Times are seconds since the epoch, UTC.

    ``prompt`` is what the model or the person was shown, None where nothing was sent. ``answer`` is what came
    back, also when it was rejected. ``fault`` says why it did not succeed. ``retry_at`` is when the next
    attempt may start at the earliest. ``usage`` is what its report counted, in tokens: the model calls of
    this attempt, and those of killed attempts before it, which never reported.
    """

    number: int
    started_at: float
    ended_at: float | None = None
    outcome: AttemptOutcome = "running"
    prompt: str | None = None
    answer: str | None = None
    answered_by: AnsweredBy | None = None
    fault: Fault | None = None
    retry_at: float | None = None
    usage: Usage = field(default_factory=Usage)


@frozen(kw_only=True)
class UnitRecord:
    """A piece of work with an id of its own, such as ``steps/2``, and all its attempts, oldest first.

    ``agent`` and ``conversation`` are None for a person and for an artifact.
    """

    id: UnitId
    kind: UnitKind
    agent: str | None = None
    conversation: str | None = None
    status: UnitStatus = "pending"
    attempts: tuple[UnitAttempt, ...] = ()
    tool_calls: tuple[ToolCallRecord, ...] = ()

    @property
    def prompt(self) -> str | None:
        """What it was asked, as it was last worded, without the requests to mend an answer's shape.

        None for an artifact, and before anything was sent.
        """
        asked = None
        for attempt in self.attempts:
            asked = asked if attempt.prompt is None else attempt.prompt
            if attempt.outcome == "rejected":
                break
        return asked

    @property
    def answer(self) -> str | None:
        """What was taken: the model's text, the person's, or the path of the artifact. None before that."""
        return self.attempts[-1].answer if self.status == "completed" else None

    @property
    def fault(self) -> Fault | None:
        """Why it failed; None unless it did."""
        return self.attempts[-1].fault if self.status == "failed" else None

    @property
    def started_at(self) -> float:
        """When its first attempt started or its question was first put, in seconds since the epoch, UTC."""
        return self.attempts[0].started_at

    @property
    def ended_at(self) -> float | None:
        """When it was completed or failed, in seconds since the epoch, UTC; None before that."""
        return self.attempts[-1].ended_at if self.status in ("completed", "failed") else None

    @property
    def usage(self) -> Usage:
        """What all its attempts cost, in tokens, as far as they have reported."""
        return sum((attempt.usage for attempt in self.attempts), Usage())


class Units(Sequence[UnitRecord]):
    """The units of a session in the order in which they first started; also found by id."""

    __slots__ = ("_by_id",)

    def __init__(self, found: Iterable[UnitRecord] = ()) -> None:
        """Hold the units ``found``, each id once."""
        self._by_id = {unit.id: unit for unit in found}

    @overload
    def __getitem__(self, key: int | UnitId) -> UnitRecord: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[UnitRecord, ...]: ...
    def __getitem__(self, key: int | slice | UnitId) -> UnitRecord | tuple[UnitRecord, ...]:
        """The unit with the id ``key``, or at that place. Raises KeyError or IndexError if there is none."""
        if not isinstance(key, str):
            return tuple(self._by_id.values())[key]
        if key not in self._by_id:
            known = ", ".join(self._by_id) or "none"
            raise KeyError(f"no unit {key} has started (started: {known})")
        return self._by_id[key]

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[UnitRecord]:
        return iter(self._by_id.values())

    def __contains__(self, key: object) -> bool:
        return self._by_id.get(key) is not None if isinstance(key, str) else key in self._by_id.values()

    def __repr__(self) -> str:
        return f"Units({list(self)!r})"

    @property
    def ids(self) -> tuple[UnitId, ...]:
        """The units' ids, in order."""
        return tuple(self._by_id)


def units_of(journal: Iterable[events.Event]) -> Units:
    """The units that the events of a session are about, in the order in which they first started."""
    found: dict[UnitId, UnitRecord] = {}
    for event in journal:
        match event:
            case events.SessionResumed(at=at):
                found = {name: _resumed(unit, at) for name, unit in found.items()}
            case events.UnitStarted():
                found[event.unit] = _started(found.get(event.unit), event)
            case events.GateOpened():
                found[event.unit] = _asked(found.get(event.unit), event)
            case (
                events.SessionStarted()
                | events.BudgetWarned()
                | events.BudgetRaised()
                | events.SpecChanged()
                | events.VariablesEdited()
                | events.OptionsChanged()
                | events.SessionRenamed()
            ):
                pass  # about the session as a whole
            case _:
                found[event.unit] = _after(found[event.unit], event)
    return Units(found.values())


_OfUnit = (
    events.MessageAdded
    | events.ToolStarted
    | events.ToolReturned
    | events.ToolSettled
    | events.UnitCompleted
    | events.AnswerRejected
    | events.AttemptFaulted
    | events.UnitFailed
    | events.GateAnswered
    | events.ArtifactWritten
)


def _started(unit: UnitRecord | None, event: events.UnitStarted) -> UnitRecord:
    attempt = UnitAttempt(number=event.attempt, started_at=event.at)
    if unit is None:
        unit = UnitRecord(
            id=event.unit,
            kind=_kind(event),
            agent=event.agent or None,
            conversation=event.conversation or None,
        )
    elif event.kept:  # it continues after what an earlier attempt sent and received
        before = unit.attempts[-1]
        attempt = replace(attempt, prompt=before.prompt, answer=before.answer)
    return replace(unit, status="running", attempts=(*unit.attempts, attempt))


def _kind(event: events.UnitStarted) -> UnitKind:
    if event.agent:
        return "agent"
    return "artifact" if is_artifact(event.unit) else "person"


def _asked(unit: UnitRecord | None, event: events.GateOpened) -> UnitRecord:
    attempt = UnitAttempt(number=event.attempt, started_at=event.at, prompt=event.prompt)
    unit = unit or UnitRecord(id=event.unit, kind="person")
    return replace(unit, status="waiting", attempts=(*unit.attempts, attempt))


def _resumed(unit: UnitRecord, at: float) -> UnitRecord:
    """Attempts that never reported are given up, and what failed may be tried afresh."""
    match unit.status:
        case "running":
            return _ended(unit, at, "pending", outcome="given_up")
        case "failed":
            return replace(unit, status="pending")
        case _:
            return unit


def _after(unit: UnitRecord, event: _OfUnit) -> UnitRecord:
    match event:
        case events.MessageAdded(message=message):
            return _with_message(unit, message)
        case events.ToolStarted():
            return replace(unit, tool_calls=(*unit.tool_calls, _tool_call(event)))
        case events.ToolReturned(at=at, call=call, result=result):
            return _latest_call(unit, call, returned_at=at, result=result)
        case events.ToolSettled(call=call, outcome=outcome, result=result):
            return _latest_call(unit, call, settled=outcome, result=result)
        case events.UnitCompleted(at=at, usage=usage):
            return _ended(unit, at, "completed", outcome="completed", usage=usage)
        case events.AnswerRejected(at=at, usage=usage, problem=problem):
            fault = Fault("malformed", problem)
            return _ended(unit, at, "pending", outcome="rejected", fault=fault, usage=usage)
        case events.AttemptFaulted(at=at, fault=fault, usage=usage, not_before=retry_at):
            return _ended(unit, at, "pending", outcome="faulted", fault=fault, usage=usage, retry_at=retry_at)
        case events.UnitFailed(at=at, fault=fault, usage=usage):
            return _ended(unit, at, "failed", outcome="failed", fault=fault, usage=usage)
        case events.GateAnswered(at=at, response=response, answered_by=by):
            return _ended(unit, at, "completed", outcome="completed", answer=response, answered_by=by)
        case events.ArtifactWritten(at=at, path=path):
            return _ended(unit, at, "completed", outcome="completed", answer=path)
        case _ as never:
            assert_never(never)


def _with_message(unit: UnitRecord, message: Json) -> UnitRecord:
    """The first message of a turn is its prompt; the last text that the model sends is its answer."""
    attempt = unit.attempts[-1]
    if message.get("role") == "assistant":
        text = _text(message).rstrip()
        return _latest(unit, answer=text) if text else unit
    if attempt.prompt is None and not tool_results(message):
        return _latest(unit, prompt=_text(message))
    return unit


def _text(message: Json) -> str:
    """The words of ``message``, and those in its citations."""
    parts = []
    for block in message["content"]:
        cited = block.get("citationsContent", {}).get("content", ())
        parts += [block.get("text", ""), *(piece.get("text", "") for piece in cited)]
    return unescaped("".join(parts))


def _tool_call(event: events.ToolStarted) -> ToolCallRecord:
    return ToolCallRecord(
        call=event.call,
        name=event.name,
        input=event.input,
        reads_only=event.reads_only,
        attempt=event.attempt,
        started_at=event.at,
    )


def _latest_call(unit: UnitRecord, call: str, **changed: Any) -> UnitRecord:
    """``unit`` with its latest call of that id changed; an earlier one is of an attempt that is over."""
    latest = max(place for place, made in enumerate(unit.tool_calls) if made.call == call)
    made = replace(unit.tool_calls[latest], **changed)
    return replace(unit, tool_calls=(*unit.tool_calls[:latest], made, *unit.tool_calls[latest + 1 :]))


def _ended(unit: UnitRecord, at: float, status: UnitStatus, **changed: Any) -> UnitRecord:
    return replace(_latest(unit, ended_at=at, **changed), status=status)


def _latest(unit: UnitRecord, **changed: Any) -> UnitRecord:
    """``unit`` with its latest attempt changed."""
    return replace(unit, attempts=(*unit.attempts[:-1], replace(unit.attempts[-1], **changed)))
