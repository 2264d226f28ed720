"""The kinds of values that spec models are made of: names, ids, scalars, tables, free JSON.

Each refuses a wrong value with a sentence of its own, which the parser passes on to the person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    Strict,
    ValidationInfo,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from durable_core.persistent.frozen_dict import FrozenDict, freeze

_T = TypeVar("_T")
_V = TypeVar("_V")

_ID: Final = re.compile(r"[A-Za-z0-9._:-]+", re.ASCII)
_TAG: Final = re.compile(r"[a-z0-9][a-z0-9._-]*", re.ASCII)
_LONGEST_NAME: Final = 128
"""Longest id or name, in characters. Names become parts of paths, and file systems stop at 255 bytes."""

_DEFERRED: Final = "deferred"


class Model(BaseModel):
    """A part of the spec: frozen, no conversion of types, no unknown keys.

    Its validator is built when the first value is checked: a file holds few of the parts that it may.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)


def deferred(load: Callable[[], type[Model]]) -> CoreSchema:
    """What checks a value by a model that is loaded, and its validator built, when the first value comes.

    What the model refuses is refused with its place in the whole, as if it had been built into the whole.
    """

    def checked(value: object, info: ValidationInfo) -> Model:
        # in JSON text an array is right for a tuple; in a file that was read it is one already
        return load().model_validate(freeze(value) if info.mode == "json" else value)

    return core_schema.with_info_plain_validator_function(checked, metadata={_DEFERRED: load})


def schema_apart(model: type[Model], handler: GetJsonSchemaHandler) -> JsonSchemaValue:
    """The JSON Schema of a model that was not built into the whole: a reference to it."""
    return handler(core_schema.definitions_schema(model.__pydantic_core_schema__, []))


class _DeferredModel:
    """Marks a field whose model is built on its own, so not before a file has something in its place."""

    def __get_pydantic_core_schema__(self, source: type[Model], handler: GetCoreSchemaHandler) -> CoreSchema:
        return deferred(lambda: source)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return schema_apart(schema["metadata"][_DEFERRED](), handler)


class Later:
    """Marks a field whose model is not even loaded before a file has something in its place."""

    def __init__(self, load: Callable[[], type[Model]]) -> None:
        self._load = load

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return deferred(self._load)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return schema_apart(self._load(), handler)


class SchemaOfFiles(GenerateJsonSchema):
    """Writes a model's JSON Schema as if no part of it was built on its own."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        # a reference to a part has no title, for the part has one
        return _DEFERRED not in schema.get("metadata", ()) and super().field_title_should_be_set(schema)


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


Deferred = Annotated[_T, _DeferredModel()]
"""A model within a model that many files leave out.

The default of such a field is ``model_construct``: what is left out needs no validator either.
"""

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

Seconds = Annotated[float, Field(gt=0, le=86_400)]
"""A time limit, in seconds: up to a day."""

LONGEST_WAIT_S: Final = 86_400
"""Longest wait before an attempt is made again, in seconds: a day. Who waits longer had better resume."""

Wait = Annotated[int, Field(ge=0, json_schema_extra={"maximum": LONGEST_WAIT_S})]
"""Whole seconds to wait: up to a day. More is refused where a spec is checked, and not here: old journals may
hold it."""

Temperature = Annotated[float, Field(ge=0, le=2)]
"""Sampling temperature, 0..2."""

Share = Annotated[float, Field(ge=0, le=1)]
"""A share of a whole, 0..1."""
