"""Laws of what a journal is worth, of the end, and of what is shown."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from returns.result import Success

from durable_core.journal import codec
from durable_core.journal.verification import Inconsistency, NewerLine, recount
from durable_core.patterns.base import Failed, Finished
from durable_core.session import Session, commands, evolve, replay, start, verdict, wanted
from durable_core.session.events import Event, SessionStarted, UnitCompleted
from durable_core.views.documents import agent_document, message_document, pattern_document, session_document
from property_tests.laws.law import Moment, When, law
from property_tests.worlds.oracle import Ledger
from property_tests.worlds.providers import digest_after
from property_tests.worlds.world import World
from tests.support.journal_kit import cast_down
from tests.support.night import spread

PREFIXES = 3
"""Lengths of each journal from which a session is resumed by day. At night it is from all."""


def outcome(world: World) -> Any:
    """What a session came to, without times: its verdict, its pattern's view, and its artifacts' texts."""
    stand = verdict(world.session)
    shown = pattern_document(world.session)
    gates = [(gate["unit"], gate["response"]) for gate in shown.pop("gates")]
    ended = stand.result if isinstance(stand, Finished) else stand
    texts = {unit: (file.path, file.text) for unit, file in world.documents.items()}
    return json.dumps(shown), sorted(gates), ended, texts


def through_json(journal: list[Event]) -> tuple[Event, ...]:
    """The events that come back from a journal's text."""
    lines = [json.dumps(codec.encode(event)) for event in journal]
    return codec.decode_all([json.loads(line) for line in lines]).unwrap()


@law(When.AT_THE_END)
def the_journal_read_back_gives_the_same_session(end: Moment) -> None:
    world = end.world
    states: list[Session] = []
    back = through_json(world.journal)
    assert list(back) == world.journal
    first = back[0]
    assert isinstance(first, SessionStarted)
    state = start(first)
    for seq, event in enumerate(back[1:], start=2):
        states.append(state)
        state = evolve(state, event)
        assert state.seq == seq
    assert state == world.session
    assert replay(back) == Success(world.session)
    for seq, then in enumerate(states, start=1):
        assert replay(back[:seq]) == Success(then)


@law(When.AT_THE_END)
def a_journal_in_the_forms_of_the_past_gives_the_same_session(end: Moment) -> None:
    wires = [json.loads(json.dumps(codec.encode(event))) for event in end.world.journal]
    back = codec.decode_all([cast_down(wire) for wire in wires]).unwrap()
    assert replay(back) == Success(end.world.session)


@law(When.AT_THE_END)
def a_line_of_a_later_version_is_named_and_damage_is_never_taken_for_one(end: Moment) -> None:
    wires = [json.loads(json.dumps(codec.encode(event))) for event in end.world.journal]
    session_id = wires[0]["session_id"]
    for line in spread(range(1, len(wires) + 1), PREFIXES):
        before, wire, after = wires[: line - 1], wires[line - 1], wires[line:]
        name, _, version = wire["type"].partition("/")
        later = f"{name}/{int(version) + 1}"
        for form in (later, "note_added/1"):
            newer = recount([*before, {**wire, "type": form}, *after], session_id, digest_after).failure()
            assert newer == NewerLine(line, form, wire.get("writer", {}).get("program", ""))
        for damaged in ({**wire, "mood": 1}, {**wire, "type": name}, {**wire, "at": None}):
            wrong = recount([*before, damaged, *after], session_id, digest_after).failure()
            assert isinstance(wrong, Inconsistency)
            assert wrong.line == line


@law(When.BESIDE_A_CALM_RUN)
def finishing_from_any_prefix_of_the_journal_gives_the_uninterrupted_result(calm: World, wild: World) -> None:
    assert outcome(wild) == outcome(calm)
    for world in (calm, wild):
        for length in spread(range(1, len(world.journal) + 1), PREFIXES):
            again = World.from_journal(world.kit, world.journal[:length])
            again.documents = {
                unit: world.documents[unit] for unit in Ledger.of(world.journal[:length]).written
            }
            assert outcome(again.finish()) == outcome(calm)


@law(When.AT_THE_END)
def no_conversation_keeps_half_a_turn(end: Moment) -> None:
    session = end.world.session
    for name, conversation in session.conversations.items():
        assert [message["role"] for message in conversation.settled] == ["user", "assistant"] * (
            conversation.mark.count // 2
        )
        assert list(conversation.settled) == end.ledger.settled.get(name, [])
        if isinstance(verdict(session), Finished):
            assert conversation.residue == ()


@law(When.AT_THE_END)
def every_session_ends_within_its_bound(end: Moment) -> None:
    world, first = end.world, end.world.journal[0]
    assert isinstance(first, SessionStarted)
    assert isinstance(verdict(world.session), Finished | Failed)
    completed = [event for event in world.journal if isinstance(event, UnitCompleted)]
    assert len(completed) <= len(end.ledger.completed) <= world.kit.bound(first.spec)


@law(When.AFTER_EACH_MOVE)
def every_view_is_json_whatever_happened(moment: Moment) -> None:
    session = moment.world.session
    documents: list[Any] = [session_document(session), pattern_document(session)]
    for name, conversation in session.conversations.items():
        documents.append(agent_document(name, conversation))
        documents += [message_document(n, said) for n, said in enumerate(conversation.messages)]
    for document in documents:
        assert json.loads(json.dumps(document, allow_nan=False)) == document


@law(When.FROM_THE_MIDDLE)
def a_session_goes_on_under_a_changed_spec(world: World, data: st.DataObject) -> None:
    """Anywhere in its course, or where its pattern has failed for good."""
    if data.draw(st.booleans()):
        world.finish()
    completed = Ledger.of(world.journal).completed
    if isinstance(verdict(world.session), Finished):
        return
    changed = data.draw(st.sampled_from(world.kit.edits(world.session.spec)))
    world.respecify(changed)
    ledger = Ledger.of(world.journal)
    assert [(attempt.unit, attempt.number) for attempt in wanted(world.session)] == ledger.wanted(world.kit)
    assert ledger.completed == completed
    world.finish()
    assert replay(through_json(world.journal)) == Success(world.session)
    assert Ledger.of(world.journal).completed[: len(completed)] == completed


@law(When.FROM_THE_MIDDLE)
def a_spec_that_only_moved_leaves_everything_as_it_is(world: World, data: st.DataObject) -> None:
    """Whether it is the first one or one that was edited before."""
    if data.draw(st.booleans()):
        world.finish()
    if isinstance(verdict(world.session), Finished):
        return
    if data.draw(st.booleans()):
        world.respecify(data.draw(st.sampled_from(world.kit.edits(world.session.spec))))
    if isinstance(verdict(world.session), Finished):
        return
    world.resume()
    before = world.session
    elsewhere = replace(before.source, path="/elsewhere/spec.json")
    world.tell(commands.ChangeSpec(at=before.updated_at, spec=before.spec, source=elsewhere))
    assert world.session == before._replace(source=elsewhere, seq=before.seq + 1)
    assert replay(through_json(world.journal)) == Success(world.session)
