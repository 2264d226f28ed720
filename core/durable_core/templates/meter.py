"""What one rendering may cost: a meter of work, counted and never timed.

A clock would make the same template fail on a slow machine and pass on a fast one. Instead each operation
whose cost its operands decide is charged before it runs: a turn of a loop by the size of its body, a text by
its length, a comparison or a new list by everything inside it. So a small template cannot buy much work, and
the same template over the same values always stops at the same place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

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

PlainValue = str | int | float | bool | None


class LimitReached(TemplateRuntimeError):
    """The template asked for more than one rendering may cost."""


class Meter:
    """The work left in one rendering. It changes as it is spent, and is dropped with the rendering."""

    __slots__ = ("fuel",)

    def __init__(self, fuel: int = FUEL) -> None:
        self.fuel = fuel

    def charge(self, units: int) -> None:
        """Pay for work about to be done; raises `LimitReached` when none is left."""
        if units > self.fuel:
            raise LimitReached(f"the template does too much work (more than {FUEL:,} steps)")
        self.fuel -= units

    def fits(self, characters: int) -> None:
        """Raise `LimitReached` when no text may have this many characters."""
        if characters > MAX_TEXT:
            raise LimitReached(f"the template makes a text of more than {MAX_TEXT:,} characters")

    def room(self, characters: int) -> None:
        """Pay for a text of this many characters about to be made."""
        self.fits(characters)
        self.charge(characters // CHARS_PER_UNIT)

    def items(self, count: int) -> None:
        """Pay for a list of this many items about to be made."""
        if count > MAX_ITEMS:
            raise LimitReached(f"the template makes a list of more than {MAX_ITEMS:,} items")
        self.charge(count)

    def width(self, columns: int) -> int:
        """`columns`, when text may be padded that far."""
        if columns > MAX_WIDTH:
            raise LimitReached(f"the template pads a text to more than {MAX_WIDTH:,} columns")
        return columns

    def each(self, values: Iterable[object], units: int = 1) -> Iterator[object]:
        """The values, one by one, each paid for before it is handed out."""
        for value in values:
            self.charge(units)
            yield value

    def weigh(self, value: object) -> int:
        """Pay for looking at everything inside `value`, shared parts as often as met; says how much."""
        before = self.fuel
        self._weigh(value, 0)
        return before - self.fuel

    def _weigh(self, value: object, depth: int) -> None:
        self.charge(1)
        if isinstance(value, str):
            self.charge(len(value) // CHARS_PER_UNIT)
        elif isinstance(value, Mapping):
            _shallow_enough(depth)
            for key, item in value.items():
                self._weigh(key, depth + 1)
                self._weigh(item, depth + 1)
        elif isinstance(value, Sequence | Set):
            _shallow_enough(depth)
            for item in value:
                self._weigh(item, depth + 1)

    def plain(self, value: object, depth: int = 0) -> object:
        """`value` as Python's own dicts, lists and scalars, whatever views it is made of, and paid for.

        An iterator becomes a list of what is left in it. Anything else than data raises `TypeError`: its text
        would hold a memory address, which is not the same twice.
        """
        self.charge(1)
        if isinstance(value, str):
            self.charge(len(value) // CHARS_PER_UNIT)
            return str(value)
        if value is None or isinstance(value, int | float):
            return value
        if isinstance(value, Undefined):
            return str(value)  # raises: the name is missing
        _shallow_enough(depth)
        if isinstance(value, Mapping):
            return {self.plain(key, depth + 1): self.plain(item, depth + 1) for key, item in value.items()}
        if isinstance(value, tuple):
            return tuple(self.plain(item, depth + 1) for item in value)
        if isinstance(value, Sequence | Set | Iterator):
            return [self.plain(item, depth + 1) for item in value]
        raise TypeError(f"{kind_of(value)} is not data, so it has no text")

    def text(self, value: object) -> str:
        """How `value` reads in a text: itself, or as Python writes a list or dict."""
        return self.made(str(self.plain(value)))

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
