"""A session in memory: its state and its journal, and what a shell does with reports, without a shell.

Each report moves the session's own clock on by a second, so that a test says only what it is about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from returns.result import Failure

from durable_core.session import (
    ArtifactText,
    Attempt,
    Brief,
    Event,
    Options,
    Question,
    Recovered,
    Session,
    SessionStarted,
    Source,
    Turn,
    brief,
    commands,
    decide,
    evolve_all,
    replay,
    start,
    wanted,
)
from durable_core.session.conversation import Mark
from durable_core.session.events import GateOpened
from durable_core.spec.models import Spec
from durable_core.spec.secrets import escaped
from durable_core.types import Fault, FaultKind, Json, UnitId, Usage
from durable_shell.store.digest import chain_digest
from strands_durable.specs import source_for

MEMORY_SESSION_ID: Final = "00000000-0000-4000-8000-000000000000"
"""The id of a session that nobody will look for."""

FREE: Final = Usage()

ANSWER_COST: Final = Usage(3, 4)
"""What an answer costs unless a test says otherwise, in tokens: few, and other numbers in and out."""


class Refused(ValueError):
    """The session refused a wish of a person; the text is the sentence that the command line would show."""


class MemorySession:
    """A session and its journal, which grows by what each report leads to.

    ``session`` is the state after all events, ``journal`` holds the events, oldest first, and ``at`` is the
    time of the last report, in seconds: nothing here looks at a clock.
    """

    def __init__(self, first: SessionStarted) -> None:
        """Begin the session whose first event is ``first``."""
        self.session: Session = start(first)
        self.journal: list[Event] = [first]
        self.at: float = first.at

    @classmethod
    def of(
        cls,
        spec: Spec,
        variables: Mapping[str, Json] = MappingProxyType({}),
        *,
        at: float = 0.0,
        session_id: str = MEMORY_SESSION_ID,
        name: str | None = None,
        source: Source | None = None,
        options: Options | None = None,
    ) -> MemorySession:
        """A session of ``spec`` that has just begun, with ``variables`` as they are: nothing is checked."""
        first = SessionStarted(
            at=at,
            session_id=session_id,
            name=name,
            spec=spec,
            source=source or source_for(spec),
            variables=dict(variables),
            options=options or Options(),
        )
        return cls(first)

    @classmethod
    def replayed(cls, journal: Iterable[Event]) -> MemorySession:
        """The session that ``journal`` adds up to. Raises ValueError when it adds up to none."""
        events = list(journal)
        replayed = replay(events)
        if isinstance(replayed, Failure):
            raise ValueError(replayed.failure())
        session = replayed.unwrap()
        return cls._of_parts(session, events, session.updated_at)

    def cut(self, kept: int) -> None:
        """A process dies, and all that is left is the first ``kept`` events: the state is theirs alone."""
        left = MemorySession.replayed(self.journal[:kept])
        self.session, self.journal = left.session, left.journal

    def fork(self) -> MemorySession:
        """A session that goes its own way from here."""
        return MemorySession._of_parts(self.session, list(self.journal), self.at)

    @classmethod
    def _of_parts(cls, session: Session, journal: list[Event], at: float) -> MemorySession:
        made = cls.__new__(cls)
        made.session, made.journal, made.at = session, journal, at
        return made

    def later(self, seconds: float = 1.0) -> float:
        """The time ``seconds`` from now, which is now from here on."""
        self.at += seconds
        return self.at

    def tell(self, command: commands.Command) -> tuple[Event, ...]:
        """Add the events that ``command`` leads to, and give them; ``()`` for a report that comes too late.

        Raises Refused when it is a wish of a person that makes no sense here; the session stays as it is.
        """
        decision = decide(self.session, command)
        if isinstance(decision, Failure):
            raise Refused(decision.failure().problem)
        decided = decision.unwrap()
        self.session = evolve_all(self.session, decided)
        self.journal.extend(decided)
        return decided

    def resume(self) -> tuple[Event, ...]:
        """A driver resumes the session: what was running is given up."""
        return self.tell(commands.Resume(at=self.later()))

    # --- attempts -------------------------------------------------------------------------------------

    def attempt(self, unit: UnitId) -> Attempt:
        """The attempt of ``unit`` that may start. Raises KeyError when none may."""
        for attempt in wanted(self.session):
            if attempt.unit == unit:
                return attempt
        raise KeyError(
            f"{unit} may not start now (may: {', '.join(one.unit for one in wanted(self.session))})"
        )

    def brief(self, unit: UnitId) -> Brief | Fault:
        """What would be sent, asked or written for ``unit``, or why that can't be rendered."""
        todo = brief(self.session, self.attempt(unit))
        return todo.failure() if isinstance(todo, Failure) else todo.unwrap()

    def begin(self, unit: UnitId, *, kept: int | None = None) -> tuple[Event, ...]:
        """Start ``unit``, not before its retry is due.

        It resumes behind ``kept`` messages of an earlier attempt; None for as many as its brief keeps.
        """
        attempt = self.attempt(unit)
        if kept is None:
            todo = self.brief(unit)
            kept = todo.kept if isinstance(todo, Turn | Recovered) else 0
        self.at = max(self.at, attempt.not_before - 1.0)
        starts = (commands.UnitStart(unit, attempt.number, kept),)
        return self.tell(commands.UnitsStarted(at=self.later(), starts=starts))

    def message(self, unit: UnitId, role: str, text: str, **more: Json) -> tuple[Event, ...]:
        """The running attempt of ``unit`` adds a message; ``more`` are other keys of it."""
        progress = self.session.progress_of(unit)
        messages = self.session.conversation(progress.conversation).messages
        message = {"role": role, "content": [{"text": text}], **more}
        return self.tell(
            commands.MessageAdded(
                at=self.later(),
                unit=unit,
                attempt=progress.attempt,
                conversation=progress.conversation,
                index=len(messages),
                message=message,
                digest=chain_digest(messages[-1].digest if messages else "", message),
            )
        )

    def answer(self, unit: UnitId, text: str = "done", usage: Usage = ANSWER_COST) -> tuple[Event, ...]:
        """The model answers ``unit`` with ``text``; the unit is started first, unless it runs."""
        if not self.session.progress_of(unit).running:
            self.send(unit)
        self.message(unit, "assistant", escaped(text))
        progress = self.session.progress_of(unit)
        messages = self.session.conversation(progress.conversation).messages
        return self.tell(
            commands.Answered(
                at=self.later(),
                unit=unit,
                attempt=progress.attempt,
                text=text,
                usage=usage,
                mark=Mark(count=len(messages), digest=messages[-1].digest),
            )
        )

    def send(self, unit: UnitId) -> tuple[Event, ...]:
        """Start ``unit`` and send its prompt, unless it resumes inside a turn that was sent one already."""
        todo = self.brief(unit)
        begun = self.begin(unit)
        if isinstance(todo, Turn) and not todo.goes_on:
            return (*begun, *self.message(unit, "user", todo.prompt))
        return begun

    def take(self, unit: UnitId, recovered: Recovered) -> tuple[Event, ...]:
        """Start ``unit`` and give it the answer that a killed attempt had received."""
        begun = self.begin(unit)
        answered = commands.Answered(
            at=self.later(),
            unit=unit,
            attempt=recovered.attempt,
            text=recovered.answer.text,
            usage=recovered.answer.usage,
            mark=recovered.answer.mark,
        )
        return (*begun, *self.tell(answered))

    def fault(
        self, unit: UnitId, fault: Fault | FaultKind, *, usage: Usage = FREE, chance: float = 0.0
    ) -> tuple[Event, ...]:
        """The attempt of ``unit`` ends without success; it is started first, unless it runs.

        ``chance`` in [0, 1) is the jitter of a possible retry.
        """
        if isinstance(fault, str):
            fault = Fault(fault, f"it was {fault}")
        if not self.session.progress_of(unit).running:
            self.begin(unit)
        return self.tell(
            commands.Faulted(
                at=self.later(),
                unit=unit,
                attempt=self.session.progress_of(unit).attempt,
                fault=fault,
                usage=usage,
                chance=chance,
            )
        )

    def ask(self, unit: UnitId) -> GateOpened:
        """Put the question of the gate ``unit`` to people."""
        question = self.brief(unit)
        if not isinstance(question, Question):
            raise TypeError(f"{unit} asks nobody: {question!r:.200}")
        attempt = self.attempt(unit).number
        [opened, *_] = self.tell(
            commands.QuestionAsked(
                at=self.later(),
                unit=unit,
                attempt=attempt,
                prompt=question.prompt,
                display=question.display,
            )
        )
        assert isinstance(opened, GateOpened)
        return opened

    def respond(self, text: str, unit: UnitId | None = None) -> tuple[Event, ...]:
        """A person answers the gate ``unit``, or the one that is open. Raises Refused as ``tell`` does."""
        return self.tell(commands.AnswerGate(at=self.later(), unit=unit, text=text))

    def written(self, document: ArtifactText) -> tuple[Event, ...]:
        """The running attempt of an artifact has written ``document``."""
        data = document.text.encode()
        return self.tell(
            commands.ArtifactWritten(
                at=self.later(),
                unit=document.unit,
                attempt=document.attempt,
                path=document.path,
                sha256=hashlib.sha256(data).hexdigest(),
                size=len(data),
            )
        )
