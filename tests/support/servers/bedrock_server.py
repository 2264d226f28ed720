"""A local server that speaks Amazon Bedrock's ConverseStream, in the binary frames of AWS event streams."""

from __future__ import annotations

import json
import zlib
from typing import Any, ClassVar
from urllib.parse import unquote

from tests.support.servers.behaviour import Call, Misbehave, ModelServer
from tests.support.servers.wire_format import Handler, Message, Piece, flat, halves

TYPES = {
    400: "ValidationException",
    401: "UnrecognizedClientException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    408: "ModelTimeoutException",
    424: "ModelErrorException",
    429: "ThrottlingException",
    503: "ServiceUnavailableException",
}
"""The provider's word for an HTTP status; ``InternalServerException`` for the rest."""


def _text_header(name: str, value: str) -> bytes:
    # 7 is the type of a text, whose length has two bytes
    return bytes([len(name)]) + name.encode() + b"\x07" + len(value).to_bytes(2, "big") + value.encode()


def _frame(headers: dict[str, str], body: dict[str, Any]) -> bytes:
    """Two lengths and their checksum, the headers, the body, the checksum of it all."""
    head = b"".join(_text_header(name, value) for name, value in headers.items())
    data = json.dumps(body).encode()
    lengths = (16 + len(head) + len(data)).to_bytes(4, "big") + len(head).to_bytes(4, "big")
    message = lengths + zlib.crc32(lengths).to_bytes(4, "big") + head + data
    return message + zlib.crc32(message).to_bytes(4, "big")


def _event(kind: str, **body: Any) -> bytes:
    headers = {":message-type": "event", ":event-type": kind, ":content-type": "application/json"}
    return _frame(headers, body)


def _exception(kind: str, message: str) -> bytes:
    headers = {":message-type": "exception", ":exception-type": kind, ":content-type": "application/json"}
    return _frame(headers, {"message": message})


class BedrockHandler(Handler):
    path_suffix = "/converse-stream"
    stream_type = "application/vnd.amazon.eventstream"
    reasons: ClassVar = {"whole": "end_turn", "length": "max_tokens", "filtered": "content_filtered"}
    every_reason = (
        "end_turn",
        "tool_use",
        "max_tokens",
        "stop_sequence",
        "guardrail_intervened",
        "content_filtered",
        "malformed_model_output",
        "malformed_tool_use",
        "model_context_window_exceeded",
        "because",
    )
    too_long = "Input is too long for requested model."
    stream_errors: ClassVar = {
        kind: _exception(kind, message)
        for kind, message in (
            ("modelStreamErrorException", "The model broke off"),
            ("internalServerException", "The system broke off"),
            ("serviceUnavailableException", "Try again"),
            ("throttlingException", "Too many tokens a minute"),
            ("validationException", "The image could not be read"),
        )
    }
    malformed = b"\x00\x00\x00\x20 not a frame whose checksum is right"

    def read(self, body: dict[str, Any]) -> tuple[str, list[Message]]:
        system = [{"role": "system", "content": flat(body["system"])}] if body.get("system") else []
        messages = [{"role": m["role"], "content": flat(m["content"])} for m in body["messages"]]
        return unquote(self.path.split("/")[2]), [*system, *messages]

    @classmethod
    def pieces(cls, call: Call, text: str, reason: str, *, counted: bool) -> list[Piece]:
        deltas = [{"text": half} for half in halves(text)]
        return cls._message(call, [], deltas, reason, counted=counted)

    @classmethod
    def asks(cls, call: Call, tool: str, arguments: str) -> list[Piece]:
        start = {"toolUse": {"toolUseId": "tooluse_1", "name": tool}}
        started = Piece("begin", _event("contentBlockStart", contentBlockIndex=0, start=start))
        deltas = [{"toolUse": {"input": half}} for half in halves(arguments)]
        return cls._message(call, [started], deltas, "tool_use", counted=True)

    @classmethod
    def _message(
        cls, call: Call, started: list[Piece], deltas: list[dict[str, Any]], reason: str, *, counted: bool
    ) -> list[Piece]:
        read, written = call.usage
        usage = {"inputTokens": read, "outputTokens": written, "totalTokens": read + written}
        metadata = _event("metadata", usage=usage, metrics={"latencyMs": 5})
        return [
            Piece("begin", _event("messageStart", role="assistant")),
            *started,
            *(Piece("content", _event("contentBlockDelta", contentBlockIndex=0, delta=d)) for d in deltas),
            Piece("begin", _event("contentBlockStop", contentBlockIndex=0)),
            Piece("finish", _event("messageStop", stopReason=reason)),
            *([Piece("usage", metadata)] if counted else []),
        ]

    def error_body(self, wrong: Misbehave) -> dict[str, Any]:
        return {"message": wrong.message}

    def error_headers(self, wrong: Misbehave) -> dict[str, str]:
        return {"x-amzn-ErrorType": TYPES.get(wrong.status, "InternalServerException"), **wrong.headers}


class BedrockServer(ModelServer):
    """Speaks Amazon Bedrock's ConverseStream."""

    handler = BedrockHandler
