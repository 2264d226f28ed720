"""Specs: from the text of a workflow file to frozen values, or to all that is wrong with it.

The doors are ``parse_spec`` and ``references``. They are loaded when first asked for, so that
``durable_core.spec.problems`` and ``nearest`` stay cheap to import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from durable_core.spec.parse import parse_spec, references

__all__ = ["parse_spec", "references"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from durable_core.spec import parse  # noqa: PLC0415  # the models cost too much for those who only print

    return getattr(parse, name)
