"""The topology of a workflow: units and links of all seven patterns, and how far a session is in them."""

from __future__ import annotations

from typing import Any

import pytest

from durable_core.drawing import Arrow
from durable_core.patterns.topology import stands_for
from durable_core.planning.topology import Topology, pictured, statuses, topology
from durable_core.session import Session, commands
from durable_core.spec.models import Spec
from durable_core.types import Fault, Usage
from strands_durable.testing import MemorySession

PERSON = {"type": "hitl", "prompt": "ok?"}


def spec_of(kind: str, config: dict[str, Any]) -> Spec:
    agents = {name: {"prompt": name} for name in ("a", "b", "c")}
    document = {
        "version": 0,
        "name": "w",
        "runtime": {"provider": "echo"},
        "agents": agents,
        "pattern": {"type": kind, "config": config},
    }
    import json

    return Spec.model_validate_json(json.dumps(document))


def links(drawn: Topology) -> set[tuple[str, str, str]]:
    return {(link.source, link.target, link.when) for link in drawn.links}


def units(drawn: Topology) -> list[str]:
    return [node.unit for node in drawn.nodes]


def test_a_chain_is_a_row() -> None:
    drawn = topology(spec_of("chain", {"steps": [{"agent": "a", "input": "x"}, PERSON, {"agent": "b"}]}))
    assert units(drawn) == ["steps/0", "steps/1", "steps/2"]
    assert links(drawn) == {("steps/0", "steps/1", ""), ("steps/1", "steps/2", "")}
    at = "/pattern/config/steps"
    assert [(node.agent, node.template_at) for node in drawn.nodes] == [
        ("a", f"{at}/0/input"),
        (None, f"{at}/1/prompt"),
        ("b", f"{at}/2/input"),
    ]


def test_a_workflow_links_each_task_to_its_deps() -> None:
    tasks = [
        {"id": "x", "agent": "a"},
        {"id": "y", **PERSON, "deps": ["x"]},
        {"id": "z", "agent": "b", "deps": ["x", "y"]},
    ]
    drawn = topology(spec_of("workflow", {"tasks": tasks}))
    assert links(drawn) == {
        ("tasks/x", "tasks/y", ""),
        ("tasks/x", "tasks/z", ""),
        ("tasks/y", "tasks/z", ""),
    }
    assert drawn.nodes[1].agent is None


@pytest.mark.parametrize("review", [None, PERSON])
def test_routing_links_the_last_judge_to_every_route_by_its_name(review: dict[str, str] | None) -> None:
    router = {"agent": "a"} if review is None else {"agent": "a", "review_router": review}
    routes = {"sales": {"then": [{"agent": "b"}, {"agent": "c"}]}, "help": {"then": [{"agent": "c"}]}}
    drawn = topology(spec_of("routing", {"router": router, "routes": routes}))
    judge = "router" if review is None else "review_router"
    expected = {
        (judge, "routes/sales/0", "sales"),
        ("routes/sales/0", "routes/sales/1", ""),
        (judge, "routes/help/0", "help"),
    }
    assert links(drawn) == expected | (set() if review is None else {("router", "review_router", "")})


@pytest.mark.parametrize("reduce", [None, {"agent": "c"}])
def test_parallel_branches_meet_in_the_reduce_if_there_is_one(reduce: dict[str, str] | None) -> None:
    branches = [
        {"id": "l", "steps": [{"agent": "a"}, {"agent": "b"}]},
        {"id": "r", "steps": [{"agent": "b"}]},
    ]
    config: dict[str, Any] = {"branches": branches} | ({} if reduce is None else {"reduce": reduce})
    drawn = topology(spec_of("parallel", config))
    inside = {("branches/l/0", "branches/l/1", "")}
    ends = {("branches/l/1", "reduce", ""), ("branches/r/0", "reduce", "")}
    assert links(drawn) == (inside if reduce is None else inside | ends)


def test_an_orchestrator_goes_round_when_it_has_rounds() -> None:
    config = {
        "orchestrator": {"agent": "a", "limits": {"max_rounds": 3, "max_workers": 2}},
        "decomposition_review": PERSON,
        "worker_template": {"agent": "b"},
        "reduce": {"agent": "c"},
    }
    drawn = topology(spec_of("orchestrator_workers", config))
    assert ("rounds/*/workers/*", "rounds/*/orchestrator", "another round") in links(drawn)
    assert ("rounds/*/decomposition_review", "rounds/*/workers/*", "") in links(drawn)
    assert [node.repeats for node in drawn.nodes] == [
        "up to 3 rounds",
        "up to 3 rounds",
        "up to 2 a round",
        "",
    ]


def test_an_orchestrator_of_one_round_is_a_row() -> None:
    drawn = topology(
        spec_of("orchestrator_workers", {"orchestrator": {"agent": "a"}, "worker_template": {"agent": "b"}})
    )
    assert links(drawn) == {("rounds/*/orchestrator", "rounds/*/workers/*", "")}
    assert drawn.nodes[1].repeats == "one for each task"


@pytest.mark.parametrize("gate", [None, PERSON])
def test_an_evaluator_sends_back_what_scores_too_low(gate: dict[str, str] | None) -> None:
    config: dict[str, Any] = {"producer": "a", "evaluator": {"agent": "b"}, "accept": {"min_score": 80}}
    drawn = topology(spec_of("evaluator_optimizer", config | ({} if gate is None else {"review_gate": gate})))
    back = "iterations/*/producer" if gate is None else "iterations/*/gate"
    assert ("iterations/*/evaluator", back, "score below 80") in links(drawn)
    assert (("iterations/*/gate", "iterations/*/producer", "go on") in links(drawn)) == (gate is not None)


def test_a_graph_keeps_the_conditions_of_its_edges() -> None:
    nodes = {"x": {"agent": "a"}, "y": PERSON, "z": {"agent": "b"}}
    edges = [
        {"from": "x", "to": ["y", "z"]},
        {"from": "y", "choose": [{"when": "hitl_response == 'no'", "to": "x"}, {"when": "else", "to": "z"}]},
    ]
    drawn = topology(spec_of("graph", {"nodes": nodes, "edges": edges}))
    assert links(drawn) == {
        ("nodes/x/*", "nodes/y/*", ""),
        ("nodes/y/*", "nodes/x/*", "hitl_response == 'no'"),
        ("nodes/y/*", "nodes/z/*", "else"),
    }


@pytest.mark.parametrize(
    ("node", "unit", "same"),
    [
        ("steps/0", "steps/0", True),
        ("steps/0", "steps/1", False),
        ("rounds/*/workers/*", "rounds/1/workers/3", True),
        ("rounds/*/workers/*", "rounds/1/orchestrator", False),
        ("nodes/a/*", "nodes/b/1", False),
        ("reduce", "reduce_review", False),
    ],
)
def test_a_star_stands_for_any_number(node: str, unit: str, same: bool) -> None:
    assert stands_for(node, unit) is same


def session_after(*given: commands.Command) -> Session:
    """A chain of an agent, a person and two agents, after ``given``."""
    spec = spec_of("chain", {"steps": [{"agent": "a"}, PERSON, {"agent": "b"}]})
    session = MemorySession.of(spec)
    for command in given:
        session.tell(command)
    return session.session


BEGIN = commands.UnitsStarted(at=1.0, starts=(commands.UnitStart("steps/0", 1),))
FAULT = commands.Faulted(
    at=2.0, unit="steps/0", attempt=1, fault=Fault("refused", "no"), usage=Usage(), chance=0.0
)


def answered() -> commands.Answered:
    from durable_core.session.conversation import Mark

    return commands.Answered(
        at=2.0, unit="steps/0", attempt=1, text="x", usage=Usage(1, 1), mark=Mark(count=0, digest="")
    )


def test_stages_tell_how_far_each_unit_is() -> None:
    def reached(*given: commands.Command) -> list[str]:
        session = session_after(*given)
        return list(statuses(topology(session.spec), session).values())

    asked = commands.QuestionAsked(at=3.0, unit="steps/1", attempt=1, prompt="ok?")
    assert reached() == ["pending", "pending", "pending"]
    assert reached(BEGIN) == ["running", "pending", "pending"]
    assert reached(BEGIN, FAULT) == ["failed", "pending", "pending"]
    assert reached(BEGIN, answered()) == ["completed", "pending", "pending"]
    assert reached(BEGIN, answered(), asked) == ["completed", "waiting", "pending"]


def test_a_picture_names_who_works_and_colours_what_is_done() -> None:
    session = session_after(BEGIN, answered())
    drawn = topology(session.spec)
    picture = pictured("w", drawn, statuses(drawn, session))
    assert [box.kind for box in picture.boxes] == ["completed", "pending", "pending"]
    assert picture.boxes[1].lines == (
        "steps/1",
        "a person",
        "pending",
    )  # the colour alone would tell not everybody
    assert picture.arrows[0] == Arrow("steps/0", "steps/1")
    plain = pictured("w", drawn, None)
    assert {box.kind for box in plain.boxes} == {"plain"}
    assert plain.boxes[1].lines == ("steps/1", "a person")


def test_a_picture_says_when_an_edge_is_taken() -> None:
    nodes = {"x": {"agent": "a"}, "y": {"agent": "b"}}
    edges = [{"from": "x", "choose": [{"when": "else", "to": "y"}]}]
    drawn = topology(spec_of("graph", {"nodes": nodes, "edges": edges}))
    assert pictured("w", drawn, None).arrows == (Arrow("nodes/x/*", "nodes/y/*", ("else",)),)
