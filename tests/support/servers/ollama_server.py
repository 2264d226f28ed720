"""A local server that speaks Ollama's /api/chat: one JSON document a line, counts, errors.

``python tests/support/servers/ollama_server.py --port 0 --log FILE --delay S`` prints its port, then serves.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

if not __package__:  # run as a program: the packages of the tests start at the root
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.support.servers.behaviour import Call, Handler, Misbehave, ModelServer, serve


class OllamaHandler(Handler):
    path_suffix = "/api/chat"
    stream_type = "application/x-ndjson"

    def respond_well_or_nearly(self, call: Call, kind: str) -> None:
        text = "" if kind == "empty" else call.answer
        half = len(text) // 2
        first, second = _line(call, text[:half]), _line(call, text[half:])
        end = _line(call, "", **_end(call, kind))
        match kind:
            case "hangup":
                self.stream([first], breaks=True)
            case "cut":
                self.stream([first])
            case "malformed":
                self.stream([first, "{not json\n"])
            case "error_chunk":
                self.stream([first, json.dumps({"error": "the engine overheated"}) + "\n"])
            case "nothing":
                self.stream([])
            case _:
                self.stream([first, second, end])

    def error_body(self, wrong: Misbehave) -> dict[str, Any]:
        return {"error": wrong.message}


class OllamaServer(ModelServer):
    """Speaks Ollama chat."""

    handler = OllamaHandler


def _line(call: Call, text: str, **end: Any) -> str:
    head = {"model": call.model, "created_at": "2026-01-01T00:00:00Z", "done": False}
    return json.dumps(head | {"message": {"role": "assistant", "content": text}} | end) + "\n"


def _end(call: Call, kind: str) -> dict[str, Any]:
    read, written = call.usage
    counts = {"total_duration": 1_000_000, "eval_count": written, "prompt_eval_count": read}
    if kind == "no_usage":  # what Ollama does when the whole prompt was in its cache
        del counts["prompt_eval_count"]
    return {"done": True, "done_reason": "length" if kind == "length" else "stop", **counts}


if __name__ == "__main__":
    serve(OllamaServer)
