"""No public name stands in two modules for two ideas.

What all patterns share by name (their machine's functions, ``Event`` and ``State``, and their descriptor) and
what all commands share (``run``) is one idea each. Anything else that two modules define under one name is
listed here.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = (ROOT / "core", ROOT / "shell")

THE_MACHINES = frozenset({"Event", "State", "initial", "decide", "evolve", "wanted", "verdict"})
"""One machine a pattern, and the session's around them, all of one shape."""

THE_DESCRIPTORS = frozenset({"PATTERN", "template_names"})
"""One descriptor a pattern, and what it says of templates: where the table of patterns finds them."""

THE_COMMANDS = frozenset({"run"})
"""One function a command module, which is how the command table finds it."""


THE_FRONT_DOOR = frozenset({"Session", "run", "resume"})
"""What a program says for what a person types: ``strands_durable.Session`` is a session of a store, and holds
the core's state of it (docs/reference/glossary.md, "session")."""


def public_names(source: str) -> Iterator[str]:
    """The public names that a module binds at its top, by definition and not by import."""
    for statement in ast.parse(source).body:
        match statement:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names = [name]
            case ast.Assign(targets=targets):
                names = [target.id for target in targets if isinstance(target, ast.Name)]
            case ast.AnnAssign(target=ast.Name(id=name)):
                names = [name]
            case _:
                names = []
        yield from (name for name in names if not name.startswith("_"))


def shared_names(modules: Mapping[str, str]) -> dict[str, list[str]]:
    """The names that more than one of ``modules`` (path to source) defines, with those modules."""
    found: dict[str, list[str]] = defaultdict(list)
    for path, source in modules.items():
        for name in dict.fromkeys(public_names(source)):
            found[name].append(path)
    return {name: paths for name, paths in found.items() if len(paths) > 1 and not _shared(name, paths)}


def _shared(name: str, paths: Iterable[str]) -> bool:
    """Whether the modules share the name on purpose."""
    paths = [path for path in paths if name not in THE_FRONT_DOOR or "/strands_durable/" not in path]
    if len(paths) == 1:
        return True
    if name in THE_MACHINES:
        return all("/patterns/" in path or "/session/" in path for path in paths)
    if name in THE_DESCRIPTORS:
        return all("/patterns/" in path for path in paths)
    return name in THE_COMMANDS and all("/cli/commands/" in path for path in paths)


def test_no_public_name_stands_in_two_modules_for_two_ideas() -> None:
    files = (path for source in SOURCES for path in sorted(source.rglob("*.py")))
    modules = {str(path.relative_to(ROOT)): path.read_text() for path in files}
    assert len(modules) > 100
    assert shared_names(modules) == {}


@pytest.mark.parametrize(
    "source",
    ["class Fault: ...", "def Fault(): ...", "Fault = 1", "Fault: int = 1", "async def Fault(): ..."],
)
def test_a_name_with_two_definitions_is_found_whatever_they_are(source: str) -> None:
    assert shared_names({"a.py": "class Fault: ...", "b.py": source}) == {"Fault": ["a.py", "b.py"]}


@pytest.mark.parametrize("source", ["from a import Fault", "_Fault = 1", "class Other:\n    Fault = 1"])
def test_an_import_a_private_name_and_a_member_are_no_second_definition(source: str) -> None:
    assert shared_names({"a.py": "class Fault: ...\n_Fault = 2", "b.py": source}) == {}


def test_a_name_of_the_front_door_is_no_second_idea_of_it_but_others_are() -> None:
    door = {"core/a.py": "class Session: ...", "shell/strands_durable/b.py": "class Session: ..."}
    assert shared_names(door) == {}
    assert shared_names({**door, "shell/c.py": "class Session: ..."}).keys() == {"Session"}
    assert shared_names({"core/a.py": "class Fault: ...", "shell/strands_durable/b.py": "class Fault: ..."})


def test_what_the_machines_share_is_one_idea_among_them_alone() -> None:
    machines = {"core/x/patterns/a.py": "class State: ...", "core/x/session/b.py": "class State: ..."}
    assert shared_names(machines) == {}
    assert shared_names({**machines, "shell/c.py": "class State: ..."}).keys() == {"State"}
