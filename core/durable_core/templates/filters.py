"""The filters and tests of a template: Jinja's own and a few of ours, all paid for by one wrapper.

The wrapper measures what a filter is given, by its size, and what it makes. A rule says in which form a
filter reads its value (as a text, as plain data, as items), and what it costs besides, where its work or its
result may be larger than what it reads. A filter without a rule hands on parts of its value and is free.

Left out is `random` (not the same twice). Prompts are plain text, so nothing is marked as safe HTML: `safe`
gives its text back, and `escape` gives text with entities.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, pass_context, pass_environment
from jinja2.runtime import Context

from durable_core.frozen import frozen
from durable_core.templates.meter import CHARS_PER_UNIT, Meter, kind_of
from durable_core.templates.nothing_yet import telling_filters, telling_tests
from durable_core.templates.operators import operate
from durable_core.templates.text import indented, joined, percent_format, replaced, truncated

if TYPE_CHECKING:
    from durable_core.templates.regex_cost import Guarded

Filter = Callable[..., Any]  # what a template passes is known only when it runs

STEPS_PER_UNIT = 2_048
"""Search that one unit of work pays for, in characters that the regular expression matcher looks at: it
does each faster than a template does anything."""

QUADRATIC_PER_UNIT = 8_192
"""Text that one unit of work pays for in the filters whose time grows with its square, in characters
squared: a text of twice the length costs four times as much."""

MAX_ROUNDED_DIGITS = 300
"""Precision of ``round``, in decimal places: beyond them a float holds nothing."""

_LAZY = "map reject rejectattr select selectattr"
"""Filters that read, pay for and make an item when it is asked for; all others make their list at once."""

_COMPARING_TESTS = frozenset(
    """
    in == eq equalto != ne > gt greaterthan ge >= < lt lessthan <= le lower upper
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
        return result if name in _LAZY.split() else list(meter.each(result))
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


def _compared(meter: Meter, _weight: int, items: list[object], *_: object, **__: object) -> None:
    """The items are compared with each other: each is paid for as often as it may be looked at."""
    # A sort looks at an item about log2(n) times; a set of n numbers chosen to collide costs n squared.
    weight = meter.weigh(items)
    meter.charge(weight * len(items).bit_length() + len(items) ** 2 // QUADRATIC_PER_UNIT)


def _rounded(
    _meter: Meter, _weight: int, _value: float, precision: int = 0, *_: object, **__: object
) -> None:
    if not -MAX_ROUNDED_DIGITS <= precision <= MAX_ROUNDED_DIGITS:
        raise ValueError(f"round takes at most {MAX_ROUNDED_DIGITS} places")


_ON_TEXT = """
    capitalize e escape forceescape format indent lower regex_search replace safe search string title trim
    truncate upper wordcount
    """

RULES: Mapping[str, FilterRule] = MappingProxyType(
    {
        name: FilterRule(reads, *costs)
        for names, reads, *costs in (
            (_ON_TEXT, Meter.text),
            ("center", Meter.text, lambda meter, _weight, _text, width=80: meter.width(width)),
            ("striptags urlize wordwrap", Meter.text, _squared),
            ("float tojson urlencode xmlattr", Meter.plain),
            # The printer looks at every part many times.
            ("pprint", Meter.plain, lambda meter, weight, _data: meter.charge(weight * CHARS_PER_UNIT)),
            (
                "dictsort",
                _mapping,
                lambda meter, weight, pairs, *_, **__: meter.charge(weight * len(pairs).bit_length()),
            ),
            ("int", _short_number),
            ("round", lambda _meter, value: value, _rounded),
            ("list", _items),
            (_LAZY, _one_by_one),
            ("reverse", lambda meter, value: value if isinstance(value, str) else _items(meter, value)),
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
            ("groupby max min sort unique", _items, _compared),
        )
        for name in names.split()
    }
)
"""How each filter pays that makes something; the others only hand on what is there."""


# The filters -------------------------------------------------------------------------------


def _metering(change: Filter) -> Filter:
    """The filter `change`, which also gets the meter, first."""

    @pass_environment
    def run(environment: Any, *arguments: Any, **named: Any) -> object:
        return change(environment.meter, *arguments, **named)

    return run


def _search(meter: Meter, text: str, pattern: object) -> bool:
    """Whether the pattern is found anywhere in the text."""
    return _paid_guard(meter, text, pattern).regex.search(text) is not None


def _regex_search(meter: Meter, text: str, pattern: object) -> str:
    """What group 1 matched, else the whole match, else an empty text."""
    regex = _paid_guard(meter, text, pattern).regex
    match = regex.search(text)
    if match is None:
        return ""
    return (match[1] if regex.groups else match[0]) or ""


def _paid_guard(meter: Meter, text: str, pattern: object) -> Guarded:
    from durable_core.templates.regex_cost import guarded  # noqa: PLC0415  # few have a pattern

    guard = guarded(meter.text(pattern))
    meter.charge((guard.making + guard.steps(len(text))) // STEPS_PER_UNIT)
    return guard


def _tojson(meter: Meter, data: object, indent: int | None = None) -> str:
    """JSON with keys in their own order and letters of every script as they are."""
    encoder = json.JSONEncoder(
        ensure_ascii=False, allow_nan=False, indent=None if indent is None else min(max(indent, 0), 16)
    )
    return meter.gathered(encoder.iterencode(data))


@pass_context
def _join(
    context: Context, values: Iterable[object], d: object = "", attribute: str | int | None = None
) -> str:
    meter = _meter_of(context)
    return joined(meter, meter.text(d), _picked(context, values, attribute))


@pass_context
def _sum(
    context: Context, values: Iterable[object], attribute: str | int | None = None, start: object = 0
) -> object:
    """The values added up with the template's own `+`, which pays for what it makes."""
    total = start
    for value in _picked(context, values, attribute):
        total = operate(_meter_of(context), "+", total, value)
    return total


def _picked(context: Context, values: Iterable[object], attribute: str | int | None) -> Iterable[object]:
    """The values, or that field of each, one by one and paid for."""
    if attribute is None:
        return _meter_of(context).each(values)
    found: Iterable[object] = context.environment.call_filter(
        "map", iter(values), (), {"attribute": attribute}, context
    )
    return found


def _meter_of(context: Context) -> Meter:
    environment: Any = context.environment
    meter: Meter = environment.meter
    return meter


@pass_environment
def _attr(environment: Environment, value: object, name: object) -> object:
    return environment.getattr(value, str(name))


_JINJA: Any = Environment()  # its own types are wider than what is in it

FILTERS: Mapping[str, Filter] = MappingProxyType(
    {
        **telling_filters({name: change for name, change in _JINJA.filters.items() if name != "random"}),
        "attr": _attr,
        "format": _metering(
            lambda meter, text, *values, **named: percent_format(meter, text, named or values)
        ),
        "indent": _metering(indented),
        "join": _join,
        "regex_search": _metering(_regex_search),
        "replace": _metering(replaced),
        "search": _metering(_search),
        "sum": _sum,
        "tojson": _metering(_tojson),
        "truncate": truncated,
    }
)
"""Every filter that a template may use; those named here differ from Jinja's, or are not among them."""

TESTS: Mapping[str, Filter] = MappingProxyType(telling_tests(_JINJA.tests))
"""Every test that a template may use (`x is y`)."""
