"""Integrity: whether a session's journal makes sense, what is wrong with its files, what a cut would lose.

The shell reads bytes and checks their hashes; what the entries add up to is judged here. Damage is never
guessed away: a finding names its place, and what to do about it. What a later version wrote is not damage,
and damage is never called that: only a line whose hash is right comes as far as here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Literal

from returns.result import Failure, Result, Success

from durable_core.frozen import frozen
from durable_core.journal import codec
from durable_core.journal.forms import Newer
from durable_core.session import replay
from durable_core.session.conversation import is_message
from durable_core.session.events import (
    AnswerRejected,
    ArtifactWritten,
    Event,
    GateAnswered,
    MessageAdded,
    SessionStarted,
    ToolReturned,
    ToolSettled,
    UnitCompleted,
)
from durable_core.session.evolution import evolve, given_up, start
from durable_core.session.scheduling import verdict
from durable_core.session.state import Session, artifact_unit
from durable_core.types import Json, UnitId

Digest = Callable[[str, Json], str]
"""The digest of a conversation that grew by a message, from the digest before it; the shell hashes."""

Remedy = Literal["resume", "repair", "cut", "delete", "upgrade"]
"""What puts a finding right: nothing but the next resume; a repair that only writes views anew; a repair that
cuts the journal; nothing at all, so that only deleting is left; or a later version of this program."""

LOOK_BACK: Final = 50
"""How many earlier states of a session are tried before a view counts as damaged and not as behind. A view
that trails was written at the state that session.json names or, if a crash came in between, soon after."""


@frozen()
class Inconsistency:
    """A line of the journal, counted from 1 (0: the journal as a whole), that can't be right, and why."""

    line: int
    reason: str


@frozen()
class NewerLine:
    """A line of the journal, counted from 1, that a later version of this program wrote.

    ``form`` is what this version does not know, ``program`` that version, empty if it is not named.
    """

    line: int
    form: str
    program: str = ""


@frozen()
class LineBehind:
    """A line behind the damage that is as it was written: its sequence number and its event, encoded."""

    seq: int
    event: Json


@frozen()
class Loss:
    """What a repair may lose.

    ``units`` had something that was paid for, or that a person did, in lines that can be read, in order.
    ``unreadable`` counts lines that can't be, ``missing`` those that are not there at all, and ``messages``
    those beside the journal that no conversation in it ever had: each may hold more.
    """

    units: tuple[UnitId, ...] = ()
    unreadable: int = 0
    missing: int = 0
    messages: int = 0

    @property
    def nothing(self) -> bool:
        """Whether no work is lost."""
        return not (self.units or self.unreadable or self.missing or self.messages)


@frozen()
class Finding:
    """What is not as it should be: the file, its line (0: none to blame), what is wrong, the remedy.

    ``view`` is the file's path below the session if it is a view, and None for the journal.
    """

    path: str
    line: int
    problem: str
    remedy: Remedy
    view: str | None = None

    @property
    def damage(self) -> bool:
        """Whether the session is not whole. What a crash leaves and a resume puts right is no damage, nor is
        what a later version wrote."""
        return self.remedy not in ("resume", "upgrade")


def recount(
    wires: Iterable[Json], session_id: str, digest: Digest
) -> Result[tuple[tuple[Event, ...], Session], Inconsistency | NewerLine]:
    """The events of the journal of ``session_id`` and what they add up to, or the first that can't be.

    A journal that decodes may still be another session's, or one that no version of this program decided, or
    one whose conversations are not those that were held: whoever opens a session asks here, so that none goes
    on from what contradicts itself. One that a later version wrote fails with NewerLine.
    """
    events: list[Event] = []
    session: Session | None = None
    for line, encoded in enumerate(wires, start=1):
        decoded = codec.decode(encoded)
        if isinstance(decoded, Failure):
            return Failure(_undecoded(line, decoded.failure()))
        event = decoded.unwrap()
        following = _following(session, event, session_id, digest)
        if isinstance(following, str):
            return Failure(Inconsistency(line, following))
        session = following
        events.append(event)
    if session is None:
        return Failure(Inconsistency(0, "the journal holds no event"))
    if not _can_be_judged(session):
        line = _first_not_judged(events)
        return Failure(Inconsistency(line, _does_not_follow(events[line - 1])))
    return Success((tuple(events), session))


def first_newer(wires: Iterable[Json], *, line: int = 1) -> NewerLine | None:
    """The first of ``wires`` that a later version wrote. The first of all is at ``line``."""
    for number, encoded in enumerate(wires, start=line):
        decoded = codec.decode(encoded)
        if isinstance(decoded, Failure) and isinstance(newer := decoded.failure(), Newer):
            return NewerLine(number, newer.form, newer.program)
    return None


def _undecoded(line: int, problem: str | Newer) -> Inconsistency | NewerLine:
    if isinstance(problem, Newer):
        return NewerLine(line, problem.form, problem.program)
    return Inconsistency(line, f"the event is not one that this version knows: {problem}")


def _following(session: Session | None, event: Event, session_id: str, digest: Digest) -> Session | str:
    match session, event:
        case None, SessionStarted():
            if event.session_id != session_id:
                return f"the journal is that of session {event.session_id}"
            try:
                return start(event)
            except Exception:  # start is total on a spec that was checked, so this one never was
                return "the workflow in it is not one that any version of this program began"
        case None, _:
            return f"the journal begins with {event.type}, not with session_started"
        case _, SessionStarted():
            return "the session begins a second time"
        case _:
            try:
                return _disagreement(session, event, digest) or evolve(session, event)
            except Exception:  # both are total on what was decided, so this event never was
                return _does_not_follow(event)


def _does_not_follow(event: Event) -> str:
    return f"{event.type} does not follow from the events before it"


def _can_be_judged(session: Session) -> bool:
    """Whether it can be told what a session is up to, and would be up to without its driver."""
    try:
        verdict(session)
        verdict(given_up(session))
    except Exception:  # both are total on what was decided
        return False
    return True


def _first_not_judged(events: Sequence[Event]) -> int:
    """The number of an event, from 1, after which a session can't be judged any more. At its end it can't."""
    judged, lost = 0, len(events)
    while lost - judged > 1:
        middle = (judged + lost) // 2
        if _can_be_judged(replay(events[:middle]).unwrap()):
            judged = middle
        else:
            lost = middle
    return lost


def _disagreement(session: Session, event: Event, digest: Digest) -> str | None:
    """What is wrong with a message or a mark that disagrees with the messages before it, or with a file that
    nobody asked for."""
    match event:
        case MessageAdded(conversation=name, index=index, message=message, digest=noted):
            messages = session.conversation(name).messages
            if not is_message(message):
                return f"message {index} of {name} has not the form of a message"
            if index != len(messages):
                return f"message {index} of {name} follows {len(messages)} messages"
            if noted != digest(messages[-1].digest if messages else "", message):
                return f"message {index} of {name} does not match its digest"
        case UnitCompleted(conversation=name, mark=mark) | AnswerRejected(conversation=name, mark=mark):
            messages = session.conversation(name).messages
            if mark.count > len(messages):
                return f"the mark of {name} counts {mark.count} messages, and {len(messages)} are there"
            if mark.digest != (messages[mark.count - 1].digest if mark.count else ""):
                return f"the mark of {name} does not match its messages"
        case ArtifactWritten(unit=unit):
            outputs = session.spec.outputs
            if unit not in map(artifact_unit, range(len(outputs.artifacts) if outputs else 0)):
                return f"the workflow has no artifact {unit}"
        case _:
            pass
    return None


def longest(events: Iterable[Event]) -> Mapping[str, int]:
    """The most messages that each conversation ever had. ``events`` recount."""
    most: dict[str, int] = {}
    for event in events:
        if isinstance(event, MessageAdded):
            most[event.conversation] = max(event.index + 1, most.get(event.conversation, 0))
    return most


def messages_beyond(count: int) -> str:
    """What is wrong where ``count`` messages are kept that the journal never had, and all else is right."""
    are = "1 message is" if count == 1 else f"{count} messages are"
    return f"{are} kept that the journal does not have, and may be answers that it lost"


def loss(behind: Sequence[LineBehind | None], *, good: int, shown: int = 0, messages: int = 0) -> Loss:
    """What is lost with the lines ``behind`` the first ``good`` of a journal, None for each that changed.

    A line that changed is never taken at its word, and nor is the first of them, which is why there is a cut:
    whatever it says now, it may have held a finished unit. Sequence numbers tell how many lines are gone
    altogether, and so does ``shown``, the number of events that session.json shows. ``messages`` stand beside
    the journal, and no conversation in those first lines ever had them.
    """
    units: dict[UnitId, None] = {}
    unreadable = 0
    missing = shown - good - len(behind)
    for place, line in enumerate(behind, start=1):
        event = None if line is None else codec.decode(line.event).value_or(None)
        if line is None or event is None:
            unreadable += 1
            continue
        missing = max(missing, line.seq - good - place)
        unit = _paid_for(event)
        if unit is None:
            unreadable += place == 1
        elif line.seq > good:  # a line may stand there twice
            units[unit] = None
    return Loss(tuple(units), unreadable, max(0, missing), messages)


def _paid_for(event: Event) -> UnitId | None:
    """The unit for which an event holds something that was paid for, or that a person did."""
    match event:
        case (
            UnitCompleted(unit=unit)
            | AnswerRejected(unit=unit)
            | ToolReturned(unit=unit)
            | ToolSettled(unit=unit)
            | GateAnswered(unit=unit)
            | ArtifactWritten(unit=unit)
            | MessageAdded(unit=unit, message={"role": "assistant"})
        ):
            return unit
        case _:
            return None


def judge_journal(
    path: str,
    wrong: Inconsistency | None,
    torn: int,
    *,
    good: int,
    newer: NewerLine | None = None,
) -> tuple[Finding, ...]:
    """The findings on a journal with ``good`` events before its first inconsistency ``wrong``, if any.

    ``torn`` is the length in bytes of a half-written end, which the next resume drops. With a line of a
    ``newer`` version, nothing else is a remedy: this one does not know what belongs to that line.
    """
    if newer is not None:
        version = f" ({newer.program})" if newer.program else ""
        problem = (
            f"it was written by a newer version of strands{version} and is not damaged; "
            f"this one does not know {newer.form}"
        )
        found = (Finding(path, newer.line, problem, "upgrade"),)
        return found if wrong is None else (*found, Finding(path, wrong.line, wrong.reason, "upgrade"))
    if wrong is not None:
        return (Finding(path, wrong.line, wrong.reason, "cut" if good else "delete"),)
    if torn:
        return (Finding(path, good + 1, f"{torn} bytes of a line that was never finished", "resume"),)
    return ()


def judge_views(
    now: Mapping[str, str], earlier: Iterable[Mapping[str, str]], *, folder: str
) -> tuple[Finding, ...]:
    """Which views are damaged, and which are only behind: those that were right once.

    ``now`` has what is wrong with each view, by its path below ``folder``, compared with what the journal
    gives; ``earlier`` the same compared with what it gave at earlier states, made when asked for.
    """
    damaged = set(now)
    states = iter(earlier)
    while damaged and (state := next(states, None)) is not None:
        damaged &= state.keys()
    return tuple(
        Finding(f"{folder}/{path}", 0, problem, "repair", path)
        if path in damaged
        else Finding(f"{folder}/{path}", 0, "it is behind the journal", "resume", path)
        for path, problem in sorted(now.items())
    )


def earlier_states(view: Mapping[str, Json] | None, seq: int) -> range:
    """The states (numbers of events) that views may have been written at, by ``view``: session.json as it is.

    There are none when it has no number of use. ``seq`` is the number of events now.
    """
    as_of = None if view is None else view.get("as_of")
    if type(as_of) is not int or not 1 <= as_of < seq:
        return range(0)
    return range(as_of, min(seq, as_of + LOOK_BACK))
