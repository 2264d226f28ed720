"""The SDK's Ollama model, with two answers of the server read more carefully.

The SDK adds up ``prompt_eval_count`` and ``eval_count`` as they come. A server leaves out the first when it
took the prompt from its cache, and a stream that broke off has neither: both end in a TypeError inside the
SDK, which says nothing to anybody. Here a missing count is 0, and a stream without its end is a broken
connection. Connections are also kept between calls, where the SDK opens one for each; proxies of the
environment are not used.
"""

from __future__ import annotations

from typing import Any

import httpx
from strands.models.ollama import OllamaModel
from strands.types.streaming import StreamEvent


class OllamaStream(OllamaModel):
    """``OllamaModel`` with one connection pool; ``close`` it after the last call."""

    def __init__(self, host: str | None, *, ollama_client_args: dict[str, Any], **model_config: Any) -> None:
        self._transport = httpx.AsyncHTTPTransport()
        client_args = {**ollama_client_args, "transport": self._transport}
        super().__init__(host, ollama_client_args=client_args, **model_config)

    def format_chunk(self, event: dict[str, Any]) -> StreamEvent:
        """The SDK's own, but for the closing event (``metadata``)."""
        if event["chunk_type"] != "metadata":
            return super().format_chunk(event)
        end = event["data"]
        if not end.done:
            raise ConnectionResetError("the stream ended before the answer did")
        read, written = end.prompt_eval_count or 0, end.eval_count or 0
        return {
            "metadata": {
                "usage": {"inputTokens": read, "outputTokens": written, "totalTokens": read + written},
                "metrics": {"latencyMs": int((end.total_duration or 0) / 1e6)},
            }
        }

    async def close(self) -> None:
        await self._transport.aclose()
