"""What a command leads to: the events, or why there are none.

A report is decided only while its attempt is running, so one that comes late, twice or from a driver
that was given up decides nothing. A person's command that makes no sense is refused with a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, assert_never

from returns.result import Failure, Result, Success

from durable_core.bounds import LAST_MOMENT
from durable_core.characters import whole
from durable_core.patterns import pattern_of
from durable_core.patterns.base import (
    AskPerson,
    CallAgent,
    Completed,
    Finished,
    Malformed,
    Respecify,
    Responded,
    Unusable,
)
from durable_core.persistent.frozen_dict import freeze
from durable_core.session import budgets, events
from durable_core.session.commands import (
    Answered,
    AnswerGate,
    ArtifactWritten,
    ChangeOptions,
    ChangeSpec,
    Command,
    EditVariables,
    Faulted,
    MessageAdded,
    QuestionAsked,
    RaiseBudget,
    Rename,
    Resume,
    SettleTool,
    Tick,
    ToolReturned,
    ToolStarted,
    UnitsStarted,
)
from durable_core.session.evolution import evolve_all
from durable_core.session.payloads import event_of, moment_after
from durable_core.session.retries import wait_before_retry
from durable_core.session.scheduling import Attempt, open_gates, verdict, wanted
from durable_core.session.state import AnsweredBy, Gate, Session, UnitProgress
from durable_core.session.tool_reports import settle, tool_returned, tool_started
from durable_core.spec.problems import in_short
from durable_core.types import Fault, UnitId, Usage

Decision = Result[tuple[events.Event, ...], Unusable]

NOTHING: Final[Decision] = Success(())


def decide(session: Session, command: Command) -> Decision:  # noqa: C901, PLR0912  # one arm a command
    """The events that ``command`` leads to, ``()`` when it is stale, or why a person's wish is refused."""
    match command:
        case (
            UnitsStarted()
            | MessageAdded()
            | ToolStarted()
            | ToolReturned()
            | Answered()
            | Faulted()
            | QuestionAsked()
            | ArtifactWritten()
        ):
            return Success(_with_warnings(session, _reported(session, command), command.at))
        case Resume():
            if isinstance(verdict(session), Finished):
                return Failure(Unusable("the session is already completed"))
            return Success((event_of(events.SessionResumed, command),))
        case AnswerGate():
            return _answer_gate(session, command)
        case SettleTool():
            return settle(session, command)
        case Tick(at=at):
            return Success(tuple(_overdue(session, at)))
        case ChangeSpec():
            return _change_spec(session, command)
        case EditVariables(variables=variables):
            if freeze(variables) == session.variables:
                return NOTHING
            return Success((event_of(events.VariablesEdited, command),))
        case ChangeOptions(options=options):
            if options == session.options:
                return NOTHING
            return Success((event_of(events.OptionsChanged, command),))
        case RaiseBudget():
            return _raise_budget(session, command)
        case Rename(name=name):
            return NOTHING if name == session.name else Success((event_of(events.SessionRenamed, command),))
        case _ as never:
            assert_never(never)


# --- reports ------------------------------------------------------------------------------------------

Report = (
    UnitsStarted
    | MessageAdded
    | ToolStarted
    | ToolReturned
    | Answered
    | Faulted
    | QuestionAsked
    | ArtifactWritten
)


def _reported(session: Session, report: Report) -> tuple[events.Event, ...]:
    match report:
        case UnitsStarted():
            return _begin(session, report)
        case QuestionAsked():
            return _open_gate(session, report)
    progress = session.progress_of(report.unit)
    if not progress.running or progress.attempt != report.attempt:
        return ()
    match report:
        case MessageAdded():
            return _message(session, report)
        case ToolStarted():
            return tool_started(report, progress)
        case ToolReturned():
            return tool_returned(report, progress)
        case Answered():
            return (_answered(session, report, progress),)
        case Faulted():
            return (_faulted(session, report, progress),)
        case ArtifactWritten():
            return (report,)
        case _ as never:
            assert_never(never)


def _begin(session: Session, begin: UnitsStarted) -> tuple[events.Event, ...]:
    starts = {(start.unit, start.attempt): start for start in begin.starts}
    return tuple(
        _started(begin.at, attempt, starts[attempt.unit, attempt.number].kept)
        for attempt in wanted(session)
        if (attempt.unit, attempt.number) in starts
    )


def _started(at: float, attempt: Attempt, kept: int) -> events.UnitStarted:
    call = attempt.request if isinstance(attempt.request, CallAgent) else None
    return events.UnitStarted(
        at=at,
        unit=attempt.unit,
        attempt=attempt.number,
        agent=call.agent if call else "",
        conversation=call.conversation if call else "",
        kept=kept,
    )


def _message(session: Session, added: MessageAdded) -> tuple[events.Event, ...]:
    progress = session.progress_of(added.unit)
    follows = added.index == len(session.conversation(added.conversation).messages)
    return (added,) if added.conversation == progress.conversation and follows else ()


def _answered(session: Session, answer: Answered, progress: UnitProgress) -> events.Event:
    text = whole(answer.text).rstrip()
    usage = answer.usage + progress.owed
    decided = pattern_of(session.spec).decide(
        session.pattern, Completed(answer.unit, text, usage.total, session.variables)
    )
    match decided:
        case Success(pattern_events):
            return events.UnitCompleted(
                at=answer.at,
                unit=answer.unit,
                attempt=answer.attempt,
                agent=progress.agent,
                conversation=progress.conversation,
                usage=usage,
                mark=answer.mark,
                decided=pattern_events,
            )
        case Failure(Malformed(problem, reasks)) if progress.rejections < reasks:
            return events.AnswerRejected(
                at=answer.at,
                unit=answer.unit,
                attempt=answer.attempt,
                agent=progress.agent,
                conversation=progress.conversation,
                usage=usage,
                mark=answer.mark,
                problem=problem,
            )
    return events.UnitFailed(
        at=answer.at,
        unit=answer.unit,
        attempt=answer.attempt,
        agent=progress.agent,
        fault=_in_short(Fault("malformed", decided.failure().problem)),
        usage=usage,
    )


def _faulted(session: Session, report: Faulted, progress: UnitProgress) -> events.Event:
    policy = session.spec.runtime.failure_policy
    wait = wait_before_retry(policy, report.fault, progress.faults + 1, report.chance)
    # an attempt that broke off may not know what it cost, but its messages do
    usage = report.usage.at_least(progress.heard) + progress.owed
    if wait is None:
        return events.UnitFailed(
            at=report.at,
            unit=report.unit,
            attempt=report.attempt,
            agent=progress.agent,
            fault=_in_short(report.fault),
            usage=usage,
        )
    return events.AttemptFaulted(
        at=report.at,
        unit=report.unit,
        attempt=report.attempt,
        agent=progress.agent,
        fault=_in_short(report.fault),
        usage=usage,
        not_before=moment_after(report.at, wait) or LAST_MOMENT,
    )


def _in_short(fault: Fault) -> Fault:
    """``fault`` as it is kept: who failed may say as much as it likes, and the journal keeps all for good."""
    return replace(fault, message=in_short(fault.message))


def _with_warnings(
    session: Session, decided: tuple[events.Event, ...], at: float
) -> tuple[events.Event, ...]:
    """``decided``, and a warning for each budget whose threshold they pass."""
    if not decided or not budgets.any_limit(session):
        return decided
    return decided + budgets.warnings(evolve_all(session, decided), at)


# --- people -------------------------------------------------------------------------------------------


def _open_gate(session: Session, question: QuestionAsked) -> tuple[events.Event, ...]:
    for attempt in wanted(session):
        asked = (question.unit, question.attempt)
        if (attempt.unit, attempt.number) == asked and isinstance(attempt.request, AskPerson):
            timeout = attempt.request.timeout_seconds
            return (
                event_of(
                    events.GateOpened,
                    question,
                    default=attempt.request.default,
                    # the format's 0 is no limit, and nobody waits for what no calendar has
                    deadline=moment_after(question.at, timeout) if timeout else None,
                    pattern=attempt.request.pattern,
                    choices=attempt.request.choices,
                ),
            )
    return ()


def _answer_gate(session: Session, answer: AnswerGate) -> Decision:
    gate = _gate_meant(session, answer.unit)
    if isinstance(gate, Unusable):
        return Failure(gate)
    text = whole(answer.text).strip()
    if not text:
        if gate.default is None:
            return Failure(Unusable(f"gate {gate.unit} has no default: an empty answer says nothing"))
        return _gate_answered(session, gate, gate.default, "default", answer.at)
    refusal = _not_matching(gate, text)
    return Failure(refusal) if refusal else _gate_answered(session, gate, text, "person", answer.at)


def _not_matching(gate: Gate, text: str) -> Unusable | None:
    """Why the gate's pattern refuses the answer; None when it does not."""
    if gate.pattern is None:
        return None
    from durable_core.templates.regex_cost import UnsafePattern, accepts  # noqa: PLC0415  # few have a pattern

    try:
        if accepts(gate.pattern, text):
            return None
    except UnsafePattern as error:  # an answer that is too long, or a gate of a version that asked less
        return Unusable(f"the pattern {gate.pattern} of gate {gate.unit} cannot judge the answer: {error}")
    return Unusable(f"the answer does not match the pattern {gate.pattern} of gate {gate.unit}")


def _gate_meant(session: Session, unit: UnitId | None) -> Gate | Unusable:
    waiting = open_gates(session)
    if unit is None and len(waiting) == 1:
        return waiting[0]
    names = ", ".join(gate.unit for gate in waiting)
    if unit is None:
        if waiting:
            return Unusable(f"several questions are open ({names}): name the one you answer")
        return Unusable(_withdrawn(session, session.withdrawn) or "no question is open in this session")
    if unit in session.gates:
        return session.gates[unit]
    what = _withdrawn(session, [unit]) or (f"no question is open at {unit}" if waiting else "")
    if not what:
        return Unusable("no question is open in this session")
    return Unusable(f"{what} (open: {names})" if waiting else what)


def _withdrawn(session: Session, of: Iterable[UnitId]) -> str:
    """What became of those of the questions that a changed spec took away; empty if it took none of them."""
    withdrawn = {unit: session.withdrawn[unit] for unit in of if unit in session.withdrawn}
    if not withdrawn:
        return ""
    from durable_core.session.withdrawn import all_of  # noqa: PLC0415  # few edits take a question away

    return all_of(withdrawn, session.spec)


def _gate_answered(session: Session, gate: Gate, text: str, by: AnsweredBy, at: float) -> Decision:
    responded = Responded(gate.unit, gate.prompt, text, session.variables)
    decided = pattern_of(session.spec).decide(session.pattern, responded)
    if isinstance(decided, Failure):
        return Failure(Unusable(decided.failure().problem))
    answered = events.GateAnswered(
        at=at, unit=gate.unit, response=text, answered_by=by, decided=decided.unwrap()
    )
    return Success((answered,))


def _overdue(session: Session, at: float) -> Iterable[events.Event]:
    """Each gate whose time is over takes its default, else fails with a timeout."""
    for gate in open_gates(session):
        if gate.deadline is None or gate.deadline > at:
            continue
        decided = _timed_out(session, gate, round(gate.deadline - gate.opened_at), at)
        yield from decided
        session = evolve_all(session, decided)


def _timed_out(session: Session, gate: Gate, asked: int, at: float) -> tuple[events.Event, ...]:
    """What becomes of a gate without an answer for ``asked`` seconds."""
    problem = f"nobody answered within {asked} s and there is no default"
    if gate.default is not None:
        taken = _gate_answered(session, gate, gate.default, "timeout", at)
        if isinstance(taken, Success):
            return tuple(taken.unwrap())
        problem = f"nobody answered within {asked} s and the default does not do: {taken.failure().problem}"
    return (
        events.UnitFailed(
            at=at,
            unit=gate.unit,
            attempt=session.progress_of(gate.unit).attempt,
            agent="",
            fault=_in_short(Fault("timeout", problem)),
            usage=Usage(),
        ),
    )


# --- between two runs ---------------------------------------------------------------------------------


def _change_spec(session: Session, change: ChangeSpec) -> Decision:
    if change.source == session.source:
        return NOTHING
    if session.running:
        return Failure(Unusable("units are running: the spec can change between two runs only"))
    old, new = session.spec.pattern.type, change.spec.pattern.type
    if old != new:
        return Failure(Unusable(f"the pattern was {old} and the changed spec makes it {new}"))
    match pattern_of(session.spec).decide(session.pattern, Respecify(change.spec, session.variables)):
        case Failure(refusal):
            return Failure(Unusable(refusal.problem))
        case _:
            return Success((event_of(events.SpecChanged, change),))


def _raise_budget(session: Session, wish: RaiseBudget) -> Decision:
    if wish.limit <= budgets.spent(session, wish.budget):
        already = f"{budgets.spent(session, wish.budget):g}"
        return Failure(Unusable(f"{wish.budget} must be above the {already} that were already used"))
    return Success((event_of(events.BudgetRaised, wish),))
