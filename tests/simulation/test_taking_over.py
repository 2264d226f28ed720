"""A session that is taken over from a process that died while it was being named survives a power cut."""

from __future__ import annotations

from pathlib import Path
from random import Random

from returns.result import Success

from durable_shell.store.files.store import FileStore
from tests.simulation.disk import Crashed, Disk
from tests.simulation.scene import HOME, SESSION
from tests.simulation.system import acting, simulated

OPERATIONS = 120
"""More operations of the disk than a session takes to be made, committed to and named."""


def test_a_session_taken_over_before_its_name_was_synced_is_there_after_a_power_cut() -> None:
    taken_over = 0
    for at in range(1, OPERATIONS):
        for seed in range(6):  # each spares other things that were not synced
            taken_over += _taken_over_and_cut(at, seed)
    assert taken_over > 0


def _taken_over_and_cut(at: int, seed: int) -> bool:
    """Whether there was a session to take over when its maker had died at operation ``at``."""
    disk = Disk(Random(seed))
    root = Path(HOME)

    def die() -> None:
        raise Crashed

    with simulated(disk):
        disk.root.change({"home": disk.new_folder()})
        disk.root.sync()
        maker = disk.spawn()
        maker.plan[at] = die
        with acting(maker):
            try:
                store = FileStore(root)
                store.create(SESSION).unwrap()
                store.append(store.lease(SESSION, now=1.0).unwrap(), 0, 1.0, [{"n": 1}]).unwrap()
            except Crashed:
                pass
        maker.die()
        with acting(disk.spawn()):
            store = FileStore(root)
            leased = store.lease(SESSION, now=2.0)
            if not isinstance(leased, Success):
                return False
            store.append(leased.unwrap(), 1, 2.0, [{"n": 2}]).unwrap()
        disk.cut_power()
        with acting(disk.spawn()):
            entries = FileStore(root).read(SESSION).unwrap()
        assert [entry.event for entry in entries] == [{"n": 1}, {"n": 2}], (at, seed)
    return True
