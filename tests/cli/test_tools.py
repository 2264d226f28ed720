"""Tools on the command line: what is wrong with them is told before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.folders import sessions
from tests.support.program import run

SPEC = """version: 0
name: tools
runtime: {provider: echo}
tools:
  python:
    - %s
agents:
  writer: {prompt: x, tools: [%s]}
security: {guardrails: {deny_network: %s}}
pattern: {type: chain, config: {steps: [{agent: writer}]}}
"""


@pytest.mark.parametrize(
    ("tool", "names", "deny", "code", "said"),
    [
        ("./tools.py:gone", "python", "false", 3, "line 6, column 7, /tools/python/0: "),
        ("./missing.py", "python", "false", 3, "there is no file"),
        ("./tools.py:breaks", "python", "true", 3, "has no 'breaks'. Functions there: good"),
        ("./bad.py:x", "calculator", "false", 3, "ZeroDivisionError"),
        ("./tools.py:good", "http_request", "true", 3, "deny_network forbids the tool 'http_request'"),
        ("./tools.py:good", "web_fetch", "false", 18, "Not supported yet: this tool."),
        ("./tools.py:good", "goods", "false", 3, "Did you mean 'good'?"),
        ("./tools.py:good", "good, calculator", "true", 0, ""),
    ],
)
def test_a_tool_that_can_not_be_had_stops_the_run_before_it_begins(
    tool: str, names: str, deny: str, code: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "tools.py").write_text("def good() -> str:\n    'Do good.'\n    return 'done'\n")
    (tmp_path / "bad.py").write_text("1 / 0\n")
    (tmp_path / "spec.yaml").write_text(SPEC % (tool, names, deny))
    ran = run("run", "spec.yaml", home=tmp_path)
    assert ran.returncode == code, ran.stderr
    assert said in " ".join(ran.stderr.replace("Hint: ", "").split())
    assert "Traceback" not in ran.stderr
    assert bool(sessions(tmp_path)) == (code == 0)
    assert run("validate", "spec.yaml", home=tmp_path).returncode in (code, 0)


ODD = """version: 0
name: odd
runtime: {provider: scripted, host: script.yaml}
tools: {python: ["./tools.py:odd"]}
agents: {a: {prompt: You act., tools: [odd]}}
pattern: {type: chain, config: {steps: [{agent: a, input: "go"}, {agent: a, input: "go on"}]}}
"""
SCRIPT = """rules:
  - {match: {contains: "go on"}, answer: "all done"}
  - {match: {call: 1}, tool_use: {name: odd, input: {}}}
  - {answer: "done"}
"""


@pytest.mark.parametrize(
    "given",
    [
        '{"status": "success", "content": "plain"}',
        '{"status": "success", "content": "x" * 1_000_000}',
        '{"status": "success", "content": ["a" * 1_000_000, 3, None]}',
        '{"status": "success", "content": None}',
        '{"status": "success", "content": [{"text": 3}, {"image": {"format": "png"}}]}',
        '{"status": 7, "content": [{"text": "x"}]}',
    ],
)
def test_a_session_whose_tool_gives_a_result_in_no_form_comes_to_its_end(given: str, tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text(f"def odd() -> dict:\n    'Give odd results.'\n    return {given}\n")
    (tmp_path / "script.yaml").write_text(SCRIPT)
    (tmp_path / "spec.yaml").write_text(ODD)
    ran = run("run", "spec.yaml", home=tmp_path)
    assert (ran.returncode, ran.stdout) == (0, "all done\n"), ran.stderr
    assert run("sessions", "verify", home=tmp_path).returncode == 0
