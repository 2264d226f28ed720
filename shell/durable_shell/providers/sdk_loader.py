"""Brings in the SDK, half a second's work, when all else is in order."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

from durable_core.spec.secrets import Vault
from durable_shell.cli.environment import Environment
from durable_shell.runtime.ports import Clock, Models
from durable_shell.tools.confinement import Workplace


def sdk_models(
    environment: Environment, clock: Clock, folder: Path, vault: Vault, *, closed: tuple[Path, ...]
) -> Models:
    """The models of one run; relative paths of scripts and Python tools begin at ``folder``.

    No built-in tool touches what lies below the folders ``closed``.

    Raises KeyboardInterrupt when a person interrupts the loading.
    """
    with _interrupts_kept():
        from durable_shell.providers.agent import SdkModels

    return SdkModels(
        environment.env,
        folder=folder,
        workplace=Workplace(environment.cwd, closed=closed),
        vault=vault,
        now=clock.now,
    )


@contextlib.contextmanager
def _interrupts_kept() -> Iterator[None]:
    """Ctrl-C ends what goes on inside, even where a library swallows the exception while it is imported."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Ctrl-C comes to the main thread alone
        return
    interrupted = False

    def interrupt(_: int, __: FrameType | None) -> NoReturn:
        nonlocal interrupted
        interrupted = True
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if interrupted:
        raise KeyboardInterrupt
