"""The real clock, chance and ids."""

from __future__ import annotations

import random
import time
import uuid


class SystemClock:
    """The machine's time and Python's random numbers."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        return time.time()

    def chance(self) -> float:
        """A number in [0, 1)."""
        return random.random()

    async def sleep(self, seconds: float) -> None:
        """Wait, letting the rest of the loop go on."""
        import asyncio  # here, as a command that only needs the time need not wait for it

        await asyncio.sleep(seconds)


class RandomIds:
    """Random UUIDs."""

    def session_id(self) -> str:
        """A new lower-case UUID4."""
        return str(uuid.uuid4())
