"""What both readers share: their result, their bounds, and the numbers they refuse."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Final

from durable_core.frozen import frozen
from durable_core.persistent.frozen_dict import JSON, FrozenDict
from durable_core.spec.problems import Problem

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


@frozen()
class Reading:
    """What a reader got: data, positions by JSON pointer, and what is wrong. ``data`` is None for none.

    ``written`` has, by pointer, how numbers and booleans were written that JSON would write in another way.
    """

    data: JSON
    positions: Mapping[str, Position]
    problems: tuple[Problem, ...]
    written: Mapping[str, str] = FrozenDict()


class ReadingStopped(Exception):
    """Reading cannot go on; carries the problem that says why. Never leaves the readers."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


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
