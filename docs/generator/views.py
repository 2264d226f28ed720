"""What the views show, by example: the sample of each pattern, played to its end by the session machine."""

from __future__ import annotations

import json
from typing import Final

from docs.generator.samples import SAMPLES, Sample, spec_of
from durable_core.patterns import MACHINES
from durable_core.patterns.base import AskPerson, CallAgent
from durable_core.session import (
    Options,
    Session,
    SessionStarted,
    Source,
    commands,
    decide,
    evolve_all,
    start,
    wanted,
)
from durable_core.session.conversation import Mark
from durable_core.session.scheduling import Attempt
from durable_core.types import Usage
from durable_core.views.documents import pattern_document, session_document

_ID: Final = "286f9cd6-2aca-47d9-a929-2389352dc0c7"


def session_view() -> str:
    """session.json of a completed session."""
    return _fenced(session_document(finished("chain")))


def pattern_views() -> str:
    """pattern_state.json of a completed session of each pattern."""
    return "\n\n".join(f"### {kind}\n\n{_fenced(pattern_document(finished(kind)))}" for kind in MACHINES)


def finished(kind: str) -> Session:
    """The sample of ``kind``, in which everybody gives the first of the sample's answers."""
    sample = SAMPLES[kind]
    first = SessionStarted(
        at=0.0,
        session_id=_ID,
        name="tides",
        spec=spec_of(kind, sample.config),
        source=Source(text="", format="yaml", sha256="0" * 64, path="/home/me/tides.yaml"),
        variables={"topic": "tides"},
        options=Options(out="/home/me/artifacts"),
    )
    session = start(first)
    while attempts := wanted(session):
        for report in _reports(sample, attempts[0], session.updated_at):
            session = evolve_all(session, decide(session, report).unwrap())
    return session


def _reports(sample: Sample, attempt: Attempt, at: float) -> tuple[commands.Command, ...]:
    """What is reported of an attempt that goes well and takes a second."""
    unit, number = attempt.unit, attempt.number
    match attempt.request:
        case AskPerson(prompt=prompt):
            text = next(iter(sample.person.values()))
            return (
                commands.QuestionAsked(at=at, unit=unit, attempt=number, prompt=prompt),
                commands.AnswerGate(at=at + 1, unit=unit, text=text),
            )
        case CallAgent(shape=shape):
            text = next(iter((sample.said if shape is None else sample.due).values()))
            answer = commands.Answered(
                at=at + 1,
                unit=unit,
                attempt=number,
                text=text,
                usage=Usage(20, 5),
                mark=Mark(count=0, digest=""),
            )
            return commands.UnitsStarted(at=at, starts=(commands.UnitStart(unit, number),)), answer
        case _:
            raise AssertionError("samples write no artifacts")


def _fenced(document: dict[str, object]) -> str:
    return f"```json\n{json.dumps(document, indent=2)}\n```"
