"""Which names a template needs from outside, and which it makes itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from jinja2 import TemplateSyntaxError, meta, nodes

from durable_core.templates.sandbox import Sandbox
from durable_core.templates.syntax import parsed

_GUARD_TESTS = frozenset({"defined", "undefined"})
_GUARD_FILTERS = frozenset({"default", "d"})


def free_names(source: str) -> frozenset[str]:
    """The top-level names the template cannot do without; empty for a template that does not parse.

    A name that the template itself tests (`is defined`, `is not defined`) or gives a default is left out, and
    so is one that it sets.
    """
    return _names(source)[0]


def outer_names(source: str) -> frozenset[str]:
    """The same, and those that it can do without: what it gives depends on these names and on no others."""
    return _names(source)[1]


@lru_cache(maxsize=1024)
def _names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    try:
        tree = parsed(Sandbox(), source)
    except (TemplateSyntaxError, RecursionError):
        return frozenset(), frozenset()
    guarded = _guarded(tree)
    # Jinja looks for names by generating code, and works out what is constant while it does: unmetered, and
    # with the errors that rendering would meet. It leaves that where escaping may change as a template runs.
    escaping = nodes.Keyword("autoescape", nodes.ContextReference())
    tree.body.insert(0, nodes.EvalContextModifier([escaping], lineno=1))
    outer = frozenset(meta.find_undeclared_variables(tree))
    return outer - guarded, outer


@lru_cache(maxsize=1024)
def left_names(source: str) -> frozenset[str]:
    """The names that a template makes for whatever comes behind it; it must be one that parses.

    What a loop, a `with` or a block makes ends with it.
    """
    return frozenset(_left_by(parsed(Sandbox(), source).body))


@lru_cache(maxsize=1024)
def inner_names(source: str) -> frozenset[str]:
    """The names that a template's first tag makes for what it encloses; it must be one that parses."""
    match parsed(Sandbox(), source).body:
        case [nodes.For(target=target), *_]:
            return frozenset(_stored(target))
        case [nodes.With(targets=targets), *_]:
            return frozenset(name for target in targets for name in _stored(target))
        case [nodes.Macro(name=name, args=args), *_]:
            return frozenset({name, *(arg.name for arg in args)})
        case [nodes.CallBlock(args=args), *_]:
            return frozenset(arg.name for arg in args)
        case _:
            return frozenset()


def _left_by(statements: Iterable[nodes.Node]) -> Iterator[str]:
    for statement in statements:
        match statement:
            case nodes.Assign(target=target) | nodes.AssignBlock(target=target):
                yield from _stored(target)
            case nodes.Macro(name=name):
                yield name
            case nodes.If(body=body, elif_=others, else_=otherwise):
                yield from _left_by((*body, *others, *otherwise))


def _stored(target: nodes.Node) -> Iterator[str]:
    """The names that are assigned to: to an attribute of one, the sandbox lets nobody assign."""
    yield from (target.name,) if isinstance(target, nodes.Name) else ()
    yield from (name.name for name in target.find_all(nodes.Name) if name.ctx == "store")


def _guarded(tree: nodes.Template) -> frozenset[str]:
    """Names whose absence the template handles by itself."""
    guards = [
        *(test.node for test in tree.find_all(nodes.Test) if test.name in _GUARD_TESTS),
        *(filtered.node for filtered in tree.find_all(nodes.Filter) if filtered.name in _GUARD_FILTERS),
    ]
    return frozenset(guard.name for guard in guards if isinstance(guard, nodes.Name))
