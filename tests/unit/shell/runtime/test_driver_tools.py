"""The drive and the tool journal together: a tool runs only once its start is in the store."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from returns.result import Failure, Result

from durable_core.patterns.base import Finished
from durable_core.session import SessionStarted, start, verdict
from durable_core.session.state import Options
from durable_core.spec.parse import parse_spec
from durable_core.spec.source import Source
from durable_shell.errors import StoreFailed
from durable_shell.providers.agent import SdkModels
from durable_shell.runtime.clock import SystemClock
from durable_shell.runtime.driver import Drive
from durable_shell.store.memory.store import MemoryStore
from durable_shell.store.port import Lease, StoreError, Unwritable
from durable_shell.terminal.plain import PlainProgress

SESSION = "0d4c6b1e-7a51-4a0f-9a53-3c1e8f2b6d71"
SPEC = """
version: 0
name: one
runtime: {provider: scripted, model_id: script.yaml}
tools: {python: ["./tools.py:post"]}
agents: {a: {prompt: You post., tools: [post]}}
pattern: {type: chain, config: {steps: [{agent: a, input: Post it.}]}}
"""
SCRIPT = """
rules:
  - {match: {contains: Post it}, tool_use: {name: post, input: {text: hello}}}
  - {answer: Posted.}
"""
TOOLS = """
from pathlib import Path

def post(text: str) -> str:
    "Post it."
    with open(Path(__file__).with_name("posts.txt"), "a") as file:
        file.write(text)
    return "posted"
"""


class FullDisk(MemoryStore):
    """Takes no event of the type ``refused``, and notes what was in the store when a tool had run."""

    def __init__(self, refused: str, posts: Path) -> None:
        super().__init__()
        self.refused = refused
        self.types: list[str] = []
        self.posted_before: list[str] | None = None
        self._posts = posts

    def append(
        self, lease: Lease, expected: int, at: float, events: Sequence[dict[str, Any]]
    ) -> Result[int, StoreError]:
        if self._posts.exists() and self.posted_before is None:
            self.posted_before = list(self.types)
        types = [event["type"] for event in events]
        if self.refused in types:
            return Failure(Unwritable("the disk", "no space left on device"))
        self.types += types
        return super().append(lease, expected, at, events)


def driven(folder: Path, refused: str) -> tuple[FullDisk, object]:
    """What a run left in the store, and how the session stands, or the error that ended it."""
    (folder / "script.yaml").write_text(SCRIPT)
    (folder / "tools.py").write_text(TOOLS)
    store = FullDisk(refused, folder / "posts.txt")
    store.create(SESSION)
    lease = store.lease(SESSION, now=0.0).unwrap()
    began = SessionStarted(
        at=1.0,
        session_id=SESSION,
        spec=parse_spec(SPEC).unwrap(),
        source=Source(text=SPEC, format="yaml", sha256="0" * 64),
        variables={},
        options=Options(out="/nowhere"),
    )

    async def run() -> object:
        models = SdkModels({}, folder=folder)
        try:
            drive = Drive(start(began), lease, store, models, SystemClock(), PlainProgress(io.StringIO()))
            return verdict(await asyncio.wait_for(drive.run((began,)), 300))
        except StoreFailed as failed:
            return failed.error
        finally:
            await models.close()

    return store, asyncio.run(run())


def test_when_a_tool_has_run_its_start_and_the_answer_that_asked_for_it_are_in_the_store(
    tmp_path: Path,
) -> None:
    store, stand = driven(tmp_path, refused="")
    assert isinstance(stand, Finished)
    assert store.posted_before is not None
    assert store.posted_before[-3:] == ["message_added/1", "message_added/1", "tool_started/1"]
    assert store.types[-4:] == ["tool_returned/1", "message_added/1", "message_added/1", "unit_completed/1"]


@pytest.mark.parametrize(("refused", "posts"), [("tool_started/1", ""), ("tool_returned/1", "hello")])
def test_a_store_that_fails_around_a_tool_ends_the_run_and_asks_the_model_nothing_more(
    refused: str, posts: str, tmp_path: Path
) -> None:
    store, error = driven(tmp_path, refused)
    assert isinstance(error, Unwritable)
    written = (tmp_path / "posts.txt").read_text() if (tmp_path / "posts.txt").exists() else ""
    assert written == posts
    assert "unit_completed/1" not in store.types
