"""Integrity: which journals make sense, which messages and marks agree, and what is said of views."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from returns.result import Success

from durable_core.journal import codec
from durable_core.journal.verification import (
    LOOK_BACK,
    Finding,
    Inconsistency,
    LineBehind,
    Loss,
    NewerLine,
    earlier_states,
    first_newer,
    judge_journal,
    judge_views,
    longest,
    loss,
    messages_beyond,
    recount,
)
from durable_core.session import Event
from durable_core.session.conversation import Mark
from durable_core.session.events import (
    ArtifactWritten,
    BudgetWarned,
    GateAnswered,
    MessageAdded,
    ToolReturned,
    ToolSettled,
    UnitCompleted,
)
from durable_core.types import Json
from durable_core.views.documents import pattern_document, session_document
from durable_shell.store.digest import chain_digest as digest
from tests.support.golden import journals, wires
from tests.support.session_kit import WRITE, Story, chain_of


def told() -> Story:
    """Two steps done, in one conversation."""
    story = Story(chain_of(WRITE, WRITE, WRITE))
    story.answer("steps/0")
    story.answer("steps/1")
    return story


def encoded(events: list[Event]) -> list[Any]:
    return [codec.encode(event) for event in events]


def changed(story: Story, kind: type, which: int, **fields: Any) -> list[Event]:
    """The story's events, with other fields in the ``which``-th of a kind."""
    events = list(story.journal)
    place = [n for n, event in enumerate(events) if isinstance(event, kind)][which]
    events[place] = replace(events[place], **fields)
    return events


def test_a_journal_recounts_to_the_session_that_it_is_of() -> None:
    story = told()
    events, session = recount(encoded(story.journal), "s", digest).unwrap()
    assert events == tuple(story.journal)
    assert session == story.session


def test_a_journal_without_an_event_is_inconsistent_as_a_whole() -> None:
    assert recount([], "s", digest).failure() == Inconsistency(0, "the journal holds no event")


def test_the_journal_of_another_session_is_inconsistent() -> None:
    wrong = recount(encoded(told().journal), "t", digest).failure()
    assert wrong == Inconsistency(1, "the journal is that of session s")


def test_an_event_that_is_none_is_named_with_its_line() -> None:
    wires = [*encoded(told().journal[:2]), {"type": "moon landed", "at": 1.0}]
    wrong = recount(wires, "s", digest).failure()
    assert isinstance(wrong, Inconsistency)
    assert wrong.line == 3
    assert wrong.reason.startswith("the event is not one that this version knows: ")


def test_the_first_line_of_a_later_version_is_told_with_its_form_whatever_follows() -> None:
    wires = encoded(told().journal)
    note = {"type": "note_added/1", "at": 1.0}
    assert recount([*wires[:3], note, *wires[3:], {}], "s", digest).failure() == NewerLine(4, "note_added/1")
    later = {**wires[0], "writer": {"program": "9.1", "journal": 9}}
    assert recount([later, *wires[1:]], "s", digest).failure() == NewerLine(1, "journal format 9", "9.1")


def test_damage_before_a_line_of_a_later_version_comes_first() -> None:
    wires = encoded(told().journal)
    assert recount([*wires, {}, {"type": "note_added/1"}], "s", digest).failure().line == len(wires) + 1
    assert isinstance(recount([wires[1], {"type": "note_added/1"}], "s", digest).failure(), Inconsistency)


def test_a_line_of_a_later_version_is_found_behind_damage_too() -> None:
    wires = encoded(told().journal)
    note = {"type": "note_added/1", "at": 1.0}
    assert first_newer([None, {}, wires[2], note, note], line=5) == NewerLine(8, "note_added/1")
    assert first_newer([None, {}, *wires]) is None


def test_a_journal_begins_with_the_beginning_and_only_once() -> None:
    wires = encoded(told().journal)
    begun = recount(wires[1:], "s", digest).failure()
    assert begun == Inconsistency(1, "the journal begins with unit_started/1, not with session_started")
    twice = recount([*wires, wires[0]], "s", digest).failure()
    assert twice == Inconsistency(len(wires) + 1, "the session begins a second time")


def test_an_event_that_nobody_can_have_decided_is_inconsistent_and_no_exception() -> None:
    wires = encoded(told().journal)
    # a unit that completes without ever having begun, answered by a person who was never asked
    gate = {"type": "gate_answered/1", "at": 1.0, "unit": "x", "response": "", "answered_by": "person"}
    wrong = recount([*wires, {**gate, "decided": []}], "s", digest).failure()
    assert wrong.line == len(wires) + 1
    assert wrong.reason == "gate_answered/1 does not follow from the events before it"


def test_a_beginning_with_a_workflow_that_nobody_can_have_begun_is_inconsistent_and_no_exception() -> None:
    started = wires(journals()["2-seven-patterns/evaluator"])[0]
    agents = started["spec"]["agents"]
    started["spec"]["agents"] = {"nobody": next(iter(agents.values()))}
    wrong = recount([started], started["session_id"], digest).failure()
    assert wrong == Inconsistency(1, "the workflow in it is not one that any version of this program began")


def test_messages_and_marks_that_agree_are_consistent() -> None:
    story = told()
    assert isinstance(recount(encoded(story.journal), "s", digest), Success)
    story.begin("steps/2")
    story.message("steps/2", "user", "again")
    story.resume()
    assert isinstance(recount(encoded(story.journal), "s", digest), Success)


@pytest.mark.parametrize(
    ("kind", "fields", "reason"),
    [
        (MessageAdded, {"index": 7}, "message 7 of ann follows 2 messages"),
        (MessageAdded, {"digest": "d9"}, "message 2 of ann does not match its digest"),
        (
            UnitCompleted,
            {"mark": Mark(count=5, digest="d4")},
            "the mark of ann counts 5 messages, and 4 are there",
        ),
        (UnitCompleted, {"mark": Mark(count=4, digest="d2")}, "the mark of ann does not match its messages"),
        (UnitCompleted, {"mark": Mark(count=0, digest="d2")}, "the mark of ann does not match its messages"),
    ],
)
def test_a_message_or_mark_that_disagrees_is_named(kind: type, fields: dict[str, Any], reason: str) -> None:
    story = told()
    events = changed(story, kind, 2 if kind is MessageAdded else 1, **fields)
    wrong = recount(encoded(events), "s", digest).failure()
    assert wrong.reason == reason
    assert events[wrong.line - 1] != story.journal[wrong.line - 1]


def behind(good: int, *events: Event | None) -> list[LineBehind | None]:
    """Lines behind the first ``good``, None for each that changed."""
    return [
        None if event is None else LineBehind(seq, codec.encode(event))
        for seq, event in enumerate(events, start=good + 1)
    ]


def test_a_cut_loses_what_was_paid_for_behind_it_and_whatever_a_changed_line_held() -> None:
    story = told()
    story.begin("steps/2")
    story.message("steps/2", "user", "go on")
    assert loss(behind(1, None, *story.journal[2:]), good=1) == Loss(("steps/0", "steps/1"), 1)
    assert loss(behind(1, None, *story.journal[2:], None), good=1).unreadable == 2
    # a prompt, and that a unit began, cost nothing
    assert loss(behind(10, None, *story.journal[-2:]), good=10) == Loss((), 1)
    story.message("steps/2", "assistant", "an answer that was not settled")
    assert loss(behind(10, None, *story.journal[-3:]), good=10) == Loss(("steps/2",), 1)


def test_what_a_person_a_tool_or_the_disk_gave_is_lost_like_an_answer() -> None:
    for event in (
        ToolReturned(at=1.0, unit="a", attempt=1, call="c", result={}),
        ToolSettled(at=1.0, unit="a", call="c", outcome="done"),
        GateAnswered(at=1.0, unit="a", response="yes", answered_by="person", decided=()),
        ArtifactWritten(at=1.0, unit="a", attempt=1, path="p", sha256="0", size=1),
    ):
        assert loss(behind(3, event), good=3) == Loss(("a",))
    for event in (BudgetWarned(at=1.0, budget="max_steps", spent=1.0, limit=2.0), told().journal[1]):
        assert loss(behind(3, None, event), good=3) == Loss((), 1)


def test_the_line_that_is_wrong_is_not_taken_at_its_word_though_its_hash_be_right() -> None:
    started, *_ = told().journal[1:]
    assert loss(behind(3, started), good=3) == Loss((), 1)
    assert loss([LineBehind(4, {"type": "moon landed"}), *behind(4, started)], good=3) == Loss((), 1)


def test_lines_that_are_not_there_are_told_by_the_numbers_of_those_that_are() -> None:
    completed = next(event for event in told().journal if isinstance(event, UnitCompleted))
    line = LineBehind(9, codec.encode(completed))
    assert loss([None, line], good=4) == Loss(("steps/0",), unreadable=1, missing=3)
    assert loss([line], good=8) == Loss(("steps/0",))
    # one that stands there twice is not lost with its second place
    assert loss([None, line], good=9) == Loss((), 1)


def test_lines_that_are_not_there_are_told_by_what_session_json_shows() -> None:
    assert loss([], good=4, shown=6) == Loss(missing=2)
    assert loss([None], good=4, shown=6) == Loss(unreadable=1, missing=1)
    assert loss([], good=4, shown=4).nothing
    assert loss([], good=4, shown=0).nothing


def test_messages_beside_the_journal_that_it_never_had_may_have_been_paid_for() -> None:
    assert not loss([], good=4, messages=1).nothing
    story = told()
    assert longest(story.journal) == {"ann": 4}
    story.begin("steps/2")
    story.message("steps/2", "user", "go on")
    story.resume()
    story.begin("steps/2")  # which takes the message back
    assert longest(story.journal) == {"ann": 5}


def test_a_journal_is_cut_where_something_good_stands_before_and_else_given_up() -> None:
    wrong = Inconsistency(3, "bad")
    assert judge_journal("j", wrong, 5, good=2) == (Finding("j", 3, "bad", "cut"),)
    assert judge_journal("j", wrong, 0, good=0) == (Finding("j", 3, "bad", "delete"),)
    assert judge_journal("j", None, 0, good=2) == ()
    [torn] = judge_journal("j", None, 5, good=2)
    assert torn == Finding("j", 3, "5 bytes of a line that was never finished", "resume")
    assert not torn.damage


def test_what_a_later_version_wrote_is_no_damage_and_leaves_damage_beside_it_to_that_version() -> None:
    problem = "it was written by a newer version of strands (9.1) and is not damaged; "
    newer = Finding("j", 3, problem + "this one does not know note_added/1", "upgrade")
    assert judge_journal("j", None, 5, good=2, newer=NewerLine(3, "note_added/1", "9.1")) == (newer,)
    assert not newer.damage
    both = judge_journal("j", Inconsistency(2, "bad"), 0, good=1, newer=NewerLine(3, "note_added/1"))
    assert [one.remedy for one in both] == ["upgrade", "upgrade"]
    assert both[0].problem.startswith("it was written by a newer version of strands and is not damaged")
    assert both[1] == Finding("j", 2, "bad", "upgrade")


def test_a_view_that_was_right_once_is_behind_and_any_other_is_damaged() -> None:
    now = {"a": "it is missing", "b": "it differs"}
    found = judge_views(
        now, [{"a": "it is missing", "b": "it differs", "c": "it differs"}, {"a": "x"}], folder="f"
    )
    assert found == (
        Finding("f/a", 0, "it is missing", "repair", "a"),
        Finding("f/b", 0, "it is behind the journal", "resume", "b"),
    )
    assert [finding.damage for finding in found] == [True, False]
    assert judge_views({}, iter(()), folder="f") == ()


def test_no_earlier_state_is_made_once_every_view_is_explained() -> None:
    made: list[int] = []

    def earlier() -> Iterator[Mapping[str, str]]:
        for number in range(10):
            made.append(number)
            yield {}

    judge_views({"a": "it differs"}, earlier(), folder="f")
    assert made == [0]


def test_the_states_that_views_may_show_begin_with_the_one_that_session_json_names() -> None:
    assert list(earlier_states({"as_of": 3}, 6)) == [3, 4, 5]
    assert list(earlier_states({"as_of": 1}, 1000)) == list(range(1, 1 + LOOK_BACK))
    for useless in (None, {}, {"as_of": 6}, {"as_of": 0}, {"as_of": True}, {"as_of": "3"}):
        assert list(earlier_states(useless, 6)) == []


def with_twice(journal: list[Json], line: int, place: int) -> list[Json]:
    """The events with one of the things that a pattern decided at a line decided once more."""
    event = journal[line]
    decided = [*event["decided"], event["decided"][place]]
    return [*journal[:line], {**event, "decided": decided}, *journal[line + 1 :]]


@pytest.mark.parametrize("name", [name for name in journals() if name[0] in "28"])
def test_what_a_pattern_cannot_have_decided_is_inconsistent_and_no_exception_later(name: str) -> None:
    journal = wires(journals()[name])
    session_id = journal[0]["session_id"]
    for line, event in enumerate(journal):
        for place, one in enumerate(event.get("decided", ())):
            changed = [with_twice(journal, line, place)]
            for key in (key for key, value in one.items() if type(value) is int):
                other = copy.deepcopy(event)
                other["decided"][place][key] += 7
                changed.append([*journal[:line], other, *journal[line + 1 :]])
            for each in changed:
                found = recount(each, session_id, digest)
                if isinstance(found, Success):
                    session_document(found.unwrap()[1])
                    pattern_document(found.unwrap()[1])
                else:
                    assert found.failure().line > line


def test_the_line_is_named_after_which_nobody_can_tell_what_a_session_is_up_to() -> None:
    journal = wires(journals()["2-seven-patterns/routing"])
    *_, line = (n for n, wire in enumerate(journal, 1) for one in wire.get("decided", ()) if "index" in one)
    journal = with_twice(journal, line - 1, 0)
    warned = codec.encode(BudgetWarned(at=9e9, budget="max_steps", spent=1.0, limit=2.0))
    for more in range(4):
        assert recount(
            [*journal, *[warned] * more], journal[0]["session_id"], digest
        ).failure() == Inconsistency(
            line, f"{journal[line - 1]['type']} does not follow from the events before it"
        )


def test_messages_that_the_journal_never_had_are_counted() -> None:
    assert messages_beyond(1).startswith("1 message is kept that the journal does not have")
    assert messages_beyond(2).startswith("2 messages are kept that the journal does not have")
