"""Secrets reach models and tools, and nothing that is kept, shown or written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from durable_core.spec.secrets import reference
from tests.support.folders import document, only_session
from tests.support.program import Ran, run
from tests.support.servers.openai_server import OpenAIServer

SPEC = """\
version: 0
name: keys
runtime: {{provider: openai, model_id: test-model, host: "{url}/v1", failure_policy: {{retries: 0}}}}
env:
  secrets:
    - {{key: API_TOKEN, name: token, source: env}}
    - {{key: pin, source: file, path: pin.txt}}
agents:
  ann: {{prompt: "You know {{{{ token }}}}."}}
pattern:
  type: chain
  config:
    steps:
      - {{agent: ann, input: "Say {{{{ token }}}} and {{{{ pin }}}}."}}
      - {{type: hitl, prompt: "Is {{{{ token }}}} right?"}}
      - {{agent: ann, input: "Again: {{{{ token }}}}."}}
outputs:
  artifacts:
    - {{path: out.md, from: "{{{{ last_response }}}} {{{{ pin }}}}"}}
"""
TOKEN, PIN = "tok-5f1e9c", "pin-774411"
KEY = {"API_TOKEN": TOKEN}


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, server: OpenAIServer) -> Path:
    (tmp_path / "keys.yaml").write_text(SPEC.format(url=server.url))
    (tmp_path / "pin.txt").write_text(PIN + "\n")
    return tmp_path


def kept(home: Path) -> str:
    """All that stands anywhere below ``home``, but for the secret's own file."""
    files = [path for path in home.rglob("*") if path.is_file() and path.name != "pin.txt"]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def shows(ran: Ran) -> bool:
    return any(secret in ran.stdout + ran.stderr for secret in (TOKEN, PIN))


def test_a_secret_reaches_the_model_and_nothing_else(home: Path, server: OpenAIServer) -> None:
    first = run("run", "keys.yaml", "--out", "out", "--verbose", home=home, env=KEY)
    assert first.returncode == 19, first.stderr
    assert document(only_session(home), "session.json")["variables"] == {
        "token": reference("token"),
        "pin": reference("pin"),
    }
    second = run("resume", "@latest", "--hitl-response", "yes", home=home, env=KEY)
    assert second.returncode == 0, second.stderr
    shown = [run("sessions", "show", "@latest", *more, home=home) for more in ((), ("--json",))]
    assert not any(shows(ran) for ran in (first, second, *shown))
    everything = kept(home)
    assert TOKEN not in everything
    assert PIN not in everything
    assert f"Is {reference('token')} right?" in everything
    assert (home / "out" / "out.md").read_text().endswith(reference("pin"))

    before, after = server.calls
    assert before.messages[0]["content"] == f"You know {TOKEN}."
    assert before.last_user_text == f"Say {TOKEN} and {PIN}."
    assert TOKEN in before.answer
    # the conversation goes on with what was said, not with references
    said = [(message["role"], message["content"]) for message in after.messages[1:]]
    assert said == [
        ("user", before.last_user_text),
        ("assistant", before.answer),
        ("user", f"Again: {TOKEN}."),
    ]


def test_a_secret_may_come_with_var_and_is_not_kept_either(home: Path, server: OpenAIServer) -> None:
    ran = run("run", "keys.yaml", "--var", f"token={TOKEN}", "--var", f"pin={PIN}", home=home)
    assert ran.returncode == 19, ran.stderr
    assert TOKEN in server.calls[0].last_user_text
    assert not any(secret in kept(home) for secret in (TOKEN, PIN))
    resumed = run("resume", "@latest", "--hitl-response", "yes", home=home)
    assert resumed.returncode == 2
    assert resumed.stderr.splitlines()[-3:] == [
        "Error: Missing secret: token",
        "Set the environment variable API_TOKEN, or give it with --var token=...,",
        "which other users of this machine and the shell's history can see.",
    ]
    assert (
        run("resume", "@latest", "--var", f"token={TOKEN}", "--hitl-response", "yes", home=home).returncode
        == 0
    )
    assert len(server.calls) == 2


def test_what_a_provider_repeats_in_its_error_is_concealed(home: Path, server: OpenAIServer) -> None:
    server.misbehave("status", status=400, message=f"no such word: {TOKEN}")
    ran = run("run", "keys.yaml", home=home, env=KEY)
    assert ran.returncode != 0
    assert not shows(ran)
    assert TOKEN not in kept(home)


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (
            lambda pin: pin.unlink(),
            2,
            "Missing secret: pin\nWrite it into the file pin.txt, or",
        ),
        (lambda pin: pin.write_text(""), 2, "Error: Missing secret: pin\n"),
        (lambda pin: pin.write_bytes(b"\xff\xfe"), 2, "Error: The secret 'pin' is not UTF-8 text"),
        (lambda pin: pin.write_text("x" * 70_000), 12, "it has more than 65536 bytes"),
        (lambda pin: (pin.unlink(), pin.mkdir()), 12, "a folder stands where a file should be"),
    ],
    ids=["missing", "empty", "no text", "too long", "a folder"],
)
def test_a_secret_that_cannot_be_had_stops_a_run_before_it_begins(
    home: Path, server: OpenAIServer, change: object, code: int, said: str
) -> None:
    assert callable(change)
    change(home / "pin.txt")
    ran = run("run", "keys.yaml", home=home, env=KEY)
    assert ran.returncode == code
    assert said in ran.stderr
    assert server.calls == []
    assert not (home / ".strands" / "sessions").exists()


DOORS = """\
version: 0
name: doors
runtime: {provider: scripted, host: script.json}
env: {secrets: [{key: API_TOKEN, name: token, source: env}]}
tools: {python: [{callable: "./tools.py:tell"}]}
agents:
  reader: {prompt: You read., tools: [file_read]}
  asker: {prompt: You ask., tools: [tell]}
  teller: {prompt: You tell., tools: []}
pattern:
  type: chain
  config:
    steps:
      - {agent: reader, input: "Read {{ page }}"}
      - {type: hitl, prompt: "Go on?"}
      - agent: teller
        input: "Tell {{ last_response }} {{ hitl_response }} {{ steps[0].response }} {{ page }}"
      - {agent: asker, input: "Ask {{ token }}"}
      - {agent: teller, input: "Repeat {{ last_response }}"}
"""
TOOLS = """
import os

def tell() -> str:
    "Tell a secret."
    return "it is " + os.environ["API_TOKEN"]
"""


def test_a_reference_that_came_through_any_door_is_text_and_a_secret_that_a_tool_tells_is_not_kept(
    tmp_path: Path,
) -> None:
    written = reference("token")
    rules: list[object] = [
        {
            "match": {"contains": f"Read {written}"},
            "tool_use": {"name": "file_read", "input": {"path": "note"}},
        },
        {"match": {"contains": f"a note with {written}"}, "answer": f"I read {written}"},
        {"match": {"contains": f"Tell {written} {written} I read {written} {written}"}, "answer": "told"},
        {"match": {"contains": f"Ask {TOKEN}"}, "tool_use": {"name": "tell", "input": {}}},
        {"match": {"contains": f"it is {TOKEN}"}, "answer": f"I heard {TOKEN}"},
        {"match": {"contains": f"Repeat I heard {written}"}, "answer": "kept for itself"},
        {"answer": "something else came"},
    ]
    (tmp_path / "script.json").write_text(json.dumps({"rules": rules}))
    (tmp_path / "note").write_text(f"a note with {written}")
    (tmp_path / "tools.py").write_text(TOOLS)
    (tmp_path / "doors.yaml").write_text(DOORS)
    first = run("run", "doors.yaml", "--var", f"page={written}", home=tmp_path, env=KEY)
    assert first.returncode == 19, first.stderr
    second = run("resume", "@latest", "--hitl-response", written, home=tmp_path, env=KEY)
    assert second.returncode == 0, second.stderr
    assert second.stdout.strip() == "kept for itself"
    assert not any(shows(ran) for ran in (first, second))
    session = [path for path in (tmp_path / ".strands").rglob("*") if path.is_file()]
    assert not any(TOKEN.encode() in path.read_bytes() for path in session)


def test_a_condition_cannot_ask_for_a_secret(home: Path) -> None:
    spec = """\
version: 0
name: walk
runtime: {provider: echo}
env: {secrets: [{key: API_TOKEN, name: token, source: env}]}
agents: {ann: {prompt: hello}}
pattern:
  type: graph
  config:
    nodes: {a: {agent: ann, input: x}, b: {agent: ann, input: y}}
    edges: [{from: a, choose: [{when: "token == 'x'", to: b}]}]
"""
    (home / "walk.yaml").write_text(spec)
    ran = run("validate", "walk.yaml", home=home)
    assert ran.returncode == 3
    assert "uses 'token', which is not defined there" in ran.stdout + ran.stderr
