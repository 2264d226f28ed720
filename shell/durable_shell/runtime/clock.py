"""The real clock, chance and ids. ``durable_shell.app`` makes them, and hands them down.

Imported by every command, so what only some of them need is imported where it is used.
"""

from __future__ import annotations

import time


class SystemClock:
    """The machine's time and Python's random numbers."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        return time.time()

    def chance(self) -> float:
        """A number in [0, 1)."""
        import random

        return random.random()

    async def sleep(self, seconds: float) -> None:
        """Wait, letting the rest of the loop go on."""
        import asyncio

        await asyncio.sleep(seconds)


class RandomIds:
    """Random UUIDs."""

    def session_id(self) -> str:
        """A new lower-case UUID4."""
        import uuid

        return str(uuid.uuid4())
