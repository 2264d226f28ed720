"""What the templates and conditions of a graph see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from durable_core.patterns.graph.state import NodeRecord, State
from durable_core.patterns.places import CONFIG_AT, part_places
from durable_core.patterns.records import record_shape
from durable_core.patterns.scopes import Heard, Scope, ScopedName
from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.models import GraphConfig, HumanStep
from durable_core.spec.problems import pointer_of
from durable_core.spec.template_names import TemplateNames, TemplatePlace
from durable_core.templates.shapes import Fields, Shape


def _path(state: State) -> tuple[str, ...]:
    return tuple(visit.node for visit in state.history)


_WALKED: Final = FrozenDict(
    nodes=ScopedName[State](
        lambda state: state.nodes,
        "every node's latest visit, by its name; a node that did not run has an empty `response`, "
        "the `status` `not_executed` and the `iteration` 0",
        "records by id",
        (NodeRecord,),
    ),
    last_response=ScopedName[State](
        lambda state: state.last_response, "what an agent answered last", "answer"
    ),
    hitl_response=ScopedName[State](
        lambda state: state.hitl_response, "what a person answered last", "answer"
    ),
)
NODE_SCOPE: Final[Scope[State]] = Scope("a node", _WALKED)
EDGE_SCOPE: Final[Scope[State]] = Scope("`when`", _WALKED)
GRAPH_RESULT: Final[Scope[State]] = Scope(
    "an artifact",
    FrozenDict(
        _WALKED,
        terminal_node=ScopedName[State](lambda state: state.history[-1].node, "the node where it ended"),
        execution_path=ScopedName[State](_path, "the nodes in the order of their visits", "texts"),
        total_steps=ScopedName[State](
            lambda state: len(state.history), "how many visits there were", "number"
        ),
    ),
)


def heard_before_nodes(config: GraphConfig) -> Mapping[str, Heard]:
    """For each node, who may have answered before any of its visits: whoever an edge leads from to it."""
    ways: dict[str, list[str]] = {name: [] for name in config.nodes}
    for edge in config.edges:
        ways.get(edge.from_, []).extend(target for target, _ in edge.targets if target in ways)
    people = {name for name, node in config.nodes.items() if isinstance(node, HumanStep)}
    after_agents = _reached_from(config.nodes.keys() - people, ways)
    after_people = _reached_from(people, ways)
    return FrozenDict(
        {name: Heard(agent=name in after_agents, person=name in after_people) for name in config.nodes}
    )


def _reached_from(starts: Iterable[str], ways: Mapping[str, list[str]]) -> set[str]:
    """The names that at least one of ``ways`` leads to, from any of ``starts``."""
    reached: set[str] = set()
    waiting = [target for start in starts for target in ways[start]]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(ways[name])
    return reached


def heard_in_graph(config: GraphConfig) -> Heard:
    """Who may have answered when the graph has ended."""
    return Heard.of(config.nodes.values())


def template_names(config: GraphConfig) -> TemplateNames:
    """The templates and conditions of a graph, and what its artifacts see."""
    known = FrozenDict(nodes=Fields(dict.fromkeys(config.nodes, record_shape(NodeRecord))))
    result = GRAPH_RESULT.offered(heard_in_graph(config), known=known)
    return TemplateNames(tuple(_places(config, known)), result)


def _places(config: GraphConfig, known: Mapping[str, Shape]) -> Iterator[TemplatePlace]:
    heard = heard_before_nodes(config)
    for name, node in config.nodes.items():
        names = NODE_SCOPE.offered(heard[name], known=known)
        yield from part_places(CONFIG_AT + pointer_of("nodes", name), node, names)
    for index, edge in enumerate(config.edges):
        before = heard.get(edge.from_, Heard())  # an edge from nowhere is a problem of its own
        names = EDGE_SCOPE.offered(before.then(config.nodes.get(edge.from_)), known=known)
        for choice, option in enumerate(edge.choose or ()):
            pointer = f"{CONFIG_AT}/edges/{index}/choose/{choice}/when"
            yield TemplatePlace(pointer, option.when, "condition", names)
