"""What a template may use and what it may cost, from the environment that renders it."""

from __future__ import annotations

from docs.generator.blocks import table
from docs.generator.constants import constants
from durable_core import regex_guard, template_filters, template_limits, template_sandbox, template_syntax
from durable_core.template_sandbox import Sandbox


def filters() -> str:
    """The names of all filters."""
    return _names(Sandbox().filters)


def tests() -> str:
    """The names of all tests that are words."""
    return _names(name for name in Sandbox().tests if name.isidentifier())


def limits() -> str:
    """The bounds of one template, and of one rendering."""
    modules = (template_syntax, template_limits, template_filters, template_sandbox, regex_guard)
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
