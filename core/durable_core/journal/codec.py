"""The wire: events as JSON objects and back.

Each event carries its type's name and version (``unit_completed/1``), as does each pattern event inside
it. Decoding is strict: a key too many, a wrong type or an unknown name is an error with its place, never
a guess.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

from pydantic import ConfigDict, TypeAdapter, ValidationError
from returns.result import Failure, Result, Success

from durable_core.journal.surrogates import has_halves, hide, show
from durable_core.session.events import Event

_HALF_PAIR: Final = "\\ud"
"""How JSON text writes half of a surrogate pair, and whole pairs too: where it is missing there is none."""


@cache
def _adapter() -> TypeAdapter[Event]:
    # without this, pydantic passes over keys that a dataclass does not have
    return TypeAdapter(Event, config=ConfigDict(extra="forbid"))


def encode(event: Event) -> dict[str, Any]:
    """``event`` as a JSON object."""
    try:
        return _dumped(event)
    except UnicodeEncodeError:
        return show(_dumped(hide(event)))


def _dumped(event: Event) -> dict[str, Any]:
    dumped: dict[str, Any] = _adapter().dump_python(event, mode="json", by_alias=True)
    return dumped


def decode(wire: Any) -> Result[Event, str]:
    """The event that ``wire`` (a parsed JSON object) stands for, or what is wrong with it."""
    try:
        text = json.dumps(wire)
        halved = _HALF_PAIR in text and has_halves(json.dumps(wire, ensure_ascii=False))
        # strict JSON mode takes arrays for tuples and nothing else for anything
        event = _adapter().validate_json(json.dumps(hide(wire)) if halved else text, strict=True)
        return Success(show(event) if halved else event)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        return Failure(f"{place or 'event'}: {first['msg']}")
    except (TypeError, ValueError) as error:
        return Failure(f"not a JSON object: {error}")


def decode_all(wires: list[Any]) -> Result[tuple[Event, ...], str]:
    """All events, or the first problem with its number (from 1)."""
    events = []
    for number, wire in enumerate(wires, start=1):
        decoded = decode(wire)
        if isinstance(decoded, Failure):
            return Failure(f"event {number}: {decoded.failure()}")
        events.append(decoded.unwrap())
    return Success(tuple(events))
