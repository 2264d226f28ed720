"""The files that the views of a session are, by their paths below the session, whatever store holds them."""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from durable_shell.store.disk import in_words, is_shortage
from durable_shell.store.port import Views

SESSION: Final = "session.json"
PATTERN_STATE: Final = "pattern_state.json"
SPEC: Final = "spec_snapshot.yaml"
REFS: Final = "refs"
WRITING: Final = ".writing"
"""What a file is called until it is whole. One name will do: a session has one writer."""

_PLAIN: Final = frozenset(f"{string.ascii_letters}{string.digits}._-".encode())
_LONGEST_NAME: Final = 150


def agent_folder(agent_id: str) -> str:
    """The folder name for an agent id, or a conversation's, whatever characters it holds.

    ASCII letters, digits, ``.``, ``_`` and ``-`` stay, but for a dot at the beginning; each other byte
    becomes ``%`` and two hex digits. A name longer than 150 is cut and ends in ``%-`` and the id's hash. No
    two ids share a name.
    """
    raw = agent_id.encode("utf-8", "surrogatepass")
    name = "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in raw)
    if name.startswith("."):
        name = "%2E" + name[1:]
    if len(name) > _LONGEST_NAME:
        import hashlib  # here, as a list goes through this module and must start fast

        return f"{name[:64]}%-{hashlib.sha256(raw).hexdigest()}"
    return name or "%"


def safe_relative(name: str) -> bool:
    """Whether a file name given by a spec stays below the folder that it is put in."""
    return "\0" not in name and all(part not in ("", ".", "..", WRITING) for part in name.split("/"))


def files_of(views: Views) -> dict[str, bytes]:
    """Every file that ``views`` makes, by its path below the session."""
    files = {SPEC: views.spec_snapshot}
    files |= {f"{REFS}/{name}": data for name, data in views.refs.items()}
    for agent_id, view in views.agents.items():
        messages = enumerate(view.messages)
        files |= {_message_path(agent_id, n): pretty(message) for n, message in messages}
        files[f"agents/{agent_folder(agent_id)}/agent.json"] = pretty(view.agent)
    return {**files, PATTERN_STATE: pretty(views.pattern_state), SESSION: pretty(views.session)}


def beyond(counts: Mapping[str, int], there: Iterable[str]) -> tuple[str, ...]:
    """Those of ``there``, the paths of all messages, that are not among the first ``counts`` of each
    conversation."""
    counted = {_message_path(agent_id, n) for agent_id, count in counts.items() for n in range(count)}
    return tuple(path for path in there if path not in counted)


def _message_path(agent_id: str, number: int) -> str:
    return f"agents/{agent_folder(agent_id)}/messages/message_{number}.json"


def differences(
    due: Mapping[str, bytes], read: Callable[[str], bytes], there: Iterable[str]
) -> dict[str, str]:
    """The paths of views that are not as ``due``, and what is wrong with each.

    ``read`` gives what is at a path, or raises OSError; ``there`` are the paths of all messages. OSError if
    no file can be opened, whatever it holds.
    """
    found: dict[str, str] = {}
    for path, data in due.items():
        try:
            problem = _difference(path, read(path), data)
        except FileNotFoundError:
            problem = "it is missing"
        except OSError as error:
            if is_shortage(error):
                raise
            problem = f"it can't be read: {in_words(error)}"
        if problem is not None:
            found[path] = problem
    return found | {path: "no conversation has it" for path in there if path not in due}


def _difference(path: str, data: bytes, due: bytes) -> str | None:
    """What is wrong with the view at ``path`` that holds ``data`` and should hold ``due``; None if nothing.

    That somebody edited the variables in session.json is no difference.
    """
    if data == due or (path == SESSION and _but_for_variables(data) == _but_for_variables(due)):
        return None
    return "it is not the spec as first run" if path == SPEC else "it does not agree with the journal"


def pretty(document: dict[str, Any]) -> bytes:
    """A document as people read it."""
    from pydantic_core import to_json  # here, as deleting sessions writes no view and need not wait for it

    try:
        # json's own encoder indents in Python, and takes ten times as long
        return to_json(document, indent=2) + b"\n"
    except ValueError:
        # Half a surrogate pair, as a model may send it, has no UTF-8; escaped, it stays readable and whole.
        # What is nested too deep for the other encoder comes here, too.
        return (json.dumps(document, ensure_ascii=True, allow_nan=False, indent=2) + "\n").encode("ascii")


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
