"""What one rendering may cost: a meter of work, counted and never timed.

A clock would make the same template fail on a slow machine and pass on a fast one. Instead each operation
whose cost its operands decide is charged before it runs: a turn of a loop by the size of its body, a text by
its length, a comparison or a new list by everything inside it. So a small template cannot buy much work, and
the same template over the same values always stops at the same place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import TypeVar

from jinja2 import Undefined
from jinja2.exceptions import TemplateRuntimeError

MAX_TEXT = 1_048_576
"""Length of a text that a template makes, its result included, in characters: several times the largest
prompt that a model takes today, and little enough that the texts of one rendering fit in memory."""

MAX_ITEMS = 100_000
"""Length of a list or range that a template makes, in items: ten times the units of the largest session
that was measured."""

MAX_WIDTH = 10_000
"""Width to which a format or a filter may pad a text, in columns: wider than any page."""

MAX_BITS = 4_096
"""Size of a whole number that a template makes, in bits: about 1,200 digits, of which Python prints every
one."""

MAX_VALUE_DEPTH = 100
"""Depth of a value that a template looks through, in containers inside each other: deeper ones would take
Python's whole stack."""

FUEL = 1_000_000
"""Work of one rendering, in units of work: about a second, or 100,000 turns of a small loop."""

CHARS_PER_UNIT = 16
"""Text that one unit of work pays for, in characters: a long text costs more than a short one."""

_T = TypeVar("_T")

_SCALARS = frozenset({bool, float, int, type(None)})

_HASHED_MODULO = 2**61 - 1
_NUMBERS = (int, float)
_MAPPINGS = (dict, Mapping)  # Python's own are told at once, and most are
_ITEMS = (list, Sequence, Set, Iterator)

PlainValue = str | int | float | bool | None


class LimitReached(TemplateRuntimeError):
    """The template asked for more than one rendering may cost."""


class Meter:
    """The work left in one rendering. It changes as it is spent, and is dropped with the rendering."""

    __slots__ = ("_looked_at", "fuel")

    def __init__(self, fuel: int = FUEL) -> None:
        self.fuel = fuel
        self._looked_at = 0  # characters of texts in plain data

    def charge(self, units: int) -> None:
        """Pay for work about to be done; raises `LimitReached` when none is left.

        What a template reckons may be less than nothing, which pays nothing back, or NaN, which no bound is
        below.
        """
        if not units <= self.fuel:
            raise LimitReached(f"the template does too much work (more than {FUEL:,} steps)")
        if units > 0:
            self.fuel -= units

    def fits(self, characters: int) -> None:
        """Raise `LimitReached` when no text may have this many characters."""
        if not characters <= MAX_TEXT:
            raise LimitReached(f"the template makes a text of more than {MAX_TEXT:,} characters")

    def room(self, characters: int) -> None:
        """Pay for a text of this many characters about to be made."""
        self.fits(characters)
        self.charge(characters // CHARS_PER_UNIT)

    def items(self, count: int) -> None:
        """Pay for a list of this many items about to be made."""
        if not count <= MAX_ITEMS:
            raise LimitReached(f"the template makes a list of more than {MAX_ITEMS:,} items")
        self.charge(count)

    def width(self, columns: int) -> int:
        """`columns`, when text may be padded that far."""
        if not columns <= MAX_WIDTH:
            raise LimitReached(f"the template pads a text to more than {MAX_WIDTH:,} columns")
        return columns

    def each(self, values: Iterable[_T], units: int = 1) -> Iterator[_T]:
        """The values, one by one, each paid for before it is handed out."""
        for value in values:
            if units > self.fuel:
                self.charge(units)
            self.fuel -= units
            yield value

    def look_up(self, key: object) -> None:
        """Pay for looking for `key` in a list or mapping."""
        if self.fuel > 0 and (key.__class__ in _SCALARS or (key.__class__ is str and len(key) < 64)):
            self.fuel -= 1  # most are short, and two calls more would take longer than the look-up
        else:
            self.weigh(key)

    def weigh(self, value: object) -> int:
        """Pay for looking at everything inside `value`, shared parts as often as met; says how much."""
        before = self.fuel
        self._weigh(value, 0)
        return before - self.fuel

    def _weigh(self, value: object, depth: int) -> None:
        if isinstance(value, str):
            self.charge(1 + len(value) // CHARS_PER_UNIT)
        elif isinstance(value, Mapping):
            self.charge(1)
            _shallow_enough(depth)
            self._weigh_all(value.keys(), depth + 1)
            self._weigh_all(value.values(), depth + 1)
        elif isinstance(value, Sequence | Set):
            self.charge(1)
            _shallow_enough(depth)
            self._weigh_all(value, depth + 1)
        else:
            self.charge(1)

    def _weigh_all(self, values: Iterable[object], depth: int) -> None:
        units = 0
        for value in values:
            # Most have no parts, and a call for each would take longer than all else.
            if value.__class__ in _SCALARS:
                units += 1
            elif value.__class__ is str:
                units += 1 + len(value) // CHARS_PER_UNIT
            else:
                self._weigh(value, depth)
        self.charge(units)

    def plain(self, value: object, depth: int = 0) -> object:
        """`value` as Python's own dicts, lists and scalars, whatever views it is made of, and paid for.

        An iterator becomes a list of what is left in it. Anything else than data raises `TypeError`: its text
        would hold a memory address, which is not the same twice.
        """
        if isinstance(value, str):
            self.charge(1 + len(value) // CHARS_PER_UNIT)
            self._looked_at += len(value)
            return str(value)
        self.charge(1)
        if value is None or isinstance(value, _NUMBERS):
            return value
        if isinstance(value, Undefined):
            return str(value)  # raises: the name is missing
        _shallow_enough(depth)
        if isinstance(value, _MAPPINGS):
            return self._plain_pairs(value.items(), depth + 1)
        if isinstance(value, tuple):
            return tuple(self._plain_all(value, depth + 1))
        if isinstance(value, _ITEMS):
            return self._plain_all(value, depth + 1)
        raise TypeError(f"{kind_of(value)} is not data, so it has no text")

    def _plain_all(self, values: Iterable[object], depth: int) -> list[object]:
        units, characters, data = 0, 0, list[object]()
        for value in values:
            if value.__class__ in _SCALARS:
                units += 1
                data.append(value)
            elif value.__class__ is str:
                characters += (length := len(value))
                units += 1 + length // CHARS_PER_UNIT
                data.append(value)
            else:
                data.append(self.plain(value, depth))
        self._looked_at += characters
        self.charge(units)
        return data

    def _plain_pairs(self, pairs: Iterable[tuple[object, object]], depth: int) -> dict[object, object]:
        units, characters, data = 0, 0, dict[object, object]()
        for key, value in pairs:
            plain_key = key
            if key.__class__ is str:
                characters += (length := len(key))
                units += 1 + length // CHARS_PER_UNIT
            else:
                plain_key = self.plain(key, depth)
            if value.__class__ in _SCALARS:
                units += 1
                data[plain_key] = value
            elif value.__class__ is str:
                characters += (length := len(value))
                units += 1 + length // CHARS_PER_UNIT
                data[plain_key] = value
            else:
                data[plain_key] = self.plain(value, depth)
        self._looked_at += characters
        self.charge(units)
        return data

    def bounded(self, value: object) -> object:
        """The same, when the texts in it are together no longer than one may be."""
        before = self._looked_at
        data = self.plain(value)
        self.fits(self._looked_at - before)
        return data

    def text(self, value: object) -> str:
        """How `value` reads in a text: itself, or as Python writes a list or dict."""
        if value.__class__ is str:  # most are, and take the short way to the same costs
            self.fits(len(value))
            self.charge(1 + len(value) // CHARS_PER_UNIT * 2)
            return value
        return self.made(str(self.bounded(value)))

    def gathered(self, pieces: Iterable[str], separator: str = "") -> str:
        """The pieces in one text, refused as soon as it is too long; it is still to be paid for."""
        texts: list[str] = []
        total = -len(separator)
        for piece in pieces:
            texts.append(piece)
            total += len(separator) + len(piece)
            self.fits(total)
        return separator.join(texts)

    def made(self, text: str) -> str:
        """`text`, paid for, when it is not too long."""
        self.room(len(text))
        return text


def slot_of(key: object) -> object:
    """What keys share that Python tells apart only by comparing them, each with all that came before.

    Numbers can be chosen so: those that differ by a multiple of 2 ** 61 - 1, as the language's own reference
    says of how numbers are hashed. Of texts nobody can tell before.
    """
    if isinstance(key, float) and key.is_integer():
        key = int(key)
    if isinstance(key, int):
        return key % _HASHED_MODULO
    return tuple(map(slot_of, key)) if isinstance(key, tuple) else key


def kind_of(value: object) -> str:
    """A word for what `value` is, for a message to the person who wrote the template."""
    match value:
        case None:
            return "nothing (null)"
        case bool():
            return "true or false"
        case str():
            return "text"
        case int() | float():
            return "a number"
        case Mapping():
            return "a mapping"
        case Sequence() | Iterator() | Set():
            return "a list"
        case _:
            return f"a {type(value).__name__}"


def _shallow_enough(depth: int) -> None:
    if depth >= MAX_VALUE_DEPTH:
        raise LimitReached(f"the value has more than {MAX_VALUE_DEPTH} containers inside each other")
