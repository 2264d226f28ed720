"""Tells people what was decided, as it is committed: one event, at most one line."""

from __future__ import annotations

import os
from collections.abc import Mapping

from durable_core.paths import is_below
from durable_core.session import Session, events
from durable_core.session.resume import (
    ForceKept,
    Notice,
    QuestionWithdrawn,
    SnapshotTaken,
    SpecMoved,
    SpecTaken,
    VariablesTaken,
)
from durable_core.session.retries import attempts
from durable_core.spec.models import FailurePolicy
from durable_core.types import UnitId
from durable_core.views.labels import done_label
from durable_shell.terminal import Progress
from durable_shell.terminal.messages import run as run_messages


def narrate(progress: Progress, event: events.Event, titles: Mapping[UnitId, str], session: Session) -> None:
    """Show ``event``; ``titles`` name the units that were wanted, ``session`` is what it led to."""
    match event:
        case events.UnitStarted(unit=unit):
            progress.started(unit, titles.get(unit, unit))
        case events.UnitCompleted(unit=unit, usage=usage):
            unreported = next((done.unreported for done in reversed(session.done) if done.unit == unit), 0)
            progress.finished(unit, run_messages.complete(titles.get(unit, unit), usage.total, unreported))
        case events.AnswerRejected(unit=unit, problem=problem):
            progress.waiting(unit, titles.get(unit, unit), 0.0, f"asked again: {problem}")
        case events.AttemptFaulted(unit=unit, fault=fault, not_before=not_before, at=at):
            of = attempts(_policy(session), fault, session.progress_of(unit).faults)
            reason = run_messages.attempt_failed(of, fault.message)
            progress.waiting(unit, titles.get(unit, unit), not_before - at, reason)
        case events.UnitFailed(unit=unit, fault=fault):
            of = attempts(_policy(session), fault, session.progress_of(unit).faults + 1)
            # why the first one failed is what the run ends with, and is said there
            said = "" if [one.unit for one in session.failures[:1]] == [unit] else fault.message
            reason = run_messages.attempt_failed(of, said)
            progress.finished(unit, run_messages.step_failed(titles.get(unit, unit), reason))
        case events.ArtifactWritten(unit=unit, path=path):
            progress.finished(unit, run_messages.artifact_written(_seen_from_here(session.options.out, path)))
        case events.BudgetWarned(budget=budget, spent=spent, limit=limit):
            progress.warn(run_messages.budget_warning(budget, spent, limit))
        case _:
            pass


def _seen_from_here(out: str, path: str) -> str:
    """``path`` below ``out``, as it is if ``out`` is in the current folder, else as a whole."""
    try:
        here = is_below(out, os.getcwd())
    except FileNotFoundError:  # the current folder was removed
        here = False
    return path if here else os.path.join(out, path)


def _policy(session: Session) -> FailurePolicy:
    return session.spec.runtime.failure_policy


def narrate_done(progress: Progress, session: Session) -> None:
    """At a resume: name the units that will not run again."""
    for done in session.done:
        progress.note(run_messages.skipping(done_label(done)))


def narrate_notice(progress: Progress, notice: Notice) -> None:
    """At a resume: say what changed in the world meanwhile."""
    match notice:
        case SpecTaken(original, current, changes):
            for line in run_messages.spec_changed(original, current, changes):
                progress.warn(line)
        case SpecMoved(old, new, out):
            progress.warn(run_messages.spec_moved(old, new, out))
        case QuestionWithdrawn(what):
            progress.warn(run_messages.question_withdrawn(what))
        case ForceKept(out):
            progress.warn(run_messages.force_kept(out))
        case SnapshotTaken(path):
            progress.warn(run_messages.spec_gone(path))
        case VariablesTaken(names):
            progress.warn(run_messages.variables_edited(names))
