"""JSON, read for its data and its positions, within bounds.

The standard library parses; a second walk over the tokens of the text, by then known to be JSON, notes where
each key and item stands and what the parser lets pass: duplicate keys and numbers that cannot be stored.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Final

from durable_core.persistent.frozen_dict import freeze
from durable_core.spec.problems import MAX_PROBLEMS, MORE, Problem
from durable_core.spec.reading import (
    MAX_DOCUMENT_DEPTH,
    MAX_KEY,
    MAX_NUMBER_DIGITS,
    MAX_VALUES,
    Position,
    Reading,
    ReadingStopped,
    SourcePlace,
    duplicate_key,
    long_key,
    number_trouble,
    too_deep,
    too_many,
)

# Possessive: nothing is kept to go back to, which took a hundred bytes a character. A text without an end
# goes to the end of the file, so that the file is not looked through again from each quote in it.
_TOKEN: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)
_HINTS: Final = (
    ("property name", "JSON allows no comma after the last entry, no comments, and only double quotes."),
    ("delimiter", "Look for a missing comma or colon, or a quote inside a text that needs a backslash."),
    ("Extra data", "Keep one workflow in a file; remove what stands after its last brace."),
    ("control character", "Write a line break inside a text as \\n and a tab as \\t."),
)
_ELSE: Final = "Check the brackets, commas and quotes around this place."


def read_json(text: str) -> Reading:
    """The value in ``text``; the parser's problem, or all that the parser lets pass."""
    if not text.strip():
        return Reading(None, ())
    lines = _Lines(text)
    beyond = _beyond_bounds(text, lines)
    if beyond:
        return Reading(None, (beyond,))
    try:
        # a number that can't be taken is a problem of its own, noted by the walk below
        data = json.loads(text, parse_int=_whole_number, parse_float=_number, parse_constant=_number)
    except json.JSONDecodeError as error:
        return Reading(None, (_syntax_problem(error),))
    walk = _Walk(lines)
    try:
        for token, position in _tokens(text, lines):
            walk.take(token, position)
    except ReadingStopped as stopped:
        return Reading(None, (*walk.problems, stopped.problem))
    return Reading(freeze(data), tuple(walk.problems), walk.root)


def _whole_number(digits: str) -> int:
    return int(digits) if len(digits) <= MAX_NUMBER_DIGITS else 0


def _number(text: str) -> float:
    number = float(text)
    return number if isfinite(number) else 0.0


class _Lines:
    """Where each line of a text begins."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def place(self, index: int) -> Position:
        """The line and column of the character at ``index``."""
        line = bisect_right(self.starts, index)
        return line, index - self.starts[line - 1] + 1


def _tokens(text: str, lines: _Lines) -> Iterator[tuple[str, Position]]:
    for found in _TOKEN.finditer(text):
        yield found.group(), lines.place(found.start())


def _beyond_bounds(text: str, lines: _Lines) -> Problem | None:
    """The bound that ``text`` breaks, if any; looked at before parsing: the text may be anything."""
    depth = values = 0
    for token, place in _tokens(text, lines):
        if token in "{[":
            depth += 1
            if depth > MAX_DOCUMENT_DEPTH:
                return too_deep("", *place)
        elif token in "}]":
            depth -= 1
        values += token not in ":,}]"
        if values > 2 * MAX_VALUES:  # keys were counted too, and there is one to a value at most
            return too_many("", *place)
    return None


@dataclass(slots=True)
class _Open:
    """A list or mapping that the walk is inside of; ``key`` is the place of the entry whose value is due."""

    place: SourcePlace
    is_mapping: bool
    items: int = 0
    key: SourcePlace | None = None


class _Walk:
    """The walk over the tokens of a text that is known to be JSON."""

    def __init__(self, lines: _Lines) -> None:
        self.lines = lines
        self.root = SourcePlace()
        self.problems: list[Problem] = []
        self.open: list[_Open] = []

    def take(self, token: str, position: Position) -> None:
        """Go on by one token. Raises ReadingStopped for a key that is too long, or too many problems."""
        if token in ":,":
            return
        if token in "}]":
            self.open.pop()
            return
        inside = self.open[-1] if self.open else None
        if inside and inside.is_mapping and inside.key is None:
            self._key(inside, token, position)
            return
        place = self._value(inside, position)
        if token in "{[":
            self.open.append(_Open(place, token == "{"))
        elif token[0] not in '"tfn' and (trouble := number_trouble(token)):
            self._note(Problem(trouble, place.pointer, *position, hint="Quote it if it is text."))

    def _key(self, inside: _Open, token: str, position: Position) -> None:
        key: str = json.loads(token)
        if len(key) > MAX_KEY:
            raise ReadingStopped(long_key(key, inside.place, position))
        first = inside.place.at(key)
        inside.key = inside.place.add(key, position)
        if first is not None:
            self._note(duplicate_key(key, inside.key.pointer, position, first.position))

    def _value(self, inside: _Open | None, position: Position) -> SourcePlace:
        if inside is None:
            return self.root
        if inside.key is not None:
            place, inside.key = inside.key, None
            return place
        inside.items += 1
        return inside.place.add(str(inside.items - 1), position)

    def _note(self, problem: Problem) -> None:
        if len(self.problems) == MAX_PROBLEMS:
            raise ReadingStopped(MORE)
        self.problems.append(problem)


def _syntax_problem(error: json.JSONDecodeError) -> Problem:
    hint = next((hint for words, hint in _HINTS if words in error.msg), _ELSE)
    message = error.msg[:1].lower() + error.msg[1:]
    return Problem(f"The file is not valid JSON: {message}.", "", error.lineno, error.colno, hint=hint)
