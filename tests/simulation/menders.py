"""Who looks at a session and puts it right: ``verify``, ``repair`` and ``cleanup``, without talk."""

from __future__ import annotations

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


def store_of(scene: Scene) -> FileStore:
    """The store, for whoever mends."""
    return FileStore(Path(HOME), command="mending", clock=scene.now)


def look(scene: Scene) -> None:
    """``verify``, at any moment: a journal is whole, however its driver died or whatever it just does."""
    try:
        seen = verify_session(store_of(scene), SESSION)
    except StoreFailed as failed:
        if not isinstance(failed.error, NotFound):
            scene.ledger.violated(promises.FALSE_ALARM, f"{failed.error}")
        return
    for one in seen.findings:
        if one.view is None and one.damage:
            scene.ledger.violated(promises.FALSE_ALARM, f"{one}")


def clean_up(scene: Scene) -> None:
    """``cleanup`` of everything, while the session is driven."""
    gone = delete_all(store_of(scene), store_of(scene).list()).session_ids
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
                process.plan[random.randint(1, 80)] = partial(self._end, process)
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

    def _end(self, process: Process) -> None:
        end = self.scene.random.choice((Crashed, PowerGone))
        self.scene.say(f"{end.__name__} in operation {process.operations} of a repair")
        raise end

    def _repair(self, process: Process) -> bool:
        app: Any = SimpleNamespace(clock=self.scene)
        try:
            repair_session(app, store_of(self.scene), SESSION, self)
        except Crashed:
            return False
        except StoreFailed as failed:
            process.die()
            if not isinstance(failed.error, Held) or self.scene.loop is None:
                raise
            self.scene.loop.pass_time(LEASE_S + CLOCKS_S)  # on another machine, as far as is known
            return False
        process.die()
        return True
