"""A local server that speaks OpenAI's chat completions: streaming and not, usage, errors.

``python tests/support/servers/openai_server.py --port 0 --log FILE --delay S`` prints its port, then serves.
The base URL for a client is ``url + "/v1"``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

if not __package__:  # run as a program: the packages of the tests start at the root
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.support.servers.behaviour import Call, Misbehave, ModelServer, serve
from tests.support.servers.wire_format import Handler, Message, Piece, flat, halves, server_sent

DONE = Piece("end", b"data: [DONE]\n\n")


class OpenAIHandler(Handler):
    path_suffix = "/chat/completions"
    stream_type = "text/event-stream"
    reasons: ClassVar = {"whole": "stop", "length": "length", "filtered": "content_filter"}
    every_reason: ClassVar[Sequence[str]] = (
        "stop",
        "length",
        "content_filter",
        "tool_calls",
        "function_call",
        "because",
    )
    too_long = "This model's maximum context length is 8192 tokens. Your messages resulted in 9000 tokens."
    stream_errors: ClassVar = {
        "server_error": server_sent({"error": {"message": "the engine overheated", "type": "server_error"}}),
        "rate_limit_exceeded": server_sent(
            {
                "error": {
                    "message": "too many tokens a minute",
                    "type": "tokens",
                    "code": "rate_limit_exceeded",
                }
            }
        ),
    }
    malformed = b"data: {not json\n\n"

    def read(self, body: dict[str, Any]) -> tuple[str, list[Message]]:
        return body["model"], openai_messages(body)

    def respond_well_or_nearly(self, call: Call, how: Misbehave) -> None:
        if call.body.get("stream"):
            super().respond_well_or_nearly(call, how)
            return
        message = {"role": "assistant", "content": "" if how.kind == "empty" else call.answer}
        reason = self.reasons.get(how.kind, "stop")
        choice = {"index": 0, "message": message, "finish_reason": reason}
        self.reply(200, _document(call, "chat.completion", [choice]) | {"usage": openai_usage(call)})

    @classmethod
    def pieces(cls, call: Call, text: str, reason: str, *, counted: bool) -> list[Piece]:
        wants_usage = counted and call.body.get("stream_options", {}).get("include_usage")
        return [
            Piece("begin", openai_chunk(call, {"role": "assistant", "content": ""})),
            *(Piece("content", openai_chunk(call, {"content": half})) for half in halves(text)),
            Piece("finish", openai_chunk(call, {}, reason)),
            *([Piece("usage", openai_counts(call))] if wants_usage else []),
            DONE,
        ]

    @classmethod
    def asks(cls, call: Call, tool: str, arguments: str) -> list[Piece]:
        return [
            *openai_tool_call(call, tool, arguments),
            Piece("finish", openai_chunk(call, {}, "tool_calls")),
            Piece("usage", openai_counts(call)),
            DONE,
        ]

    def error_body(self, wrong: Misbehave) -> dict[str, Any]:
        code = "context_length_exceeded" if wrong.message == self.too_long else None
        error = {"message": wrong.message, "type": "invalid_request_error", "param": None, "code": code}
        return {"error": error}


class OpenAIServer(ModelServer):
    """Speaks OpenAI chat completions."""

    handler = OpenAIHandler


def openai_messages(body: dict[str, Any]) -> list[Message]:
    """The messages of a request."""
    return [{"role": m["role"], "content": flat(m.get("content"))} for m in body["messages"]]


def openai_chunk(call: Call, delta: dict[str, Any], reason: str | None = None, **more: Any) -> bytes:
    """One chunk of a streamed answer."""
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return server_sent(_document(call, "chat.completion.chunk", [choice]) | more)


def openai_tool_call(call: Call, tool: str, arguments: str) -> list[Piece]:
    """The chunks of one call of a tool: the arguments come in two."""
    first, second = halves(arguments)
    begun = {
        "index": 0,
        "id": "call12345",
        "type": "function",
        "function": {"name": tool, "arguments": first},
    }
    going_on = {"index": 0, "function": {"arguments": second}}
    return [
        Piece("content", openai_chunk(call, {"role": "assistant", "content": None, "tool_calls": [begun]})),
        Piece("content", openai_chunk(call, {"tool_calls": [going_on]})),
    ]


def openai_counts(call: Call) -> bytes:
    """The chunk that says what the call cost, and has no choices."""
    return server_sent(_document(call, "chat.completion.chunk", []) | {"usage": openai_usage(call)})


def openai_usage(call: Call) -> dict[str, int]:
    """What the call cost."""
    read, written = call.usage
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def _document(call: Call, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": "chatcmpl-test", "object": kind, "created": 0, "model": call.model, "choices": choices}


if __name__ == "__main__":
    serve(OpenAIServer)
