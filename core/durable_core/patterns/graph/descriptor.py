"""All that the rest of the program knows of a graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, get_args

from durable_core.patterns.graph.machine import decide, evolve, initial, verdict, wanted
from durable_core.patterns.graph.names import EDGE_SCOPE, GRAPH_RESULT, NODE_SCOPE, template_names
from durable_core.patterns.graph.state import Event, State
from durable_core.patterns.pattern import Pattern
from durable_core.patterns.places import CONFIG_AT
from durable_core.patterns.records import records_as_json
from durable_core.patterns.topology import Link, Topology, node
from durable_core.spec.cross_references import either_or, unknown_name
from durable_core.spec.graph_algorithms import reachable
from durable_core.spec.models import GraphConfig
from durable_core.spec.problems import Problem, pointer_of
from durable_core.spec.units import SpecUnit, step_unit
from durable_core.types import Json, UnitId


def _units(config: GraphConfig) -> Iterator[SpecUnit]:
    return (step_unit(CONFIG_AT + pointer_of("nodes", name), each) for name, each in config.nodes.items())


def _topology(config: GraphConfig) -> Topology:
    most = f"up to {config.max_iterations} visits"
    nodes = tuple(
        node(f"nodes/{name}/*", CONFIG_AT + pointer_of("nodes", name), each, most)
        for name, each in config.nodes.items()
    )
    links = (
        Link(f"nodes/{edge.from_}/*", f"nodes/{target}/*", condition)
        for edge in config.edges
        for target, condition in edge.targets
    )
    return Topology(nodes, tuple(links))


def _problems(config: GraphConfig) -> Iterator[Problem]:
    for index, edge in enumerate(config.edges):
        if (edge.to is None) == (edge.choose is None):
            yield either_or(f"{CONFIG_AT}/edges/{index}", "to", "choose")
    ways: dict[str, list[str]] = {name: [] for name in config.nodes}
    for pointer, source, targets in _edges(config):
        if source not in ways:
            yield unknown_name("node", source, f"{pointer}/from", config.nodes)
        for at, target in targets:
            if target not in ways:
                yield unknown_name("node", target, at, config.nodes)
            elif source in ways:
                ways[source].append(target)
    reached = reachable(config.entry, ways)
    for name in config.nodes:
        if name not in reached:
            pointer = CONFIG_AT + pointer_of("nodes", name)
            hint = "Add an edge that leads to it, or remove it. The first node in the file is the entry."
            message = f"The node '{name}' cannot be reached from the entry '{config.entry}'."
            yield Problem(message, pointer, hint=hint)


def _edges(config: GraphConfig) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Each edge: its pointer, the node that it leaves, and the nodes that it names with their pointers."""
    for index, edge in enumerate(config.edges):
        pointer = f"{CONFIG_AT}/edges/{index}"
        plain = [(f"{pointer}/to/{i}", name) for i, name in enumerate(edge.to or ())]
        chosen = [(f"{pointer}/choose/{i}/to", choice.to) for i, choice in enumerate(edge.choose or ())]
        yield pointer, edge.from_, plain + chosen


def _view(state: State, _failed: tuple[UnitId, ...]) -> dict[str, Json]:
    visited = {name: record for name, record in state.nodes.items() if record.iteration}
    return {
        "current_node": state.at,
        "node_history": records_as_json(state.history),
        "node_outputs": {name: dict(record) for name, record in visited.items()},
        "iteration_counts": {name: record.iteration for name, record in visited.items()},
        "total_steps": len(state.history),
    }


PATTERN: Final = Pattern(
    events=get_args(Event),
    initial=initial,
    decide=decide,
    evolve=evolve,
    wanted=wanted,
    verdict=verdict,
    template_names=template_names,
    scopes=(NODE_SCOPE, EDGE_SCOPE, GRAPH_RESULT),
    units=_units,
    topology=_topology,
    view=_view,
    problems=_problems,
    entry=lambda config: config.entry,
)
