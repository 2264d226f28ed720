"""Structures that texts are read into and written from again."""

from __future__ import annotations

import copy
import json
from typing import Any, Final

from durable_core.spec.document import read_document
from tests.fuzz.mutations import Form


def _thawed(value: object) -> Any:
    """Frozen JSON as lists and dicts."""
    if hasattr(value, "items"):
        return {key: _thawed(item) for key, item in value.items()}
    return [_thawed(item) for item in value] if isinstance(value, tuple | list) else value


def _read_json(text: bytes) -> Any:
    return json.loads(text)


def _write_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _write_json_raw(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")


def _read_yaml(text: bytes) -> Any:
    read = read_document(text.decode(), format="yaml")
    return _thawed(read.map(lambda document: document.data).value_or(None))


def _read_lines(text: bytes) -> Any:
    return [json.loads(line) for line in text.splitlines()]


def _write_lines(value: Any) -> bytes:
    lines = value if isinstance(value, list) else [value]
    return b"\n".join(json.dumps(line).encode() for line in lines)


JSON: Final = Form(_read_json, _write_json)
YAML: Final = Form(lambda text: copy.deepcopy(_read_yaml(text)), _write_json_raw)
"""Read as YAML, written as JSON, which YAML takes as well."""

JSON_LINES: Final = Form(_read_lines, _write_lines)
