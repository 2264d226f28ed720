"""Graph's own laws: it moves along edges and nowhere else, and no loop is without end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_core.patterns.base import CallAgent, Completed, Failed, Finished, Respecify
from durable_core.patterns.graph import machine as graph
from durable_core.session import commands, verdict, wanted
from durable_core.spec.models import Spec
from property_tests.kits.graph import BROKEN, GRAPH, answer, config_of, way
from property_tests.kits.strategies import VARIABLES, Doc, document
from property_tests.worlds.oracle import Ledger
from property_tests.worlds.walking import after, sent, spec_of, walk
from property_tests.worlds.world import World

Ways = dict[str, str | None]


def small_graphs(size: int) -> Iterator[tuple[Ways, Spec]]:
    """Every graph of ``size`` nodes in which each node has one edge, to any node, or none."""
    names = "abc"[:size]
    for targets in product((*names, None), repeat=size):
        ways: Ways = dict(zip(names, targets, strict=True))
        edges = [{"from": name, "to": [] if target is None else [target]} for name, target in ways.items()]
        nodes = {name: {"agent": "ann", "input": "Go on."} for name in names}
        yield ways, spec_of("graph", {"max_iterations": 2, "nodes": nodes, "edges": edges})


def test_every_small_graph_is_walked_along_its_edges_until_they_end_or_loop() -> None:
    for size in (1, 2, 3):
        for ways, spec in small_graphs(size):
            path: list[str] = []
            at: str | None = "a"
            while at is not None and path.count(at) < 2:
                path.append(at)
                at = ways[at]
            units = [f"nodes/{name}/{path[: n + 1].count(name)}" for n, name in enumerate(path)]
            for done, state in walk(spec):
                assert sorted(done) == sorted(units[: len(done)])
                wanted = [request.unit for request in graph.wanted(state)]
                assert wanted == units[len(done) : len(done) + 1]
            stand = graph.verdict(state)
            if at is None:
                assert isinstance(stand, Finished)
                assert stand.context["execution_path"] == tuple(path)
                assert stand.context["terminal_node"] == path[-1]
                assert stand.context["total_steps"] == len(path)
            else:
                assert isinstance(stand, Failed)
                assert stand.unit == f"nodes/{at}/3"
                first = len(path) - 1 - path[::-1].index(at)
                assert " -> ".join([*path[first:], at]) in stand.fault.message


@given(data=st.data())
def test_it_moves_only_along_edges_and_takes_the_first_that_holds(data: st.DataObject) -> None:
    spec = data.draw(GRAPH.specs)
    config = config_of(spec)
    state = graph.initial(spec)
    visits: dict[str, int] = {}
    last = ""
    while requests := graph.wanted(state):
        (request,) = requests
        _, node, visit = request.unit.split("/")
        visits[node] = int(visit)
        text = answer(spec, request.unit, 1)
        last = text if isinstance(request, CallAgent) else last
        if isinstance(request, CallAgent):
            decided = graph.decide(state, Completed(request.unit, text, 3, VARIABLES)).unwrap()
            for event in decided:
                state = graph.evolve(state, event)
        else:
            break
        leaving = {target for edge in config.edges if edge.from_ == node for target in edge.to or ()}
        leaving |= {c.to for edge in config.edges if edge.from_ == node for c in edge.choose or ()}
        assert state.at is None or state.at in leaving
        try:
            assert state.at == way(config, node, visits, last, VARIABLES["topic"])
            assert state.lost is None
        except LookupError:
            assert state.at is None
            assert state.lost is not None


@given(data=st.data())
def test_a_replay_follows_the_way_that_was_found_whatever_the_conditions_would_say_now(
    data: st.DataObject,
) -> None:
    """A condition is evaluated when its node answers, and never again."""
    when = data.draw(st.sampled_from(["topic == 'bridges'", "topic == 'tunnels'"]))
    nodes: Doc = {name: {"agent": "ann"} for name in ("start", "left", "right")}
    choose = [{"when": when, "to": "left"}, {"when": "else", "to": "right"}]
    spec = spec_of("graph", {"nodes": nodes, "edges": [{"from": "start", "choose": choose}]})
    state = graph.initial(spec)
    (event,) = graph.decide(state, Completed("nodes/start/1", "text", 3, {"topic": "bridges"})).unwrap()
    turned = spec_of("graph", {"nodes": nodes, "edges": [{"from": "start", "to": ["start"]}]})
    (changed,) = graph.decide(state, Respecify(turned)).unwrap()
    followed = graph.evolve(graph.evolve(state, changed), event)
    assert followed.at == ("left" if when == "topic == 'bridges'" else "right")


@given(text=st.text(max_size=20) | st.sampled_from(["{{ topic }}", "{% raw %}", "{{ 1/0 }}", "{{ nobody }}"]))
def test_an_answer_is_passed_on_letter_by_letter(text: str) -> None:
    nodes: Doc = {
        "first": {"agent": "ann"},
        "second": {"agent": "bob"},
        "person": {"type": "hitl", "prompt": "?"},
    }
    nodes["last"] = {"agent": "eve", "input": "{{ nodes.first.response }}|{{ hitl_response }}"}
    row = ["first", "second", "person", "last"]
    edges = [{"from": a, "to": [b]} for a, b in pairwise(row)]
    spec = spec_of("graph", {"nodes": nodes, "edges": edges})
    state = graph.initial(spec)
    prompts = {}
    while requests := graph.wanted(state):
        prompts[requests[0].unit] = sent(requests[0])
        state = after(spec, state, requests[0], lambda unit: text)
    assert prompts["nodes/second/1"] == text
    assert prompts["nodes/last/1"] == f"{text}|{text}"


@pytest.mark.parametrize("when", [(), (BROKEN,)])
@pytest.mark.parametrize("edited", range(3))
def test_a_condition_sees_the_variables_as_they_stand_and_a_lost_graph_looks_again(
    when: tuple[str, ...], edited: int
) -> None:
    """A person edits the topic before the question is put, before it is answered, or after that."""
    choices = [{"when": condition, "to": "draft"} for condition in ("topic == 'tunnels'", *when)]
    nodes: Doc = {"draft": {"type": "hitl", "prompt": "Go on?"}}
    doc = document(spec_of("graph", {"nodes": nodes, "edges": [{"from": "draft", "choose": choices}]}))
    doc["outputs"] = {"artifacts": [{"path": "a.md", "from": "Done."}]}
    world = World.of(GRAPH, Spec.model_validate(doc))
    for moves in range(4):
        if moves == edited and not isinstance(verdict(world.session), Finished):
            world.resume()
            world.tell(commands.EditVariables(at=world.tick(), variables={"topic": "tunnels"}))
        may_start = [(attempt.unit, attempt.number) for attempt in wanted(world.session)]
        assert may_start == Ledger.of(world.journal).wanted(GRAPH)
        for _, move in world.calm_moves()[:1]:
            move()
    looks_again = edited < 2 or bool(when)
    assert ("nodes/draft/2" in Ledger.of(world.journal).attempts) == looks_again
