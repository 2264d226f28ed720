"""Laws of a turn with tools: nothing answered is asked again, nothing returned runs again, all paid once."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from durable_core.patterns.base import Failed, Finished, Waiting
from durable_core.session import doubts, verdict, wanted
from durable_core.session.conversation import (
    ConversationMessage,
    kept_for,
    recovered_answer,
    rounds,
    tool_results,
)
from durable_core.session.events import ToolReturned, ToolSettled, ToolStarted
from property_tests.worlds.tool_world import COST, ToolWorld, answer, result_of

drawn_rounds = st.lists(
    st.lists(st.booleans(), min_size=1, max_size=3).map(tuple), min_size=1, max_size=3
).map(tuple)
policies = st.sampled_from(["ask", "retry", "skip", "fail"])
# mostly calm, so that a turn gets somewhere before something happens to it
schedules = st.lists(st.one_of(st.just(0), st.just(0), st.integers(0, 11)), min_size=3, max_size=40)


def play(world: ToolWorld, schedule: list[int]) -> ToolWorld:
    for number in schedule:
        moves = world.moves()
        if not moves:
            break
        moves[number % len(moves)]()
        _check(world)
    return world


def finish(world: ToolWorld) -> ToolWorld:
    for _ in range(200):
        moves = world.calm()
        if not moves:
            return world
        moves[0]()
    raise AssertionError("no end in sight")


def _check(world: ToolWorld) -> None:
    in_doubt = doubts(world.session)
    if in_doubt:
        assert wanted(world.session) == ()
        assert world.flight is None
        stopped = Failed if world.session.failures or world.policy == "fail" else Waiting
        assert isinstance(verdict(world.session), stopped)
        assert world.policy in ("ask", "fail")
    calls = [f"{n}.{place}" for n, row in enumerate(world.rounds) for place in range(len(row))]
    for call in calls:
        number, place = map(int, call.split("."))
        assert world.count(ToolReturned, call) <= 1
        if world.rounds[number][place] or world.policy == "retry":
            continue
        # a call that may change the world starts once, unless a person lets it start again
        retried = sum(
            isinstance(event, ToolSettled) and event.call == call and event.outcome == "retry"
            for event in world.journal
        )
        assert world.count(ToolStarted, call) <= 1 + retried


@given(rows=drawn_rounds, policy=policies, schedule=schedules)
def test_each_answer_of_a_turn_is_journalled_once_whatever_happens(
    rows: Any, policy: str, schedule: list[int]
) -> None:
    world = finish(play(ToolWorld(rows, policy), schedule))
    assert isinstance(verdict(world.session), Finished)
    answers = world.answers()
    for number in range(len(rows)):
        assert answers.count(answer(rows, number)) == 1


@given(rows=drawn_rounds, policy=policies, schedule=schedules)
def test_each_answer_that_is_on_disk_is_paid_for_exactly_once(
    rows: Any, policy: str, schedule: list[int]
) -> None:
    world = play(ToolWorld(rows, policy), schedule)
    finish(world)
    assert world.session.spending.usage.total == COST.total * len(world.answers())


@given(rows=drawn_rounds, policy=policies, schedule=schedules)
def test_a_finished_turn_holds_whole_rounds_and_each_result_once(
    rows: Any, policy: str, schedule: list[int]
) -> None:
    world = finish(play(ToolWorld(rows, policy), schedule))
    messages = world.session.conversation("ann").settled
    assert [message["role"] for message in messages] == ["user", "assistant"] * (len(rows) + 1)
    for number, row in enumerate(rows):
        told = messages[2 * number + 2]
        assert tool_results(told) == [f"{number}.{place}" for place in range(len(row))]


@given(rows=drawn_rounds, policy=policies, schedule=schedules)
def test_a_turn_that_goes_on_stands_at_results_or_at_calls_that_are_known_or_safe_to_run(
    rows: Any, policy: str, schedule: list[int]
) -> None:
    world = play(ToolWorld(rows, policy), schedule)
    for turn in world.turns:
        if not turn.goes_on:
            assert turn.history == ()
            assert not turn.returned
            continue
        last = turn.history[-1]
        calls = {block["toolUse"]["toolUseId"] for block in last["content"] if "toolUse" in block}
        assert bool(calls) != bool(tool_results(last))
        assert set(turn.returned) <= calls


MESSAGES = st.one_of(
    st.just({"role": "user", "content": [{"text": "Do it."}]}),
    st.just({"role": "user", "content": [{"text": "Something else."}]}),
    st.just({"role": "assistant", "content": [{"text": "All done."}]}),
    st.sampled_from(["tool_use", "max_tokens", None]).map(
        lambda reason: {
            "role": "assistant",
            "content": [{"text": "hm"}, {"toolUse": {"toolUseId": "a", "name": "t", "input": {}}}],
            "metadata": {"custom": {"stop_reason": reason}} if reason else {},
        }
    ),
    st.sampled_from(["a", "b"]).map(
        lambda call: {"role": "user", "content": [{"toolResult": result_of(call)}]}
    ),
)


@given(messages=st.lists(MESSAGES, max_size=7))
def test_what_is_kept_of_any_residue_alternates_and_leaves_no_call_without_its_result_but_the_last(
    messages: list[Any],
) -> None:
    residue = tuple(ConversationMessage(message, "d", 1.0) for message in messages)
    kept = rounds(residue)
    part = messages[:kept]
    assert [message["role"] for message in part] == [
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
    ][:kept]
    assert kept != 1
    for before, after in pairwise(part):
        asked = [block["toolUse"]["toolUseId"] for block in before["content"] if "toolUse" in block]
        assert tool_results(after) == asked
    for message in part:
        stopped = message.get("metadata", {}).get("custom", {}).get("stop_reason")
        assert stopped in (None, "tool_use")
    assert kept_for(residue, "Do it.") in (0, kept)
    if recovered_answer(residue, "Do it.") is not None:
        assert len(residue) == max(kept, 1) + 1
