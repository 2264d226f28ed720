"""Guard 2 of 4: the names that core/ruff.toml bans, shown to be banned in the core and nowhere else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / "core" / "ruff.toml").read_text())
BANNED = sorted(SETTINGS["lint"]["flake8-tidy-imports"]["banned-api"])


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Empty source folders under the real settings, to plant in."""
    for folder in ("core", "shell"):
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copy(ROOT / "core" / "ruff.toml", tmp_path / "core")
    return tmp_path


def _findings(file: Path, source: str) -> set[tuple[int, str]]:
    """What ruff says of the source in that file, as (line, rule)."""
    file.write_text(source)
    run = subprocess.run(
        [
            str(Path(sys.executable).parent / "ruff"),
            "check",
            "--no-cache",
            "--output-format",
            "json",
            str(file),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode in (0, 1), run.stderr
    return {(finding["location"]["row"], finding["code"]) for finding in json.loads(run.stdout)}


def test_each_banned_name_is_found_in_the_core(tree: Path) -> None:
    source = "import datetime\n" + "".join(
        f"{name}()\n" if name.startswith("datetime.") else f"import {name}\n" for name in BANNED
    )
    found = {line for line, rule in _findings(tree / "core" / "planted.py", source) if rule == "TID251"}
    assert found == set(range(2, len(BANNED) + 2))


@pytest.mark.parametrize(
    ("planted", "rule"),
    [
        ("def f() -> None:\n    import os.path", "TID251"),
        ("def f() -> None:\n    from datetime import datetime as dt\n    dt.now(None)", "TID251"),
        ("def f() -> None:\n    print('x')", "T201"),
        ("def f() -> None:\n    exec('x')", "S102"),
        ("def f() -> None:\n    eval('x')", "S307"),
    ],
)
def test_a_banned_name_is_found_inside_a_function_of_the_core(tree: Path, planted: str, rule: str) -> None:
    assert rule in {found for _, found in _findings(tree / "core" / "planted.py", planted + "\n")}


def test_the_shell_may_use_what_the_core_may_not(tree: Path) -> None:
    source = "import hashlib\nimport os\n\nNAMES = os.listdir('.'), hashlib.sha256\n"
    assert _findings(tree / "shell" / "planted.py", source) == set()


def test_nobody_imports_a_package_through_its_folder(tree: Path) -> None:
    findings = _findings(
        tree / "shell" / "planted.py", "import core.durable_core\nimport shell.durable_shell\n"
    )
    assert {(1, "TID251"), (2, "TID251")} <= findings
