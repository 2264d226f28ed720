"""A local server that speaks OpenAI's chat completions: streaming and not, usage, errors.

``python tests/support/servers/openai_server.py --port 0 --log FILE --delay S`` prints its port, then serves.
The base URL for a client is ``url + "/v1"``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

if not __package__:  # run as a program: the packages of the tests start at the root
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.support.servers.behaviour import Call, Handler, Misbehave, ModelServer, serve

FINISH = {"length": "length", "filtered": "content_filter"}


class OpenAIHandler(Handler):
    path_suffix = "/chat/completions"
    stream_type = "text/event-stream"

    def respond_well_or_nearly(self, call: Call, kind: str) -> None:
        if call.body.get("stream"):
            self.stream_chunks(call, kind)
        else:
            message = {"role": "assistant", "content": "" if kind == "empty" else call.answer}
            choice = {"index": 0, "message": message, "finish_reason": FINISH.get(kind, "stop")}
            self.reply(200, _document(call, "chat.completion", [choice]) | {"usage": _usage(call)})

    def stream_chunks(self, call: Call, kind: str) -> None:
        text = "" if kind == "empty" else call.answer
        half = len(text) // 2
        opening = _chunk(call, {"role": "assistant", "content": ""})
        first, second = _chunk(call, {"content": text[:half]}), _chunk(call, {"content": text[half:]})
        end = _chunk(call, {}, FINISH.get(kind, "stop"))
        wants_usage = call.body.get("stream_options", {}).get("include_usage") and kind != "no_usage"
        counted = _event(_document(call, "chat.completion.chunk", []) | {"usage": _usage(call)})
        usage = [counted] if wants_usage else []
        done = "data: [DONE]\n\n"
        match kind:
            case "hangup":
                self.stream([opening, first], breaks=True)
            case "cut":
                self.stream([opening, first, done])
            case "malformed":
                self.stream([opening, first, "data: {not json\n\n"])
            case "error_chunk":
                error = {"error": {"message": "the engine overheated", "type": "server_error"}}
                self.stream([opening, first, _event(error)])
            case "nothing":
                self.stream([done])
            case _:
                self.stream([opening, first, second, end, *usage, done])

    def error_body(self, wrong: Misbehave) -> dict[str, Any]:
        return {"error": {"message": wrong.message, "type": "test", "param": None, "code": None}}


class OpenAIServer(ModelServer):
    """Speaks OpenAI chat completions."""

    handler = OpenAIHandler


def _document(call: Call, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": "chatcmpl-test", "object": kind, "created": 0, "model": call.model, "choices": choices}


def _chunk(call: Call, delta: dict[str, Any], finish: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _event(_document(call, "chat.completion.chunk", [choice]))


def _event(document: dict[str, Any]) -> str:
    return f"data: {json.dumps(document)}\n\n"


def _usage(call: Call) -> dict[str, int]:
    read, written = call.usage
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


if __name__ == "__main__":
    serve(OpenAIServer)
