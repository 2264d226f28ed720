"""Plays a workflow with scripted answers: in memory, without models, processes and files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from durable_core.frozen import frozen
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
from durable_core.types import Fault, Json, Usage
from durable_core.views.units import Units, units_of
from strands_durable.outcome import Outcome
from strands_durable.specs import SpecLike, checked_variables, loaded_from
from strands_durable.testing.answers import Asked, ScriptedAnswers, Unanswered, answer_for, asked_by, text_of
from strands_durable.testing.memory_session import MemorySession


@frozen(kw_only=True)
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

    Raises SpecInvalid with all problems of the spec, OperationError for variables that are missing or do not
    fit, Unanswered when a model is asked something that the script does not answer, and Refused when a gate
    does not take its answer.
    """
    read = loaded_from(spec, Path.cwd())
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
        asked = asked_by(todo)
        match answer_for(self.answers, asked):
            case None:
                raise Unanswered(asked)
            case Fault() as fault:
                self.story.fault(asked.unit, fault)
            case answer:
                self.story.answer(asked.unit, text_of(answer))

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
            answer = answer_for(self.answers, Asked(unit=gate.unit, attempt=attempt, prompt=gate.prompt))
            if answer is not None:
                self.story.respond(text_of(answer), gate.unit)
                return True
        return False
