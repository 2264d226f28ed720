"""A local server that speaks Ollama's /api/chat: one JSON document a line, counts, errors.

``python tests/support/servers/ollama_server.py --port 0 --log FILE --delay S`` prints its port, then serves.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

if not __package__:  # run as a program: the packages of the tests start at the root
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.support.servers.behaviour import Call, Misbehave, ModelServer, serve
from tests.support.servers.openai_server import openai_messages
from tests.support.servers.wire_format import Handler, Message, Piece, halves


class OllamaHandler(Handler):
    path_suffix = "/api/chat"
    stream_type = "application/x-ndjson"
    reasons: ClassVar = {"whole": "stop", "length": "length"}
    every_reason = ("stop", "length", "load", "unload", "because")
    too_long = "the input length exceeds the context length"
    stream_errors: ClassVar = {"error": b'{"error": "the engine overheated"}\n'}
    malformed = b"{not json\n"

    def read(self, body: dict[str, Any]) -> tuple[str, list[Message]]:
        return body["model"], openai_messages(body)

    @classmethod
    def pieces(cls, call: Call, text: str, reason: str, *, counted: bool) -> list[Piece]:
        read, written = call.usage
        counts: dict[str, Any] = {
            "total_duration": 1_000_000,
            "eval_count": written,
            "prompt_eval_count": read,
        }
        if not counted:  # what Ollama does when the whole prompt was in its cache
            del counts["prompt_eval_count"]
        return [
            *(Piece("content", _line(call, half)) for half in halves(text)),
            Piece("finish", _line(call, "", done=True, done_reason=reason, **counts)),
        ]

    @classmethod
    def asks(cls, call: Call, tool: str, arguments: str) -> list[Piece]:
        asked = _line(call, "", calls=[{"function": {"name": tool, "arguments": "ARGUMENTS"}}])
        read, written = call.usage
        end = _line(call, "", done=True, done_reason="stop", eval_count=written, prompt_eval_count=read)
        # this provider sends the object itself, and not a text of it
        return [
            Piece("content", asked.replace(b'"ARGUMENTS"', arguments.encode())),
            Piece("finish", end),
        ]

    def error_body(self, wrong: Misbehave) -> dict[str, Any]:
        return {"error": wrong.message}


class OllamaServer(ModelServer):
    """Speaks Ollama chat."""

    handler = OllamaHandler


def _line(call: Call, text: str, calls: Sequence[Mapping[str, Any]] = (), **end: Any) -> bytes:
    head = {"model": call.model, "created_at": "2026-01-01T00:00:00Z", "done": False}
    message = {"role": "assistant", "content": text} | ({"tool_calls": calls} if calls else {})
    return json.dumps(head | {"message": message} | end).encode() + b"\n"


if __name__ == "__main__":
    serve(OllamaServer)
