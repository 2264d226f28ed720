"""A local server that speaks Gemini's streamGenerateContent."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

from tests.support.servers.behaviour import Call, Misbehave, ModelServer
from tests.support.servers.wire_format import Handler, Message, Piece, flat, halves

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}
"""The provider's word for an HTTP status; ``INTERNAL`` for the rest."""

_MODEL = re.compile(r"/models/([^/:]+):")


def _error(status: int, message: str) -> dict[str, Any]:
    return {"error": {"code": status, "message": message, "status": STATUSES.get(status, "INTERNAL")}}


def _event(document: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(document)}\r\n\r\n".encode()  # this provider ends its lines as HTTP does


class GeminiHandler(Handler):
    path_suffix = ":streamGenerateContent"
    stream_type = "text/event-stream"
    reasons: ClassVar = {"whole": "STOP", "length": "MAX_TOKENS", "filtered": "SAFETY"}
    every_reason = (
        "FINISH_REASON_UNSPECIFIED",
        "STOP",
        "MAX_TOKENS",
        "SAFETY",
        "RECITATION",
        "LANGUAGE",
        "OTHER",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "MALFORMED_FUNCTION_CALL",
        "IMAGE_SAFETY",
        "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
        "IMAGE_PROHIBITED_CONTENT",
        "NO_IMAGE",
        "IMAGE_RECITATION",
        "IMAGE_OTHER",
        "CONTINUATION",
        "BECAUSE",
    )
    too_long = "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576)."
    stream_errors: ClassVar = {
        STATUSES.get(status, "INTERNAL"): _event(_error(status, message))
        for status, message in (
            (503, "The model is overloaded"),
            (429, "Too many tokens a minute"),
            (400, "The image could not be read"),
        )
    } | {
        "blocked prompt": _event({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}),
    }
    malformed = b"data: {not json\r\n\r\n"

    def read(self, body: dict[str, Any]) -> tuple[str, list[Message]]:
        system = body.get("systemInstruction", {}).get("parts", [])
        found = _MODEL.search(self.path)
        assert found is not None, self.path
        messages = [{"role": m["role"], "content": flat(m["parts"])} for m in body["contents"]]
        return found.group(1), [*([{"role": "system", "content": flat(system)}] if system else []), *messages]

    @classmethod
    def pieces(cls, call: Call, text: str, reason: str, *, counted: bool) -> list[Piece]:
        read, written = call.usage
        usage = {"promptTokenCount": read, "candidatesTokenCount": written, "totalTokenCount": read + written}

        def chunk(half: str, **end: Any) -> bytes:
            candidate = {"content": {"role": "model", "parts": [{"text": half}]}, "index": 0, **end}
            counts = {"usageMetadata": usage} if counted and end else {}
            return _event({"candidates": [candidate], "modelVersion": call.model, **counts})

        return [
            *(Piece("content", chunk(half)) for half in halves(text)),
            Piece("finish", chunk("", finishReason=reason)),
        ]

    @classmethod
    def asks(cls, call: Call, tool: str, arguments: str) -> list[Piece]:
        part = {"functionCall": {"name": tool, "args": "ARGUMENTS"}}
        asked = _event({"candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0}]})
        # this provider sends the object itself, and not a text of it
        return [
            Piece("content", asked.replace(b'"ARGUMENTS"', arguments.encode())),
            *cls.pieces(call, "", cls.reasons["whole"], counted=True)[-1:],
        ]

    def error_body(self, wrong: Misbehave) -> dict[str, Any]:
        document = _error(wrong.status, wrong.message)
        if wait := wrong.headers.get("Retry-After"):  # this provider says so in the document alone
            info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{wait}s"}
            document["error"]["details"] = [info]
        return document

    def error_headers(self, wrong: Misbehave) -> dict[str, str]:
        return {}


class GeminiServer(ModelServer):
    """Speaks Gemini's streamGenerateContent."""

    handler = GeminiHandler
