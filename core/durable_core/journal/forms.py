"""Forms: which records this version knows, and how it knows a later version's record from damage.

A record whose name is unknown, or whose version is above the one that is written today, was written by a
later version of this program. It is not damaged and can't be read: an answer of its own. Such a record can
be anywhere a form is named: as the event, among the pattern's events inside it, as the spec that it
stores, or as the number of the journal's format. What names no form at all is damage, and so is a known form
in the wrong place; the decoder refuses both.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, Final

from durable_core.frozen import frozen
from durable_core.journal.upcasters import Upcasters, WireRecord
from durable_core.patterns import PATTERNS
from durable_core.session.adapters import form_of, pattern_events
from durable_core.session.events import Event
from durable_core.session.payloads import SPEC_FORM
from durable_core.session.state import JOURNAL_FORMAT

_FORM: Final = re.compile(r"([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)/([1-9][0-9]{0,8})")
_PARTS: Final = frozenset({"decided", "spec", "writer"})


@frozen()
class Newer:
    """What a later version of this program wrote: the form, and that version if the record names it."""

    form: str
    program: str = ""


def brought_up(event: WireRecord, upcasters: Upcasters) -> WireRecord | Newer:
    """``event`` in the form that is written today, or Newer if it or a part of it is of a later form."""
    record = _upcast(event, upcasters)
    if isinstance(record, Newer):
        return record
    parts: dict[str, Any] = {}
    for name in _parts().get(str(record.get("type")), frozenset()) & record.keys():
        part = _part(name, record[name], upcasters)
        if isinstance(part, Newer):
            return part
        parts[name] = part
    return {**record, **parts}


def known_forms() -> Iterator[str]:
    """Every form that is written today: events, the patterns' events, the stored spec."""
    for kind in (
        *event_types().values(),
        *(kind for pattern in PATTERNS.values() for kind in pattern.events),
    ):
        yield form_of(kind)
    yield SPEC_FORM


@cache
def event_types() -> Mapping[str, type]:
    """The session's types of events, by form."""
    union, *_ = typing.get_args(Event)
    return {form_of(kind): kind for kind in typing.get_args(union)}


def _part(name: str, part: Any, upcasters: Upcasters) -> Any:
    match name, part:
        case "decided", list():
            decided = []
            for one in part:
                record = _upcast(one, upcasters) if isinstance(one, Mapping) else one
                if isinstance(record, Newer):
                    return record
                decided.append(record)
            return decided
        case "spec", Mapping():
            return _upcast(part, upcasters)
        case "writer", {"journal": int(number)} if number > JOURNAL_FORMAT:
            return Newer(f"journal format {number}", _program(part))
        case _:
            return part


def _upcast(record: WireRecord, upcasters: Upcasters) -> WireRecord | Newer:
    form = record.get("type")
    while isinstance(form, str) and form in upcasters:
        record = upcasters[form](record)
        form = record.get("type")
    if isinstance(form, str) and _is_newer(form):
        return Newer(form, _program(record.get("writer")))
    return record


def _is_newer(form: str) -> bool:
    parsed = _FORM.fullmatch(form)
    return parsed is not None and int(parsed[2]) > _version(parsed[1])


@cache
def _version(name: str) -> int:
    """The version of the form ``name`` that is written today; 0 when there is no such form."""
    kinds = pattern_events(name) if "." in name else event_types().values()
    parsed = (form.partition("/") for form in (*map(form_of, kinds), SPEC_FORM))
    return next((int(version) for known, _, version in parsed if known == name), 0)


def _program(writer: Any) -> str:
    program = writer.get("program") if isinstance(writer, Mapping) else None
    return program if isinstance(program, str) else ""


@cache
def _parts() -> Mapping[str, frozenset[str]]:
    """The fields of each event that name forms of their own."""
    return {form: _PARTS & {each.name for each in fields(kind)} for form, kind in event_types().items()}
