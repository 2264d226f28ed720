"""The ports of the shell besides the store: models, clock, ids. Each has a real and a simulated adapter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from durable_core.session.turns import Answer, NoAnswer, Turn
from durable_core.words import Json

Record = Callable[[int, Json, str], None]
"""Told of each message that joins the conversation: its index, the message, the digest of all up to it."""


class Models(Protocol):
    """Answers turns. Never raises for a provider's failure: that is a NoAnswer with its fault."""

    async def answer(self, turn: Turn, record: Record) -> Answer | NoAnswer: ...

    async def close(self) -> None:
        """Let go of connections and threads."""
        ...


class Clock(Protocol):
    """Time and chance, as data."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        ...

    def chance(self) -> float:
        """A number in [0, 1), for jitter."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class Ids(Protocol):
    """Fresh session ids."""

    def session_id(self) -> str:
        """A new lower-case UUID4."""
        ...
