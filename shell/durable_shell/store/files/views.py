"""The files that people read: derived from the journal, so they may lag and may be lost.

Each is written beside its place and renamed into it, so a reader sees the old text or the new one, never
half of either. They are not synced: a power cut may lose them or leave them empty, and the journal has all
that is in them. The one exception is the spec as first run, which nothing else holds; it is synced.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from returns.result import Failure, Result, Success

from durable_core.bounds import finite
from durable_shell.store.digest import is_intact
from durable_shell.store.disk import is_shortage, make_folder, open_file, open_folder, read_file, write_all
from durable_shell.store.port import AgentView, EditUnreadable, Snapshot, Views
from durable_shell.store.view_files import (
    PATTERN_STATE,
    REFS,
    SESSION,
    SPEC,
    WRITING,
    agent_folder,
    pretty,
    safe_relative,
)

_MESSAGE = re.compile(r"message_(0|[1-9][0-9]{0,17})\.json")


class ViewWriter:
    """Writes the views of one session into its folder, skipping what is there already.

    The messages that were written are remembered for as long as the writer lives, so that a long conversation
    costs only what is new in it. All else, and everything after a failure, is compared with the disk.
    """

    def __init__(self, folder: int) -> None:
        """``folder`` is the session folder's descriptor and stays the caller's."""
        self._folder = folder
        self._written: dict[str, AgentView] = {}
        self._has_spec = False

    def publish(self, views: Views) -> None:
        """Bring the files up to date. OSError if one cannot be written; the others may have been."""
        if not self._has_spec:
            _keep_spec(self._folder, views.spec_snapshot, views.refs)
            self._has_spec = True
        for agent_id, view in views.agents.items():
            self._publish_agent(agent_id, view)
        _replace_if_different(self._folder, PATTERN_STATE, pretty(views.pattern_state))
        # Last: what a list shows is never ahead of what it stands for.
        _replace_if_different(self._folder, SESSION, pretty(views.session))

    def _publish_agent(self, agent_id: str, view: AgentView) -> None:
        written = self._written.pop(agent_id, None)
        if written is None or not _is_same(written, view):
            agents = _folder("agents", self._folder)
            try:
                _publish_conversation(agents, agent_folder(agent_id), view, written)
            finally:
                os.close(agents)
        # A copy of the list: the caller may go on to lengthen its own.
        self._written[agent_id] = AgentView(view.agent, tuple(view.messages))


def message_names(folder: int) -> tuple[str, ...]:
    """The paths of all messages below a session's folder; those behind a link are not looked at.

    OSError if no file can be opened, whatever there is.
    """
    found: list[str] = []
    for agent in _names("agents", folder):
        path = f"agents/{agent}/messages"
        found += [f"{path}/{name}" for name in _names(path, folder) if _MESSAGE.fullmatch(name)]
    return tuple(found)


def sync_names(folder: int) -> None:
    """Bring the names in a session's folder and below it to the disk. OSError.

    What is seen then is what a power cut leaves, also where a repair was stopped before it came to that.
    """
    os.fsync(folder)
    agents = (f"agents/{agent}" for agent in _names("agents", folder))
    for path in ("agents", *(each for agent in agents for each in (agent, f"{agent}/messages"))):
        below = _at(path, folder)
        if below is not None:
            try:
                os.fsync(below)
            finally:
                os.close(below)


def _names(path: str, folder: int) -> list[str]:
    below = _at(path, folder)
    if below is None:
        return []
    try:
        return sorted(os.listdir(below))
    finally:
        os.close(below)


def _at(path: str, folder: int) -> int | None:
    """A descriptor of the folder at ``path``; None if it is no real folder. OSError if none can be opened."""
    below = os.dup(folder)
    try:
        for part in path.split("/"):
            above, below = below, -1
            try:
                below = open_folder(part, above)
            finally:
                os.close(above)
        return below
    except OSError as error:
        if is_shortage(error):
            raise
        return None


def read_snapshot(folder: int) -> Snapshot:
    """The spec as first run. OSError if it is not there or cannot be read."""
    spec = read_file(SPEC, folder)
    try:
        refs = open_folder(REFS, folder)
    except FileNotFoundError:
        return Snapshot(spec, {})
    try:
        return Snapshot(spec, _read_tree(refs, ""))
    finally:
        os.close(refs)


def read_session_view(folder: int) -> dict[str, Any] | None:
    """``session.json`` as it stands; None if it is missing or not a JSON object. OSError if unreadable."""
    try:
        document = json.loads(read_file(SESSION, folder), parse_float=finite, parse_constant=finite)
    except (FileNotFoundError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


_ENCODINGS = ("cp1252", "latin-1", "cp1250", "cp1251", "koi8-r", "gb18030", "shift_jis", "euc_kr", "big5")
"""What editors save in that do not save UTF-8."""


def read_edited_view(
    folder: int, session_id: str, path: str
) -> Result[dict[str, Any] | None, EditUnreadable]:
    """The same of the session whose folder is at ``path``, where a person may have edited it.

    EditUnreadable if it was saved in an encoding of the person's own, or says a number that can't be kept. If
    it is damaged besides, its check fits in no reading.
    """
    view = read_session_view(folder)
    if view is not None:
        return Success(view)
    try:
        raw = read_file(SESSION, folder)
    except FileNotFoundError:
        return Success(None)
    if _is_whole(raw):
        problem = "holds a number that can't be kept, such as 1e999. Correct it"
        return Failure(EditUnreadable(session_id, f"{path}/{SESSION}", problem))
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        if any(_is_whole(raw, encoding) for encoding in _ENCODINGS):
            place = f"byte {error.start + 1} of it is 0x{raw[error.start]:02x}"
            problem = f"is not UTF-8 text: {place}. Save the file with the encoding UTF-8"
            return Failure(EditUnreadable(session_id, f"{path}/{SESSION}", problem))
    return Success(None)


def _is_whole(raw: bytes, encoding: str | None = None) -> bool:
    """Whether it is session.json as it was written, but for the variables; in JSON's encoding, or in this."""
    try:
        document = json.loads(raw if encoding is None else raw.decode(encoding))
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and isinstance(document.get("variables"), dict) and is_intact(document)


def shown_seq(folder: int) -> int:
    """The number of events that ``session.json`` shows; 0 if it is of no use for that.

    OSError if no file can be opened, whatever it shows.
    """
    try:
        view = read_session_view(folder)
    except OSError as error:
        if is_shortage(error):
            raise
        return 0
    as_of = view.get("as_of") if view is not None and is_intact(view) else None
    return as_of if type(as_of) is int else 0


def _is_same(written: AgentView, view: AgentView) -> bool:
    """Whether the very same objects were written before. Anything else is compared by its bytes."""
    return (
        written.agent is view.agent
        and len(written.messages) == len(view.messages)
        and all(old is new for old, new in zip(written.messages, view.messages, strict=True))
    )


def _publish_conversation(agents: int, name: str, view: AgentView, written: AgentView | None) -> None:
    folder = _folder(name, agents)
    try:
        _publish_messages(folder, view.messages, None if written is None else written.messages)
        # After its messages: it must not speak of some that are not there yet.
        _follow(folder, "agent.json", view.agent, None if written is None else written.agent)
    finally:
        os.close(folder)


def _publish_messages(
    agent: int, messages: Sequence[dict[str, Any]], written: Sequence[dict[str, Any]] | None
) -> None:
    folder = _folder("messages", agent)
    try:
        for number, message in enumerate(messages):
            name = f"message_{number}.json"
            if written is None or number < len(written):
                _follow(folder, name, message, None if written is None else written[number])
            else:
                replace_file(folder, name, pretty(message), durable=False)
        _remove_surplus(folder, len(messages), None if written is None else len(written))
    finally:
        os.close(folder)


def _remove_surplus(folder: int, count: int, before: int | None) -> None:
    """Remove the messages that a rollback took back, last first. Without ``before``, look at the disk."""
    if before is None:
        numbers = [int(match[1]) for name in os.listdir(folder) if (match := _MESSAGE.fullmatch(name))]
        surplus = sorted((number for number in numbers if number >= count), reverse=True)
    else:
        surplus = list(range(before - 1, count - 1, -1))
    for number in surplus:
        os.unlink(f"message_{number}.json", dir_fd=folder)


def _keep_spec(folder: int, spec: bytes, refs: Mapping[str, bytes]) -> None:
    """Keep the spec and its files, once and durably. The spec goes last: where it is, the others are."""
    try:
        os.close(open_file(SPEC, os.O_RDONLY, folder))
        return
    except FileNotFoundError:
        pass
    for name, data in refs.items():
        if not safe_relative(name):
            raise OSError(f"the file name {name!r:.100} leads out of the session")
        _keep_ref(folder, [REFS, *name.split("/")], data)
    replace_file(folder, SPEC, data=spec, durable=True)


def _keep_ref(within: int, parts: list[str], data: bytes) -> None:
    if len(parts) == 1:
        replace_file(within, parts[0], data, durable=True)
        return
    make_folder(parts[0], within)
    os.fsync(within)
    folder = open_folder(parts[0], within)
    try:
        _keep_ref(folder, parts[1:], data)
    finally:
        os.close(folder)


def _read_tree(folder: int, prefix: str) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for name in sorted(os.listdir(folder)):
        if name == WRITING:
            continue
        try:
            below = open_folder(name, folder)
        except NotADirectoryError:
            files[prefix + name] = read_file(name, folder)
            continue
        try:
            files.update(_read_tree(below, f"{prefix}{name}/"))
        finally:
            os.close(below)
    return files


def _folder(name: str, within: int) -> int:
    """A descriptor of a folder, which is made if it is missing. OSError if it is a link or no folder."""
    try:
        return open_folder(name, within)
    except FileNotFoundError:
        make_folder(name, within)
        return open_folder(name, within)


def _follow(folder: int, name: str, document: dict[str, Any], written: dict[str, Any] | None) -> None:
    """Write ``document`` where ``written`` stands, None if nobody knows what does."""
    if written is document:
        return
    if written is None or written == document:
        _replace_if_different(folder, name, pretty(document))
    else:
        replace_file(folder, name, pretty(document), durable=False)


def _replace_if_different(folder: int, name: str, data: bytes) -> None:
    try:
        if read_file(name, folder) == data:
            return
    except OSError:
        pass  # missing or unusable: the rename below puts it right, or says why it cannot
    replace_file(folder, name, data, durable=False)


def replace_file(folder: int, name: str, data: bytes, *, durable: bool) -> None:
    """Put ``data`` into a file, whole or not at all. ``durable``: on the disk when it returns. OSError."""
    descriptor = open_file(WRITING, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, folder)
    try:
        try:
            write_all(descriptor, data)
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(WRITING, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        # On a full disk, half a file would only take the room that the next try needs.
        with contextlib.suppress(OSError):
            os.unlink(WRITING, dir_fd=folder)
        raise
    if durable:
        os.fsync(folder)
