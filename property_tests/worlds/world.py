"""A world for one session: it does what the core wants, and badly where a test asks for that.

A world holds a journal and the session that follows from it. It offers its possible next moves in order; a
test picks among them by numbers, so that any list of numbers is a schedule, shrinks well, and is the same run
each time.

The fault model. Reports come in any order, twice, or after the attempt they are about was given up; attempts
fault, transiently or not; running units are cancelled without a report; people answer late or let timeouts
pass; budgets run out and are raised; the process dies and keeps any part of the journal from the last commit
on. An attempt is launched only after its start is committed, as the driver does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from returns.result import Failure, Success

from durable_core.patterns.base import Exhausted, Failed, Finished, Open, Waiting
from durable_core.session import (
    ArtifactText,
    Attempt,
    Event,
    Question,
    Recovered,
    Session,
    Turn,
    brief,
    commands,
    open_gates,
    verdict,
    wanted,
)
from durable_core.session.budgets import BUDGETS
from durable_core.session.conversation import Mark
from durable_core.spec.models import Spec
from durable_core.types import Fault, FaultKind, Json, UnitId, Usage
from property_tests.kits.kit import Kit
from property_tests.kits.strategies import VARIABLES
from property_tests.worlds.moves import Move
from property_tests.worlds.providers import Flight, digests_of, messages_of, sha256, source_of, usage_of
from strands_durable.testing import MemorySession, Refused

SESSION_ID: Final = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"


@dataclass(slots=True)
class World:
    """One session, its journal, and what is going on around it."""

    kit: Kit
    story: MemorySession
    committed: int = 1
    flights: dict[UnitId, Flight] = field(default_factory=dict)
    delivered: list[commands.Command] = field(default_factory=list)
    stale: list[commands.Command] = field(default_factory=list)
    prompts: dict[UnitId, set[str]] = field(default_factory=dict)
    launched: list[Turn] = field(default_factory=list)
    documents: dict[UnitId, ArtifactText] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, kit: Kit, spec: Spec, variables: Mapping[str, Json] | None = None) -> World:
        """A session that has just begun."""
        known = dict(VARIABLES if variables is None else variables)
        source = source_of(spec)
        return cls(kit, MemorySession.of(spec, known, at=1000.0, session_id=SESSION_ID, source=source))

    @classmethod
    def from_journal(cls, kit: Kit, journal: Sequence[Event]) -> World:
        """A session resumed from ``journal`` by a new process."""
        world = cls(kit, MemorySession.replayed(journal), committed=len(journal))
        world.story.at = max(event.at for event in journal) + 1.0
        if not isinstance(verdict(world.session), Finished):
            world.resume()
        return world

    def copy(self) -> World:
        """A world that goes its own way from here."""
        return replace(
            self,
            story=self.story.fork(),
            flights=dict(self.flights),
            delivered=list(self.delivered),
            stale=list(self.stale),
            prompts={unit: set(prompts) for unit, prompts in self.prompts.items()},
            launched=list(self.launched),
            documents=dict(self.documents),
            trace=list(self.trace),
        )

    # --- playing --------------------------------------------------------------------------------------

    def play(self, schedule: Sequence[int], check: Callable[[World], None] | None = None) -> World:
        """Make a move for each number; ``check`` looks at the world after each."""
        for number in schedule:
            moves = self.moves()
            if not moves:
                break
            name, move = moves[number % len(moves)]
            self.trace.append(name)
            move()
            if check is not None:
                check(self)
        return self

    def finish(self, check: Callable[[World], None] | None = None) -> World:
        """Make calm moves, the first that is possible, until nothing more can come of this session.

        ``check`` looks at the world after each move.
        Raises AssertionError when it takes more moves than the spec can account for.
        """
        spec = self.session.spec
        allowed = 40 * (self.kit.bound(spec) + len(spec.outputs.artifacts) + 2)
        while not self.ended:
            assert allowed > 0, f"no end in sight: {self.trace[-12:]}"
            allowed -= 1
            moves = self.calm_moves()
            assert moves, f"stuck at {verdict(self.session)}"
            name, move = moves[0]
            self.trace.append(name)
            move()
            if check is not None:
                check(self)
        return self

    @property
    def ended(self) -> bool:
        """Whether the session is finished, or its pattern has failed for good."""
        match verdict(self.session):
            case Finished():
                return True
            case Failed():
                return not self.session.failures
            case _:
                return False

    def calm_moves(self) -> list[Move]:
        """What a driver in a quiet world would do, first things first."""
        match verdict(self.session):
            case Finished():
                return []
            case Failed():
                return [("resume", self.resume)] if self.session.failures else []
            case Exhausted():
                return [("allow more", self.allow_more)]
            case Waiting():
                return self._answers()
            case Open():
                return [*self._conclusions(), *self._begins(), *self._answers()]
        raise AssertionError("an unknown verdict")

    def moves(self) -> list[Move]:
        """Everything that may happen next, calm things first."""
        wild: list[Move] = [("pass time", self.pass_time)]
        for unit, flight in self.flights.items():
            kinds: tuple[FaultKind, ...] = ("throttled", "refused", "unexplained")
            wild += [(f"{kind} {unit}", partial(self.fault, unit, kind)) for kind in kinds]
            if self.has_more_to_say(flight):
                wild.append((f"say {unit}", partial(self.say, unit)))
        if isinstance(verdict(self.session), Failed | Exhausted):
            wild += self._answers()  # a question that is open may be answered all the same
        reports = [*self.delivered[-4:], *self.stale[-4:]]
        wild += [("repeat " + type(report).__name__, partial(self.repeat, report)) for report in reports]
        if not isinstance(verdict(self.session), Finished):
            uncommitted = len(self.journal) - self.committed
            wild += [(f"crash keeping {kept}", partial(self.crash, kept)) for kept in range(uncommitted + 1)]
        if self.flights:
            wild.append(("cancel", self.resume))
        return [*self.calm_moves(), ("commit", self.commit), *wild]

    # --- telling the session --------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """The session as decided so far."""
        return self.story.session

    @property
    def journal(self) -> list[Event]:
        """The events decided so far, committed or not."""
        return self.story.journal

    @property
    def at(self) -> float:
        """The time of the last report."""
        return self.story.at

    def tell(self, command: commands.Command) -> tuple[Event, ...]:
        """Let the session decide, and write down what it decided. A refusal is a bug of the test."""
        return self.story.tell(command)

    def report(self, command: commands.Command) -> tuple[Event, ...]:
        """Tell the session, and remember the report, so that it can come again."""
        self.delivered.append(command)
        return self.tell(command)

    def commit(self) -> None:
        """All decided so far is on disk."""
        self.committed = len(self.journal)

    def tick(self) -> float:
        """The next second."""
        return self.story.later()

    # --- attempts -------------------------------------------------------------------------------------

    def begin(self, attempt: Attempt) -> None:
        """Start an attempt, committed before it is launched; or put a question."""
        at = self.story.at = max(self.tick(), attempt.not_before)
        before = self.session
        match brief(before, attempt):
            case Success(Question(unit=unit, prompt=prompt, display=display)):
                question = commands.QuestionAsked(
                    at=at, unit=unit, attempt=attempt.number, prompt=prompt, display=display
                )
                self.report(question)
            case Success(todo):
                kept = todo.kept if isinstance(todo, Turn | Recovered) else 0
                self._start(at, attempt, kept)
                self.commit()
                self._launch(before, todo)
            case Failure(fault):
                self._start(at, attempt, 0)
                self.report(
                    commands.Faulted(
                        at=at,
                        unit=attempt.unit,
                        attempt=attempt.number,
                        fault=fault,
                        usage=Usage(),
                        chance=0.0,
                    )
                )

    def _start(self, at: float, attempt: Attempt, kept: int) -> None:
        start = commands.UnitStart(attempt.unit, attempt.number, kept)
        self.report(commands.UnitsStarted(at=at, starts=(start,)))

    def _launch(self, before: Session, todo: Turn | Recovered | ArtifactText) -> None:
        match todo:
            case Turn():
                self.launched.append(todo)
                if before.progress_of(todo.unit).correction is None:
                    self.prompts.setdefault(todo.unit, set()).add(todo.prompt)
                self.flights[todo.unit] = Flight(todo)
            case ArtifactText():
                self.flights[todo.unit] = Flight(todo)
            case Recovered():
                self.report(
                    commands.Answered(
                        at=self.story.at,
                        unit=todo.unit,
                        attempt=todo.attempt,
                        text=todo.answer.text,
                        usage=todo.answer.usage,
                        mark=todo.answer.mark,
                    )
                )

    def say(self, unit: UnitId) -> None:
        """The next message of a running turn: what it was asked, then what it answers."""
        flight = self.flights[unit]
        turn = flight.todo
        assert isinstance(turn, Turn)
        messages = self._messages(turn)
        digests = digests_of(turn.digest, messages)
        self.report(
            commands.MessageAdded(
                at=self.tick(),
                unit=unit,
                attempt=turn.attempt,
                conversation=turn.conversation,
                index=len(turn.history) + flight.sent,
                message=messages[flight.sent],
                digest=digests[flight.sent],
            )
        )
        self.flights[unit] = replace(flight, sent=flight.sent + 1)

    def conclude(self, unit: UnitId) -> None:
        """A running attempt reports its answer or its artifact."""
        while self.has_more_to_say(self.flights[unit]):
            self.say(unit)
        self.report(self._conclusion(self.flights.pop(unit).todo))

    def fault(self, unit: UnitId, kind: FaultKind) -> None:
        """A running attempt reports a fault; a model's has cost something all the same.

        Only the cost of an unexplained fault is unknown: its answer, if one came, has given it.
        """
        flight = self.flights.pop(unit)
        usage = Usage()
        if isinstance(flight.todo, Turn) and kind != "unexplained":
            usage = Usage(1, 0) + (Usage() if self.has_more_to_say(flight) else usage_of(unit))
        self.report(
            commands.Faulted(
                at=self.tick(),
                unit=unit,
                attempt=flight.todo.attempt,
                fault=Fault(kind, f"{kind} by the world"),
                usage=usage,
                chance=0.5,
            )
        )

    def _conclusion(self, todo: Turn | ArtifactText) -> commands.Command:
        if isinstance(todo, ArtifactText):
            self.documents[todo.unit] = todo
            return commands.ArtifactWritten(
                at=self.tick(),
                unit=todo.unit,
                attempt=todo.attempt,
                path=todo.path,
                sha256=sha256(todo.text),
                size=len(todo.text.encode()),
            )
        messages = self._messages(todo)
        mark = Mark(count=len(todo.history) + len(messages), digest=digests_of(todo.digest, messages)[-1])
        return commands.Answered(
            at=self.tick(),
            unit=todo.unit,
            attempt=todo.attempt,
            text=self.kit.answer(self.session.spec, todo.unit, todo.attempt) + "\n",
            usage=usage_of(todo.unit),
            mark=mark,
        )

    def has_more_to_say(self, flight: Flight) -> bool:
        """Whether a turn has messages left before its end."""
        return isinstance(flight.todo, Turn) and flight.sent < len(self._messages(flight.todo))

    def _messages(self, turn: Turn) -> tuple[Json, ...]:
        """The messages of ``turn``, from its prompt to its answer."""
        return messages_of(turn, self.kit.answer(self.session.spec, turn.unit, turn.attempt))

    # --- people, time, and the end of processes -------------------------------------------------------

    def person(self, unit: UnitId) -> None:
        """A person answers an open gate."""
        self.report(commands.AnswerGate(at=self.tick(), unit=unit, text=self.kit.person(unit)))

    def pass_time(self) -> None:
        """A minute goes by; timeouts are looked at."""
        self.report(commands.Tick(at=self.story.later(60.0)))

    def resume(self) -> None:
        """A driver resumes the session; what was running is given up, without a report."""
        self.stale += [self._conclusion(flight.todo) for flight in self.flights.values()]
        self.flights.clear()
        self.tell(commands.Resume(at=self.tick()))
        self.commit()

    def allow_more(self) -> None:
        """A person raises the budget that ran out, and resumes."""
        used_up = verdict(self.session)
        assert isinstance(used_up, Exhausted)
        self.resume()
        budget = next(name for name in BUDGETS if name == used_up.budget)
        self.tell(commands.RaiseBudget(at=self.tick(), budget=budget, limit=int(used_up.spent) * 2 + 50))
        self.commit()

    def crash(self, kept: int) -> None:
        """The process dies. What was committed survives, and ``kept`` events beyond it."""
        self.story.cut(self.committed + kept)
        about_attempts = (
            commands.MessageAdded | commands.Answered | commands.Faulted | commands.ArtifactWritten
        )
        self.stale += [report for report in self.delivered if isinstance(report, about_attempts)]
        self.delivered.clear()
        self.commit()
        self.resume()

    def respecify(self, spec: Spec) -> None:
        """The spec file was edited; the session is resumed under it."""
        self.resume()
        self.tell(commands.ChangeSpec(at=self.tick(), spec=spec, source=source_of(spec)))
        self.commit()

    def repeat(self, report: commands.Command) -> None:
        """A report comes again. A person's answer to a question that is closed is refused, which is fine."""
        with contextlib.suppress(Refused):
            self.story.tell(report)

    # --- moves, as values -----------------------------------------------------------------------------

    def _begins(self) -> list[Move]:
        soonest_first = sorted(wanted(self.session), key=lambda attempt: attempt.not_before)
        return [(f"begin {attempt.unit}", partial(self.begin, attempt)) for attempt in soonest_first]

    def _conclusions(self) -> list[Move]:
        return [(f"conclude {unit}", partial(self.conclude, unit)) for unit in self.flights]

    def _answers(self) -> list[Move]:
        units = sorted(gate.unit for gate in open_gates(self.session))
        return [(f"answer {unit}", partial(self.person, unit)) for unit in units]
