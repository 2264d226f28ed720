"""Sentences: what the models refuse, said in our words.

The models say where (a path of keys, indexes and model names) and what kind of error; their JSON Schema says
what would have been right. Both together make a problem with a pointer, a sentence and a hint. Nobody outside
this module meets a validation library's wording.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from durable_core.frozen import frozen
from durable_core.persistent.frozen_dict import JSON, FrozenDict
from durable_core.spec.base_types import Model, SchemaOfFiles
from durable_core.spec.problems import Problem, path_of, pointer_of
from durable_core.spec.suggestions import did_you_mean, listed

Schema = Mapping[str, Any]

_DUE: Final = FrozenDict(
    string_type="text",
    int_type="a whole number",
    int_from_float="a whole number",
    float_type="a number",
    bool_type="true or false",
    tuple_type="a list",
    dict_type="a mapping of keys to values",
    model_type="a mapping of keys to values",
)
"""What a value of the wrong type should have been."""

_LONGEST_QUOTE: Final = 40


@frozen()
class ModelFault:
    """One refusal. ``parts`` leads to the value in the data, ``key`` is the last of them.

    ``due`` is the schema of what is due there and ``holder`` the schema of the mapping around it; both are
    empty where the schema says nothing. ``error`` is the validation library's own account of the refusal.
    ``as_written`` has how values are written, and the data stands at ``around`` there.
    """

    error: ErrorDetails
    parts: tuple[str | int, ...]
    due: Schema
    holder: Schema
    as_written: Mapping[str, str]
    around: str

    @property
    def type(self) -> str:
        """The validation library's name for the refusal."""
        return self.error["type"]

    @property
    def pointer(self) -> str:
        """Where the problem is: at the value, or around one that is missing."""
        return pointer_of(*(self.parts[:-1] if self.type == "missing" else self.parts))

    @property
    def problem(self) -> Problem:
        """The refusal in our words. To find them takes a while, and of very many most are never asked for."""
        written = self.as_written.get(self.around + pointer_of(*self.parts))
        return _problem(self.error, self.parts, self.due, self.holder, written)

    @property
    def optional(self) -> bool:
        """Whether the data would be complete without the value."""
        return self.parts[-1] not in self.holder.get("required", self.parts[-1:])


def faults(
    model: type[Model], data: Mapping[str, JSON], written: Mapping[str, str] = FrozenDict(), around: str = ""
) -> Iterator[ModelFault]:
    """Everything that ``model`` refuses in ``data``; nothing when it takes it.

    ``written`` has how values were written where that is not as JSON would write them, by pointer; that of
    the data is ``around``.
    """
    try:
        model.model_validate(data)
    except ValidationError as error:
        yield from _faults(schema_of(model), data, error.errors(include_url=False), written, around)


@lru_cache(maxsize=8)
def schema_of(model: type[Model]) -> Schema:
    """The JSON Schema of a model, with the keys that files use. Do not change it: it is shared."""
    return model.model_json_schema(by_alias=True, schema_generator=SchemaOfFiles)


def plain(schema: Schema, root: Schema) -> Schema:
    """``schema`` with its reference followed and the "or nothing" of optional keys left out."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if choices:
        inner = choices[-1]  # a shorthand stands before the model that it is short for
    elif "$ref" in schema:
        inner = root["$defs"][schema["$ref"].rpartition("/")[2]]
    else:
        return schema
    own = {"description": schema["description"]} if "description" in schema else {}
    return {**plain(inner, root), **own}


def _faults(
    root: Schema,
    data: JSON,
    errors: list[ErrorDetails],
    as_written: Mapping[str, str] = FrozenDict(),
    around: str = "",
) -> Iterator[ModelFault]:
    for error in errors:
        if error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]:
            continue  # the list is long enough: its items were refused, each by an error of its own
        parts, due, holder = _walk(root, error["loc"])
        written = _written(parts, data)
        if len(written) < len(parts):
            parts, holder = written, {}  # inside a shorthand, which has no inside
        yield ModelFault(error, parts, due, holder, as_written, around)


def _walk(root: Schema, loc: tuple[str | int, ...]) -> tuple[tuple[str | int, ...], Schema, Schema]:
    """Follow ``loc`` through the schema: the keys and indexes in it, what is due there, and what holds it."""
    parts: list[str | int] = []
    due = root
    holder: Schema = {}
    for step in loc:
        if step == "[key]":
            continue  # an error of a key stands behind that key, whatever its value may be
        due = plain(due, root)
        if "oneOf" in due:
            due = plain(root["$defs"][step], root)  # the name of the model that the value was taken for
        elif isinstance(step, int):
            parts.append(step)
            due, holder = due.get("items", {}), {}
        else:
            parts.append(step)
            holder = due
            properties = due.get("properties", {})
            extra = due.get("additionalProperties")
            due = properties.get(step, extra if isinstance(extra, Mapping) else {})
    return tuple(parts), plain(due, root), holder


def _written(parts: tuple[str | int, ...], data: Any) -> tuple[str | int, ...]:
    """``parts``, or as many of them as lead to something that the data spells out."""
    for index, part in enumerate(parts):
        if not isinstance(data, Mapping | tuple | list):
            return parts[:index]
        data = data.get(part) if isinstance(data, Mapping) else data[int(part)]
    return parts


def _problem(
    error: ErrorDetails,
    parts: tuple[str | int, ...],
    due: Schema,
    holder: Schema,
    written: str | None,
) -> Problem:
    pointer = pointer_of(*parts)
    label = path_of(pointer)
    value = error["input"]
    limits = error.get("ctx", {})
    match error["type"]:
        case "missing":
            around = pointer_of(*parts[:-1])
            where = f" in {path_of(around)}" if around else ""
            hint = _description(due)
            return Problem(f"The key '{parts[-1]}' is missing{where}.", around, hint=hint)
        case "extra_forbidden":
            return _unknown_key(parts, holder)
        case _ if value is None:
            return Problem(f"{label} is empty.", pointer, hint="Give it a value, or remove the key.")
        case "literal_error":
            known = tuple(map(str, due.get("enum") or (due.get("const"),)))
            wrong = f"{label} must be {_one_of(known)}, not {quoted(value)}."
            return Problem(wrong, pointer, hint=did_you_mean(str(value), known))
        case "greater_than_equal":
            return Problem(f"{label} must be at least {limits['ge']:g}, not {written or value}.", pointer)
        case "less_than_equal":
            return Problem(f"{label} must be at most {limits['le']:g}, not {written or value}.", pointer)
        case "string_too_short":
            return Problem(f"{label} must not be empty.", pointer, hint=_description(due))
        case "too_short":
            least = error["ctx"]["min_length"]
            entries = "entry" if least == 1 else "entries"
            return Problem(f"{label} needs at least {least} {entries}, not {len(value)}.", pointer)
        case "value_error":
            return Problem(f"{label} {error['ctx']['error']}.", pointer, hint=_description(due))
        case kind if kind in _DUE:
            wrong = f"{label} must be {_DUE[kind]}, not {described(value, written)}."
            return Problem(wrong, pointer, hint=_type_hint(kind, value, due, written))
        case _:
            return Problem(f"{label} cannot be {quoted(value)}.", pointer, hint=_description(due))


def _unknown_key(parts: tuple[str | int, ...], holder: Schema) -> Problem:
    around = pointer_of(*parts[:-1])
    where = f" in {path_of(around)}" if around else ""
    known = tuple(holder.get("properties", {}))
    hint = did_you_mean(str(parts[-1]), known) or f"Known here: {listed(known, most=24)}."
    return Problem(f"Unknown key '{parts[-1]}'{where}.", pointer_of(*parts), hint=hint)


def _one_of(known: tuple[str, ...]) -> str:
    words = listed(known)
    return words if len(known) == 1 else f"one of {words}"


def _description(due: Schema) -> str | None:
    """What the schema says, as a sentence for a screen: its first paragraph, names in plain quotes."""
    described = due.get("description")
    return described and " ".join(described.partition("\n\n")[0].replace("``", "'").split())


def _type_hint(kind: str, value: object, due: Schema, written: str | None) -> str | None:
    match kind, value:
        case "string_type", bool() | int() | float():
            return f'Quote it: "{written or str(value).lower()}".'
        case (("int_type" | "float_type" | "bool_type"), str()) if value:
            return "Remove the quotes." if _is_plain(kind, value) else _description(due)
        case "tuple_type", _:
            return "Put '- ' before each entry, or brackets around them."
        case _:
            return _description(due)


def _is_plain(kind: str, text: str) -> bool:
    if kind == "bool_type":
        return text.lower() in ("true", "false")
    return text.replace(".", "", 1 if kind == "float_type" else 0).removeprefix("-").isdecimal()


def described(value: object, written: str | None = None) -> str:
    """What kind of JSON value this is, in a person's words; a number or boolean as it was ``written``."""
    match value:
        case None:
            return "empty"
        case bool():
            return written or ("true" if value else "false")
        case int() | float():
            return f"the number {written or quoted(value)}"
        case str():
            return f"the text {quoted(value)}" if value else "an empty text"
        case Mapping():
            return "a mapping"
        case _:
            return "a list"


def quoted(value: object) -> str:
    """A value as a message shows it: short, on one line."""
    if isinstance(value, Mapping | tuple | list):
        return described(value)
    text = " ".join(str(value).split())
    short = text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 3] + "..."
    return f"'{short}'" if isinstance(value, str) else short
