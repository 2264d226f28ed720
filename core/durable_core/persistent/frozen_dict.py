"""Frozen JSON: the same values that a parser gives, but they cannot be changed.

A spec is shared by every state of a session. Were one of its mappings a plain dict, one careless line could
change the past. A ``FrozenDict`` is a dict for all who read it (JSON writers, templates, comparisons) and
refuses every change.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import NoReturn, TypeAlias, TypeVar

K = TypeVar("K")
_V = TypeVar("_V")

JSON: TypeAlias = "bool | int | float | str | tuple[JSON, ...] | list[JSON] | Mapping[str, JSON] | None"
"""A JSON value. Frozen ones hold tuples and FrozenDicts in place of lists and dicts."""


class FrozenDict(dict[K, _V]):
    """A dict whose entries and their order are settled when it is made. Hashable when its values are.

    Every change raises TypeError. ``dict(frozen)`` is the way to a copy that can be changed.
    """

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a FrozenDict cannot be changed; make a dict of it first")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]  # dict is unhashable because it can change; this cannot
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[FrozenDict[K, _V]], tuple[dict[K, _V]]]:
        # Without this, pickle and copy fill the new dict item by item, which is refused.
        return (type(self), (dict(self),))

    def __repr__(self) -> str:
        return f"FrozenDict({dict(self)!r})"


def freeze(value: object) -> JSON:
    """``value``, a JSON value of lists and dicts, as one of tuples and FrozenDicts.

    Raises TypeError when it holds something that JSON has no word for.
    """
    match value:
        case float() if not isfinite(value):
            raise TypeError(f"JSON has no word for {value}")
        case None | bool() | int() | float() | str():
            return value
        case list() | tuple():
            return tuple(freeze(item) for item in value)
        case Mapping():
            return FrozenDict({_key(key): freeze(item) for key, item in value.items()})
        case _:
            raise TypeError(f"JSON has no word for a {type(value).__name__}")


def _key(key: object) -> str:
    if isinstance(key, str):
        return key
    raise TypeError(f"JSON keys are text, not {type(key).__name__}")
