"""The journal's events and the records inside them, from their dataclasses."""

from __future__ import annotations

import re
import sys
import typing
from collections.abc import Iterable
from dataclasses import Field, fields, is_dataclass
from types import ModuleType

from docs.generator.markdown import plain, table
from durable_core import types
from durable_core.journal.upcasters import UPCASTERS
from durable_core.patterns import PATTERNS
from durable_core.session import conversation, events, state

_RECORDS = (
    state.Source,
    state.Options,
    state.Writer,
    types.Usage,
    types.Fault,
    conversation.Mark,
    conversation.Memory,
)
"""What stands inside the events, in the order in which a reader meets it."""

_WORDS = {
    "str": "text",
    "int": "whole number",
    "Counted": "whole number from 0",
    "float": "number",
    "Moment": "time: seconds since the epoch, UTC, up to the year 9999",
    "bool": "true or false",
    "Json": "any JSON",
    "UnitId": "unit id",
    "SpecOnWire": "the spec as JSON",
    "Decided": "list of pattern events",
}
"""What a type of the source is on the wire."""


def session_events() -> str:
    """Every event of the session machine: its type on the wire, what it means, its fields."""
    union, *_ = typing.get_args(events.Event)
    return "\n\n".join(_event(one) for one in typing.get_args(union))


def pattern_events() -> str:
    """The events that each pattern decides, which ride in ``decided``."""
    parts = []
    for name, pattern in PATTERNS.items():
        parts.append(f"### {name}")
        parts.extend(_event(one, level=4) for one in pattern.events)
    return "\n\n".join(parts)


def records() -> str:
    """The records inside events."""
    return "\n\n".join(f"### {one.__name__}\n\n{plain(one.__doc__)}\n\n{_fields(one)}" for one in _RECORDS)


def past_forms() -> str:
    """Every form that was written once and is brought up to today's when it is read."""
    rows = [
        (f"`{form}`", f"`{upcaster({'type': form})['type']}`", plain(upcaster.__doc__))
        for form, upcaster in UPCASTERS.items()
    ]
    return table(("Form", "Read as", "What was different"), rows)


def fault_kinds() -> str:
    """Every kind of fault, and whether it is tried again."""
    rows = [
        (f"`{kind}`", "yes" if kind in types.TRANSIENT else "no") for kind in typing.get_args(types.FaultKind)
    ]
    return table(("Kind", "Tried again"), rows)


def _event(one: type, level: int = 3) -> str:
    wire = next(field.default for field in _fields_of(one) if field.name == "type")
    return f"{'#' * level} {wire}\n\n{plain(one.__doc__)}\n\n{_fields(one)}"


def _fields(one: type) -> str:
    module = sys.modules[one.__module__]
    rows = [
        (f"`{field.name}`", _type(str(field.type), module))
        for field in _fields_of(one)
        if field.name != "type"
    ]
    return table(("Field", "Type"), rows)


def _fields_of(one: type) -> Iterable[Field[object]]:
    return fields(one)


def _type(spelled: str, module: ModuleType) -> str:
    """A type as the source of ``module`` spells it, in words; a named union of texts as its members."""
    if spelled.endswith(" | None"):
        return f"{_type(spelled.removesuffix(' | None'), module)}, or null"
    if match := re.fullmatch(r"tuple\[(.*), \.\.\.\]", spelled):
        return f"list of {_type(match[1], module)}"
    if match := re.fullmatch(r"Mapping\[str, (.*)\]", spelled):
        return f"mapping of names to {_type(match[1], module)}"
    if match := re.fullmatch(r"Literal\[(.*)\]", spelled):
        return " or ".join(f"`{member.strip(_QUOTES)}`" for member in match[1].split(", "))
    named = getattr(module, spelled, None)
    if typing.get_origin(named) is typing.Literal:
        return " or ".join(f"`{member}`" for member in typing.get_args(named))
    if named in _RECORDS:
        return f"[{spelled}](#{spelled.lower()})"
    if isinstance(named, type) and is_dataclass(named):
        inner = (f"`{field.name}` ({_type(str(field.type), module)})" for field in _fields_of(named))
        return f"object with {', '.join(inner)}"
    return _WORDS.get(spelled, f"`{spelled}`")


_QUOTES = "'\""
