"""What importing the core brings into a process: nothing of the SDK, of networks, of screens."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PROGRAM = """
import importlib, json, pkgutil, sys
import durable_core
names = [m.name for m in pkgutil.walk_packages(durable_core.__path__, "durable_core.")]
for name in names:
    importlib.import_module(name)
print(json.dumps([names, sorted({name.split(".")[0] for name in sys.modules})]))
"""

FOREIGN = frozenset(
    """
    strands boto3 botocore mcp httpx httpcore requests urllib3 aiohttp anyio openai ollama opentelemetry rich
    docopt durable_shell
    """.split()
)


def test_the_whole_core_imports_without_the_sdk_or_a_network_library() -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    names, loaded = json.loads(run.stdout)
    assert "durable_core.patterns.base" in names
    assert FOREIGN.intersection(loaded) == set()


def test_no_package_is_imported_through_its_folder(tmp_path: Path) -> None:
    # It would be a second copy, in which every class exists once more. The settings of ruff refuse it.
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    folders, planted = ("core", "shell", "tests"), ("import core.a", "from core import a", "import shell.b")
    for folder in folders:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "planted.py").write_text("\n".join(planted), encoding="utf-8")
    ruff = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--no-cache",
        "--select",
        "TID251",
        "--output-format",
        "concise",
    ]
    run = subprocess.run([*ruff, "."], cwd=tmp_path, capture_output=True, text=True, check=False)
    found = {line.partition(" ")[0] for line in run.stdout.splitlines() if "TID251" in line}
    places = {f"{folder}/planted.py:{number}" for folder in folders for number in (1, 2, 3)}
    assert {place.rpartition(":")[0].rpartition(":")[0] for place in found} == places, run.stdout
