"""Plays a workflow with scripted answers: in memory, without models, processes and files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from durable_core.session import (
    ArtifactText,
    Event,
    Question,
    Recovered,
    Session,
    Turn,
    open_gates,
    wanted,
)
from durable_core.session.events import ArtifactWritten
from durable_core.types import Fault, Json, UnitId, Usage
from durable_core.views.units import Units, units_of
from strands_durable.outcome import Outcome
from strands_durable.specs import SpecLike, checked_variables, spec_from
from strands_durable.testing.memory_session import MemorySession


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a scripted answer may look at: attempt ``attempt`` (from 1) of ``unit`` was sent ``prompt``.

    ``json_due`` tells whether the answer must be JSON, as a router's or an evaluator's. ``agent`` and
    ``system_prompt`` are None where a person is asked.
    """

    unit: UnitId
    attempt: int
    prompt: str
    agent: str | None = None
    system_prompt: str | None = None
    json_due: bool = False


Scripted = Any
"""What is answered: a text; a mapping or list, which is sent as JSON; a Fault, which fails the attempt; a
tuple of these, one for each attempt, the last one for all that follow; or a function of ``Asked`` that gives
one of these. None leaves a question to a person open."""

ScriptedAnswers = Mapping[str, Scripted] | Callable[[Asked], Scripted]
"""Answers by unit id or, for all units of an agent, by the agent's name; or one function for all."""


class Unanswered(LookupError):
    """The script has no answer for a unit. The text names the unit, its agent and what it was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """How a workflow went.

    ``units`` are what was asked and answered, by unit; ``artifacts`` the texts that were written, by path;
    ``events`` the journal, and ``session`` the state that it adds up to.
    """

    outcome: Outcome
    units: Units
    artifacts: Mapping[str, str]
    events: tuple[Event, ...]
    session: Session

    @property
    def status(self) -> str:
        """completed, paused (a question is open), or failed."""
        return self.outcome.status

    @property
    def result(self) -> str | None:
        """The answer of the whole workflow; None unless it is completed."""
        return self.outcome.result

    @property
    def error(self) -> str | None:
        """Why it failed, in the words of the command line; None unless it did."""
        return self.outcome.error

    @property
    def usage(self) -> Usage:
        """What all answers cost, in tokens: three in and four out for each."""
        return self.outcome.usage


def play(
    spec: SpecLike, variables: Mapping[str, Json] | None = None, answers: ScriptedAnswers | None = None
) -> Played:
    """Run the workflow ``spec`` to where its ``answers`` lead, in memory.

    ``spec`` is a path, the text of a workflow, or a parsed one. Nothing outside is looked at: no key and no
    tool has to exist. Units that may run side by side start together and finish in the order of the spec; a
    retry is due at once, whatever it would have waited. A question to a person that has no answer stays open.

    Raises SpecError with all problems of the spec, InputError for variables that are missing or do not fit,
    Unanswered when a model is asked something that the script does not answer, and Refused when a gate
    does not take its answer.
    """
    read = spec_from(spec)
    known = checked_variables(read, variables or {})
    session = MemorySession.of(read.spec, known, source=read.source)
    return play_on(session, answers or {})


def play_on(
    session: MemorySession, answers: ScriptedAnswers, artifacts: Mapping[str, str] = MappingProxyType({})
) -> Played:
    """Run ``session`` on from where it stands; ``artifacts`` are the texts that are written, by path."""
    player = _Player(session, answers, dict(artifacts))
    player.play()
    return Played(
        outcome=Outcome.of(session.session),
        units=units_of(session.journal),
        artifacts=player.artifacts,
        events=tuple(session.journal),
        session=session.session,
    )


def paths_written(events: Iterable[Event]) -> frozenset[str]:
    """The paths of the artifacts that ``events`` tell of."""
    return frozenset(event.path for event in events if isinstance(event, ArtifactWritten))


@dataclass(slots=True)
class _Player:
    story: MemorySession
    answers: ScriptedAnswers
    artifacts: dict[str, str]
    running: list[Turn | ArtifactText] = field(default_factory=list)

    def play(self) -> None:
        """Start all that may start and finish the first of what runs, again and again."""
        while True:
            self._begin_all()
            if self.running:
                self._finish(self.running.pop(0))
            elif not wanted(self.story.session) and not self._respond():
                return

    def _begin_all(self) -> None:
        for attempt in wanted(self.story.session):
            unit = attempt.unit
            match self.story.brief(unit):
                case Fault() as fault:
                    self.story.fault(unit, fault)
                case Question():
                    self.story.ask(unit)
                case Recovered() as recovered:
                    self.story.take(unit, recovered)
                case todo:
                    self.story.send(unit)
                    self.running.append(todo)

    def _finish(self, todo: Turn | ArtifactText) -> None:
        if isinstance(todo, ArtifactText):
            self._write(todo)
            return
        asked = Asked(
            unit=todo.unit,
            attempt=todo.attempt,
            prompt=todo.prompt,
            agent=todo.agent,
            system_prompt=todo.system_prompt,
            json_due=todo.answer_type is not None,
        )
        match self._scripted(asked):
            case None:
                raise Unanswered(
                    f"no answer for {asked.unit} (agent {asked.agent}), which was sent: {asked.prompt!r:.200}"
                )
            case Fault() as fault:
                self.story.fault(asked.unit, fault)
            case answer:
                self.story.answer(asked.unit, _text(answer))

    def _write(self, document: ArtifactText) -> None:
        if self.artifacts.setdefault(document.path, document.text) != document.text:
            fault = Fault("artifact", f"{document.path} exists already, with another text")
            self.story.fault(document.unit, fault)
        else:
            self.story.written(document)

    def _respond(self) -> bool:
        """Answer the first open question that the script has an answer for; False when there is none."""
        for gate in open_gates(self.story.session):
            attempt = self.story.session.progress_of(gate.unit).attempt
            answer = self._scripted(Asked(unit=gate.unit, attempt=attempt, prompt=gate.prompt))
            if answer is not None:
                self.story.respond(_text(answer), gate.unit)
                return True
        return False

    def _scripted(self, asked: Asked) -> Scripted:
        if callable(self.answers):
            found = self.answers(asked)
        else:
            found = self.answers.get(asked.unit)
            if found is None and asked.agent is not None:
                found = self.answers.get(asked.agent)
        if callable(found):
            found = found(asked)
        if isinstance(found, tuple):
            found = found[min(asked.attempt, len(found)) - 1]
        return found


def _text(answer: Scripted) -> str:
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
