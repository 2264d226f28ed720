"""Layout by ranks: where the boxes and arrows of a graph go.

The steps are those of every layered drawing. Arrows that would close a circle are turned round; each node
gets the rank of the longest way to it; an arrow gets a place of its own in each rank that it passes, and one
for its label; the order within ranks is improved by moving each thing to the mean of its neighbours; and
the places along a rank are the closest to those means that leave enough room between them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from docs.generator.graphs import Graph

SWEEPS = 24
"""How often the ranks are put in order, down and up; small graphs settle after five."""

GAP = 28.0
"""Pixels between two things of one rank."""

RANK_GAP = 22.0
"""Pixels between two ranks."""

Size = tuple[float, float]
Point = tuple[float, float]
Place = tuple[str, int]
"""A node's name and -1, or the name of an edge's way and the rank it passes."""


@dataclass(frozen=True, slots=True)
class Way:
    """The course of one edge: points from its source to its target, and the middle of its label."""

    points: tuple[Point, ...]
    label: Point


@dataclass(frozen=True, slots=True)
class Layout:
    """The middle of each node, the way of each edge (None for one from a node to itself), and the size."""

    nodes: Mapping[str, Point]
    ways: tuple[Way | None, ...]
    size: Size


def lay_out(graph: Graph, nodes: Mapping[str, Size], labels: Sequence[Size]) -> Layout:
    """Places for all of ``graph``, with boxes of the sizes ``nodes`` and labels of the sizes ``labels``.

    Sizes are width and height in pixels. Edges from a node to itself need room beside it, which the caller
    includes in the node's size.
    """
    turned = _turned(graph)
    ranks = _ranks(graph, turned)
    chains: dict[int, list[Place]] = {}
    sizes: dict[Place, Size] = {(name, -1): size for name, size in nodes.items()}
    rows: dict[int, list[Place]] = defaultdict(list)
    for node in graph.nodes:
        rows[ranks[node.name]].append((node.name, -1))
    for number, edge in enumerate(graph.edges):
        if edge.source == edge.target:
            continue
        top, bottom = (edge.target, edge.source) if number in turned else (edge.source, edge.target)
        between: list[Place] = [(f"{number}", rank) for rank in range(ranks[top] + 1, ranks[bottom])]
        for place in between:
            sizes[place] = labels[number] if place == between[0] else (0.0, 0.0)
            rows[place[1]].append(place)
        chains[number] = [(top, -1), *between, (bottom, -1)]
    ordered = _ordered([rows[rank] for rank in sorted(rows)], list(chains.values()))
    points, size = _placed(ordered, list(chains.values()), sizes)
    ends = _ends(chains, points, nodes)
    ways: list[Way | None] = []
    for number in range(len(graph.edges)):
        if number not in chains:
            ways.append(None)
            continue
        inner = chains[number][1:-1]
        course = [ends[number][0], *(points[place] for place in inner), ends[number][1]]
        ways.append(Way(tuple(reversed(course) if number in turned else course), points[inner[0]]))
    return Layout({name: points[name, -1] for name in nodes}, tuple(ways), size)


def _turned(graph: Graph) -> frozenset[int]:
    """The numbers of the edges that lead back to where the way to them came from."""
    leaving: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, edge in enumerate(graph.edges):
        leaving[edge.source].append((number, edge.target))
    turned: set[int] = set()
    done: set[str] = set()
    on_the_way: set[str] = set()

    def visit(name: str) -> None:
        on_the_way.add(name)
        for number, target in leaving[name]:
            if target in on_the_way:
                turned.add(number)
            elif target not in done:
                visit(target)
        on_the_way.discard(name)
        done.add(name)

    for node in graph.nodes:
        if node.name not in done:
            visit(node.name)
    return frozenset(turned)


def _ranks(graph: Graph, turned: frozenset[int]) -> dict[str, int]:
    """The rank of each node: twice the longest way to it, so that a rank for labels lies between two."""
    ranks = {node.name: 0 for node in graph.nodes}
    down = [
        (edge.target, edge.source) if number in turned else (edge.source, edge.target)
        for number, edge in enumerate(graph.edges)
        if edge.source != edge.target
    ]
    for _ in graph.nodes:
        for source, target in down:
            ranks[target] = max(ranks[target], ranks[source] + 2)
    return ranks


def _ordered(rows: list[list[Place]], chains: list[list[Place]]) -> list[list[Place]]:
    above, below = _neighbours(chains)
    for sweep in range(SWEEPS):
        downwards = sweep % 2 == 0
        near = above if downwards else below
        for row in rows if downwards else reversed(rows):
            position = {place: index for each in rows for index, place in enumerate(each)}
            row.sort(key=_mean_of(near, position))
    return rows


def _mean_of(near: Mapping[Place, list[Place]], position: Mapping[Place, int]) -> Callable[[Place], float]:
    def key(place: Place) -> float:
        beside = near.get(place)
        if not beside:
            return float(position[place])
        return sum(position[one] for one in beside) / len(beside)

    return key


def _neighbours(
    chains: list[list[Place]],
) -> tuple[dict[Place, list[Place]], dict[Place, list[Place]]]:
    above: dict[Place, list[Place]] = defaultdict(list)
    below: dict[Place, list[Place]] = defaultdict(list)
    for chain in chains:
        for upper, lower in pairwise(chain):
            above[lower].append(upper)
            below[upper].append(lower)
    return above, below


def _placed(
    rows: list[list[Place]], chains: list[list[Place]], sizes: Mapping[Place, Size]
) -> tuple[dict[Place, Point], Size]:
    above, below = _neighbours(chains)
    xs: dict[Place, float] = {}
    for row in rows:
        at = 0.0
        for place in row:
            xs[place] = at + sizes[place][0] / 2
            at += sizes[place][0] + GAP
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wishes = []
            for place in row:
                beside = above.get(place, []) + below.get(place, [])
                wishes.append(sum(xs[one] for one in beside) / len(beside) if beside else xs[place])
            for place, x in zip(row, _apart(wishes, [sizes[place][0] for place in row]), strict=True):
                xs[place] = x
    left = min(xs[place] - sizes[place][0] / 2 for place in xs)
    ys: dict[Place, float] = {}
    top = 0.0
    for row in rows:
        height = max(sizes[place][1] for place in row)
        ys |= dict.fromkeys(row, top + height / 2)
        top += height + RANK_GAP
    width = max(xs[place] + sizes[place][0] / 2 for place in xs) - left
    return {place: (xs[place] - left, ys[place]) for place in xs}, (width, top - RANK_GAP)


def _apart(wishes: Sequence[float], widths: Sequence[float]) -> list[float]:
    """The middles closest to ``wishes`` (in squares) that keep the order and ``GAP`` between the boxes."""
    offsets = [0.0]
    for before, after in pairwise(widths):
        offsets.append(offsets[-1] + before / 2 + GAP + after / 2)
    # with the offsets taken off, the places only have to rise: pool neighbours that do not
    pools: list[tuple[float, int]] = []
    for wish, offset in zip(wishes, offsets, strict=True):
        total, count = wish - offset, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            before, number = pools.pop()
            total, count = total + before, count + number
        pools.append((total, count))
    flat = [total / count for total, count in pools for _ in range(count)]
    return [x + offset for x, offset in zip(flat, offsets, strict=True)]


def _ends(
    chains: Mapping[int, list[Place]], points: Mapping[Place, Point], nodes: Mapping[str, Size]
) -> dict[int, tuple[Point, Point]]:
    """Where each edge leaves the lower side of one box and meets the upper side of the next, spread out."""
    leaving: dict[str, list[tuple[float, int]]] = defaultdict(list)
    meeting: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for number, chain in chains.items():
        leaving[chain[0][0]].append((points[chain[1]][0], number))
        meeting[chain[-1][0]].append((points[chain[-2]][0], number))
    lower: dict[int, Point] = {}
    upper: dict[int, Point] = {}
    for name in nodes:
        lower |= _spread(points[name, -1], nodes[name], leaving[name], 0.5)
        upper |= _spread(points[name, -1], nodes[name], meeting[name], -0.5)
    return {number: (lower[number], upper[number]) for number in chains}


def _spread(at: Point, size: Size, edges: list[tuple[float, int]], side: float) -> dict[int, Point]:
    """A point on a box's side (half a height below or above its middle) for each edge, left to right."""
    width, height = size
    step = width * 0.7 / (len(edges) + 1)
    first = at[0] - width * 0.35
    return {
        number: (first + step * place, at[1] + height * side)
        for place, (_, number) in enumerate(sorted(edges), start=1)
    }
