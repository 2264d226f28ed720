"""Python tools: finds the function that a spec names, by import path or by file."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import os
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from returns.result import Failure, Result, Success

from durable_core.frozen import frozen
from durable_core.spec.problems import ProblemKind
from durable_core.spec.source import NotText, decoded

_FILE: Final = re.compile(r"(?P<file>.+\.py)(?::(?P<function>[^:]+))?", re.DOTALL)


@frozen()
class ToolProblem:
    """Why a tool can't be had, and what to do about it."""

    message: str
    hint: str
    kind: ProblemKind = "invalid"
    """What has to change: the spec and its tools, or the bytes of a file, which are no text."""


def find_tool(path: str, folder: Path) -> Result[Any, ToolProblem]:
    """The object at ``path``: ``package.module.function``, ``module:function``, ``./file.py[:function]``.

    Files are looked for from ``folder`` on, the spec's own; modules there too, after all installed ones.
    Importing runs the module, so this must not be called for a spec that is only looked at.
    """
    in_file = _FILE.fullmatch(path)
    if in_file is not None:
        return _load_file(folder / in_file["file"], path).bind(
            lambda module: _attribute(module, in_file["function"], path)
        )
    if str(folder.absolute()) not in sys.path:
        sys.path.append(str(folder.absolute()))
    module_name, colon, function = path.partition(":")
    if not colon:
        module_name, _, function = path.rpartition(".")
    if not module_name or not function:
        return Failure(ToolProblem(f"The tool '{path}' names no function.", _SHAPE))
    return _import(module_name, path).bind(lambda module: _attribute(module, function, path))


_SHAPE: Final = "Write package.module.function, module:function, or ./file.py:function."


def _import(name: str, path: str) -> Result[ModuleType, ToolProblem]:
    try:
        return Success(importlib.import_module(name))
    except ModuleNotFoundError as error:
        hint = f"Install it, or put it beside the workflow. {_SHAPE}"
        return Failure(ToolProblem(f"The tool '{path}' can't be imported: {error.msg}.", hint))
    except (Exception, SystemExit) as error:  # whatever a module does while it is imported
        return Failure(_broken(path, error))


def _load_file(file: Path, path: str) -> Result[ModuleType, ToolProblem]:
    real = file.resolve()
    if not real.is_file():
        hint = "Paths begin at the workflow's own folder."
        return Failure(ToolProblem(f"The tool '{path}' can't be loaded: there is no file {file}.", hint))
    # two tools of one file share the module, and two files of one name do not
    name = f"strands_tool_{real.stem}_{hashlib.sha256(os.fsencode(real)).hexdigest()[:12]}"
    if name in sys.modules:
        return Success(sys.modules[name])
    spec = importlib.util.spec_from_file_location(name, real)
    if spec is None or spec.loader is None:
        return Failure(ToolProblem(f"The tool '{path}' can't be loaded: {file} is no Python file.", _SHAPE))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # as above
        del sys.modules[name]
        return Failure(_broken(path, error, real))
    return Success(module)


def _attribute(module: ModuleType, function: str | None, path: str) -> Result[Any, ToolProblem]:
    where = module.__file__ or module.__name__
    if function is None:
        stem = Path(where).stem
        own = _own_functions(module)
        chosen = stem if stem in own else own[0] if len(own) == 1 else None
        if chosen is None:
            names = ", ".join(own) or "none"
            hint = f"Name one, as in {path}:function. There is: {names}."
            return Failure(
                ToolProblem(f"The tool '{path}' does not say which function of the file it is.", hint)
            )
        function = chosen
    found = getattr(module, function, None)
    if isinstance(found, ModuleType):  # package.name, where the module holds a function of its own name
        found = getattr(found, function, None)
    if found is None:
        names = ", ".join(_own_functions(module)) or "none"
        hint = f"Functions there: {names}. {_SHAPE}"
        return Failure(ToolProblem(f"The tool '{path}' can't be found: {where} has no '{function}'.", hint))
    if isinstance(found, type) or not (callable(found) or hasattr(found, "tool_spec")):
        hint = "Name a function, or an object made with the SDK's @tool."
        return Failure(ToolProblem(f"The tool '{path}' can't be called: it is {type(found).__name__}.", hint))
    return Success(found)


def _own_functions(module: ModuleType) -> list[str]:
    """The public functions and tools that the module defines itself."""
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(value) or hasattr(value, "tool_spec"))
        and getattr(value, "__module__", module.__name__) == module.__name__
    ]


def _broken(path: str, error: BaseException, file: Path | None = None) -> ToolProblem:
    source = file or getattr(error, "filename", None)
    bad = _not_text(source) if source and isinstance(error, SyntaxError | ValueError) else None
    if bad is not None:
        place = f"line {bad.line}, byte {bad.byte} of it is 0x{bad.value:02x}"
        message = f"The tool '{path}' can't be imported: {source} is not UTF-8 text: {place}."
        return ToolProblem(message, bad.hint, kind="usage")
    return ToolProblem(
        f"The tool '{path}' can't be imported: {type(error).__name__}: {error}.",
        "Mend its module; importing it must not fail.",
    )


def _not_text(file: Path | str) -> NotText | None:
    """Why a module that Python refused is no text, if that is so by Python's own rules, too."""
    import tokenize  # for mistakes only

    try:
        with tokenize.open(file) as source:
            source.read()
    except (SyntaxError, UnicodeDecodeError):  # it names no encoding in which it can be read
        read = decoded(Path(file).read_bytes())
        return read.failure() if isinstance(read, Failure) else None
    except OSError:
        return None
    return None
