"""A test that fails is reported, whatever it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

FAILING = """
def test_that_fails():
    assert False, "half a character: \\ud800"

def test_that_passes():
    pass
"""


def test_a_failure_that_quotes_half_a_character_ends_no_other_test(tmp_path: Path) -> None:
    (tmp_path / "test_two.py").write_text(FAILING)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "1", "-p", "tests.support.profiles", "test_two.py"]
    ran = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert "1 failed, 1 passed" in ran.stdout
    assert "INTERNALERROR" not in ran.stdout
