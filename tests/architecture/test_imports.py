"""What importing the core brings into a process: nothing of the SDK, of networks, of screens."""

from __future__ import annotations

import ast
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


def _from_tests(source: str) -> list[str]:
    """The test modules that a source imports from: what several tests need is in ``tests/support``."""
    nodes = list(ast.walk(ast.parse(source)))
    modules = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    modules += [
        f"{node.module}.{alias.name}"
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    modules += [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return [name for name in modules if name.split(".")[-1].startswith("test_")]


def test_no_module_imports_from_a_test_module() -> None:
    sources = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "property_tests").rglob("*.py")]
    found = {str(path.relative_to(ROOT)): _from_tests(path.read_text()) for path in sources}
    assert {path: names for path, names in found.items() if names} == {}


def test_each_way_to_import_a_test_module_is_found() -> None:
    ways = ("import tests.cli.test_a", "from tests.cli import test_a", "from tests.cli.test_a import X")
    assert [bool(_from_tests(way)) for way in ways] == [True, True, True]
    assert _from_tests("from tests.support.home import Home\nimport test_less") == ["test_less"]
