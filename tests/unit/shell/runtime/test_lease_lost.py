"""A driver whose lease is somebody else's stops at once: what its models do from then on is paid twice."""

from __future__ import annotations

import asyncio
import functools
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from durable_core.session import Turn
from durable_core.session.turns import Answer
from durable_shell.app import App
from durable_shell.cli import session_run
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.main import main
from durable_shell.errors import StoreFailed, done
from durable_shell.operations.inputs import read_spec
from durable_shell.operations.resume import resume_session
from durable_shell.operations.start import prepare_session, start_session
from durable_shell.runtime.ports import TurnReport
from durable_shell.runtime.runner import Company, Ready, drive_session
from durable_shell.store.files.store import FileStore
from durable_shell.store.port import Held, OutOfStep
from durable_shell.terminal.plain import PlainProgress

SPEC = """\
version: 0
name: one
runtime: {provider: echo}
agents: {a: {prompt: You think.}}
pattern: {type: chain, config: {steps: [{agent: a}, {agent: a}]}}
"""
SOON = 0.005
"""Seconds between two renewals: the test need not wait for the real ones."""


class Thinker:
    """A model that never answers. ``meanwhile`` happens while it thinks, once ``ready``."""

    def __init__(self, meanwhile: Callable[[], None], ready: Callable[[], bool] = lambda: True) -> None:
        self.calls = 0
        self.cancelled = 0
        self._meanwhile = meanwhile
        self._ready = ready

    async def answer(self, turn: Turn, report: TurnReport) -> Answer:
        self.calls += 1
        while not self._ready():
            await asyncio.sleep(0.001)
        self._meanwhile()
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        raise AssertionError("nobody waits that long")

    async def close(self) -> None:
        """Nothing to close."""


class Desk:
    """A home with a workflow; another machine may take the session over, which does not see our lock."""

    def __init__(self, folder: Path) -> None:
        (folder / "one.yaml").write_text(SPEC)
        self.home = folder / "home"
        self.models = Thinker(self.take_over, self.is_shown)
        self.err = io.StringIO()
        environment = Environment(io.StringIO(), io.StringIO(), self.err, home=self.home, cwd=folder, env={})
        self.app = App(environment, models=lambda folder, vault: self.models)
        self.other = FileStore(self.home, command="another")
        self.taken: list[str] = []

    def take_over(self) -> None:
        (session,) = (self.home / "sessions").glob("session_*")
        (session / ".lease").unlink()
        session_id = session.name.removeprefix("session_")
        self.other.lease(session_id, now=2.0).unwrap()
        self.taken.append(session_id)

    def is_shown(self) -> bool:
        """Whether the views are written: from then on nothing but a renewal can notice a lost lease."""
        return any((self.home / "sessions").glob("session_*/session.json"))

    def ready(self) -> Ready:
        new = prepare_session(self.app, read_spec(self.app, "one.yaml"))
        return start_session(self.app, self.app.open_store("test"), new)

    def drive(self, ready: Ready) -> StoreFailed:
        """Drive until the lease is lost."""
        company = Company(progress=PlainProgress(self.err))
        with pytest.raises(StoreFailed) as failed:
            asyncio.run(asyncio.wait_for(drive_session(self.app.clock, ready, company, every=SOON), 300))
        return failed.value


def test_the_calls_of_a_driver_that_lost_its_lease_are_cancelled_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    failed = desk.drive(desk.ready())
    assert isinstance(failed.error, OutOfStep)
    assert failed.code == Exit.SESSION_UNUSABLE
    assert (desk.models.calls, desk.models.cancelled) == (1, 1)
    assert "lag behind" not in desk.err.getvalue(), "the views are the other one's now"
    assert desk.other.holder(desk.taken[0]) is not None, "the one that took over has it still"


def test_a_view_that_may_not_be_written_tells_of_the_lost_lease_too(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.models = Thinker(desk.take_over)  # as soon as the call begins, before the first views are written
    company = Company(progress=PlainProgress(desk.err))
    with pytest.raises(StoreFailed) as failed:
        asyncio.run(asyncio.wait_for(drive_session(desk.app.clock, desk.ready(), company), 300))
    assert isinstance(failed.value.error, OutOfStep)
    assert desk.models.cancelled == 1
    assert desk.err.getvalue() == ""


def test_the_command_line_says_that_the_session_was_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_run, "drive_session", functools.partial(drive_session, every=SOON))
    desk = Desk(tmp_path)
    assert main(["run", "one.yaml"], desk.app) == Exit.SESSION_UNUSABLE
    assert desk.err.getvalue().splitlines()[-2:] == [
        f"Error: Session {desk.taken[0][:8]}... was taken over by another process (token changed)",
        "This process stopped. What it had completed before is saved.",
    ]


def test_a_lease_that_was_lost_before_the_drive_began_starts_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    store = desk.app.open_store("test")
    ready = desk.ready()
    session_id = ready.session.id
    desk.models = Thinker(lambda: None)
    stopped = Company(progress=PlainProgress(desk.err))

    async def interrupted() -> None:
        task = asyncio.create_task(drive_session(desk.app.clock, ready, stopped))
        while not desk.models.calls:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(interrupted())
    assert store.holder(session_id) is None, "cancelled, and the lease given back"
    lease = done(store.lease(session_id, now=3.0))
    resumed = resume_session(desk.app, store, lease)
    desk.take_over()
    desk.models.calls = 0
    assert isinstance(desk.drive(resumed.ready).error, OutOfStep)
    assert desk.models.calls == 0


def test_a_second_driver_is_refused_with_who_has_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    refused: list[object] = []

    def try_too() -> None:
        (session,) = (desk.home / "sessions").glob("session_*")
        second = App(desk.app.environment).open_store("second")
        refused.append(second.claim(session.name.removeprefix("session_"), now=1.0))
        desk.take_over()

    desk.models = Thinker(try_too)
    desk.drive(desk.ready())
    (held,) = refused
    assert isinstance(held, Held)
    assert held.holder.command == "test"
