"""Every command that touches a session does all of it through the store: here there is no disk below it."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from durable_core.session import Turn
from durable_core.session.conversation import Mark
from durable_core.session.turns import Answer
from durable_core.types import Usage
from durable_shell.app import App
from durable_shell.cli.environment import Environment
from durable_shell.cli.main import COMMANDS, main
from durable_shell.runtime.ports import TurnReport
from durable_shell.store.digest import chain_digest
from durable_shell.store.memory.store import MemoryStore, open_memory
from durable_shell.store.port import Lease
from tests.support.workflows import ASK

SPEC = ASK % "default: later, timeout_seconds: 60"
_NUMBERS = itertools.count()


class Watch:
    """A clock that stands still until it is set. Implements ``durable_shell.runtime.ports.Clock``."""

    def __init__(self) -> None:
        self.time = 1_790_000_000.0

    def now(self) -> float:
        self.time += 0.001
        return self.time

    def chance(self) -> float:
        return 0.5

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


def reported(report: TurnReport, index: int, role: str, block: dict[str, Any], before: str) -> str:
    """Report a message of one block, and give the digest of the conversation, which was ``before``."""
    message = {"role": role, "content": [block]}
    digest = chain_digest(before, message)
    report(index, message, digest)
    return digest


class Poster:
    """Models whose first call of a tool is interrupted by Ctrl-C; all else is answered at once."""

    def __init__(self) -> None:
        self.called: list[str] = []

    async def answer(self, turn: Turn, report: TurnReport) -> Answer:
        first = len(turn.history)
        if turn.unit == "steps/0" and not self.called:
            self.called.append("post")
            use = {"toolUse": {"toolUseId": "t1", "name": "post", "input": {"text": "hello"}}}
            asked = reported(report, first, "user", {"text": turn.prompt}, turn.digest)
            reported(report, first + 1, "assistant", use, asked)
            await report.tool_started("t1", "post", {"text": "hello"}, reads_only=False)
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(3600)
        digest = turn.digest
        for index, role in enumerate(("user", "assistant"), start=first):
            digest = reported(report, index, role, {"text": "ok"}, digest)
        return Answer(text="ok", usage=Usage(1, 1), mark=Mark(count=first + 2, digest=digest))

    async def close(self) -> None:
        """Nothing to close."""


class Desk:
    """Somebody at a terminal, or not, whose sessions are kept in memory. ``out`` and ``err`` are the last."""

    def __init__(self, folder: Path, models: Poster | None = None) -> None:
        self.folder = folder
        self.url = f"memory://desk{next(_NUMBERS)}"
        self.clock = Watch()
        self.models = models
        self.out = self.err = ""
        (folder / "ask.yaml").write_text(SPEC)

    def strands(self, *argv: str) -> int:
        streams = io.StringIO(), io.StringIO(), io.StringIO()
        environment = Environment(*streams, home=self.folder / "home", cwd=self.folder, env={})
        models = self.models
        factory = None if models is None else (lambda folder, vault: models)
        code = main(argv, App(environment, clock=self.clock, store=self.url, models=factory))
        self.out, self.err = streams[1].getvalue(), streams[2].getvalue()
        return code

    def status(self) -> str:
        assert self.strands("sessions", "show", "@latest", "--json") == 0, self.err
        status = json.loads(self.out)["metadata"]["status"]
        assert isinstance(status, str)
        return status


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk with one session, which waits for an answer."""
    desk = Desk(tmp_path)
    assert desk.strands("run", "ask.yaml", "--name", "mine") == 19, desk.err
    return desk


def test_a_run_pauses_and_is_resumed_and_nothing_is_on_the_disk(desk: Desk) -> None:
    assert desk.strands("resume", "mine", "--hitl-response", "yes") == 0, desk.err
    assert desk.out == "they said yes\n"
    assert desk.status() == "completed"
    assert desk.strands("resume", "mine") == 2
    assert "already completed" in desk.err
    assert sorted(path.name for path in desk.folder.iterdir()) == ["ask.yaml"]


def test_an_answer_is_recorded_now_and_acted_on_at_the_next_resume(desk: Desk) -> None:
    assert desk.strands("sessions", "answer", "mine", "steps/1", "no thanks") == 0, desk.err
    assert desk.strands("run", "ask.yaml", "--auto-resume") == 0, desk.err
    assert desk.out == "they said no thanks\n"


def test_a_tick_takes_the_default_when_the_time_is_up(desk: Desk) -> None:
    assert (desk.strands("sessions", "tick"), desk.err) == (0, "")
    desk.clock.time += 61
    assert desk.strands("sessions", "tick") == 0
    assert "later" in desk.err
    assert desk.strands("resume", "mine") == 0, desk.err
    assert desk.out == "they said later\n"


def test_a_list_shows_what_waits_and_what_is_done(desk: Desk) -> None:
    assert desk.strands("run", "ask.yaml", "--name", "other") == 19
    assert desk.strands("resume", "mine", "--hitl-response", "yes") == 0
    assert desk.strands("sessions", "list", "--json") == 0
    assert [(one["name"], one["status"]) for one in json.loads(desk.out)] == [
        ("mine", "completed"),
        ("other", "paused"),
    ]
    assert desk.strands("sessions", "list", "--status", "paused") == 0
    assert (desk.out.count("  ask "), desk.out.count("paused")) == (1, 1)


def test_a_whole_session_is_verified_and_needs_no_repair(desk: Desk) -> None:
    assert desk.strands("sessions", "verify") == 0, desk.err
    assert ": whole (" in desk.out
    assert desk.strands("sessions", "repair", "mine") == 0
    assert ": whole (" in desk.err


def test_an_event_that_makes_no_sense_is_found_and_cut_and_the_session_resumed(desk: Desk) -> None:
    assert desk.strands("sessions", "list", "--json") == 0
    session_id = json.loads(desk.out)[0]["session_id"]
    store = open_memory(desk.url.removeprefix("memory://"), command="odd", clock=desk.clock.now)
    lease = store.lease(session_id, now=1.0).unwrap()
    length = len(store.read(session_id).unwrap())
    started = store.read(session_id).unwrap()[0].event
    store.append(lease, length, 1.0, [started]).unwrap()
    assert desk.strands("sessions", "repair", "mine", "--force") == 17
    assert "in use" in desk.err
    store.release(lease)
    assert desk.strands("sessions", "verify", "mine") == 17
    assert "the session begins a second time" in desk.out
    assert desk.strands("resume", "mine", "--hitl-response", "yes") == 17
    assert f"is damaged: the session begins a second time (journal, line {length + 1})" in desk.err
    assert desk.strands("sessions", "repair", "mine", "--force") == 0, desk.err
    assert "Repaired session" in desk.err
    assert desk.strands("sessions", "verify", "mine") == 0, desk.out
    assert desk.strands("resume", "mine", "--hitl-response", "yes") == 0, desk.err


def test_old_sessions_go_and_a_session_is_deleted(desk: Desk) -> None:
    assert desk.strands("sessions", "cleanup", "--status", "paused", "--older-than", "1d", "--force") == 0
    assert "No session to clean up" in desk.err
    desk.clock.time += 2 * 86400
    assert desk.strands("run", "ask.yaml", "--name", "young") == 19
    assert desk.strands("sessions", "cleanup", "--status", "paused", "--older-than", "1d", "--force") == 0
    assert "Deleted 1 session, freed" in desk.err
    assert desk.strands("sessions", "delete", "young", "--force") == 0
    assert desk.strands("sessions", "list", "--json") == 0
    assert json.loads(desk.out) == []


def test_a_call_in_doubt_is_settled_and_the_session_resumed(tmp_path: Path) -> None:
    models = Poster()
    desk = Desk(tmp_path, models)
    assert desk.strands("run", "ask.yaml", "--name", "mine") == 130, desk.err
    assert desk.status() == "interrupted"
    assert desk.strands("resume", "mine") != 0
    assert desk.strands("sessions", "settle", "mine", "steps/0", "--done", "posted") == 0, desk.err
    assert desk.strands("resume", "mine") == 19, desk.err
    assert desk.strands("resume", "mine", "--hitl-response", "yes") == 0, desk.err
    assert models.called == ["post"]


TOUCHING = [name for name in COMMANDS if name in ("run", "resume") or name.startswith("sessions ")]

THROUGH_THE_STORE: dict[str, tuple[tuple[str, ...], int, set[str]]] = {
    "run": (("ask.yaml",), 19, {"create", "lease", "append", "publish", "release"}),
    "resume": (
        ("mine", "--hitl-response", "yes"),
        0,
        {"find", "claim", "lease", "read", "append", "publish"},
    ),
    "sessions list": ((), 0, {"list"}),
    "sessions show": (("mine",), 0, {"find", "read", "holder"}),
    "sessions delete": (("mine", "--force"), 0, {"find", "delete"}),
    "sessions answer": (("mine", "steps/1", "no"), 0, {"find", "lease", "read", "append", "publish"}),
    "sessions settle": (
        ("mine", "steps/0", "--done", "x"),
        0,
        {"find", "lease", "read", "append", "publish"},
    ),
    "sessions tick": ((), 0, {"list", "lease", "read", "append"}),
    "sessions verify": (("mine",), 0, {"find", "looking"}),
    "sessions repair": (("mine",), 0, {"find", "mending"}),
    "sessions cleanup": (("--older-than", "1d", "--status", "paused", "--force"), 0, {"list", "delete"}),
}
"""For each command: its arguments, how it ends, and what it asks of the store at least."""


@pytest.mark.parametrize("command", TOUCHING)
def test_a_command_asks_the_store_and_leaves_nothing_on_the_disk(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments, ends, expected = THROUGH_THE_STORE[command]
    in_doubt = command == "sessions settle"
    desk = Desk(tmp_path, Poster() if in_doubt else None)
    assert desk.strands("run", "ask.yaml", "--name", "mine") == (130 if in_doubt else 19), desk.err
    desk.clock.time += 2 * 86400
    asked: set[str] = set()
    for name in {name for _, _, names in THROUGH_THE_STORE.values() for name in names}:
        monkeypatch.setattr(MemoryStore, name, _recorded(getattr(MemoryStore, name), name, asked))
    assert desk.strands(*command.split(), *arguments) == ends, desk.err
    assert expected - asked == set()
    assert [path.name for path in tmp_path.iterdir()] == ["ask.yaml"]


def _recorded(method: Callable[..., object], name: str, asked: set[str]) -> Callable[..., object]:
    def recording(*args: object, **named: object) -> object:
        asked.add(name)
        return method(*args, **named)

    return recording


@pytest.mark.parametrize(
    ("arguments", "ends"),
    [(("--hitl-response", "yes"), 0), ((), 19), (("--gate", "steps/9", "--hitl-response", "yes"), 2)],
    ids=["driven to its end", "paused again", "refused"],
)
def test_the_lease_of_a_resume_is_given_back_once_by_whoever_has_it_last(
    desk: Desk, arguments: tuple[str, ...], ends: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_back: list[Lease] = []
    release = MemoryStore.release

    def counting(store: MemoryStore, lease: Lease) -> None:
        given_back.append(lease)
        release(store, lease)

    monkeypatch.setattr(MemoryStore, "release", counting)
    assert desk.strands("resume", "mine", *arguments) == ends, desk.err
    assert len(given_back) == 1
    assert desk.status() in ("completed", "paused")


def test_a_store_of_no_known_kind_is_a_usage_error_that_names_the_known_ones(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for url in ("s3://bucket", "memory", "file://relative/path", "", "sessions"):
        desk.url = url
        assert desk.strands("sessions", "list") == 2, url
        assert desk.err == (
            f"Error: no store is known for the URL {url!r}; "
            "known are file:///an/absolute/path, memory:// and memory://name.\n"
        )
