"""A picture as SVG: plain text, readable in any browser, the same at every run.

Sizes are in pixels at 96 dpi.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from markupsafe import escape

from durable_core.drawing.colours import COLOURS, FAINT, INK, PAPER
from durable_core.drawing.layout import Course, Layout, Point, Size, lay_out
from durable_core.drawing.lettering import LONGEST_TITLE, shown, width
from durable_core.drawing.pictures import Box, Picture

_FONT: Final = "Arial, 'Liberation Sans', Helvetica, sans-serif"
_TEXT, _SMALL = 13, 11
_LINE, _SMALL_LINE = 18.0, 14.0
_BOLD: Final = 1.08
"""How much wider bold letters are."""

_PADDING, _MARGIN, _TITLE = 12.0, 20.0, 34.0
_DOT, _LOOP = 14.0, 26.0
"""Width of the dot where a machine begins, and of an arrow from a box to itself."""


def svg(picture: Picture) -> str:
    """``picture`` as an SVG document, ending in a newline. Whatever its text holds, it is drawn as text."""
    title = shown(picture.title, LONGEST_TITLE)
    sizes = {box.name: _size(box) for box in picture.boxes}
    words = [_words_size(arrow.lines) for arrow in picture.arrows]
    loops = _loops(picture)
    outer = {
        name: (sizes[name][0], max(sizes[name][1], _words_size(lines)[1])) for name, lines in loops.items()
    }
    rooms = {name: _LOOP + _words_size(lines)[0] for name, lines in loops.items()}
    layout = lay_out(picture, sizes | outer, words, rooms)
    across = max(layout.size[0], width(title, _TEXT) * _BOLD) + 2 * _MARGIN
    down = layout.size[1] + 2 * _MARGIN + _TITLE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across:.0f}" height="{down:.0f}" '
        f'viewBox="0 0 {across:.0f} {down:.0f}" font-family="{_FONT}" font-size="{_TEXT}" '
        f'role="img" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>",
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        f'orient="auto"><path d="M0 0L10 5L0 10z" fill="{FAINT}"/></marker></defs>',
        f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>',
        f'<text x="{_MARGIN:.0f}" y="{_MARGIN + 10:.0f}" font-weight="600" fill="{INK}">'
        f"{escape(title)}</text>",
        f'<g transform="translate({(across - layout.size[0]) / 2:z.1f} {_MARGIN + _TITLE:z.1f})">',
        *(_line(_course(course)) for course in layout.courses if course is not None),
        *_words(picture, layout),
        *(mark for name, lines in loops.items() for mark in _loop(layout.boxes[name], sizes[name], lines)),
        *(_drawn(box, layout.boxes[box.name], sizes[box.name]) for box in picture.boxes),
        "</g>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _loops(picture: Picture) -> Mapping[str, tuple[str, ...]]:
    """The words of the arrows from a box to itself, by the box: they are drawn as one arrow."""
    loops: dict[str, tuple[str, ...]] = {}
    for arrow in picture.arrows:
        if arrow.source == arrow.target:
            loops[arrow.source] = loops.get(arrow.source, ()) + arrow.lines
    return loops


def _size(box: Box) -> Size:
    if box.kind == "start":
        return _DOT, _DOT
    widest = max((width(shown(line), _TEXT) for line in box.lines), default=0.0)
    return widest * _BOLD + 2 * _PADDING, len(box.lines) * _LINE + _PADDING


def _corner(x: float, y: float, across: float, down: float) -> str:
    """The attributes of a rectangle of this size around a point. No number is written as minus nought."""
    return f'x="{x - across / 2:z.1f}" y="{y - down / 2:z.1f}" width="{across:z.1f}" height="{down:z.1f}"'


def _words_size(lines: Sequence[str]) -> Size:
    if not lines:
        return 0.0, 0.0
    return max(width(shown(line), _SMALL) for line in lines) + 8, len(lines) * _SMALL_LINE + 4


def _drawn(box: Box, at: Point, size: Size) -> str:
    fill, line = COLOURS[box.kind]
    x, y = at
    if box.kind == "start":
        return f'<circle cx="{x:z.1f}" cy="{y:z.1f}" r="{_DOT / 2:z.1f}" fill="{fill}"/>'
    top = y - (len(box.lines) - 1) * _LINE / 2 + 4.5
    texts = "".join(
        f'<text x="{x:z.1f}" y="{top + index * _LINE:z.1f}" text-anchor="middle" fill="{INK}" '
        f'font-weight="{400 if index else 600}">{escape(shown(text))}</text>'
        for index, text in enumerate(box.lines)
    )
    corner = _corner(x, y, *size)
    return f'<g><rect {corner} rx="8" fill="{fill}" stroke="{line}" stroke-width="1.5"/>{texts}</g>'


def _line(path: str) -> str:
    return f'<path d="{path}" fill="none" stroke="{FAINT}" stroke-width="1.3" marker-end="url(#tip)"/>'


def _course(course: Course) -> str:
    """A smooth line through the points: upright at each, bent between those that are not above each other."""
    points = course.points
    parts = [f"M{points[0][0]:z.1f} {points[0][1]:z.1f}"]
    for (x, y), (next_x, next_y) in pairwise(points):
        if abs(next_x - x) < 0.05:
            parts.append(f"L{next_x:z.1f} {next_y:z.1f}")
        else:
            half = (next_y - y) / 2
            parts.append(
                f"C{x:z.1f} {y + half:z.1f} {next_x:z.1f} {next_y - half:z.1f} {next_x:z.1f} {next_y:z.1f}"
            )
    return "".join(parts)


def _words(picture: Picture, layout: Layout) -> Iterator[str]:
    for arrow, course in zip(picture.arrows, layout.courses, strict=True):
        if course is not None and arrow.lines:
            x, y = course.words
            across, down = _words_size(arrow.lines)
            corner = _corner(x, y, across, down)
            yield f'<rect {corner} fill="{PAPER}"/>'  # only their own arrow runs behind them
            yield from _lettered(course.words, arrow.lines, "middle")


def _loop(at: Point, size: Size, lines: Sequence[str]) -> Iterator[str]:
    """The arrow from a box to itself, on its right."""
    x, y = at[0] + size[0] / 2, at[1]
    rise = min(size[1] / 4, _LOOP / 2)
    yield _line(
        f"M{x:z.1f} {y - rise:z.1f}C{x + _LOOP:z.1f} {y - 2 * rise:z.1f} "
        f"{x + _LOOP:z.1f} {y + 2 * rise:z.1f} {x:z.1f} {y + rise:z.1f}"
    )
    yield from _lettered((x + _LOOP, y), lines, "start")


def _lettered(at: Point, lines: Sequence[str], anchor: str) -> Iterator[str]:
    top = at[1] - (len(lines) - 1) * _SMALL_LINE / 2 + 3.8
    for index, text in enumerate(lines):
        yield (
            f'<text x="{at[0]:z.1f}" y="{top + index * _SMALL_LINE:z.1f}" text-anchor="{anchor}" '
            f'font-size="{_SMALL}" fill="{FAINT}">{escape(shown(text))}</text>'
        )
