"""What the SDK's models are given of the wire, where the clients beneath them lose or spoil it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from anthropic._models import construct_type
from anthropic.types import RawMessageStreamEvent

from durable_core.session.conversation import NOT_REPORTED
from durable_shell.providers.factory import build_model
from durable_shell.providers.streams.raw_chunks import raw_chunk
from durable_shell.providers.wire_fault import WireFault, check_type, refuse_documents
from tests.support.model_kit import settings

MESSAGE = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": []}
COUNTS = {"input_tokens": 11, "output_tokens": 1}


def anthropic_events(*pieces: str, reason: str, counted: bool) -> list[Any]:
    """The wire's events of a call of the tool ``note`` whose arguments come in ``pieces``."""
    use = {"type": "tool_use", "id": "c1", "name": "note", "input": {}}
    deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
    wire: list[dict[str, Any]] = [
        {"type": "message_start", "message": MESSAGE | ({"usage": COUNTS} if counted else {})},
        {"type": "content_block_start", "index": 0, "content_block": use},
        *({"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 7}},
        {"type": "message_stop"},
    ]
    if not counted:
        del wire[-2]["usage"]
    return [construct_type(type_=RawMessageStreamEvent, value=one) for one in wire]


class Raw:
    """A stream of a client."""

    def __init__(self, events: list[Any]) -> None:
        self.events = events
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[Any]:
        for event in self.events:
            yield event

    async def close(self) -> None:
        self.closed = True


def told(*pieces: str, reason: str = "tool_use", counted: bool = True) -> list[Any]:
    """What the SDK is told of such a call."""
    model: Any = build_model(settings("anthropic", model_id="m"), {"ANTHROPIC_API_KEY": "k"}).unwrap()
    raw = Raw(anthropic_events(*pieces, reason=reason, counted=counted))

    async def create(**request: Any) -> Raw:
        assert request["stream"] is True
        return raw

    model._anthropic = SimpleNamespace(messages=SimpleNamespace(create=create))

    async def all_of_it() -> list[Any]:
        return [event async for event in model.stream([{"role": "user", "content": [{"text": "hi"}]}])]

    events = asyncio.run(all_of_it())
    assert raw.closed
    return events


def arguments(events: list[Any]) -> Any:
    deltas = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]
    return json.loads("".join(delta["toolUse"]["input"] for delta in deltas))


def test_arguments_of_anthropic_that_are_no_json_are_no_exception_of_its_client() -> None:
    assert "not JSON" in arguments(told("text=", "hello"))["arguments_not_usable"]
    assert "not JSON" in arguments(told('{"text": "hel'))["arguments_not_usable"]
    assert arguments(told('{"text": "', 'hello"}')) == {"text": "hello"}
    assert arguments(told('{"text": "\ud83d', '\ude00"}')) == {"text": "\U0001f600"}


def test_usage_of_anthropic_is_its_last_counts_and_may_be_missing() -> None:
    assert told("{}")[-1]["metadata"]["usage"] == {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18}
    assert told("{}", counted=False)[-1]["metadata"]["usage"][NOT_REPORTED] == 1


def test_a_pause_of_anthropic_is_no_second_request() -> None:
    reason = told("{}", reason="pause_turn")[-2]["messageStop"]["stopReason"]
    assert reason == "unknown: pause_turn: a pause for tools of the service"


@pytest.mark.parametrize("kind", ["text/html", "TEXT/HTML; charset=utf-8", "application/xhtml+xml"])
def test_a_page_is_no_answer(kind: str) -> None:
    with pytest.raises(WireFault, match="a page for people"):
        check_type(kind)


@pytest.mark.parametrize("kind", ["", "text/event-stream", "application/x-ndjson", "text/plain"])
def test_what_is_no_page_may_be_an_answer(kind: str) -> None:
    check_type(kind)


def response(status: int, kind: str, body: str) -> Any:
    return httpx.Response(status, headers={"content-type": kind}, text=body)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"error": {"message": "The model is loading", "code": 503}}', "server"),
        ('{"error": {"message": "The model is loading", "code": 404}}', "refused"),
        ('{"error": "The model is loading"}', "server"),
        ('{"message": "The model is loading"}', "server"),
    ],
)
def test_an_error_that_comes_as_if_all_was_well_is_told(body: str, kind: str) -> None:
    with pytest.raises(WireFault, match="answered with an error: The model is loading") as fault:
        asyncio.run(refuse_documents(response(200, "application/json", body)))
    assert fault.value.kind == kind


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (500, "text/html", "<html>"),  # its client tells of this one
        (302, "text/html", "<html>"),
        (200, "application/json", '{"choices": []}'),
        (200, "application/json", "[" * 100_000),
        (200, "text/event-stream", '{"error": "The model is loading"}'),
    ],
)
def test_what_may_be_an_answer_is_left_to_the_client(status: int, kind: str, body: str) -> None:
    asyncio.run(refuse_documents(response(status, kind, body)))


def test_the_sdks_stand_in_for_a_missing_reason_is_none_and_counts_may_be_missing() -> None:
    def broken(event: dict[str, Any]) -> Any:
        return event["data"].no_such_count

    assert raw_chunk({"chunk_type": "message_stop", "data": "end_turn"}, broken) == {
        "messageStop": {"stopReason": None}
    }
    assert raw_chunk({"chunk_type": "message_stop", "data": "paused"}, broken) == {
        "messageStop": {"stopReason": "paused"}
    }
    assert raw_chunk({"chunk_type": "metadata", "data": None}, broken) == {"metadata": {}}
