"""Pictures: the walks see what the machines do, and nothing that is drawn covers anything else."""

from __future__ import annotations

from itertools import combinations
from typing import Any
from xml.etree import ElementTree

import pytest

from docs.generator import lifecycle, walks
from docs.generator.drawing import svg
from docs.generator.graphs import Edge, Graph, Node, mermaid
from docs.generator.layers import GAP, lay_out
from docs.generator.pictures import pictures
from docs.generator.samples import SAMPLES, Sample
from durable_core.patterns import MACHINES, chain


def _graph(*arrows: str) -> Graph:
    """A graph from arrows such as ``a b`` or, with a label, ``a b label``."""
    words = [arrow.split() for arrow in arrows]
    edges = tuple(Edge(source, target, tuple(label)) for source, target, *label in words)
    names = dict.fromkeys(name for edge in edges for name in (edge.source, edge.target))
    return Graph("a graph", tuple(Node(name, (name,), "plain") for name in names), edges)


def _labels(graph: Graph) -> list[tuple[float, float]]:
    return [(40.0, 14.0) if edge.lines else (0.0, 0.0) for edge in graph.edges]


def _boxes(graph: Graph) -> dict[str, tuple[float, float]]:
    return {node.name: (60.0, 30.0) for node in graph.nodes}


@pytest.mark.parametrize("kind", sorted(MACHINES))
def test_the_walk_over_a_pattern_ends_and_finishes(kind: str) -> None:
    moves = walks.walk(kind, MACHINES[kind], SAMPLES[kind])
    assert any(move.target.kind == "finished" for move in moves)


@pytest.mark.parametrize("kind", sorted(MACHINES))
def test_a_pattern_that_is_over_moves_no_more(kind: str) -> None:
    moves = walks.walk(kind, MACHINES[kind], SAMPLES[kind])
    assert {move.source.kind for move in moves} <= {"open", "waiting"}


def test_a_chain_is_drawn_as_a_chain() -> None:
    moves = walks.walk("chain", chain, SAMPLES["chain"])
    assert [(move.source.lines, move.unit, move.events) for move in moves] == [
        (("Open", "steps/0"), "steps/0", ("step_completed",)),
        (("Waiting", "steps/1"), "steps/1", ("step_answered",)),
        (("Open", "steps/2"), "steps/2", ("step_completed",)),
    ]


def test_a_sample_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walks, "MOST_STATES", 3)
    with pytest.raises(ValueError, match="more than 3 states"):
        walks.walk("chain", chain, Sample({"steps": [{"agent": "writer"}] * 4}))


def test_an_answer_is_named_where_another_leads_elsewhere() -> None:
    def move(answer: str, target: str) -> walks.Move:
        here, there = Node("a", ("a",), "open"), Node(target, (target,), "open")
        return walks.Move(here, "router", answer, ("chosen",), there)

    def labels(*moves: walks.Move) -> list[tuple[str, ...]]:
        return [edge.lines for edge in walks.drawn("x", moves).edges if edge.source != "start"]

    assert labels(move("one", "b"), move("two", "c")) == [("router chosen (one)",), ("router chosen (two)",)]
    assert labels(move("one", "b"), move("two", "b")) == [("router chosen",)]


def test_a_session_takes_every_status_that_the_disk_knows() -> None:
    changes = lifecycle.lifecycle()
    assert {one.after for one in changes} == {"running", "paused", "completed", "failed"}
    assert {one.after for one in changes if one.before == "completed"} <= {"completed"}
    assert lifecycle.Change("running", "gate_opened", "paused") in changes
    assert lifecycle.Change("paused", "gate_answered", "running") in changes
    assert lifecycle.Change("failed", "session_resumed", "running") in changes
    assert lifecycle.Change("failed", "budget_raised", "running") in changes


@pytest.mark.parametrize(
    "arrows",
    [
        ("a b", "b c"),
        ("a b x", "a c y", "b d", "c d"),
        ("a b", "b a again"),
        ("a b", "b c", "a c far", "c a back"),
        ("a a self", "a b"),
        ("a b", "a c", "a d", "b e", "c e", "d e", "a e long"),
    ],
    ids=" ".join,
)
def test_boxes_keep_their_distance(arrows: tuple[str, ...]) -> None:
    graph = _graph(*arrows)
    layout = lay_out(graph, _boxes(graph), _labels(graph))
    places = list(layout.nodes.values())
    for (x, y), (other_x, other_y) in combinations(places, 2):
        assert abs(other_x - x) >= 60 + GAP - 1e-6 or abs(other_y - y) >= 30
    for x, y in places:
        assert x - 30 + 1e-6 >= 0
        assert x + 30 <= layout.size[0] + 1e-6
        assert 0 <= y <= layout.size[1]


def test_an_arrow_goes_from_its_source_to_its_target() -> None:
    graph = _graph("a b", "b c", "c a back")
    layout = lay_out(graph, _boxes(graph), _labels(graph))
    for edge, way in zip(graph.edges, layout.ways, strict=True):
        assert way is not None
        for end, name in ((way.points[0], edge.source), (way.points[-1], edge.target)):
            x, y = layout.nodes[name]
            assert abs(end[0] - x) <= 30
            assert abs(end[1] - y) == 15


def test_an_arrow_to_the_same_box_has_no_way() -> None:
    graph = _graph("a a", "a b")
    assert lay_out(graph, _boxes(graph), _labels(graph)).ways[0] is None


@pytest.mark.parametrize("name", sorted(pictures()))
def test_a_picture_is_well_formed_and_says_every_word(name: str) -> None:
    graph = pictures()[name]
    root = ElementTree.fromstring(svg(graph))
    said = {element.text for element in root.iter() if element.text}
    wanted: set[Any] = {line for node in graph.nodes for line in node.lines}
    wanted |= {line for edge in graph.edges for line in edge.lines}
    assert wanted <= said


def test_signs_that_mark_up_uses_are_escaped() -> None:
    graph = Graph("<&>", (Node("a", ("<b>",), "plain"), Node("c", ("&",), "start")), ())
    assert "<b>" in {element.text for element in ElementTree.fromstring(svg(graph)).iter()}


def test_mermaid_text_holds_nothing_that_would_end_a_label() -> None:
    nodes = (Node("start", (), "start"), Node("a", ('say "hi": now;',), "plain"))
    lines = mermaid(Graph("x", nodes, (Edge("start", "a", ("k: v",)),))).splitlines()
    assert lines == ["stateDiagram-v2", '    state "say  hi   now " as s1', "    [*] --> s1 : k  v"]
