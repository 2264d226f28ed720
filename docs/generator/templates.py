"""What a template may use and what it may cost, from the environment that renders it."""

from __future__ import annotations

from docs.generator.blocks import table
from docs.generator.constants import constants
from durable_core.templates import filters as template_filters
from durable_core.templates import meter, regex_cost, sandbox, syntax
from durable_core.templates.sandbox import Sandbox


def filters() -> str:
    """The names of all filters."""
    return _names(Sandbox().filters)


def tests() -> str:
    """The names of all tests that are words."""
    return _names(name for name in Sandbox().tests if name.isidentifier())


def limits() -> str:
    """The bounds of one template, and of one rendering."""
    modules = (syntax, meter, template_filters, sandbox, regex_cost)
    rows = [
        (f"{one.value:,}", one.meaning)
        for module in modules
        for one in constants(module)
        if isinstance(one.value, int)
    ]
    return table(("Bound", "Meaning"), rows)


def _names(found: object) -> str:
    assert hasattr(found, "__iter__"), "a mapping or an iterator of names"
    return ", ".join(f"`{name}`" for name in sorted(found))
