"""Signals around a drive, while the event loop is made and while it is closed, where no drive takes them; and
a terminal that closes during a drive.
"""

from __future__ import annotations

import asyncio
import io
import signal
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from durable_shell.app import App
from durable_shell.cli.environment import Environment
from durable_shell.cli.main import main
from strands_durable.testing import Asked, ScriptedModels

SPEC = """\
version: 0
name: two steps
agents: {writer: {prompt: Write.}}
pattern:
  type: chain
  config: {steps: [{agent: writer}, {agent: writer}]}
runtime: {provider: echo, model_id: m}
"""


class Desk:
    """Somebody whose sessions are kept in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "two.yaml").write_text(SPEC)

    def strands(self, *argv: str, meanwhile: Callable[[], None] | None = None) -> tuple[int, str, str]:
        """The exit code, and what was written to both streams; ``meanwhile`` happens during each step."""
        out, err = io.StringIO(), io.StringIO()
        environment = Environment(
            io.StringIO(), out, err, home=self._folder / "home", cwd=self._folder, env={}
        )
        models = None if meanwhile is None else lambda _, __: _answering_after(meanwhile)
        code = main(argv, App(environment, store=f"memory://{self._folder.name}", models=models))
        return code, out.getvalue(), err.getvalue()


def _answering_after(happens: Callable[[], None]) -> ScriptedModels:
    """Models that answer when something has happened, and the event loop has taken notice."""

    async def answer(_: Asked) -> str:
        happens()
        await asyncio.sleep(0.01)  # the loop hears of a signal when it waits
        return "written"

    return ScriptedModels(answer)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def interrupted(times: int) -> None:
    raised(signal.SIGINT, times)


def raised(number: signal.Signals, times: int) -> None:
    for _ in range(times):
        signal.raise_signal(number)


def loop_made(monkeypatch: pytest.MonkeyPatch, then: Callable[[], None]) -> None:
    made = asyncio.SelectorEventLoop.create_task
    monkeypatch.setattr(
        asyncio.SelectorEventLoop,
        "create_task",
        lambda loop, coroutine, **named: (made(loop, coroutine, **named), then())[0],
    )


def loop_closed(monkeypatch: pytest.MonkeyPatch, then: Callable[[], None]) -> None:
    closed = asyncio.SelectorEventLoop.shutdown_asyncgens

    async def shutdown_asyncgens(loop: asyncio.SelectorEventLoop) -> None:
        then()
        await closed(loop)

    monkeypatch.setattr(asyncio.SelectorEventLoop, "shutdown_asyncgens", shutdown_asyncgens)


@pytest.mark.parametrize("times", [1, 2])
def test_an_interrupt_while_the_loop_is_made_stops_the_drive_at_its_first_commit(
    times: int, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched, warnings.catch_warnings():
        warnings.simplefilter("error")  # as of a coroutine that was never awaited
        first = iter([times])
        loop_made(patched, lambda: interrupted(next(first, 0)))
        code, out, err = desk.strands("run", "two.yaml", "--name", "mine")
    assert (code, out) == (130, "")
    assert "Interrupted. Everything completed is saved.\n" in err
    assert "COMPLETE" not in err
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    code, out, err = desk.strands("resume", "mine")
    assert code == 0, err
    assert err.count("COMPLETE") == 2


@pytest.mark.parametrize(
    ("times", "ends", "says"), [(1, 0, "Total tokens: "), (2, 130, "\nInterrupted.\n")], ids=["once", "twice"]
)
def test_after_the_drive_the_first_interrupt_changes_nothing_and_the_second_ends_the_program(
    times: int, ends: int, says: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        loop_closed(patched, lambda: interrupted(times))
        code, out, err = desk.strands("run", "two.yaml", "--name", "mine")
    assert code == ends, err
    assert bool(out) is (ends == 0)
    assert says in err
    assert err.count("Interrupted.") == times - 1
    code, out, err = desk.strands("resume", "mine")
    assert code == 2
    assert "already completed" in err


@pytest.mark.parametrize("times", [1, 3])
def test_a_terminal_that_closes_lets_the_running_step_finish_however_often_it_says_so(
    times: int, desk: Desk
) -> None:
    before = signal.getsignal(signal.SIGHUP)
    code, out, err = desk.strands(
        "run", "two.yaml", "--name", "mine", meanwhile=lambda: raised(signal.SIGHUP, times)
    )
    assert (code, out) == (130, "")
    assert err.count("COMPLETE") == 1
    assert err.count("finishing what runs") == 1
    assert "Interrupted. Everything completed is saved.\n" in err
    assert signal.getsignal(signal.SIGHUP) is before
    code, out, err = desk.strands("resume", "mine")
    assert code == 0, err
    assert err.count("COMPLETE") == 1


def test_a_closing_terminal_takes_no_haste_from_the_person_who_asked_to_stop(desk: Desk) -> None:
    def both() -> None:
        raised(signal.SIGTERM, 1)
        raised(signal.SIGHUP, 2)

    code, _, err = desk.strands("run", "two.yaml", meanwhile=both)
    assert code == 130
    assert err.count("COMPLETE") == 1


def test_a_terminal_that_closes_under_nohup_stops_nothing(desk: Desk) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        code, out, err = desk.strands("run", "two.yaml", meanwhile=lambda: raised(signal.SIGHUP, 1))
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert (code, out) == (0, "written\n"), err
