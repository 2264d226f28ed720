"""Mistral's chat completions."""

from __future__ import annotations

from typing import Any

import httpx2
from strands.models.mistral import MistralModel
from strands.types.streaming import StreamEvent

from durable_shell.providers.stream_check import CheckedStream
from durable_shell.providers.streams.raw_chunks import raw_chunk
from durable_shell.providers.wire_fault import refuse_documents


class MistralStream(CheckedStream, MistralModel):
    """``MistralModel`` with one connection pool; ``close`` it after the last call."""

    provider = "mistral"

    def __init__(self, *, client_args: dict[str, Any], **model_config: Any) -> None:
        self._http = httpx2.AsyncClient(follow_redirects=True, event_hooks={"response": [refuse_documents]})
        super().__init__(client_args={**client_args, "async_client": self._http}, **model_config)

    def format_chunk(self, event: dict[str, Any]) -> StreamEvent:
        """The SDK's own, with the finish reason as it came."""
        return raw_chunk(event, super().format_chunk)

    async def close(self) -> None:
        await self._http.aclose()
