"""The JSON Schema of the workflow format, for editors that complete and check while one types."""

from __future__ import annotations

from typing import Any, Final

from durable_core.spec.base_types import SchemaOfFiles
from durable_core.spec.models import Spec

SCHEMA_ID: Final = "https://strands-durable.dev/schema/workflow-v0.json"


def json_schema() -> dict[str, Any]:
    """A JSON Schema (draft 2020-12) of the files that ``parse_spec`` takes, but for the cross checks."""
    schema = _tidied(Spec.model_json_schema(by_alias=True, schema_generator=SchemaOfFiles))
    agent = schema["$defs"]["Agent"]
    agent["anyOf"] = [{"required": ["prompt"]}, {"required": ["$ref"]}]
    agent["required"] = []
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **schema,
        "title": "Strands workflow, v0",
    }


def _tidied(value: Any) -> Any:
    """The schema without what no file can say: the empty values that stand for keys left out."""
    match value:
        case {"anyOf": [only, {"type": "null"}], **rest}:
            return _tidied({**only, **rest})
        case dict():
            return {key: _tidied(item) for key, item in value.items() if (key, item) != ("default", None)}
        case list():
            return [_tidied(item) for item in value]
        case _:
            return value
