"""Where a mutant's change is made: found in the syntax tree, so that no formatting and no comment matters.

A change is written as Python: an expression or a statement, an argument of a call (``name=value``), or the
head of a case (``case ...``). What is there once in a file is found wherever it stands; of several, the one
in the function that is named is meant. A local variable may have been renamed since: what is written stands
for any name that the function uses in its place throughout.
"""

from __future__ import annotations

import ast
import builtins
import re
from copy import deepcopy
from typing import Any

Names = dict[str, str]
"""Names of local variables as the function has them now, by the names that they were written with."""


class NotThereError(ValueError):
    """A change does not fit the code; the text says why."""


def changed(text: str, function: str, old: str, new: str) -> str:
    """The program ``text`` with ``old`` made ``new``, in ``function`` (``decide``, or ``Line.response``).

    Raises NotThereError where ``old`` is not there, or several times and not once in the function.
    """
    tree = ast.parse(text)
    wanted = written(old)
    places = _places(wanted, tree, tree)
    if len(places) != 1:
        places = _places(wanted, _found(tree, function), tree)
    if len(places) != 1:
        raise NotThereError(f"`{old}` is {len(places)} times in {function}")
    (place, names), made = places[0], deepcopy(written(new))
    if isinstance(place, ast.match_case):
        assert isinstance(made, ast.match_case), "a case becomes a case"
        made.body = place.body
    if isinstance(place, ast.stmt) and isinstance(made, ast.expr):
        made = ast.Expr(made)
    for node in ast.walk(made):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
    return ast.unparse(ast.fix_missing_locations(_Exchange(place, made).visit(tree))) + "\n"


def _places(wanted: ast.AST, inside: ast.AST, tree: ast.AST) -> list[tuple[ast.AST, Names]]:
    """Where ``wanted`` is in a part of ``tree``, and what its variables are called there."""
    own = _locals(inside)
    known = _names(tree) - own
    places = []
    for node in ast.walk(inside):
        names: Names = {}
        if type(node) is type(wanted) and _alike(wanted, node, names, known, own):
            places.append((node, names))
    return places


def written(text: str) -> ast.AST:
    """What a change says, as a tree."""
    if text.startswith("case "):
        match = ast.parse(f"match _:\n {text}:\n  pass").body[0]
        assert isinstance(match, ast.Match)
        return match.cases[0]
    if re.match(r"\w+=[^=]", text):
        call = ast.parse(f"_({text})", mode="eval").body
        assert isinstance(call, ast.Call)
        return call.keywords[0]
    (statement,) = ast.parse(text).body
    return statement.value if isinstance(statement, ast.Expr) else statement


class _Exchange(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self._new if node is self._old else super().visit(node)


def _found(tree: ast.AST, name: str) -> ast.AST:
    for part in name.split(".") if name else ():
        inner = [node for node in ast.iter_child_nodes(tree) if _is_scope(node, part)]
        if len(inner) != 1:
            raise NotThereError(f"{name} is {len(inner)} times in the file")
        tree = inner[0]
    return tree


def _is_scope(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name


def _locals(function: ast.AST) -> set[str]:
    """What a function calls its arguments and variables, those of its comprehensions and patterns too."""
    names: set[str] = set()
    for node in ast.walk(function):
        match node:
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names.add(name)
    return names


def _names(tree: ast.AST) -> set[str]:
    """All names that a module uses, and Python's own."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | set(dir(builtins))


def _alike(wanted: Any, node: Any, names: Names, known: set[str], own: set[str]) -> bool:
    """Whether two trees say the same, but for the names of variables; these are entered in ``names``."""
    match wanted, node:
        case ast.Name(id=before), ast.Name(id=now):
            renamed = before != now and before not in known | own and now in own
            return names.setdefault(before, now) == now and (before == now or renamed)
        case ast.AST(), ast.AST():
            fields = ("pattern", "guard") if isinstance(node, ast.match_case) else node._fields
            return type(wanted) is type(node) and all(
                _alike(getattr(wanted, field, None), getattr(node, field, None), names, known, own)
                for field in fields
                if field != "ctx"
            )
        case list(), list():
            return len(wanted) == len(node) and all(
                _alike(one, other, names, known, own) for one, other in zip(wanted, node, strict=True)
            )
        case _:
            return type(wanted) is type(node) and bool(wanted == node)
