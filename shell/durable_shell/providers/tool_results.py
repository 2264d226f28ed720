"""What a tool gave, made into what a journal keeps and a model can be told, whatever the tool made of it.

A result in no form that a provider takes would fail each turn that tells of it, on every resume again.
"""

from __future__ import annotations

import json
from typing import Any, Final

from strands.types.session import encode_bytes_values

from durable_core.characters import whole, whole_texts
from durable_core.types import Json
from durable_shell.terminal.safe_text import one_line, shortened

MOST_TEXT: Final = 512 * 1024
"""Characters of texts and JSON in one result: twice what the built-in tools read of a file or a page."""

MOST_MEDIA: Final = 16 * 1024 * 1024
"""Characters of images and documents in one result, in Base64: providers take a few MB of each."""


def as_json(result: Any) -> Json:
    """A tool's result as JSON, whatever the tool put into it: what is no JSON is told as text."""
    encoded = encode_bytes_values(result)
    try:
        return whole_texts(json.loads(json.dumps(encoded, default=str, allow_nan=False)))
    except (ValueError, TypeError, RecursionError):
        text = whole(str(result.get("content")))
        outcome = {"status": result.get("status"), "content": [{"text": text}]}
        return {"toolUseId": result["toolUseId"], **outcome}


def in_form(result: Json) -> Json:
    """A result as ``as_json`` gives it, or a journal, in the SDK's form: a status of its two, and a list of
    texts, JSON, images and documents.

    What is none of these is told as text. Of a status that is neither ``success`` nor ``error`` nobody knows
    what it means: it counts as an error, and the model is told which it was.
    """
    status, given = result.get("status"), result.get("content")
    told = [_block(each) for each in (given if isinstance(given, list) else [] if given is None else [given])]
    if status not in ("success", "error"):
        was = shortened(one_line(_as_text(status)), 60)
        told.append({"text": f"[the tool gave the status {was}, which is neither success nor error]"})
        status = "error"
    return {**result, "status": status, "content": told}


def results_in_form(message: Json) -> Json:
    """A recorded message with its tool results in the SDK's form: earlier versions took them as they came."""
    blocks = [
        {"toolResult": in_form(block["toolResult"])} if "toolResult" in block else block
        for block in message["content"]
    ]
    return {**message, "content": blocks}


def _block(given: Json) -> Json:
    """A piece of a result with what models are told of it, and nothing beside that."""
    match given:
        case {"text": str(text)}:
            return {"text": text}
        case {"json": value}:
            return {"json": value}
        case {"image": {"format": str(), "source": source}} if _is_source(source):
            return {"image": given["image"]}
        case {"document": {"format": str(), "name": str(), "source": source}} if _is_source(source):
            return {"document": given["document"]}
        case _:
            return {"text": _as_text(given)}


def _is_source(source: Json) -> bool:
    """Whether it holds bytes, as the SDK writes them in JSON, or says where they are."""
    match source:
        case {"bytes": {"__bytes_encoded__": True, "data": str()}} | {"location": {"type": str()}}:
            return True
        case _:
            return False


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def within_bounds(result: Json) -> Json:
    """A result in the SDK's form, cut where it is longer than what a journal keeps and a model is told.

    Texts and JSON have MOST_TEXT together and all else MOST_MEDIA, in characters of JSON. A text is cut; any
    other piece that there is no room for is left out, and that is said.
    """
    if _length(result) <= MOST_TEXT:
        return result
    kept: list[Json] = []
    rooms = {True: MOST_TEXT, False: MOST_MEDIA}
    left_out = 0
    for block in result["content"]:
        is_text = bool(block.keys() & {"text", "json"})
        room, length = rooms[is_text], _length(block)
        if length > room:
            left_out += 1
            beginning = block.get("text", "")[:room]
            if not beginning:
                continue
            block, length = {"text": beginning}, room  # noqa: PLW2901  # what is kept of it
        kept.append(block)
        rooms[is_text] -= length
    if left_out:
        kept.append({"text": f"[cut: the result is longer than {MOST_TEXT} characters]"})
    return {"toolUseId": result["toolUseId"], "status": result["status"], "content": kept}


def _length(value: Json) -> int:
    return len(json.dumps(value, ensure_ascii=False))
