"""A run from the first event to its rest: drives, asks people, drives on, and gives the lease back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from returns.result import Failure

from durable_core.frozen import frozen
from durable_core.journal.leases import RENEW_S
from durable_core.patterns.base import Waiting
from durable_core.session import Event, Session, commands, decide, doubts, evolve_all, open_gates, verdict
from durable_core.session.state import Gate
from durable_shell.cli.environment import FILES_IN_A_DRIVE, must_open
from durable_shell.runtime.driver import Drive
from durable_shell.runtime.lease_heartbeat import heartbeat
from durable_shell.runtime.ports import Clock, Models, People
from durable_shell.store.port import Lease, Store
from durable_shell.terminal import Progress


@frozen(kw_only=True)
class Ready:
    """A session that can be driven now. Its events ``first``, which it holds, are not committed yet, unless
    it has ``begun``.

    Models are opened when the drive begins: that takes a while, and people are told of the session before.
    No artifact is written below the folders ``closed``.
    """

    session: Session
    first: tuple[Event, ...]
    store: Store
    lease: Lease
    open_models: Callable[[], Models]
    closed: tuple[Path, ...] = ()
    begun: bool = False


@frozen(kw_only=True)
class Company:
    """Who is there while a session is driven.

    ``people`` are asked what is open, ``watch`` is told of each committed event, ``stops`` lets somebody stop
    a drive while the context that it makes is open. ``greeting`` is shown once the first commit is made: an
    id shown earlier may name a session that never was.
    """

    progress: Progress
    people: People | None = None
    watch: Callable[[Event, Session], None] | None = None
    stops: Callable[[Drive], AbstractContextManager[None]] | None = None
    greeting: tuple[str, ...] = ()


class _Lease:
    """Whether the lease is still ours, and the drive that must know if not."""

    def __init__(self) -> None:
        self.is_lost = False
        self.drive: Drive | None = None

    def lose(self) -> None:
        self.is_lost = True
        if self.drive is not None:
            self.drive.lose_lease()


async def drive_session(clock: Clock, ready: Ready, company: Company, *, every: float = RENEW_S) -> Session:
    """Drive a session until nothing more can be done, and give it as it is then.

    The lease is renewed ``every`` so many seconds. Raises OperationError. Whatever happens, cancellation
    included, the lease is given back and the models are closed.
    """
    loop = asyncio.get_running_loop()
    ours = _Lease()

    def lost() -> None:
        loop.call_soon_threadsafe(ours.lose)

    try:
        must_open(FILES_IN_A_DRIVE)
        with heartbeat(ready.store, ready.lease, clock, lost=lost, every=every):
            models = ready.open_models()
            try:
                return await _driven(clock, ready, models, company, ours)
            finally:
                await models.close()
    finally:
        company.progress.close()
        ready.store.release(ready.lease)


async def _driven(clock: Clock, ready: Ready, models: Models, company: Company, ours: _Lease) -> Session:
    session, first, greeting = ready.session, ready.first, company.greeting
    begun = ready.begun
    while True:
        drive = Drive(
            session,
            ready.lease,
            ready.store,
            models,
            clock,
            company.progress,
            greeting=greeting,
            watch=company.watch,
            closed=ready.closed,
        )
        greeting = ()
        ours.drive = drive
        if ours.is_lost:
            drive.lose_lease()
        with contextlib.nullcontext() if company.stops is None else company.stops(drive):
            session = await drive.run(first, committed_before=begun)
        begun = False
        if company.people is None or not isinstance(verdict(session), Waiting):
            return session
        session, first = await _ask(company.people, session, clock)
        if not first:
            return session


async def _ask(people: People, session: Session, clock: Clock) -> tuple[Session, tuple[Event, ...]]:
    """Put each open question; the answers' events are to be committed by the next drive."""
    answered: tuple[Event, ...] = ()
    for doubt in doubts(session):
        order = await people.settle(doubt, clock.now())
        if order is not None:
            decided = decide(session, order).value_or(())
            session = evolve_all(session, decided)
            answered += decided
    for gate in open_gates(session):
        decided = await _answers(people, session, gate, clock)
        session = evolve_all(session, decided)
        answered += decided
    return session, answered


async def _answers(people: People, session: Session, gate: Gate, clock: Clock) -> tuple[Event, ...]:
    """Ask until there is an answer that the gate takes, or none."""
    refused: str | None = None
    while (text := await people.answer(gate, refused)) is not None:
        decision = decide(session, commands.AnswerGate(at=clock.now(), unit=gate.unit, text=text))
        if not isinstance(decision, Failure):
            return decision.unwrap()
        refused = decision.failure().problem
    return ()
