"""The ports of the shell besides the store: models, clock, ids, people."""

from __future__ import annotations

from typing import Protocol

from durable_core.session import Doubt
from durable_core.session.commands import SettleTool
from durable_core.session.conversation import Memory
from durable_core.session.state import Gate
from durable_core.session.turns import Answer, NoAnswer, Turn
from durable_core.types import Json


class TurnReport(Protocol):
    """Told of what a turn does, as it happens."""

    def __call__(self, index: int, message: Json, digest: str, memory: Memory | None = None) -> None:
        """A message joined the conversation: its index, itself, the digest of all up to it.

        ``memory`` is the agent's memory as of then, None when it is what was told last.
        """
        ...

    async def tool_started(self, call: str, name: str, given: Json, *, reads_only: bool) -> None:
        """A tool is about to be called with the input ``given``; it must not run before this returns.

        Returns once that is on disk, and with it the message that asked for the call. Raises GivenUp when the
        tool must not run.
        """
        ...

    async def tool_returned(self, call: str, result: Json) -> None:
        """A tool gave its result; returns once that is on disk. Raises GivenUp when nobody wants it."""
        ...


class GivenUp(Exception):
    """The attempt is not the session's any more: what it does is dropped."""


class Models(Protocol):
    """Answers turns. Never raises for a provider's failure: that is a NoAnswer with its fault."""

    async def answer(self, turn: Turn, report: TurnReport) -> Answer | NoAnswer:
        """Ask the model, and call its tools, until it answers; ``report`` is told of each message and call.

        Raises what ``report`` raised, and what was raised for want of files that can be opened: neither is a
        fault of the model.
        """
        ...

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

    async def sleep(self, seconds: float) -> None:
        """Return after ``seconds``, letting other coroutines run meanwhile."""
        ...


class Ids(Protocol):
    """Fresh session ids."""

    def session_id(self) -> str:
        """A new lower-case UUID4."""
        ...


class People(Protocol):
    """Those who can be asked while a session is driven. What they leave open stays open."""

    async def answer(self, gate: Gate, refused: str | None) -> str | None:
        """The answer to an open question, or None; ``refused`` is why the last one was none."""
        ...

    async def settle(self, doubt: Doubt, at: float) -> SettleTool | None:
        """What became of a tool call in doubt, as an order given ``at`` this time; or None."""
        ...
