"""What both readers share: their result, their bounds, and the numbers they refuse."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import field
from math import isfinite
from typing import Final, TypeVar

from durable_core.frozen import frozen
from durable_core.persistent.frozen_dict import JSON
from durable_core.spec.problems import Problem, parts_of, pointer_of

_T = TypeVar("_T")

Position = tuple[int, int]
"""A line and a column, both from 1; columns count characters."""

MAX_BYTES: Final = 10 * 1024 * 1024
"""Largest spec file, in bytes of UTF-8: the format's own limit of 10 MB."""

MAX_VALUES: Final = 100_000
"""Most values (texts, numbers, lists, mappings) with aliases written out. Ten aliases of ten aliases of ten
aliases make a small file a large one; this is far above any workflow and still quick to check."""

MAX_DOCUMENT_DEPTH: Final = 100
"""Most levels of lists and mappings inside each other. A workflow needs about ten, schemas a few more."""

MAX_NUMBER_DIGITS: Final = 400
"""Longest number, in characters. The largest finite double has 309 digits."""

MAX_KEY: Final = 500
"""Longest key, in characters: each problem below it repeats it, and a file may have very many."""


class SourcePlace:
    """A value of a document that is being read: where it stands, and what holds it.

    A tree of places takes as much memory as the document has values. Pointers alone would repeat all keys
    above a value for each value, and so grow with the square of the document. ``position`` is that of the
    key or item; ``inner`` has the places below by key or index. ``written`` is how a number or boolean was
    written that JSON would write in another way.
    """

    __slots__ = ("holder", "inner", "key", "position", "written")

    def __init__(self, holder: SourcePlace | None = None, key: str = "", position: Position = (1, 1)) -> None:
        self.holder = holder
        self.key = key
        self.position = position
        self.inner: dict[str, SourcePlace] | None = None
        self.written: str | None = None

    def add(self, key: str, position: Position) -> SourcePlace:
        """The place of ``key`` in this one, noted; one that stands there already stays as it is."""
        made = SourcePlace(self, key, position)
        if self.inner is None:
            self.inner = {}
        self.inner.setdefault(key, made)
        return made

    def at(self, key: str) -> SourcePlace | None:
        """The noted place of ``key``, or None."""
        return None if self.inner is None else self.inner.get(key)

    def below(self, pointer: str) -> SourcePlace | None:
        """The noted place that ``pointer`` leads to from here, or None."""
        place: SourcePlace | None = self
        for part in parts_of(pointer):
            place = None if place is None else place.at(part)
        return place

    @property
    def pointer(self) -> str:
        """The JSON pointer of the value."""
        parts: list[str] = []
        place = self
        while place.holder is not None:
            parts.append(place.key)
            place = place.holder
        return pointer_of(*reversed(parts))


class _Noted(Mapping[str, _T]):
    """What was noted at the places below ``root``, by JSON pointer."""

    def __init__(self, root: SourcePlace) -> None:
        self.root = root

    @abstractmethod
    def _of(self, place: SourcePlace) -> _T | None:
        """The note at ``place``, or None."""

    def __getitem__(self, pointer: str) -> _T:
        place = self.root.below(pointer)
        found = None if place is None else self._of(place)
        if found is None:
            raise KeyError(pointer)
        return found

    def places(self) -> Iterator[SourcePlace]:
        """The places with a note, from the first to the last."""
        left = [self.root]
        while left:
            place = left.pop()
            if self._of(place) is not None:
                yield place
            left += reversed((place.inner or {}).values())

    def __iter__(self) -> Iterator[str]:
        return (place.pointer for place in self.places())

    def __len__(self) -> int:
        return sum(1 for _ in self.places())


class Positions(_Noted[Position]):
    """The position of each mapping entry's key and of each list item."""

    def _of(self, place: SourcePlace) -> Position | None:
        return None if place is self.root else place.position


class Spellings(_Noted[str]):
    """How numbers and booleans were written that JSON would write in another way."""

    def _of(self, place: SourcePlace) -> str | None:
        return place.written


@frozen()
class Reading:
    """What a reader got: data, what is wrong, and the places of all values. ``data`` is None for none."""

    data: JSON
    problems: tuple[Problem, ...]
    root: SourcePlace = field(default_factory=SourcePlace)

    @property
    def positions(self) -> Positions:
        """The positions of the values, by JSON pointer."""
        return Positions(self.root)


class ReadingStopped(Exception):
    """Reading cannot go on; carries the problem that says why. Never leaves the readers."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def long_key(key: str, place: SourcePlace, position: Position) -> Problem:
    """The problem of a key that is longer than we take."""
    return Problem(
        f"The key '{key[:40]}...' has {len(key):,} characters; the most is {MAX_KEY}.",
        place.pointer,
        *position,
        hint="Give the entry a short name, and put the text into its value.",
    )


def too_many(pointer: str, line: int, column: int) -> Problem:
    """The problem of a document that holds more values than we take."""
    return Problem(
        f"The file holds more than {MAX_VALUES:,} values when its aliases are written out.",
        pointer,
        line,
        column,
        hint="Use fewer aliases (*name), or none inside each other.",
    )


def too_deep(pointer: str, line: int, column: int) -> Problem:
    """The problem of a document that is nested deeper than we take."""
    return Problem(
        f"The file is nested more than {MAX_DOCUMENT_DEPTH} levels deep.",
        pointer,
        line,
        column,
        hint="Look for brackets or indentation that never end.",
    )


def duplicate_key(key: str, pointer: str, place: Position, first: Position) -> Problem:
    """The problem of a key that its mapping already has."""
    return Problem(
        f"The key '{key}' is there twice; it was first given in line {first[0]}.",
        pointer,
        *place,
        hint="Remove one of the two, or rename it.",
    )


def number_trouble(text: str) -> str | None:
    """Why the number written as ``text`` cannot be taken, or None when it can."""
    if len(text) > MAX_NUMBER_DIGITS:
        return f"The number has {len(text):,} characters; the most is {MAX_NUMBER_DIGITS}."
    if not isfinite(float(text)):
        return f"'{text}' is not a number that can be stored."
    return None
