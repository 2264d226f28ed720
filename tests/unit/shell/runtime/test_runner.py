"""A run for a program: people are asked, events are watched, and whatever happens the lease is given back."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest

from durable_core.session import Doubt, Event, Session, Turn, events, status
from durable_core.session.commands import SettleTool
from durable_core.session.conversation import Mark
from durable_core.session.state import Gate
from durable_core.session.turns import Answer
from durable_core.types import Usage
from durable_shell.app import App
from durable_shell.cli.environment import FILES_IN_A_DRIVE, Environment
from durable_shell.errors import OperationError
from durable_shell.operations.inputs import read_spec
from durable_shell.operations.start import prepare_session, start_session
from durable_shell.runtime.ports import TurnReport
from durable_shell.runtime.runner import Company, Ready, drive_session
from durable_shell.runtime.view_publisher import Publisher
from durable_shell.store.memory.store import MemoryStore
from durable_shell.terminal.plain import PlainProgress
from tests.support.handles import handles_left

SPEC = """\
version: 0
name: one
runtime: {provider: openai}  # and no key for it
agents: {a: {prompt: You think.}}
pattern:
  type: chain
  config:
    steps: [{agent: a}, {type: hitl, prompt: "Good?", validation: {pattern: "yes|no"}}]
"""


class Ok:
    """Says ok, once it is let. ``closed`` tells whether it was closed."""

    def __init__(self, *, at_once: bool = True) -> None:
        self.closed = False
        self.asked = asyncio.Event()
        self._at_once = at_once

    async def answer(self, turn: Turn, report: TurnReport) -> Answer:
        self.asked.set()
        if not self._at_once:
            await asyncio.sleep(3600)
        report(0, {"role": "user", "content": [{"text": turn.prompt}]}, "d0")
        report(1, {"role": "assistant", "content": [{"text": "ok"}]}, "d1")
        return Answer(text="ok", usage=Usage(1, 1), mark=Mark(count=2, digest="d1"))

    async def close(self) -> None:
        self.closed = True


class Person:
    """Says one thing after the other. ``refusals`` are why what was said before was no answer."""

    def __init__(self, *words: str | None) -> None:
        self.words = list(words)
        self.refusals: list[str | None] = []

    async def answer(self, gate: Gate, refused: str | None) -> str | None:
        self.refusals.append(refused)
        return self.words.pop(0)

    async def settle(self, doubt: Doubt, at: float) -> SettleTool | None:
        raise AssertionError("nothing is in doubt")


def ready(folder: Path, models: Ok, store: MemoryStore) -> tuple[App, Ready]:
    """A session that can be driven. Models that are handed in need no provider."""
    (folder / "one.yaml").write_text(SPEC)
    streams = io.StringIO(), io.StringIO(), io.StringIO()
    environment = Environment(*streams, home=folder / "home", cwd=folder, env={})
    app = App(environment, store=store, models=lambda folder, vault: models)
    new = prepare_session(app, read_spec(app, "one.yaml"))
    return app, start_session(app, app.open_store("test"), new)


def test_a_person_is_asked_until_the_answer_fits_and_each_committed_event_is_watched(tmp_path: Path) -> None:
    store, models, person = MemoryStore(), Ok(), Person("perhaps", "yes")
    app, begun = ready(tmp_path, models, store)
    seen: list[tuple[Event, int]] = []

    def watch(event: Event, session: Session) -> None:
        assert len(store.read(session.id).unwrap()) >= session.seq, "it is in the store before it is shown"
        seen.append((event, session.seq))

    company = Company(progress=PlainProgress(io.StringIO()), people=person, watch=watch)
    ended = asyncio.run(drive_session(app.clock, begun, company))
    assert status(ended) == "completed"
    assert person.refusals[0] is None
    assert len([one for one in person.refusals if one is not None]) == 1
    assert len(seen) == len(store.read(ended.id).unwrap()) == ended.seq
    assert isinstance(seen[0][0], events.SessionStarted)
    assert seen[-1][1] == ended.seq
    assert models.closed
    assert store.holder(ended.id) is None


def test_what_a_person_leaves_open_waits_for_the_next_time(tmp_path: Path) -> None:
    app, begun = ready(tmp_path, Ok(), MemoryStore())
    company = Company(progress=PlainProgress(io.StringIO()), people=Person(None))
    assert status(asyncio.run(drive_session(app.clock, begun, company))) == "paused"


def test_a_run_that_is_cancelled_gives_its_lease_back_and_can_be_resumed(tmp_path: Path) -> None:
    store = MemoryStore()

    async def cancelled() -> Ok:
        models = Ok(at_once=False)
        app, begun = ready(tmp_path, models, store)
        company = Company(progress=PlainProgress(io.StringIO()))
        task = asyncio.create_task(drive_session(app.clock, begun, company))
        await models.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return models

    models = asyncio.run(cancelled())
    assert models.closed
    (left,) = store.list()
    assert left.status == "interrupted"
    assert store.holder(left.session_id) is None


def test_models_that_cannot_be_had_leave_no_session_and_no_lease(tmp_path: Path) -> None:
    store = MemoryStore()
    app, begun = ready(tmp_path, Ok(), store)

    def broken() -> Ok:
        raise RuntimeError("no such model")

    company = Company(progress=PlainProgress(io.StringIO()))
    failing = Ready(
        session=begun.session, first=begun.first, store=store, lease=begun.lease, open_models=broken
    )
    with pytest.raises(RuntimeError):
        asyncio.run(drive_session(app.clock, failing, company))
    assert store.list() == ()
    assert store.claim(begun.session.id, now=1.0) is not None
    assert store.create(begun.session.id).unwrap() is None, "the id is free again"


def test_a_program_that_may_hardly_open_a_file_runs_nothing_and_is_told(tmp_path: Path) -> None:
    store, models = MemoryStore(), Ok()
    app, begun = ready(tmp_path, models, store)

    async def short() -> None:
        with handles_left(FILES_IN_A_DRIVE - 1):
            await drive_session(app.clock, begun, Company(progress=PlainProgress(io.StringIO())))

    with pytest.raises(OperationError, match="Too many open files") as refused:
        asyncio.run(short())
    assert refused.value.code == 12
    assert not models.asked.is_set()
    assert store.list() == ()
    assert store.create(begun.session.id).unwrap() is None, "the id is free again"


class Quiet(MemoryStore):
    """A store whose views do not follow."""

    views_follow = False


def test_views_that_do_not_follow_are_written_when_the_session_rests(tmp_path: Path) -> None:
    store, models = Quiet(), Ok()
    app, begun = ready(tmp_path, models, store)
    assert Publisher(MemoryStore()).due(begun.session)
    assert not Publisher(store).due(begun.session)
    company = Company(progress=PlainProgress(io.StringIO()))
    ended = asyncio.run(drive_session(app.clock, begun, company))
    view = store.session_view(ended.id).unwrap()
    assert view is not None
    assert (view["as_of"], view["metadata"]["status"]) == (ended.seq, "paused")
