"""The workflow format, from its JSON Schema: every key, its type, its default and what it means."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from docs.generator.constants import constants
from docs.generator.markdown import plain, table
from durable_core.patterns import PATTERNS
from durable_core.spec import features, reading
from durable_core.spec.schema import json_schema

_ROOT = "Workflow"
_MOST_PLACES = 4
"""Places of a section that are listed before a page says that there are more."""

Schema = Mapping[str, Any]


def spec_keys() -> str:
    """A section for each object of the format, the document first, then in the order they are met."""
    schema = json_schema()
    sections = {_ROOT: schema, **schema["$defs"]}
    places = _places(schema)
    return "\n\n".join(_section(name, sections, places[name]) for name in places)


def unsupported_features() -> str:
    """What the format has and this version does not run, and what to do instead."""
    # The table has no public name: it is an implementation of `unsupported`. The page shows the same rows.
    rows = [(feature, remedy) for feature, remedy, _ in features._FEATURES]
    patterns = ", ".join(f"`{name}`" for name in sorted(PATTERNS))
    return f"Patterns that run: {patterns}.\n\n" + table(("Not yet", "What to do instead"), rows)


def document_limits() -> str:
    """How large a spec file may be."""
    rows = [(f"{one.value:,}", one.meaning) for one in constants(reading) if isinstance(one.value, int)]
    return table(("Limit", "Meaning"), rows)


def _section(name: str, sections: Mapping[str, Schema], places: list[str]) -> str:
    schema = sections[name]
    required = set(schema.get("required", ()))
    rows = [
        (
            f"`{key}`",
            _type(value),
            "required" if key in required else _default(value),
            plain(_meaning(value, sections)),
        )
        for key, value in schema["properties"].items()
    ]
    shown = ", ".join(f"`{place}`" for place in places[:_MOST_PLACES])
    more = " and other places" if len(places) > _MOST_PLACES else ""
    where = [f"At {shown}{more}."] if any(places) else []
    return "\n\n".join(
        [
            f"## {name}",
            plain(schema.get("description")),
            *where,
            table(("Key", "Type", "Default", "Meaning"), rows),
        ]
    )


def _meaning(value: Schema, sections: Mapping[str, Schema]) -> str | None:
    """A key's description; pydantic leaves it out where it says what the object it refers to says."""
    referred = sections.get(value.get("$ref", "").rpartition("/")[2], {})
    described: str | None = value.get("description", referred.get("description"))
    return described


def _places(schema: Schema) -> dict[str, list[str]]:
    """Each section by name, with the paths in a document that lead to it; breadth first, document first."""
    places: dict[str, list[str]] = {_ROOT: [""]}
    waiting: list[tuple[str, Schema]] = [("", schema)]
    while waiting:
        path, at = waiting.pop(0)
        for key, value in at["properties"].items():
            inner = f"{path}.{key}" if path else key
            for name, suffix in _references(value):
                if name in places and f"{inner}{suffix}" in places[name]:
                    continue
                places.setdefault(name, []).append(f"{inner}{suffix}")
                waiting.append((f"{inner}{suffix}", schema["$defs"][name]))
    return places


def _references(value: Schema, suffix: str = "") -> Iterator[tuple[str, str]]:
    """The sections that a value refers to, each with what a path to it ends in."""
    if "$ref" in value:
        yield value["$ref"].rpartition("/")[2], suffix
    for key in ("anyOf", "oneOf"):
        for one in value.get(key, ()):
            yield from _references(one, suffix)
    if isinstance(value.get("items"), Mapping):
        yield from _references(value["items"], f"{suffix}[]")
    if isinstance(value.get("additionalProperties"), Mapping):
        yield from _references(value["additionalProperties"], f"{suffix}.NAME")


def _type(value: Schema) -> str:
    match value:
        case {"$ref": str(reference)}:
            name = reference.rpartition("/")[2]
            return f"[{name}](#{name.lower()})"
        case {"anyOf": list(several)} | {"oneOf": list(several)}:
            return " or ".join(dict.fromkeys(map(_type, several)))
        case {"const": fixed}:
            return f"`{fixed}`"
        case {"enum": list(allowed)}:
            return "one of " + ", ".join(f"`{one}`" for one in allowed)
        case {"type": "array", **rest}:
            least = f"at least {rest['minItems']}" if "minItems" in rest else ""
            return _joined("list of", _type(rest["items"]) if rest.get("items") else "anything", least)
        case {"type": "object", **rest}:
            inner = rest.get("additionalProperties")
            held = _type(inner) if isinstance(inner, Mapping) and inner else "anything"
            return f"mapping of names to {held}"
        case {"type": str(kind)}:
            return _joined(_KINDS[kind], _range(value))
        case _:
            return "anything"


_KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
}


def _range(value: Schema) -> str:
    match value:
        case {"minimum": least, "maximum": most}:
            return f"{least}..{most}"
        case {"minimum": least}:
            return f">= {least}"
        case _:
            return ""


def _joined(*words: str) -> str:
    return " ".join(word for word in words if word)


def _default(value: Schema) -> str:
    default = value.get("default")
    if default is None or default in ([], {}) or isinstance(default, dict):
        return ""
    return f"`{json.dumps(default)}`"
