"""Bytes that are no UTF-8, sent through every way in: each is refused at once with exit 2.

The refusal names the file, the line and the byte, and nothing is run or written.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from durable_shell.app import App
from durable_shell.cli.environment import Environment
from durable_shell.cli.main import main
from tests.support.folders import everything_below

GOOD = """\
version: 0
name: good
runtime: {provider: scripted, host: script.yaml}
inputs: {optional: {given: {type: string, default: x}}}
agents: {one: {prompt: You speak.}}
pattern: {type: chain, config: {steps: [{agent: one, input: "Say {{ given }}"}, {type: hitl, prompt: Well?}]}}
"""
WITH_REF = GOOD.replace("{prompt: You speak.}", "{$ref: agents/one.yaml}")
WITH_SECRET = GOOD + "env: {secrets: [{key: PIN, name: pin, source: file, path: pin.txt}]}\n"
WITH_TOOL = GOOD + 'tools: {python: ["./tools.py:speak"]}\n'
AGENT = "# an agent\nprompt: You speak.\n"
SCRIPT = "# a script\nrules: [{answer: spoken}]\n"
JSON_SCRIPT = '{\n"rules": [{"answer": "spoken"}]}\n'
TOOL = 'def speak(word: str) -> str:\n    """Speak."""\n    return word\n'


@dataclass(frozen=True)
class Way:
    """A command that reads a file: which one, what it holds, and where in it the bad bytes are put."""

    file: str
    text: str
    before: str
    line: int
    command: tuple[str, ...] = ("run", "good.yaml")
    spec: str = GOOD


WAYS = {
    "a spec": Way("bad.yaml", GOOD, "good", 2, ("run", "bad.yaml")),
    "a spec that is validated": Way("bad.yaml", GOOD, "good", 2, ("validate", "bad.yaml")),
    "a spec that is planned": Way("bad.yaml", GOOD, "good", 2, ("plan", "bad.yaml")),
    "a spec that is explained": Way("bad.yaml", GOOD, "good", 2, ("explain", "bad.yaml")),
    "a spec in JSON": Way("bad.json", '{"version": 0,\n"name": "good"}', "good", 2, ("run", "bad.json")),
    "a spec through a pipe": Way("-", GOOD, "good", 2, ("run", "-")),
    "an agent's file": Way("agents/one.yaml", AGENT, "You", 2, spec=WITH_REF),
    "an agent's file that is validated": Way(
        "agents/one.yaml", AGENT, "You", 2, ("validate", "good.yaml"), WITH_REF
    ),
    "variables": Way(
        "given.yaml", "# some\ngiven: y\n", "y", 2, ("run", "good.yaml", "--var-file", "given.yaml")
    ),
    "variables in JSON": Way(
        "given.json", '{\n"given": "y"}', 'y"}', 2, ("run", "good.yaml", "--var-file", "given.json")
    ),
    "variables for a plan": Way(
        "given.yaml", "# some\ngiven: y\n", "y", 2, ("plan", "good.yaml", "--var-file", "given.yaml")
    ),
    "a script": Way("script.yaml", SCRIPT, "spoken", 2),
    "a script in JSON": Way("script.yaml", JSON_SCRIPT, "spoken", 2),
    "a secret": Way("pin.txt", "one\ntwo", "two", 2, spec=WITH_SECRET),
    "the config": Way("home/config.yaml", "# mine\nretention: {keep: 3}\n", "3", 2),
    "a Python tool": Way("tools.py", TOOL, 'Speak."', 2, spec=WITH_TOOL),
}

BYTES: dict[str, Callable[[bytes, bytes], tuple[bytes, int]]] = {
    "a byte that no text has": lambda before, after: (before + b"\xff" + after, len(before)),
    "Latin-1": lambda before, after: (before + "é".encode("latin-1") + after, len(before)),
    "a character that is cut": lambda before, after: (before + "😀".encode()[:3] + after, len(before)),
    "the end in a character": lambda before, _: (before + "é".encode()[:1], len(before)),
    "half of a surrogate pair": lambda before, after: (before + b"\xed\xa0\xbd" + after, len(before)),
    "behind a byte order mark": lambda before, after: (
        b"\xef\xbb\xbf" + before + b"\xff" + after,
        len(before) + 3,
    ),
    "UTF-16": lambda before, after: ((before + after).decode().encode("utf-16"), 0),
}
"""Each makes a file of what stands before and after the bad bytes, and says how many bytes are good."""


def project(folder: Path) -> Path:
    """A new folder with a home for sessions and the files of a project, but for its workflow."""
    files = {"script.yaml": SCRIPT, "agents/one.yaml": AGENT, "pin.txt": "1", "tools.py": TOOL}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "home").mkdir()
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return project(tmp_path)


def strands(
    work: Path, *argv: str, sent: bytes = b"", env: dict[str, str] | None = None
) -> tuple[int, str, str]:
    """Run a command: its exit code, its standard output and its standard error."""
    stdout, stderr = io.StringIO(), io.StringIO()
    surroundings = Environment(
        stdin=io.TextIOWrapper(io.BytesIO(sent), encoding="utf-8"),
        stdout=stdout,
        stderr=stderr,
        home=work / "home",
        cwd=work,
        env=env or {},
    )
    code = main(argv, App(surroundings))
    return code, stdout.getvalue(), stderr.getvalue()


@pytest.mark.parametrize("bad", BYTES)
@pytest.mark.parametrize("way", WAYS)
def test_a_file_that_is_no_text_is_refused_with_its_name_its_line_and_its_byte(
    way: str, bad: str, work: Path
) -> None:
    given = WAYS[way]
    head, found, tail = given.text.partition(given.before)
    assert found
    raw, good = BYTES[bad](head.encode(), (found + tail).encode())
    (work / "good.yaml").write_text(given.spec)
    if given.file != "-":
        (work / given.file).write_bytes(raw)
    before = everything_below(work)
    code, out, err = strands(work, *given.command, sent=raw if given.file == "-" else b"")
    assert (code, out) == (2, "")
    assert "UTF-8 text" in err
    assert f"{given.file}" in err.partition("UTF-8 text")[0] + err.partition("UTF-8 text")[2]
    assert f"line {1 if bad == 'UTF-16' else given.line}" in err
    assert f"byte {good + 1} " in err
    assert ("It looks like UTF-16" in err) == (bad == "UTF-16")
    assert "Traceback" not in err
    assert everything_below(work) == before


WORDS = [
    ["run", "{}.yaml"],
    ["run", "good.yaml", "--var", "given={}"],
    ["run", "good.yaml", "--var-file", "{}.yaml"],
    ["run", "good.yaml", "--out", "{}"],
    ["run", "good.yaml", "--name", "{}"],
    ["resume", "@latest", "--hitl-response", "{}"],
    ["resume", "@latest", "--spec", "{}"],
    ["sessions", "answer", "@latest", "{}"],
    ["sessions", "settle", "@latest", "{}", "x"],
    ["sessions", "show", "{}"],
    ["plan", "good.yaml", "--graph", "{}.svg"],
    ["{}"],
]


@pytest.mark.parametrize("bad", [b"\xff", b"caf\xe9", b"\xf0\x9f\x98", b"\xed\xa0\xbd"])
@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_a_word_of_the_command_line_that_is_no_text_is_refused(
    words: list[str], bad: bytes, work: Path
) -> None:
    (work / "good.yaml").write_text(GOOD)
    assert strands(work, "run", "good.yaml", "--no-input")[0] == 19
    before = everything_below(work)
    code, out, err = strands(work, *(word.replace("{}", os.fsdecode(bad)) for word in words))
    assert (code, out) == (2, "")
    assert "is not UTF-8 text." in err
    assert f"\\x{bad[-1]:02x}" in err
    assert everything_below(work) == before


@pytest.mark.parametrize("bad", ["caf\udce9", "\udcff or"])
def test_a_secret_of_the_environment_that_is_no_text_is_refused(bad: str, work: Path) -> None:
    (work / "good.yaml").write_text(GOOD + "env: {secrets: [{key: PIN, source: env}]}\n")
    before = everything_below(work)
    code, out, err = strands(work, "run", "good.yaml", env={"PIN": f"x{bad}"})
    assert (code, out) == (2, "")
    assert "Error: The secret 'PIN' is not UTF-8 text: the environment variable PIN\nHint: " in err
    assert everything_below(work) == before


@pytest.mark.parametrize("key", ["caf\udce9", "é", "key\n"])
def test_a_key_of_a_provider_that_no_request_can_carry_is_refused(key: str, work: Path) -> None:
    (work / "good.yaml").write_text(GOOD.replace("scripted, host: script.yaml", "openai, model_id: m"))
    code, out, err = strands(work, "run", "good.yaml", env={"OPENAI_API_KEY": key})
    assert (code, out) == (2, "")
    assert "Error: The API key in OPENAI_API_KEY can't be sent" in err


def test_a_spec_that_is_no_text_any_more_stops_no_session(work: Path) -> None:
    (work / "good.yaml").write_text(GOOD)
    assert strands(work, "run", "good.yaml", "--no-input")[0] == 19
    (work / "good.yaml").write_bytes(GOOD.replace("Well?", "Naïf?").encode("latin-1"))
    before = everything_below(work)
    code, out, err = strands(work, "resume", "@latest", "--hitl-response", "yes")
    assert (code, out) == (2, "")
    assert "good.yaml has 1 problem:" in err
    assert f"line 6, column {GOOD.splitlines()[5].index('Well') + 3}, " in err
    assert "--spec-from snapshot" in err
    after = everything_below(work)
    assert {name for name in after if after[name] != before[name] and not name.endswith(".lease")} == set()
    assert strands(work, "resume", "@latest", "--hitl-response", "yes", "--spec-from", "snapshot")[0] == 0


@pytest.mark.parametrize("name", [b"caf\xe9", b"\xff", b"\xf0\x9f\x98"])
def test_a_folder_whose_name_is_no_text_holds_projects_and_sessions(name: bytes, tmp_path: Path) -> None:
    folder = project(tmp_path / os.fsdecode(name))
    (folder / "good.yaml").write_text(
        WITH_TOOL + "outputs: {artifacts: [{path: out.md, from: '{{ hitl_response }}'}]}\n"
    )
    assert strands(folder, "run", "good.yaml", "--no-input")[0] == 19
    for command in (["list"], ["show", "@latest"], ["show", "@latest", "--json"], ["verify"]):
        code, out, err = strands(folder, "sessions", *command)
        (out + err).encode("utf-8")
        assert code == 0
    assert strands(folder, "resume", "@here", "--hitl-response", "yes")[0] == 0
    assert (folder / "artifacts" / "out.md").read_text() == "yes"
