"""A drive whose process can open no more files: what runs ends and is kept, nothing new begins."""

from __future__ import annotations

import asyncio
import errno
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from durable_core.patterns.base import Failed, Open
from durable_core.session import Session, SessionStarted, start, verdict
from durable_core.session.conversation import Mark
from durable_core.session.state import Options
from durable_core.session.turns import Answer, NoAnswer, Turn
from durable_core.spec.parse import parse_spec
from durable_core.spec.source import Source
from durable_core.types import Fault, Usage
from durable_shell.cli.environment import FILES_OF_A_CALL
from durable_shell.errors import OutOfFiles
from durable_shell.runtime.clock import SystemClock
from durable_shell.runtime.driver import Drive
from durable_shell.runtime.ports import TurnReport
from durable_shell.store.files.store import FileStore
from durable_shell.store.memory.store import MemoryStore
from durable_shell.store.port import Lease, Store
from durable_shell.terminal.plain import PlainProgress
from tests.support.handles import handles_left

SESSION = "0d4c6b1e-7a51-4a0f-9a53-3c1e8f2b6d72"
SPEC = """
version: 0
name: two
runtime: {provider: echo, failure_policy: {retries: 0}}
agents: {a: {prompt: You think.}}
pattern:
  type: parallel
  config:
    branches:
      - {id: long, steps: [{agent: a}, {agent: a}]}
      - {id: short, steps: [{agent: a}, {agent: a}]}
outputs: {artifacts: [{path: out.md, from: "{{ last_response }}"}]}
"""
ENDS = ("unit_completed/1", "unit_failed/1", "attempt_faulted/1")
EMFILE = OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def behind(error: Exception) -> Exception:
    """As a provider's client has it: its own exception, and the reason behind it."""
    wrapped = ConnectionError("Connection error.")
    wrapped.__cause__ = RuntimeError("all attempts failed")
    wrapped.__cause__.__context__ = error
    return wrapped


class Two:
    """Answers in the branch ``long`` once the branch ``short`` has met what is ``wrong``, and it is let.

    It is let from the beginning, unless it ``waits``.
    """

    def __init__(self, wrong: Callable[[], NoAnswer], *, waits: bool = False) -> None:
        self.asked: list[str] = []
        self.let = asyncio.Event()
        self._wrong = wrong
        self._met = asyncio.Event()
        if not waits:
            self.let.set()

    async def answer(self, turn: Turn, report: TurnReport) -> Answer | NoAnswer:
        self.asked.append(turn.unit)
        if turn.unit == "branches/short/0":
            self._met.set()
            return self._wrong()
        await self._met.wait()
        await self.let.wait()
        report(0, {"role": "user", "content": [{"text": turn.prompt}]}, "d0")
        report(1, {"role": "assistant", "content": [{"text": "ok"}]}, "d1")
        return Answer(text="ok", usage=Usage(1, 1), mark=Mark(count=2, digest="d1"))

    async def close(self) -> None:
        """Nothing to close."""


def began(out: Path) -> SessionStarted:
    return SessionStarted(
        at=1.0,
        session_id=SESSION,
        spec=parse_spec(SPEC).unwrap(),
        source=Source(text=SPEC, format="yaml", sha256="0" * 64),
        variables={},
        options=Options(out=str(out)),
    )


def leased(store: Store) -> Lease:
    store.create(SESSION)
    return store.lease(SESSION, now=0.0).unwrap()


def drive_of(store: Store, models: Two, out: Path, screen: io.StringIO | None = None) -> Drive:
    progress = PlainProgress(screen or io.StringIO())
    return Drive(start(began(out)), leased(store), store, models, SystemClock(), progress)


def ended_as(store: Store) -> dict[str, str]:
    """The units that ended, by the event that says so."""
    events = [entry.event for entry in store.read(SESSION).unwrap()]
    return {one["unit"]: one["type"] for one in events if one["type"] in ENDS}


def raising(error: Exception) -> Callable[[], NoAnswer]:
    def wrong() -> NoAnswer:
        raise error

    return wrong


def refused() -> NoAnswer:
    return NoAnswer(fault=Fault("refused", "No such module."), usage=Usage())


@pytest.mark.parametrize("error", [EMFILE, OSError(errno.ENFILE, "x"), behind(EMFILE)], ids=repr)
def test_a_call_that_can_open_nothing_is_no_fault_and_what_runs_beside_it_is_kept(
    error: Exception, tmp_path: Path
) -> None:
    async def driven() -> tuple[Session, list[str]]:
        models = Two(raising(error))
        drive = drive_of(store, models, tmp_path)
        with pytest.raises(OutOfFiles) as ended:
            await drive.run((began(tmp_path),))
        assert ended.value.code == 12
        return drive.session, models.asked

    store = MemoryStore()
    session, asked = asyncio.run(driven())
    assert sorted(asked) == ["branches/long/0", "branches/short/0"]
    assert ended_as(store) == {"branches/long/0": "unit_completed/1"}
    assert isinstance(verdict(session), Open)


def test_an_exception_of_another_kind_is_a_fault_as_ever(tmp_path: Path) -> None:
    store, models = MemoryStore(), Two(raising(PermissionError(errno.EACCES, "Permission denied")))

    async def driven() -> Session:
        return await drive_of(store, models, tmp_path).run((began(tmp_path),))

    assert isinstance(verdict(asyncio.run(driven())), Failed)
    assert ended_as(store)["branches/short/0"] == "unit_failed/1"


def test_whatever_a_provider_says_is_not_believed_where_no_file_can_be_opened(tmp_path: Path) -> None:
    async def driven(left: int) -> Session | None:
        drive = drive_of(MemoryStore(), Two(refused), tmp_path)
        running = asyncio.create_task(drive.run((began(tmp_path),)))
        await asyncio.sleep(0)  # in which it keeps those for the views
        with handles_left(left):
            try:
                return await running
            except OutOfFiles:
                return None

    assert asyncio.run(driven(0)) is None
    assert asyncio.run(driven(FILES_OF_A_CALL - 1)) is None
    ended = asyncio.run(driven(FILES_OF_A_CALL))
    assert ended is not None
    assert isinstance(verdict(ended), Failed)


def test_views_are_brought_up_to_date_at_the_end_where_no_file_can_be_opened(tmp_path: Path) -> None:
    screen = io.StringIO()

    async def driven(store: FileStore) -> int:
        models = Two(raising(EMFILE), waits=True)
        drive = drive_of(store, models, tmp_path, screen)
        running = asyncio.create_task(drive.run((began(tmp_path),)))
        while "branches/short/0" not in models.asked:
            await asyncio.sleep(0.001)
        with handles_left(0):
            models.let.set()
            with pytest.raises(OutOfFiles):
                await running
            assert store.renew(drive.lease, now=1.0), "a lease that is held needs no new file"
        store.release(drive.lease)
        return drive.session.seq

    store = FileStore(tmp_path / "home")
    seq = asyncio.run(driven(store))
    view = store.session_view(SESSION).unwrap()
    assert view is not None
    assert view["as_of"] == seq
    assert "Warning" not in screen.getvalue()
