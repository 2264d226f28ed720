"""What the offline providers share: how they count tokens and how an answer becomes SDK stream events."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strands.types.content import ContentBlock, Messages
    from strands.types.event_loop import StopReason
    from strands.types.streaming import StreamEvent

from durable_core.characters import whole, whole_texts
from durable_core.types import Usage

_PIECE = re.compile(r"\w{1,4}|[^\w\s]")


def word_pieces(text: str) -> int:
    """How many word pieces ``text`` has, which is what the offline providers report as tokens.

    A word is cut in pieces of at most 4 characters, and every other visible character is a piece. Four
    characters a token is the usual rule of thumb for English text.
    """
    return sum(1 for _ in _PIECE.finditer(text))


def said(content: list[ContentBlock]) -> str:
    """The text of a message's blocks, tool results included, joined by line ends."""
    parts: list[str] = []
    for block in content:
        if "text" in block:
            parts.append(block["text"])
        elif "toolUse" in block:
            parts.append(f"{block['toolUse']['name']} {json.dumps(block['toolUse']['input'])}")
        elif "toolResult" in block:
            for item in block["toolResult"]["content"]:
                parts.append(item["text"] if "text" in item else json.dumps(item.get("json")))
    return "\n".join(parts)


def user_texts(messages: Messages) -> list[str]:
    """What the user said, turn by turn, oldest first."""
    return [said(message["content"]) for message in messages if message["role"] == "user"]


def cost(messages: Messages, system_prompt: str | None, answer: str) -> Usage:
    """The word pieces of the whole input (system prompt and every message) and of the answer."""
    heard = sum(word_pieces(said(message["content"])) for message in messages)
    return Usage(word_pieces(system_prompt or "") + heard, word_pieces(answer))


def text_events(text: str, usage: Usage, stop_reason: StopReason = "end_turn") -> Iterator[StreamEvent]:
    """One whole text answer as the events that the SDK expects of a model."""
    yield {"messageStart": {"role": "assistant"}}
    if text:
        yield {"contentBlockStart": {"start": {}}}
        yield {"contentBlockDelta": {"delta": {"text": whole(text)}}}
        yield {"contentBlockStop": {}}
    yield {"messageStop": {"stopReason": stop_reason}}
    yield usage_event(usage)


def tool_events(calls: Iterable[tuple[str, str, object]], usage: Usage) -> Iterator[StreamEvent]:
    """Tool calls (id, name, arguments) in one answer, as the events that the SDK expects of a model."""
    yield {"messageStart": {"role": "assistant"}}
    for tool_use_id, name, arguments in calls:
        yield {"contentBlockStart": {"start": {"toolUse": {"toolUseId": tool_use_id, "name": name}}}}
        yield {"contentBlockDelta": {"delta": {"toolUse": {"input": json.dumps(whole_texts(arguments))}}}}
        yield {"contentBlockStop": {}}
    yield {"messageStop": {"stopReason": "tool_use"}}
    yield usage_event(usage)


def usage_event(usage: Usage) -> StreamEvent:
    """The closing event. Without it the SDK counts a call as free, silently."""
    return {
        "metadata": {
            "usage": {
                "inputTokens": usage.input_tokens,
                "outputTokens": usage.output_tokens,
                "totalTokens": usage.total,
            },
            "metrics": {"latencyMs": 0},
        }
    }
