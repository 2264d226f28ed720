"""The shape of a workflow: what may run, and what leads to what, as a small graph.

One shape serves the plan, the explanation and the drawings. Units that only a run can count (iterations,
rounds, workers, visits) are one node each, with ``*`` for the number: ``rounds/*/workers/*``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, assert_never

from durable_core.drawing.pictures import Arrow, Box, Picture
from durable_core.session.scheduling import open_gates
from durable_core.session.state import Session
from durable_core.spec.models import (
    AgentNode,
    AgentTask,
    ChainConfig,
    EvaluatorOptimizerConfig,
    GraphConfig,
    HumanStep,
    OrchestratorWorkersConfig,
    ParallelConfig,
    RoutingConfig,
    Spec,
    Step,
    WorkflowConfig,
)
from durable_core.types import UnitId

Stage = Literal["pending", "running", "waiting", "completed", "failed"]
"""How far a node is: nothing happened, an attempt runs, a person is asked, a unit of it is done or failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A unit, or all units of one kind.

    ``agent`` is None for a person. ``template`` is what is sent or asked, None for the pattern's own default.
    ``repeats`` says how often it may run, in words, and is empty for once.
    """

    unit: UnitId
    agent: str | None
    template: str | None
    repeats: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """``target`` may start after ``source``; ``when`` is the condition in words, if there is one."""

    source: UnitId
    target: UnitId
    when: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """Nodes in the order of the spec, and the links between them."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]


def shape(spec: Spec) -> Shape:
    """The shape of ``spec``, whatever its pattern."""
    config = spec.pattern.config
    match config:
        case ChainConfig(steps=steps):
            return _joined(_row("steps", steps))
        case WorkflowConfig():
            return _workflow(config)
        case RoutingConfig():
            return _routing(config)
        case ParallelConfig():
            return _parallel(config)
        case OrchestratorWorkersConfig():
            return _orchestrator(config)
        case EvaluatorOptimizerConfig():
            return _evaluator(config)
        case GraphConfig():
            return _graph(config)
        case _ as never:
            assert_never(never)


def stages(drawn: Shape, session: Session) -> Mapping[UnitId, Stage]:
    """How far each node of ``drawn`` is in ``session``. The strongest stage of its units counts."""
    found: dict[UnitId, Stage] = {node.unit: "pending" for node in drawn.nodes}
    for unit, stage in _unit_stages(session):
        for node in drawn.nodes:
            if stands_for(node.unit, unit):
                found[node.unit] = stage
    return found


def pictured(title: str, drawn: Shape, reached: Mapping[UnitId, Stage] | None) -> Picture:
    """``drawn`` as a picture; how far each node is, when that is given, is said and shown by its colour."""
    boxes = []
    for node in drawn.nodes:
        stage = None if reached is None else reached[node.unit]
        lines = (node.unit, node.agent or "a person", node.repeats, stage)
        boxes.append(Box(node.unit, tuple(line for line in lines if line), stage or "plain"))
    arrows = (Arrow(link.source, link.target, (link.when,) if link.when else ()) for link in drawn.links)
    return Picture(title, tuple(boxes), tuple(arrows))


def stands_for(node: UnitId, unit: UnitId) -> bool:
    """Whether the node ``node``, perhaps with ``*`` in it, stands for ``unit``."""
    pattern, path = node.split("/"), unit.split("/")
    return len(pattern) == len(path) and all(
        mine in ("*", theirs) for mine, theirs in zip(pattern, path, strict=True)
    )


def _unit_stages(session: Session) -> Iterator[tuple[UnitId, Stage]]:
    """Weakest first, so that what is going on now covers what was done before."""
    for done in session.done:
        yield done.unit, "completed"
    for unit in sorted(session.progress):
        if session.progress[unit].running:
            yield unit, "running"
    for gate in open_gates(session):
        yield gate.unit, "waiting"
    for failure in session.failures:
        yield failure.unit, "failed"


# --- the seven patterns -------------------------------------------------------------------------------


Called = Step | AgentTask | AgentNode
"""All that names an agent and what it is sent."""


def _node(unit: UnitId, step: Called | HumanStep, repeats: str = "") -> Node:
    if isinstance(step, HumanStep):
        return Node(unit=unit, agent=None, template=step.prompt, repeats=repeats)
    return Node(unit=unit, agent=step.agent, template=step.input, repeats=repeats)


def _row(prefix: str, steps: Sequence[Step | HumanStep]) -> tuple[Node, ...]:
    return tuple(_node(f"{prefix}/{index}", step) for index, step in enumerate(steps))


def _links(row: Sequence[Node]) -> tuple[Link, ...]:
    return tuple(Link(before.unit, after.unit) for before, after in pairwise(row))


def _joined(row: tuple[Node, ...]) -> Shape:
    return Shape(row, _links(row))


def _workflow(config: WorkflowConfig) -> Shape:
    nodes = tuple(_node(f"tasks/{task.id}", task) for task in config.tasks)
    links = (Link(f"tasks/{dep}", f"tasks/{task.id}") for task in config.tasks for dep in task.deps)
    return Shape(nodes, tuple(links))


def _routing(config: RoutingConfig) -> Shape:
    router = Node(unit="router", agent=config.router.agent, template=config.router.input)
    head = [router]
    if config.router.review_router is not None:
        head.append(_node("review_router", config.router.review_router))
    nodes, links = list(head), list(_links(head))
    for name, route in config.routes.items():
        row = _row(f"routes/{name}", route.then)
        nodes.extend(row)
        links.extend((Link(head[-1].unit, row[0].unit, name), *_links(row)))
    return Shape(tuple(nodes), tuple(links))


def _parallel(config: ParallelConfig) -> Shape:
    rows = [_row(f"branches/{branch.id}", branch.steps) for branch in config.branches]
    nodes = [node for row in rows for node in row]
    links = [link for row in rows for link in _links(row)]
    if config.reduce is not None:
        nodes.append(_node("reduce", config.reduce))
        links.extend(Link(row[-1].unit, "reduce") for row in rows)
    return Shape(tuple(nodes), tuple(links))


def _orchestrator(config: OrchestratorWorkersConfig) -> Shape:
    limits = config.orchestrator.limits
    rounds = limits.max_rounds or 1
    a_round = f"up to {rounds} rounds" if rounds > 1 else ""
    workers = "one for each task" if limits.max_workers is None else f"up to {limits.max_workers} a round"
    row = [
        Node(unit="rounds/*/orchestrator", agent=config.orchestrator.agent, template=None, repeats=a_round)
    ]
    if config.decomposition_review is not None:
        row.append(_node("rounds/*/decomposition_review", config.decomposition_review, a_round))
    row.append(
        Node(
            unit="rounds/*/workers/*",
            agent=config.worker_template.agent,
            template=None,
            repeats=workers,
        )
    )
    tail = (("reduce_review", config.reduce_review), ("reduce", config.reduce), ("writeup", config.writeup))
    round_end = row[-1].unit
    row.extend(_node(unit, step) for unit, step in tail if step is not None)
    again = (Link(round_end, row[0].unit, "another round"),) if rounds > 1 else ()
    return Shape(tuple(row), (*_links(row), *again))


def _evaluator(config: EvaluatorOptimizerConfig) -> Shape:
    most = f"up to {config.accept.max_iters} times"
    row = [
        Node(unit="iterations/*/producer", agent=config.producer, template=None, repeats=most),
        Node(
            unit="iterations/*/evaluator",
            agent=config.evaluator.agent,
            template=config.evaluator.input,
            repeats=most,
        ),
    ]
    below = f"score below {config.accept.min_score}"
    if config.review_gate is None:
        return Shape(tuple(row), (*_links(row), Link(row[1].unit, row[0].unit, below)))
    gate = _node("iterations/*/gate", config.review_gate, most)
    back = (Link(row[1].unit, gate.unit, below), Link(gate.unit, row[0].unit, "go on"))
    return Shape((*row, gate), (*_links(row), *back))


def _graph(config: GraphConfig) -> Shape:
    most = f"up to {config.max_iterations} visits"
    nodes = tuple(_node(f"nodes/{name}/*", node, most) for name, node in config.nodes.items())
    links: list[Link] = []
    for edge in config.edges:
        source = f"nodes/{edge.from_}/*"
        links.extend(Link(source, f"nodes/{target}/*") for target in (edge.to or ())[:1])
        links.extend(Link(source, f"nodes/{one.to}/*", one.when) for one in edge.choose or ())
    return Shape(nodes, tuple(links))
