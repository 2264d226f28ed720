"""Taking a session up again: what changed in the world meanwhile, and what that makes of the session.

The shell gathers facts (the spec file as it is now, the variables in session.json, what the person asks
for) and this module decides, in one order for all: the spec, then the variables, then the options and
budgets, then the person's answer, then timeouts. Either all of it is taken or nothing is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal, NamedTuple

from returns.result import Failure, Result, Success

from durable_core.frozen import frozen
from durable_core.patterns.base import Finished, Unusable
from durable_core.session import commands
from durable_core.session.decision import Decision, decide
from durable_core.session.events import Event, SessionStarted, VariablesEdited
from durable_core.session.evolution import evolve_all
from durable_core.session.places import artifacts_due, moved_options
from durable_core.session.scheduling import open_gates, verdict
from durable_core.session.state import THIS_FORMAT, BudgetName, Options, Session, Writer
from durable_core.spec.diff import diff_specs
from durable_core.spec.models import Spec
from durable_core.spec.source import Source
from durable_core.types import Json, UnitId


@frozen()
class SpecNow:
    """The spec file as it is now."""

    spec: Spec
    source: Source


@frozen()
class SpecGone:
    """There is no spec file at ``path`` any more."""

    path: str


@frozen(kw_only=True)
class Wishes:
    """What the person asks for on the command line of a resume.

    None and empty mean: as before. ``budgets`` are new limits (tokens, units, seconds).
    """

    answer: str | None = None
    gate: UnitId | None = None
    budgets: tuple[tuple[BudgetName, float], ...] = ()
    out: str | None = None
    force: bool = False


@frozen()
class SpecTaken:
    """The changed spec runs; ``changes`` has a line for each change, hashes are hex."""

    original: str
    current: str
    changes: tuple[str, ...]


@frozen()
class SnapshotTaken:
    """The spec file at ``path`` is gone; the snapshot runs."""

    path: str


@frozen()
class VariablesTaken:
    """The variables called ``names`` were edited by a person; the edited values are used."""

    names: tuple[str, ...]


@frozen()
class SpecMoved:
    """The spec that was at ``old`` is at ``new`` now, and artifacts go below ``out``."""

    old: str
    new: str
    out: str


@frozen()
class QuestionWithdrawn:
    """The changed spec took an open question away, or asks otherwise; ``what`` is a sentence that says so."""

    what: str


@frozen()
class ForceKept:
    """Artifacts will replace files below ``out``: an earlier run was told to, and this one was not."""

    out: str


Notice = SpecTaken | SpecMoved | SnapshotTaken | VariablesTaken | QuestionWithdrawn | ForceKept


@frozen()
class Resumption:
    """The resumed session, the events that made it so, and what the person should be shown."""

    session: Session
    events: tuple[Event, ...]
    notices: tuple[Notice, ...]


@frozen()
class NotResumable:
    """Why the session cannot be resumed like this; it is as it was."""

    kind: Literal["completed", "spec", "wish"]
    reason: str


def resume(
    session: Session,
    *,
    at: float,
    file: SpecNow | SpecGone | None,
    variables: Mapping[str, Json],
    edited: tuple[str, ...] = (),
    wishes: Wishes,
    writer: Writer = THIS_FORMAT,
    folder_gone: bool = False,
) -> Result[Resumption, NotResumable]:
    """The session resumed at ``at`` by the program ``writer``.

    ``file`` is None when the snapshot is asked for. ``variables`` are all that hold from here on, of which
    a person changed those named in ``edited`` in session.json. With ``folder_gone`` the folder in which the
    session was started is not there any more: a spec that is elsewhere now was moved together with it.
    """
    over = not_resumable(session)
    if over is not None:
        return Failure(over)
    before = session
    options = _options(session, file, wishes, folder_gone=folder_gone)
    notices = _notices(session, file, edited, options)
    events: list[Event] = []
    for kind, command in _commands(at, file, variables, options, wishes, writer):
        decided = decide(session, command)
        problem = _problem(before, session, command, decided)
        if problem:
            return Failure(NotResumable(kind, problem))
        events.extend(decided.unwrap())
        session = evolve_all(session, decided.unwrap())
    notices += _withdrawn(before, session)
    if session.options.force and not wishes.force and artifacts_due(session):
        notices += (ForceKept(session.options.out),)
    return Success(Resumption(session, tuple(events), notices))


def _problem(before: Session, session: Session, command: commands.Command, decided: Decision) -> str:
    """Why ``command`` is refused in a resume of ``before`` that came to ``session``; empty if it isn't."""
    if isinstance(command, commands.AnswerGate) and _lost(before, session, command.unit):
        return _lost_answer(before, session, command.unit)
    if not isinstance(decided, Failure):
        return ""
    reason: str = decided.failure().problem
    if isinstance(command, commands.ChangeSpec) and before.gates:
        return "; ".join(filter(None, (reason, _lost_questions(before, command.spec))))
    return reason


def _lost(before: Session, session: Session, unit: UnitId | None = None) -> tuple[UnitId, ...]:
    """The questions, or only that at ``unit``, that this resume withdrew by a changed spec."""
    return tuple(sorted(lost for lost in before.gates if lost in session.withdrawn and unit in (None, lost)))


def _withdrawn(before: Session, session: Session) -> tuple[Notice, ...]:
    lost = _lost(before, session)
    if not lost:
        return ()
    from durable_core.session.withdrawn import became_of  # noqa: PLC0415  # few edits take a question away

    return tuple(QuestionWithdrawn(became_of(unit, session.withdrawn[unit], session.spec)) for unit in lost)


def _lost_answer(before: Session, session: Session, unit: UnitId | None) -> str:
    """Why an answer is not taken that may be for a question that this very resume withdrew.

    Where the question is not named, the one that is left may not be the one that the person saw.
    """
    from durable_core.session.withdrawn import all_of  # noqa: PLC0415  # few edits take a question away

    what = all_of({lost: session.withdrawn[lost] for lost in _lost(before, session, unit)}, session.spec)
    left = ", ".join(gate.unit for gate in open_gates(session))
    return f"{what}{f' (open: {left})' if left else ''}; to answer it as it was asked: --spec-from snapshot"


def _lost_questions(before: Session, spec: Spec) -> str:
    """What would become of the open questions under a spec that is refused."""
    from durable_core.session.withdrawn import all_of, not_there  # noqa: PLC0415  # few specs are refused

    return all_of(not_there(before.gates, before.spec, spec), spec)


def not_resumable(session: Session) -> NotResumable | None:
    """Why ``session`` can't be resumed whatever the spec and the wishes are; None if it can."""
    if isinstance(verdict(session), Finished):
        return NotResumable("completed", "the session is already completed")
    return None


class Ordered(NamedTuple):
    """What came of an order: the session after it, and what is to be committed of a person's edits and of the
    order itself. Nothing is, if the order decided nothing."""

    session: Session
    edits: tuple[Event, ...]
    decided: tuple[Event, ...]


def order(
    session: Session, command: commands.Command, edited: Mapping[str, Json]
) -> Result[Ordered, Unusable]:
    """What ``command`` leads to in a session without a driver, or why it is refused.

    The variables that a person ``edited`` in session.json are taken first, as at a resume: publishing
    the views afterwards would write over them. Edits that make no sense are left for the resume to refuse.
    """
    edit = commands.EditVariables(at=command.at, variables={**session.variables, **edited})
    edits = decide(session, edit).value_or(())
    with_edits = evolve_all(session, edits)

    def ordered(decided: tuple[Event, ...]) -> Ordered:
        if not decided:
            return Ordered(session, (), ())
        return Ordered(evolve_all(with_edits, decided), edits, decided)

    return decide(with_edits, command).map(ordered)


def edited_variables(events: Iterable[Event], view: Mapping[str, Json] | None) -> dict[str, Json]:
    """The variables that a person changed or added in ``view``, which is session.json as it is now.

    A view may trail the journal, so it is compared with the variables of the event it was made at. A view
    that is missing or makes no sense gives none.
    """
    if view is None or not isinstance(view.get("as_of"), int):
        return {}
    shown = view.get("variables")
    if not isinstance(shown, Mapping):
        return {}
    expected: Mapping[str, Json] = {}
    for seq, event in enumerate(events, start=1):
        if seq > view["as_of"]:
            break
        if isinstance(event, SessionStarted | VariablesEdited):
            expected = event.variables
    return {
        name: value
        for name, value in sorted(shown.items())
        if name not in expected or _as_json(value) != _as_json(expected[name])
    }


def _as_json(value: Json) -> str:
    """``value`` as text: Python takes true for 1 and a list for no tuple, and a person does neither."""
    return json.dumps(value, sort_keys=True)


def _notices(
    session: Session, file: SpecNow | SpecGone | None, edited: tuple[str, ...], options: Options
) -> tuple[Notice, ...]:
    notices: list[Notice] = []
    old, new = session.source.path, file.source.path if isinstance(file, SpecNow) else None
    if old and new and old != new:
        notices.append(SpecMoved(old, new, options.out))
    match file:
        case SpecGone(path):
            notices.append(SnapshotTaken(path))
        case SpecNow(spec, source) if _differs(session, source):
            changes = diff_specs(session.spec, spec)
            notices.append(SpecTaken(session.source.sha256, source.sha256, changes))
        case _:
            pass
    if edited:
        notices.append(VariablesTaken(edited))
    return tuple(notices)


def _options(
    session: Session, file: SpecNow | SpecGone | None, wishes: Wishes, *, folder_gone: bool
) -> Options:
    """The options from here on: those of before, at their new place, and what the person asks for."""
    options, old = session.options, session.source.path
    if folder_gone and isinstance(file, SpecNow) and file.source.path and old:
        options = moved_options(options, old, file.source.path)
    return replace(
        options, out=options.out if wishes.out is None else wishes.out, force=options.force or wishes.force
    )


def _commands(
    at: float,
    file: SpecNow | SpecGone | None,
    variables: Mapping[str, Json],
    options: Options,
    wishes: Wishes,
    writer: Writer,
) -> Iterable[tuple[Literal["spec", "wish"], commands.Command]]:
    yield "wish", commands.Resume(at=at, writer=writer)
    if isinstance(file, SpecNow):
        yield "spec", commands.ChangeSpec(at=at, spec=file.spec, source=file.source)
    yield "wish", commands.EditVariables(at=at, variables=variables)
    yield "wish", commands.ChangeOptions(at=at, options=options)
    for budget, limit in wishes.budgets:
        yield "wish", commands.RaiseBudget(at=at, budget=budget, limit=limit)
    if wishes.answer is not None:
        yield "wish", commands.AnswerGate(at=at, unit=wishes.gate, text=wishes.answer)
    yield "wish", commands.Tick(at=at)


def _differs(session: Session, source: Source) -> bool:
    return replace(source, path=None) != replace(session.source, path=None)
