"""Who looks at a session and puts it right: ``verify``, ``repair`` and ``cleanup``, without talk.

Whoever does may find too many files open, at one moment, and must not take that for what is in the files.
"""

from __future__ import annotations

import errno
import os
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from durable_core.journal.examination import Examination
from durable_core.journal.leases import CLOCKS_S, LEASE_S
from durable_shell.errors import StoreFailed
from durable_shell.operations.cleanup import delete_all
from durable_shell.operations.repair import repair_session
from durable_shell.operations.verify import verify_session
from durable_shell.store.files.store import FileStore
from durable_shell.store.port import Held, NotFound
from tests.simulation import ledger as promises
from tests.simulation.disk import Crashed, PowerGone, Process
from tests.simulation.scene import FOLDER, HOME, SESSION, Scene
from tests.simulation.system import acting

_PAID: Final = ("unit_completed/", "gate_answered/", "artifact_written/", "answer_rejected/")


SHORTAGES: Final = 0.3
"""Share of those who look that find too many files open at one moment."""


HINDRANCES: Final = ("crash", "power cut", "too many files")
"""What a repair may meet with."""


LONGEST: Final = 400
"""Operations of the disk within which most repairs come to their end."""


def store_of(scene: Scene) -> FileStore:
    """The store, for whoever mends."""
    return FileStore(Path(HOME), command="mending", clock=scene.now)


def somebody(scene: Scene, host: str = "here") -> Process:
    """A process that comes to look, and may find too many files open once."""
    process = scene.disk.spawn(host)
    if scene.random.random() < SHORTAGES:
        process.plan[scene.random.randint(1, 40)] = too_many_files
    return process


def too_many_files() -> None:
    """No more files can be opened."""
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def look(scene: Scene, process: Process) -> None:
    """``verify``, at any moment: a journal is whole, however its driver died or whatever it just does."""
    try:
        seen = verify_session(store_of(scene), SESSION)
    except StoreFailed as failed:
        if not isinstance(failed.error, NotFound) and not process.troubled:
            scene.ledger.violated(promises.FALSE_ALARM, f"{failed.error}")
        return
    for one in seen.findings:
        if one.view is None and one.damage:
            scene.ledger.violated(promises.FALSE_ALARM, f"{one}")


def run_through(scene: Scene, process: Process) -> None:
    """``sessions list``: what is listed while too many files are open is what is listed otherwise."""
    try:
        listed = store_of(scene).list()
    except OSError:
        if not process.troubled:
            raise
        return
    process.plan.clear()
    if process.troubled and listed != (otherwise := store_of(scene).list()):
        scene.ledger.violated(promises.FALSE_ALARM, f"{listed} is listed, and not {otherwise}")


def clean_up(scene: Scene, process: Process) -> None:
    """``cleanup`` of everything, while the session is driven."""
    try:
        gone = delete_all(store_of(scene), store_of(scene).list()).session_ids
    except OSError:
        if not process.troubled:
            raise
        return
    if SESSION in gone:
        scene.ledger.violated(promises.UNIT_LOST, "a driven session was cleaned up")


class Mender:
    """A person who repairs. Implements ``durable_shell.operations.repair.RepairConsent``."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.kept: int | None = None

    def mend(self) -> None:
        """Try until the session is whole, whatever ends the process on the way."""
        random = self.scene.random
        for tries in range(20):
            process = self.scene.disk.spawn()
            if tries == 0 and random.random() < 0.5:
                how = random.choice(HINDRANCES)
                process.plan[random.randint(1, LONGEST)] = partial(self._strike, process, how)
            with acting(process):
                if self._repair(process):
                    return
        self.scene.ledger.violated(promises.UNRESUMABLE, "a repair never came to its end")

    def agrees(self, seen: Examination) -> bool:
        """Is what is lost all that the person is told? Once told, they agree."""
        if self.kept is None:
            self.kept = len(seen.events)
            gone = self.scene.ledger.events[self.kept :]
            paid = {event["unit"] for event in gone if event["type"].startswith(_PAID)}
            unnamed = paid - set(seen.lost.units)
            # one line that can't be read may be two that have grown into one
            uncounted = unnamed and not seen.lost.unreadable + seen.lost.missing
            if uncounted or (paid and not seen.loses_work):
                self.scene.ledger.violated(promises.UNTOLD, f"{sorted(unnamed)} are not in {seen.lost}")
        return not seen.hopeless

    def journal_cut(self, events: int, kept: str) -> None:
        """The damaged journal is kept."""
        if self.scene.disk.find(f"{FOLDER}/{kept}") is None:
            self.scene.ledger.violated(promises.UNTOLD, f"{kept} is not there")

    def _strike(self, process: Process, how: str) -> None:
        self.scene.say(f"{how} at operation {process.operations} of a repair")
        self.scene.count(f"{how}, repairing")
        match how:
            case "crash":
                raise Crashed
            case "power cut":
                raise PowerGone
            case _:
                too_many_files()

    def _repair(self, process: Process) -> bool:
        app: Any = SimpleNamespace(clock=self.scene)
        try:
            repair_session(app, store_of(self.scene), SESSION, self)
        except Crashed:
            return False
        except StoreFailed as failed:
            process.die()
            if process.troubled:
                return False
            if not isinstance(failed.error, Held) or self.scene.loop is None:
                raise
            self.scene.loop.pass_time(LEASE_S + CLOCKS_S)  # on another machine, as far as is known
            return False
        process.die()
        return True
