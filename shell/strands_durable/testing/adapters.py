"""What a whole run can be given in a test instead of models, the clock and random ids."""

from __future__ import annotations

import inspect
from typing import Final

from durable_core.session.conversation import Mark
from durable_core.session.turns import Answer, NoAnswer, Turn
from durable_core.spec.secrets import escaped
from durable_core.types import Fault, Usage
from durable_shell.runtime.ports import TurnReport
from durable_shell.store.digest import chain_digest
from strands_durable.testing.answers import ScriptedAnswers, Unanswered, answer_for, asked_by, text_of
from strands_durable.testing.memory_session import ANSWER_COST


class ScriptedModels:
    """Models that say what a script says (see ``play``): ``run(spec, models=ScriptedModels({...}))``.

    A function of the script may be a coroutine function. Implements ``durable_shell.runtime.ports.Models``.
    """

    def __init__(self, answers: ScriptedAnswers) -> None:
        """Answer by ``answers``; a model that is asked without an answer fails its unit and says so."""
        self._answers = answers

    async def answer(self, turn: Turn, report: TurnReport) -> Answer | NoAnswer:
        """Record the prompt and what is said to it, as a model's turn does."""
        asked = asked_by(turn)
        count, digest = len(turn.history), turn.digest
        if not turn.goes_on:
            count, digest = _said(report, count, digest, "user", turn.prompt)
        answer = answer_for(self._answers, asked)
        if inspect.isawaitable(answer):
            answer = await answer
        if isinstance(answer, Fault):
            return NoAnswer(fault=answer, usage=Usage())
        if answer is None:
            return NoAnswer(fault=Fault("refused", str(Unanswered(asked))), usage=Usage())
        text = text_of(answer)
        count, digest = _said(report, count, digest, "assistant", escaped(text))
        return Answer(text=text, usage=ANSWER_COST, mark=Mark(count=count, digest=digest))

    async def close(self) -> None:
        """There is nothing to close."""


def _said(report: TurnReport, count: int, digest: str, role: str, text: str) -> tuple[int, str]:
    message = {"role": role, "content": [{"text": text}]}
    digest = chain_digest(digest, message)
    report(count, message, digest)
    return count + 1, digest


class SteppingClock:
    """A clock that goes on by a second each time it is looked at, and on which nobody has to wait.

    Implements ``durable_shell.runtime.ports.Clock``.
    """

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        """Begin at ``start``, in seconds since the epoch, UTC."""
        self._now = start

    def now(self) -> float:
        """One second after the last time."""
        self._now += 1.0
        return self._now

    def chance(self) -> float:
        """No jitter."""
        return 0.0

    async def sleep(self, seconds: float) -> None:
        """The time is over at once."""
        self._now += max(0.0, seconds)


FIRST_ID: Final = "00000000-0000-4000-8000-{:012d}"


class CountedIds:
    """Session ids that count up from 1. Implements ``durable_shell.runtime.ports.Ids``."""

    def __init__(self) -> None:
        """Begin at 1."""
        self._given = 0

    def session_id(self) -> str:
        """The next id."""
        self._given += 1
        return FIRST_ID.format(self._given)
