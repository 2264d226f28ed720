"""Reads what a session left on disk, without any of the program's own code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.program import Running, wait_until


def sessions(home: Path) -> list[Path]:
    """The folders of all sessions of the user whose home folder is ``home``."""
    return sorted((home / ".strands" / "sessions").glob("session_*"))


def only_session(home: Path, process: Running | None = None) -> Path:
    """The folder of the one session there is; waits for ``process`` to make it."""
    wait_until(lambda: bool(sessions(home)), "a session's folder appears", process=process)
    (folder,) = sessions(home)
    return folder


def id_of(folder: Path) -> str:
    """The session id that a folder is named after."""
    return folder.name.removeprefix("session_")


def document(folder: Path, name: str) -> dict[str, Any]:
    """A view, as JSON."""
    read = json.loads((folder / name).read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read


def events(folder: Path) -> list[dict[str, Any]]:
    """The events of the journal's complete lines; a torn end is left out."""
    lines = (folder / "journal.jsonl").read_bytes().split(b"\n")[:-1]
    return [json.loads(line)["event"] for line in lines]


def completed_units(folder: Path) -> list[str]:
    """The units whose completion is in the journal, in order."""
    kind = "unit_completed/1"
    return [event["unit"] for event in events(folder) if event["type"] == kind]


def answered_units(folder: Path) -> set[str]:
    """The units of which an answer of the model is in the journal, completed or not."""
    said = [event for event in events(folder) if event["type"] == "message_added/1"]
    return {event["unit"] for event in said if event["message"]["role"] == "assistant"}


def conversations(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Each agent's messages, first to last, as role and text."""
    found: dict[str, list[tuple[str, str]]] = {}
    for agent in sorted((folder / "agents").iterdir()):
        files = sorted(
            (agent / "messages").iterdir(), key=lambda file: int(file.stem.removeprefix("message_"))
        )
        assert [file.name for file in files] == [f"message_{n}.json" for n in range(len(files))]
        messages = [json.loads(file.read_text(encoding="utf-8"))["message"] for file in files]
        found[agent.name] = [
            (said["role"], "".join(part["text"] for part in said["content"])) for said in messages
        ]
    return found


def everything_below(folder: Path) -> dict[str, bytes | None]:
    """Each path below a folder with its bytes (None for a folder): equal means that nothing was written."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }
