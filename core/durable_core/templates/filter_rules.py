"""What each filter and test of a template pays, by one wrapper around all of them.

The wrapper measures what a filter is given, by its size, and what it makes. A rule says in which form a
filter reads its value (as a text, as plain data, as items), and what it costs besides, where its work or its
result may be larger than what it reads. A filter without a rule hands on parts of its value and is free.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from durable_core.frozen import frozen
from durable_core.templates.meter import CHARS_PER_UNIT, Meter, kind_of
from durable_core.templates.text import pairs

QUADRATIC_PER_UNIT = 8_192
"""Text that one unit of work pays for in the filters whose time grows with its square, in characters
squared: a text of twice the length costs four times as much."""

STOPS_PER_UNIT = 32
"""Full stops and brackets in a row that one unit of work pays for in ``urlize``, in characters squared: where
they do not end a word, a regular expression begins at each of them."""

SCHEMES_PER_UNIT = 8
"""Schemes that one unit of work pays for in ``urlize``, in schemes of one word: each word tries all."""

DEPTH_PER_UNIT = 16
"""Depth that one unit of work pays for in ``tojson``, in containers around one value: it is handed on through
each of them."""

MAX_ROUNDED_DIGITS = 300
"""Precision of ``round``, in decimal places: beyond them a float holds nothing."""

LAZY = "map reject rejectattr select selectattr"
"""Filters that read, pay for and make an item when it is asked for; all others make their list at once."""

_STOPS: Final = re.compile(r"[)>.,]+")

_CONTAINERS: Final = frozenset({dict, list, tuple})

_COMPARING_TESTS = frozenset(
    """
    in == eq equalto != ne > gt greaterthan ge >= < lt lessthan <= le lower upper filter test
    """.split()
)
"""Tests (`x is y`) that look inside their values; the others look at what kind of value it is."""


@frozen()
class FilterRule:
    """How a filter pays.

    ``reads`` makes the form in which the filter gets its value, and pays for it. ``costs`` pays, before the
    filter runs, for what reading does not cover; it gets the meter, the units that reading took, what was
    read, and the filter's arguments.
    """

    reads: Callable[[Meter, Any], Any]
    costs: Callable[..., object] | None = None

    def taken(
        self, meter: Meter, value: object, arguments: Sequence[object], named: Mapping[str, object]
    ) -> object:
        """What the filter gets of `value`, when that and its work are paid for."""
        for argument in (*arguments, *named.values()):
            if isinstance(argument, str):
                meter.weigh(argument)
        before = meter.fuel
        seen = self.reads(meter, value)
        if self.costs is not None:
            self.costs(meter, before - meter.fuel, seen, *arguments, **named)
        return seen


def given(meter: Meter, name: str, value: object, result: object) -> object:
    """What a template gets of a filter's `result`: texts are measured, lists paid for item by item."""
    if isinstance(result, str):
        # Jinja marks some as safe for HTML: only their text is wanted.
        return meter.made(str(result)) if name in RULES else result
    if isinstance(result, Iterator) and result is not value:
        return result if name in LAZY.split() else list(meter.each(result))
    return result


def looked_into(meter: Meter, test: str, values: Iterable[object]) -> list[Any]:
    """The values that a test gets: as plain data, paid for, where it looks inside them."""
    return [meter.plain(value) for value in values] if test in _COMPARING_TESTS else list(values)


# How values are read ------------------------------------------------------------------------------


def _items(meter: Meter, values: Iterable[object]) -> list[object]:
    return list(meter.each(values))


def _one_by_one(meter: Meter, values: Iterable[object]) -> Iterator[object]:
    """The values, each paid for when it is asked for, whether it is let through or not; nothing for null."""
    if values:
        yield from meter.each(values)


def _mapping(meter: Meter, value: object) -> object:
    pairs = meter.plain(value)
    if not isinstance(pairs, dict):
        raise TypeError(f"dictsort needs a mapping, not {kind_of(value)}")
    return pairs


def _short_number(meter: Meter, value: object) -> object:
    """`value`, or "" (which is no number) for a text with more digits than a number may have."""
    data = meter.plain(value)
    return "" if isinstance(data, str) and len(data) > 1_200 else data


# What filters cost besides ------------------------------------------------------------------------


def _squared(meter: Meter, _weight: int, text: str, *arguments: object, **named: object) -> None:
    """The time, or the result, may grow with the square of what the filter is given."""
    size = len(text) + sum(len(meter.text(argument)) for argument in (*arguments, *named.values()))
    meter.charge(size**2 // QUADRATIC_PER_UNIT)


def _compared(meter: Meter, _weight: int, items: list[object], *arguments: object, **named: object) -> None:
    """The items are compared with each other: each is paid for as often as it may be looked at."""
    # A sort looks at an item about log2(n) times, and each may be stood for by what a default gives.
    given = [*arguments, *named.values()]
    weight = meter.weigh(items) + len(items) * (meter.weigh(given) - 1 - len(given))
    meter.charge(weight * len(items).bit_length() + len(items) ** 2 // QUADRATIC_PER_UNIT)


def _sorted(meter: Meter, weight: int, items: list[object], *arguments: object, **named: object) -> None:
    """A sort may go by several fields, which a text names with commas between them."""
    _compared(meter, weight, items, *arguments, **named)
    given = (*arguments, *named.values())
    meter.charge(sum(each.count(",") for each in given if isinstance(each, str)))


def _trimmed(meter: Meter, _weight: int, text: str, chars: object = None) -> None:
    if isinstance(chars, str):
        pairs(meter, text, chars)


def _wrapped(
    meter: Meter, _weight: int, text: str, width: int = 79, *others: object, **named: object
) -> None:
    """Each line may end with a text that is given, and any two lines are wider than the width."""
    if math.isnan(width):
        raise ValueError("wordwrap needs a width that is a number")  # it would never find what fits
    _squared(meter, 0, text, *others, **named)
    lines = len(text.splitlines()) + 2 * len(text) // max(width, 1)
    longest = max((len(each) for each in (*others, *named.values()) if isinstance(each, str)), default=0)
    meter.room(len(text) + int(lines) * longest)


def _linked(
    meter: Meter,
    _weight: int,
    text: str,
    _trim: object = None,
    _nofollow: object = False,
    target: object = "",
    rel: object = "",
    extra_schemes: Any = None,
    **_: object,
) -> None:
    """Each word may become a link with the attributes that are given, after each scheme was tried."""
    _squared(meter, 0, text, target, rel, extra_schemes)
    words = len(text.split()) + 1
    if extra_schemes is not None:
        meter.charge(words * len(extra_schemes) // SCHEMES_PER_UNIT)
    meter.charge(sum(len(stops) ** 2 for stops in _STOPS.findall(text)) // STOPS_PER_UNIT)
    meter.room(len(text) + words * (len(meter.text(target)) + len(meter.text(rel))))


def _printed(meter: Meter, weight: int, data: object) -> None:
    """The printer looks at every part many times, and once more for each container that it is in."""
    meter.charge(weight * (CHARS_PER_UNIT + _depth(data)))


def _encoded(meter: Meter, weight: int, data: object, *_: object, **__: object) -> None:
    """The encoder hands every part on through each container that it is in."""
    meter.charge(weight * _depth(data) // DEPTH_PER_UNIT)


def _depth(data: object) -> int:
    depth, level = 0, [data]
    while level := [inner for each in level if each.__class__ in _CONTAINERS for inner in _inside(each)]:
        depth += 1
    return depth


def _inside(container: Any) -> Iterable[object]:
    return container.values() if isinstance(container, dict) else container


def _rounded(
    _meter: Meter, _weight: int, value: object, precision: int = 0, *_: object, **__: object
) -> None:
    if not isinstance(value, int | float):
        raise TypeError(f"round needs a number, not {kind_of(value)}")  # a text times ten is a longer text
    if not -MAX_ROUNDED_DIGITS <= precision <= MAX_ROUNDED_DIGITS:
        raise ValueError(f"round takes at most {MAX_ROUNDED_DIGITS} places")


_ON_TEXT = """
    capitalize e escape forceescape format indent lower regex_search replace safe search string truncate
    upper wordcount
    """

RULES: Mapping[str, FilterRule] = MappingProxyType(
    {
        name: FilterRule(reads, *costs)
        for names, reads, *costs in (
            (_ON_TEXT, Meter.text),
            ("center", Meter.text, lambda meter, _weight, _text, width=80: meter.width(width)),
            # It takes the text apart, to single letters at worst.
            ("title", Meter.text, lambda meter, weight, _text: meter.charge(weight)),
            ("trim", Meter.text, _trimmed),
            ("striptags", Meter.text, _squared),
            ("urlize", Meter.text, _linked),
            ("wordwrap", Meter.text, _wrapped),
            ("float", Meter.plain),
            ("tojson", Meter.plain, _encoded),
            ("urlencode xmlattr", Meter.bounded),
            ("pprint", Meter.plain, _printed),
            (
                "dictsort",
                _mapping,
                lambda meter, weight, pairs, *_, **__: meter.charge(weight * len(pairs).bit_length()),
            ),
            ("filesizeformat int", _short_number),
            ("round", Meter.plain, _rounded),
            ("list", _items),
            (LAZY, _one_by_one),
            (
                "reverse",
                lambda meter, value: meter.text(value) if isinstance(value, str) else _items(meter, value),
            ),
            (
                "batch",
                _items,
                lambda meter, _weight, items, linecount, *_, **__: meter.items(linecount + len(items)),
            ),
            (
                "slice",
                _items,
                lambda meter, _weight, items, slices, *_, **__: meter.items(slices + len(items)),
            ),
            ("groupby max min unique", _items, _compared),
            ("sort", _items, _sorted),
        )
        for name in names.split()
    }
)
"""How each filter pays that makes something; the others only hand on what is there."""
