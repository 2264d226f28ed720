"""The import contract in pyproject.toml, kept by the code and broken by a planted import."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the sources with the contract that binds them, to plant in."""
    for folder in ("core", "shell"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _lint(tree: Path) -> tuple[int, str]:
    run = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--config", "pyproject.toml"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": f"{tree}/core:{tree}/shell", "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr


def test_the_contract_is_kept(tree: Path) -> None:
    status, report = _lint(tree)
    assert (status, "1 kept, 0 broken" in report) == (0, True), report


def test_a_core_that_knows_the_shell_breaks_it(tree: Path) -> None:
    (tree / "shell" / "durable_shell" / "known.py").touch()
    (tree / "core" / "durable_core" / "planted.py").write_text("import durable_shell.known\n")
    status, report = _lint(tree)
    assert status == 1
    assert "durable_core is not allowed to import durable_shell" in report
    assert "0 kept, 1 broken" in report


def test_a_shell_that_knows_the_front_door_breaks_the_layers(tree: Path) -> None:
    (tree / "shell" / "durable_shell" / "planted.py").write_text("import strands_durable.specs\n")
    status, report = _lint(tree)
    assert status == 1
    assert "durable_shell is not allowed to import strands_durable" in report
