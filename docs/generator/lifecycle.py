"""The life of a session: every status that the session machine reaches, and the events that change it.

A small workflow (models' steps, with a person's gate before the last) is walked, once with an artifact and
once without, and with everything that can happen to it: answers cheap and dear, faults that pass and faults
that stay, a gate that is answered or forgotten, a budget that is used up and raised, a changed spec.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from returns.result import Success

from docs.generator.markdown import table
from docs.generator.samples import spec_of
from durable_core.drawing import Arrow, Box, BoxKind, Picture
from durable_core.patterns.base import AskPerson, Finished
from durable_core.session import (
    Options,
    Session,
    SessionStarted,
    Source,
    commands,
    decide,
    evolve,
    open_gates,
    start,
    status,
    verdict,
    wanted,
)
from durable_core.session.conversation import Mark
from durable_core.session.scheduling import Attempt
from durable_core.spec.models import Spec
from durable_core.types import Fault, Usage

MOST_STATES: Final = 5_000
"""States that the walk tells apart; it needs some hundreds."""

_CHEAP: Final = Usage(1, 0)
_DEAR: Final = Usage(60, 60)
_PASSING: Final = Fault("throttled", "too many requests")
_STAYING: Final = Fault("refused", "no such model")
_KINDS: Final[dict[str, BoxKind]] = {
    "running": "open",
    "paused": "waiting",
    "completed": "finished",
    "failed": "failed",
}


@dataclass(frozen=True, slots=True)
class Change:
    """An event, and the status before and after it."""

    before: str
    event: str
    after: str


def lifecycle() -> tuple[Change, ...]:
    """Every change that the walk sees, once each, in the order met."""
    waiting = [start(_started(artifacts=True)), start(_started(artifacts=False))]
    known = set(map(_key, waiting))
    changes: dict[Change, None] = {}
    while waiting:
        session = waiting.pop(0)
        for command in _commands(session):
            after = session
            match decide(session, command):
                case Success(decided):
                    for event in decided:
                        before, after = status(after), evolve(after, event)
                        changes[Change(before, event.type.partition("/")[0], status(after))] = None
            if _key(after) not in known:
                known.add(_key(after))
                waiting.append(after)
            if len(known) > MOST_STATES:
                raise ValueError(f"the walk over a session has more than {MOST_STATES} states")
    return tuple(changes)


def drawn(changes: tuple[Change, ...]) -> Picture:
    """The changes from one status to another as a picture."""
    names = [name for name in _KINDS if any(name in (one.before, one.after) for one in changes)]
    boxes = [Box("start", (), "start"), *(Box(name, (name,), _KINDS[name]) for name in names)]
    labels: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in changes:
        if one.before != one.after:
            labels[one.before, one.after].add(one.event)
    arrows = [Arrow("start", "running", ("session_started",))]
    for before in names:
        arrows += [
            Arrow(before, after, tuple(sorted(labels[before, after])))
            for after in names
            if (before, after) in labels
        ]
    return Picture("A session: what changes its status", tuple(boxes), tuple(arrows))


def told(changes: tuple[Change, ...]) -> str:
    """The same as a table, with the events that leave the status as it is."""
    rows = []
    for before in _KINDS:
        for after in _KINDS:
            seen = sorted(one.event for one in changes if (one.before, one.after) == (before, after))
            if seen:
                stays = " (stays)" if before == after else ""
                rows.append((before, f"{after}{stays}", ", ".join(f"`{event}`" for event in seen)))
    return table(("From", "To", "By one of"), rows)


def _spec(question: str, *, artifacts: bool) -> Spec:
    config = {
        "steps": [
            {"agent": "writer"},
            {"agent": "writer"},
            {"type": "hitl", "prompt": question, "timeout_seconds": 60},
            {"agent": "writer"},
        ]
    }
    policy = {"retries": 1, "backoff": "constant"}
    spec = spec_of("chain", config, failure_policy=policy, budgets={"max_tokens": 100})
    declared = [{"path": "a.md", "from": "{{ last_response }}"}] if artifacts else []
    outputs = spec.outputs.model_validate({"artifacts": declared})
    return spec.model_copy(update={"outputs": outputs})


def _started(*, artifacts: bool) -> SessionStarted:
    source = Source(text="", format="json", sha256="0")
    return SessionStarted(
        at=0.0,
        session_id="0",
        spec=_spec("Good enough?", artifacts=artifacts),
        source=source,
        variables={},
        options=Options(),
    )


def _commands(session: Session) -> Iterator[commands.Command]:
    """Everything that may be reported or asked for now, the time being that of the last event."""
    now = session.updated_at
    for attempt in wanted(session):
        yield _begun(attempt, max(now, attempt.not_before))
    for unit, progress in session.progress.items():
        if progress.running:
            yield from _reports(unit, progress.attempt, now, model=bool(progress.agent))
    for gate in open_gates(session):
        yield commands.AnswerGate(at=now, unit=gate.unit, text="approved")
        yield commands.Tick(at=max(now, gate.deadline or now))
    if session.running or isinstance(verdict(session), Finished):
        return  # what follows happens between two runs
    yield commands.Resume(at=now)
    yield commands.RaiseBudget(at=now, budget="max_tokens", limit=10_000.0)
    yield commands.EditVariables(at=now, variables={"topic": "tides"})
    yield commands.ChangeOptions(at=now, options=replace(session.options, force=True))
    changed = replace(session.source, sha256="1")
    spec = _spec("Is it good enough?", artifacts=bool(session.spec.outputs.artifacts))
    yield commands.ChangeSpec(at=now, spec=spec, source=changed)


def _begun(attempt: Attempt, at: float) -> commands.Command:
    match attempt.request:
        case AskPerson(prompt=prompt):
            return commands.QuestionAsked(at=at, unit=attempt.unit, attempt=attempt.number, prompt=prompt)
        case _:
            return commands.UnitsStarted(at=at, starts=(commands.UnitStart(attempt.unit, attempt.number),))


def _reports(unit: str, attempt: int, at: float, *, model: bool) -> Iterator[commands.Command]:
    if not model:
        yield commands.ArtifactWritten(at=at, unit=unit, attempt=attempt, path="a.md", sha256="0", size=1)
    for usage in (_CHEAP, _DEAR) if model else ():
        mark = Mark(count=0, digest="")
        yield commands.Answered(at=at, unit=unit, attempt=attempt, text="done", usage=usage, mark=mark)
    for fault in (_PASSING, _STAYING) if model else (_STAYING,):
        yield commands.Faulted(at=at, unit=unit, attempt=attempt, fault=fault, usage=_CHEAP, chance=0.0)


def _key(session: Session) -> tuple[object, ...]:
    """What tells two sessions apart here: not when and how often things happened, but what may happen now."""
    units = sorted(
        (unit, one.running, one.faults, bool(one.attempt)) for unit, one in session.progress.items()
    )
    return (
        status(session),
        tuple(attempt.unit for attempt in wanted(session)),
        tuple(units),
        tuple(gate.unit for gate in open_gates(session)),
        len(session.done),
        len(session.artifacts),
        bool(session.spec.outputs.artifacts),
        len(session.failures),
        session.spending.usage.total >= (session.budgets.max_tokens or 0),
        session.spending.warned,
        session.budgets.max_tokens,
        session.source.sha256,
        session.options.force,
        bool(session.variables),
    )
