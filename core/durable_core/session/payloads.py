"""What a command and the event that it becomes have in common: one list of fields for the two.

A command that asks for something and the event that records it differ in their meaning, not in their data.
Each pair therefore inherits its fields from one payload here. An event adds its type's name and version for
the wire, and what the core decided beyond the command.

``at`` is the time of the report or of the wish, in seconds since the epoch, UTC: the core has no clock.
What stands in a journal for a time is one that a calendar has, so that whoever shows it can name its day.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any, Final, TypeVar

from pydantic import Field, PlainSerializer, PlainValidator

from durable_core.bounds import LAST_MOMENT
from durable_core.frozen import frozen
from durable_core.session.state import THIS_FORMAT, BudgetName, Options, Writer
from durable_core.spec.models import Spec
from durable_core.spec.source import Source
from durable_core.types import Counted, Json, UnitId

E = TypeVar("E")


Moment = Annotated[float, Field(ge=0.0, le=LAST_MOMENT, allow_inf_nan=False)]
"""A time in seconds since the epoch, UTC."""


def moment_after(at: float, seconds: float) -> float | None:
    """The time ``seconds`` after ``at``; None when no calendar has it."""
    return min(at + seconds, LAST_MOMENT) if seconds <= LAST_MOMENT - at else None


SPEC_FORM: Final = "spec/1"
"""The form of a spec that is stored in an event."""


def _spec_from_wire(wire: Any) -> Spec:
    if not isinstance(wire, dict) or wire.get("type") != SPEC_FORM:
        raise ValueError(f"the stored spec is not of the form {SPEC_FORM}")
    document = {name: value for name, value in wire.items() if name != "type"}
    # its own door: strictness asked for from outside would override what the format allows
    return Spec.model_validate_json(json.dumps(document))


def _spec_on_wire(spec: Spec) -> dict[str, Any]:
    # what the author left out stays out, so that a later version's defaults show in old sessions too
    return {"type": SPEC_FORM, **spec.model_dump(mode="json", by_alias=True, exclude_unset=True)}


SpecOnWire = Annotated[Spec, PlainValidator(_spec_from_wire), PlainSerializer(_spec_on_wire)]


@frozen(kw_only=True)
class NewDriver:
    """A driver begins to work on a session that others have worked on; ``writer`` is its program."""

    at: Moment
    writer: Writer = THIS_FORMAT


@frozen(kw_only=True)
class RenderedQuestion:
    """The question of the gate ``unit``, rendered: what a person is asked, and what is shown beside it."""

    at: Moment
    unit: UnitId
    attempt: Counted
    prompt: str
    display: str | None = None


@frozen(kw_only=True)
class NewSpec:
    """The spec that holds from here on, and the file that it was read from."""

    at: Moment
    spec: SpecOnWire
    source: Source


@frozen(kw_only=True)
class NewVariables:
    """All variables that hold from here on, with their values."""

    at: Moment
    variables: Mapping[str, Json]


@frozen(kw_only=True)
class NewOptions:
    """The options that hold from here on."""

    at: Moment
    options: Options


@frozen(kw_only=True)
class NewName:
    """What the session is called from here on."""

    at: Moment
    name: str


@frozen(kw_only=True)
class NewBudget:
    """``limit`` is what the budget allows from here on, in all: tokens, units or seconds."""

    at: Moment
    budget: BudgetName
    limit: float


def event_of(kind: type[E], payload: object, **more: Any) -> E:
    """The event of type ``kind`` with the fields of ``payload``, which is its own, and ``more``."""
    shared = {each.name: getattr(payload, each.name) for each in fields(payload)}  # type: ignore[arg-type]  # a dataclass
    return kind(**shared, **more)
