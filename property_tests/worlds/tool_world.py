"""One step whose agent calls tools, in a world where each thing can go wrong between any two others.

The model asks for rounds of calls, some of tools that only read. Calls start and return apart; attempts
fault; processes die and keep any part of the journal from the last commit on; people settle what is in doubt.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from durable_core.journal import codec
from durable_core.patterns.base import Failed, Finished
from durable_core.session import (
    Event,
    Recovered,
    Session,
    Turn,
    brief,
    commands,
    doubts,
    events,
    verdict,
    wanted,
)
from durable_core.session.conversation import Mark
from durable_core.spec.models import Spec
from durable_core.types import Fault, FaultKind, Usage
from strands_durable.testing import MemorySession

UNIT = "steps/0"
COST = Usage(2, 1)
"""What each answer of the model costs."""

Rounds = tuple[tuple[bool, ...], ...]
"""For each round its calls: whether each only reads."""


def spec_of(policy: str) -> Spec:
    """A chain of one step, whose agent has a tool that reads and one that writes."""
    return Spec.model_validate(
        {
            "version": 0,
            "name": "tools",
            "runtime": {"provider": "echo", "failure_policy": {"retries": 1}},
            "agents": {"ann": {"prompt": "You are ann.", "tools": ["python"]}},
            "tools": {
                "python": ("m:write", {"callable": "m:read", "reads_only": True}),
                "in_doubt": {"write": policy},
            },
            "pattern": {"type": "chain", "config": {"steps": [{"agent": "ann", "input": "Do it."}]}},
        }
    )


def answer(rounds: Rounds, number: int) -> dict[str, Any]:
    """The model's answer ``number``: the calls of that round, or the last word."""
    content: list[dict[str, Any]] = [{"text": "All done."}]
    if number < len(rounds):
        content = [
            {"toolUse": {"toolUseId": f"{number}.{n}", "name": "t", "input": {}}}
            for n in range(len(rounds[number]))
        ]
    usage = {"inputTokens": COST.input_tokens, "outputTokens": COST.output_tokens}
    return {"role": "assistant", "content": content, "metadata": {"usage": usage}}


def result_of(call: str) -> dict[str, Any]:
    """What every run of a call gives."""
    return {"toolUseId": call, "status": "success", "content": [{"text": f"did {call}"}]}


@dataclass(slots=True)
class Flight:
    """A running attempt: the messages of the conversation, the calls that are known or run, what it cost."""

    turn: Turn
    messages: list[Any]
    known: dict[str, Any]
    running: set[str] = field(default_factory=set)
    cost: Usage = field(default_factory=Usage)


@dataclass(slots=True)
class ToolWorld:
    """One session, its journal, and the attempt in flight."""

    rounds: Rounds
    policy: str
    story: MemorySession = field(init=False)
    committed: int = 1
    flight: Flight | None = None
    turns: list[Turn] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.story = MemorySession.of(spec_of(self.policy), at=1000.0)

    @property
    def session(self) -> Session:
        """The session as decided so far."""
        return self.story.session

    @property
    def journal(self) -> list[Event]:
        """The events decided so far, committed or not."""
        return self.story.journal

    def tell(self, command: commands.Command, *, commit: bool = False) -> tuple[Event, ...]:
        """Let the session decide; on disk at once with ``commit``."""
        decided = self.story.tell(command)
        if commit:
            self.committed = len(self.journal)
        return decided

    def now(self) -> float:
        """The next second."""
        return self.story.later()

    def calm(self) -> list[Callable[[], None]]:
        """What happens when nothing goes wrong, first things first."""
        if self.flight is not None:
            return self._next_of(self.flight)
        found = doubts(self.session)
        if found:
            return [partial(self.settle, found[0].call.call, done) for done in ("it was done", None)]
        now = verdict(self.session)
        if isinstance(now, Finished):
            return []
        return [self.resume] if isinstance(now, Failed) else [self.begin]

    def moves(self) -> list[Callable[[], None]]:
        """Everything that may happen next."""
        wild: list[Callable[[], None]] = []
        if not isinstance(verdict(self.session), Finished):
            tail = len(self.journal) - self.committed
            wild = [partial(self.crash, kept) for kept in range(tail + 1)]
        if self.flight is not None:
            kinds: tuple[FaultKind, ...] = ("throttled", "refused")
            wild = [*(partial(self.fault, kind) for kind in kinds), *wild]
        return [*self.calm(), *wild]

    # --- what the driver and the model port do --------------------------------------------------------

    def begin(self) -> None:
        """The unit's next attempt."""
        (attempt,) = wanted(self.session)
        todo = brief(self.session, attempt).unwrap()
        assert isinstance(todo, Turn | Recovered)
        self.story.at = max(self.story.at, attempt.not_before)
        started = commands.UnitStart(UNIT, attempt.number, todo.kept)
        self.tell(commands.UnitsStarted(at=self.now(), starts=(started,)), commit=True)
        if isinstance(todo, Recovered):
            self._answered(todo.attempt, todo.answer.text, todo.answer.usage, todo.answer.mark)
            return
        self.turns.append(todo)
        self.flight = Flight(todo, list(todo.history), dict(todo.returned))
        if not todo.goes_on:
            self._say({"role": "user", "content": [{"text": todo.prompt}]})

    def _next_of(self, flight: Flight) -> list[Callable[[], None]]:
        last = flight.messages[-1]
        if last["role"] == "user":
            return [self._model_answers]
        calls = [block["toolUse"]["toolUseId"] for block in last["content"] if "toolUse" in block]
        if not calls:
            return [self._report]
        open_calls = [call for call in calls if call not in flight.known]
        if not open_calls:
            return [partial(self._results, calls)]
        return [
            partial(self._returns if call in flight.running else self._starts, call) for call in open_calls
        ]

    def _model_answers(self) -> None:
        assert self.flight is not None
        number = sum(message["role"] == "assistant" for message in self.flight.messages)
        self.flight.cost += COST
        self._say(answer(self.rounds, number))

    def _starts(self, call: str) -> None:
        assert self.flight is not None
        number, place = map(int, call.split("."))
        reads = self.rounds[number][place]
        begun = commands.ToolStarted(
            at=self.now(),
            unit=UNIT,
            attempt=self.flight.turn.attempt,
            call=call,
            name="read" if reads else "write",
            input={},
            reads_only=reads,
        )
        assert self.tell(begun, commit=True)
        self.flight.running.add(call)

    def _returns(self, call: str) -> None:
        assert self.flight is not None
        done = commands.ToolReturned(
            at=self.now(), unit=UNIT, attempt=self.flight.turn.attempt, call=call, result=result_of(call)
        )
        assert self.tell(done, commit=True)
        assert not self.tell(done), "a call that returns twice"
        self.flight.known[call] = result_of(call)

    def _results(self, calls: list[str]) -> None:
        assert self.flight is not None
        results = [{"toolResult": self.flight.known[call]} for call in calls]
        self.flight.known, self.flight.running = {}, set()
        self._say({"role": "user", "content": results})

    def _say(self, message: Any) -> None:
        assert self.flight is not None
        turn, index = self.flight.turn, len(self.flight.messages)
        message_added = commands.MessageAdded(
            at=self.now(),
            unit=UNIT,
            attempt=turn.attempt,
            conversation=turn.conversation,
            index=index,
            message=message,
            digest=f"d{index}",
        )
        assert self.tell(message_added)
        self.flight.messages.append(message)

    def _report(self) -> None:
        assert self.flight is not None
        flight, self.flight = self.flight, None
        count = len(flight.messages)
        self._answered(
            flight.turn.attempt, "All done.", flight.cost, Mark(count=count, digest=f"d{count - 1}")
        )

    def _answered(self, attempt: int, text: str, usage: Usage, mark: Mark) -> None:
        self.tell(
            commands.Answered(at=self.now(), unit=UNIT, attempt=attempt, text=text, usage=usage, mark=mark)
        )

    # --- what goes wrong, and what people do ------------------------------------------------------------

    def fault(self, kind: FaultKind) -> None:
        """The attempt ends without an answer, whatever its tools are doing."""
        assert self.flight is not None
        flight, self.flight = self.flight, None
        self.tell(
            commands.Faulted(
                at=self.now(),
                unit=UNIT,
                attempt=flight.turn.attempt,
                fault=Fault(kind, "by the world"),
                usage=flight.cost,
                chance=0.5,
            )
        )

    def crash(self, kept: int) -> None:
        """The process dies, and a new one takes the session up from what is on disk."""
        left = self.journal[: self.committed + kept]
        read = codec.decode_all([json.loads(json.dumps(codec.encode(event))) for event in left])
        at, self.story = self.story.at, MemorySession.replayed(read.unwrap())
        self.story.at, self.committed, self.flight = at, len(left), None
        if not isinstance(verdict(self.session), Finished):
            self.resume()

    def resume(self) -> None:
        """A driver takes the session up."""
        self.tell(commands.Resume(at=self.now()))

    def settle(self, call: str, done: str | None) -> None:
        """A person settles a call in doubt."""
        self.tell(commands.SettleTool(at=self.now(), unit=UNIT, call=call, done=done), commit=True)

    # --- what the journal holds -----------------------------------------------------------------------

    def count(self, kind: type[Event], call: str) -> int:
        """How often an event of this kind speaks of ``call``."""
        return sum(isinstance(event, kind) and event.call == call for event in self.journal)  # type: ignore[union-attr]  # kinds with a call are asked for

    def answers(self) -> list[Any]:
        """Every answer of the model that is in the journal, as often as it is there."""
        messages = [event.message for event in self.journal if isinstance(event, events.MessageAdded)]
        return [message for message in messages if message["role"] == "assistant"]
