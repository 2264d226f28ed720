"""Anthropic's messages."""

from __future__ import annotations

from typing import Any

import anthropic
from strands.models.anthropic import AnthropicModel
from strands.types.streaming import StreamEvent

from durable_shell.providers.stream_check import CheckedStream
from durable_shell.providers.wire_fault import refuse_page


class AnthropicStream(CheckedStream, AnthropicModel):
    """``AnthropicModel``, checked. The SDK hands on this provider's stop reasons as they come."""

    provider = "anthropic"

    def __init__(self, *, client_args: dict[str, Any], **model_config: Any) -> None:
        http = anthropic.DefaultAsyncHttpxClient(event_hooks={"response": [refuse_page]})
        super().__init__(client_args={**client_args, "http_client": http}, **model_config)

    def format_chunk(self, event: dict[str, Any]) -> StreamEvent:
        """The SDK's own, where usage may be missing."""
        if event["type"] != "metadata":
            return super().format_chunk(event)
        try:
            return super().format_chunk(event)
        except (KeyError, TypeError):  # counts are missing
            return {"metadata": {}}
