"""A disk in memory that goes wrong the way disks do.

The fault model. What is not written here, no simulation shows.

*The end of a process* (kill -9) takes its descriptors and locks with it and nothing else: all that was
written stays readable. A process may end before any operation, and in the middle of a write, of which any
beginning may then have arrived.

*A power cut* ends every process and takes back what was not synced:

- The data of a file stays as of its last sync. Of what was written or cut since, in order, there may be:
  nothing; everything; a beginning, whose last write may be cut anywhere, preferably at a multiple of 512
  bytes; or a beginning up to such a multiple with zeros after it, up to the length that the file had.
- The entries of a folder stay as of its last sync. Of the creations, removals and renames since, a
  beginning may have happened, in order, folder by folder. Syncing a file does not sync its entry.
- Between different files and folders nothing is ordered.

*A full disk* takes a part of a write and refuses the rest with ENOSPC; new files and folders need room too.
*A failing disk* answers any one operation but ``close`` with EIO. *A failing sync* answers EIO; what it
should have brought to the disk is either still waiting to be written, or given up by the kernel without
another word: it stays readable until the power goes, and no later sync brings it back. *A slow disk* lets
minutes pass in an operation. *Bits flip* in files at rest. *A lock is lost* when somebody removes or
replaces the file that it is on. *Too many files are open*: whatever opens one is refused with EMFILE.

*A folder without shared locks*: two machines see each other's writes at once, and none of each other's locks.
A machine may stand still in any operation for longer than a lease holds, while the other takes over.

Not modelled: power that goes in the middle of a sector; sectors of one append that arrive out of order; a
sync that lies; symbolic links; permissions; a write of a living process that another one sees half of; a
file system that is put back to an earlier day.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

SECTOR: Final = 512
"""Bytes that a disk writes whole or not at all."""

INODE_COST: Final = 64
"""Room that a new file or folder takes on a disk that may run full, in bytes."""


class Crashed(BaseException):
    """The simulated process is dead. Not an Exception, since no code of a dead process gets to see it."""


class PowerGone(Crashed):
    """The power is gone, and every process with it."""


@dataclass(eq=False, slots=True)
class File:
    """A file: ``data`` as every process sees it, ``durable`` as it would be found after a power cut, and what
    happened in between: ``(offset, bytes)`` for a write and ``(length, None)`` for a cut."""

    number: int
    data: bytearray = field(default_factory=bytearray)
    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)
    locks: dict[Handle, int] = field(default_factory=dict)

    def change(self, offset: int, written: bytes | None) -> None:
        """Write at ``offset``, or cut (or lengthen) to ``offset`` bytes."""
        _apply(self.data, offset, written)
        self.pending.append((offset, written))

    def sync(self) -> None:
        """All that is waiting to be written is on the disk."""
        for offset, written in self.pending:
            _apply(self.durable, offset, written)
        self.pending.clear()

    def lose_power(self, random: Random) -> None:
        """What the next boot finds, by the rules above."""
        match random.choice(("nothing", "everything", "beginning", "beginning", "zeros")):
            case "everything":
                self.sync()
            case "beginning":
                self._keep_beginning(random)
            case "zeros":
                length = len(self.data)
                self._keep_beginning(random)
                if len(self.durable) < length:
                    self.durable.extend(bytes(length - len(self.durable)))
            case _:
                pass
        self.pending.clear()
        self.data = bytearray(self.durable)

    def _keep_beginning(self, random: Random) -> None:
        if not self.pending:
            return
        whole = random.randrange(len(self.pending))
        for offset, written in self.pending[:whole]:
            _apply(self.durable, offset, written)
        offset, written = self.pending[whole]
        if written is not None:
            _apply(self.durable, offset, written[: _tear(random, offset, len(written))])


@dataclass(eq=False, slots=True)
class Folder:
    """A folder: its entries as every process sees them, as of the last sync, and the changes in between, each
    a few entries that change together (None: the entry goes)."""

    number: int
    entries: dict[str, File | Folder] = field(default_factory=dict)
    durable: dict[str, File | Folder] = field(default_factory=dict)
    pending: list[dict[str, File | Folder | None]] = field(default_factory=list)
    locks: dict[Handle, int] = field(default_factory=dict)
    removed: bool = False

    def change(self, entries: dict[str, File | Folder | None]) -> None:
        """Change some entries in one step."""
        _enter(self.entries, entries)
        self.pending.append(entries)

    def sync(self) -> None:
        """All changes of entries are on the disk."""
        self.durable = dict(self.entries)
        self.pending.clear()

    def lose_power(self, random: Random) -> None:
        """What the next boot finds in this folder and below it."""
        happened = random.choice((0, len(self.pending), random.randint(0, len(self.pending))))
        for change in self.pending[:happened]:
            _enter(self.durable, change)
        self.pending.clear()
        self.entries = dict(self.durable)
        for node in self.entries.values():
            node.lose_power(random)


Node = File | Folder


@dataclass(eq=False, slots=True)
class Handle:
    """An open file or folder of one process."""

    node: Node
    flags: int
    host: str = ""
    position: int = 0


@dataclass(eq=False, slots=True)
class Process:
    """A simulated process. ``plan`` says what happens at which of its operations, counted from 1, and
    ``failing_syncs`` which of its syncs fail; ``troubled`` whether the disk has refused it anything;
    ``held_until`` the loop's time until which none of its code runs."""

    pid: int
    host: str = "here"
    alive: bool = True
    operations: int = 0
    syncs: int = 0
    descriptors: dict[int, Handle] = field(default_factory=dict)
    plan: dict[int, Callable[[], None]] = field(default_factory=dict)
    failing_syncs: set[int] = field(default_factory=set)
    troubled: bool = False
    held_until: float = 0.0
    at_death: Callable[[], object] = lambda: None

    def die(self) -> None:
        """The kernel closes what was open, and with it go the locks."""
        if self.alive:
            self.alive = False
            self.at_death()
        for handle in self.descriptors.values():
            handle.node.locks.pop(handle, None)
        self.descriptors.clear()


class Disk:
    """One file system and the processes that use it.

    ``room`` is what is left on it in bytes, None for as much as anybody wants; ``shares_locks`` is whether
    the machines that use it see each other's locks.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.room: int | None = None
        self.shares_locks = True
        self.processes: list[Process] = []
        self._numbers = iter(range(2, 1 << 60))
        self.root = Folder(1)

    def spawn(self, host: str = "here") -> Process:
        """A new process on a machine."""
        process = Process(1000 + len(self.processes), host)
        self.processes.append(process)
        return process

    def cut_power(self) -> None:
        """Every process ends, and what was not synced is lost, more or less."""
        for process in self.processes:
            process.die()
        self.root.lose_power(self.random)

    def number(self) -> int:
        """A number that was never given before."""
        return next(self._numbers)

    # --- what the operations are made of --------------------------------------------------------------

    def new_file(self) -> File:
        """A file that no folder names yet. OSError when the disk is full."""
        self._take(INODE_COST)
        return File(self.number())

    def new_folder(self) -> Folder:
        """A folder that no other names yet. OSError when the disk is full."""
        self._take(INODE_COST)
        return Folder(self.number())

    def write(self, file: File, offset: int, data: bytes) -> int:
        """Write what there is room for, and say how many bytes that was. OSError when it is none."""
        growth = max(0, offset + len(data) - len(file.data))
        if self.room is not None and growth > self.room:
            fitting = len(data) - (growth - self.room)
            if fitting <= 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            data, growth = data[:fitting], self.room
        self._take(growth)
        file.change(offset, data)
        return len(data)

    def cut(self, file: File, length: int) -> None:
        """Make a file ``length`` bytes long."""
        self._take(length - len(file.data))
        file.change(length, None)

    def forget(self, node: Node | None) -> None:
        """A node lost its last name: its room is free again."""
        if node is not None:
            self._take(-INODE_COST - (len(node.data) if isinstance(node, File) else 0))

    def _take(self, bytes_wanted: int) -> None:
        if self.room is None:
            return
        if bytes_wanted > self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.room -= bytes_wanted

    # --- what people and tests do to a disk at rest ----------------------------------------------------

    def find(self, path: str) -> Node | None:
        """The file or folder at an absolute path, if there is one."""
        node: Node = self.root
        for name in path.strip("/").split("/"):
            if not isinstance(node, Folder) or name not in node.entries:
                return None
            node = node.entries[name]
        return node

    def files(self, path: str) -> Iterator[tuple[str, File]]:
        """Every file below a folder, with its path, in order of names."""
        folder = self.find(path)
        if not isinstance(folder, Folder):
            return
        for name, node in sorted(folder.entries.items()):
            if isinstance(node, File):
                yield f"{path}/{name}", node
            else:
                yield from self.files(f"{path}/{name}")

    def edit(self, path: str, data: bytes) -> None:
        """A person saves a file with an editor that syncs it and its entry."""
        folder, name = self.find(path.rpartition("/")[0]), path.rpartition("/")[2]
        assert isinstance(folder, Folder)
        file = File(self.number(), bytearray(data), bytearray(data))
        folder.change({name: file})
        folder.sync()


def _apply(data: bytearray, offset: int, written: bytes | None) -> None:
    if written is None:
        del data[offset:]
        data.extend(bytes(offset - len(data)))
        return
    data.extend(bytes(max(0, offset - len(data))))
    data[offset : offset + len(written)] = written


def _enter(entries: dict[str, Node], change: dict[str, Node | None]) -> None:
    for name, node in change.items():
        if node is None:
            entries.pop(name, None)
        else:
            entries[name] = node


def _tear(random: Random, offset: int, length: int) -> int:
    """How many bytes of a write arrive: up to a sector's end, most of the time, or any number."""
    ends = [end - offset for end in range(offset + SECTOR - offset % SECTOR, offset + length, SECTOR)]
    if ends and random.random() < 0.7:
        return random.choice(ends)
    return random.randrange(length + 1) if length else 0
