"""One run of a driver in its own process: what ``strands run`` and ``strands resume`` do, without the
talking."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from returns.result import Failure, Success

from durable_core.journal import codec
from durable_core.journal.leases import CLOCKS_S, LEASE_S, RENEW_S
from durable_core.patterns.base import Exhausted, Finished
from durable_core.session import Event, Options, Session, SessionStarted, open_gates, start, status, verdict
from durable_core.session.budgets import BUDGETS
from durable_core.session.resume import Resumption, SpecNow, Wishes, edited_variables, resume
from durable_core.session.state import BudgetName, Gate
from durable_shell.errors import OutOfFiles, StoreFailed
from durable_shell.operations.history import load_session
from durable_shell.runtime.driver import Drive
from durable_shell.runtime.view_publisher import Publisher
from durable_shell.store.port import Corrupt, Held, Lease, NotFound, OutOfStep, StoreError
from tests.simulation import ledger as promises
from tests.simulation.disk import Process
from tests.simulation.ledger import WatchedStore
from tests.simulation.models import Rates, SimModels
from tests.simulation.scene import HOME, SESSION, Scene, SceneClock
from tests.simulation.specs import person_of, source_of

REFUSED: Final = "refused by the store"
"""How a run ends that a failing or full disk stopped, or a driver with a newer lease."""

SHORT: Final = "out of files"
"""How a run ends whose process can open no more files."""


class SilentProgress:
    """Nobody watches. Implements ``durable_shell.terminal.Progress``."""

    def note(self, line: str) -> None: ...

    def warn(self, line: str) -> None: ...

    def started(self, key: str, title: str) -> None: ...

    def finished(self, key: str, line: str) -> None: ...

    def waiting(self, key: str, title: str, seconds: float, reason: str) -> None: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class Life:
    """A process that drives the session. ``patient`` means that no person answers gates in it.

    ``first`` says whether it may begin the session; ``driving`` is told of the drive, so that it can be
    stopped.
    """

    scene: Scene
    process: Process
    clock: SceneClock
    rates: Rates
    first: bool
    patient: bool
    driving: Callable[[Drive], None]

    async def live(self, *, again: bool = False) -> str:
        """Take the lease and go on, or begin; say how it ended: a status of the session, or another word."""
        store = WatchedStore(Path(HOME), self.scene.ledger, self.process, self.clock.now)
        match store.lease(SESSION, now=self.clock.now()):
            case Success(lease):
                return await self._with_lease(store, lease, self._taken_up(store))
            case Failure(NotFound()) if self.scene.ledger.events:
                self.scene.ledger.violated(promises.UNIT_LOST, "the whole session is gone")
                return "gone"
            case Failure(NotFound()):
                return await self._begin(store) if self.first else "nothing there"
            case Failure(Held(_, holder)) if holder.host != self.process.host and not again:
                # on another machine, which may be gone: who wants to resume is told from when on
                await asyncio.sleep(LEASE_S + CLOCKS_S)
                return await self.live(again=True)
            case Failure(Held(_, holder)):
                others = [one for one in self.scene.disk.processes if one.alive and one is not self.process]
                if not others:
                    self.scene.ledger.violated(promises.UNRESUMABLE, f"held by {holder.pid}, which is dead")
                return "held"
            case Failure(error):
                return self._refused(error)
        raise AssertionError("a lease is a Result")

    async def _begin(self, store: WatchedStore) -> str:
        created = store.create(SESSION).bind(lambda _: store.lease(SESSION, now=self.clock.now()))
        if isinstance(created, Failure):
            return self._refused(created.failure())
        begun = SessionStarted(
            at=self.clock.now(),
            session_id=SESSION,
            spec=self.scene.spec,
            source=source_of(self.scene.spec),
            variables=self.scene.variables,
            options=Options(),
        )
        return await self._with_lease(store, created.unwrap(), (start(begun), (begun,)))

    async def _with_lease(
        self, store: WatchedStore, lease: Lease, taken: tuple[Session, tuple[Event, ...]] | str
    ) -> str:
        try:
            return taken if isinstance(taken, str) else await self._drive(store, lease, *taken)
        finally:
            if self.process.alive:
                store.release(lease)

    def _taken_up(self, store: WatchedStore) -> tuple[Session, tuple[Event, ...]] | str:
        """The session as it goes on, and the events that make it so; or how this run ends."""
        try:
            events, session = load_session(store, SESSION)
        except StoreFailed as failed:
            return self._refused(failed.error)
        if isinstance(verdict(session), Finished):
            Publisher(store).publish(session)
            return "completed"
        match store.is_ours(SESSION):
            case Success(False):
                self.scene.ledger.violated(promises.DISOWNED, "nobody may resume it who does not say --trust")
            case Failure(error):
                return self._refused(error)
        match store.session_view(SESSION):
            case Success(view):
                edits = edited_variables(events, view)
            case Failure(error):
                return self._refused(error)
        for wishes in self._wishes(session):
            match resume(
                session,
                at=self.clock.now(),
                file=SpecNow(self.scene.spec, source_of(self.scene.spec)),
                variables={**session.variables, **edits},
                edited=tuple(edits),
                wishes=wishes,
            ):
                case Success(Resumption(resumed, decided, _)):
                    return resumed, decided
                case Failure(refusal):
                    self.scene.say(f"process {self.process.pid} refused: {refusal.reason}")
        self.scene.ledger.violated(promises.UNRESUMABLE, f"even a plain resume is refused: {refusal.reason}")
        return "refused"

    async def _drive(
        self, store: WatchedStore, lease: Lease, session: Session, events: tuple[Event, ...]
    ) -> str:
        scene = self.scene
        models = SimModels(
            scene.random, scene.ledger, self.process, lambda: session.spec, self.rates, scene.malformed
        )
        drive = Drive(session, lease, store, models, self.clock, SilentProgress())
        self.driving(drive)
        beats = asyncio.create_task(self._beat(store, lease, drive)) if len(scene.hosts) > 1 else None
        try:
            ended = await drive.run(events)
        except StoreFailed as failed:
            return self._refused(failed.error)
        except OutOfFiles:
            scene.count(SHORT)
            return SHORT
        finally:
            if beats is not None:
                beats.cancel()
        return status(ended)

    async def _beat(self, store: WatchedStore, lease: Lease, drive: Drive) -> None:
        """What the heartbeat does from its thread, which the loop of a simulation does not have."""
        while True:
            await asyncio.sleep(RENEW_S)
            if not store.renew(lease, now=self.clock.now()):
                drive.lose_lease()
                return

    def take_over(self) -> None:
        """Resume the session at once: its driver's machine stands still and its lease is over."""
        store = WatchedStore(Path(HOME), self.scene.ledger, self.process, self.clock.now)
        leased = store.lease(SESSION, now=self.clock.now())
        if isinstance(leased, Failure):
            return
        self.scene.say(f"process {self.process.pid} on {self.process.host} takes over: {leased}")
        self.scene.count("taken over")
        taken = self._taken_up(store)
        if not isinstance(taken, str):
            session, events = taken
            wires = [codec.encode(event) for event in events]
            before = session.seq - len(events)
            appended = store.append(leased.unwrap(), before, self.clock.now(), wires)
            if isinstance(appended, Failure):
                self._refused(appended.failure())
        if self.scene.random.random() < 0.5:
            store.release(leased.unwrap())

    def _wishes(self, session: Session) -> list[Wishes]:
        """What the person asks for, the most first: when that is refused, they ask for less."""
        used_up = verdict(session)
        budgets: tuple[tuple[BudgetName, float], ...] = ()
        if isinstance(used_up, Exhausted):
            name = next(name for name in BUDGETS if name == used_up.budget)
            budgets = ((name, float(int(used_up.spent) * 2 + 20)),)
        waiting = () if self.patient else open_gates(session)
        answers = [
            Wishes(answer=text, gate=gate.unit, budgets=budgets)
            for gate in waiting
            for text in _replies(gate, self.scene.replies.get(gate.unit, person_of(gate.unit)))
        ]
        return [*answers, Wishes(budgets=budgets), Wishes()]

    def _refused(self, error: StoreError) -> str:
        """Whether the store had a reason to refuse."""
        scene = self.scene
        match error:
            case Corrupt():
                scene.ledger.violated(promises.UNRESUMABLE, f"{error}")
            case OutOfStep() if not (scene.ledger.lock_was_lost or self.process.troubled):
                scene.ledger.violated(promises.UNRESUMABLE, f"out of step without a reason: {error}")
            case OutOfStep():
                pass
            case _ if not self.process.troubled and scene.disk.room is None:
                scene.ledger.violated(promises.UNEXPLAINED, f"a calm disk refused: {error}")
        scene.say(f"process {self.process.pid} stops: {error}")
        return REFUSED


def _replies(gate: Gate, first: str) -> tuple[str, ...]:
    """What a person tries to say at a gate, in order."""
    said = (first, *gate.choices, *(() if gate.default is None else (gate.default,)))
    return tuple(dict.fromkeys(said))
