"""``frozen``: how a value is declared. A frozen dataclass with slots, made quickly.

``dataclass`` writes the source of six methods for each class and compiles it. There are some 180 classes, so
that was a seventh of the time in which a run starts. Here all classes share three of the six.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

_T = TypeVar("_T")

_COMPARED = "__frozen_compared__"
_SHOWN = "__frozen_shown__"


@dataclass_transform(frozen_default=True)
def frozen(*, kw_only: bool = False, eq: bool = True) -> Callable[[type[_T]], type[_T]]:
    """What ``dataclass(frozen=True, slots=True, kw_only=kw_only, eq=eq)`` gives.

    Fields with ``compare=False`` or ``repr=False`` are left out of comparing or of showing, as there; a
    field's ``hash`` is not looked at. With ``eq=False`` a value is equal to itself alone.
    """

    def made(declared: type[_T]) -> type[_T]:
        own = set(vars(declared))
        cls = dataclass(frozen=True, slots=True, kw_only=kw_only, eq=False, repr=False)(declared)
        parts = fields(cls)  # type: ignore[arg-type]  # a dataclass since the line above
        setattr(cls, _SHOWN, tuple(part.name for part in parts if part.repr))
        shared = ["__repr__"]
        if eq:
            setattr(cls, _COMPARED, _getter([part.name for part in parts if part.compare]))
            shared += ["__eq__", "__hash__"]
        for name in shared:
            if name not in own:
                setattr(cls, name, vars(_Shared)[name])
        return cls

    return made


def _getter(names: list[str]) -> Any:
    """What gives a tuple of these attributes, in C."""
    if not names:
        return staticmethod(_nothing)  # a function would be a method
    # of one name alone, attrgetter would give the bare value, and a NaN is equal to itself only in a tuple
    return attrgetter(*names) if len(names) > 1 else attrgetter(*names, *names)


def _nothing(_: object) -> object:
    return ()


class _Shared:
    """The methods that all values have in common."""

    def __eq__(self: Any, other: Any) -> Any:
        if other.__class__ is not self.__class__:
            return NotImplemented
        compared = self.__frozen_compared__
        return compared(self) == compared(other)

    def __hash__(self: Any) -> int:
        return hash(self.__frozen_compared__(self))

    def __repr__(self: Any) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__frozen_shown__)
        return f"{self.__class__.__qualname__}({shown})"
