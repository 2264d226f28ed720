"""The laws that every pattern keeps, whatever happens around it. Each runs for each kit."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Success

from durable_core.journal import codec
from durable_core.patterns import machine as machine_of
from durable_core.patterns.base import CallAgent, Completed, Failed, Finished, Open, Responded, Waiting
from durable_core.session import (
    ArtifactText,
    Recovered,
    Session,
    Turn,
    brief,
    commands,
    decide,
    evolve,
    open_gates,
    replay,
    start,
    verdict,
    wanted,
)
from durable_core.session.budgets import BUDGETS
from durable_core.session.conversation import usage_of
from durable_core.session.events import (
    AttemptFaulted,
    Event,
    MessageAdded,
    SessionResumed,
    SessionStarted,
    UnitCompleted,
    UnitFailed,
    UnitStarted,
)
from durable_core.spec.models import Spec
from durable_core.views.documents import agent_document, message_document, pattern_document, session_document
from property_tests.kits import KITS
from property_tests.worlds.harness import Kit, World, schedules
from property_tests.worlds.oracle import Ledger

# The core's coverage is measured where its lines are shown one by one; to measure here doubles the time.
pytestmark = pytest.mark.no_cover

every_kit = pytest.mark.parametrize("kit", KITS, ids=str)


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


def spec_of(world: World) -> Spec:
    """The spec that the session began with."""
    first = world.journal[0]
    assert isinstance(first, SessionStarted)
    return first.spec


# --- what may run -------------------------------------------------------------------------------------


@every_kit
@given(data=st.data(), schedule=schedules())
def test_what_may_run_is_what_the_oracle_says(kit: Kit, data: st.DataObject, schedule: list[int]) -> None:
    def check(world: World) -> None:
        ledger, session = Ledger.of(world.journal), world.session
        expected = ledger.expected(kit)
        pattern = machine_of(session.spec)
        assert [
            (request.unit, getattr(request, "agent", None)) for request in pattern.wanted(session.pattern)
        ] == [(want.unit, want.agent) for want in expected.wants]
        assert [(attempt.unit, attempt.number) for attempt in wanted(session)] == ledger.wanted(kit)
        stand = pattern.verdict(session.pattern)
        assert (stand.result if isinstance(stand, Finished) else None) == expected.result

    world = World.of(kit, data.draw(kit.specs))
    check(world)
    world.play(schedule, check).finish(check)


@every_kit
@given(data=st.data(), schedule=schedules())
def test_what_is_sent_is_what_the_oracle_says(kit: Kit, data: st.DataObject, schedule: list[int]) -> None:
    def check(world: World) -> None:
        ledger = Ledger.of(world.journal)
        prompts = {want.unit: want.prompt for want in ledger.expected(kit).wants}
        for attempt in wanted(world.session):
            todo = brief(world.session, attempt).unwrap()
            if isinstance(todo, Turn):
                before = list(todo.history)[: len(todo.history) - todo.kept]
                assert before == ledger.settled.get(todo.conversation, [])
            if isinstance(todo, Recovered):
                assert isinstance(attempt.request, CallAgent)
                residue = world.session.conversation(attempt.request.conversation).residue
                prompt = residue[0].message["content"][0]["text"]
            elif isinstance(todo, ArtifactText):
                continue
            else:
                prompt = todo.prompt
            corrected = world.session.progress_of(attempt.unit).correction is not None
            if prompts[attempt.unit] is not None and not corrected:
                assert prompt == prompts[attempt.unit]

    World.of(kit, data.draw(kit.specs)).play(schedule, check).finish(check)


@every_kit
@given(data=st.data(), schedule=schedules())
def test_a_completed_unit_is_never_wanted_again(kit: Kit, data: st.DataObject, schedule: list[int]) -> None:
    def check(world: World) -> None:
        completed = Ledger.of(world.journal).completed
        assert len(completed) == len(set(completed))
        assert not set(completed) & {attempt.unit for attempt in wanted(world.session)}
        assert not set(completed) & set(world.flights)

    World.of(kit, data.draw(kit.specs)).play(schedule, check)


@every_kit
@given(data=st.data(), schedule=schedules())
def test_a_pattern_hears_nothing_of_a_unit_that_is_done_or_was_never_wanted(
    kit: Kit, data: st.DataObject, schedule: list[int]
) -> None:
    """The session drops such reports too; a pattern does not rely on that."""

    def check(world: World) -> None:
        pattern, state = machine_of(world.session.spec), world.session.pattern
        for unit in [*(done.unit for done in world.session.done), "steps/99", "nowhere/0", ""]:
            assert pattern.decide(state, Completed(unit, "text", 1)) == Success(())
            assert pattern.decide(state, Responded(unit, "Go on?", "text")) == Success(())

    World.of(kit, data.draw(kit.specs)).play(schedule, check).finish(check)


@every_kit
@given(data=st.data(), schedule=schedules())
def test_no_more_than_max_parallel_calls_ever_run(kit: Kit, data: st.DataObject, schedule: list[int]) -> None:
    def check(world: World) -> None:
        calls = [flight for flight in world.flights.values() if isinstance(flight.todo, Turn)]
        assert len(calls) <= world.session.spec.runtime.max_parallel

    World.of(kit, data.draw(kit.specs)).play(schedule, check)


@every_kit
@given(data=st.data(), schedule=schedules())
def test_calls_that_may_run_side_by_side_never_share_a_conversation(
    kit: Kit, data: st.DataObject, schedule: list[int]
) -> None:
    def check(world: World) -> None:
        session = world.session
        requests = machine_of(session.spec).wanted(session.pattern)
        names = [request.conversation for request in requests if isinstance(request, CallAgent)]
        assert len(names) == len(set(names))

    World.of(kit, data.draw(kit.specs)).play(schedule, check).finish(check)


@every_kit
@given(data=st.data(), schedule=schedules())
def test_nothing_is_wanted_or_running_exactly_when_the_verdict_is_not_open(
    kit: Kit, data: st.DataObject, schedule: list[int]
) -> None:
    def check(world: World) -> None:
        session, stand = world.session, verdict(world.session)
        at_work = bool(wanted(session)) or session.running > 0
        assert at_work == isinstance(stand, Open)
        assert session.running == len(world.flights)
        if isinstance(stand, Waiting):
            assert stand.gates == tuple(gate.unit for gate in open_gates(session)) != ()

    World.of(kit, data.draw(kit.specs)).play(schedule, check)


# --- what it costs ------------------------------------------------------------------------------------


@every_kit
@given(data=st.data(), schedule=schedules())
def test_spent_budget_only_grows_and_nothing_starts_past_it(
    kit: Kit, data: st.DataObject, schedule: list[int]
) -> None:
    world = World.of(kit, data.draw(kit.specs)).play(schedule).finish()
    ledger = Ledger.of(world.journal[:1])
    before = ledger.spent()
    for event in world.journal[1:]:
        if isinstance(event, UnitStarted) and event.agent:
            again = event.unit in ledger.steps
            for budget, limit in ledger.budgets.items():
                if limit is not None and not (budget == "max_steps" and again):
                    assert before[budget] < limit
        ledger.enter(event)
        after = ledger.spent()
        assert all(after[budget] >= before[budget] for budget in BUDGETS)
        before = after
    spending = world.session.spending
    shown = (spending.usage.total, spending.steps, round(world.session.worked_s, 6))
    assert shown == (before["max_tokens"], before["max_steps"], round(before["max_duration_s"], 6))


@every_kit
@given(data=st.data(), schedule=schedules())
def test_each_budget_is_warned_of_once_until_it_is_raised(
    kit: Kit, data: st.DataObject, schedule: list[int]
) -> None:
    world = World.of(kit, data.draw(kit.specs)).play(schedule).finish()
    warned: set[str] = set()
    for event in world.journal:
        if event.type == "budget_warned/1":
            assert event.budget not in warned
            warned.add(event.budget)
        if event.type == "budget_raised/1":
            warned.discard(event.budget)


@every_kit
@given(data=st.data(), schedule=schedules())
def test_each_model_call_is_paid_for_once_whatever_became_of_its_attempt(
    kit: Kit, data: st.DataObject, schedule: list[int]
) -> None:
    """In this world an answer costs what its message says, and a call that fails with a reason one token."""
    world = World.of(kit, data.draw(kit.specs)).play(schedule)
    for unit in list(world.flights):
        ending = data.draw(st.sampled_from((None, "throttled", "unexplained")), label=f"the end of {unit}")
        if ending is not None:  # right after its answer came, which schedules hardly ever think of
            while world.has_more_to_say(world.flights[unit]):
                world.say(unit)
            world.fault(unit, ending)
    world.finish()
    answers = [event.message for event in world.journal if isinstance(event, MessageAdded)]
    failed = [event for event in world.journal if isinstance(event, AttemptFaulted | UnitFailed)]
    calls = [
        event for event in failed if event.agent and event.fault.kind not in ("malformed", "unexplained")
    ]
    assert world.session.spending.usage.total == sum(usage_of(answer).total for answer in answers) + len(
        calls
    )


@every_kit
@given(data=st.data(), schedule=schedules())
def test_a_unit_is_tried_again_as_often_as_the_policy_says_after_each_resume(
    kit: Kit, data: st.DataObject, schedule: list[int]
) -> None:
    world = World.of(kit, data.draw(kit.specs)).play(schedule).finish()
    retries = world.session.spec.runtime.failure_policy.retries
    faults: Counter[str] = Counter()
    for event in world.journal:
        match event:
            case SessionResumed():
                faults.clear()
            case AttemptFaulted(unit=unit, fault=fault):
                faults[unit] += 1
                assert fault.transient
                assert faults[unit] <= retries
            case UnitFailed(unit=unit, agent=agent, fault=fault) if agent and fault.transient:
                assert faults[unit] == retries


# --- what the journal is worth ------------------------------------------------------------------------


@every_kit
@given(data=st.data(), schedule=schedules())
def test_the_journal_read_back_gives_the_same_session(
    kit: Kit, data: st.DataObject, schedule: list[int]
) -> None:
    states: list[Session] = []
    world = World.of(kit, data.draw(kit.specs)).play(schedule).finish()
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


@every_kit
@given(data=st.data(), schedule=schedules())
def test_finishing_from_any_prefix_of_the_journal_gives_the_uninterrupted_result(
    kit: Kit, data: st.DataObject, schedule: list[int]
) -> None:
    spec = data.draw(kit.specs)
    calm = World.of(kit, spec).finish()
    wild = World.of(kit, spec).play(schedule).finish()
    assert outcome(wild) == outcome(calm)
    for world in (calm, wild):
        for length in range(1, len(world.journal) + 1):
            again = World.from_journal(kit, world.journal[:length])
            again.documents = {
                unit: world.documents[unit] for unit in Ledger.of(world.journal[:length]).written
            }
            assert outcome(again.finish()) == outcome(calm)


@every_kit
@given(data=st.data(), schedule=schedules())
def test_the_order_in_which_things_happen_leaves_no_trace(
    kit: Kit, data: st.DataObject, schedule: list[int]
) -> None:
    """Units are asked the same, whatever ran beside them: prompts are a trace too."""
    spec = data.draw(kit.specs)
    calm = World.of(kit, spec).finish()
    wild = World.of(kit, spec).play(schedule).finish()
    assert all(len(prompts) == 1 for prompts in wild.prompts.values())
    assert all(calm.prompts.get(unit, prompts) == prompts for unit, prompts in wild.prompts.items())


@every_kit
@given(data=st.data(), schedule=schedules())
def test_a_report_that_comes_twice_changes_nothing(
    kit: Kit, data: st.DataObject, schedule: list[int]
) -> None:
    def check(world: World) -> None:
        for report in world.delivered[-6:]:
            if not isinstance(report, commands.Tick):
                # a person's answer to a question that is closed is refused; a report is just dropped
                assert decide(world.session, report).value_or(()) == ()

    World.of(kit, data.draw(kit.specs)).play(schedule, check)


@every_kit
@given(data=st.data(), schedule=schedules())
def test_a_report_on_an_attempt_that_was_given_up_changes_nothing(
    kit: Kit, data: st.DataObject, schedule: list[int]
) -> None:
    def check(world: World) -> None:
        for report in world.stale:
            assert decide(world.session, report) == Success(())

    World.of(kit, data.draw(kit.specs)).play(schedule, check)


@every_kit
@given(data=st.data(), schedule=schedules())
def test_no_conversation_keeps_half_a_turn(kit: Kit, data: st.DataObject, schedule: list[int]) -> None:
    world = World.of(kit, data.draw(kit.specs)).play(schedule).finish()
    settled = Ledger.of(world.journal).settled
    for name, conversation in world.session.conversations.items():
        assert [message["role"] for message in conversation.settled] == ["user", "assistant"] * (
            conversation.mark.count // 2
        )
        assert list(conversation.settled) == settled.get(name, [])
        if isinstance(verdict(world.session), Finished):
            assert conversation.residue == ()


# --- the end, and what is shown -----------------------------------------------------------------------


@every_kit
@given(data=st.data(), schedule=schedules())
def test_every_session_ends_within_its_bound(kit: Kit, data: st.DataObject, schedule: list[int]) -> None:
    world = World.of(kit, data.draw(kit.specs)).play(schedule).finish()
    assert isinstance(verdict(world.session), Finished | Failed)
    completed = [event for event in world.journal if isinstance(event, UnitCompleted)]
    assert len(completed) <= len(Ledger.of(world.journal).completed) <= kit.bound(spec_of(world))


@every_kit
@given(data=st.data(), schedule=schedules())
def test_every_view_is_json_whatever_happened(kit: Kit, data: st.DataObject, schedule: list[int]) -> None:
    def check(world: World) -> None:
        session = world.session
        documents: list[Any] = [session_document(session), pattern_document(session)]
        for name, conversation in session.conversations.items():
            documents.append(agent_document(name, conversation))
            documents += [message_document(n, said) for n, said in enumerate(conversation.messages)]
        for document in documents:
            assert json.loads(json.dumps(document, allow_nan=False)) == document

    World.of(kit, data.draw(kit.specs)).play(schedule, check)


@every_kit
@given(data=st.data(), schedule=schedules())
def test_a_session_goes_on_under_a_changed_spec(kit: Kit, data: st.DataObject, schedule: list[int]) -> None:
    """Anywhere in its course, or where its pattern has failed for good."""
    world = World.of(kit, data.draw(kit.specs)).play(schedule)
    if data.draw(st.booleans()):
        world.finish()
    completed = Ledger.of(world.journal).completed
    if isinstance(verdict(world.session), Finished):
        return
    changed = data.draw(st.sampled_from(kit.edits(world.session.spec)))
    world.respecify(changed)
    ledger = Ledger.of(world.journal)
    assert [(attempt.unit, attempt.number) for attempt in wanted(world.session)] == ledger.wanted(kit)
    assert ledger.completed == completed
    world.finish()
    assert replay(through_json(world.journal)) == Success(world.session)
    assert Ledger.of(world.journal).completed[: len(completed)] == completed
