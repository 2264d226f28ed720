"""What a model wrote as the arguments of a tool call, read with care before it may reach a tool.

The SDK makes an empty object of arguments that it can't read, and the tool runs with its defaults. Here they
become a *notice* in their place: a small object that says what was wrong. It takes the way of any arguments,
through the conversation and the journal, so that a call with a notice is known as one after a crash as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from durable_core.bounds import finite
from durable_core.characters import whole
from durable_core.types import Json

MAX_DEPTH: Final = 64
"""Levels of lists and objects in arguments. Copying, hiding secrets and writing them each go a few calls
deeper with every level, and Python stops at a thousand calls."""

MAX_CHARS: Final = 4 * 1024 * 1024
"""Characters of one call's arguments: as much as ``file_write`` takes."""

PROBLEM: Final = "arguments_not_usable"
"""The key by which a notice is known; below it stands what was wrong."""

SHOWN_CHARS: Final = 200
"""Characters that a notice keeps of what the model wrote."""


def usable_arguments(text: str) -> str:
    """The arguments ``text`` as JSON of an object, or a notice in their place. Nothing written is ``{}``."""
    if not text.strip():
        return "{}"
    read = _read(text)
    if isinstance(read, str):
        read = {PROBLEM: read, "written": whole(text[:SHOWN_CHARS])}
    return whole(json.dumps(read, ensure_ascii=False))


def arguments_problem(given: Json, schema: Mapping[str, Any], *, lenient: bool) -> str | None:
    """Why a tool with this input schema is not to run with ``given``, as a sentence to its model; or None.

    A name that the schema does not list is a mistake of the model, and the tool's default would hide it;
    not so where the schema takes further names, or where the tool is ``lenient`` and leaves them out.
    """
    if isinstance(given, Mapping) and isinstance(problem := given.get(PROBLEM), str):
        return f"The tool was not run: {problem} Call it again."
    if not isinstance(given, Mapping):
        return "The tool was not run: its arguments must be a JSON object. Call it again."
    properties = schema.get("properties")
    if lenient or not isinstance(properties, Mapping) or schema.get("additionalProperties"):
        return None
    unknown = [name for name in given if name not in properties]
    if not unknown or "patternProperties" in schema:
        return None
    listed = f"it takes {_names(properties)}" if properties else "it takes no arguments"
    return f"The tool was not run: it has no argument {_names(unknown)}; {listed}. Call it again."


def _read(text: str) -> dict[str, Any] | str:
    """The object that ``text`` is, or what is wrong with it."""
    if len(text) > MAX_CHARS:
        return f"its arguments are longer than {MAX_CHARS} characters."
    if _depth(text) > MAX_DEPTH:
        return f"its arguments are nested more than {MAX_DEPTH} levels deep."
    try:
        value = json.loads(text, parse_constant=finite, parse_float=finite)
    except ValueError as error:
        what = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        return f"its arguments were not JSON ({what})."
    return value if isinstance(value, dict) else "its arguments must be a JSON object."


def _depth(text: str) -> int:
    """The most brackets of ``text`` that are open at once, those in strings left out."""
    most = depth = 0
    pieces = iter(text)
    in_string = False
    for char in pieces:
        if in_string:
            if char == "\\":
                next(pieces, None)
            in_string = char != '"'
        elif char == '"':
            in_string = True
        elif char in "{[":
            depth += 1
            most = max(most, depth)
        elif char in "}]":
            depth -= 1
    return most


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"'{name[:80]}'" for name in list(names)[:20])
