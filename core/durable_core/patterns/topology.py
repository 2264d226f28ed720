"""The topology of a pattern: what may run, and what leads to what, as a small graph.

Units that only a run can count (iterations, rounds, workers, visits) are one node each, with ``*`` for the
number: ``rounds/*/workers/*``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from durable_core.frozen import frozen
from durable_core.spec.models import AgentNode, AgentTask, HumanStep, Step
from durable_core.types import UnitId


@frozen(kw_only=True)
class Node:
    """A unit, or all units of one kind.

    ``agent`` is None for a person. ``template_at`` points to what is sent or asked; where nothing stands
    there, that is the pattern's own. ``repeats`` says how often it may run, in words, and is empty for once.
    """

    unit: UnitId
    agent: str | None
    template_at: str = ""
    repeats: str = ""


@frozen()
class Link:
    """``target`` may start after ``source``; ``when`` is the condition in words, if there is one."""

    source: UnitId
    target: UnitId
    when: str = ""


@frozen()
class Topology:
    """Nodes in the order of the spec, and the links between them."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]


def node(
    unit: UnitId, pointer: str, step: Step | AgentTask | AgentNode | HumanStep, repeats: str = ""
) -> Node:
    """The node of the step, task or node at ``pointer``."""
    if isinstance(step, HumanStep):
        return Node(unit=unit, agent=None, template_at=f"{pointer}/prompt", repeats=repeats)
    return Node(unit=unit, agent=step.agent, template_at=f"{pointer}/input", repeats=repeats)


def row(prefix: str, pointer: str, steps: Sequence[Step | HumanStep]) -> tuple[Node, ...]:
    """The nodes of steps one after another, whose list is at ``pointer``."""
    return tuple(node(f"{prefix}/{index}", f"{pointer}/{index}", step) for index, step in enumerate(steps))


def in_a_row(nodes: tuple[Node, ...]) -> Topology:
    """Nodes one after another."""
    return Topology(nodes, links(nodes))


def links(nodes: Sequence[Node]) -> tuple[Link, ...]:
    """The links from each node to the next."""
    return tuple(Link(before.unit, after.unit) for before, after in pairwise(nodes))


def stands_for(node: UnitId, unit: UnitId) -> bool:
    """Whether the node ``node``, perhaps with ``*`` in it, stands for ``unit``."""
    pattern, path = node.split("/"), unit.split("/")
    return len(pattern) == len(path) and all(
        mine in ("*", theirs) for mine, theirs in zip(pattern, path, strict=True)
    )
