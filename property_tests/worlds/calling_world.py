"""A world in which each turn of any pattern calls a tool, one that changes something in the world.

A turn is: the prompt, an answer that calls the tool, its result, the last answer. As the driver does, the
world commits the start of a call before the tool runs. Processes die in between, and people settle what is in
doubt then, also before anybody takes the session up again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

from durable_core.patterns.base import Failed
from durable_core.session import Turn, commands, doubts, verdict
from durable_core.session.tool_calls import find_call
from durable_core.spec.models import Spec
from durable_core.types import Json, UnitId
from property_tests.kits.strategies import document
from property_tests.worlds.moves import Move
from property_tests.worlds.providers import Flight
from property_tests.worlds.world import World

TOOL: Final = "file_write"
CALLED: Final = "call-1"
"""The model's id of the call in each turn."""


def with_tool(spec: Spec, policy: str) -> Spec:
    """``spec``, all of whose agents have the tool; ``policy`` is what to do about calls in doubt."""
    doc = document(spec)
    for agent in doc["agents"].values():
        agent["tools"] = [TOOL]
    doc["tools"] = {"in_doubt": {TOOL: policy}}
    return Spec.model_validate(doc)


def turn_of(prompt: str, answer: str) -> tuple[Json, Json, Json, Json]:
    """The messages of a turn, in the SDK's form."""
    call = {"toolUse": {"toolUseId": CALLED, "name": TOOL, "input": {}}}
    return (
        {"role": "user", "content": [{"text": prompt}]},
        {
            "role": "assistant",
            "content": [call],
            "metadata": {"usage": {"inputTokens": 2, "outputTokens": 1}},
        },
        {"role": "user", "content": [{"toolResult": result()}]},
        {"role": "assistant", "content": [{"text": answer}]},
    )


def result() -> Json:
    """What the tool gives."""
    return {"toolUseId": CALLED, "status": "success", "content": [{"text": "written"}]}


@dataclass(slots=True)
class CallingWorld(World):
    """A world in which each turn calls the tool once."""

    def _messages(self, turn: Turn) -> tuple[Json, ...]:
        answer = self.kit.answer(self.session.spec, turn.unit, turn.attempt)
        return turn_of(turn.prompt, answer)[turn.kept :]

    def say(self, unit: UnitId) -> None:
        """The next message; before the result is sent, the tool has run."""
        if self._calls_now(self.flights[unit]):
            self.start_tool(unit)
            self.return_tool(unit)
        World.say(self, unit)

    def start_tool(self, unit: UnitId) -> None:
        """The tool is about to run, unless it ran in this attempt already."""
        self.report(
            commands.ToolStarted(
                at=self.tick(),
                unit=unit,
                attempt=self.session.progress_of(unit).attempt,
                call=CALLED,
                name=TOOL,
                input={},
                reads_only=False,
            )
        )
        self.commit()

    def return_tool(self, unit: UnitId) -> None:
        """The tool has run."""
        attempt = self.session.progress_of(unit).attempt
        self.report(
            commands.ToolReturned(at=self.tick(), unit=unit, attempt=attempt, call=CALLED, result=result())
        )

    def settle(self, unit: UnitId, done: str | None) -> None:
        """A person settles the call in doubt."""
        self.tell(commands.SettleTool(at=self.tick(), unit=unit, call=None, done=done))
        self.commit()

    def die_and_settle(self, unit: UnitId) -> None:
        """The process dies, and a person settles what is in doubt before the session is resumed."""
        self.story.cut(self.committed)
        self.delivered.clear()
        if any(call.outcome_unknown for call in self.session.progress_of(unit).calls):
            self.settle(unit, "done")
        self.resume()

    def step(self, unit: UnitId) -> None:
        """The next thing in the course of a turn."""
        flight = self.flights[unit]
        call = find_call(self.session.progress_of(unit).calls, CALLED)
        if self._calls_now(flight) and (call is None or call.attempt != flight.todo.attempt):
            self.start_tool(unit)
        elif self._calls_now(flight) and call is not None and call.outcome_unknown:
            self.return_tool(unit)
        elif self.has_more_to_say(flight):
            World.say(self, unit)
        else:
            self.conclude(unit)

    # --- moves --------------------------------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        """A session that a call in doubt has failed runs again once a person settles it."""
        # named, since a dataclass with slots is made twice and a bare super() would know the first one
        return not doubts(self.session) and super(CallingWorld, self).ended

    def calm_moves(self) -> list[Move]:
        """What a driver would do, and a person who settles what is in doubt."""
        settlements: list[Move] = [
            (f"settle {doubt.unit}: {done}", partial(self.settle, doubt.unit, done))
            for doubt in doubts(self.session)
            for done in ("done", None)
        ]
        failed_by_doubt = isinstance(verdict(self.session), Failed) and settlements
        return settlements if failed_by_doubt else [*World.calm_moves(self), *settlements]

    def moves(self) -> list[Move]:
        """Things that happen step by step; where a tool is running, what goes wrong then comes early."""
        moves = World.moves(self)
        for unit in self.flights:
            if any(call.outcome_unknown for call in self.session.progress_of(unit).calls):
                moves.insert(1, (f"settle {unit} of a dead driver", partial(self.die_and_settle, unit)))
                moves.insert(
                    1, (f"throttled {unit} while its tool runs", partial(self.fault, unit, "throttled"))
                )
        return moves

    def _conclusions(self) -> list[Move]:
        return [(f"step {unit}", partial(self.step, unit)) for unit in self.flights]

    def _calls_now(self, flight: Flight) -> bool:
        """Whether the tool's result is the next message of a turn, and is not known from before."""
        todo = flight.todo
        return isinstance(todo, Turn) and todo.kept + flight.sent == 2 and CALLED not in todo.returned
