"""Nothing yet: the value of a name that a place offers before there is anything to say.

A gate's answer is there from the second round of a loop on, and the template is the same in the first. To a
template the name is an empty text, so nothing fails; and it counts as not ``defined``, as ``none``, and as
something to put a ``default`` in place of, so a template can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

_Named = Mapping[str, Callable[..., Any]]
"""Tests or filters of templates, by name."""


class NothingYet(str):
    """An empty text that stands for an answer that is not there yet."""

    __slots__ = ()


NOTHING_YET: Final = NothingYet()


def is_there(value: object) -> bool:
    """Whether ``value`` is more than ``NOTHING_YET``."""
    return not isinstance(value, NothingYet)


def telling_tests(tests: _Named) -> dict[str, Callable[..., Any]]:
    """``tests`` that tell what is not there yet from an empty text."""
    return {
        **tests,
        "defined": lambda value: is_there(value) and tests["defined"](value),
        "undefined": lambda value: not is_there(value) or tests["undefined"](value),
        "none": lambda value: not is_there(value) or tests["none"](value),
    }


def telling_filters(filters: _Named) -> dict[str, Callable[..., Any]]:
    """``filters`` that put a default in place of what is not there yet."""

    def default(value: object, default_value: object = "", boolean: bool = False) -> object:
        return filters["default"](value, default_value, boolean) if is_there(value) else default_value

    return {**filters, "default": default, "d": default}
