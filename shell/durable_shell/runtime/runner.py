"""A run from the first event to the exit code: drives, asks people on a terminal, drives on, concludes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from returns.result import Failure, Success

from durable_core.patterns.base import Waiting
from durable_core.session import Event, Session, commands, decide, doubts, evolve_all, open_gates, verdict
from durable_core.session.state import Gate
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.runtime.clock import SystemClock
from durable_shell.runtime.driver import Drive, StoreFailed
from durable_shell.runtime.lease_heartbeat import heartbeat
from durable_shell.runtime.outcome import conclude
from durable_shell.runtime.ports import Models
from durable_shell.store.port import Lease, Store
from durable_shell.terminal import Progress
from durable_shell.terminal.messages import errors as error_messages
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.messages.store_errors import store_error
from durable_shell.terminal.messages.tool_calls import doubt_question
from durable_shell.terminal.plain import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run needs beside its session. ``saved`` is False for a session that nobody can resume.

    ``greeting`` is said once the first commit is made: an id shown earlier may name a session that never was.
    """

    environment: Environment
    progress: Progress
    store: Store
    lease: Lease
    models: Models
    saved: bool
    resumed: bool
    as_json: bool
    may_ask: bool
    greeting: tuple[str, ...] = ()


def conduct(run: Run, session: Session, first: Sequence[Event]) -> int:
    """Run ``session``, whose events ``first`` are not committed yet, and give the exit code.

    The lease is released and the models are closed, whatever happens.
    """
    try:
        with heartbeat(run.store, run.lease, SystemClock()):
            ended = asyncio.run(_run(run, session, first))
    except StoreFailed as failed:
        lines, code = store_error(failed.error)
        say(run.environment.stderr, *lines)
        if run.saved and code is Exit.IO:
            say(run.environment.stderr, run_messages.resume_command(session.id))
        return code
    finally:
        run.progress.close()
        run.store.release(run.lease)
    return conclude(
        run.environment, run.progress, ended, saved=run.saved, resumed=run.resumed, as_json=run.as_json
    )


async def _run(run: Run, session: Session, first: Sequence[Event]) -> Session:
    greeting = run.greeting
    try:
        while True:
            drive = Drive(
                session, run.lease, run.store, run.models, SystemClock(), run.progress, greeting=greeting
            )
            greeting = ()
            with _signals(drive, run.progress):
                session = await drive.run(first)
            if not run.may_ask or not isinstance(verdict(session), Waiting):
                return session
            with _interruptible():
                session, first = _ask(run.environment, session)
            if not first:
                return session
    finally:
        await run.models.close()


@contextlib.contextmanager
def _signals(drive: Drive, progress: Progress) -> Iterator[None]:
    """Ctrl-C and SIGTERM ask the drive to stop, once gently, twice at once."""
    loop = asyncio.get_running_loop()
    told = False

    def stop() -> None:
        nonlocal told
        if not told:
            progress.warn(run_messages.stopping())
        told = True
        drive.ask_to_stop()

    handled = (signal.SIGINT, signal.SIGTERM)
    for number in handled:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """While a person types, Ctrl-C is KeyboardInterrupt again: asyncio would only note it for later."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


# --- people at the terminal ---------------------------------------------------------------------------


def _ask(environment: Environment, session: Session) -> tuple[Session, tuple[Event, ...]]:
    """Put each open question; the answers' events are to be committed by the next drive."""
    session, answered = _ask_of_doubts(environment, session)
    for gate in open_gates(session):
        text = _answer(environment, gate)
        while text is not None:
            command = commands.AnswerGate(at=SystemClock().now(), unit=gate.unit, text=text)
            match decide(session, command):
                case Success(decided):
                    session = evolve_all(session, decided)
                    answered += decided
                    break
                case Failure(refusal):
                    say(environment.stderr, error_messages.error(refusal.problem))
                    text = _answer(environment, gate)
    return session, answered


def _ask_of_doubts(environment: Environment, session: Session) -> tuple[Session, tuple[Event, ...]]:
    """Ask what became of each tool call in doubt."""
    settled: tuple[Event, ...] = ()
    for doubt in doubts(session):
        said = _line(environment, doubt_question(doubt))
        word = "" if said is None else said.strip()
        if not word:
            continue  # an empty line is no answer of a tool's
        command = commands.SettleTool(
            at=SystemClock().now(),
            unit=doubt.unit,
            call=doubt.call.call,
            done=None if word == "r" else word,
        )
        decided = decide(session, command).value_or(())
        session = evolve_all(session, decided)
        settled += decided
    return session, settled


def _answer(environment: Environment, gate: Gate) -> str | None:
    """What the person says, or None when they leave it for later (``l``, Ctrl-C or Ctrl-D)."""
    question = run_messages.question(gate.unit, gate.prompt, gate.display, gate.choices, gate.default)
    line = _line(environment, question)
    if line is not None and line.strip() == "e":
        return _edited(environment, gate.default or "")
    return line


def _line(environment: Environment, question: Sequence[str]) -> str | None:
    """The line that the person types below ``question``, or None when they leave it for later."""
    say(environment.stderr, "", *question)
    try:
        environment.stderr.write(run_messages.answer_prompt())
        environment.stderr.flush()
        line = environment.stdin.readline()
    except KeyboardInterrupt:
        return None
    if not line or line.strip() == "l":
        say(environment.stderr, "")
        return None
    return line


def _edited(environment: Environment, text: str) -> str:
    """What the person writes in their editor ($VISUAL, $EDITOR, else vi)."""
    editor = environment.env.get("VISUAL") or environment.env.get("EDITOR") or "vi"
    handle, name = tempfile.mkstemp(suffix=".md", text=True)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        # the editor's own arguments (`code --wait`) are the person's, so a shell splits them
        subprocess.run(["/bin/sh", "-c", f'{editor} "$1"', "sh", name], check=False)
        return Path(name).read_text(encoding="utf-8", errors="replace")
    finally:
        os.unlink(name)
