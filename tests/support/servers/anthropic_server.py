"""A local server that speaks Anthropic's messages."""

from __future__ import annotations

from typing import Any, ClassVar

from tests.support.servers.behaviour import Call, Misbehave, ModelServer
from tests.support.servers.wire_format import Handler, Message, Piece, flat, halves, server_sent

TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}
"""The provider's word for an HTTP status; ``api_error`` for the rest."""


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}}


def _event(kind: str, **more: Any) -> bytes:
    return server_sent({"type": kind, **more}, kind)


class AnthropicHandler(Handler):
    path_suffix = "/v1/messages"
    stream_type = "text/event-stream"
    reasons: ClassVar = {"whole": "end_turn", "length": "max_tokens", "filtered": "refusal"}
    every_reason = (
        "end_turn",
        "max_tokens",
        "stop_sequence",
        "tool_use",
        "pause_turn",
        "refusal",
        "model_context_window_exceeded",
        "because",
    )
    too_long = "prompt is too long: 210000 tokens > 200000 maximum"
    stream_errors: ClassVar = {
        kind: server_sent(_error(kind, message), "error")
        for kind, message in (
            ("overloaded_error", "Overloaded"),
            ("api_error", "Internal server error"),
            ("rate_limit_error", "Too many tokens a minute"),
            ("invalid_request_error", "The image could not be read"),
        )
    }
    malformed = b"event: content_block_delta\ndata: {not json\n\n"

    def read(self, body: dict[str, Any]) -> tuple[str, list[Message]]:
        system = [{"role": "system", "content": flat(body["system"])}] if "system" in body else []
        return body["model"], [
            *system,
            *({"role": m["role"], "content": flat(m["content"])} for m in body["messages"]),
        ]

    @classmethod
    def pieces(cls, call: Call, text: str, reason: str, *, counted: bool) -> list[Piece]:
        block = {"type": "text", "text": ""}
        deltas = [{"type": "text_delta", "text": half} for half in halves(text)]
        return cls._message(call, block, deltas, reason, counted=counted)

    @classmethod
    def asks(cls, call: Call, tool: str, arguments: str) -> list[Piece]:
        block = {"type": "tool_use", "id": "toolu_1", "name": tool, "input": {}}
        deltas = [{"type": "input_json_delta", "partial_json": half} for half in halves(arguments)]
        return cls._message(call, block, deltas, "tool_use", counted=True)

    @classmethod
    def _message(
        cls, call: Call, block: dict[str, Any], deltas: list[dict[str, str]], reason: str, *, counted: bool
    ) -> list[Piece]:
        read, written = call.usage
        begun, ended = ({"input_tokens": read, "output_tokens": 1}, {"output_tokens": written})
        message: dict[str, Any] = {
            "id": "msg_test",
            "type": "message",
            "role": "assistant",
            "model": call.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
        }
        delta = {"stop_reason": reason, "stop_sequence": None}
        return [
            Piece("begin", _event("message_start", message=message | ({"usage": begun} if counted else {}))),
            Piece("begin", _event("content_block_start", index=0, content_block=block)),
            *(Piece("content", _event("content_block_delta", index=0, delta=delta)) for delta in deltas),
            Piece("begin", _event("ping")),
            Piece("begin", _event("content_block_stop", index=0)),
            Piece("finish", _event("message_delta", delta=delta, **({"usage": ended} if counted else {}))),
            Piece("end", _event("message_stop")),
        ]

    def error_body(self, wrong: Misbehave) -> dict[str, Any]:
        return _error(TYPES.get(wrong.status, "api_error"), wrong.message)


class AnthropicServer(ModelServer):
    """Speaks Anthropic's messages."""

    handler = AnthropicHandler
