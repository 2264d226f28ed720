"""The audit hook of the property tests, run on a planted core whose functions reach outside, or do not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PLANTED_CORE = """
import functools
import importlib
import socket
import subprocess

import planted_library


def opens():
    open("/dev/null").close()

def swallows():
    try:
        open("/dev/null").close()
    except Exception:
        pass

def lists():
    import os
    os.listdir(".")

def connects():
    socket.create_connection(("127.0.0.1", 9))

def starts_a_process():
    subprocess.run(["true"])

def lets_a_library_open():
    planted_library.reads()

def hides_it_in_a_callback():
    functools.reduce(lambda _, path: open(path), ["/dev/null"], None)

def imports_late():
    import wave
    importlib.reload(wave)

def computes():
    return sum(range(10))
"""

IMPURE = [
    "opens",
    "swallows",
    "lists",
    "connects",
    "starts_a_process",
    "lets_a_library_open",
    "hides_it_in_a_callback",
]

PLANTED_TESTS = f"""
import pytest
from hypothesis import given, strategies as st
from durable_core import planted

@pytest.mark.parametrize("name", {IMPURE})
@given(n=st.integers())
def test_impure(name, n):
    getattr(planted, name)()

@pytest.mark.parametrize("name", ["imports_late", "computes"])
@given(n=st.integers())
def test_pure(name, n):
    getattr(planted, name)()

def test_the_shell_may_open():
    open("/dev/null").close()
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The names of the planted tests, by outcome, as the real conftest and hook decide."""
    top = tmp_path_factory.mktemp("planted")
    package = top / "core" / "durable_core"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "planted.py").write_text(PLANTED_CORE)
    (top / "core" / "planted_library.py").write_text("def reads():\n    open('/dev/null').close()\n")
    suite = top / "property_tests"
    (suite / "worlds").mkdir(parents=True)
    (top / "tests" / "support").mkdir(parents=True)
    copied = ("worlds/audit.py", "conftest.py")
    for name in ("conftest.py", "tests/support/night.py", *(f"property_tests/{one}" for one in copied)):
        shutil.copy(ROOT / name, top / name)
    (suite / "test_planted.py").write_text(PLANTED_TESTS)
    shutil.copy(ROOT / "pyproject.toml", top / "pyproject.toml")
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-rA",
            "-p",
            "no:cacheprovider",
            "--tb=line",
            "property_tests",
        ],
        cwd=top,
        env={**os.environ, "PYTHONPATH": str(top / "core")},
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.findall(r"^(PASSED|FAILED|ERROR) \S+::(\w+(?:\[\w+\])?)", run.stdout, re.MULTILINE)
    assert found, run.stdout + run.stderr
    return {
        outcome: {name for other, name in found if other == outcome}
        for outcome in ("PASSED", "FAILED", "ERROR")
    }


def test_a_core_that_reaches_outside_fails_its_property_test(outcomes: dict[str, set[str]]) -> None:
    assert outcomes["FAILED"] == {f"test_impure[{name}]" for name in IMPURE}


def test_a_pure_core_and_a_reaching_test_pass(outcomes: dict[str, set[str]]) -> None:
    assert outcomes["PASSED"] == {"test_pure[imports_late]", "test_pure[computes]", "test_the_shell_may_open"}


def test_nothing_breaks_in_the_hook_itself(outcomes: dict[str, set[str]]) -> None:
    assert outcomes["ERROR"] == set()
