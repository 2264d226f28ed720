"""What a template may use and what it may cost, from the environment that renders it."""

from __future__ import annotations

import re

from docs.generator.constants import Constant, constants
from docs.generator.markdown import table
from durable_core.templates import filter_rules, meter, regex_cost, regex_growth, sandbox, syntax, text
from durable_core.templates import filters as template_filters
from durable_core.templates.sandbox import Sandbox


def filters() -> str:
    """The names of all filters."""
    return _names(template_filters.FILTERS)


def tests() -> str:
    """The names of all tests that are words."""
    return _names(name for name in Sandbox().tests if name.isidentifier())


def limits() -> str:
    """The limits of one template, and of one rendering: a name, a value, its unit, and why it is so much."""
    modules = (syntax, meter, template_filters, filter_rules, text, sandbox, regex_cost, regex_growth)
    found = [one for module in modules for one in constants(module) if isinstance(one.value, int)]
    return table(("Limit", "Value", "Unit", "Reason"), map(limit, found))


def limit(one: Constant) -> tuple[str, str, str, str]:
    """The row of a limit, from a docstring such as ``Length of a text, in characters: why so many.``

    Raises ValueError for a docstring that is no such sentence: readers would miss the unit or the reason.
    """
    match = re.fullmatch(r"(?P<name>.+?), in (?P<unit>[^:]+): (?P<reason>.+)\.", one.meaning)
    if match is None:
        raise ValueError(f"{one.name}: its docstring is not '<limit>, in <unit>: <reason>.'")
    return (
        match["name"],
        f"{one.value:,}",
        match["unit"],
        f"{match['reason'][0].upper()}{match['reason'][1:]}.",
    )


def _names(found: object) -> str:
    assert hasattr(found, "__iter__"), "a mapping or an iterator of names"
    return ", ".join(f"`{name}`" for name in sorted(found))
