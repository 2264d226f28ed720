"""Drawing a graph as SVG: plain text, readable in any browser, the same at every run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise

from docs.generator.graphs import Graph, Kind, Node
from docs.generator.layers import Layout, Point, Size, Way, lay_out

_FILLS: Mapping[Kind, tuple[str, str]] = {
    "open": ("#e6f0fb", "#2f6fb3"),
    "waiting": ("#fff4d6", "#b07a00"),
    "finished": ("#e3f4e5", "#2f7d3a"),
    "failed": ("#fbe5e3", "#b3392f"),
    "start": ("#333333", "#333333"),
    "plain": ("#f4f4f4", "#666666"),
}
"""Fill and line of each kind of node. The text says what the colour says."""

_FONT = "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', Arial, sans-serif"
_TEXT, _SMALL = 13, 11
_TEXT_WIDTH, _SMALL_WIDTH = 7.4, 6.2
"""Pixels of a character, on the wide side, since fonts differ."""
_LINE, _SMALL_LINE = 18.0, 14.0
_PADDING, _MARGIN, _TITLE = 12.0, 20.0, 34.0
_DOT = 14.0


def svg(graph: Graph) -> str:
    """The picture of ``graph`` as an SVG document."""
    sizes = {node.name: _box(node) for node in graph.nodes}
    labels = [_label_size(edge.lines) for edge in graph.edges]
    layout = lay_out(graph, sizes, labels)
    width = max(layout.size[0], len(graph.title) * _TEXT_WIDTH * 1.1) + 2 * _MARGIN
    height = layout.size[1] + 2 * _MARGIN + _TITLE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="{_FONT}" font-size="{_TEXT}" '
        f'role="img" aria-label="{escape(graph.title)}">',
        f"<title>{escape(graph.title)}</title>",
        '<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
        'orient="auto"><path d="M0 0 L10 5 L0 10 z" fill="#555555"/></marker></defs>',
        f'<rect width="{width:.0f}" height="{height:.0f}" rx="8" fill="#ffffff"/>',
        f'<text x="{_MARGIN:.0f}" y="{_MARGIN + 10:.0f}" font-weight="600" fill="#222222">'
        f"{escape(graph.title)}</text>",
        f'<g transform="translate({(width - layout.size[0]) / 2:.1f} {_MARGIN + _TITLE:.1f})">',
        *_arrows(graph, layout),
        *(_node(node, layout.nodes[node.name], sizes[node.name]) for node in graph.nodes),
        *_labels(graph, layout, labels),
        "</g>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _box(node: Node) -> Size:
    if node.kind == "start":
        return _DOT, _DOT
    longest = max(len(line) for line in node.lines)
    return longest * _TEXT_WIDTH + 2 * _PADDING, len(node.lines) * _LINE + _PADDING


def _label_size(lines: tuple[str, ...]) -> Size:
    if not lines:
        return 0.0, 0.0
    return max(map(len, lines)) * _SMALL_WIDTH + 8, len(lines) * _SMALL_LINE + 4


def _node(node: Node, at: Point, size: Size) -> str:
    fill, line = _FILLS[node.kind]
    x, y = at
    width, height = size
    if node.kind == "start":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_DOT / 2:.1f}" fill="{fill}"/>'
    box = (
        f'<rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" rx="8" fill="{fill}" stroke="{line}" stroke-width="1.5"/>'
    )
    top = y - (len(node.lines) - 1) * _LINE / 2 + 4.5
    weights = ("600", *("400" for _ in node.lines[1:]))
    words = (
        f'<text x="{x:.1f}" y="{top + index * _LINE:.1f}" text-anchor="middle" font-weight="{weight}" '
        f'fill="#222222">{escape(text)}</text>'
        for index, (text, weight) in enumerate(zip(node.lines, weights, strict=True))
    )
    return "\n".join([box, *words])


def _arrows(graph: Graph, layout: Layout) -> list[str]:
    return [
        f'<path d="{_course(way)}" fill="none" stroke="#555555" stroke-width="1.3" marker-end="url(#arrow)"/>'
        for _, way in zip(graph.edges, layout.ways, strict=True)
        if way is not None
    ]


def _course(way: Way) -> str:
    """A smooth line through the points: upright at its ends, elsewhere slanting as its neighbours lie."""
    points = way.points
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    slants = [_slant(points, index) for index in range(len(points))]
    for index, ((x, y), (next_x, next_y)) in enumerate(pairwise(points)):
        third = (next_y - y) / 2.5
        parts.append(
            f"C{x + slants[index] * third:.1f} {y + third:.1f} "
            f"{next_x - slants[index + 1] * third:.1f} {next_y - third:.1f} {next_x:.1f} {next_y:.1f}"
        )
    return " ".join(parts)


def _slant(points: Sequence[Point], index: int) -> float:
    """How far to the side a line goes at a point for each pixel downwards."""
    if index in (0, len(points) - 1):
        return 0.0
    (before_x, before_y), (after_x, after_y) = points[index - 1], points[index + 1]
    return (after_x - before_x) / (after_y - before_y)


def _labels(graph: Graph, layout: Layout, sizes: list[Size]) -> list[str]:
    parts = []
    for edge, way, (width, height) in zip(graph.edges, layout.ways, sizes, strict=True):
        if way is None or not edge.lines:
            continue
        x, y = way.label
        parts.append(
            f'<rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}" '
            f'height="{height:.1f}" fill="#ffffff" fill-opacity="0.92"/>'
        )
        top = y - (len(edge.lines) - 1) * _SMALL_LINE / 2 + 3.8
        parts.extend(
            f'<text x="{x:.1f}" y="{top + index * _SMALL_LINE:.1f}" text-anchor="middle" '
            f'font-size="{_SMALL}" fill="#444444">{escape(text)}</text>'
            for index, text in enumerate(edge.lines)
        )
    return parts
