"""The files that people read: derived from the journal, so they may lag and may be lost.

Each is written beside its place and renamed into it, so a reader sees the old text or the new one, never
half of either. They are not synced: a power cut may lose them or leave them empty, and the journal has all
that is in them. The one exception is the spec as first run, which nothing else holds; it is synced.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from durable_shell.store.disk import make_folder, open_file, open_folder, read_file, write_all
from durable_shell.store.port import AgentView, Snapshot, Views

SESSION = "session.json"
_PATTERN_STATE = "pattern_state.json"
SPEC = "spec_snapshot.yaml"
_REFS = "refs"
_TEMPORARY = ".writing"  # one name will do: a session has one writer
_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
_MESSAGE = re.compile(r"message_(0|[1-9][0-9]{0,17})\.json")
_LONGEST_NAME = 150


def agent_folder(agent_id: str) -> str:
    """The folder name for an agent id, or a conversation's, whatever characters it holds.

    An id of up to 64 ASCII letters, digits, ``.``, ``_`` and ``-`` that does not begin with a dot is its own
    name. In any other, each byte besides those becomes ``%`` and two hex digits; a name that gets too long is
    cut and ends in ``%-`` and the id's hash. No two ids share a name.
    """
    if _PLAIN.fullmatch(agent_id):
        return agent_id
    raw = agent_id.encode("utf-8", "surrogatepass")
    name = "".join(chr(byte) if _is_plain(byte) else f"%{byte:02X}" for byte in raw)
    if name.startswith("."):
        name = "%2E" + name[1:]
    if not name:
        return "%"
    if "%" in name and len(name) <= _LONGEST_NAME:
        return name
    return f"{name[:64]}%-{hashlib.sha256(raw).hexdigest()}"


def safe_relative(name: str) -> bool:
    """Whether a file name given by a spec stays below the folder that it is put in."""
    parts = name.split("/")
    return "\0" not in name and all(part not in ("", ".", "..", _TEMPORARY) for part in parts)


@dataclass(slots=True)
class _Written:
    """What the disk holds of one conversation: each message with its digest, and the agent's document."""

    messages: list[tuple[dict[str, Any], bytes]]
    agent: dict[str, Any] | None = None
    agent_digest: bytes = b""


class ViewWriter:
    """Writes the views of one session into its folder, skipping what is there already.

    What was written is remembered for as long as the writer lives; at first, and after a failure, the
    disk is looked at instead.
    """

    def __init__(self, folder: int) -> None:
        """``folder`` is the session folder's descriptor and stays the caller's."""
        self._folder = folder
        self._digests: dict[str, bytes] = {}
        self._agents: dict[str, _Written] = {}
        self._has_spec = False

    def publish(self, views: Views) -> None:
        """Bring the files up to date. OSError if one cannot be written; the others may have been."""
        if not self._has_spec:
            _keep_spec(self._folder, views.spec_snapshot, views.refs)
            self._has_spec = True
        for agent_id, view in views.agents.items():
            self._publish_agent(agent_id, view)
        self._publish_document(_PATTERN_STATE, views.pattern_state)
        # Last: what a list shows is never ahead of what it stands for.
        self._publish_document(SESSION, views.session)

    def _publish_document(self, name: str, document: dict[str, Any]) -> None:
        data = _pretty(document)
        digest = _digest(data)
        if self._digests.get(name) == digest:
            return
        self._digests.pop(name, None)
        _replace_if_different(self._folder, name, data)
        self._digests[name] = digest

    def _publish_agent(self, agent_id: str, view: AgentView) -> None:
        written = self._agents.pop(agent_id, None)
        if written is not None and _is_current(written, view):
            self._agents[agent_id] = written
            return
        make_folder("agents", self._folder)
        agents = open_folder("agents", self._folder)
        try:
            make_folder(agent_folder(agent_id), agents)
            folder = open_folder(agent_folder(agent_id), agents)
        finally:
            os.close(agents)
        try:
            self._agents[agent_id] = _write_agent(folder, view, written)
        finally:
            os.close(folder)


def read_snapshot(folder: int) -> Snapshot:
    """The spec as first run. OSError if it is not there or cannot be read."""
    spec = read_file(SPEC, folder)
    try:
        refs = open_folder(_REFS, folder)
    except FileNotFoundError:
        return Snapshot(spec, {})
    try:
        return Snapshot(spec, _read_tree(refs, ""))
    finally:
        os.close(refs)


def read_session_view(folder: int) -> dict[str, Any] | None:
    """``session.json`` as it stands; None if it is missing or not a JSON object. OSError if unreadable."""
    try:
        document = json.loads(read_file(SESSION, folder))
    except (FileNotFoundError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _is_plain(byte: int) -> bool:
    return _PLAIN.fullmatch("_" + chr(byte)) is not None


def _is_current(written: _Written, view: AgentView) -> bool:
    """Whether the very same objects were written before. Anything else is compared by its bytes."""
    return (
        written.agent is view.agent
        and len(written.messages) == len(view.messages)
        and all(old is new for (old, _), new in zip(written.messages, view.messages, strict=True))
    )


def _write_agent(folder: int, view: AgentView, written: _Written | None) -> _Written:
    make_folder("messages", folder)
    messages = open_folder("messages", folder)
    try:
        known = written.messages if written is not None else []
        now = _Written([_write_message(messages, n, new, known) for n, new in enumerate(view.messages)])
        _remove_surplus(messages, len(view.messages), None if written is None else len(written.messages))
    finally:
        os.close(messages)
    # After its messages: it must not speak of some that are not there yet.
    data = _pretty(view.agent)
    now.agent, now.agent_digest = view.agent, _digest(data)
    if written is None or written.agent_digest != now.agent_digest:
        _replace_if_different(folder, "agent.json", data)
    return now


def _write_message(
    folder: int, number: int, message: dict[str, Any], known: list[tuple[dict[str, Any], bytes]]
) -> tuple[dict[str, Any], bytes]:
    old, old_digest = known[number] if number < len(known) else (None, b"")
    if old is message:
        return message, old_digest
    data = _pretty(message)
    digest = _digest(data)
    if digest != old_digest:
        _replace_if_different(folder, f"message_{number}.json", data)
    return message, digest


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
        _keep_ref(folder, [_REFS, *name.split("/")], data)
    _replace(folder, SPEC, data=spec, durable=True)


def _keep_ref(within: int, parts: list[str], data: bytes) -> None:
    if len(parts) == 1:
        _replace(within, parts[0], data, durable=True)
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
        if name == _TEMPORARY:
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


def _replace_if_different(folder: int, name: str, data: bytes) -> None:
    try:
        if read_file(name, folder) == data:
            return
    except OSError:
        pass  # missing or unusable: the rename below puts it right, or says why it cannot
    _replace(folder, name, data, durable=False)


def _replace(folder: int, name: str, data: bytes, *, durable: bool) -> None:
    descriptor = open_file(_TEMPORARY, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, folder)
    try:
        try:
            write_all(descriptor, data)
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(_TEMPORARY, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        # On a full disk, half a file would only take the room that the next try needs.
        with contextlib.suppress(OSError):
            os.unlink(_TEMPORARY, dir_fd=folder)
        raise
    if durable:
        os.fsync(folder)


def _pretty(document: dict[str, Any]) -> bytes:
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        # Half a surrogate pair, as a model may send it, has no UTF-8; escaped, it stays readable and whole.
        return (json.dumps(document, ensure_ascii=True, allow_nan=False, indent=2) + "\n").encode("ascii")


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
