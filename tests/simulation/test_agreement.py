"""The simulated disk behaves like a real one, as long as nothing goes wrong: one machine drives both.

Every operation that the store uses is made on a ``Disk`` and in a temporary folder, and has the same
outcome: the same value, or the same kind of error. Two descriptors of one process stand for two processes
where locks are concerned, as ``flock`` locks belong to open files.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from random import Random
from typing import Any, Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.simulation.disk import Disk
from tests.simulation.system import SimFcntl, SimOs, acting
from tests.support.night import at_night

NAMES: Final = ("a", "b", "sub")
FLAGS: Final = {
    "read": os.O_RDONLY,
    "append": os.O_RDWR | os.O_APPEND,
    "create": os.O_RDWR | os.O_CREAT,
    "create new": os.O_WRONLY | os.O_CREAT | os.O_EXCL,
    "create empty": os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
    "folder": os.O_RDONLY | os.O_DIRECTORY,
}

names = st.sampled_from(NAMES)
slots = st.integers(0, 2)


class TwoDisks(RuleBasedStateMachine):
    """A simulated disk and a real folder, side by side. Slots hold pairs of descriptors."""

    @initialize()
    def set_up(self) -> None:
        """Two empty folders."""
        self.disk = Disk(Random(0))
        self.process = self.disk.spawn()
        self.system = SimOs(self.disk)
        self.locks = SimFcntl(self.system)
        self.real = tempfile.mkdtemp()
        with acting(self.process):
            self.system.mkdir("/top")
            self.folders = (
                self.system.open("/top", os.O_RDONLY | os.O_DIRECTORY),
                os.open(self.real, os.O_RDONLY | os.O_DIRECTORY),
            )
        self.open: dict[int, tuple[int, int]] = {}

    def both(self, simulated: Callable[[], Any], real: Callable[[], Any]) -> tuple[Any, Any]:
        """Do it on both; the outcomes must agree in kind. Gives both values."""
        with acting(self.process):
            mine, theirs = _outcome(simulated), _outcome(real)
        assert isinstance(mine, OSError) == isinstance(theirs, OSError), (mine, theirs)
        if isinstance(mine, OSError):
            assert mine.errno == theirs.errno
        return mine, theirs

    def same(self, simulated: Callable[[], Any], real: Callable[[], Any]) -> None:
        """Do it on both; the values must be equal."""
        mine, theirs = self.both(simulated, real)
        assert isinstance(mine, OSError) or mine == theirs

    # --- names ----------------------------------------------------------------------------------------

    @rule(slot=slots, name=names, how=st.sampled_from(sorted(FLAGS)))
    def open_something(self, slot: int, name: str, how: str) -> None:
        """Open, in any of the ways that the store does."""
        self.close(slot)
        mine, theirs = self.both(
            lambda: self.system.open(name, FLAGS[how], 0o600, dir_fd=self.folders[0]),
            lambda: os.open(name, FLAGS[how], 0o600, dir_fd=self.folders[1]),
        )
        if not isinstance(mine, OSError):
            self.open[slot] = (mine, theirs)

    @rule(name=names)
    def mkdir(self, name: str) -> None:
        """Make a folder."""
        self.same(
            lambda: self.system.mkdir(name, 0o700, dir_fd=self.folders[0]),
            lambda: os.mkdir(name, 0o700, dir_fd=self.folders[1]),
        )

    @rule(name=names)
    def mkdir_inside(self, name: str) -> None:
        """Make a folder in a folder, which then can't be removed."""
        self.same(lambda: self.system.mkdir(f"/top/sub/{name}"), lambda: os.mkdir(f"{self.real}/sub/{name}"))

    @rule(name=names)
    def rmdir(self, name: str) -> None:
        """Remove a folder."""
        self.same(
            lambda: self.system.rmdir(name, dir_fd=self.folders[0]),
            lambda: os.rmdir(name, dir_fd=self.folders[1]),
        )

    @rule(name=names)
    def unlink(self, name: str) -> None:
        """Remove a file; it stays readable where it is open."""
        self.same(
            lambda: self.system.unlink(name, dir_fd=self.folders[0]),
            lambda: os.unlink(name, dir_fd=self.folders[1]),
        )

    @rule(source=names, new=names)
    def rename(self, source: str, new: str) -> None:
        """Rename over whatever is there."""
        self.same(
            lambda: self.system.rename(source, new, src_dir_fd=self.folders[0], dst_dir_fd=self.folders[0]),
            lambda: os.rename(source, new, src_dir_fd=self.folders[1], dst_dir_fd=self.folders[1]),
        )

    @rule(name=names)
    def stat_name(self, name: str) -> None:
        """Look at what a name stands for."""
        self.same(
            lambda: _seen(self.system.stat(name, dir_fd=self.folders[0], follow_symlinks=False)),
            lambda: _seen(os.stat(name, dir_fd=self.folders[1], follow_symlinks=False)),
        )

    @rule(slot=slots, name=names)
    def is_in_place(self, slot: int, name: str) -> None:
        """Whether an open file still is the one of a name."""
        if slot not in self.open:
            return
        mine, theirs = self.open[slot]
        self.same(
            lambda: os.path.samestat(self.system.stat(name, dir_fd=self.folders[0]), self.system.fstat(mine)),
            lambda: os.path.samestat(os.stat(name, dir_fd=self.folders[1]), os.fstat(theirs)),
        )

    # --- descriptors ----------------------------------------------------------------------------------

    @rule(slot=slots, data=st.binary(max_size=20))
    def write(self, slot: int, data: bytes) -> None:
        """Write at the position, or at the end."""
        self.on(
            slot,
            lambda descriptor: self.system.write(descriptor, data),
            lambda descriptor: os.write(descriptor, data),
        )

    @rule(slot=slots, offset=st.integers(0, 30))
    def lseek(self, slot: int, offset: int) -> None:
        """Set the position."""
        self.on(
            slot,
            lambda descriptor: self.system.lseek(descriptor, offset, os.SEEK_SET),
            lambda descriptor: os.lseek(descriptor, offset, os.SEEK_SET),
        )

    @rule(slot=slots, length=st.integers(0, 30))
    def ftruncate(self, slot: int, length: int) -> None:
        """Cut, or lengthen with zeros."""
        self.on(
            slot,
            lambda descriptor: self.system.ftruncate(descriptor, length),
            lambda descriptor: os.ftruncate(descriptor, length),
        )

    @rule(slot=slots, operation=st.sampled_from([fcntl.LOCK_SH, fcntl.LOCK_EX, fcntl.LOCK_UN]))
    def flock(self, slot: int, operation: int) -> None:
        """Lock without waiting, unlock."""
        self.on(
            slot,
            lambda descriptor: self.locks.flock(descriptor, operation | fcntl.LOCK_NB),
            lambda descriptor: fcntl.flock(descriptor, operation | fcntl.LOCK_NB),
        )

    @rule(slot=slots)
    def sync(self, slot: int) -> None:
        """Bring it to the disk."""
        self.on(slot, self.system.fsync, os.fsync)

    @rule(slot=slots)
    def close(self, slot: int) -> None:
        """Close; locks go with it."""
        self.on(slot, self.system.close, os.close)
        self.open.pop(slot, None)

    def on(self, slot: int, simulated: Callable[[int], Any], real: Callable[[int], Any]) -> None:
        """The same on both descriptors of a slot, if it is open."""
        if slot in self.open:
            mine, theirs = self.open[slot]
            self.same(lambda: simulated(mine), lambda: real(theirs))

    # --- what must always hold ------------------------------------------------------------------------

    @invariant()
    def the_folders_agree(self) -> None:
        """The same names, and the same bytes in the same files."""
        if not hasattr(self, "folders"):
            return
        self.same(lambda: self.system.listdir(self.folders[0]), lambda: sorted(os.listdir(self.folders[1])))
        with acting(self.process):
            for name in self.system.listdir(self.folders[0]):
                if os.path.isfile(f"{self.real}/{name}"):
                    mine = self.system.open(name, os.O_RDONLY, dir_fd=self.folders[0])
                    with open(f"{self.real}/{name}", "rb") as theirs:
                        assert self.system.pread(mine, 1000, 0) == theirs.read()
                    self.system.close(mine)

    def teardown(self) -> None:
        """Close and remove the real things."""
        if hasattr(self, "folders"):
            for _, theirs in self.open.values():
                os.close(theirs)
            os.close(self.folders[1])
            shutil.rmtree(self.real)


def _outcome(do: Callable[[], Any]) -> Any:
    try:
        return do()
    except OSError as error:
        return error


def _seen(stat: os.stat_result) -> tuple[int, int]:
    """What the store looks at: the kind of thing, and a file's length."""
    is_file = stat.st_mode & 0o170000 == 0o100000
    return stat.st_mode & 0o170000, stat.st_size if is_file else 0


TestTheSimulatedDiskAgreesWithARealFolder = TwoDisks.TestCase
TestTheSimulatedDiskAgreesWithARealFolder.settings = settings(
    max_examples=at_night(60, 500), stateful_step_count=at_night(40, 80), deadline=None
)
