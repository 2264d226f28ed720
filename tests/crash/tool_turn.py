"""One unit whose agent calls three tools in two rounds, on a model server that can be held at any round.

The tools are Python functions beside the workflow. They leave a line for each call in a file, and kill their
own process where a test wishes it, once. ``post`` changes the world; ``look`` and ``add`` only read.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.crash.five_steps import HeldServer
from tests.support.folders import events
from tests.support.program import Ran, run
from tests.support.servers.behaviour import Call, Misbehave
from tests.support.servers.openai_server import DONE, OpenAIHandler, openai_chunk, openai_counts
from tests.support.servers.wire_format import Piece

ROUNDS: list[list[tuple[str, dict[str, Any]]]] = [
    [("post", {"text": "hello"}), ("look", {"what": "tides"})],
    [("add", {"a": 2, "b": 3})],
]
"""The tool calls of the model's first and second answer; its third is text."""

KEYS = ["round0", "round1", "round2"]

TOOLS = '''
import json, os, signal, time
from pathlib import Path

HERE = Path(__file__).parent


def _wished(point):
    wish = HERE / "die"
    return wish.exists() and wish.read_text() == point


def _die_at(point):
    if _wished(point):
        (HERE / "die").unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def _called(name, *what):
    with open(HERE / f"{name}.jsonl", "a") as file:
        file.write(json.dumps(what) + "\\n")


def _post_returned():
    journals = (HERE / ".strands" / "sessions").glob("session_*/journal.jsonl")
    return any('"tool_returned/1"' in journal.read_text() for journal in journals)


def post(text: str, idempotency_key: str) -> str:
    """Post a text."""
    _die_at("before post")
    _called("post", text, idempotency_key)
    _die_at("after post")
    return f"posted {text}"


def look(what: str) -> str:
    """Look something up."""
    while any(map(_wished, ("before look", "after look"))) and not _post_returned():
        time.sleep(0.01)
    _die_at("before look")
    _called("look", what)
    _die_at("after look")
    return f"seen {what}"


look.reads_only = True


def add(a: int, b: int) -> int:
    """Add two numbers."""
    _die_at("before add")
    _called("add", a, b)
    _die_at("after add")
    return a + b
'''

SPEC = """
version: 0
name: tool-turn
runtime: {{provider: openai, model_id: test-model, host: "{url}/v1", failure_policy: {{retries: 0}}}}
tools:
  python:
    - ./tools.py:post
    - {{callable: "./tools.py:look"}}
    - {{callable: "./tools.py:add", reads_only: true}}
  in_doubt: {{{policy}}}
agents:
  worker: {{prompt: "You do things.", tools: [python]}}
pattern: {{type: chain, config: {{steps: [{{agent: worker, input: "Do it."}}]}}}}
"""


class ToolHandler(OpenAIHandler):
    """Answers with the tool calls of the round that the request is in, and then with text."""

    @classmethod
    def pieces(cls, call: Call, text: str, reason: str, *, counted: bool) -> list[Piece]:
        number = round_of(call)
        if number >= len(ROUNDS):
            return super().pieces(call, text, reason, counted=counted)
        asked = [
            {
                "index": index,
                "id": f"call_{number}_{index}",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(given)},
            }
            for index, (name, given) in enumerate(ROUNDS[number])
        ]
        return [
            Piece("content", openai_chunk(call, {"role": "assistant", "content": None, "tool_calls": asked})),
            Piece("finish", openai_chunk(call, {}, "tool_calls")),
            Piece("usage", openai_counts(call)),
            DONE,
        ]


class ToolServer(HeldServer):
    """Counts a request under the round that it is in: ``round0``, ``round1``, ``round2``."""

    handler = ToolHandler

    def received(self, call: Call) -> Misbehave | None:
        return super().received(replace(call, key=f"round{round_of(call)}"))


def round_of(call: Call) -> int:
    """How many answers of the model the request already holds."""
    return sum(message["role"] == "assistant" for message in call.messages)


def prepare(home: Path, server: ToolServer, policy: str = "") -> list[str]:
    """Write workflow and tools into ``home``; the command line that runs it."""
    (home / "tools.py").write_text(TOOLS)
    spec = SPEC.format(url=server.url, policy=f"post: {policy}" if policy else "")
    (home / "turn.yaml").write_text(spec)
    return ["run", "turn.yaml"]


def wish(home: Path, point: str) -> None:
    """Let the program die at this point of a tool, once."""
    (home / "die").write_text(point)


def called(home: Path, name: str) -> list[list[Any]]:
    """The calls that a tool has had, each with what it was given."""
    file = home / f"{name}.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def returned(folder: Path) -> set[str]:
    """The calls whose results are in the journal."""
    return {event["call"] for event in events(folder) if event["type"] == "tool_returned/1"}


def resume(home: Path, *more: str) -> Ran:
    """Resume the newest session of ``home``."""
    return run("resume", "@latest", *more, home=home)
