"""Writing artifacts: below the output folder, whole or not at all, and never over something else unasked."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from durable_core.frozen import frozen
from durable_core.types import Fault
from durable_shell.store.disk import is_shortage, sync_above
from durable_shell.tools.confinement import is_closed

_TEMPORARY_SUFFIX = ".strands-writing"


@frozen()
class Written:
    """An artifact is on disk: SHA-256 (hex) and size in bytes."""

    sha256: str
    size: int


def write_artifact(
    out: Path,
    relative: str,
    text: str,
    *,
    force: bool,
    closed: tuple[Path, ...] = (),
    needed: str | None = None,
) -> Written | Fault:
    """Write ``text`` to ``relative`` below ``out``, making folders as needed, but not without the folder
    ``needed``: if that is gone, ``out`` is somewhere else now.

    A file that is there already is replaced only if it holds the same text (a crash came between the
    writing and the journal) or with ``force``. Symbolic links below ``out`` are not followed, and nothing is
    written below the folders ``closed``: a model may have named the path. When this returns, the file is on
    the disk under its name. Trouble is returned as a Fault; an OSError says that this process, or the system,
    can open no more files.
    """
    data = text.encode()
    written = Written(hashlib.sha256(data).hexdigest(), len(data))
    target = out / relative
    if needed is not None and not Path(needed).is_dir():
        return Fault("artifact", f"{target} could not be written: the folder {needed} is gone")
    try:
        if is_closed(target, closed):
            return Fault("artifact", f"{target} leads into the sessions' own folder; choose another --out")
        problem = _make_folders(out, Path(relative).parent)
        if problem is not None:
            return Fault("artifact", problem)
        match _present(target):
            case "other":
                return Fault("artifact", f"{target} is there and is not a plain file")
            case "file" if target.read_bytes() == data:
                pass  # perhaps by a process that died before it was synced
            case "file" if not force:
                return Fault("artifact", f"{target} is there already with other content; --force replaces it")
            case _:
                _replace(target, data)
        with target.open("rb") as file:
            os.fsync(file.fileno())
        sync_above(str(target.absolute()))
    except OSError as error:
        if is_shortage(error):
            raise
        return Fault("artifact", f"{target} could not be written: {error.strerror or error}")
    return written


def _present(target: Path) -> str:
    try:
        mode = target.lstat().st_mode
    except FileNotFoundError:
        return "nothing"
    return "file" if stat.S_ISREG(mode) else "other"


def _make_folders(out: Path, below: Path) -> str | None:
    out.mkdir(parents=True, exist_ok=True)
    folder = out
    for part in below.parts:
        folder = folder / part
        folder.mkdir(exist_ok=True)
        if folder.is_symlink():
            return f"{folder} is a symbolic link, which may lead out of the output folder"
    return None


def _replace(target: Path, data: bytes) -> None:
    temporary = target.with_name(target.name + _TEMPORARY_SUFFIX)
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, target)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
