"""One run on the stage: a driver, what goes wrong with it, and whoever comes along meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import errno
import os
from pathlib import Path
from typing import Any, Final

from returns.result import Failure, Success

from durable_core.journal.leases import CLOCKS_S, LEASE_S
from durable_shell.runtime.driver import Drive
from durable_shell.store.files.store import FileStore
from durable_shell.store.port import Held
from tests.simulation import ledger as promises
from tests.simulation.disk import Crashed, Folder, PowerGone, Process
from tests.simulation.life import Life
from tests.simulation.loop import Hangs, SimLoop
from tests.simulation.menders import clean_up, look, run_through, somebody
from tests.simulation.models import Rates
from tests.simulation.scene import FOLDER, HOME, OTHER, SESSION, Scene, SceneClock
from tests.simulation.system import ACTIVE, Blocked, acting
from tests.simulation.troubles import AT_OPERATION, Plan, Trouble

NOBODY: Final = Process(0)
"""Whoever is on the stage without being a process: the one who plays it."""


class Stage:
    """One run. ``ended`` says how each of its drivers ended, in the order in which they came."""

    def __init__(self, scene: Scene, plan: Plan, *, patient: bool) -> None:
        self.scene = scene
        self.plan = plan
        self.patient = patient
        self.loop = SimLoop(scene.random, 0.0 if scene.loop is None else scene.loop.time())
        self.drives: list[Drive] = []
        self.tasks: list[asyncio.Task[str]] = []
        self.loop.held_until = lambda: ACTIVE.get(NOBODY).held_until
        scene.loop = self.loop

    def play(self) -> list[str]:
        """Let it all happen, and say how the drivers ended."""
        scene = self.scene
        scene.tally.runs += 1
        scene.say(f"--- run {scene.tally.runs}: {self.plan}")
        scene.ledger.lock_was_lost = False
        try:
            ends = self.loop.run_until_complete(self._play())
        except Hangs as hangs:
            scene.ledger.violated(promises.STUCK, str(hangs))
            ends = ["stuck"]
        for error in self.loop.broken:
            scene.ledger.violated(promises.UNEXPLAINED, f"{type(error).__name__}: {error}")
        for process in scene.disk.processes:
            process.at_death = lambda: None
            process.die()
        self._clear_away()
        scene.disk.room = None
        scene.disk.processes.clear()
        scene.say(f"ended: {', '.join(ends)}")
        return ends

    async def _play(self) -> list[str]:
        process = self._enter(first=True, rates=self.plan.rates)
        for trouble in self.plan.troubles:
            self._arrange(process, trouble)
        while not all(task.done() for task in self.tasks):
            await asyncio.wait(self.tasks)
        return [self._end_of(task) for task in self.tasks]

    def _enter(self, *, first: bool, rates: Rates, host: str | None = None) -> Process:
        """A process comes along, on ``host`` or on any, and tries to drive."""
        process = self.scene.disk.spawn(host or self.scene.random.choice(self.scene.hosts))
        clock = SceneClock(self.scene, self.loop)
        life = Life(self.scene, process, clock, rates, first, self.patient, self.drives.append)
        context = contextvars.copy_context()
        context.run(ACTIVE.set, process)
        task = self.loop.create_task(self._whole(life), context=context)
        process.at_death = task.cancel
        self.tasks.append(task)
        return process

    async def _whole(self, life: Life) -> str:
        """A life, and the end of its process."""
        try:
            return await life.live()
        finally:
            life.process.at_death = lambda: None
            life.process.die()

    def _end_of(self, task: asyncio.Task[str]) -> str:
        """How a driver ended; anything but its own word, its death or its store's refusal is a violation."""
        if task.cancelled():
            return "dead"
        error = task.exception()
        if error is None:
            return task.result()
        if isinstance(error, Crashed):
            return "dead"
        self.scene.ledger.violated(promises.UNEXPLAINED, f"{type(error).__name__}: {error}")
        return "broken"

    def _clear_away(self) -> None:
        """Take dead tasks off the stage; whatever they still try to do, their processes are dead."""
        left = [task for task in asyncio.all_tasks(self.loop) if not task.done()]
        for task in left:
            task.cancel()
        if left:
            self.loop.be_patient_anew()
            with contextlib.suppress(Hangs):
                self.loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self.loop.close()

    # --- troubles -------------------------------------------------------------------------------------

    def _arrange(self, process: Process, trouble: Trouble) -> None:
        if trouble.kind in AT_OPERATION:
            process.plan[int(trouble.at)] = lambda: self._strike(process, trouble)
        elif trouble.kind == "failed sync":
            self.scene.count(trouble.kind)
            process.failing_syncs.add(int(trouble.at))
        elif trouble.kind == "full disk":
            self.scene.count(trouble.kind)
            self.scene.disk.room = int(trouble.at)
        else:
            self.loop.call_later(trouble.at, self._happen, process, trouble)

    def _strike(self, process: Process, trouble: Trouble) -> None:
        """Something happens in the middle of an operation of ``process``."""
        self.scene.say(f"{trouble.kind} at operation {process.operations} of process {process.pid}")
        self.scene.count(trouble.kind)
        match trouble.kind:
            case "crash":
                self.scene.tally.deaths += 1
                raise Crashed
            case "power cut":
                self.scene.tally.power_cuts += 1
                raise PowerGone
            case "input/output error":
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            case "too many files":
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            case "slow disk":
                self.loop.pass_time(self.scene.random.uniform(0.1, 300.0))
            case "standstill":
                self._stand_still(process)
            case _:
                self._knock(process)

    def _happen(self, process: Process, trouble: Trouble) -> None:
        """Something happens at a time."""
        if not process.alive:
            return
        self.scene.say(str(trouble))
        self.scene.count(trouble.kind)
        match trouble.kind:
            case "kill":
                self.scene.tally.deaths += 1
                process.die()
            case "stop":
                self._ask_to_stop()
                if self.scene.random.random() < 0.5:
                    self.loop.call_later(self.scene.random.choice((0.0, 1.0, 20.0)), self._ask_to_stop)
            case "held interpreter":
                # a tool's C code does not give way: nothing of this process runs, no heartbeat either
                process.held_until = self.loop.time() + self.scene.random.uniform(10.0, 1000.0)
                if process.host != self.scene.hosts[-1]:
                    self._enter(first=False, rates=Rates(), host=self.scene.hosts[-1])
            case "clock jump":
                self.scene.skew += self.scene.random.choice((-86400.0, -3600.0, -1.0, 1.0, 3600.0, 86400.0))
            case "lost lock":
                self._lose_lock()
                self._enter(first=False, rates=Rates())
            case _:
                self._enter(first=False, rates=Rates())

    def _stand_still(self, process: Process) -> None:
        """The machine stands still for longer than its lease holds; the other may take over meanwhile.

        Nothing else goes wrong with it then: that it never comes back from the middle of a commit is not
        covered where locks are not shared (docs/explanation/durability.md).
        """
        self.loop.pass_time(LEASE_S + CLOCKS_S)
        if len(self.scene.hosts) > 1:
            process.plan.clear()
            process.failing_syncs.clear()
            self.scene.disk.room = None
            self.scene.ledger.lock_was_lost = True
            self._let_other_take_over(process)

    def _let_other_take_over(self, process: Process) -> None:
        other = self.scene.disk.spawn(next(host for host in self.scene.hosts if host != process.host))
        life = Life(
            self.scene, other, SceneClock(self.scene, self.loop), Rates(), False, False, self.drives.append
        )
        with acting(other):
            life.take_over()

    def _ask_to_stop(self) -> None:
        if self.drives and self.scene.disk.processes[0].alive:
            self.drives[0].ask_to_stop()

    def _lose_lock(self) -> None:
        """Somebody removes the lease file."""
        folder = self.scene.disk.find(FOLDER)
        if isinstance(folder, Folder) and ".lease" in folder.entries:
            self.scene.ledger.lock_was_lost = True
            folder.change({".lease": None})

    def _knock(self, knocked: Process) -> None:
        """Another process of the same machine looks in, between two operations of the driver, and goes."""
        ledger = self.scene.ledger
        what = self.scene.random.choice(("lease", "list", "read", "delete", "create", "verify", "cleanup"))
        process = somebody(self.scene, knocked.host)
        store = FileStore(Path(HOME), command="another", clock=self.scene.now)
        with acting(process), contextlib.suppress(Blocked):
            found: Any = None
            match what:
                case "lease":
                    found = store.lease(SESSION, now=self.scene.now())
                    if isinstance(found, Success):
                        store.release(found.unwrap())
                case "delete" if ledger.is_driven:
                    found = store.delete(SESSION, force=True)
                case "create":
                    store.create(OTHER)
                case "verify":
                    look(self.scene, process)
                case "cleanup" if ledger.is_driven:
                    clean_up(self.scene, process)
                case "read":
                    store.read(SESSION)
                case _:
                    run_through(self.scene, process)
            self.scene.count(f"{what} meanwhile" if ledger.is_driven else what)
            if process.troubled:
                self.scene.count("too many files, looking")
            process.plan.clear()
            if ledger.is_driven and found is not None and not isinstance(found, Failure):
                ledger.violated(promises.TWO_DRIVERS, f"another process could {what} a driven session")
            if isinstance(found, Failure) and isinstance(found.failure(), Held):
                assert store.holder(SESSION) is not None, "held, and by nobody"
        process.die()
