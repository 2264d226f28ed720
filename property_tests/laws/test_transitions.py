"""Every transition that a machine can take is taken by the runs that the laws look at.

What can be taken is found by exhaustive walks over families of small specs; what is taken, by playing
sessions as the laws do, with people who edit things in between. Either must know all that the other does: a
pair that no run takes is a law that looks away, and one that no walk reaches is a family that is too small.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import count
from random import Random
from typing import Final

import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from durable_core.patterns import PATTERNS
from durable_core.patterns.base import Finished
from durable_core.session import commands, evolve, replay, start, verdict, wanted
from durable_core.session import events as session_events
from durable_core.session.events import Event, GateAnswered, SessionStarted, SpecChanged, UnitCompleted
from durable_core.session.in_doubt import doubts
from durable_core.session.state import Options
from durable_core.spec.models import Spec
from property_tests.kits import KITS
from property_tests.kits.evaluator_optimizer import EVALUATOR_OPTIMIZER
from property_tests.kits.kit import Kit
from property_tests.kits.parallel import PARALLEL
from property_tests.kits.routing import ROUTING
from property_tests.kits.strategies import PERSON, document
from property_tests.worlds import families, session_walk
from property_tests.worlds.calling_world import CallingWorld, with_tool
from property_tests.worlds.families import CALL, GATE, Pair
from property_tests.worlds.kinds import kind_of_pattern, kind_of_session
from property_tests.worlds.moves import schedules
from property_tests.worlds.walking import spec_of
from property_tests.worlds.world import World

MOST_RUNS: Final = 5000
"""Runs in which every transition must be taken. They end with the last one that was missing."""

WISHES: Final = ("spec", "variables", "options", "budget", "name")


Run = Callable[[st.DataObject, Random, set[str]], set[Pair]]
"""What one run takes, given the kinds of states in which something is still missing."""


class _AllTakenError(Exception):
    """Ends the runs when there is nothing left to take."""


def not_taken(reachable: set[Pair], run: Run) -> list[str]:
    """What is reachable and no run takes; raises AssertionError for what a run takes beyond that."""
    taken: set[Pair] = set()
    seeds = count()  # far-ranging schedules, the same at each run of this test

    @seed(1)
    @settings(max_examples=MOST_RUNS, database=None, phases=[Phase.generate], report_multiple_bugs=False)
    @given(data=st.data())
    def once(data: st.DataObject) -> None:
        missing = {kind for kind, _ in reachable - taken}
        taken.update(run(data, Random(next(seeds)), missing))
        beyond = unlike(taken, reachable)
        assert beyond == [], "the family of small specs is too small"
        if reachable <= taken:
            raise _AllTakenError

    with suppress(_AllTakenError):
        once()
    return unlike(reachable, taken)


def play(
    world: World, rng: Random, wishes: tuple[str, ...], check: Callable[[World], None] | None = None
) -> World:
    """A session as the laws play it, with what people wish in its course, brought to its end."""
    for _ in range(rng.randrange(6)):
        if rng.randrange(2):
            begin_all(world)
        world.play(schedule(rng, 16), check)
        if isinstance(verdict(world.session), Finished):
            return world
        wish(world, rng.choice(wishes), rng)
    return world.play(schedule(rng, 40), check).finish()


def next_worlds(world: World, rng: Random) -> Iterator[World]:
    """What may become of a session next: after each move, and after each thing that a person may change."""
    for number in range(len(world.moves())):
        yield world.copy().play([number])
    for name in WISHES:
        changed = world.copy()
        wish(changed, name, rng)
        yield changed


def begin_all(world: World) -> None:
    """All that may start does, side by side, as with the driver."""
    for attempt in wanted(world.session):
        world.begin(attempt)


def schedule(rng: Random, longest: int) -> list[int]:
    """Moves like those that the laws draw, only more of them: nobody has to read these runs."""
    bound = rng.choice((4, 12, 60))
    return [rng.choice((0, rng.randrange(bound))) for _ in range(rng.randrange(longest))]


def wish(world: World, name: str, rng: Random) -> None:
    """What a person may change between two runs."""
    match name:
        case "spec":
            world.respecify(rng.choice(world.kit.edits(world.session.spec)))
            return
        case "name":
            world.tell(commands.Rename(at=world.at, name=f"{world.session.name}, once"))
            world.commit()
            return
        case "variables":
            command: commands.Command = commands.EditVariables(
                at=world.at, variables={"topic": rng.choice(["bridges", "tunnels"])}
            )
        case "options":
            command = commands.ChangeOptions(at=world.at, options=Options(out="elsewhere"))
        case "budget":
            command = commands.RaiseBudget(at=world.at, budget="max_tokens", limit=100_000.0)
        case other:
            raise AssertionError(other)
    world.resume()
    world.tell(command)
    world.commit()


def busy() -> Spec:
    """A spec in which much goes on side by side, with questions and artifacts."""
    branches = [
        {"id": "a", "steps": [CALL, CALL]},
        {"id": "b", "steps": [{**GATE, "timeout_seconds": 40}]},
        {"id": "c", "steps": [{**GATE, "timeout_seconds": 40, "default": PERSON}, CALL]},
        {"id": "d", "steps": [CALL]},
    ]
    doc = document(spec_of("parallel", {"branches": branches}))
    doc["runtime"] |= {"failure_policy": {"retries": 1, "backoff": "constant"}}
    doc["outputs"] = {"artifacts": [{"path": f"{name}.md", "from": "Done."} for name in "ab"]}
    return Spec.model_validate(doc)


def tight(spec: Spec, rng: Random) -> Spec:
    """``spec`` with a budget that will be warned of, and may run out."""
    doc = document(spec)
    budgets = {"max_tokens": rng.choice((4, 9, 14, 20)), "warn_threshold": rng.choice((0.0, 0.2, 0.5, 1.0))}
    doc["runtime"]["budgets"] = budgets
    return Spec.model_validate(doc)


def taken_by_patterns(journal: Iterable[Event]) -> set[Pair]:
    """The pairs of its pattern that a session took."""
    pairs: set[Pair] = set()
    first, *rest = journal
    assert isinstance(first, SessionStarted)
    pattern, session = first.spec.pattern.type, start(first)
    for event in rest:
        state = session.pattern
        match event:
            case UnitCompleted(decided=decided) | GateAnswered(decided=decided):
                for each in decided:
                    pairs.add((kind_of_pattern(pattern, state), each.type))
                    state = PATTERNS[pattern].evolve(state, each)
            case SpecChanged():
                pairs.add((kind_of_pattern(pattern, state), "respecified"))
        session = evolve(session, event)
    return pairs


def taken_by_session(world: World) -> set[Pair]:
    """The pairs that a session took."""
    first, *rest = world.journal
    assert isinstance(first, SessionStarted)
    pairs: set[Pair] = set()
    session_walk.followed(start(first), rest, pairs)
    return pairs


def taken_since(then: World, world: World) -> set[Pair]:
    """The pairs that the session of ``world``, a copy of ``then``, took after it was copied, or all."""
    if world.journal[: len(then.journal)] != then.journal:
        return taken_by_session(world)  # a crash lost what was not committed
    pairs: set[Pair] = set()
    session_walk.followed(then.session, world.journal[len(then.journal) :], pairs)
    return pairs


def members(union: object) -> set[str]:
    """The wire names of all events in a union."""
    classes = typing.get_args(union) or (union,)
    return {each.__dataclass_fields__["type"].default for each in classes}  # type: ignore[union-attr]  # events are dataclasses


def unlike(one: set[Pair], other: set[Pair]) -> list[str]:
    """What is in ``one`` alone, to be read."""
    return [f"{event} where {kind}" for kind, event in sorted(one - other)]


@pytest.mark.parametrize("kit", KITS, ids=str)
def test_every_transition_of_a_pattern_is_taken_by_the_laws_runs(kit: Kit) -> None:
    def run(data: st.DataObject, rng: Random, missing: set[str]) -> set[Pair]:
        world = play(World.of(kit, data.draw(kit.specs)), rng, ("spec",))
        return taken_by_patterns(world.journal)

    assert not_taken(families.reached(kit.pattern).pairs, run) == []


def test_every_transition_of_the_session_is_taken_by_the_laws_runs() -> None:
    met: dict[tuple[str, bool], World] = {}

    def remember(world: World) -> None:
        # what is rare happens where a call is in doubt beside what the kind is named after
        met[kind_of_session(world.session), bool(doubts(world.session))] = world.copy()

    def run(data: st.DataObject, rng: Random, missing: set[str]) -> set[Pair]:
        kit = data.draw(st.sampled_from([PARALLEL, ROUTING, EVALUATOR_OPTIMIZER]))
        spec = data.draw(kit.specs)
        if kit is PARALLEL and rng.randrange(4):
            spec = busy()
        if rng.randrange(2):
            spec = tight(spec, rng)
        world = World.of(kit, spec)
        if rng.randrange(2):
            world = CallingWorld.of(
                kit, with_tool(spec, rng.choice(("ask", "ask", "fail", "fail", "retry", "skip")))
            )
        rare = [
            met[kind, doubt] for kind in sorted(missing) for doubt in (False, True) if (kind, doubt) in met
        ]
        choice = rng.randrange(3) if rare else 0
        if choice == 0:
            return taken_by_session(play(world, rng, WISHES, remember))
        then = rng.choice(rare)
        if choice == 1:
            return taken_since(then, play(then.copy(), rng, WISHES, remember))
        return set().union(*(taken_since(then, world) for world in next_worlds(then, rng)))

    assert not_taken(session_walk.reached().pairs, run) == []


@pytest.mark.parametrize("pattern", list(PATTERNS))
def test_every_event_of_a_pattern_happens_somewhere(pattern: str) -> None:
    named = {each.__dataclass_fields__["type"].default for each in PATTERNS[pattern].events} | {"respecified"}
    assert {event for _, event in families.reached(pattern).pairs} == named


def test_every_event_of_the_session_happens_somewhere() -> None:
    union, *_ = typing.get_args(session_events.Event)
    happening = {event for _, event in session_walk.reached().pairs} | {"session_started/2"}
    assert happening == members(union)


@pytest.mark.parametrize("kit", KITS, ids=str)
@given(data=st.data())
def test_a_session_whose_agents_call_tools_ends_as_it_would_have_and_follows_from_its_journal(
    kit: Kit, data: st.DataObject
) -> None:
    spec: Spec = with_tool(data.draw(kit.specs), data.draw(st.sampled_from(["ask", "retry", "skip", "fail"])))
    calm = CallingWorld.of(kit, spec).finish()
    world = CallingWorld.of(kit, spec).play(data.draw(schedules()))
    assert replay(world.journal).unwrap() == world.session
    world.finish()
    assert replay(world.journal).unwrap() == world.session
    ends = verdict(world.session), verdict(calm.session)
    if isinstance(ends[0], Finished) and isinstance(ends[1], Finished):
        assert ends[0].result == ends[1].result
    else:
        assert ends[0] == ends[1]
