"""Adapters: events of some types, read from JSON and written as JSON.

A journal holds few of all types of events, and those of one pattern. An adapter is therefore made of the
types that a record names, when the first such record is read or written.
"""

from __future__ import annotations

import json
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import ConfigDict, GetCoreSchemaHandler, PlainSerializer, PlainValidator, TypeAdapter
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from durable_core.patterns import PATTERNS

if TYPE_CHECKING:
    from durable_core.patterns.unions import PatternEvent


class _Kinds:
    """Events of the types ``kinds``, distinguished by their form."""

    def __init__(self, kinds: tuple[type, ...]) -> None:
        self._kinds = kinds

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        choices = {form_of(kind): handler.generate_schema(kind) for kind in self._kinds}
        return core_schema.tagged_union_schema(choices, discriminator="type")


def form_of(kind: Any) -> str:
    """The form of an event's type: its name on the wire, and its version."""
    return next(str(each.default) for each in fields(kind) if each.name == "type")


@cache
def adapter_of(*kinds: type) -> TypeAdapter[Any]:
    """The adapter of these types of events."""
    # without this, pydantic passes over keys that a dataclass does not have
    return TypeAdapter(Annotated[Any, _Kinds(kinds)], config=ConfigDict(extra="forbid"))


def pattern_events(form: str) -> tuple[type, ...]:
    """The types of events of the pattern that ``form`` names; () when there is no such pattern."""
    pattern = form.partition(".")[0]
    return PATTERNS[pattern].events if pattern in PATTERNS else ()


def _decided_from_wire(wire: Any) -> Any:
    form = wire.get("type") if isinstance(wire, dict) else None
    kinds = pattern_events(form) if isinstance(form, str) else ()
    if not kinds:
        raise PydanticCustomError("form", "No pattern decides this")
    return adapter_of(*kinds).validate_json(json.dumps(wire), strict=True)


def _decided_on_wire(event: Any) -> Any:
    return adapter_of(*pattern_events(event.type)).dump_python(event, mode="json", by_alias=True)


if TYPE_CHECKING:
    OnePatternEvent = PatternEvent
else:
    OnePatternEvent = Annotated[Any, PlainValidator(_decided_from_wire), PlainSerializer(_decided_on_wire)]
