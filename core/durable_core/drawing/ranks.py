"""The ranks of a picture: which box is below which, and what is beside what.

These are the first steps of every layered drawing. Arrows that would close a circle are turned round. Each
box gets the rank of the longest way to it. An arrow gets a place of its own in each rank that it passes, the
first of them for its words, so that no arrow ever runs through a box. The order within a rank is improved by
moving each place to the mean of its neighbours, down and up in turn; that with the fewest crossings is kept.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from graphlib import TopologicalSorter
from itertools import pairwise
from typing import Final

from durable_core.drawing.pictures import Arrow, Picture
from durable_core.frozen import frozen

SWEEPS: Final = 24
"""How often the ranks are put in order, down and up; small pictures settle after five."""

EFFORT: Final = 100_000
"""Moves of places that a picture is worth, a second or two: one too large to look at gets fewer sweeps."""

Place = tuple[str, int]
"""A box's name and -1, or an arrow's number (as text) and the rank that it passes."""


@frozen()
class Ranks:
    """``rows`` are the places of each rank, left to right, from the top.

    ``courses`` are the places that an arrow passes, from top to bottom, by the arrow's number; an arrow from
    a box to itself has none. ``turned`` are the arrows whose course runs against them.
    """

    rows: tuple[tuple[Place, ...], ...]
    courses: Mapping[int, tuple[Place, ...]]
    turned: frozenset[int]


def ranked(picture: Picture) -> Ranks:
    """The ranks of ``picture``, in order."""
    turned = _turned(picture)
    rank = _longest_ways(picture, turned)
    rows: dict[int, list[Place]] = defaultdict(list)
    for box in picture.boxes:
        rows[rank[box.name]].append((box.name, -1))
    courses: dict[int, tuple[Place, ...]] = {}
    for number, arrow in enumerate(picture.arrows):
        if arrow.source == arrow.target:
            continue
        top, bottom = _downwards(arrow, number in turned)
        between = [(f"{number}", passed) for passed in range(rank[top] + 1, rank[bottom])]
        for place in between:
            rows[place[1]].append(place)
        courses[number] = ((top, -1), *between, (bottom, -1))
    return Ranks(_ordered([rows[number] for number in sorted(rows)], courses.values()), courses, turned)


def sweeps(most: int, rows: Sequence[Sequence[Place]]) -> int:
    """How often to go over ``rows``: ``most`` times, but for large pictures, which get at least two."""
    return max(2, min(most, EFFORT // max(1, sum(map(len, rows)))))


def neighbours(
    courses: Iterable[tuple[Place, ...]],
) -> tuple[Mapping[Place, Sequence[Place]], Mapping[Place, Sequence[Place]]]:
    """What is above each place on some course, and what below; () for a place on none."""
    above: dict[Place, list[Place]] = defaultdict(list)
    below: dict[Place, list[Place]] = defaultdict(list)
    for course in courses:
        for upper, lower in pairwise(course):
            above[lower].append(upper)
            below[upper].append(lower)
    return above, below


def _downwards(arrow: Arrow, turned: bool) -> tuple[str, str]:
    return (arrow.target, arrow.source) if turned else (arrow.source, arrow.target)


def _turned(picture: Picture) -> frozenset[int]:
    """The numbers of the arrows that lead back to where the path to them came from."""
    leaving: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, arrow in enumerate(picture.arrows):
        leaving[arrow.source].append((number, arrow.target))
    turned: set[int] = set()
    done: set[str] = set()
    for box in picture.boxes:
        if box.name in done:
            continue
        trail = [(box.name, iter(leaving[box.name]))]  # no recursion: a chain may have thousands of steps
        on_trail = {box.name}
        while trail:
            here, ways = trail[-1]
            for number, target in ways:
                if target in on_trail:
                    turned.add(number)
                elif target not in done:
                    trail.append((target, iter(leaving[target])))
                    on_trail.add(target)
                    break
            else:
                trail.pop()
                on_trail.discard(here)
                done.add(here)
    return frozenset(turned)


def _longest_ways(picture: Picture, turned: frozenset[int]) -> dict[str, int]:
    """The rank of each box: twice the longest way to it, so that a rank for words lies between two."""
    before: dict[str, list[str]] = {box.name: [] for box in picture.boxes}
    for number, arrow in enumerate(picture.arrows):
        if arrow.source != arrow.target:
            top, bottom = _downwards(arrow, number in turned)
            before[bottom].append(top)
    rank: dict[str, int] = {}
    for name in TopologicalSorter(before).static_order():
        rank[name] = max((rank[top] + 2 for top in before[name]), default=0)
    return rank


def _ordered(rows: list[list[Place]], courses: Iterable[tuple[Place, ...]]) -> tuple[tuple[Place, ...], ...]:
    above, below = neighbours(courses)
    position = {place: index for row in rows for index, place in enumerate(row)}
    best = tuple(map(tuple, rows))
    fewest = _crossings(best, below, position)
    for sweep in range(sweeps(SWEEPS, rows)):
        if not fewest:
            break
        downwards = sweep % 2 == 0
        for row in rows if downwards else reversed(rows):
            row.sort(key=_mean_of(above if downwards else below, position))
            position.update((place, index) for index, place in enumerate(row))
        crossings = _crossings(rows, below, position)
        if crossings < fewest:
            best, fewest = tuple(map(tuple, rows)), crossings
    return best


def _mean_of(
    near: Mapping[Place, Sequence[Place]], position: Mapping[Place, int]
) -> Callable[[Place], float]:
    def mean(place: Place) -> float:
        beside = near.get(place)
        if not beside:
            return float(position[place])
        return sum(position[one] for one in beside) / len(beside)

    return mean


def _crossings(
    rows: Iterable[Iterable[Place]], below: Mapping[Place, Sequence[Place]], position: Mapping[Place, int]
) -> int:
    """How many arrows cross between two ranks: ends that lie left of an earlier arrow's end."""
    count = 0
    for row in rows:
        ends: list[int] = []
        for place in row:
            reached = [position[one] for one in below.get(place, ())]
            count += sum(len(ends) - bisect_right(ends, end) for end in reached)
            for end in reached:
                insort(ends, end)
    return count
