"""Graphs to be drawn: nodes, edges, and the same as Mermaid text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["open", "waiting", "finished", "failed", "start", "plain"]
"""What a node stands for; decides its colour. ``start`` is a dot, and ``plain`` has no colour."""


@dataclass(frozen=True, slots=True)
class Node:
    """A box with ``lines`` of text; ``name`` is unique in its graph."""

    name: str
    lines: tuple[str, ...]
    kind: Kind


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow with ``lines`` of text beside it."""

    source: str
    target: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes and edges in the order in which they were met; the first node is where one begins."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def mermaid(graph: Graph) -> str:
    """The graph as a Mermaid state diagram, for viewers that draw one."""
    short = {node.name: f"s{number}" for number, node in enumerate(graph.nodes)}
    short |= {node.name: "[*]" for node in graph.nodes if node.kind == "start"}
    lines = ["stateDiagram-v2"]
    lines += [
        f'    state "{_quoted(node.lines)}" as {short[node.name]}'
        for node in graph.nodes
        if node.kind != "start"
    ]
    for edge in graph.edges:
        said = f" : {_quoted(edge.lines)}" if edge.lines else ""
        lines.append(f"    {short[edge.source]} --> {short[edge.target]}{said}")
    return "\n".join(lines)


def _quoted(lines: tuple[str, ...]) -> str:
    """Text as Mermaid takes it: a quote, a colon or a semicolon would end it."""
    return re.sub('[":;]', " ", "<br/>".join(lines))
