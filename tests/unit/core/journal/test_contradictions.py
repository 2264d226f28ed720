"""Journals that contradict themselves: refused with a reason, or sessions like any other."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

import pytest
from returns.result import Failure

from durable_core.journal.verification import Inconsistency, recount
from durable_core.patterns.base import Finished
from durable_core.session import (
    ArtifactText,
    Event,
    Question,
    Recovered,
    Session,
    Turn,
    open_gates,
    verdict,
    wanted,
)
from durable_core.session.conversation import is_message
from durable_core.session.rendering import brief
from durable_core.session.resume import Wishes, resume
from durable_core.types import Fault, UnitId
from durable_core.views.documents import agent_document, as_left, message_document, pattern_document
from durable_shell.store.digest import chain_digest
from strands_durable.testing.memory_session import MemorySession, Refused
from tests.support.contradictions import NO_MESSAGES, agreeing, contradictions
from tests.support.golden import journals, wires
from tests.support.night import spread

PLAYED = (
    "7-way-alone/killed",
    "7-way-alone/graph-paused",
    "7-way-alone/parallel-paused",
    "8-writer/tools-in-doubt",
    "7-way-alone/workflow-paused",
)
PREFIXES = {"7-way-alone/tools": 6, "8-writer/chain": 4}
"""Journals of which only so many lines are taken: attempts that were killed in the middle."""

ANSWERS = (
    "approved",
    "done",
    '{"route": "left"}',
    '{"score": 90, "issues": [], "fixes": []}',
    '{"tasks": []}',
)
MOST_ANSWERS = 20

LIES = 150
"""Lies that each journal is told by day. At night it is all of them."""


def opened(session: Session) -> None:
    """All that is shown of a session, and what a resume of it would send. Raises nothing."""
    as_left(session, driven=False)
    pattern_document(session)
    for name, conversation in session.conversations.items():
        agent_document(name, conversation)
        for index, message in enumerate(conversation.messages):
            message_document(index, message)
    resumed = resume(session, at=9e9, file=None, variables=session.variables, wishes=Wishes())
    if not isinstance(resumed, Failure):
        going_on = resumed.unwrap().session
        for attempt in wanted(going_on):
            brief(going_on, attempt)


def goes_on(events: Iterable[Event]) -> None:
    """The session is resumed, and whatever it wants is answered, until nothing is wanted. Raises nothing."""
    story = MemorySession.replayed(events)
    if isinstance(verdict(story.session), Finished):
        return
    story.resume()
    for number in range(MOST_ANSWERS):
        gates, text = open_gates(story.session), ANSWERS[number % len(ANSWERS)]
        if attempts := wanted(story.session):
            _answered(story, attempts[number % len(attempts)].unit, text)
        elif not gates or not _taken(story, gates[0].unit, text):
            return


def _answered(story: MemorySession, unit: UnitId, text: str) -> None:
    match story.brief(unit):
        case Fault() as fault:
            story.fault(unit, fault)
        case Question():
            story.ask(unit)
        case ArtifactText() as document:
            story.begin(unit)
            story.written(document)
        case Recovered() as recovered:
            story.take(unit, recovered)
        case Turn():
            story.answer(unit, text)


def _taken(story: MemorySession, unit: UnitId, text: str) -> bool:
    with contextlib.suppress(Refused):
        story.respond(text, unit)
        return True
    return False


@pytest.mark.parametrize("name", [*PLAYED, *PREFIXES])
def test_a_journal_with_a_lie_in_it_is_refused_with_its_line_or_can_be_shown_and_resumed(name: str) -> None:
    events = wires(journals()[name])[: PREFIXES.get(name)]
    session_id, refused = events[0]["session_id"], 0
    for what, lie in spread(list(contradictions(events)), LIES):
        forged_all_over = agreeing(lie)
        for forged in (lie,) if forged_all_over == lie else (lie, forged_all_over):
            counted = recount(forged, session_id, chain_digest)
            if isinstance(counted, Failure):
                wrong = counted.failure()
                assert isinstance(wrong, Inconsistency), what
                assert 1 < wrong.line <= len(forged), what
                refused += 1
            else:
                read, session = counted.unwrap()
                opened(session)
                goes_on(read)
    assert refused > 10


@pytest.mark.parametrize("message", NO_MESSAGES, ids=str)
def test_what_cannot_be_asked_what_a_message_is_asked_is_none(message: Any) -> None:
    assert not is_message(message)


def test_questions_answers_calls_and_results_are_messages() -> None:
    said = [
        {"role": "user", "content": [{"text": "What is tea?"}]},
        {"role": "assistant", "content": [{"toolUse": {"toolUseId": "a", "name": "b", "input": {}}}]},
        {"role": "user", "content": [{"toolResult": {"toolUseId": "a", "content": []}}]},
        {"role": "assistant", "content": [{"text": "A drink."}], "metadata": {"usage": {"inputTokens": 3}}},
    ]
    assert all(map(is_message, said))


@pytest.mark.parametrize("unit", ["a poem", "artifacts/7", "artifacts/x"])
@pytest.mark.parametrize("declared", [True, False])
def test_an_artifact_that_the_workflow_does_not_have_is_refused_where_it_was_written(
    unit: str, declared: bool
) -> None:
    events = wires(journals()["8-writer/chain"])
    *_, written = (n for n, event in enumerate(events) if event["type"] == "artifact_written/1")
    begun = next(n for n, event in enumerate(events) if event.get("unit") == events[written]["unit"])
    for at in (begun, written):
        events[at] = {**events[at], "unit": unit}
    if not declared:
        del events[0]["spec"]["outputs"]
    wrong = recount(events, events[0]["session_id"], chain_digest).failure()
    assert isinstance(wrong, Inconsistency)
    assert wrong.line <= written + 1
    assert wrong.reason == f"the workflow has no artifact {events[wrong.line - 1]['unit']}"
