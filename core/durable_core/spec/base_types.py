"""The kinds of values that spec models are made of: names, ids, scalars, tables, free JSON.

Each refuses a wrong value with a sentence of its own, which the parser passes on to the person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, Strict

from durable_core.persistent.frozen_dict import FrozenDict, freeze

_T = TypeVar("_T")
_V = TypeVar("_V")

_ID: Final = re.compile(r"[A-Za-z0-9._:-]+", re.ASCII)
_TAG: Final = re.compile(r"[a-z0-9][a-z0-9._-]*", re.ASCII)
_LONGEST_NAME: Final = 128
"""Longest id or name, in characters. Names become parts of paths, and file systems stop at 255 bytes."""


class Model(BaseModel):
    """A part of the spec: frozen, no conversion of types, no unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


def _not_empty(value: object) -> object:
    if value is None:
        raise ValueError("is empty")
    return value


def _id(value: str) -> str:
    if not _ID.fullmatch(value) or value in (".", "..") or len(value) > _LONGEST_NAME:
        raise ValueError(f"must be 1 to {_LONGEST_NAME} letters, digits or . _ : - characters")
    return value


def _name(value: str) -> str:
    usable = value.isprintable() and value == value.strip() and not set(value) & {"/", "\\"}
    if not usable or value in ("", ".", "..") or len(value) > _LONGEST_NAME:
        raise ValueError(f"must be a name of 1 to {_LONGEST_NAME} characters without slashes")
    return value


def _tag(value: str) -> str:
    if not _TAG.fullmatch(value):
        raise ValueError("must be lower-case letters and digits, with . _ - inside")
    return value


def _scalar(value: object) -> object:
    if not isinstance(value, str | int | float):
        raise ValueError("must be text, a number or a boolean")
    return value


def _version(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("must be a whole number or text")
    return value


def _frozen(value: Mapping[str, _V]) -> Mapping[str, _V]:
    return FrozenDict(value)


Given = Annotated[_T | None, BeforeValidator(_not_empty)]
"""A key that may be left out but, once written, has a value. None is "left out"."""

Id = Annotated[str, AfterValidator(_id), Field(json_schema_extra={"pattern": f"^{_ID.pattern}$"})]
"""An identifier, as the v0 format defines it: letters, digits, and ``. _ : -``."""

Name = Annotated[str, AfterValidator(_name)]
"""The key of an agent, route or node. Free text, but it has to fit into one part of a unit's path."""

Tag = Annotated[str, AfterValidator(_tag), Field(json_schema_extra={"pattern": f"^{_TAG.pattern}$"})]
"""A label to find workflows by."""

Text = Annotated[str, Field(min_length=1)]
"""Text that says something."""

Scalar = Annotated[object, PlainValidator(_scalar, json_schema_input_type=str | int | float | bool)]
"""A text, number or boolean."""

Version = Annotated[object, PlainValidator(_version, json_schema_input_type=int | str)]
"""The version of the format, a whole number or text."""

Items = Annotated[tuple[_T, ...], Strict(False)]
"""A list, frozen. Not strict, so that a parsed file's lists become tuples; text is never taken for a list."""

AnyJson = Annotated[object, PlainValidator(freeze)]
"""Any JSON value, frozen."""

Table = Annotated[Mapping[str, _V], AfterValidator(_frozen)]
"""A mapping from names to values, in file order, frozen."""

NameTable = Annotated[Mapping[Name, _V], AfterValidator(_frozen)]
"""A Table whose keys are Names."""

FilledNameTable = Annotated[Mapping[Name, _V], Field(min_length=1), AfterValidator(_frozen)]
"""A NameTable with at least one entry."""

Count = Annotated[int, Field(ge=1)]
"""A whole number from 1."""

Temperature = Annotated[float, Field(ge=0, le=2)]
"""Sampling temperature, 0..2."""

Share = Annotated[float, Field(ge=0, le=1)]
"""A share of a whole, 0..1."""
