"""Ollama's chat.

The SDK adds up ``prompt_eval_count`` and ``eval_count`` as they come. A server leaves out the first when it
took the prompt from its cache: here that one is 0, and usage is unknown where both are missing. The mark of
the end is ``done``; the reason beside it is lost in the SDK once a tool was called, and older servers give
none. Connections are also kept between calls, where the SDK opens one for each; proxies of the environment
are not used.
"""

from __future__ import annotations

from typing import Any

import httpx
from strands.models.ollama import OllamaModel
from strands.types.streaming import StreamEvent

from durable_shell.providers.stream_check import CheckedStream
from durable_shell.providers.streams.raw_chunks import stop
from durable_shell.providers.wire_fault import refuse_documents


class OllamaStream(CheckedStream, OllamaModel):
    """``OllamaModel`` with one connection pool; ``close`` it after the last call."""

    provider = "ollama"

    def __init__(self, host: str | None, *, ollama_client_args: dict[str, Any], **model_config: Any) -> None:
        self._transport = httpx.AsyncHTTPTransport()
        hooks = {"response": [refuse_documents, _refuse_for_now]}
        client_args = {**ollama_client_args, "transport": self._transport, "event_hooks": hooks}
        super().__init__(host, ollama_client_args=client_args, **model_config)

    def format_chunk(self, event: dict[str, Any]) -> StreamEvent:
        """The SDK's own, but for the closing event (``metadata``), which has the end and the usage."""
        match event["chunk_type"]:
            case "message_stop":
                return stop(None)
            case "metadata":
                return _end(event["data"])
            case _:
                return super().format_chunk(event)

    async def close(self) -> None:
        await self._transport.aclose()


async def _refuse_for_now(response: httpx.Response) -> None:
    """A hook that raises httpx's error where a server says when to come again.

    The client's own error has no headers.
    """
    if response.is_error and "retry-after" in response.headers:
        await response.aread()
        response.raise_for_status()


def _end(last: Any) -> StreamEvent:
    """The end of an answer, as its last piece says."""
    if not last.done:
        return stop(None)
    metadata: dict[str, Any] = {"metrics": {"latencyMs": int((last.total_duration or 0) / 1e6)}}
    read, written = last.prompt_eval_count or 0, last.eval_count
    if last.prompt_eval_count is not None or written is not None:
        written = written or 0
        metadata["usage"] = {"inputTokens": read, "outputTokens": written, "totalTokens": read + written}
    return stop(last.done_reason or "stop", metadata)
