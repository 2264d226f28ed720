"""Chain: its own laws, and every chain of up to three steps in every order of events."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Success

from durable_core.patterns.base import Completed, Finished, Open, Responded, Waiting
from durable_core.patterns.chain import machine as chain
from durable_core.session import status, verdict, wanted
from durable_core.spec.models import HumanStep, Spec
from durable_core.views.documents import pattern_document
from property_tests.kits.chain import CHAIN, config_of
from property_tests.kits.strategies import AGENTS, PERSON, Doc, document
from property_tests.worlds.oracle import Ledger
from property_tests.worlds.world import World

SHAPES = [kinds for size in (1, 2, 3) for kinds in product(["agent", "person"], repeat=size)]
"""Every chain of up to three steps, by the kinds of its steps."""

schedules = st.lists(st.integers(0, 60), max_size=40)


def spec_of(kinds: tuple[str, ...]) -> Spec:
    steps: list[Doc] = [
        {"agent": "ann"} if kind == "agent" else {"type": "hitl", "prompt": "Go on?", "timeout_seconds": 5}
        for kind in kinds
    ]
    return Spec.model_validate(
        {
            "version": 0,
            "name": "small",
            "runtime": {"provider": "echo", "failure_policy": {"retries": 1, "backoff": "constant"}},
            "agents": AGENTS,
            "pattern": {"type": "chain", "config": {"steps": steps}},
            "outputs": {"artifacts": [{"path": "a.md", "from": "{{ topic }}"}]},
        }
    )


def shape(world: World) -> str:
    """All that decides what may happen next: two worlds of one shape have the same future."""
    session = world.session
    shown = pattern_document(session)
    gates = [(gate["unit"], gate["response"]) for gate in shown.pop("gates")]
    units = [
        (unit, been.running, been.faults, been.not_before > 0)
        for unit, been in sorted(session.progress.items())
    ]
    flights = [(unit, flight.sent) for unit, flight in sorted(world.flights.items())]
    talk = [(name, len(said.messages)) for name, said in sorted(session.conversations.items())]
    uncommitted = [event.type for event in world.journal[world.committed :]]
    failed = [failure.unit for failure in session.failures]
    return json.dumps([shown, gates, units, flights, talk, uncommitted, failed, sorted(session.artifacts)])


def explore(first: World, check: Callable[[World], None]) -> int:
    """Make every move from every state that can be reached, and look at each; how many states there were.

    Reports that come again are left out: each state is told all of them by ``check`` instead.
    """
    seen: set[str] = set()
    open_ends = [first]
    while open_ends:
        world = open_ends.pop()
        key = shape(world)
        if key in seen:
            continue
        seen.add(key)
        check(world)
        for number, (name, _) in enumerate(world.moves()):
            if not name.startswith("repeat"):
                after = world.copy()
                after.moves()[number][1]()
                open_ends.append(after)
    return len(seen)


@pytest.mark.parametrize("kinds", SHAPES, ids="-".join)
def test_every_small_chain_keeps_its_order_whatever_happens(kinds: tuple[str, ...]) -> None:
    ended: set[str] = set()

    def check(world: World) -> None:
        ledger = Ledger.of(world.journal)
        done = [unit for unit in ledger.completed if unit.startswith("steps/")]
        assert done == [f"steps/{number}" for number in range(len(done))]
        assert [(attempt.unit, attempt.number) for attempt in wanted(world.session)] == ledger.wanted(CHAIN)
        assert world.session.running == len(world.flights) <= 1
        at_work = bool(wanted(world.session)) or bool(world.flights)
        assert at_work == isinstance(verdict(world.session), Open)
        ended.add(status(world.session))

    states = explore(World.of(CHAIN, spec_of(kinds)), check)
    assert states >= 10 * len(kinds)
    assert ended == {"running", "failed", "completed"} | ({"paused"} if "person" in kinds else set())


@pytest.mark.parametrize("kinds", SHAPES, ids="-".join)
def test_every_small_chain_can_be_finished_from_every_state_and_comes_to_the_same(
    kinds: tuple[str, ...],
) -> None:
    spec = spec_of(kinds)
    calm = verdict(World.of(CHAIN, spec).finish().session)

    def check(world: World) -> None:
        end = world.copy().finish()
        stand = verdict(end.session)
        assert isinstance(stand, Finished)
        assert isinstance(calm, Finished)
        assert stand.result == calm.result

    explore(World.of(CHAIN, spec), check)


@given(CHAIN.specs, schedules)
def test_one_step_is_wanted_at_a_time_and_steps_are_completed_in_order(
    spec: Spec, schedule: list[int]
) -> None:
    def check(world: World) -> None:
        assert len(chain.wanted(world.session.pattern)) <= 1  # type: ignore[arg-type]  # a chain's state

    world = World.of(CHAIN, spec).play(schedule, check).finish()
    assert Ledger.of(world.journal).completed == [f"steps/{n}" for n in range(len(config_of(spec).steps))]


@given(CHAIN.specs, schedules)
def test_an_agent_that_is_used_again_goes_on_with_its_conversation(spec: Spec, schedule: list[int]) -> None:
    world = World.of(CHAIN, spec).play(schedule).finish()
    steps = config_of(spec).steps
    for turn in world.launched:
        number = int(turn.unit.rpartition("/")[2])
        earlier = [
            index
            for index, step in enumerate(steps[:number])
            if not isinstance(step, HumanStep) and step.agent == turn.agent
        ]
        said = [message["content"][0]["text"] for message in turn.history]
        assert turn.conversation == turn.agent
        assert said[1::2] == [f"answer of steps/{index}" for index in earlier]


@given(CHAIN.specs, st.integers(0, 5), st.sampled_from(["tasks/0", "steps/9", "steps/x", "steps/-1", ""]))
def test_only_the_next_step_is_heard_and_only_from_who_was_asked(
    spec: Spec, done: int, elsewhere: str
) -> None:
    state = chain.initial(spec)
    steps = config_of(spec).steps
    for number in range(min(done, len(steps))):
        state = advance(state, f"steps/{number}")
    number = min(done, len(steps))
    units = [f"steps/{other}" for other in range(len(steps) + 1) if other != number]
    for unit in [elsewhere, *units]:
        assert chain.decide(state, Completed(unit, "text", 1)) == Success(())
        assert chain.decide(state, Responded(unit, "prompt", "text")) == Success(())
    if number < len(steps):
        asks_person = isinstance(steps[number], HumanStep)
        by_model = chain.decide(state, Completed(f"steps/{number}", "text", 1)).unwrap()
        by_person = chain.decide(state, Responded(f"steps/{number}", "prompt", "text")).unwrap()
        assert (len(by_model), len(by_person)) == ((0, 1) if asks_person else (1, 0))
        assert isinstance(chain.verdict(state), Waiting if asks_person else Open)
    else:
        assert chain.wanted(state) == ()
        assert isinstance(chain.verdict(state), Finished)


@given(CHAIN.specs, st.text())
def test_what_a_model_says_is_never_a_template(spec: Spec, text: str) -> None:
    said = "{{ topic }} {% for x in y %} " + text
    two = document(spec)
    two["pattern"]["config"]["steps"] = [{"agent": "ann"}, {"agent": "bob"}]
    two.pop("outputs", None)
    two["runtime"] = {"provider": "echo"}
    world = World.of(replace(CHAIN, answer=lambda *_: said), Spec.model_validate(two)).finish()
    assert world.prompts["steps/1"] == {said.rstrip()}
    stand = verdict(world.session)
    assert isinstance(stand, Finished)
    assert stand.result == said.rstrip()


def advance(state: chain.State, unit: str) -> chain.State:
    """The state after whoever is due answered ``unit``."""
    for report in (Completed(unit, f"answer of {unit}", 1), Responded(unit, "Go on?", PERSON)):
        for event in chain.decide(state, report).unwrap():
            state = chain.evolve(state, event)
    return state
