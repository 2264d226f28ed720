"""Constants and their meaning, read from the source: the string below an assignment is its docstring."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import ModuleType

from docs.generator.markdown import plain


@dataclass(frozen=True, slots=True)
class Constant:
    """A documented name: what it is called, its value, and what its docstring says."""

    name: str
    value: object
    meaning: str


def constants(holder: ModuleType | type, module: ModuleType | None = None) -> tuple[Constant, ...]:
    """The documented public names of a module, or of a class of ``module``, in the order of the source."""
    source = holder if isinstance(holder, ModuleType) else module
    assert source is not None, "the module of a class has to be given"
    assert source.__file__ is not None, "our modules are files"
    body = ast.parse(Path(source.__file__).read_text(encoding="utf-8")).body
    if not isinstance(holder, ModuleType):
        classes = (part for part in body if isinstance(part, ast.ClassDef))
        body = next(part.body for part in classes if part.name == holder.__name__)
    found = []
    for statement, below in pairwise(body):
        name = _assigned(statement)
        if name is None or name.startswith("_"):
            continue
        match below:
            case ast.Expr(value=ast.Constant(value=str(text))):
                found.append(Constant(name, getattr(holder, name), plain(text)))
    return tuple(found)


def _assigned(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case _:
            return None
