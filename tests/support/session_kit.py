"""Telling a session's story in a test: given a spec, when this is reported, then that follows.

A ``Story`` keeps the session, its journal and a clock that each report moves on by one second, so that a test
says only what it is about.
"""

from __future__ import annotations

from typing import Any

from returns.result import Result

from durable_core.patterns.base import Unusable
from durable_core.session import (
    Attempt,
    Event,
    Options,
    Question,
    Source,
    Turn,
    brief,
    commands,
    decide,
    events,
    evolve_all,
    start,
    wanted,
)
from durable_core.session.conversation import Mark
from durable_core.session.events import SessionStarted
from durable_core.spec.models import Spec
from durable_core.types import Fault, FaultKind, UnitId, Usage

START = 1000.0
"""When every story begins, in seconds since the epoch."""

ASK = {"type": "hitl", "prompt": "Is {{ topic }} right?"}
WRITE = {"agent": "ann", "input": "Write about {{ topic }}."}


def spec_of(pattern: str, config: dict[str, Any], runtime: dict[str, Any], **more: Any) -> Spec:
    """A spec with the agents ann and bob."""
    doc = {
        "version": 0,
        "name": "story",
        "runtime": {"provider": "echo", **runtime},
        "agents": {"ann": {"prompt": "You are ann."}, "bob": {"prompt": "You are bob."}},
        "pattern": {"type": pattern, "config": config},
        **more,
    }
    return Spec.model_validate(doc)


def chain_of(*steps: dict[str, Any], runtime: dict[str, Any] | None = None, **more: Any) -> Spec:
    """A chain of ``steps``."""
    return spec_of("chain", {"steps": list(steps)}, runtime or {}, **more)


def source_of(spec: Spec) -> Source:
    """A source that is another one for another spec. Its hash is readable instead of a digest."""
    text = spec.model_dump_json(by_alias=True, exclude_unset=True)
    return Source(text=text, format="json", sha256=f"hash of {text}", path="story.yaml")


class Story:
    """One session, told report by report."""

    def __init__(self, spec: Spec, **variables: Any) -> None:
        first = SessionStarted(
            at=START,
            session_id="s",
            spec=spec,
            source=source_of(spec),
            variables={"topic": "bridges", **variables},
            options=Options(),
        )
        self.at = START
        self.session = start(first)
        self.journal: list[Event] = [first]

    def when(self, command: commands.Command) -> tuple[Event, ...]:
        """The events that ``command`` leads to; they are part of the story from here on."""
        decided = decide(self.session, command).unwrap()
        self.session = evolve_all(self.session, decided)
        self.journal.extend(decided)
        return decided

    def refused(self, command: commands.Command) -> str:
        """Why ``command`` is refused."""
        refusal: Result[tuple[Event, ...], Unusable] = decide(self.session, command)
        return refusal.failure().problem

    def later(self, seconds: float = 1.0) -> float:
        """The time ``seconds`` from now."""
        self.at += seconds
        return self.at

    def attempt(self, unit: UnitId) -> Attempt:
        """The attempt of ``unit`` that may start."""
        return next(attempt for attempt in wanted(self.session) if attempt.unit == unit)

    def begin(self, unit: UnitId) -> tuple[Event, ...]:
        """Start ``unit``."""
        number = self.attempt(unit).number
        return self.when(commands.UnitsStarted(at=self.later(), starts=(commands.UnitStart(unit, number),)))

    def turn(self, unit: UnitId) -> Turn:
        """What would be sent for ``unit``."""
        todo = brief(self.session, self.attempt(unit)).unwrap()
        assert isinstance(todo, Turn)
        return todo

    def message(self, unit: UnitId, role: str, text: str, **more: Any) -> tuple[Event, ...]:
        """A message of the running attempt of ``unit``, in the conversation that it is in."""
        progress = self.session.progress_of(unit)
        index = len(self.session.conversation(progress.conversation).messages)
        return self.when(
            commands.MessageAdded(
                at=self.later(),
                unit=unit,
                attempt=progress.attempt,
                conversation=progress.conversation,
                index=index,
                message={"role": role, "content": [{"text": text}], **more},
                digest=f"d{index}",
            )
        )

    def answer(self, unit: UnitId, text: str = "done", usage: Usage | None = None) -> tuple[Event, ...]:
        """Start ``unit`` unless it runs, and answer it, for three tokens in and four out."""
        if not self.session.progress_of(unit).running:
            prompt = self.turn(unit).prompt
            self.begin(unit)
            self.message(unit, "user", prompt)
        self.message(unit, "assistant", text)
        progress = self.session.progress_of(unit)
        count = len(self.session.conversation(progress.conversation).messages)
        return self.when(
            commands.Answered(
                at=self.later(),
                unit=unit,
                attempt=progress.attempt,
                text=text,
                usage=usage or Usage(3, 4),
                mark=Mark(count=count, digest=f"d{count - 1}"),
            )
        )

    def fault(
        self,
        unit: UnitId,
        kind: FaultKind,
        *,
        retry_after: float | None = None,
        chance: float = 0.0,
        usage: Usage | None = None,
    ) -> tuple[Event, ...]:
        """Start ``unit`` unless it runs, and let it fail."""
        if not self.session.progress_of(unit).running:
            self.begin(unit)
        return self.when(
            commands.Faulted(
                at=self.later(),
                unit=unit,
                attempt=self.session.progress_of(unit).attempt,
                fault=Fault(kind, f"it was {kind}", retry_after),
                usage=usage or Usage(),
                chance=chance,
            )
        )

    def ask(self, unit: UnitId) -> events.GateOpened:
        """Put the question ``unit`` to people."""
        attempt = self.attempt(unit)
        question = brief(self.session, attempt).unwrap()
        assert isinstance(question, Question)
        [opened] = self.when(
            commands.QuestionAsked(
                at=self.later(),
                unit=unit,
                attempt=attempt.number,
                prompt=question.prompt,
                display=question.display,
            )
        )
        assert isinstance(opened, events.GateOpened)
        return opened

    def say(self, text: str, unit: UnitId | None = None) -> tuple[Event, ...]:
        """A person answers."""
        return self.when(commands.AnswerGate(at=self.later(), unit=unit, text=text))

    def resume(self) -> tuple[Event, ...]:
        """A driver takes the session up again."""
        return self.when(commands.Resume(at=self.later()))
