"""The few ways in which files are touched where a crash, a full disk or a planted link must do no harm.

Everything inside a session folder is opened relative to the folder's own descriptor and without following
symbolic links, so no planted link can lead out of it. Files come into being with mode 0600 and folders with
0700; a umask can only take bits away from that.

A list of sessions goes through here, so this module imports nothing that is slow to load.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from functools import cache

from durable_core.journal.leases import Host

_BOOT_ID = "/proc/sys/kernel/random/boot_id"

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: a named pipe in the place of a file must not make us wait for its writer.
_FILE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK

_WORDS = {
    errno.ENOSPC: "no space left on the disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would become larger than is allowed",
    errno.EACCES: "permission denied",
    errno.EPERM: "operation not permitted",
    errno.EROFS: "the file system is read-only",
    errno.EIO: "the disk reported an input/output error",
    errno.EMFILE: "this process has too many open files",
    errno.ENFILE: "the system has too many open files",
    errno.ELOOP: "a symbolic link stands there; links are not followed",
    errno.ENOENT: "no such file or folder",
    errno.ENOTDIR: "a part of the path is not a folder",
    errno.EISDIR: "a folder stands where a file should be",
    errno.EEXIST: "it exists already",
    errno.ENOLCK: "the file system cannot lock files",
    errno.ENAMETOOLONG: "a file name is too long",
}


def in_words(error: OSError) -> str:
    """What went wrong, for a person."""
    if error.errno is None:
        return str(error)
    return _WORDS.get(error.errno, os.strerror(error.errno).lower())


def is_shortage(error: OSError) -> bool:
    """Whether nothing is wrong with the file: this process, or the system, has too many others open."""
    return error.errno in (errno.EMFILE, errno.ENFILE)


def shortage_behind(error: BaseException) -> bool:
    """Whether an exception, or one that it was raised for, is a shortage."""
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:
        if isinstance(link, OSError) and is_shortage(link):
            return True
        seen.add(id(link))
        link = link.__cause__ or link.__context__
    return False


def open_folder(name: str, within: int | None = None) -> int:
    """A descriptor of a real folder. OSError if it is missing, a link, or not a folder."""
    return os.open(name, _FOLDER, dir_fd=within)


def make_folder(name: str, within: int | None = None) -> None:
    """Make a folder that only its owner may enter; do nothing if it is there. OSError as ``os.mkdir``."""
    try:
        os.mkdir(name, 0o700, dir_fd=within)
    except FileExistsError:
        if not stat.S_ISDIR(os.stat(name, dir_fd=within, follow_symlinks=False).st_mode):
            raise


class StandInError(OSError):
    """Something else stands where a file should be: a link, a folder, a pipe, a device."""


def open_file(name: str, flags: int, within: int | None = None) -> int:
    """A descriptor of a regular file, created with mode 0600 if ``flags`` say so.

    StandInError if something else has that name, another OSError for whatever else is in the way.
    """
    try:
        descriptor = os.open(name, flags | _FILE, 0o600, dir_fd=within)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EISDIR):
            raise StandInError(error.errno, error.strerror, name) from None
        if error.errno == errno.ENXIO:  # a pipe without a reader, or a socket
            raise StandInError("not a regular file") from None
        raise
    kind = os.fstat(descriptor).st_mode
    if stat.S_ISREG(kind):
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(kind):
        raise StandInError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    raise StandInError("not a regular file")


def read_all(descriptor: int) -> bytes:
    """All bytes of an open regular file, from its beginning."""
    parts: list[bytes] = []
    offset = 0
    while part := os.pread(descriptor, max(65536, os.fstat(descriptor).st_size - offset), offset):
        parts.append(part)
        offset += len(part)
    return b"".join(parts)


def read_file(name: str, within: int | None = None) -> bytes:
    """All bytes of a regular file. OSError if it cannot be read."""
    descriptor = open_file(name, os.O_RDONLY, within)
    try:
        return read_all(descriptor)
    finally:
        os.close(descriptor)


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte: a disk that fills up may take a part first and refuse the rest only then."""
    rest = memoryview(data)
    while rest:
        written = os.write(descriptor, rest)
        if written == 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        rest = rest[written:]


def sync_data(descriptor: int) -> None:
    """Return once the file's bytes and its length are on the disk."""
    # Not every system has fdatasync; fsync does the same and a little more.
    (os.fdatasync if hasattr(os, "fdatasync") else os.fsync)(descriptor)


def sync_above(path: str) -> None:
    """Bring the name of a file or folder, and of each folder above it, to the disk. OSError.

    Those of folders that were there already, too: whoever made one of them may have died before it was
    synced, and a power cut would then take all that is below with it.
    """
    above = os.path.dirname(path)
    try:
        descriptor = os.open(above, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        return  # not ours to look into, so nothing in it was made by us
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if above != os.path.dirname(above):
        sync_above(above)


def here() -> Host:
    """The machine that this process runs on."""
    return Host(os.uname().nodename, _boot_id())


@cache
def _boot_id() -> str:
    try:
        with open(_BOOT_ID, encoding="ascii") as file:
            return file.read().strip()
    except (OSError, ValueError):  # not Linux
        return ""


def is_locked(descriptor: int) -> bool:
    """Whether another descriptor, of this process or another, holds the exclusive lock of an open file."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False
