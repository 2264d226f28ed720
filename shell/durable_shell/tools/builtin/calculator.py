"""The built-in tool ``calculator``: arithmetic, with bounds on everything."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Final

LONGEST: Final = 500
"""Characters of an expression: more than a person would write in one line."""

LARGEST: Final = 10**300
"""Magnitude of any number on the way; floats end a little above."""

Number = int | float

_MOST_DIGITS: Final = 400
"""Places, before or behind the point, to which a number is rounded. Neither LARGEST nor a float has more."""


def _rounded(number: Number, digits: Number | None = None) -> Number:
    # Python works out 10 ** -digits for a whole number, and nothing can stop it meanwhile
    if digits is None or isinstance(digits, float):
        return round(number, digits)  # type: ignore[arg-type]  # a float is refused there
    return round(number, max(-_MOST_DIGITS, min(_MOST_DIGITS, digits)))


_BINARY: Final[dict[type[ast.operator], Callable[[Number, Number], Number]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}

_FUNCTIONS: Final[dict[str, Callable[..., Number]]] = {
    **{function.__name__: function for function in (abs, min, max)},
    "round": _rounded,
    **{name: getattr(math, name) for name in "sqrt exp log log10 sin cos tan floor ceil".split()},
}

_NAMES: Final[dict[str, Number]] = {"pi": math.pi, "e": math.e}


def calculator(expression: str) -> str:
    """Calculate an arithmetic expression.

    Knows + - * / // % ** and parentheses, pi and e, and abs, round, min, max, sqrt, exp, log, log10, sin,
    cos, tan, floor, ceil.

    Args:
        expression: The expression, such as (3 + 4) * 2 ** 10.
    """
    if len(expression) > LONGEST:
        raise ValueError(f"the expression is longer than {LONGEST} characters")
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"this is no arithmetic expression: {expression}") from None
    try:
        return str(_value(tree.body))
    except (ArithmeticError, TypeError, RecursionError) as error:
        raise ValueError(f"this can't be calculated: {error}") from None


def _value(node: ast.expr) -> Number:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return _bounded(value)
        case ast.Name(id=name) if name in _NAMES:
            return _NAMES[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left), _value(right))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _bounded(_BINARY[type(op)](_value(left), _value(right)))
        case ast.Call(func=ast.Name(id=name), args=given, keywords=[]) if name in _FUNCTIONS:
            return _bounded(_FUNCTIONS[name](*map(_value, given)))
        case _:
            raise ValueError(f"only arithmetic is understood here, not: {ast.unparse(node)}")


def _power(base: Number, exponent: Number) -> Number:
    # decided before it is calculated: a tower of powers would fill the memory
    if base not in (0, 1, -1) and abs(exponent) * abs(math.log10(abs(base))) > math.log10(LARGEST):
        raise ValueError(f"{base} ** {exponent} is too large or too small")
    result = base**exponent
    if isinstance(result, complex):
        raise ValueError(f"{base} ** {exponent} is no real number")
    return _bounded(result)


def _bounded(number: Number) -> Number:
    if math.isnan(number) or abs(number) > LARGEST:
        raise ValueError("a number on the way is too large")
    return number
