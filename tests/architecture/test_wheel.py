"""What the built wheel holds, and that it runs from its own files alone."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from durable_core.version import VERSION

ROOT = Path(__file__).parents[2]
SOURCES = {
    "durable_core": ROOT / "core",
    "durable_shell": ROOT / "shell",
    "strands_durable": ROOT / "shell",
}

# Calls the build backend itself: no package index is asked, so the test runs offline.
BUILD = "import sys, hatchling.build; print(hatchling.build.build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of a wheel built from this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    run = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return folder / run.stdout.split()[-1]


def _held(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_every_source_file_and_nothing_else(wheel: Path) -> None:
    wanted = {
        str(path.relative_to(root))
        for package, root in SOURCES.items()
        for path in (root / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    held = {name for name in _held(wheel) if ".dist-info/" not in name}
    assert held == wanted
    assert {f"{package}/py.typed" for package in SOURCES} <= held


def test_the_wheel_has_no_top_level_but_its_packages(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in _held(wheel)}
    assert tops == {*SOURCES, f"strands_durable-{VERSION}.dist-info"}


def test_the_wheel_carries_its_licence_the_command_and_the_plugin_of_pytest(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        info = f"strands_durable-{VERSION}.dist-info"
        commands = archive.read(f"{info}/entry_points.txt").decode()
        licence = archive.read(f"{info}/licenses/LICENSE")
    assert "strands = durable_shell.cli.main:main" in commands
    assert "[pytest11]\nstrands_durable = strands_durable.testing.pytest_plugin" in commands
    assert licence == (ROOT / "LICENSE").read_bytes()


def test_the_command_runs_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    program = (
        "import sys, durable_core, durable_shell.cli.main as m;"
        " print(durable_core.__path__[0], m.__file__, sep='\\n', file=sys.stderr);"
        " sys.argv = ['strands', 'version']; sys.exit(m.main())"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, f"strands-durable {VERSION}, " in run.stdout) == (0, True), run.stderr
    assert [line for line in run.stderr.splitlines() if not line.startswith(str(unpacked))] == []


def test_the_sdist_holds_what_its_own_tests_read(tmp_path: Path) -> None:
    command = [sys.executable, "-c", BUILD.replace("build_wheel", "build_sdist"), str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    with tarfile.open(tmp_path / run.stdout.split()[-1]) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    read = {".ci/run", ".github/workflows/ci.yml", ".pre-commit-config.yaml", "Makefile", "README.md"}
    assert read - held == set()
    assert {str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("*.py")} - held == set()
