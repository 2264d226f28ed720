"""The JSON documents in which providers tell of an error, each in a shape of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping

from durable_core.types import Json


def error_message(document: object) -> str:
    """The message of an error's document, however deep it stands in it; "" where it has none."""
    fields = error_fields(document)
    texts = (fields.get(name) for name in ("message", "Message", "error", "detail"))
    return next((text for text in texts if isinstance(text, str)), "")


def error_fields(document: object) -> Mapping[str, Json]:
    """The fields of the error that a document is, or that stands in it; none if it is no document.

    ``document`` is JSON, or its text.
    """
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except (ValueError, RecursionError):
            return {}
    if not isinstance(document, Mapping):
        return {}
    inner: Mapping[str, Json] | None = document
    while inner is not None:
        document = inner
        inner = next((inner[name] for name in ("error", "data") if isinstance(inner.get(name), dict)), None)
    return document
