"""A local server that speaks Mistral's chat completions."""

from __future__ import annotations

from typing import Any, ClassVar

from tests.support.servers.behaviour import Call, Misbehave, ModelServer
from tests.support.servers.openai_server import DONE, openai_chunk, openai_messages, openai_usage
from tests.support.servers.wire_format import Handler, Message, Piece, halves, server_sent

TYPES = {400: "invalid_request_error", 404: "invalid_model", 429: "rate_limited"}


class MistralHandler(Handler):
    path_suffix = "/v1/chat/completions"
    stream_type = "text/event-stream"
    reasons: ClassVar = {"whole": "stop", "length": "length"}
    every_reason = ("stop", "length", "model_length", "error", "tool_calls", "because")
    too_long = "Prompt contains 40000 tokens, too large for model with 32768 maximum context length"
    stream_errors: ClassVar = {
        "internal": server_sent(
            {
                "object": "error",
                "message": "the engine overheated",
                "type": "internal_server_error",
                "param": None,
                "code": "1000",
            }
        ),
        "nested": server_sent(
            {"error": {"message": "the engine overheated", "type": "internal_server_error"}}
        ),
    }
    malformed = b"data: {not json\n\n"

    def read(self, body: dict[str, Any]) -> tuple[str, list[Message]]:
        return body["model"], openai_messages(body)

    @classmethod
    def pieces(cls, call: Call, text: str, reason: str, *, counted: bool) -> list[Piece]:
        usage = {"usage": openai_usage(call)} if counted else {}
        return [
            Piece("begin", openai_chunk(call, {"role": "assistant", "content": ""})),
            *(Piece("content", openai_chunk(call, {"content": half})) for half in halves(text)),
            Piece("finish", openai_chunk(call, {"content": ""}, reason, **usage)),
            DONE,
        ]

    @classmethod
    def asks(cls, call: Call, tool: str, arguments: str) -> list[Piece]:
        # this provider sends a call in one piece
        asked = {"index": 0, "id": "call12345", "function": {"name": tool, "arguments": arguments}}
        return [
            Piece("begin", openai_chunk(call, {"role": "assistant", "content": ""})),
            Piece("content", openai_chunk(call, {"content": "", "tool_calls": [asked]})),
            Piece("finish", openai_chunk(call, {"content": ""}, "tool_calls", usage=openai_usage(call))),
            DONE,
        ]

    def error_body(self, wrong: Misbehave) -> dict[str, Any]:
        if wrong.status == 401:
            return {"message": wrong.message, "request_id": "test"}
        kind = TYPES.get(wrong.status, "internal_server_error")
        return {"object": "error", "message": wrong.message, "type": kind, "param": None, "code": "1000"}


class MistralServer(ModelServer):
    """Speaks Mistral's chat completions."""

    handler = MistralHandler
