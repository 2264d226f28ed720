"""What a session may start, recomputed naively from its journal: lists, dicts, and no machine.

``Ledger`` reads the journal from the start each time. It shares nothing with the session machine but the
events, so the two agree only if both are right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from durable_core.session import Event, events
from durable_core.spec.models import RoutingConfig, Spec
from durable_core.types import Json, UnitId
from property_tests.kits.kit import Answers, Expectation, Kit

Call = tuple[UnitId, int]
"""A unit, and the number of the attempt that may start."""


@dataclass(slots=True)
class Ledger:
    """What a journal holds, counted by hand."""

    spec: Spec
    budgets: dict[str, float | None]
    variables: Mapping[str, Json] = field(default_factory=dict)
    answers: Answers = field(default_factory=Answers)
    attempts: dict[UnitId, int] = field(default_factory=dict)
    running: set[UnitId] = field(default_factory=set)
    failed: set[UnitId] = field(default_factory=set)
    asked: set[UnitId] = field(default_factory=set)
    written: set[UnitId] = field(default_factory=set)
    completed: list[UnitId] = field(default_factory=list)
    steps: set[UnitId] = field(default_factory=set)
    tokens: int = 0
    worked_s: float = 0.0
    now: float = 0.0
    sent: dict[str, list[Json]] = field(default_factory=dict)
    settled: dict[str, list[Json]] = field(default_factory=dict)

    @classmethod
    def of(cls, journal: Iterable[Event]) -> Ledger:
        """The ledger of a whole journal."""
        remaining = iter(journal)
        first = next(remaining)
        assert isinstance(first, events.SessionStarted)
        ledger = cls(first.spec, _limits(first.spec), first.variables, now=first.at)
        for event in remaining:
            ledger.enter(event)
        return ledger

    def enter(self, event: Event) -> None:
        """One event more."""
        people_only = not self.running and self.asked
        if not isinstance(event, events.SessionResumed) and not people_only:
            self.worked_s += max(0.0, event.at - self.now)
        self.now = event.at
        self._enter_attempt(event)
        self._enter_wish(event)

    def _enter_attempt(self, event: Event) -> None:
        match event:
            case events.SessionResumed():
                self.running.clear()
                self.failed.clear()
            case events.UnitStarted(
                unit=unit, attempt=attempt, agent=agent, conversation=conversation, kept=kept
            ):
                self.attempts[unit] = attempt
                self.running.add(unit)
                if agent:
                    self.steps.add(unit)
                    settled = self.settled.get(conversation, [])
                    left = self.sent.get(conversation, [])[len(settled) :]
                    self.sent[conversation] = [*settled, *left[:kept]]
            case events.MessageAdded(conversation=conversation, message=message):
                self.sent[conversation].append(message)
            case events.UnitCompleted(unit=unit, decided=decided):
                self._answered(event)
                self.completed.append(unit)
                self.answers[unit] = self._text(event)
                self.answers.looks[unit] = [(self.spec, self.variables)]
                assert decided, f"{unit} was completed and nothing came of it"
            case events.AnswerRejected():
                self._answered(event)
            case events.AttemptFaulted(unit=unit, usage=usage):
                self.running.discard(unit)
                self.tokens += usage.total
            case events.UnitFailed(unit=unit, usage=usage):
                self.running.discard(unit)
                self.failed.add(unit)
                self.asked.discard(unit)
                self.tokens += usage.total
            case events.ArtifactWritten(unit=unit):
                self.running.discard(unit)
                self.written.add(unit)

    def _enter_wish(self, event: Event) -> None:
        match event:
            case events.GateOpened(unit=unit, attempt=attempt):
                self.attempts[unit] = attempt
                self.asked.add(unit)
            case events.GateAnswered(unit=unit, response=response):
                self.asked.discard(unit)
                self.completed.append(unit)
                self.answers[unit] = response
                self.answers.looks[unit] = [(self.spec, self.variables)]
            case events.BudgetRaised(budget=budget, limit=limit):
                self.budgets[budget] = limit
            case events.SpecChanged(spec=spec):
                if _limits(spec) != _limits(self.spec):
                    self.budgets = _limits(spec)
                if _routes(spec) != _routes(self.spec):
                    self.asked.discard("review_router")  # it offers other routes now
                self.spec = spec
                self._look_again()
            case events.VariablesEdited(variables=variables):
                self.variables = variables
                self._look_again()

    def _look_again(self) -> None:
        if self.completed:
            self.answers.looks[self.completed[-1]].append((self.spec, self.variables))

    def _answered(self, event: events.UnitCompleted | events.AnswerRejected) -> None:
        self.running.discard(event.unit)
        self.tokens += event.usage.total
        self.settled[event.conversation] = list(self.sent[event.conversation])

    def _text(self, event: events.UnitCompleted) -> str:
        answer = self.settled[event.conversation][-1]
        return str(answer["content"][0]["text"]).rstrip()

    # --- what follows ---------------------------------------------------------------------------------

    def expected(self, kit: Kit) -> Expectation:
        """What the pattern's oracle expects after the answers so far."""
        return kit.oracle(self.spec, self.answers)

    def wanted(self, kit: Kit) -> list[Call]:
        """The attempts that may start now, in order."""
        expected = self.expected(kit)
        if self.failed:
            return []
        if not expected.wants:
            declared = range(len(self.spec.outputs.artifacts)) if expected.result is not None else ()
            units = [f"artifacts/{number}" for number in declared]
            return [self._next(unit) for unit in units if unit not in self.written | self.running]
        free = self.spec.runtime.max_parallel - len(self.running)
        may_start: list[Call] = []
        fresh = 0
        for want in expected.wants:
            if want.agent is None:
                if want.unit not in self.asked:
                    may_start.append(self._next(want.unit))
                continue
            is_new = want.unit not in self.steps
            if want.unit in self.running or free <= 0 or not self._affordable(is_new, fresh):
                continue
            free -= 1
            fresh += is_new
            may_start.append(self._next(want.unit))
        return may_start

    def spent(self) -> dict[str, float]:
        """What was used of each budget."""
        return {"max_tokens": self.tokens, "max_steps": len(self.steps), "max_duration_s": self.worked_s}

    def _affordable(self, is_new: bool, fresh: int) -> bool:
        for budget, limit in self.budgets.items():
            if limit is None:
                continue
            if budget == "max_steps":
                if is_new and len(self.steps) + fresh >= limit:
                    return False
            elif self.spent()[budget] >= limit:
                return False
        return True

    def _next(self, unit: UnitId) -> Call:
        return unit, self.attempts.get(unit, 0) + 1


def _limits(spec: Spec) -> dict[str, float | None]:
    budgets = spec.runtime.budgets
    return {
        "max_tokens": budgets.max_tokens,
        "max_steps": budgets.max_steps,
        "max_duration_s": budgets.max_duration_s,
    }


def _routes(spec: Spec) -> set[str]:
    config = spec.pattern.config
    return set(config.routes) if isinstance(config, RoutingConfig) else set()
