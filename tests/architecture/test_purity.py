"""The core does no I/O and has no clock: a look at the text of its modules, and at what their names lead to.

The other half of the line is the layers contract (test_contracts.py): the core does not know the shell.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture import purity

ROOT = Path(__file__).parents[2]
CORE = sorted((ROOT / "core" / "durable_core").rglob("*.py"))


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_core_module_is_pure() -> None:
    found = {_short(path): purity.violations(path.read_text(encoding="utf-8")) for path in CORE}
    assert {path: broken for path, broken in found.items() if broken} == {}


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
        ("from jinja2 import FileSystemLoader", "1: reach of jinja2.loaders.FileSystemLoader"),
        ("import jinja2.loaders", "1: import of jinja2.loaders"),
        ("import jinja2\nx = jinja2.PackageLoader", "2: reach of jinja2.loaders.PackageLoader"),
        ("from jinja2.filters import do_random", "1: import of jinja2.filters.do_random"),
        ("from pydantic import FilePath", "1: import of pydantic.FilePath"),
        ("import pydantic as p\nx = p.ImportString", "2: reach of pydantic.types.ImportString"),
        ("import yaml\ndef f(t): return yaml.unsafe_load(t)", "2: reach of yaml.unsafe_load"),
        ("import json\nx = json.codecs", "2: reach of codecs"),
        ("from dataclasses import sys", "1: reach of sys"),
        ("from collections import _sys as s", "1: reach of sys"),
        ("import pprint as p\nx = p._sys", "2: reach of sys"),
        ("import contextlib\nx = contextlib.chdir('.')", "2: reach of contextlib.chdir"),
        ("import jinja2\nx = jinja2.Template('x').stream().dump('y')", "2: method dump"),
        ("def f(path): return path.read_text()", "1: method read_text"),
        ("x = __builtins__", "1: way out __builtins__"),
        ("import re\nx = getattr(re, '__builtins__')", "2: way out __builtins__"),
        ("def f(g): return g.__globals__", "1: way out __globals__"),
        ("def f(g): return g.gi_frame", "1: way out gi_frame"),
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
        ("def f(at): return type(at).now()", "1: clock type(at).now"),
        ("def f(at): return at.astimezone()", "1: clock at.astimezone"),
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
