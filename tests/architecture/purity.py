"""What the syntax of a core module may not hold: the rules behind test_ast.py.

`violations` reads source text, so that the test can show each rule firing on planted text too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

# A list of what is allowed, not of what is banned: a module nobody thought of is then caught too.
ALLOWED_MODULES = frozenset(
    """
    __future__ abc ast bisect collections contextlib dataclasses datetime decimal difflib enum fractions
    functools graphlib heapq itertools json math operator pprint re string textwrap types typing
    typing_extensions unicodedata
    annotated_types durable_core jinja2 markupsafe pydantic pydantic_core returns rpds yaml
    """.split()
)

# Parts of allowed packages that reach outside.
BANNED_IMPORTS = frozenset(
    """
    jinja2.FileSystemBytecodeCache jinja2.FileSystemLoader jinja2.PackageLoader jinja2.bccache jinja2.loaders
    pprint.pp pprint.pprint returns.future returns.io returns.unsafe
    """.split()
)

# I/O, text that becomes code, and (hash, id) values that differ from process to process. A `__hash__` alone
# may call hash: its answer is not kept.
BANNED_BUILTINS = frozenset(
    {"open", "print", "input", "eval", "exec", "compile", "__import__", "breakpoint", "globals", "hash", "id"}
)

CLOCKS = frozenset({"now", "utcnow", "today", "astimezone"})

MUTABLE_MAKERS = frozenset(
    {"list", "dict", "set", "bytearray", "defaultdict", "deque", "Counter", "OrderedDict", "ChainMap"}
)


def violations(source: str) -> list[str]:
    """Every rule that the source breaks, as `line: what`, in the order of the lines."""
    tree = ast.parse(source)
    found = [*_imports(tree), *_names(tree), *_clocks(tree), *_statements(tree), *_lasting_state(tree)]
    return [f"{line}: {what}" for line, what in sorted(found)]


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Each name that an import anywhere in the tree reaches, in full: `from a import b` is `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{package}.{alias.name}") for alias in node.names)


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for line, name in imported(tree):
        banned = any(name == part or name.startswith(f"{part}.") for part in BANNED_IMPORTS)
        if banned or name.split(".")[0] not in ALLOWED_MODULES:
            yield line, f"import of {name}"


def _names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    hashing = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "__hash__"
        for inner in _read(node)
        if inner.id == "hash"
    }
    for node in _read(tree):
        if node.id in BANNED_BUILTINS and node not in hashing:
            yield node.lineno, f"use of {node.id}"


def _read(tree: ast.AST) -> Iterator[ast.Name]:
    """The names that the tree reads, not those that it binds: a field may be called `input`."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))


def _clocks(tree: ast.AST) -> Iterator[tuple[int, str]]:
    bound = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and node.module == "datetime") or isinstance(node, ast.Import)
        for alias in node.names
        if isinstance(node, ast.ImportFrom) or alias.name == "datetime"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS and _root(node.value) in bound:
            yield node.lineno, f"clock {ast.unparse(node)}"


def _root(node: ast.expr) -> str:
    """The name at the left end of dots and calls; "" where there is none."""
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else ""


def _statements(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield node.lineno, f"global {', '.join(node.names)}"
        elif isinstance(node, ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith | ast.Await):
            yield node.lineno, "async code"


def _lasting_state(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Mutable values bound in a module or a class body: they outlive the call that changes them."""
    bodies = [tree.body, *(node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef))]
    for statement in (statement for body in bodies for statement in body):
        if isinstance(statement, ast.Assign):
            names = [ast.unparse(target) for target in statement.targets]
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            names = [ast.unparse(statement.target)]
        else:
            continue
        if names != ["__all__"] and _is_mutable(statement.value):
            yield statement.lineno, f"mutable state {', '.join(names)}"


def _is_mutable(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return ast.unparse(value.func).split(".")[-1] in MUTABLE_MAKERS
    return isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)
