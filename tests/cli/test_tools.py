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
