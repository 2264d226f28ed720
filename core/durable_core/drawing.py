"""Drawings of small directed graphs: Mermaid text and SVG, from the same description.

The SVG is laid out in ranks: a node stands one rank below the lowest node that leads to it, links that go
back up are bent around the right side. Nothing is random, so the same graph is always the same picture.
Sizes are in pixels at 96 dpi, for a 13 px sans-serif font.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from markupsafe import escape


@dataclass(frozen=True, slots=True)
class Box:
    """A node: its id, the lines written in it, and the name of its colours (a key of ``COLOURS``)."""

    id: str
    lines: tuple[str, ...]
    colour: str = "plain"


@dataclass(frozen=True, slots=True)
class Arrow:
    """A link between two boxes, with the words beside it."""

    source: str
    target: str
    label: str = ""


COLOURS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "plain": ("#f6f8fa", "#57606a"),
        "pending": ("#f6f8fa", "#8c959f"),
        "running": ("#ddf4ff", "#0969da"),
        "waiting": ("#fff8c5", "#9a6700"),
        "completed": ("#dafbe1", "#1a7f37"),
        "failed": ("#ffebe9", "#cf222e"),
    }
)
"""Fill and line of each kind of box; each pair differs in lightness too, for those who see no hues."""

LONGEST_LINE: Final = 44
"""Characters of a line that are shown; more make a box wider than people read at a glance."""

_CHAR, _LINE, _PAD, _GAP, _RISE = 7.4, 18, 12, 28, 56
"""Width of a character, height of a line, padding in a box, gap between boxes, gap between ranks."""


def mermaid(boxes: Sequence[Box], arrows: Iterable[Arrow]) -> str:
    """The graph as a Mermaid flowchart, ending in a newline."""
    names = {box.id: f"n{index}" for index, box in enumerate(boxes)}
    lines = ["flowchart TD"]
    for box in boxes:
        text = "<br>".join(_entities(line) for line in box.lines)
        lines.append(f'  {names[box.id]}["{text}"]:::{box.colour}')
    for arrow in arrows:
        label = f'|"{_entities(arrow.label)}"|' if arrow.label else ""
        lines.append(f"  {names[arrow.source]} -->{label} {names[arrow.target]}")
    for colour in sorted({box.colour for box in boxes}):
        fill, line = COLOURS[colour]
        lines.append(f"  classDef {colour} fill:{fill},stroke:{line},color:#1f2328")
    return "\n".join(lines) + "\n"


def svg(boxes: Sequence[Box], arrows: Sequence[Arrow], title: str) -> str:
    """The graph as an SVG document with ``title`` for those who can't see it, ending in a newline."""
    spots = _laid_out(boxes, arrows)
    width = max((spot.x + spot.width for spot in spots.values()), default=0) + _GAP
    height = max((spot.y + spot.height for spot in spots.values()), default=0) + _GAP
    back = [arrow for arrow in arrows if spots[arrow.target].rank <= spots[arrow.source].rank]
    margin = sum(_GAP + len(_shown(arrow.label)) * _CHAR for arrow in back)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(_one_line(title))}" '
        f'width="{width + margin:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width + margin:.0f} {height:.0f}" font-family="sans-serif" font-size="13">',
        f"<title>{escape(_one_line(title))}</title>",
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0L10 5L0 10z" fill="#57606a"/></marker></defs>',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
    ]
    right = width
    for arrow in arrows:
        if arrow in back:
            parts.append(_bent(spots[arrow.source], spots[arrow.target], arrow.label, right))
            right += _GAP + len(_shown(arrow.label)) * _CHAR
        else:
            parts.append(_straight(spots[arrow.source], spots[arrow.target], arrow.label))
    parts.extend(_drawn(spots[box.id], box) for box in boxes)
    return "\n".join([*parts, "</svg>"]) + "\n"


# --- layout -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a box stands: its rank from the top, its upper left corner and its size."""

    rank: int
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


def _laid_out(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> dict[str, _Spot]:
    ranks = _ranks(boxes, arrows)
    rows: dict[int, list[Box]] = {}
    for box in boxes:
        rows.setdefault(ranks[box.id], []).append(box)
    widths = {box.id: _width(box, arrows) for box in boxes}
    row_widths = {
        rank: sum(widths[box.id] for box in row) + _GAP * (len(row) - 1) for rank, row in rows.items()
    }
    widest = max(row_widths.values(), default=0.0)
    spots: dict[str, _Spot] = {}
    y = float(_GAP)
    for rank in sorted(rows):
        x = _GAP + (widest - row_widths[rank]) / 2
        height = max(len(box.lines) for box in rows[rank]) * _LINE + 2 * _PAD
        for box in _by_parents(rows[rank], arrows, spots):
            spots[box.id] = _Spot(rank, x, y, widths[box.id], height)
            x += widths[box.id] + _GAP
        y += height + _RISE
    return spots


def _width(box: Box, arrows: Sequence[Arrow]) -> float:
    """Wide enough for its own lines and for the words on each arrow that ends in it."""
    lines = [*box.lines, *(arrow.label for arrow in arrows if arrow.target == box.id)]
    return max(len(_shown(line)) for line in lines) * _CHAR + 2 * _PAD


def _ranks(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> dict[str, int]:
    """One below the lowest box that leads here, links that close a loop left aside."""
    forward = _without_loops(boxes, arrows)
    ranks = {box.id: 0 for box in boxes}
    for _ in boxes:  # the longest way visits each box once, so this many rounds settle all
        for source, target in forward:
            ranks[target] = max(ranks[target], ranks[source] + 1)
    return ranks


def _without_loops(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> list[tuple[str, str]]:
    """The arrows, in order, but for those that lead back to a box that is still being followed."""
    leads = {box.id: [arrow.target for arrow in arrows if arrow.source == box.id] for box in boxes}
    kept: list[tuple[str, str]] = []
    done: set[str] = set()
    for box in boxes:
        trail: list[tuple[str, int]] = [] if box.id in done else [(box.id, 0)]
        on_trail = {box.id}
        while trail:
            here, position = trail.pop()
            if position == len(leads[here]):
                on_trail.discard(here)
                done.add(here)
                continue
            trail.append((here, position + 1))
            target = leads[here][position]
            if target in on_trail:
                continue
            kept.append((here, target))
            if target not in done:
                trail.append((target, 0))
                on_trail.add(target)
    return kept


def _by_parents(row: Sequence[Box], arrows: Sequence[Arrow], spots: Mapping[str, _Spot]) -> list[Box]:
    """A rank's boxes, each as far left as those that lead to it: fewer arrows cross."""

    def pull(box: Box) -> float:
        above = [
            spots[arrow.source].middle for arrow in arrows if arrow.target == box.id and arrow.source in spots
        ]
        return sum(above) / len(above) if above else 0.0

    return sorted(row, key=pull)


# --- marks --------------------------------------------------------------------------------------------


def _drawn(spot: _Spot, box: Box) -> str:
    fill, line = COLOURS[box.colour]
    top = spot.y + (spot.height - len(box.lines) * _LINE) / 2 + 13
    texts = "".join(
        f'<text x="{spot.middle:.1f}" y="{top + index * _LINE:.1f}" text-anchor="middle" fill="#1f2328" '
        f'font-weight="{400 if index else 600}">{escape(_shown(text))}</text>'
        for index, text in enumerate(box.lines)
    )
    size = f'width="{spot.width:.1f}" height="{spot.height:.1f}"'
    look = f'rx="6" fill="{fill}" stroke="{line}" stroke-width="1.5"'
    return f'<g><rect x="{spot.x:.1f}" y="{spot.y:.1f}" {size} {look}/>{texts}</g>'


def _straight(source: _Spot, target: _Spot, label: str) -> str:
    x1, y1, x2, y2 = source.middle, source.y + source.height, target.middle, target.y - 2
    bend = (y2 - y1) / 2
    path = f"M{x1:.1f} {y1:.1f}C{x1:.1f} {y1 + bend:.1f} {x2:.1f} {y2 - bend:.1f} {x2:.1f} {y2:.1f}"
    return _line(path) + _words(label, x2, y2 - 16, "middle")


def _bent(source: _Spot, target: _Spot, label: str, right: float) -> str:
    x1, y1 = source.x + source.width, source.y + source.height / 2
    x2, y2 = target.x + target.width + 2, target.y + target.height / 2
    path = f"M{x1:.1f} {y1:.1f}C{right:.1f} {y1:.1f} {right:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    return _line(path) + _words(label, right - _GAP / 2, (y1 + y2) / 2 + 4, "start")


def _line(path: str) -> str:
    return f'<path d="{path}" fill="none" stroke="#57606a" stroke-width="1.3" marker-end="url(#tip)"/>'


def _words(label: str, x: float, y: float, anchor: str) -> str:
    if not label:
        return ""
    # the white rim keeps words readable where a line runs behind them
    rim = 'stroke="#ffffff" stroke-width="4" paint-order="stroke"'
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#57606a" font-size="12" {rim}>'
        f"{escape(_shown(label))}</text>"
    )


def _one_line(text: str) -> str:
    """Without line ends and control characters, which XML does not take."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _shown(text: str) -> str:
    line = _one_line(text)
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "\u2026"


def _entities(text: str) -> str:
    """Text that can't end a Mermaid string or start markup."""
    return "".join(
        char if char.isalnum() or char in " -_.,:/*()+=" else f"#{ord(char)};" for char in _shown(text)
    )
