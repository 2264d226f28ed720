"""Text that is none, sent through every way in: it comes out as text, and stops no session.

The ways in are variables, a person's answer, a model's answer, what a model gives to a tool and what the tool
gives back. The ways out are prompts, tools, artifacts, questions, and what commands print.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from durable_shell.app import App
from durable_shell.cli.environment import Environment
from durable_shell.cli.main import main
from strands_durable import resume, run

ODD = st.lists(
    st.sampled_from(
        (
            *("\ud83d", "\ude00", "\udcad", "\ud83d\ude00", "\U0001f600", "\udbff", "\udc00"),  # halves
            *("\u202e", "\u202c", "\u2066", "\u2069", "\u200f", "\u061c"),  # marks of direction
            *("\0", "\x07", "\x1b[2J", "\x85", "\u2028", "\r", "\n", "\t", "\ufeff", "\uffff", "\U0010fffe"),
            *("{{ topic }}", "{% if", "\\ud83d", "%F0%9F", "e\u0301", "word", " ", '"', "<think>", "```"),
        )
    )
    | st.text(max_size=3),
    max_size=6,
).map("".join)
"""Text as programs make it that count in UTF-16, or mean to harm a screen."""

SPEC = """\
version: 0
name: odd
runtime: {provider: scripted, host: script.json, failure_policy: {retries: 0}}
inputs: {required: {given: string}}
tools: {python: [{callable: "tools.py:repeated"}]}
agents:
  caller: {prompt: "You call. {{ given }}", tools: [repeated]}
  hearer: {prompt: "You hear.", provider: echo}
pattern:
  type: chain
  config:
    steps:
      - {agent: caller, input: "Begin: {{ given }}"}
      - {type: hitl, prompt: "Right? {{ last_response }}"}
      - {agent: hearer, input: "{{ steps[0].response }} {{ hitl_response }}"}
      - {agent: caller, input: "Again: {{ last_response }}"}
outputs:
  artifacts:
    - {path: "out.md", from: "{{ given }}|{{ hitl_response }}|{{ steps[0].response }}|"}
"""

TOOLS = '''\
import json
import pathlib

HERE = pathlib.Path(__file__).parent


def repeated(text: str) -> str:
    """Say it again.

    Args:
        text: What to say.
    """
    with (HERE / "heard.jsonl").open("a") as file:
        file.write(json.dumps(text) + "\\n")
    return json.loads((HERE / "returns.json").read_text())
'''


def understood(text: str) -> str:
    """Whole characters, by the codec of the encoding that has the halves."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@given(st.fixed_dictionaries(dict.fromkeys(("given", "answer", "call", "returns", "says"), ODD)))
def test_any_text_goes_in_and_whole_characters_come_out(texts: dict[str, str]) -> None:
    says, answer = "x" + texts["says"], "x" + texts["answer"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "odd.yaml").write_text(SPEC)
        (folder / "tools.py").write_text(TOOLS)
        (folder / "returns.json").write_text(json.dumps(texts["returns"]))
        rules: list[dict[str, Any]] = [
            {"match": {"call": 1}, "tool_use": {"name": "repeated", "input": {"text": texts["call"]}}},
            {"answer": says},
        ]
        (folder / "script.json").write_text(json.dumps({"rules": rules}))
        kept: dict[str, Any] = {"store": folder / "home", "out": folder}
        begun = run(folder / "odd.yaml", {"given": texts["given"]}, **kept)
        assert begun.status == "paused", begun
        ended = resume(begun.session_id, answer=answer, **kept)
        assert ended.status == "completed", ended
        parts = (texts["given"], answer.strip(), says.rstrip())
        written = (folder / "out.md").read_bytes().decode("utf-8")
        assert written == "".join(f"{understood(part)}|" for part in parts)
        heard = [json.loads(line) for line in (folder / "heard.jsonl").read_text().splitlines()]
        assert set(heard) == {understood(texts["call"])}
        for command in (["list"], ["list", "--json"], ["show", "@latest"], ["show", "@latest", "--json"]):
            shown = _printed(folder, ["sessions", *command])
            shown.encode("utf-8")
            assert not re.search("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\x1b\x07]", shown)
        assert _printed(folder, ["sessions", "verify"]).count("whole") == 1


def _printed(folder: Path, line: list[str]) -> str:
    """What a command prints, which succeeds."""
    stdout, stderr = io.StringIO(), io.StringIO()
    environment = Environment(
        stdin=io.StringIO(), stdout=stdout, stderr=stderr, home=folder / "home", cwd=folder, env={}
    )
    assert main(line, App(environment)) == 0, stderr.getvalue()
    return stdout.getvalue()
