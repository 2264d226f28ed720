"""Graph: nodes, and edges that may lead back.

Theory of operation. One node is next, ``at``, and nothing else is ever wanted. When that
node has answered, its edges are tried in file order, and the way that was found is part of the node's event:
``to`` leads on at once, ``choose`` to the first condition that holds, and where nothing leads on, the graph
ends. So conditions are evaluated once, with the variables of that moment, and a replay only follows.

A condition that can't be evaluated leaves the graph lost: failed, with all answers kept. What helps is a
changed spec or changed variables, and then the way is looked for again from the same answers. This is the
only place where an event is not plain data to follow.

A node may be visited ``max_iterations`` times. Before one visit more the graph fails, and names the loop.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, assert_never

from returns.result import Failure, Result, Success

from durable_core.patterns.base import (
    SUCCESS,
    CallAgent,
    Completed,
    Failed,
    Finished,
    Open,
    PatternCommand,
    PatternVerdict,
    Refusal,
    Request,
    Respecified,
    Respecify,
    Responded,
    Waiting,
)
from durable_core.patterns.changes import conflict_with, respecified
from durable_core.patterns.graph.names import (
    EDGE_SCOPE,
    GRAPH_RESULT,
    NODE_SCOPE,
    heard_before_nodes,
    heard_in_graph,
)
from durable_core.patterns.graph.state import (
    AgentVisit,
    Event,
    HumanVisit,
    NodeAnswered,
    NodeCompleted,
    NodeRecord,
    State,
    Transition,
)
from durable_core.patterns.scopes import Heard
from durable_core.patterns.steps import Spot, answers_before, asked
from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.persistent.ordered_map import OrderedMap
from durable_core.spec.models import AgentNode, Edge, GraphConfig, HumanStep, Spec
from durable_core.templates.rendering import evaluate
from durable_core.types import Fault, Json

NOT_EXECUTED: Final = "not_executed"
"""The ``status`` of a node that did not run, in the word that specs of the v0 format use."""

LONGEST_LOOP: Final = 12
"""Names that a sentence about a loop holds: enough to find it in the spec."""


def initial(spec: Spec) -> State:
    """A graph before its first node."""
    config = _config(spec)
    return State(config, _edges(config), heard_before_nodes(config), _nodes(config, {}), config.entry)


def decide(state: State, command: PatternCommand) -> Result[tuple[Event | Respecified, ...], Refusal]:
    """The events that ``command`` leads to; ``()`` for a report on a visit that is not the next one."""
    match command, _next(state):
        case Respecify(spec), _:
            return respecified(command, _conflict(state, spec))
        case Completed(unit, text, tokens, variables), (str(node), AgentNode(agent=agent)):
            if unit == _unit(state, node):
                visit = _visits(state, node) + 1
                after = _completed(state, node, agent, text, tokens)
                event = NodeCompleted(
                    node=node,
                    visit=visit,
                    agent=agent,
                    response=text,
                    tokens=tokens,
                    way=_way(after, node, variables),
                )
                return Success((event,))
        case Responded(unit, prompt, text, variables), (str(node), HumanStep()):
            if unit == _unit(state, node):
                visit = _visits(state, node) + 1
                way = _way(_answered(state, node, prompt, text), node, variables)
                return Success((NodeAnswered(node=node, visit=visit, prompt=prompt, response=text, way=way),))
    return Success(())


def evolve(state: State, event: Event | Respecified) -> State:
    """The state after ``event``."""
    match event:
        case NodeCompleted(node=node, agent=agent, response=response, tokens=tokens, way=way):
            return _going(_completed(state, node, agent, response, tokens), way)
        case NodeAnswered(node=node, prompt=prompt, response=response, way=way):
            return _going(_answered(state, node, prompt, response), way)
        case Respecified(spec, variables):
            return _under(state, _config(spec), variables)
        case _ as never:
            assert_never(never)


def wanted(state: State) -> tuple[Request, ...]:
    """The next visit, if there is one."""
    match _next(state):
        case str(node), HumanStep() as step:
            return (asked(step, _spot(state, node), NODE_SCOPE.context(state, state.heard[node])),)
        case str(node), AgentNode() as step:
            spot = _spot(state, node)
            heard, source = state.heard[node], step.input
            if source is None:
                # the default looks back, also where a changed spec has no edge left that leads here
                heard = Heard(agent=state.last_response is not None, person=state.hitl_response is not None)
                by_person = len(state.history) > 0 and isinstance(state.history[-1], HumanVisit)
                source = answers_before(heard, by_person=by_person)
            return (
                CallAgent(
                    unit=spot.unit,
                    title=f"{spot.title}: {step.agent}",
                    agent=step.agent,
                    conversation=step.agent,
                    input=source,
                    place=f"{spot.place}.input",
                    context=NODE_SCOPE.context(state, heard),
                ),
            )
    return ()


def verdict(state: State) -> PatternVerdict:
    """Finished where no edge leads on; failed when lost, or before a visit too many."""
    match _next(state):
        case str(node), HumanStep():
            return Waiting((_unit(state, node),))
        case str(_), AgentNode():
            return Open()
    if state.lost is not None:
        last = state.history[-1].node
        unit = f"nodes/{last}/{_visits(state, last)}"
        message = (
            f"no edge from {last} could be chosen: {state.lost.problem}; "
            "correct the spec or the variables and resume"
        )
        return Failed(unit, Fault("template", message))
    if state.at is not None:
        most = state.config.max_iterations
        message = (
            f"{_loop(state, state.at)} visited more than {most} times; "
            "raise max_iterations in the spec and resume to go on"
        )
        return Failed(_unit(state, state.at), Fault("pattern", message))
    context = GRAPH_RESULT.context(state, heard_in_graph(state.config))
    return Finished(state.last_response or state.hitl_response or "", context)


# --- what comes next ----------------------------------------------------------------------------------


def _next(state: State) -> tuple[str, AgentNode | HumanStep] | None:
    """The node to visit next, when it may be visited."""
    if state.at is None or _visits(state, state.at) >= state.config.max_iterations:
        return None
    return state.at, state.config.nodes[state.at]


def _visits(state: State, node: str) -> int:
    return state.nodes[node].iteration


def _loop(state: State, node: str) -> str:
    """The way from the latest visit of ``node`` back to it: ``draft -> review -> draft``."""
    names = [node]
    while len(names) == 1 or names[-1] != node:
        names.append(state.history[-len(names)].node)
    names.reverse()
    if len(names) > LONGEST_LOOP:
        names[LONGEST_LOOP - 2 : -1] = ["..."]
    return " -> ".join(names)


def _config(spec: Spec) -> GraphConfig:
    assert spec.pattern.type == "graph", "the session hands each pattern its own spec"
    return spec.pattern.config


def _edges(config: GraphConfig) -> Mapping[str, tuple[tuple[int, Edge], ...]]:
    """The edges of each node with their indices, so that a way is found without looking at all edges."""
    edges: dict[str, list[tuple[int, Edge]]] = {}
    for index, edge in enumerate(config.edges):
        edges.setdefault(edge.from_, []).append((index, edge))
    return FrozenDict({node: tuple(leaving) for node, leaving in edges.items()})


def _nodes(config: GraphConfig, visited: Mapping[str, NodeRecord]) -> OrderedMap[NodeRecord]:
    """Every node of the spec as templates see it: its latest visit in ``visited``, or that it did not run."""
    records: dict[str, NodeRecord] = {}
    for name, node in config.nodes.items():
        agent = "" if isinstance(node, HumanStep) else node.agent
        unvisited = NodeRecord(response="", agent=agent, status=NOT_EXECUTED, iteration=0)
        records[name] = visited.get(name, unvisited)
    return OrderedMap(config.nodes, records)


# --- deciding -----------------------------------------------------------------------------------------


def _way(state: State, node: str, variables: Mapping[str, Json]) -> Transition:
    """The way on from ``node``, which has just answered. The pattern's names hide ``variables``."""
    heard = state.heard[node].then(state.config.nodes[node])
    context = {**variables, **EDGE_SCOPE.context(state, heard)}
    for index, edge in state.edges.get(node, ()):
        if edge.to:
            return Transition(to=edge.to[0], edge=index)
        for number, choice in enumerate(edge.choose or ()):
            place = f"pattern.config.edges[{index}].choose[{number}].when"
            match evaluate(choice.when, context, place=place):
                case Success(True):
                    return Transition(to=choice.to, edge=index)
                case Failure(problem):
                    hint = f" ({problem.hint})" if problem.hint else ""
                    return Transition(problem=f"{place}: {problem.message}{hint}", edge=index)
    return Transition()


def _conflict(state: State, spec: Spec) -> str | None:
    """Edges and nodes to come may change; a visited node must stay, of its kind, and so must the next one."""
    nodes = _config(spec).nodes
    conflicts = (
        conflict_with(
            f"node {name}",
            nodes.get(name),
            by_person=isinstance(state.config.nodes[name], HumanStep),
            missing="has no such node",
        )
        for name, record in state.nodes.items()
        if record.status != NOT_EXECUTED
    )
    if conflict := next(filter(None, conflicts), None):
        return conflict
    if state.history and state.at is not None and state.at not in nodes:
        return f"node {state.at} comes next, but the changed spec has no such node"
    return None


# --- evolving -----------------------------------------------------------------------------------------


def _completed(state: State, node: str, agent: str, response: str, tokens: int) -> State:
    iteration = _visits(state, node) + 1
    record = NodeRecord(response=response, agent=agent, status=SUCCESS, iteration=iteration)
    visit = AgentVisit(node=node, iteration=iteration, agent=agent, response=response, tokens=tokens)
    return state._replace(
        nodes=state.nodes.put(node, record),
        history=state.history.append(visit),
        last_response=response,
    )


def _answered(state: State, node: str, prompt: str, response: str) -> State:
    iteration = _visits(state, node) + 1
    record = NodeRecord(response=response, agent="", status=SUCCESS, iteration=iteration)
    visit = HumanVisit(node=node, iteration=iteration, prompt=prompt, response=response)
    return state._replace(
        nodes=state.nodes.put(node, record),
        history=state.history.append(visit),
        hitl_response=response,
    )


def _going(state: State, way: Transition) -> State:
    return state._replace(at=way.to, lost=None if way.problem is None else way)


def _under(state: State, config: GraphConfig, variables: Mapping[str, Json]) -> State:
    """The state under a changed spec or variables. A graph that has not begun begins anew; a lost one looks
    again."""
    visited = {name: record for name, record in state.nodes.items() if record.status != NOT_EXECUTED}
    changed = state._replace(
        config=config, edges=_edges(config), heard=heard_before_nodes(config), nodes=_nodes(config, visited)
    )
    if not state.history:
        return changed._replace(at=config.entry)
    if state.lost is None:
        return changed
    return _going(changed, _way(changed, state.history[-1].node, variables))


# --- requests -----------------------------------------------------------------------------------------


def _unit(state: State, node: str) -> str:
    return f"nodes/{node}/{_visits(state, node) + 1}"


def _spot(state: State, node: str) -> Spot:
    visit = _visits(state, node) + 1
    again = f" (visit {visit})" if visit > 1 else ""
    return Spot(unit=_unit(state, node), title=f"Node {node}{again}", place=f"pattern.config.nodes.{node}")
