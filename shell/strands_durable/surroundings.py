"""What a run is given when a program asks for it: no terminal, and its log instead of a screen."""

from __future__ import annotations

import inspect
import io
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, cast

from durable_core.session import Doubt
from durable_core.session.commands import SettleTool
from durable_core.session.state import Gate
from durable_core.spec.secrets import Vault
from durable_shell.app import App
from durable_shell.cli.environment import Environment, home_of
from durable_shell.cli.exit_codes import Exit
from durable_shell.errors import OperationError
from durable_shell.runtime.interrupts import interruptible
from durable_shell.runtime.ports import Clock, Ids, Models
from durable_shell.store.port import Store
from durable_shell.terminal.messages import errors as error_messages
from durable_shell.terminal.messages import run as run_messages

LOG: Final = logging.getLogger("strands_durable")

StoreLike = str | os.PathLike[str] | Store | None
"""Where sessions are kept: a URL (``file:///...``, ``memory://name``), a folder, an open store, or None for
the command line's own place (``STRANDS_HOME``, else ``~/.strands``)."""

ModelsLike = Models | Callable[[Path, Vault], Models] | None
"""Models that answer instead of those that the workflow names, or what makes them from the folder of the
workflow and its secrets."""

Ask = Callable[[Gate], Awaitable[str | None] | str | None]
"""Answers a gate, or leaves it open with None; may be a coroutine function."""


def app_for(
    store: StoreLike = None, *, clock: Clock | None = None, ids: Ids | None = None, models: ModelsLike = None
) -> App:
    """The composition root of one call."""
    env, cwd = dict(os.environ), Path.cwd()
    environment = Environment(
        stdin=io.StringIO(),
        stdout=io.StringIO(),
        stderr=io.StringIO(),
        home=home_of(env, cwd),
        cwd=cwd,
        env=env,
    )
    return App(environment, clock=clock, ids=ids, store=_store(store), models=_factory(models))


def store_of(app: App) -> Store:
    """The store of ``app``. Others are told that this program holds what it holds."""
    return app.open_store(f"python {os.path.basename(sys.argv[0])}".strip())


def _store(store: StoreLike) -> str | Store | None:
    if isinstance(store, os.PathLike):
        return f"file://{Path(store).absolute()}"
    return store


def _factory(models: ModelsLike) -> Callable[[Path, Vault], Models] | None:
    if models is None or not hasattr(models, "answer"):
        return models

    def same(folder: Path, vault: Vault) -> Models:
        del folder, vault
        return cast("Models", models)

    return same


class AskedPeople:
    """A function in the place of people. Implements ``durable_shell.runtime.ports.People``."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def answer(self, gate: Gate, refused: str | None) -> str | None:
        """What the function says. Raises OperationError when its last answer was refused: it has no other."""
        if refused is not None:
            raise OperationError(Exit.USAGE, error_messages.error(refused))
        with interruptible():
            said = self._ask(gate)
        return await said if inspect.isawaitable(said) else said

    async def settle(self, doubt: Doubt, at: float) -> SettleTool | None:
        """Nobody is asked what became of a tool call: it stays in doubt, and the session is paused."""
        del doubt, at
        return None


class LoggedProgress:
    """Progress for the log. Implements ``durable_shell.terminal.Progress``."""

    def note(self, line: str) -> None:
        """Level INFO."""
        LOG.info("%s", line)

    def warn(self, line: str) -> None:
        """Level WARNING."""
        LOG.warning("%s", line)

    def started(self, key: str, title: str) -> None:
        """Level INFO."""
        LOG.info("%s", run_messages.unit_started(key, title))

    def finished(self, key: str, line: str) -> None:
        """Level INFO."""
        LOG.info("%s: %s", key, line)

    def waiting(self, key: str, title: str, seconds: float, reason: str) -> None:
        """Level INFO."""
        LOG.info("%s", run_messages.unit_waits(key, title, seconds, reason))

    def close(self) -> None:
        """There is nothing to close."""
