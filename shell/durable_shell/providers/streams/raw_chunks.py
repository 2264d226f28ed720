"""What the SDK's models are asked to leave as it came: the finish reason, and usage that is not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from strands.types.streaming import StreamEvent

_STAND_IN: Final = "end_turn"
"""What the SDK writes where a server of OpenAI's protocol gave no reason; it is none of that protocol's."""


def raw_chunk(event: dict[str, Any], formatted: Callable[[dict[str, Any]], Any]) -> StreamEvent:
    """The SDK's event for a chunk, by its own ``formatted``, but for the end and the usage of an answer."""
    match event["chunk_type"]:
        case "message_stop":
            reason = event["data"]
            return stop(None if reason == _STAND_IN else reason)
        case "metadata":
            try:
                return cast(StreamEvent, formatted(event))
            except (AttributeError, KeyError, TypeError):  # counts are missing
                return {"metadata": {}}
        case _:
            return cast(StreamEvent, formatted(event))


def stop(reason: object, metadata: Mapping[str, Any] | None = None) -> StreamEvent:
    """The end of an answer for the provider's own ``reason``, and its usage where that comes with it."""
    given = {"messageStop": {"stopReason": None if reason is None else str(reason)}}
    return cast(StreamEvent, given if metadata is None else {**given, "metadata": metadata})
