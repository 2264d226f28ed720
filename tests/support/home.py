"""A user's home folder and the commands that are given in it, in this process."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from durable_shell.app import App
from durable_shell.cli.environment import Environment
from durable_shell.cli.main import main
from durable_shell.store.files.store import FileStore
from durable_shell.store.port import Lease
from tests.support.workflows import TALE


class Home:
    """A user's home: ``code``, ``out`` and ``err`` are those of the last command."""

    def __init__(self, path: Path, **given: Any) -> None:
        """``given`` are the surroundings that an ``App`` takes besides."""
        self.path = path
        self._given = given
        self.code = 0
        self.out = self.err = ""

    def strands(self, *argv: str, typed: str | None = None) -> int:
        """Run a command; ``typed`` is what a person at a terminal types."""
        streams = io.StringIO(typed or ""), io.StringIO(), io.StringIO()
        terminal = typed is not None
        surroundings = Environment(
            *streams,
            home=self.path / ".strands",
            cwd=self.path,
            env={},
            stdin_is_terminal=terminal,
            stderr_is_terminal=terminal,
        )
        self.code = main(argv, App(surroundings, **self._given))
        self.out, self.err = streams[1].getvalue(), streams[2].getvalue()
        assert "Traceback" not in self.err
        return self.code

    def run(self, spec: str = TALE, name: str = "tale", expect: int = 0) -> str:
        """Run a workflow and give its session's id."""
        (self.path / "tale.yaml").write_text(spec)
        before = set(self.ids())
        assert self.strands("run", "tale.yaml", "--var", "topic=tides", "--name", name) == expect, self.err
        [new] = set(self.ids()) - before
        return new

    def ids(self) -> list[str]:
        folder = self.path / ".strands" / "sessions"
        names = os.listdir(folder) if folder.exists() else []
        return sorted(name.removeprefix("session_") for name in names if name.startswith("session_"))

    def folder(self, session_id: str) -> Path:
        return self.path / ".strands" / "sessions" / f"session_{session_id}"

    def lines(self, session_id: str) -> list[bytes]:
        return (self.folder(session_id) / "journal.jsonl").read_bytes().splitlines(keepends=True)

    def damage(self, session_id: str, line: int) -> None:
        """Change one byte inside a line of the journal, counted from 1."""
        lines = self.lines(session_id)
        text = lines[line - 1]
        place = text.index(b'"at":') + 5
        lines[line - 1] = text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :]
        (self.folder(session_id) / "journal.jsonl").write_bytes(b"".join(lines))

    @contextmanager
    def driven(self, session_id: str) -> Iterator[Lease]:
        """Somebody drives the session."""
        store = FileStore(self.path / ".strands", command="strands run tale.yaml")
        lease = store.lease(session_id, now=time.time()).unwrap()
        try:
            yield lease
        finally:
            store.release(lease)
