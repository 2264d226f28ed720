"""Nothing above the stores names a kind of store, a session's file, a clock or an id maker."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.composition import of_the_command_line, second_styles, violations

ROOT = Path(__file__).parents[2]
SHELL = ROOT / "shell"
BELOW = tuple(f"durable_shell/store/{name}" for name in ("files/", "memory/", "opening.py", "view_files.py"))
"""What is made of files, or of memory. The port is not: what it names, everybody above names through it."""

ROOTS = {
    "durable_shell/app.py": "the composition root",
    "durable_shell/runtime/clock.py": "the clock and the id maker themselves",
    "durable_shell/tools/builtin/current_time.py": "a tool that tells a model what time it is",
}
APPS = {"durable_shell/cli/main.py", "strands_durable"}
"""Who makes an App: the command line, and the front door for programs."""


def short(path: Path) -> str:
    return str(path.relative_to(SHELL))


ALL = sorted(SHELL.rglob("*.py"))
ABOVE = [path for path in ALL if not short(path).startswith(BELOW) and short(path) not in ROOTS]


def test_nothing_above_the_stores_names_what_the_app_hands_down() -> None:
    assert len(ABOVE) > 80
    found = {short(path): violations(path.read_text()) for path in ABOVE}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_the_exceptions_are_there_for_a_reason() -> None:
    assert [path for path in ROOTS if not violations((SHELL / path).read_text())] == []


def test_only_the_command_line_and_the_front_door_make_an_app() -> None:
    makers = {short(path) for path in ALL if "App" in _called(path.read_text())}
    assert {path for path in makers if path not in APPS and path.split("/")[0] not in APPS} == set()
    assert "durable_shell/cli/main.py" in makers


@pytest.mark.parametrize(
    ("planted", "finding"),
    [
        (
            "from durable_shell.store.files.store import FileStore",
            "store durable_shell.store.files.store.FileStore",
        ),
        ("import durable_shell.store.memory.store", "store durable_shell.store.memory.store"),
        (
            "from durable_shell.store.opening import open_store",
            "store durable_shell.store.opening.open_store",
        ),
        ("from durable_shell.store import files", "store durable_shell.store.files"),
        ("from durable_shell.store.view_files import SPEC", "store durable_shell.store.view_files.SPEC"),
        ("JOURNAL = 'journal.jsonl'", "session's file journal.jsonl"),
        ("load('durable_shell.store.files.store')", "store durable_shell.store.files.store"),
        ("def f(module): return module.FileStore('/tmp')", "store FileStore"),
        ("store = MemoryStore()", "store MemoryStore"),
        ("path = home / 'sessions'", "session's file sessions"),
        ("path = f'{home}/sessions/{name}'", "session's file /sessions/"),
        ("path = f'{folder}/journal.jsonl'", "session's file /journal.jsonl"),
        ("name = 'session_' + session_id", "session's file session_"),
        ("places = {'sessions': 'spec.yaml'}", "session's file sessions"),
        ("open(folder / '.lease')", "session's file .lease"),
        ("clock = SystemClock()", "maker SystemClock"),
        ("ids = clock.RandomIds()", "maker RandomIds"),
        ("def f():\n    return time.time()", "clock time.time"),
        ("from time import time", "clock time.time"),
        ("now = datetime.now", "clock datetime.now"),
        ("now = datetime.datetime.now(UTC)", "clock datetime.datetime.now"),
        ("def f():\n    import uuid", "id maker uuid"),
        ("from random import random", "id maker random.random"),
    ],
)
def test_a_planted_violation_is_found(planted: str, finding: str) -> None:
    assert [line.partition(": ")[2] for line in violations(planted)] == [finding]


@pytest.mark.parametrize(
    "source",
    [
        "from durable_shell.store.port import Store",
        "def f(app): return app.open_store('strands run').list(), app.clock.now(), app.ids.session_id()",
        "'Values that were edited in session.json are used.'",
        "ends = time.monotonic() + 5",
        "COMMANDS = {'sessions list': 'x'}",
        "__all__ = ['run', 'sessions']",
        "HOMES = {'sessions': 'strands_durable.stored_session'}",
        "document['session_id']",
    ],
)
def test_what_comes_from_the_app_is_left_alone(source: str) -> None:
    assert violations(source) == []


def test_errors_are_raised_and_nothing_else() -> None:
    found = {short(path): second_styles(path.read_text()) for path in ALL}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("planted", "finding"),
    [
        ("def f(x):\n    if isinstance(x, Exit):\n        return x", "2: isinstance of Exit"),
        ("y = isinstance(x, exit_codes.Exit | int)", "1: isinstance of exit_codes.Exit | int"),
        ("if code is Exit.DONE: pass", "1: code is Exit.DONE"),
        ("x = 1 if failed.code == exit_codes.Exit.IO else 2", "1: failed.code == exit_codes.Exit.IO"),
        ("y = code in (Exit.DONE, Exit.WAITING)", "1: code in (Exit.DONE, Exit.WAITING)"),
        ("match code:\n    case Exit.IO:\n        pass", "2: case Exit.IO"),
        ("raise AssertionError(path)", "1: raise AssertionError"),
        ("raise AssertionError", "1: raise AssertionError"),
    ],
)
def test_a_planted_second_style_is_found(planted: str, finding: str) -> None:
    assert second_styles(planted) == [finding]


@pytest.mark.parametrize(
    "source", ["raise OperationError(Exit.USAGE, 'no')", "code = Exit.IO if broken else Exit.FAILED"]
)
def test_an_exit_code_that_is_given_and_not_asked_is_no_second_style(source: str) -> None:
    assert second_styles(source) == []


def test_nothing_outside_the_command_line_knows_it() -> None:
    """An operation takes plain values and an App, never the arguments of a command line."""
    outside = [path for path in ALL if not short(path).startswith("durable_shell/cli/")]
    found = {short(path): of_the_command_line(path.read_text()) for path in outside}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("planted", "finding"),
    [
        ("from durable_shell.cli.parser import Arguments", "1: durable_shell.cli.parser"),
        ("def f():\n    import durable_shell.cli.commands.run", "2: durable_shell.cli.commands.run"),
        ("from durable_shell.cli import main", "1: durable_shell.cli"),
    ],
)
def test_a_planted_import_of_the_command_line_is_found(planted: str, finding: str) -> None:
    assert of_the_command_line(planted) == [finding]


def _called(source: str) -> set[str]:
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return {call.func.id for call in calls if isinstance(call.func, ast.Name)}
