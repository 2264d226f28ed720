"""The places of a picture from left to right: near what they lead to, upright where they can be.

First each rank in turn is put as near to the means of its neighbours as its order and the gaps allow. Then
the places of one arrow, taken together, and each box alone, are moved as far as their neighbours in the rank
let them, which makes long arrows straight.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import fsum, inf
from typing import Final

from durable_core.drawing.ranks import Place, Ranks, neighbours, sweeps
from durable_core.frozen import frozen

GAP: Final = 28.0
"""Pixels between two things of one rank."""

SETTLING: Final = 24
"""How often places are moved towards the means of their neighbours; further moves are hardly seen."""

STRAIGHTENING: Final = 12
"""How often arrows are made straight: each time may make room for the next."""


def shifted(ranks: Ranks, widths: Mapping[Place, float]) -> dict[Place, float]:
    """The middle of each place across, in pixels from an origin of its own."""
    above, below = neighbours(ranks.courses.values())
    beside = {place: (*above.get(place, ()), *below.get(place, ())) for row in ranks.rows for place in row}
    xs: dict[Place, float] = {}
    for row in ranks.rows:
        at = 0.0
        for place in row:
            xs[place] = at + widths[place] / 2
            at += widths[place] + GAP
    for sweep in range(sweeps(SETTLING, ranks.rows)):
        for row in ranks.rows if sweep % 2 == 0 else reversed(ranks.rows):
            near = beside if sweep else above  # at first, what is below has no place yet
            wishes = [_mean([xs[one] for one in near.get(place, ())] or [xs[place]]) for place in row]
            xs.update(zip(row, _apart(wishes, [widths[place] for place in row]), strict=True))
    _straighten(ranks, widths, beside, xs)
    return xs


def _mean(numbers: Sequence[float]) -> float:
    return fsum(numbers) / len(numbers)  # the same in each version of Python


def _apart(wishes: Sequence[float], widths: Sequence[float]) -> list[float]:
    """The middles closest to ``wishes`` (in squares) that keep the order and ``GAP`` between the things."""
    offsets = [0.0]
    for before, after in pairwise(widths):
        offsets.append(offsets[-1] + before / 2 + GAP + after / 2)
    # with the offsets taken off, the places only have to rise: pool neighbours that do not
    pools: list[tuple[float, int]] = []
    for wish, offset in zip(wishes, offsets, strict=True):
        total, count = wish - offset, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            before_total, number = pools.pop()
            total, count = total + before_total, count + number
        pools.append((total, count))
    flat = [total / count for total, count in pools for _ in range(count)]
    return [x + offset for x, offset in zip(flat, offsets, strict=True)]


@frozen()
class _Room:
    """How far each place may move between its neighbours in the rank."""

    widths: Mapping[Place, float]
    left: Mapping[Place, Place]
    right: Mapping[Place, Place]

    def of(self, place: Place, xs: Mapping[Place, float]) -> tuple[float, float]:
        """The least and the greatest x that the middle of ``place`` may have."""
        low, high = -inf, inf
        if place in self.left:
            low = xs[self.left[place]] + self._apart(self.left[place], place)
        if place in self.right:
            high = xs[self.right[place]] - self._apart(place, self.right[place])
        return low, high

    def _apart(self, left: Place, right: Place) -> float:
        return (self.widths[left] + self.widths[right]) / 2 + GAP


def _straighten(
    ranks: Ranks,
    widths: Mapping[Place, float],
    beside: Mapping[Place, Sequence[Place]],
    xs: dict[Place, float],
) -> None:
    pairs = [pair for row in ranks.rows for pair in pairwise(row)]
    room = _Room(widths, {right: left for left, right in pairs}, dict(pairs))
    for _ in range(sweeps(STRAIGHTENING, ranks.rows)):
        for top, *inner, bottom in ranks.courses.values():
            wish = _mean((xs[top], xs[bottom]))
            for run, low, high in _runs(inner, room, xs):
                xs.update(dict.fromkeys(run, _within(wish, low, high)))
        for place in (place for row in ranks.rows for place in row if place[1] == -1):
            low, high = room.of(place, xs)
            # a box that nothing leads to or from goes to the left, where the others are
            wish = _mean([xs[one] for one in beside[place]] or [low if low > -inf else xs[place]])
            xs[place] = _within(wish, low, high)


def _within(x: float, low: float, high: float) -> float:
    # the gaps are kept to the last bit of a float, so low may be above high by that
    return max(low, min(x, high))


def _runs(
    course: Sequence[Place], room: _Room, xs: Mapping[Place, float]
) -> Iterator[tuple[list[Place], float, float]]:
    """``course`` in pieces, as long as can be, that can be upright, and how far each may move."""
    run: list[Place] = []
    low, high = -inf, inf
    for place in course:
        left, right = room.of(place, xs)
        if run and max(low, left) > min(high, right):
            yield run, low, high
            run, low, high = [], -inf, inf
        run.append(place)
        low, high = max(low, left), min(high, right)
    yield run, low, high
