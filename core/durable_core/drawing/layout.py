"""Where the boxes and arrows of a picture go, in pixels.

An arrow runs straight down through every rank and bends only between two, where nothing is: so it touches
no box but those at its ends, and no words but its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from durable_core.drawing.across import shifted
from durable_core.drawing.pictures import Picture
from durable_core.drawing.ranks import Place, Ranks, neighbours, ranked
from durable_core.frozen import frozen

RANK_GAP: Final = 26.0
"""Pixels between two ranks, at least."""

STEEPNESS: Final = 0.11
"""Ranks are further apart where an arrow goes far to the side: by this share of how far."""

STUB: Final = 9.0
"""Pixels that an arrow runs straight before it meets a box: the length of its tip."""

Size = tuple[float, float]
Point = tuple[float, float]


@frozen()
class Course:
    """The course of one arrow: points from its source to its target, and the middle of its words."""

    points: tuple[Point, ...]
    words: Point


@frozen()
class Layout:
    """The middle of each box, the course of each arrow (None from a box to itself), and the size of all."""

    boxes: Mapping[str, Point]
    courses: tuple[Course | None, ...]
    size: Size


def lay_out(
    picture: Picture, boxes: Mapping[str, Size], words: Sequence[Size], rooms: Mapping[str, float]
) -> Layout:
    """Places for all of ``picture``, in pixels.

    ``boxes`` are the sizes of the boxes by name, ``words`` those of the words at each arrow, and ``rooms``
    the widths that are kept free right of boxes.
    """
    ranks = ranked(picture)
    sizes: dict[Place, Size] = {}
    for name, (width, height) in boxes.items():
        sizes[name, -1] = (width + rooms.get(name, 0.0), height)
    for number, course in ranks.courses.items():
        sizes |= dict.fromkeys(course[1:-1], (0.0, 0.0))
        sizes[course[1]] = words[number]
    xs = shifted(ranks, {place: size[0] for place, size in sizes.items()})
    left = min((x - sizes[place][0] / 2 for place, x in xs.items()), default=0.0)
    middles = {
        place: x - left - (rooms.get(place[0], 0.0) / 2 if place[1] == -1 else 0.0) for place, x in xs.items()
    }
    bands, height = _bands(ranks, sizes, middles)
    points = {place: (middles[place], (bands[place][0] + bands[place][1]) / 2) for place in middles}
    width = max((x + sizes[place][0] / 2 for place, x in xs.items()), default=0.0) - left
    return Layout(
        {name: points[name, -1] for name in boxes},
        _courses(len(picture.arrows), ranks, points, bands, boxes),
        (width, height),
    )


def _bands(
    ranks: Ranks, sizes: Mapping[Place, Size], middles: Mapping[Place, float]
) -> tuple[dict[Place, tuple[float, float]], float]:
    """The upper and lower edge of the rank that each place is in, and the height of all."""
    _, below = neighbours(ranks.courses.values())
    bands: dict[Place, tuple[float, float]] = {}
    top, bottom = 0.0, 0.0
    for row in ranks.rows:
        bottom = top + max(sizes[place][1] for place in row)
        bands |= dict.fromkeys(row, (top, bottom))
        swings = [abs(middles[one] - middles[place]) for place in row for one in below.get(place, ())]
        top = bottom + max(RANK_GAP, STEEPNESS * max(swings, default=0.0))
    return bands, bottom


def _courses(
    count: int,
    ranks: Ranks,
    points: Mapping[Place, Point],
    bands: Mapping[Place, tuple[float, float]],
    boxes: Mapping[str, Size],
) -> tuple[Course | None, ...]:
    ends = _ends(ranks.courses, points, boxes)
    drawn: list[Course | None] = []
    for number in range(count):
        if number not in ranks.courses:
            drawn.append(None)
            continue
        course = ranks.courses[number]
        (start, end), inner = ends[number], course[1:-1]
        down = [start, (start[0], bands[course[0]][1] + STUB)]
        for place in inner:
            down += [(points[place][0], edge) for edge in bands[place]]
        down += [(end[0], bands[course[-1]][0] - STUB), end]
        drawn.append(Course(tuple(reversed(down) if number in ranks.turned else down), points[inner[0]]))
    return tuple(drawn)


def _ends(
    courses: Mapping[int, tuple[Place, ...]], points: Mapping[Place, Point], boxes: Mapping[str, Size]
) -> dict[int, tuple[Point, Point]]:
    """Where each arrow's course leaves the lower side of one box and meets the upper side of the next."""
    leaving: dict[str, list[tuple[float, int]]] = defaultdict(list)
    meeting: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for number, course in courses.items():
        leaving[course[0][0]].append((points[course[1]][0], number))
        meeting[course[-1][0]].append((points[course[-2]][0], number))
    lower: dict[int, Point] = {}
    upper: dict[int, Point] = {}
    for name in boxes:
        lower |= _spread(points[name, -1], boxes[name], leaving[name], 0.5)
        upper |= _spread(points[name, -1], boxes[name], meeting[name], -0.5)
    return {number: (lower[number], upper[number]) for number in courses}


def _spread(at: Point, size: Size, courses: list[tuple[float, int]], side: float) -> dict[int, Point]:
    """A point on a box's side (half a height below or above its middle) for each course, left to right."""
    width, height = size
    step = width * 0.7 / (len(courses) + 1)
    first = at[0] - width * 0.35
    return {
        number: (first + step * place, at[1] + height * side)
        for place, (_, number) in enumerate(sorted(courses), start=1)
    }
