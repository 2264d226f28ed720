"""Guard 3 of 4: the syntax of the core. It needs no tool's settings, and sees what is inside functions."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture import purity

ROOT = Path(__file__).parents[2]
CORE = sorted((ROOT / "core" / "durable_core").rglob("*.py"))
FOLDERS = ("core", "shell", "tests", "property_tests")
ALL = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", CORE, ids=_short)
def test_a_core_module_is_pure_by_its_syntax(path: Path) -> None:
    assert purity.violations(path.read_text()) == []


def test_there_is_a_core_to_look_at() -> None:
    assert "core/durable_core/patterns/base.py" in map(_short, CORE)


def test_each_folder_of_the_core_is_a_package() -> None:
    # Coverage and the import guard walk packages: a folder without __init__.py would escape both.
    assert {_short(path.parent) for path in CORE if not (path.parent / "__init__.py").exists()} == set()


@pytest.mark.parametrize(
    ("planted", "finding"),
    [
        ("import os", "1: import of os"),
        ("import os.path as p", "1: import of os.path"),
        ("from pathlib import Path", "1: import of pathlib.Path"),
        ("import a_module_nobody_thought_of", "1: import of a_module_nobody_thought_of"),
        ("def f():\n    import time", "2: import of time"),
        ("from durable_shell.cli.main import main", "1: import of durable_shell.cli.main.main"),
        ("from . import words", "1: import of ..words"),
        ("from jinja2 import FileSystemLoader", "1: import of jinja2.FileSystemLoader"),
        ("from pprint import pformat, pprint", "1: import of pprint.pprint"),
        ("from returns.io import IO", "1: import of returns.io.IO"),
        ("def f():\n    return open('x')", "2: use of open"),
        ("def f():\n    print('x')", "2: use of print"),
        ("reader = input", "1: use of input"),
        ("x = eval('1')", "1: use of eval"),
        ("exec('1')", "1: use of exec"),
        ("m = __import__('os')", "1: use of __import__"),
        ("x = hash('a')", "1: use of hash"),
        ("import datetime\nx = datetime.datetime.now()", "2: clock datetime.datetime.now"),
        ("from datetime import datetime as dt\nx = dt.now", "2: clock dt.now"),
        ("from datetime import date\nx = date.today()", "2: clock date.today"),
        (
            "import datetime as d\nx = d.datetime(1, 1, 1).astimezone()",
            "2: clock d.datetime(1, 1, 1).astimezone",
        ),
        ("def f():\n    global x\n    x = 1", "2: global x"),
        ("async def f(): ...", "1: async code"),
        ("CACHE = {}", "1: mutable state CACHE"),
        ("CACHE: dict[str, int] = dict()", "1: mutable state CACHE"),
        ("import collections\nSEEN = collections.deque()", "2: mutable state SEEN"),
        ("class A:\n    seen = [x for x in 'ab']", "2: mutable state seen"),
    ],
)
def test_a_planted_violation_is_found(planted: str, finding: str) -> None:
    assert purity.violations(planted) == [finding]


@pytest.mark.parametrize(
    "source",
    [
        "import re\nWORD = re.compile('a')",
        "from datetime import UTC, datetime\ndef f(at): return datetime.fromtimestamp(at, UTC).isoformat()",
        "def f(command): return command.now",
        "class A:\n    def __hash__(self): return hash((self.a, self.b))",
        "from types import MappingProxyType\nTABLE = MappingProxyType({'a': 1})",
        "__all__ = ['a']",
        "def f():\n    local = []\n    return tuple(local)",
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass A:\n    input: str\n    id: str",
    ],
)
def test_what_a_pure_core_needs_is_left_alone(source: str) -> None:
    assert purity.violations(source) == []


@pytest.mark.parametrize("path", ALL, ids=_short)
def test_the_packages_are_never_imported_through_their_folders(path: Path) -> None:
    assert _through_folders(path.read_text()) == []


@pytest.mark.parametrize(
    "planted",
    ["import core.durable_core", "from shell.durable_shell import main", "from core import durable_core"],
)
def test_an_import_through_a_folder_is_found(planted: str) -> None:
    assert len(_through_folders(planted)) == 1


def _through_folders(source: str) -> list[str]:
    return [name for _, name in purity.imported(ast.parse(source)) if name.split(".")[0] in ("core", "shell")]
