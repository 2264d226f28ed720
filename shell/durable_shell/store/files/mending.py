"""Looking at the files of one session, and putting them right, while its lock is held.

Nothing here decides: what the journal means and what may be cut is for the caller to say. A file that is cut
or in the way is kept beside its place, under its name and ``.damaged-<time>``.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from durable_shell.store.files.disk import JOURNAL, in_words, make_folder, open_folder, read_file
from durable_shell.store.files.journal import EMPTY, Damage, Scan, scan, shortfall
from durable_shell.store.files.views import (
    SESSION,
    SPEC,
    files_of,
    message_names,
    read_session_view,
    replace_file,
    shown_seq,
)
from durable_shell.store.port import Views


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal as it is, damaged or not. ``after`` are the lines behind ``good``, none of them empty."""

    good: Scan
    damage: Damage | None
    after: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Mending:
    """A session whose lock is held. ``path`` is its folder's, for messages. All methods raise OSError."""

    folder: int
    path: str

    def journal(self, *, was_cut: bool = False) -> Journal:
        """The journal, verified. FileNotFoundError if there is none.

        With ``was_cut`` it is known, and no damage, that session.json shows more than the journal holds.
        """
        data = read_file(JOURNAL, self.folder)
        found = scan(data)
        if isinstance(found, Scan):
            short = None if was_cut else shortfall(found, shown_seq(self.folder))
            if found.entries and short is None:
                return Journal(found, None, ())
            found = short if found.entries and short is not None else Damage(0, EMPTY, found)
        after = data[found.good.length :].split(b"\n")
        return Journal(found.good, found, tuple(line for line in after if line))

    def session_view(self) -> dict[str, Any] | None:
        """``session.json`` as it stands; None if it is of no use."""
        try:
            return read_session_view(self.folder)
        except OSError:
            return None

    def differences(self, views: Views) -> dict[str, str]:
        """The paths of views that are not as ``views`` says, and what is wrong with each.

        That somebody edited the variables in session.json is no difference.
        """
        due = files_of(views)
        found = [(path, _difference(self.folder, path, data)) for path, data in due.items()]
        surplus = [(path, "no conversation has it") for path in message_names(self.folder) if path not in due]
        return {path: problem for path, problem in (*found, *surplus) if problem is not None}

    def cut(self, entries: int) -> str:
        """Keep the first ``entries`` of the journal and no more; gives the name that the old file has now.

        At no moment is there no journal: the old file gets a second name, then the new one takes its place.
        """
        data = read_file(JOURNAL, self.folder)
        found = scan(data)
        good = found.good if isinstance(found, Damage) else found
        # without the last line feed, which may be missing or have become another byte
        kept = b"".join(line + b"\n" for line in data[: good.length - 1].split(b"\n")[:entries])
        name = self._free_name(JOURNAL)
        os.link(JOURNAL, name, src_dir_fd=self.folder, dst_dir_fd=self.folder, follow_symlinks=False)
        os.fsync(self.folder)
        replace_file(self.folder, JOURNAL, kept, durable=True)
        return name

    def rebuild(self, paths: Sequence[str], views: Views) -> None:
        """Write the views at ``paths`` anew, or remove those that ``views`` does not have."""
        due = files_of(views)
        for path in paths:
            *above, name = path.split("/")
            with self._made(above) as folder:
                if path in due:
                    self._clear(folder, name)
                    replace_file(folder, name, due[path], durable=True)
                else:
                    os.unlink(name, dir_fd=folder)

    @contextlib.contextmanager
    def _made(self, parts: Sequence[str]) -> Iterator[int]:
        folder = os.dup(self.folder)
        try:
            for part in parts:
                self._clear(folder, part, may_be_folder=True)
                make_folder(part, folder)
                below = open_folder(part, folder)
                os.close(folder)
                folder = below
            yield folder
        finally:
            os.close(folder)

    def _clear(self, folder: int, name: str, *, may_be_folder: bool = False) -> None:
        """Move what is in the way of a file, or of a folder, aside. A link is moved, never followed."""
        import stat

        try:
            mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        except FileNotFoundError:
            return
        if not (stat.S_ISDIR(mode) if may_be_folder else stat.S_ISREG(mode)):
            os.rename(name, _stamped(name), src_dir_fd=folder, dst_dir_fd=folder)

    def _free_name(self, name: str) -> str:
        names = set(os.listdir(self.folder))
        first = _stamped(name)
        return next(one for one in (first, *(f"{first}-{n}" for n in range(2, 10_000))) if one not in names)


def _stamped(name: str) -> str:
    return f"{name}.damaged-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"


def _difference(folder: int, path: str, due: bytes) -> str | None:
    try:
        data = _read(folder, path.split("/"))
    except FileNotFoundError:
        return "it is missing"
    except OSError as error:
        return f"it can't be read: {in_words(error)}"
    if data == due or (path == SESSION and _but_for_variables(data) == _but_for_variables(due)):
        return None
    return "it is not the spec as first run" if path == SPEC else "it does not agree with the journal"


def _read(folder: int, parts: Sequence[str]) -> bytes:
    if len(parts) == 1:
        return read_file(parts[0], folder)
    below = open_folder(parts[0], folder)
    try:
        return _read(below, parts[1:])
    finally:
        os.close(below)


def _but_for_variables(data: bytes) -> object:
    """session.json without the part that people may edit; its bytes, if it is none."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return data
    if not isinstance(document, dict) or not isinstance(document.get("variables"), dict):
        return data
    # as text: to Python 1, 1.0 and true are equal
    return json.dumps({**document, "variables": {}}, sort_keys=True)
