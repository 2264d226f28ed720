"""The part of ``os`` and ``fcntl`` that the store uses, on a simulated disk.

While ``simulated(disk)`` is in force, the modules of the store find ``SimOs`` and ``SimFcntl`` under the
names ``os`` and ``fcntl``, so that the unmodified code of the real store runs on a ``Disk``. The process
that calls is the one in ``ACTIVE``; tasks and callbacks of an event loop inherit it. Each operation is one
step of its process and a place where the process may end or the disk may fail. Asking for something that is
not offered here is an AttributeError: nothing is ever done to a real file.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl as real_fcntl
import importlib
import os as real_os
import pkgutil
import posixpath
import stat
import sys
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import partial
from itertools import count
from types import SimpleNamespace
from typing import Any, Final, NoReturn
from unittest import mock

import durable_shell.store
from tests.simulation.disk import Crashed, Disk, File, Folder, Handle, Node, PowerGone, Process

ACTIVE: Final[ContextVar[Process]] = ContextVar("ACTIVE")
"""The process on whose behalf code runs."""

_PASSED_THROUGH: Final = ("strerror", "PathLike", "fspath", "fsencode", "fsdecode", "stat_result", "linesep")
_PURE_PATHS: Final = ("join", "abspath", "dirname", "basename", "samestat", "normpath", "split", "relpath")


_OPENING: Final = ("open", "dup", "scandir", "listdir")
"""What needs a new descriptor: only that finds too many files open."""


class Blocked(Crashed):
    """The process would wait for a lock; nobody is there to give it back, so it is given up here."""


class SimOs:
    """``os`` for simulated processes."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self.path = SimpleNamespace(
            **{name: getattr(posixpath, name) for name in _PURE_PATHS},
            islink=lambda path: False,
            isfile=lambda path: isinstance(self._found(path), File),
            isdir=lambda path: isinstance(self._found(path), Folder),
            lexists=lambda path: self._found(path) is not None,
            exists=lambda path: self._found(path) is not None,
        )

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("O_", "SEEK_")) or name in _PASSED_THROUGH:
            return getattr(real_os, name)
        raise AttributeError(
            f"the simulated system has no os.{name}: teach it, in tests/simulation/system.py"
        )

    # --- descriptors ----------------------------------------------------------------------------------

    def open(self, path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        process = self.step("open")
        folder, name = self._parent(process, path, dir_fd)
        node = folder if name == "." else folder.entries.get(name)
        if node is None:
            if not flags & real_os.O_CREAT:
                raise _error(errno.ENOENT)
            if folder.removed:
                raise _error(errno.ENOENT)
            node = self._disk.new_file()
            folder.change({name: node})
        elif flags & real_os.O_CREAT and flags & real_os.O_EXCL:
            raise _error(errno.EEXIST)
        writes = flags & (real_os.O_WRONLY | real_os.O_RDWR | real_os.O_CREAT)
        if isinstance(node, Folder) and writes:
            raise _error(errno.EISDIR)
        if isinstance(node, File) and flags & real_os.O_DIRECTORY:
            raise _error(errno.ENOTDIR)
        if isinstance(node, File) and flags & real_os.O_TRUNC and node.data:
            self._disk.cut(node, 0)
        descriptor = next(number for number in range(3, 1 << 20) if number not in process.descriptors)
        process.descriptors[descriptor] = Handle(node, flags, process.host)
        return descriptor

    def close(self, descriptor: int) -> None:
        process = self.step("close")
        handle = self._handle(process, descriptor)
        handle.node.locks.pop(handle, None)
        del process.descriptors[descriptor]

    def dup(self, descriptor: int) -> int:
        process = self.step("dup")
        handle = self._handle(process, descriptor)
        copy = next(number for number in range(3, 1 << 20) if number not in process.descriptors)
        # with a position of its own, which no folder has, and nothing else is copied
        process.descriptors[copy] = Handle(handle.node, handle.flags, handle.host)
        return copy

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        process = _active()
        handle = self._handle(process, descriptor)
        file = handle.node
        if isinstance(file, Folder) or not _writable(handle):
            raise _error(errno.EBADF)
        data = bytes(data)

        def offset() -> int:
            return len(file.data) if handle.flags & real_os.O_APPEND else handle.position

        def cut_short() -> None:
            with contextlib.suppress(OSError):
                self._disk.write(file, offset(), data[: self._disk.random.randrange(len(data) + 1)])

        self.step("write", cut_short)
        if not data:  # nothing is written, so nothing is filled up to the position either
            return 0
        at = offset()  # only now: the process may have stood still while others wrote
        written = self._disk.write(file, at, data)
        handle.position = at + written
        return written

    def pread(self, descriptor: int, length: int, offset: int) -> bytes:
        process = self.step("pread")
        return bytes(_file(self._handle(process, descriptor)).data[offset : offset + length])

    def lseek(self, descriptor: int, offset: int, whence: int) -> int:
        assert whence == real_os.SEEK_SET, "only absolute positions are simulated"
        self._handle(_active(), descriptor).position = offset
        return offset

    def ftruncate(self, descriptor: int, length: int) -> None:
        process = self.step("ftruncate")
        handle = self._handle(process, descriptor)
        if isinstance(handle.node, Folder) or not _writable(handle):
            raise _error(errno.EINVAL)
        self._disk.cut(handle.node, length)

    def fsync(self, descriptor: int) -> None:
        process = self.step("fsync")
        node = self._handle(process, descriptor).node
        process.syncs += 1
        if process.syncs in process.failing_syncs:
            process.troubled = True
            if self._disk.random.random() < 0.5 and isinstance(node, File):
                node.pending.clear()
            raise _error(errno.EIO)
        node.sync()

    def fdatasync(self, descriptor: int) -> None:
        self.fsync(descriptor)

    def fstat(self, descriptor: int) -> real_os.stat_result:
        process = self.step("fstat")
        return _stat(self._handle(process, descriptor).node)

    # --- names ----------------------------------------------------------------------------------------

    def stat(self, path: str, *, dir_fd: int | None = None, follow_symlinks: bool = True) -> Any:
        process = self.step("stat")
        folder, name = self._parent(process, path, dir_fd)
        return _stat(_entry(folder, name))

    def mkdir(self, path: str, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
        process = self.step("mkdir")
        folder, name = self._parent(process, path, dir_fd)
        if name in folder.entries:
            raise _error(errno.EEXIST)
        if folder.removed:
            raise _error(errno.ENOENT)
        folder.change({name: self._disk.new_folder()})

    def rmdir(self, path: str, *, dir_fd: int | None = None) -> None:
        process = self.step("rmdir")
        folder, name = self._parent(process, path, dir_fd)
        node = _entry(folder, name)
        if isinstance(node, File):
            raise _error(errno.ENOTDIR)
        if node.entries:
            raise _error(errno.ENOTEMPTY)
        node.removed = True
        folder.change({name: None})
        self._disk.forget(node)

    def unlink(self, path: str, *, dir_fd: int | None = None) -> None:
        process = self.step("unlink")
        folder, name = self._parent(process, path, dir_fd)
        node = _entry(folder, name)
        if isinstance(node, Folder):
            raise _error(errno.EISDIR)
        folder.change({name: None})
        if node not in folder.entries.values():  # else it has another name still
            self._disk.forget(node)

    def link(
        self,
        source: str,
        target: str,
        *,
        src_dir_fd: int | None = None,
        dst_dir_fd: int | None = None,
        follow_symlinks: bool = True,
    ) -> None:
        process = self.step("link")
        folder, name = self._parent(process, source, src_dir_fd)
        other, new_name = self._parent(process, target, dst_dir_fd)
        if new_name in other.entries:
            raise _error(errno.EEXIST)
        other.change({new_name: _entry(folder, name)})

    def rename(
        self, source: str, target: str, *, src_dir_fd: int | None = None, dst_dir_fd: int | None = None
    ) -> None:
        process = self.step("rename")
        folder, name = self._parent(process, source, src_dir_fd)
        other, new_name = self._parent(process, target, dst_dir_fd)
        assert folder is other, "only renames within one folder are simulated"
        node, there = _entry(folder, name), folder.entries.get(new_name)
        if node is there:
            return
        if isinstance(there, Folder) and isinstance(node, File):
            raise _error(errno.EISDIR)
        if isinstance(there, File) and isinstance(node, Folder):
            raise _error(errno.ENOTDIR)
        if isinstance(there, Folder):
            if there.entries:
                raise _error(errno.ENOTEMPTY)
            there.removed = True
        folder.change({name: None, new_name: node})
        self._disk.forget(there)

    replace = rename

    def listdir(self, place: str | int) -> list[str]:
        process = self.step("listdir")
        return sorted(self._folder(process, place).entries)

    @contextlib.contextmanager
    def scandir(self, place: str | int) -> Iterator[Iterator[Any]]:
        process = self.step("scandir")
        folder = self._folder(process, place)
        above = place if isinstance(place, str) else ""
        yield iter([_dir_entry(above, name, node) for name, node in sorted(folder.entries.items())])

    # --- the system -----------------------------------------------------------------------------------

    def getpid(self) -> int:
        return _active().pid

    def geteuid(self) -> int:
        return 0

    def urandom(self, length: int) -> bytes:
        return b"".join(self._disk.number().to_bytes(4, "big") for _ in range(0, length, 4))[:length]

    def uname(self) -> Any:
        return SimpleNamespace(nodename=_active().host)

    def step(self, what: str, on_death: Callable[[], None] | None = None) -> Process:
        """Count an operation of the active process, and let happen what is planned for it.

        ``on_death`` is what of the operation happens all the same when the process ends in it.
        """
        process = _active()
        process.operations += 1
        planned = process.plan.pop(process.operations, None)
        if planned is not None:
            try:
                planned()
            except OSError as error:
                # refused closings are not in the fault model
                if what == "close" or (error.errno == errno.EMFILE and what not in _OPENING):
                    later = next(n for n in count(process.operations + 1) if n not in process.plan)
                    process.plan[later] = partial(_raise, error)
                else:
                    process.troubled = True
                    raise
            except Crashed as end:
                if on_death is not None:
                    on_death()
                if isinstance(end, PowerGone):
                    self._disk.cut_power()
                process.die()
                raise
        if not process.alive:
            raise Crashed
        return process

    # --- inside ---------------------------------------------------------------------------------------

    def _handle(self, process: Process, descriptor: int) -> Handle:
        try:
            return process.descriptors[descriptor]
        except KeyError:
            raise _error(errno.EBADF) from None

    def _folder(self, process: Process, place: str | int) -> Folder:
        node = self._handle(process, place).node if isinstance(place, int) else self._walk(place)
        if isinstance(node, File):
            raise _error(errno.ENOTDIR)
        return node

    def _parent(self, process: Process, path: str, dir_fd: int | None) -> tuple[Folder, str]:
        """The folder that holds the entry that ``path`` names, and its name there."""
        above, _, name = str(path).rstrip("/").rpartition("/")
        if not name:
            return self._disk.root, "."
        if str(path).startswith("/"):
            return self._folder(process, above or "/"), name
        assert dir_fd is not None, "relative paths need a folder: there is no working directory here"
        assert not above, "the store opens one name at a time"
        return self._folder(process, dir_fd), name

    def _walk(self, path: str) -> Node:
        node: Node = self._disk.root
        for name in [part for part in path.split("/") if part]:
            if isinstance(node, File):
                raise _error(errno.ENOTDIR)
            node = _entry(node, name)
        return node

    def _found(self, path: str) -> Node | None:
        try:
            self.step("stat")
            return self._walk(str(path))
        except OSError:
            return None  # as os.path does


class SimFcntl:
    """``fcntl`` for simulated processes: ``flock`` alone."""

    LOCK_SH, LOCK_EX = real_fcntl.LOCK_SH, real_fcntl.LOCK_EX
    LOCK_NB, LOCK_UN = real_fcntl.LOCK_NB, real_fcntl.LOCK_UN

    def __init__(self, system: SimOs) -> None:
        self._system = system

    def flock(self, descriptor: int, operation: int) -> None:
        process = self._system.step("flock")
        handle = self._system._handle(process, descriptor)
        locks = handle.node.locks
        if operation & self.LOCK_UN:
            locks.pop(handle, None)
            return
        kind = operation & ~self.LOCK_NB
        others = [held for owner, held in locks.items() if owner is not handle and self._seen(owner, handle)]
        if others and (kind == self.LOCK_EX or self.LOCK_EX in others):
            if operation & self.LOCK_NB:
                raise _error(errno.EWOULDBLOCK)
            raise Blocked
        locks[handle] = kind

    def _seen(self, owner: Handle, handle: Handle) -> bool:
        return self._system._disk.shares_locks or owner.host == handle.host


@contextlib.contextmanager
def simulated(disk: Disk, sleep: Callable[[float], None] = lambda seconds: None) -> Iterator[SimOs]:
    """Put the store on ``disk``. ``sleep`` is what happens when its code waits."""
    system = SimOs(disk)
    time = SimpleNamespace(sleep=sleep, gmtime=lambda: None, strftime=lambda form, at: "20261129T000000Z")
    names = {"os": system, "fcntl": SimFcntl(system), "time": time}
    for module in pkgutil.walk_packages(durable_shell.store.__path__, "durable_shell.store."):
        importlib.import_module(module.name)
    lease = sys.modules["durable_shell.store.files.lease"]
    folders = sys.modules["durable_shell.store.files.folders"]
    disk_module = sys.modules["durable_shell.store.disk"]
    birth = sys.modules["durable_shell.store.files.birth"]
    with contextlib.ExitStack() as stack:
        for module_name, loaded in list(sys.modules.items()):
            if module_name.startswith("durable_shell.store."):
                for name, replacement in names.items():
                    if getattr(loaded, name, None) in (real_os, real_fcntl, sys.modules["time"]):
                        stack.enter_context(mock.patch.object(loaded, name, replacement))
        # The numbers of simulated descriptors must not reach the hook that closes real ones after a fork.
        stack.enter_context(mock.patch.object(lease, "_held_by_this_process", set()))
        stack.enter_context(mock.patch.object(lease, "process_start", lambda pid: pid * 100))
        stack.enter_context(mock.patch.object(disk_module, "_boot_id", _boot_of_the_active))
        stack.enter_context(mock.patch.object(birth, "_asked_of_linux", return_value=None))
        # shutil goes to the real os; this walks the same way, one operation at a time.
        stack.enter_context(
            mock.patch.object(
                folders, "_remove_tree", lambda name, within: _remove_tree(system, name, within)
            )
        )
        yield system


@contextlib.contextmanager
def acting(process: Process) -> Iterator[Process]:
    """Run code on behalf of ``process``."""
    token = ACTIVE.set(process)
    try:
        yield process
    finally:
        ACTIVE.reset(token)


def _boot_of_the_active() -> str:
    return f"boot of {_active().host}"


def _active() -> Process:
    process = ACTIVE.get()
    if not process.alive:
        raise Crashed
    return process


def _remove_tree(system: SimOs, name: str, within: int) -> None:
    """Remove what can be removed, as ``shutil.rmtree(..., ignore_errors=True)`` does."""
    with contextlib.suppress(OSError):
        folder = system.open(name, real_os.O_RDONLY | real_os.O_DIRECTORY, dir_fd=within)
        try:
            for entry in system.listdir(folder):
                if stat.S_ISDIR(system.stat(entry, dir_fd=folder).st_mode):
                    _remove_tree(system, entry, folder)
                else:
                    with contextlib.suppress(OSError):
                        system.unlink(entry, dir_fd=folder)
        finally:
            system.close(folder)
        system.rmdir(name, dir_fd=within)


def _entry(folder: Folder, name: str) -> Node:
    try:
        return folder.entries[name]
    except KeyError:
        raise _error(errno.ENOENT) from None


def _writable(handle: Handle) -> bool:
    return bool(handle.flags & (real_os.O_WRONLY | real_os.O_RDWR))


def _file(handle: Handle) -> File:
    if isinstance(handle.node, Folder):
        raise _error(errno.EISDIR)
    return handle.node


def _stat(node: Node) -> real_os.stat_result:
    is_file = isinstance(node, File)
    mode = stat.S_IFREG | 0o600 if is_file else stat.S_IFDIR | 0o700
    size = len(node.data) if isinstance(node, File) else 0
    return real_os.stat_result((mode, node.number, 1, 1, 0, 0, size, 0, 0, 0))


def _dir_entry(above: str, name: str, node: Node) -> Any:
    return SimpleNamespace(
        name=name,
        path=f"{above}/{name}",
        is_dir=lambda *, follow_symlinks=True: isinstance(node, Folder),
        is_file=lambda *, follow_symlinks=True: isinstance(node, File),
        is_symlink=lambda: False,
        stat=lambda *, follow_symlinks=True: _stat(node),
    )


def _raise(error: OSError) -> NoReturn:
    raise error


def _error(number: int) -> OSError:
    return OSError(number, real_os.strerror(number))
