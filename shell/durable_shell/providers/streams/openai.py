"""OpenAI's chat completions, and the many servers that speak them."""

from __future__ import annotations

from typing import Any

import openai
from strands.models.openai import OpenAIModel
from strands.types.streaming import StreamEvent

from durable_shell.providers.stream_check import CheckedStream
from durable_shell.providers.streams.raw_chunks import raw_chunk
from durable_shell.providers.wire_fault import refuse_documents


class OpenAIStream(CheckedStream, OpenAIModel):
    """``OpenAIModel`` with one client for the whole run; given arguments alone, the SDK opens one a call."""

    provider = "openai"

    def __init__(self, *, client_args: dict[str, Any], **model_config: Any) -> None:
        http = openai.DefaultAsyncHttpxClient(event_hooks={"response": [refuse_documents]})
        super().__init__(client=openai.AsyncOpenAI(http_client=http, **client_args), **model_config)

    def format_request(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The SDK's own; a message of one text is sent as that text, which small servers insist on."""
        request = super().format_request(*args, **kwargs)
        for message in request["messages"]:
            match message.get("content"):
                case [{"type": "text", "text": text, **more}] if not more:
                    message["content"] = text
        return request

    def format_chunk(self, event: dict[str, Any], **_: Any) -> StreamEvent:
        """The SDK's own, with the finish reason as it came."""
        return raw_chunk(event, super().format_chunk)
