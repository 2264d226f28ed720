"""The Python API as a reference page, from the docstrings of what ``strands_durable`` promises."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final

import strands_durable
from docs.generator.constants import constants
from durable_core import types
from durable_core.views import units
from strands_durable import outcome, runs, specs, surroundings, testing
from strands_durable.testing import answers

_LINE: Final = 100
"""Characters of a signature that stay on one line."""


def front_door() -> str:
    """``strands_durable``: its functions, classes and exceptions."""
    return _page(strands_durable)


def for_tests() -> str:
    """``strands_durable.testing``."""
    return _page(testing)


def words() -> str:
    """The types that stand in the signatures under a name of their own."""
    homes = (types, surroundings, specs, runs, outcome, answers, units)
    found = (constant for home in homes for constant in constants(home) if constant.name[0].isupper())
    words = (constant for constant in found if not constant.name.isupper())
    return "\n".join(f"- `{constant.name}`: {' '.join(constant.meaning.split())}" for constant in words)


def _page(module: ModuleType) -> str:
    promised = {name: getattr(module, name) for name in module.__all__}
    elsewhere = set(strands_durable.__all__) if module is testing else set[str]()
    return "\n\n".join(
        part for name, it in promised.items() if name not in elsewhere for part in _entry(name, it)
    )


def _entry(name: str, it: Any) -> Iterator[str]:
    yield f"### `{name}`"
    if inspect.ismodule(it):
        yield f"The module `{it.__name__}`."
    elif inspect.isfunction(it):
        yield f"```python\n{_signature(name, it)}\n```"
    elif issubclass(it, tuple) or hasattr(it, "__dataclass_fields__"):
        fields = "".join(f"    {field},\n" for field in _fields(it))
        yield f"```python\n{name}(\n{fields})\n```"
    yield _text(it)
    if inspect.isclass(it) and not it.__module__.startswith("durable_core.spec"):
        members = [f"- `{member}`: {' '.join(_text(of).split())}" for member, of in _members(it)]
        if members:
            yield "\n".join(members)


def _fields(it: type) -> Iterator[str]:
    """The fields of a record, with their types."""
    for field, annotation in inspect.get_annotations(it).items():
        yield f"{field}: {annotation}"


def _members(it: type) -> Iterator[tuple[str, Any]]:
    """The public methods and properties that the class itself documents, as one writes them."""
    for name, member in vars(it).items():
        inner = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        if name.startswith("_") or not inspect.isfunction(inner) or not inner.__doc__:
            continue
        yield (name if isinstance(member, property) else _signature(name, inner)), inner


def _signature(name: str, function: Any) -> str:
    """The call, with a line for each argument where one line is too long."""
    signature = inspect.signature(function)
    parts: list[str] = []
    for part in signature.parameters.values():
        if part.kind is part.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        if part.name not in ("self", "cls"):
            parts.append(_argument(part))
    line = f"{name}({', '.join(parts)}) -> {signature.return_annotation}"
    if len(line) <= _LINE:
        return line
    body = "".join(f"    {part},\n" for part in parts)
    return f"{name}(\n{body}) -> {signature.return_annotation}"


def _argument(part: inspect.Parameter) -> str:
    default = "" if part.default is part.empty else f" = {part.default!r}"
    return f"{part.name}: {part.annotation}{default}"


def _text(it: Any) -> str:
    """A docstring as Markdown: each paragraph a line, and an example as it stands."""
    parts = []
    for part in inspect.cleandoc(it.__doc__ or "").split("\n\n"):
        if part.startswith("    "):
            parts.append(f"```python\n{inspect.cleandoc(part)}\n```")
        else:
            parts.append(re.sub(r"``(.+?)``", r"`\1`", " ".join(part.split())))
    return "\n\n".join(parts)
