"""Models whose answers depend on the unit alone, and that do everything a provider does wrong.

Faults: throttled, with or without a wish for a pause; broken connections, before or after the answer was on
its way; server errors; refusals; empty and malformed answers; hangs until the timeout; exceptions that
nobody expects, or that come for want of files that can be opened; messages told twice, or after the attempt
is over. The fault rates are the world's; with rates of 0 the models are only slow.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from durable_core.session import Answer, NoAnswer, Turn
from durable_core.session.conversation import Mark
from durable_core.spec.models import Spec
from durable_core.types import Fault, FaultKind, Json, UnitId, Usage
from durable_shell.runtime.ports import TurnReport
from durable_shell.store.digest import chain_digest
from tests.simulation.disk import Crashed, Process
from tests.simulation.ledger import Ledger
from tests.simulation.specs import answer_of, is_structured, usage_of


@dataclass(frozen=True, slots=True)
class Rates:
    """How often things go wrong, from 0 to 1: transient faults, other faults, reports that come twice or
    late."""

    transient: float = 0.0
    lasting: float = 0.0
    repeated: float = 0.0


@dataclass(slots=True)
class SimModels:
    """The models that one process talks to. Implements ``durable_shell.runtime.ports.Models``.

    ``spec`` is asked for at each call, because people edit specs; ``malformed`` collects the units whose
    answers did not have their shape, and what was said then stays in their conversations.
    """

    random: Random
    ledger: Ledger
    process: Process
    spec: Callable[[], Spec]
    rates: Rates
    malformed: set[UnitId]

    async def answer(self, turn: Turn, report: TurnReport) -> Answer | NoAnswer:
        """Ask, wait, and tell."""
        self._must_live()
        self.ledger.called(self.process, turn)
        asked: Json = {"role": "user", "content": [{"text": turn.prompt}]}
        digest = chain_digest(turn.digest, asked)
        self._tell(report, len(turn.history), asked, digest)
        await self._wait()
        fault = self._fault()
        if fault == "hang":
            await asyncio.sleep(600.0)
            self._must_live()
            return NoAnswer(fault=Fault("timeout", "nothing came for 600 s"), usage=Usage())
        if fault == "raise":
            raise ZeroDivisionError("a bug in a provider's library")
        if fault == "no file":
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        if fault is not None and fault != "malformed":
            pause = self.random.choice((None, 3.0)) if fault == "throttled" else None
            return NoAnswer(fault=Fault(_kind(fault), f"{fault}, says the world", pause), usage=Usage(1, 0))
        text = answer_of(self.spec(), turn.unit)
        if fault == "malformed" and is_structured(self.spec(), turn.unit):
            self.malformed.add(turn.unit)
            text = "I would rather not say."
        used = usage_of(turn.unit)
        told: Json = {
            "role": "assistant",
            "content": [{"text": text}],
            "metadata": {"usage": {"inputTokens": used.input_tokens, "outputTokens": used.output_tokens}},
        }
        digest = chain_digest(digest, told)
        self._tell(report, len(turn.history) + 1, told, digest)
        await self._wait()
        if self.random.random() < self.rates.transient / 3:
            return NoAnswer(fault=Fault("connection", "it broke at the end"), usage=used)
        return Answer(text=text + "\n", usage=used, mark=Mark(count=len(turn.history) + 2, digest=digest))

    async def close(self) -> None:
        """There is nothing to close."""

    def _tell(self, report: TurnReport, index: int, message: Json, digest: str) -> None:
        report(index, message, digest)
        if self.random.random() < self.rates.repeated:
            report(index, message, digest)
        if self.random.random() < self.rates.repeated:
            asyncio.get_running_loop().call_later(
                self.random.choice((0.5, 5.0, 700.0)), report, index, message, digest
            )

    async def _wait(self) -> None:
        """A model takes its time; the end of the process may come meanwhile."""
        seconds = self.random.choice((0.0, 0.1, 1.0, self.random.uniform(0, 30)))
        if seconds:
            await asyncio.sleep(seconds)
        self._must_live()

    def _must_live(self) -> None:
        if not self.process.alive:
            raise Crashed

    def _fault(self) -> str | None:
        roll = self.random.random()
        if roll < self.rates.transient:
            return self.random.choice(("throttled", "server", "connection", "hang"))
        if roll < self.rates.transient + self.rates.lasting:
            return self.random.choice(("refused", "empty", "malformed", "malformed", "raise", "no file"))
        return None


def _kind(fault: str) -> FaultKind:
    kinds: dict[str, FaultKind] = {
        "throttled": "throttled",
        "server": "server",
        "connection": "connection",
        "refused": "refused",
        "empty": "empty",
    }
    return kinds[fault]
