"""What the tests of the store share: ids, a session with some entries, small views, a second process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from durable_shell.store.files.journal import FIRST_HASH, encode_line
from durable_shell.store.files.store import FileStore
from durable_shell.store.port import AgentView, Entry, Lease, Views

SESSION = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
OTHER = "b1b2c3d4-e5f6-7890-abcd-ef1234567890"

ODD_EVENT: dict[str, Any] = {
    "text": 'line\nfeed, "quotes", ünïcode, \u2028, \ud800',
    "n": [1, 2.5, None, True],
}


def entries(count: int, token: int = 1) -> tuple[Entry, ...]:
    """Entries 1 to ``count``, each with an event of its own."""
    return tuple(Entry(n, 1000.0 + n, token, {"type": "noted", "n": n}) for n in range(1, count + 1))


def lines(of: tuple[Entry, ...]) -> bytes:
    """The bytes of a journal that holds these entries."""
    return encode_line(of, FIRST_HASH)[0]


def folder_of(root: Path, session_id: str = SESSION) -> Path:
    """Where a visible session is."""
    return root / "sessions" / f"session_{session_id}"


def begun(root: Path, count: int = 1, session_id: str = SESSION) -> tuple[FileStore, Lease]:
    """A store and the lease of a new session with ``count`` entries, committed one by one."""
    store = FileStore(root, command="strands run")
    store.create(session_id).unwrap()
    lease = store.lease(session_id, now=1000.0).unwrap()
    for entry in entries(count):
        store.append(lease, entry.seq - 1, entry.at, [entry.event]).unwrap()
    return store, lease


def finished(root: Path, count: int = 1, session_id: str = SESSION) -> FileStore:
    """A store with a session of ``count`` entries that nobody drives."""
    store, lease = begun(root, count, session_id)
    store.release(lease)
    return store


def views(**changes: Any) -> Views:
    """Small views of a session, with ``changes``."""
    fields: dict[str, Any] = {
        "session": {
            "metadata": {"status": "running", "workflow_name": "tale", "name": "grüße"},
            "variables": {"topic": "x"},
        },
        "pattern_state": {"current_step": 1},
        "spec_snapshot": b"name: tale\n",
        "agents": {"writer": AgentView({"agent_id": "writer"}, [{"role": "user"}, {"role": "assistant"}])},
    }
    return Views(**{**fields, **changes})


def start(program: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a second process that runs ``program`` with the same packages; the caller ends it."""
    path = f"import sys; sys.path[:0] = {[entry for entry in sys.path if entry]!r}\n"
    return subprocess.Popen(
        [sys.executable, "-c", path + program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def run(program: str, *arguments: str) -> str:
    """Run ``program`` in a second process to its end and give what it printed."""
    with start(program, *arguments) as process:
        printed, _ = process.communicate(timeout=300)
    assert process.returncode == 0, printed
    return printed
