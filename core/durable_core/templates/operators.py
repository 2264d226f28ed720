"""The arithmetic of a template: Python's own, with results measured before they are made."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from durable_core.templates.meter import MAX_BITS, LimitReached, Meter
from durable_core.templates.text import percent_format

OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = MappingProxyType(
    {
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": operator.truediv,
        "//": operator.floordiv,
        "**": operator.pow,
        "%": operator.mod,
    }
)


def operate(meter: Meter, symbol: str, left: Any, right: Any) -> object:
    """`left symbol right`. Raises `LimitReached`, or what Python raises for operands that do not fit."""
    if isinstance(left, int) and isinstance(right, int):
        _measure_number(symbol, left, right)
    elif symbol == "%" and isinstance(left, str):
        return percent_format(meter, left, right)
    elif symbol == "+" and isinstance(left, str) and isinstance(right, str):
        meter.room(len(left) + len(right))
    elif symbol == "+" and _is_list(left) and _is_list(right):
        meter.items(len(left) + len(right))
        # Lists and views of lists add up alike.
        return left + right if isinstance(left, tuple) and isinstance(right, tuple) else [*left, *right]
    elif symbol == "*" and isinstance(left, int) and isinstance(right, Sequence):
        return operate(meter, symbol, right, left)
    elif symbol == "*" and isinstance(left, str) and isinstance(right, int):
        meter.room(len(left) * max(right, 0))
    elif symbol == "*" and _is_list(left) and isinstance(right, int):
        meter.items(len(left) * max(right, 0))
        meter.charge(meter.weigh(left) * max(right, 0))
        return (left if isinstance(left, tuple) else list(left)) * right
    return OPERATORS[symbol](left, right)


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _measure_number(symbol: str, left: int, right: int) -> None:
    bits = {
        "*": left.bit_length() + right.bit_length(),
        "**": left.bit_length() * max(right, 0),
        "+": max(left.bit_length(), right.bit_length()),
    }.get(symbol, 0)
    if bits > MAX_BITS:
        raise LimitReached(f"the template makes a number of more than {MAX_BITS:,} bits")
