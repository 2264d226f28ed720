"""litellm, which talks to many services in the shape of OpenAI's answers.

The client writes advertisements on standard output and fetches a list of prices while it is imported; both
are turned off before and after that. Where a stream ends without a finish reason, the client makes one up;
what the service itself gave is asked of it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncGenerator
from typing import Any

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")

import litellm  # it reads that variable while it is imported
from strands.models.litellm import LiteLLMModel
from strands.types.streaming import StreamEvent

from durable_shell.providers.stream_check import CheckedStream
from durable_shell.providers.streams.raw_chunks import raw_chunk

litellm.suppress_debug_info = True
for _name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
    logging.getLogger(_name).handlers = [logging.NullHandler()]
    logging.getLogger(_name).propagate = False


class LiteLLMStream(CheckedStream, LiteLLMModel):
    """``LiteLLMModel``, checked."""

    provider = "litellm"

    async def _handle_streaming_response(
        self, litellm_request: dict[str, Any]
    ) -> AsyncGenerator[StreamEvent, None]:
        """The SDK's own, but for the end: made up by the client, it is none."""
        response = await litellm.acompletion(**self.client_args, **litellm_request)
        yield self.format_chunk({"chunk_type": "message_start"})
        calls: dict[int, list[Any]] = {}
        kind: str | None = None
        reason: str | None = None
        usage: Any = None
        async for event in response:
            usage = getattr(event, "usage", None) or usage
            for choice in (getattr(event, "choices", None) or ())[:1]:
                content = self._process_choice_content(choice, kind, calls, is_streaming=True)
                async for now, chunk in content:
                    kind = now
                    yield chunk
                reason = choice.finish_reason or reason
        if kind:
            yield self.format_chunk({"chunk_type": "content_stop", "data_type": kind})
        async for chunk in self._process_tool_calls(calls):
            yield chunk
        yield self.format_chunk({"chunk_type": "message_stop", "data": reason if _given(response) else None})
        if usage is not None:
            yield self.format_chunk({"chunk_type": "metadata", "data": usage})

    def format_chunk(self, event: dict[str, Any], **_: Any) -> StreamEvent:
        """The SDK's own, with the finish reason as it came."""
        return raw_chunk(event, super().format_chunk)


def _given(response: Any) -> bool:
    """Whether the service gave a finish reason, of which the client's stream keeps the first and the last."""
    kept = (
        getattr(response, name, None) for name in ("received_finish_reason", "intermittent_finish_reason")
    )
    return any(reason is not None for reason in kept)
