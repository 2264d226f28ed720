"""Spellings: how an expression of a template stands there, and what stands there as it is."""

from __future__ import annotations

from typing import Final

from jinja2 import nodes

MOST_SPELLED: Final = 80
"""Characters of an expression that a message shows."""


def constant(node: nodes.Node) -> str | int | None:
    """The text or whole number that is written there, if it is one."""
    match node:
        case nodes.Const(value=str() | int() as value):
            return value
        case nodes.Neg(node=nodes.Const(value=int() as value)):
            return -value
        case _:
            return None


def attribute_named(node: nodes.Filter) -> str | None:
    """What ``attribute=`` of a filter says, if it is written there."""
    path = next((constant(each.value) for each in node.kwargs if each.key == "attribute"), None)
    return path if isinstance(path, str) else None


def written(node: nodes.Node) -> str:
    """The expression as people write it, with dots for what would be long."""
    text = _spelled(node)
    return text if len(text) <= MOST_SPELLED else f"...{text[-MOST_SPELLED:]}"


def _spelled(node: nodes.Node) -> str:
    match node:
        case nodes.Name(name=name):
            return str(name)
        case nodes.Getattr(node=inner, attr=attr):
            return f"{_spelled(inner)}.{attr}"
        case nodes.Getitem(node=inner, arg=arg):
            key = constant(arg)
            return f"{_spelled(inner)}[{'...' if key is None else repr(key)}]"
        case nodes.Call(node=inner):
            return f"{_spelled(inner)}()"
        case nodes.Filter(node=inner, name=name) if inner is not None:
            return f"{_spelled(inner)} | {name}"
        case nodes.Const(value=value):
            return repr(value)
        case _:
            return "..."
