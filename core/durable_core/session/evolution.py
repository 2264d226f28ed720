"""What an event makes of the session. Total on decided events, and nothing else happens here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from rpds import HashTrieMap

from durable_core.patterns import pattern_of
from durable_core.patterns.base import Respecified
from durable_core.persistent.frozen_dict import FrozenDict, freeze
from durable_core.session import events
from durable_core.session.conversation import Conversation, ConversationMessage, rounds, unreported, usage_of
from durable_core.session.state import Done, Failure, Gate, Session, Spending, UnitProgress, WrittenArtifact
from durable_core.session.tool_calls import Calls, ToolCall, after_message, returned, settled, started
from durable_core.types import Json, Usage

if TYPE_CHECKING:
    from durable_core.patterns.unions import PatternState


def start(event: events.SessionStarted) -> Session:
    """The session that the first event begins."""
    return Session(
        id=event.session_id,
        name=event.name,
        created_at=event.at,
        updated_at=event.at,
        spec=event.spec,
        source=event.source,
        first_source=event.source,
        variables=_frozen(event.variables),
        options=event.options,
        budgets=event.spec.runtime.budgets,
        pattern=pattern_of(event.spec).initial(event.spec),
    )


def evolve(session: Session, event: events.Event) -> Session:  # noqa: C901, PLR0912  # one arm an event
    """The session after ``event``."""
    match event:
        case events.SessionStarted():
            return start(event)
        case events.SessionResumed(at=at):
            return given_up(session._replace(updated_at=at, seq=session.seq + 1))
        case events.ToolSettled(at=at):
            return _with_calls(
                _untouched(session, at),
                event,
                lambda calls: settled(calls, event.call, event.outcome, event.result),
            )
        case events.SessionRenamed(at=at, name=name):
            return _untouched(session, at)._replace(name=name)
    session = _clocked(session, event.at)
    match event:
        case events.UnitStarted():
            return _started(session, event)
        case events.MessageAdded():
            return _message_added(session, event)
        case events.ToolStarted():
            return _with_calls(session, event, lambda calls: started(calls, _call(event)))
        case events.ToolReturned(call=call, result=result):
            return _with_calls(session, event, lambda calls: returned(calls, call, result))
        case events.UnitCompleted():
            return _completed(session, event)
        case events.AnswerRejected():
            return _rejected(session, event)
        case events.AttemptFaulted():
            return _faulted(session, event)
        case events.UnitFailed():
            return _failed(session, event)
        case events.GateOpened():
            return _gate_opened(session, event)
        case events.GateAnswered():
            return _gate_answered(session, event)
        case events.BudgetWarned(budget=budget):
            warned = session.spending.warned | {budget}
            return session._replace(spending=session.spending._replace(warned=warned))
        case events.BudgetRaised(budget=budget, limit=limit):
            # a whole number, as in a spec: the view shows both alike
            allowed = session.budgets.model_copy(update={budget: int(limit)})
            spending = session.spending._replace(warned=session.spending.warned - {budget})
            return session._replace(budgets=allowed, spending=spending)
        case events.SpecChanged():
            from durable_core.session.respecification import with_changed_spec  # noqa: PLC0415  # few specs are edited

            return with_changed_spec(session, event)
        case events.VariablesEdited(variables=variables):
            changed = _frozen(variables)
            pattern = pattern_of(session.spec).evolve(session.pattern, Respecified(session.spec, changed))
            return session._replace(variables=changed, pattern=pattern)
        case events.OptionsChanged(options=options):
            return session._replace(options=options)
        case events.ArtifactWritten(unit=unit, path=path, sha256=sha256, size=size):
            written = WrittenArtifact(unit=unit, path=path, sha256=sha256, size=size)
            return _no_longer_running(session)._replace(
                artifacts=session.artifacts.insert(unit, written),
                progress=session.progress.remove(unit),
            )
        case _ as never:
            assert_never(never)


def _frozen(variables: Mapping[str, Json]) -> Mapping[str, Json]:
    """The same before and after the wire, which makes lists of tuples."""
    return FrozenDict({name: freeze(value) for name, value in variables.items()})


def evolve_all(session: Session, decided: Iterable[events.Event]) -> Session:
    """The session after all of ``decided``, in order."""
    for event in decided:
        session = evolve(session, event)
    return session


def _clocked(session: Session, at: float) -> Session:
    """The session at ``at``. Time since the last event is work, unless only people were waited for."""
    waiting = session.running == 0 and len(session.gates) > 0
    worked = 0.0 if waiting else max(0.0, at - session.updated_at)
    return session._replace(
        seq=session.seq + 1, updated_at=max(at, session.updated_at), worked_s=session.worked_s + worked
    )


def _untouched(session: Session, at: float) -> Session:
    """The session at ``at``. The time since the last event was a person's, not work."""
    return session._replace(seq=session.seq + 1, updated_at=max(at, session.updated_at))


def given_up(session: Session) -> Session:
    """The session as a resume finds it: attempts that never reported are given up, and every unit gets its
    retries anew."""
    progress = session.progress
    for unit, before in session.progress.items():
        afresh = before._replace(
            running=False,
            faults=0,
            rejections=0,
            not_before=0.0,
            heard=Usage(),
            owed=before.owed + before.heard,
        )
        progress = progress.insert(unit, afresh)
    return session._replace(progress=progress, running=0, failures=(), resumed_from=session.spending.usage)


def _started(session: Session, event: events.UnitStarted) -> Session:
    before = session.progress_of(event.unit)
    progress = before._replace(
        attempt=event.attempt,
        running=True,
        agent=event.agent,
        conversation=event.conversation,
        not_before=0.0,
        calls=before.calls if event.kept else (),
    )
    conversations, spending = session.conversations, session.spending
    if event.agent:
        afresh = session.conversation(event.conversation).rolled_back(event.kept)
        conversations = conversations.insert(event.conversation, afresh)
        if before.attempt == 0:
            spending = spending._replace(steps=spending.steps + 1)
    return session._replace(
        running=session.running + 1,
        progress=session.progress.insert(event.unit, progress),
        conversations=conversations,
        spending=spending,
    )


def _message_added(session: Session, event: events.MessageAdded) -> Session:
    before = session.progress[event.unit]
    unknown = 1 if unreported(event.message) else 0
    progress = before._replace(
        unreported=before.unreported + unknown,
        heard=before.heard + usage_of(event.message),
        calls=after_message(before.calls, event.message),
    )
    message = ConversationMessage(event.message, event.digest, event.at, event.memory)
    conversation = session.conversation(event.conversation).append(message)
    return session._replace(
        progress=session.progress.insert(event.unit, progress),
        conversations=session.conversations.insert(event.conversation, conversation),
        spending=session.spending._replace(unreported=session.spending.unreported + unknown),
    )


def _call(event: events.ToolStarted) -> ToolCall:
    return ToolCall(
        call=event.call,
        name=event.name,
        input=event.input,
        reads_only=event.reads_only,
        attempt=event.attempt,
        at=event.at,
    )


def _with_calls(
    session: Session,
    event: events.ToolStarted | events.ToolReturned | events.ToolSettled,
    change: Callable[[Calls], Calls],
) -> Session:
    before = session.progress[event.unit]
    progress = before._replace(calls=change(before.calls))
    return session._replace(progress=session.progress.insert(event.unit, progress))


def _completed(session: Session, event: events.UnitCompleted) -> Session:
    unknown = session.progress_of(event.unit).unreported
    done = Done(unit=event.unit, agent=event.agent, usage=event.usage, unreported=unknown)
    return session._replace(
        running=session.running - 1,
        pattern=_pattern_after(session, event.decided),
        done=session.done.append(done),
        progress=session.progress.remove(event.unit),
        conversations=_marked(session, event),
        spending=_spent(session.spending, event.agent, event.usage),
    )


def _rejected(session: Session, event: events.AnswerRejected) -> Session:
    before = session.progress[event.unit]
    progress = before._replace(
        running=False,
        rejections=before.rejections + 1,
        correction=event.problem,
        calls=(),
        heard=Usage(),
        owed=Usage(),
    )
    return session._replace(
        running=session.running - 1,
        progress=session.progress.insert(event.unit, progress),
        conversations=_marked(session, event),
        spending=_spent(session.spending, event.agent, event.usage),
    )


def _marked(
    session: Session, event: events.UnitCompleted | events.AnswerRejected
) -> HashTrieMap[str, Conversation]:
    """The conversations, that of a received answer standing at the answer's mark."""
    conversation = session.conversation(event.conversation).marked(event.mark)
    return session.conversations.insert(event.conversation, conversation)


def _faulted(session: Session, event: events.AttemptFaulted) -> Session:
    before = session.progress[event.unit]
    progress = _accounted(before)._replace(faults=before.faults + 1, not_before=event.not_before)
    session = _no_longer_running(_pruned(session, before))._replace(
        spending=_spent(session.spending, event.agent, event.usage)
    )
    return session._replace(progress=session.progress.insert(event.unit, progress))


def _failed(session: Session, event: events.UnitFailed) -> Session:
    before = session.progress_of(event.unit)
    failure = Failure(unit=event.unit, attempt=event.attempt, fault=event.fault)
    if before.running:
        session = _no_longer_running(_pruned(session, before))
    return session._replace(
        failures=(*session.failures, failure),
        gates=session.gates.discard(event.unit),
        progress=session.progress.insert(event.unit, _accounted(before)),
        spending=_spent(session.spending, event.agent, event.usage),
    )


def _accounted(before: UnitProgress) -> UnitProgress:
    """An attempt that reported: what was heard is counted by its report."""
    return before._replace(running=False, heard=Usage(), owed=Usage())


def _gate_opened(session: Session, event: events.GateOpened) -> Session:
    """The question is numbered like any attempt, so that one put before a timeout does not come back."""
    progress = session.progress_of(event.unit)._replace(attempt=event.attempt)
    return session._replace(
        gates=session.gates.insert(event.unit, _gate(event)),
        withdrawn=session.withdrawn.discard(event.unit),
        progress=session.progress.insert(event.unit, progress),
    )


def _gate(event: events.GateOpened) -> Gate:
    return Gate(
        unit=event.unit,
        prompt=event.prompt,
        opened_at=event.at,
        display=event.display,
        default=event.default,
        deadline=event.deadline,
        pattern=event.pattern,
        choices=event.choices,
    )


def _gate_answered(session: Session, event: events.GateAnswered) -> Session:
    gate = session.gates[event.unit]
    answered = replace(gate, response=event.response, answered_by=event.answered_by)
    return session._replace(
        pattern=_pattern_after(session, event.decided),
        done=session.done.append(Done(unit=event.unit, agent=None, usage=Usage())),
        gates=session.gates.remove(event.unit),
        answered=session.answered.append(answered),
        progress=session.progress.discard(event.unit),
    )


def _pattern_after(session: Session, decided: events.Decided) -> PatternState:
    pattern = session.pattern
    for event in decided:
        pattern = pattern_of(session.spec).evolve(pattern, event)
    return pattern


def _no_longer_running(session: Session) -> Session:
    return session._replace(running=session.running - 1)


def _pruned(session: Session, progress: UnitProgress) -> Session:
    """Of a failed attempt's messages only rounds of tool calls stay, which the next one can continue from."""
    return session.rolled_back(progress, rounds(session.conversation(progress.conversation).residue))


def _spent(spending: Spending, agent: str, usage: Usage) -> Spending:
    if not agent:
        return spending
    by_agent = spending.by_agent.insert(agent, (spending.by_agent.get(agent) or Usage()) + usage)
    return spending._replace(usage=spending.usage + usage, by_agent=by_agent)
