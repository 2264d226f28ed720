"""llama.cpp's own server."""

from __future__ import annotations

import json
from typing import Any

from strands.models.llamacpp import LlamaCppModel
from strands.types.streaming import StreamEvent

from durable_core.types import Json
from durable_shell.providers.finish_reasons import FAULTS
from durable_shell.providers.stream_check import CheckedStream
from durable_shell.providers.streams.raw_chunks import raw_chunk
from durable_shell.providers.wire_fault import WireFault, refuse_documents


class LlamaCppStream(CheckedStream, LlamaCppModel):
    """``LlamaCppModel``, checked. The SDK waits for the whole response and leaves out what is no chunk."""

    provider = "llamacpp"

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.client.event_hooks = {"response": [refuse_documents, _refuse_errors]}

    def _format_chunk(self, event: dict[str, Any]) -> StreamEvent:
        return raw_chunk(event, super()._format_chunk)

    async def close(self) -> None:
        await self.client.aclose()


async def _refuse_errors(response: Any) -> None:
    """Raises WireFault for a response that holds an error, a piece that is no JSON, or no finish reason."""
    if response.status_code != 200:
        return
    await response.aread()
    finished = False
    for line in response.text.splitlines():
        if line.startswith("error:"):
            raise WireFault("server", f"failed while it answered: {_said(line[6:])}")
        piece = line[5:].strip() if line.startswith("data:") else ""
        if not piece or piece == "[DONE]":
            continue
        chunk = _chunk(piece)
        if "error" in chunk:
            raise WireFault("server", f"failed while it answered: {_said(json.dumps(chunk['error']))}")
        finished = finished or any(choice.get("finish_reason") for choice in chunk.get("choices") or ())
    if not finished:
        missing = FAULTS["missing"]
        raise WireFault(missing.kind, missing.said, missing.next_step)


def _chunk(piece: str) -> dict[str, Any]:
    try:
        chunk: Json = json.loads(piece)
    except ValueError:
        chunk = None
    if not isinstance(chunk, dict):
        raise WireFault("server", "sent a piece of an answer that is no JSON object")
    return chunk


def _said(text: str) -> str:
    try:
        error: Json = json.loads(text)
    except ValueError:
        return text.strip()
    return str(error.get("message") or error) if isinstance(error, dict) else str(error)
