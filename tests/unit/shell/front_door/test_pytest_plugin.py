"""The plugin that pytest finds by itself: its fixtures work, and it costs a run of pytest next to nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PLUGIN = "strands_durable.testing.pytest_plugin"

WORKFLOW_TESTS = '''
SPEC = """
version: 0
name: one
runtime: {provider: echo}
agents: {ann: {prompt: You write.}}
pattern: {type: chain, config: {steps: [{agent: ann, input: Write.}]}}
"""

def test_play(strands_play):
    assert strands_play(SPEC, answers={"ann": "Done."}).result == "Done."

def test_crash(strands_crash_everywhere):
    assert not strands_crash_everywhere(SPEC, answers={"ann": "Done."})

def test_store(strands_store, tmp_path):
    assert strands_store == f"file://{tmp_path}/strands"
'''


def _pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in ``folder`` with this plugin and no other that is installed."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", PLUGIN, *arguments],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_fixtures_play_a_workflow_kill_it_everywhere_and_name_a_store(tmp_path: Path) -> None:
    (tmp_path / "test_workflow.py").write_text(WORKFLOW_TESTS)
    run = _pytest(tmp_path)
    assert "3 passed" in run.stdout, run.stdout + run.stderr


def test_a_run_that_uses_no_fixture_of_ours_loads_nothing_of_ours_but_the_plugin(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text(
        "import sys\n\n"
        "def test_other():\n"
        "    ours = ('strands', 'durable_core', 'durable_shell', 'strands_durable', 'pydantic', 'asyncio')\n"
        "    loaded = {name for name in sys.modules if name.partition('.')[0] in ours}\n"
        f"    assert loaded == {{'strands_durable', 'strands_durable.testing', '{PLUGIN}'}}\n"
    )
    run = _pytest(tmp_path)
    assert "1 passed" in run.stdout, run.stdout + run.stderr
