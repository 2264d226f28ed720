"""A journal whose chain is right and whose workflow is not what its text says is damaged."""

from __future__ import annotations

from pathlib import Path

from durable_shell.store.port import Entry
from tests.support.folders import only_session
from tests.support.journal_kit import entries
from tests.support.program import run
from tests.support.store_kit import lines

SPEC = """\
version: 0
name: gate
runtime: {provider: echo}
agents: {a: {prompt: You help.}}
pattern:
  type: chain
  config:
    steps:
      - {agent: a, input: "echo: one"}
      - {type: hitl, prompt: "Go on?"}
      - {agent: a, input: "echo: two"}
"""


def test_a_workflow_that_the_kept_text_does_not_say_is_never_run(tmp_path: Path) -> None:
    (tmp_path / "gate.yaml").write_text(SPEC)
    assert run("run", "gate.yaml", "--no-input", home=tmp_path).returncode == 19
    journal = only_session(tmp_path) / "journal.jsonl"
    events = [line["event"] for line in entries(journal)]
    events[0]["spec"]["pattern"]["config"]["steps"][2]["input"] = "echo: something else"
    journal.write_bytes(lines(tuple(Entry(n, 1.0, 1, event) for n, event in enumerate(events, start=1))))
    for command in (
        ("sessions", "verify"),
        ("resume", "@latest", "--hitl-response", "yes", "--spec-from", "snapshot"),
        ("resume", "@latest", "--hitl-response", "yes"),
    ):
        ran = run(*command, home=tmp_path)
        assert ran.returncode == 17
        assert "is not what the text says" in ran.stdout + ran.stderr
