"""Templates: what a workflow's text may say about the values it is given.

Sandboxed Jinja2 without loaders, globals (but a bounded `range`) or clocks: the same template over the same
values always gives the same text, within the same bounds. `check_template` and `free_names` look at a
template without rendering it; `render` gives text and `evaluate` gives the truth of a graph's `when`.

A template is checked by compiling it, and rendered in an environment of its own, so that what one rendering
spends or defines is never seen by another.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from types import CodeType
from typing import TypeVar

from jinja2 import Template, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.parser import Parser
from jinja2.utils import missing
from returns.result import Failure, Result, Success

from durable_core.characters import whole
from durable_core.frozen import frozen
from durable_core.templates.meter import LimitReached, kind_of
from durable_core.templates.names import free_names, outer_names
from durable_core.templates.nothing_yet import is_there
from durable_core.templates.sandbox import MissingName, Sandbox
from durable_core.templates.syntax import MAX_SOURCE, checked_tree, metered_tree, parsed, tokens_allowed

__all__ = [
    "TemplateProblem",
    "as_template",
    "check_expression",
    "check_template",
    "evaluate",
    "free_names",
    "outer_names",
    "render",
]

MAX_NAMES = 30
"""Names that a hint lists before it says how many more there are."""

MAX_NAME = 100
"""Length of a name in a message, in characters."""

_RESULT = "result"
_LINE_END = re.compile("\r\n|\r")
_T = TypeVar("_T")


@frozen()
class TemplateProblem:
    """Why a template gave no text: one sentence, where in the spec it stands, and what would help (or "")."""

    message: str
    place: str
    hint: str = ""


def check_template(source: str) -> str | None:
    """None when `source` is a template we can render, else one sentence with the template's own line."""
    return _first_fault(_compiled, source)


def check_expression(source: str) -> str | None:
    """The same for the condition of a graph edge."""
    return None if _is_else(source) else _first_fault(_compiled_expression, _bare(source))


def as_template(expression: str) -> str:
    """The condition of a graph edge as a template that depends on the same names."""
    return "" if _is_else(expression) else "{{ " + _bare(expression) + " }}"


def render(
    source: str, context: Mapping[str, object], *, place: str, lenient: bool = False
) -> Result[str, TemplateProblem]:
    """The template's text over `context`.

    `context` holds JSON-like values: text, numbers, mappings and sequences, or views that act like them.
    `place` says where in the spec the template stands, and comes back in a problem. With `lenient` (agent
    prompts) what uses a top-level name that the context lacks, or a part that a value in it lacks, stays as
    written; elsewhere it is a problem.
    The text holds whole characters: it goes to models, files and people.
    """

    if "{" not in source and len(source) <= MAX_SOURCE:
        return Success(_as_written(source))

    def rendered(written: str) -> str:
        environment = Sandbox()
        template = Template.from_code(environment, _compiled(written), environment.globals)
        return whole(environment.concat(template.root_render_func(template.new_context(dict(context)))))

    def run() -> str:
        if not lenient:
            return rendered(source)
        from durable_core.templates.lenient_prompts import kept_as_written  # noqa: PLC0415  # few prompts have markup
        from durable_core.templates.shapes import shape_of  # noqa: PLC0415  # the same

        there = {name: value for name, value in context.items() if is_there(value)}
        try:
            return rendered(kept_as_written(source, there))
        except MissingName:  # the names are there, and a part of a value is not
            shapes = {name: shape_of(there[name]) for name in there}
            with contextlib.suppress(MissingName):
                return rendered(kept_as_written(source, there, shapes))
            return rendered(kept_as_written(source, there, shapes, sets=False))

    return _guarded(run, context, place)


def evaluate(expression: str, context: Mapping[str, object], *, place: str) -> Result[bool, TemplateProblem]:
    """Whether a graph's `when` holds. `else` always does; outer `{{ }}` may be left out.

    The truth is the value's own (an empty text or list is false), but the texts "true" and "false" mean what
    they say: models answer in text.
    """
    if _is_else(expression):
        return Success(True)

    def run() -> bool:
        environment = Sandbox()
        template = Template.from_code(
            environment, _compiled_expression(_bare(expression)), environment.globals
        )
        scope = template.new_context(dict(context))
        environment.concat(template.root_render_func(scope))
        return _truth(scope.vars[_RESULT])

    return _guarded(run, context, place)


def _as_written(source: str) -> str:
    """What Jinja makes of a text without any markup: line ends become line feeds, and the last one goes."""
    return whole(_LINE_END.sub("\n", source).removesuffix("\n"))


# Compiling ----------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _compiled(source: str) -> CodeType:
    environment = Sandbox()
    return environment.compile(metered_tree(parsed(environment, source)), filename="<template>")


@lru_cache(maxsize=512)
def _compiled_expression(expression: str) -> CodeType:
    """Code that leaves the expression's value in the variable `result` of its context."""
    environment = Sandbox()
    tokens_allowed(environment, expression, "variable")
    parser = Parser(environment, expression, state="variable")
    value = parser.parse_expression()
    if not parser.stream.eos:
        raise TemplateSyntaxError("there is more than one expression", parser.stream.current.lineno)
    target = nodes.Name(_RESULT, "store", lineno=1)
    tree = nodes.Template([nodes.Assign(target, value, lineno=1)], lineno=1)
    return environment.compile(metered_tree(checked_tree(environment, tree)), filename="<template>")


def _first_fault(compile_source: Callable[[str], CodeType], source: str) -> str | None:
    try:
        compile_source(source)
    except TemplateSyntaxError as error:
        return f"line {error.lineno}: {error.message}"
    except (RecursionError, SyntaxError, MemoryError):
        return "line 1: the template is nested too deeply"  # by Python's own limits, on loops and brackets
    return None


def _is_else(expression: str) -> bool:
    return _bare(expression).lower() == "else"


def _bare(expression: str) -> str:
    """The expression without the `{{ }}` that people put around it."""
    stripped = expression.strip()
    if stripped.startswith("{{") and stripped.endswith("}}"):
        return stripped[2:-2].strip()
    return stripped


def _truth(value: object) -> bool:
    if isinstance(value, str) and value.strip().lower() in {"true", "false"}:
        return value.strip().lower() == "true"
    return bool(value)


# Problems -----------------------------------------------------------------------------------------


def _guarded(run: Callable[[], _T], context: Mapping[str, object], place: str) -> Result[_T, TemplateProblem]:
    """What `run` gives, or the problem it met. Any operation may fail on values that models give."""
    try:
        return Success(run())
    except MissingName as error:
        message, hint = _missing(error, context)
    except TemplateSyntaxError as error:
        message, hint = f"the template does not parse: line {error.lineno}: {error.message}", ""
    except LimitReached as error:
        message, hint = str(error), "make the template smaller, or give it less to work on"
    except SecurityError as error:
        message, hint = str(error), "templates reach the fields and items of values, nothing else of Python"
    except (RecursionError, MemoryError, SyntaxError):
        message, hint = "the template is nested too deeply", "make the template smaller"
    except Exception as error:  # whatever Python raises for operands that do not fit each other
        message, hint = f"the template cannot be worked out: {_sentence(error)}", ""
    return Failure(TemplateProblem(message, place, hint))


def _sentence(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text if len(text) <= 300 else text[:297] + "..."


def _missing(error: MissingName, context: Mapping[str, object]) -> tuple[str, str]:
    """What is not there, and what is."""
    name = _short(repr(error.name))
    if error.holder is missing:
        return f"{name} is not defined", _available(str(error.name), "available here", context)
    holder = error.holder
    if isinstance(holder, Mapping):
        return f"there is no {name} in the mapping", _available(str(error.name), "it has", holder)
    if isinstance(holder, Sequence) and not isinstance(holder, str):
        items = f"it has {len(holder)} items, counted from 0" if len(holder) else "it is empty"
        return f"there is no {name} in the list", items
    return f"there is no {name} in {kind_of(holder)}", ""


def _short(name: str) -> str:
    """The name, or its beginning: keys come from models, and a field may be asked for by any text."""
    return name if len(name) <= MAX_NAME else f"{name[:MAX_NAME]}..."


def _available(name: str, label: str, names: Iterable[object]) -> str:
    from durable_core.spec.suggestions import nearest  # noqa: PLC0415  # needed for mistakes only

    known = sorted(str(each) for each in names)
    shown = ", ".join(map(_short, known[:MAX_NAMES])) or "nothing"
    more = f" and {len(known) - MAX_NAMES} more" if len(known) > MAX_NAMES else ""
    near = nearest(name, known)
    guess = f"did you mean {near!r}? " if near else ""
    return f"{guess}{label}: {shown}{more}"
