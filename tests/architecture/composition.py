"""What a module above the stores may not name: a kind of store, a session's file, a clock, an id maker.

All of these come from ``App``. `violations` reads source text, so that the test can show each rule firing on
planted text too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

STORES = frozenset(f"durable_shell.store.{module}" for module in ("files", "memory", "opening", "view_files"))
"""Modules, with those below them, that only the composition root and the stores themselves import."""

STORE_CLASSES = frozenset({"FileStore", "FileSessions", "MemoryStore", "SharedMemory"})

CLOCKS = frozenset(
    {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
)
"""The time of day. A stopwatch (``time.monotonic``) is none."""

MAKERS = frozenset({"SystemClock", "RandomIds"})
ID_MODULES = frozenset({"uuid", "random", "secrets"})

_FILES = re.compile(
    r"(^|/)(sessions|session_([0-9a-f]{8}.*)?|session\.json|journal\.jsonl|pattern_state\.json|spec_snapshot\.yaml|\.lease)(/|$)"
)
_PATH = re.compile(r"[\w./~-]+")
_MODULE = re.compile(r"(strands_durable|durable_\w+)(\.\w+)+")


def of_the_command_line(source: str) -> list[str]:
    """The modules of ``cli/`` that a source imports, but for what everybody may know of it."""
    known = {"durable_shell.cli.exit_codes", "durable_shell.cli.environment"}
    found: set[tuple[int, str]] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(module=str(module)):
                modules = [module]
            case ast.Import(names=names):
                modules = [alias.name for alias in names]
            case _:
                continue
        found |= {(node.lineno, one) for one in modules if one.startswith("durable_shell.cli")}
    return [f"{line}: {module}" for line, module in sorted(found) if module not in known]


def second_styles(source: str) -> list[str]:
    """Where errors are handled in another way than by raising what says them: `line: what`.

    An exit code is not passed around to be asked for, and what the type checker proves not to happen is left
    to it.
    """
    found: set[tuple[int, str]] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id="isinstance"), args=[_, kinds]) if "Exit" in ast.unparse(kinds):
                found.add((node.lineno, f"isinstance of {ast.unparse(kinds)}"))
            case ast.Compare(left=left, comparators=others) if any(map(_has_exit_code, (left, *others))):
                found.add((node.lineno, ast.unparse(node)))
            case ast.match_case(pattern=pattern) if _has_exit_code(pattern):
                found.add((pattern.lineno, f"case {ast.unparse(pattern)}"))
            case ast.Raise(exc=ast.Call(func=ast.Name(id="AssertionError"))):
                found.add((node.lineno, "raise AssertionError"))
            case ast.Raise(exc=ast.Name(id="AssertionError")):
                found.add((node.lineno, "raise AssertionError"))
            case _:
                pass
    return [f"{line}: {what}" for line, what in sorted(found)]


def _has_exit_code(tree: ast.AST) -> bool:
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    return any("Exit" in (name.attr, ast.unparse(name.value).split(".")[-1]) for name in names)


def violations(source: str) -> list[str]:
    """Every rule that the source breaks, as `line: what`, in the order of the lines."""
    tree = ast.parse(source)
    found = {*_imports(tree), *_names(tree), *_texts(tree)}
    return [f"{line}: {what}" for line, what in sorted(found)]


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for module in modules:
            if any(module == store or module.startswith(f"{store}.") for store in STORES):
                yield node.lineno, f"store {module}"
            if module.split(".")[0] in ID_MODULES:
                yield node.lineno, f"id maker {module}"
            if module in CLOCKS:
                yield node.lineno, f"clock {module}"


def _names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in STORE_CLASSES:
                yield node.lineno, f"store {name}"
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in MAKERS:
                yield node.lineno, f"maker {name}"
            case ast.Attribute() if ".".join(ast.unparse(node).split(".")[-2:]) in CLOCKS:
                yield node.lineno, f"clock {ast.unparse(node)}"
            case _:
                pass


def _public_names(tree: ast.AST) -> Iterator[ast.expr]:
    """The texts that name what a package hands out: in ``__all__``, and before the module that has it."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=names)):
                yield from names
            case ast.Dict(keys=keys, values=values):
                homes = (
                    isinstance(one, ast.Constant) and _MODULE.fullmatch(str(one.value)) for one in values
                )
                yield from (key for key, home in zip(keys, homes, strict=True) if key is not None and home)
            case _:
                pass


def _texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Texts that name a session's file, or a module of a store. Sentences have spaces and are for people."""
    public = set(_public_names(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in public:
            text = node.value
            if any(store in text for store in STORES) and " " not in text:
                yield node.lineno, f"store {text}"
            elif _PATH.fullmatch(text) and _FILES.search(text):
                yield node.lineno, f"session's file {text}"
