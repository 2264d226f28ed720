"""Gemini's generated content."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import httpx
from google import genai
from google.genai.types import GenerateContentResponse
from strands.models.gemini import GeminiModel
from strands.types.streaming import StreamEvent

from durable_shell.providers.stream_check import CheckedStream
from durable_shell.providers.streams.raw_chunks import raw_chunk, stop
from durable_shell.providers.wire_fault import refuse_documents

# A finish reason that the client does not know is told of by us, as a fault.
warnings.filterwarnings("ignore", message=".* is not a valid (FinishReason|BlockedReason)")


class GeminiStream(CheckedStream, GeminiModel):
    """``GeminiModel`` with one client; ``close`` it after the last call.

    The SDK looks at the last piece of a stream for the finish reason, and at none once a tool was called.
    Here a piece is put behind the last one that says how it all ended.
    """

    provider = "gemini"

    def __init__(self, *, client_args: dict[str, Any], **model_config: Any) -> None:
        self._http = httpx.AsyncClient(follow_redirects=True, event_hooks={"response": [refuse_documents]})
        options = {**client_args["http_options"], "httpx_async_client": self._http}
        self._genai = genai.Client(**{**client_args, "http_options": options})
        models = SimpleNamespace(generate_content_stream=self._generate)
        watched: Any = SimpleNamespace(aio=SimpleNamespace(models=models))
        super().__init__(client=watched, **model_config)

    async def _generate(self, **request: Any) -> AsyncIterator[Any]:
        return _with_end(await self._genai.aio.models.generate_content_stream(**request))

    def _format_chunk(self, event: dict[str, Any]) -> StreamEvent:
        end = event.get("data")
        if event["chunk_type"] != "metadata" or not isinstance(end, _End):
            return raw_chunk(event, super()._format_chunk)
        if end.usage is None:
            return stop(end.reason)
        counted: Any = raw_chunk({"chunk_type": "metadata", "data": end.usage}, super()._format_chunk)
        return stop(end.reason, counted["metadata"])

    async def close(self) -> None:
        self._genai.close()
        await self._http.aclose()


class _End:
    """How a stream ended: its finish reason and usage, None for what was not said."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self.usage: Any = None

    def note(self, piece: Any) -> None:
        feedback = getattr(piece, "prompt_feedback", None)
        if feedback is not None and feedback.block_reason is not None:
            self.reason = "PROMPT_BLOCKED"
        for candidate in (piece.candidates or ())[:1]:
            if candidate.finish_reason is not None:
                self.reason = candidate.finish_reason.value
        self.usage = piece.usage_metadata or self.usage


async def _with_end(pieces: AsyncIterator[Any]) -> AsyncIterator[Any]:
    end = _End()
    async for piece in pieces:
        end.note(piece)
        yield piece
    last: dict[str, Any] = {"candidates": None, "usage_metadata": end}
    yield GenerateContentResponse.model_construct(**last)
