"""The wire: events as JSON objects and back.

Each event carries its form, a name and a version (``unit_completed/1``), as do each pattern event and the
spec inside it. A form of the past is brought up to date first (``upcasters``). Then decoding is strict: a key
too many or a wrong type is an error with its place, never a guess. A later version's form is an answer of its
own (``forms.Newer``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from returns.result import Failure, Result, Success

from durable_core.characters import has_halves, hide, show
from durable_core.journal.forms import Newer, brought_up, event_types
from durable_core.journal.upcasters import UPCASTERS, Upcasters
from durable_core.session.adapters import adapter_of
from durable_core.session.events import Event
from durable_core.spec.problems import in_short

_HALF_PAIR: Final = "\\ud"
"""How JSON text writes half of a surrogate pair, and whole pairs too: where it is missing there is none."""


def encode(event: Event) -> dict[str, Any]:
    """``event`` as a JSON object."""
    try:
        return _dumped(event)
    except UnicodeEncodeError:
        return show(_dumped(hide(event)))


def _dumped(event: Event) -> dict[str, Any]:
    dumped: dict[str, Any] = _adapter(event.type).dump_python(event, mode="json", by_alias=True)
    return dumped


def _adapter(form: Any) -> TypeAdapter[Event]:
    """The adapter of the type with this form; that of all types, which says why, where there is none."""
    kinds = event_types()
    named = (kinds[form],) if isinstance(form, str) and form in kinds else kinds.values()
    return adapter_of(*named)


def decode(wire: Any, upcasters: Upcasters = UPCASTERS) -> Result[Event, str | Newer]:
    """The event of ``wire``, a parsed JSON object.

    Fails with what is wrong with it, of which no more is told than a person reads, or with Newer when a later
    version of this program wrote it.
    """
    current = brought_up(wire, upcasters) if isinstance(wire, Mapping) else wire
    if isinstance(current, Newer):
        return Failure(current)
    form = current.get("type") if isinstance(current, Mapping) else None
    try:
        text = json.dumps(current)
        halved = _HALF_PAIR in text and has_halves(json.dumps(current, ensure_ascii=False))
        # strict JSON mode takes arrays for tuples and nothing else for anything
        event = _adapter(form).validate_json(json.dumps(hide(current)) if halved else text, strict=True)
        return Success(show(event) if halved else event)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        return Failure(in_short(f"{place or 'event'}: {first['msg']}"))
    except (TypeError, ValueError) as error:
        return Failure(in_short(f"not a JSON object: {error}"))
    except RecursionError:
        return Failure("its values are nested too deep")


def decode_all(wires: list[Any]) -> Result[tuple[Event, ...], str | Newer]:
    """All events, or why the first bad one is: Newer, or the problem with its number (from 1)."""
    events = []
    for number, wire in enumerate(wires, start=1):
        decoded = decode(wire)
        if isinstance(decoded, Failure):
            problem = decoded.failure()
            return Failure(problem if isinstance(problem, Newer) else f"event {number}: {problem}")
        events.append(decoded.unwrap())
    return Success(tuple(events))
