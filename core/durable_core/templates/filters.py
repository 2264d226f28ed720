"""The filters and tests of a template: Jinja's own and a few of ours.

Left out is `random` (not the same twice). Prompts are plain text, so nothing is marked as safe HTML: `safe`
gives its text back, and `escape` gives text with entities. What each pays, `filter_rules` says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, pass_context, pass_environment
from jinja2.runtime import Context

from durable_core.templates.meter import Meter, slot_of
from durable_core.templates.nothing_yet import telling_filters, telling_tests
from durable_core.templates.operators import operate
from durable_core.templates.text import indented, joined, percent_format, replaced, truncated

if TYPE_CHECKING:
    from durable_core.templates.regex_cost import Guarded

Filter = Callable[..., Any]  # what a template passes is known only when it runs

STEPS_PER_UNIT = 2_048
"""Search that one unit of work pays for, in characters that the regular expression matcher looks at: it
does each faster than a template does anything."""

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


@pass_context
def _unique(
    context: Context,
    values: Iterable[object],
    case_sensitive: bool = False,
    attribute: str | int | None = None,
) -> Iterator[object]:
    """The values, or the first of each with the same field.

    Numbers can be chosen so that Python takes them for one until it has compared them: each comparison is
    paid for.
    """
    meter = _meter_of(context)
    items = list(values)
    seen: dict[object, list[object]] = {}
    for item, field in zip(items, _picked(context, items, attribute), strict=True):
        key = field.lower() if isinstance(field, str) and not case_sensitive else field
        alike = seen.setdefault(slot_of(key), [])
        meter.charge(len(alike))
        if key not in alike:
            alike.append(key)
            yield item


def _remainder(meter: Meter, value: object, divisor: object) -> object:
    """What the tests ask for: of a text, `%` makes another one."""
    return operate(meter, "%", value, divisor)


@pass_environment
def _attr(environment: Any, value: object, name: object) -> object:
    return environment.getattr(value, environment.meter.text(name))


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
        "unique": _unique,
    }
)
"""Every filter that a template may use; those named here differ from Jinja's, or are not among them."""

TESTS: Mapping[str, Filter] = MappingProxyType(
    {
        **telling_tests(_JINJA.tests),
        "divisibleby": _metering(lambda meter, value, num: _remainder(meter, value, num) == 0),
        "even": _metering(lambda meter, value: _remainder(meter, value, 2) == 0),
        "odd": _metering(lambda meter, value: _remainder(meter, value, 2) == 1),
    }
)
"""Every test that a template may use (`x is y`)."""
