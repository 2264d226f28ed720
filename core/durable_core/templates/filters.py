"""The filters and tests of a template: Jinja's own, each paying the meter for what it does, and ours.

Left out is `random` (not the same twice). Prompts are plain text, so nothing is marked as safe HTML: `safe`
gives its text back, and `escape` gives text with entities.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sized
from functools import partial
from pprint import pformat
from typing import Any, cast

from jinja2 import Environment, pass_context
from jinja2 import filters as jinja
from jinja2.nodes import EvalContext
from jinja2.runtime import Context
from jinja2.tests import TESTS
from markupsafe import escape

from durable_core.templates.meter import CHARS_PER_UNIT, Meter, kind_of
from durable_core.templates.operators import operate
from durable_core.templates.regex_cost import guarded
from durable_core.templates.text import indented, joined, percent_format, replaced, truncated

Filter = Callable[..., Any]  # what a template passes is known only when it runs

STEPS_PER_UNIT = 2_048
"""Search that one unit of work pays for, in characters that the regular expression matcher looks at: it
does each faster than a template does anything."""

QUADRATIC_PER_UNIT = 8_192
"""Text that one unit of work pays for in the filters whose time grows with its square, in characters
squared: a text of twice the length costs four times as much."""

MAX_ROUNDED_DIGITS = 300
"""Precision of ``round``, in decimal places: beyond them a float holds nothing."""


def template_filters(environment: Environment, meter: Meter) -> dict[str, Filter]:
    """Every filter a template may use, bound to one rendering's environment and meter."""
    return {
        **_text_filters(meter),
        **_html_filters(environment, meter),
        **_list_filters(environment, meter),
        **_number_filters(meter),
        "attr": lambda value, name: environment.getattr(value, str(name)),
        "d": jinja.do_default,
        "default": jinja.do_default,
        "pprint": partial(_pprint, meter),
        "regex_search": partial(_regex_search, meter),
        "search": partial(_search, meter),
        "tojson": partial(_tojson, meter),
    }


def template_tests(meter: Meter) -> dict[str, Filter]:
    """Every test a template may use (`x is y`); those that look inside values pay for it."""
    compared = ("in", "==", "eq", "equalto", "!=", "ne", ">", "gt", "greaterthan", "ge", ">=")
    weighed = (*compared, "<", "lt", "lessthan", "<=", "le", "lower", "upper")
    tests = cast(dict[str, Filter], TESTS)
    return {**tests, **{name: partial(_weighed, meter, tests[name]) for name in weighed}}


def _weighed(meter: Meter, test: Filter, *values: object) -> object:
    return test(*(meter.plain(value) for value in values))


# Text ------------------------------------------------------------------------------------------


def _text_filters(meter: Meter) -> dict[str, Filter]:
    changes: dict[str, Filter] = {
        "capitalize": jinja.do_capitalize,
        "center": lambda text, width=80: text.center(meter.width(width)),
        "e": lambda text: str(escape(text)),
        "escape": lambda text: str(escape(text)),
        "forceescape": lambda text: str(escape(text)),
        "format": lambda text, *values, **named: percent_format(meter, text, named or values),
        "indent": partial(indented, meter),
        "lower": jinja.do_lower,
        "replace": partial(replaced, meter),
        "safe": str,
        "string": str,
        "title": jinja.do_title,
        "trim": jinja.do_trim,
        "truncate": truncated,
        "upper": jinja.do_upper,
        "wordcount": jinja.do_wordcount,
    }
    return {name: partial(_on_text, meter, change) for name, change in changes.items()}


def _on_text(meter: Meter, change: Filter, value: object, *arguments: object, **named: object) -> object:
    result = change(meter.text(value), *arguments, **named)
    return meter.made(result) if isinstance(result, str) else result


def _html_filters(environment: Environment, meter: Meter) -> dict[str, Filter]:
    markup = EvalContext(environment)
    return {
        "striptags": partial(_quadratic, meter, jinja.do_striptags),
        "urlencode": lambda value: meter.made(jinja.do_urlencode(_data(meter, value))),
        "urlize": partial(_quadratic, meter, partial(jinja.do_urlize, markup)),
        "wordwrap": partial(_quadratic, meter, partial(jinja.do_wordwrap, environment)),
        "xmlattr": lambda value, autospace=True: meter.made(
            str(jinja.do_xmlattr(markup, _data(meter, value), autospace))
        ),
    }


def _quadratic(meter: Meter, change: Filter, value: object, *arguments: object, **named: object) -> str:
    """A filter whose time, or whose result, may grow with the square of what it is given."""
    text = meter.text(value)
    size = len(text) + sum(len(meter.text(argument)) for argument in (*arguments, *named.values()))
    meter.charge(size**2 // QUADRATIC_PER_UNIT)
    return meter.made(str(change(text, *arguments, **named)))


def _data(meter: Meter, value: object) -> Any:
    return meter.plain(value)


def _regex_search(meter: Meter, value: object, pattern: object) -> str:
    """What group 1 matched, else the whole match, else an empty text."""
    text, guard = meter.text(value), guarded(meter.text(pattern))
    meter.charge(guard.steps(len(text)) // STEPS_PER_UNIT)
    match = guard.regex.search(text)
    if match is None:
        return ""
    return (match[1] if guard.regex.groups else match[0]) or ""


def _search(meter: Meter, value: object, pattern: object) -> bool:
    """Whether the pattern is found anywhere in the text."""
    text, guard = meter.text(value), guarded(meter.text(pattern))
    meter.charge(guard.steps(len(text)) // STEPS_PER_UNIT)
    return guard.regex.search(text) is not None


def _tojson(meter: Meter, value: object, indent: int | None = None) -> str:
    """JSON with keys in their own order and letters of every script as they are."""
    encoder = json.JSONEncoder(
        ensure_ascii=False, allow_nan=False, indent=None if indent is None else min(max(indent, 0), 16)
    )
    pieces: list[str] = []
    total = 0
    for piece in encoder.iterencode(meter.plain(value)):
        pieces.append(piece)
        total += len(piece)
        meter.fits(total)
    return meter.made("".join(pieces))


def _pprint(meter: Meter, value: object) -> str:
    before = meter.fuel
    data = meter.plain(value)
    meter.charge((before - meter.fuel) * CHARS_PER_UNIT)  # the printer looks at every part many times
    return meter.made(pformat(data))


# Lists ------------------------------------------------------------------------------------------


def _list_filters(environment: Environment, meter: Meter) -> dict[str, Filter]:
    lazy: dict[str, Filter] = {
        "map": jinja.sync_do_map,
        "reject": jinja.sync_do_reject,
        "rejectattr": jinja.sync_do_rejectattr,
        "select": jinja.sync_do_select,
        "selectattr": jinja.sync_do_selectattr,
    }
    ordering: dict[str, Filter] = {
        "groupby": jinja.sync_do_groupby,
        "max": jinja.do_max,
        "min": jinja.do_min,
        "sort": jinja.do_sort,
        "unique": lambda *arguments, **named: list(jinja.do_unique(*arguments, **named)),
    }
    return {
        **{name: _lazily(meter, change) for name, change in lazy.items()},
        **{name: partial(_ordered, environment, meter, change) for name, change in ordering.items()},
        "batch": partial(_cut, meter, jinja.do_batch),
        "slice": partial(_cut, meter, jinja.sync_do_slice),
        "count": _length,
        "dictsort": partial(_dictsort, meter),
        "first": lambda values: jinja.sync_do_first(environment, values),
        "items": lambda value: list(meter.each(jinja.do_items(value))),
        "join": partial(_join, environment, meter),
        "last": lambda values: jinja.do_last(environment, values),
        "length": _length,
        "list": lambda values: list(meter.each(values)),
        "reverse": partial(_reverse, meter),
        "sum": partial(_sum, environment, meter),
    }


def _lazily(meter: Meter, change: Filter) -> Filter:
    @pass_context
    def run(context: Context, values: Iterable[object], *arguments: object, **named: object) -> object:
        return meter.each(change(context, values, *arguments, **named))

    return run


def _ordered(
    environment: Environment,
    meter: Meter,
    change: Filter,
    values: Iterable[object],
    *arguments: object,
    **named: object,
) -> object:
    """A filter that compares the items with each other: each is paid for as often as it may be looked at."""
    items = list(meter.each(values))
    before = meter.fuel
    meter.weigh(items)
    # A sort looks at an item about log2(n) times; a set of n numbers chosen to collide costs n squared.
    meter.charge((before - meter.fuel) * len(items).bit_length() + len(items) ** 2 // QUADRATIC_PER_UNIT)
    return change(environment, items, *arguments, **named)


def _cut(
    meter: Meter, change: Filter, values: Iterable[object], count: int, fill_with: object = None
) -> object:
    items = list(meter.each(values))
    meter.items(count + len(items))
    return list(change(items, count, fill_with))


def _length(value: Sized) -> int:
    return len(value)


def _dictsort(meter: Meter, value: object, *arguments: Any, **named: Any) -> object:
    before = meter.fuel
    pairs = meter.plain(value)
    if not isinstance(pairs, dict):
        raise TypeError(f"dictsort needs a mapping, not {kind_of(value)}")
    meter.charge((before - meter.fuel) * len(pairs).bit_length())
    return jinja.do_dictsort(pairs, *arguments, **named)


def _join(
    environment: Environment,
    meter: Meter,
    values: Iterable[object],
    d: object = "",
    attribute: str | int | None = None,
) -> str:
    picked: Iterable[object] = meter.each(values)
    if attribute is not None:
        picked = map(jinja.make_attrgetter(environment, attribute), picked)
    return joined(meter, meter.text(d), picked)


def _reverse(meter: Meter, value: Iterable[object]) -> object:
    return meter.made(value[::-1]) if isinstance(value, str) else list(meter.each(value))[::-1]


def _sum(
    environment: Environment,
    meter: Meter,
    values: Iterable[object],
    attribute: str | int | None = None,
    start: object = 0,
) -> object:
    """The values added up with the template's own `+`, which pays for what it makes."""
    picked: Iterable[object] = meter.each(values)
    if attribute is not None:
        picked = map(jinja.make_attrgetter(environment, attribute), picked)
    total = start
    for value in picked:
        total = operate(meter, "+", total, value)
    return total


# Numbers ------------------------------------------------------------------------------------------


def _number_filters(meter: Meter) -> dict[str, Filter]:
    return {
        "abs": abs,
        "filesizeformat": jinja.do_filesizeformat,
        "float": lambda value, default=0.0: jinja.do_float(_data(meter, value), default),
        "int": lambda value, default=0, base=10: jinja.do_int(_short_number(meter, value), default, base),
        "round": _round,
    }


def _short_number(meter: Meter, value: object) -> Any:
    """`value`, or "" (which is no number) for a text with more digits than a number may have."""
    data = meter.plain(value)
    return "" if isinstance(data, str) and len(data) > 1_200 else data


def _round(value: float, precision: int = 0, method: str = "common") -> float:
    if not -MAX_ROUNDED_DIGITS <= precision <= MAX_ROUNDED_DIGITS:
        raise ValueError(f"round takes at most {MAX_ROUNDED_DIGITS} places")
    return jinja.do_round(value, precision, method)  # type: ignore[arg-type]  # it refuses a method it does not know
