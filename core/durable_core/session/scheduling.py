"""What may start now, and the verdict on the session: two projections of the state.

``wanted`` names the attempts that may start and are not running. ``verdict`` is Open exactly while
something is wanted or running.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import inf
from typing import Literal, NamedTuple, assert_never

from durable_core.patterns import base
from durable_core.patterns.base import AskPerson, CallAgent, Exhausted, Failed, Finished, Open, Waiting
from durable_core.session import budgets
from durable_core.session.in_doubt import doubt_failure, doubts
from durable_core.session.projections import This, pattern_verdict, requests
from durable_core.session.state import Gate, Session, artifact_unit
from durable_core.types import UnitId

RestStatus = Literal["completed", "paused", "failed", "interrupted"]
"""How a drive can end: with a result, at a question without an answer (or a tool call in doubt), by a
fault or a used-up budget, or because it was told to stop."""


class WriteArtifact(NamedTuple):
    """Write a file: ``path`` and ``text`` are templates over ``context``."""

    unit: UnitId
    title: str
    path: str
    text: str
    place: str
    context: Mapping[str, object]


class Attempt(NamedTuple):
    """Attempt ``number`` (from 1) of a unit may start, from ``not_before`` on (seconds since the epoch)."""

    unit: UnitId
    number: int
    not_before: float
    request: CallAgent | AskPerson | WriteArtifact


def wanted(session: Session) -> tuple[Attempt, ...]:
    """The attempts that may start now, in order: never more calls at once than ``max_parallel``."""
    return _wanted(This(session))


@lru_cache(maxsize=2)
def _wanted(this: This[Session]) -> tuple[Attempt, ...]:
    """Worked out once a state: the driver asks, and then the decision of what it begins."""
    session = this.state
    in_doubt = doubts(session)
    if session.failures or doubt_failure(in_doubt):
        return ()
    match pattern_verdict(session):
        case Failed():
            return ()
        case Finished(_, context):
            ready: Iterator[CallAgent | AskPerson | WriteArtifact] = _artifacts(session, context)
        case _:
            ready = _affordable(session, frozenset(doubt.unit for doubt in in_doubt))
    return tuple(_attempt(session, request) for request in ready)


class Due(NamedTuple):
    """What may start at a moment: ``ready``, and when (seconds since the epoch) the first that must wait yet
    may start; infinity if none must."""

    ready: tuple[Attempt, ...]
    retry_at: float


def due(session: Session, at: float, most: int) -> Due:
    """What may start at the time ``at``: questions, and no more than ``most`` calls and artifacts.

    Those behind the last of ``most`` are not looked at, and so ``retry_at`` does not count them.
    """
    ready: list[Attempt] = []
    retry_at, starts = inf, 0
    for attempt in wanted(session):
        if starts == most:
            break
        if attempt.not_before > at:
            retry_at = min(retry_at, attempt.not_before)
        else:
            ready.append(attempt)
            starts += not isinstance(attempt.request, AskPerson)
    return Due(tuple(ready), retry_at)


def verdict(session: Session) -> base.Verdict:
    """The verdict on the session. It is open as long as units are running."""
    if session.running:
        return Open()
    if session.failures:
        first = session.failures[0]
        return Failed(first.unit, first.fault)
    in_doubt = doubts(session)
    stopped = doubt_failure(in_doubt)
    if stopped is not None:
        return stopped
    if wanted(session):
        return Open()
    ended = pattern_verdict(session)
    if isinstance(ended, Finished | Failed):
        return ended
    used_up = budgets.exhausted(session)
    if used_up and any(isinstance(request, CallAgent) for request in requests(session)):
        return used_up
    gates = tuple(gate.unit for gate in open_gates(session))
    return Waiting(tuple(dict.fromkeys((*gates, *(doubt.unit for doubt in in_doubt)))))


def open_gates(session: Session) -> tuple[Gate, ...]:
    """The questions without an answer, oldest first."""
    return tuple(sorted(session.gates.values(), key=lambda gate: (gate.opened_at, gate.unit)))


def status(session: Session) -> Literal["running", "paused", "completed", "failed"]:
    """The status as it is written on disk."""
    at_rest = status_at_rest(session)
    return "running" if at_rest == "interrupted" else at_rest


def status_at_rest(session: Session) -> RestStatus:
    """The status once the session has no driver any more: one that was running is interrupted."""
    match verdict(session):
        case Open():
            return "interrupted"
        case Waiting():
            return "paused"
        case Finished():
            return "completed"
        case Failed() | Exhausted():
            return "failed"
        case _ as never:
            assert_never(never)


def _affordable(session: Session, in_doubt: frozenset[UnitId]) -> Iterator[CallAgent | AskPerson]:
    """Gates that are not open yet, and as many calls as slots and budgets allow; no unit ``in_doubt``."""
    used_up = budgets.exhausted(session)
    # max_steps stops new units only: a unit that was counted once may be tried again
    nothing_starts = used_up is not None and used_up.budget != "max_steps"
    slots = session.spec.runtime.max_parallel - session.running
    new_steps = _steps_left(session)
    for request in requests(session):
        progress = session.progress_of(request.unit)
        if progress.running or request.unit in in_doubt:
            continue
        if isinstance(request, AskPerson):
            if request.unit not in session.gates:
                yield request
            continue
        is_new = progress.attempt == 0
        if nothing_starts or slots <= 0 or (is_new and new_steps <= 0):
            continue
        slots -= 1
        new_steps -= is_new
        yield request


def _steps_left(session: Session) -> float:
    allowed = budgets.limit(session, "max_steps")
    return float("inf") if allowed is None else allowed - session.spending.steps


def _artifacts(session: Session, context: Mapping[str, object]) -> Iterator[WriteArtifact]:
    declared = session.spec.outputs.artifacts if session.spec.outputs else ()
    for index, artifact in enumerate(declared):
        unit = artifact_unit(index)
        if unit in session.artifacts or session.progress_of(unit).running:
            continue
        yield WriteArtifact(
            unit=unit,
            title=f"Artifact {index + 1}/{len(declared)}",
            path=artifact.path,
            text=artifact.from_,
            place=f"outputs.artifacts[{index}]",
            context=context,
        )


def _attempt(session: Session, request: CallAgent | AskPerson | WriteArtifact) -> Attempt:
    progress = session.progress_of(request.unit)
    return Attempt(
        unit=request.unit, number=progress.attempt + 1, not_before=progress.not_before, request=request
    )
