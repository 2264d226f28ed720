"""A local server that speaks as the server of llama.cpp does: nearly OpenAI's chat completions."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from tests.support.servers.behaviour import Call, Misbehave, ModelServer
from tests.support.servers.openai_server import OpenAIHandler
from tests.support.servers.wire_format import Piece, server_sent

TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    503: "unavailable_error",
}

_ERROR = {"error": {"code": 500, "message": "the context shift failed", "type": "server_error"}}


class LlamaCppHandler(OpenAIHandler):
    path_suffix = "/v1/chat/completions"
    every_reason = ("stop", "length", "tool_calls", "because")
    too_long = "request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it"
    stream_errors: ClassVar = {
        "data": server_sent(_ERROR),
        "error field": f"error: {json.dumps(_ERROR['error'])}\n\n".encode(),  # older servers, until 2025
    }

    @classmethod
    def pieces(cls, call: Call, text: str, reason: str, *, counted: bool) -> list[Piece]:
        # This server measures each call, and says so in the chunk that has the usage.
        return [
            _timed(piece) if piece.part == "usage" else piece
            for piece in super().pieces(call, text, reason, counted=counted)
        ]

    def error_body(self, wrong: Misbehave) -> dict[str, Any]:
        kind = TYPES.get(wrong.status, "server_error")
        return {"error": {"code": wrong.status, "message": wrong.message, "type": kind}}


def _timed(piece: Piece) -> Piece:
    document = json.loads(piece.data.removeprefix(b"data: "))
    return Piece("usage", server_sent(document | {"timings": {"prompt_ms": 12.5, "predicted_ms": 40.0}}))


class LlamaCppServer(ModelServer):
    """Speaks as llama.cpp's server does."""

    handler = LlamaCppHandler
