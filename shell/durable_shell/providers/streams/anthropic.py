"""Anthropic's messages.

The client puts a message together while it streams, and fails where its usage is missing or where a tool's
arguments are no JSON. It is asked for the events alone here. Of usage, the last count of each kind holds.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, Final, Self

import anthropic
from strands.models.anthropic import AnthropicModel
from strands.types.streaming import StreamEvent

from durable_shell.providers.stream_check import CheckedStream
from durable_shell.providers.wire_fault import refuse_documents

_PAUSE: Final = "pause_turn"
_PAUSE_TOLD: Final = "pause_turn: a pause for tools of the service"
"""The SDK would ask again after a pause, in one attempt. No such tools are offered: it hears another word."""


class AnthropicStream(CheckedStream, AnthropicModel):
    """``AnthropicModel``, checked, with one client; ``close`` it after the last call."""

    provider = "anthropic"

    def __init__(self, *, client_args: dict[str, Any], **model_config: Any) -> None:
        http = anthropic.DefaultAsyncHttpxClient(event_hooks={"response": [refuse_documents]})
        super().__init__(client_args={**client_args, "http_client": http}, **model_config)
        self._anthropic = self.client
        watched: Any = SimpleNamespace(messages=SimpleNamespace(stream=self._events))
        self.client = watched

    def _events(self, **request: Any) -> _Events:
        return _Events(self._anthropic, request)

    def format_chunk(self, event: dict[str, Any]) -> StreamEvent:
        """The SDK's own, where usage may be missing."""
        if event["type"] != "metadata":
            return super().format_chunk(event)
        try:
            return super().format_chunk(event)
        except KeyError:  # counts are missing
            return {"metadata": {}}

    async def close(self) -> None:
        await self._anthropic.close()


class _Events:
    """The events of one message, in the shape in which the SDK takes them from the client."""

    def __init__(self, client: anthropic.AsyncAnthropic, request: dict[str, Any]) -> None:
        self._client = client
        self._request = request
        self._usage: dict[str, Any] = {}
        self._reason: str | None = None

    async def __aenter__(self) -> Self:
        self._raw: Any = await self._client.messages.create(**self._request, stream=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._raw.close()

    async def __aiter__(self) -> AsyncIterator[Any]:
        async for event in self._raw:
            match event.type:
                case "message_start":
                    self._count(event.message.usage)
                    yield event
                case "message_delta":
                    self._reason = event.delta.stop_reason
                    self._count(event.usage)
                case "message_stop":
                    yield self._end()
                case _:
                    yield event

    def _end(self) -> Any:
        reason = _PAUSE_TOLD if self._reason == _PAUSE else self._reason
        return SimpleNamespace(type="message_stop", message=SimpleNamespace(stop_reason=reason))

    async def get_final_message(self) -> Any:
        """What the SDK looks at of the whole message: its usage."""
        return SimpleNamespace(usage=SimpleNamespace(model_dump=lambda: self._usage))

    def _count(self, usage: Any) -> None:
        counts = usage.model_dump() if usage is not None else {}
        self._usage |= {name: count for name, count in counts.items() if count is not None}
