"""Expected values: the shapes of a template's expressions, and what they look for in vain.

A field that is not there is no fault in itself: it may be tested or given a default. It is one where the
template uses it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from functools import partial
from typing import Final

from jinja2 import nodes
from jinja2.visitor import NodeVisitor

from durable_core.frozen import frozen
from durable_core.templates.expected_results import (
    LOOKING_TESTS,
    NEEDING_FILTERS,
    SHOWING_FILTERS,
    assuming,
    calculated,
    defaulted,
    filtered,
    got,
    has_method,
    holds,
    looked_up,
    looks_through,
    method_result,
    sliced,
    truth_of,
)
from durable_core.templates.shapes import (
    ANYTHING,
    FALSE,
    NUMBER,
    TEXT,
    TRUE,
    TRUTH,
    Absent,
    Fields,
    KnownList,
    Many,
    Shape,
    alternatives,
    attribute,
    elements,
    is_a,
    item,
    loosened,
    one_of,
    shape_of_constant,
)
from durable_core.templates.spellings import attribute_named, constant, written

MOST_LOOKS: Final = 20_000
"""Parts of a template that are looked at, in nodes, those of a loop's body once for each kind of element.
What lies beyond is left to the rendering."""

Known = dict[str, Shape]
"""What is known of the values of names."""


@frozen()
class MissingPart:
    """``written`` is what a template takes the part from, as it stands in the template, ``key`` the part.

    ``line`` is the template's own. ``holder`` is the shape that does not have the part.
    """

    line: int
    written: str
    key: str | int
    holder: Shape = field(compare=False)

    @property
    def is_method(self) -> bool:
        """Whether it can be called, and only that."""
        return isinstance(self.key, str) and has_method(self.holder, self.key)


class EnoughError(Exception):
    """So much was looked at that the rest is left to the rendering."""


class ExpectedValues(NodeVisitor):
    """Looks at expressions. Every method may find missing parts, and goes on behind them.

    Each ``visit_`` is named for the node that it looks at, as Jinja's visitor wants it, and gives the shape:
    what is not there has one too, until it is used. With ``anywhere`` all of the template counts, as if
    each part of it were rendered.
    """

    def __init__(self, *, anywhere: bool) -> None:
        self.found: dict[MissingPart, None] = {}
        self._anywhere = anywhere
        self._left = MOST_LOOKS
        self._outside: Known | None = None
        """What was known before the loop whose turns are looked at one by one."""

    def possibly(self, known: Known) -> Known:
        """What is known in a part that may not be rendered, for a reason that is not known.

        The reason may be which turn of a loop it is, so what is known of one turn alone is left out.
        """
        if self._anywhere:
            return known
        self._left -= len(known)
        outside = known if self._outside is None else self._outside
        return {
            name: loosened(shape) if shape is outside.get(name) else ANYTHING for name, shape in known.items()
        }

    def value(self, node: nodes.Node, scope: Known) -> Shape:
        """The shape of an expression."""
        self._left -= 1
        if self._left < 0:
            raise EnoughError
        shape: Shape | None = self.visit(node, scope)
        return ANYTHING if shape is None else shape

    def truth(self, node: nodes.Node, scope: Known) -> bool | None:
        """Whether an expression counts as true, None where that is not known."""
        return truth_of(self.used(node, scope))

    def used(self, node: nodes.Node, scope: Known) -> Shape:
        """The shape of an expression that is needed: a part that is not there is a fault."""
        return self._use(self.value(node, scope), node.lineno)

    def visit_TemplateData(self, _node: nodes.TemplateData, _scope: Known) -> Shape:
        return TEXT

    def visit_Name(self, node: nodes.Name, scope: Known) -> Shape:
        return scope.get(node.name, ANYTHING)

    def visit_Const(self, node: nodes.Const, _scope: Known) -> Shape:
        return shape_of_constant(node.value)

    def visit_List(self, node: nodes.List, scope: Known) -> Shape:
        return self._row(node.items, scope)

    def visit_Tuple(self, node: nodes.Tuple, scope: Known) -> Shape:
        return self._row(node.items, scope)

    def _row(self, items: list[nodes.Expr], scope: Known) -> Shape:
        shapes = tuple(self.value(each, scope) for each in items)
        return KnownList(shapes, len(shapes))

    def visit_Dict(self, node: nodes.Dict, scope: Known) -> Shape:
        fields: dict[str, Shape] = {}
        others: Shape | None = None
        for pair in node.items:
            key, shape = constant(pair.key), self.value(pair.value, scope)
            if isinstance(key, str):
                fields[key] = shape
            else:
                self.value(pair.key, scope)
                others = ANYTHING
        return Fields(fields, others)

    def visit_Getattr(self, node: nodes.Getattr, scope: Known) -> Shape:
        return _part(written(node.node), self.used(node.node, scope), lambda way: attribute(way, node.attr))

    def visit_Getitem(self, node: nodes.Getitem, scope: Known) -> Shape:
        inner, arg = node.node, node.arg
        holder = self.used(inner, scope)
        if isinstance(arg, nodes.Slice):
            for bound in filter(None, (arg.start, arg.stop, arg.step)):
                self.value(bound, scope)
            return sliced(holder)
        key = constant(arg)
        if key is not None:
            return _part(written(inner), holder, lambda way: item(way, key))
        asked = self.used(arg, scope)
        return _part(written(inner), holder, lambda way: looked_up(way, asked, written(arg)))

    def visit_Call(self, node: nodes.Call, scope: Known) -> Shape:
        callee = node.node
        arguments = self._arguments(node, scope)
        if isinstance(callee, nodes.Getattr):
            name, holder = callee.attr, self.used(callee.node, scope)
            if any(has_method(way, name) for way in alternatives(holder)):
                self._shown(holder, node.lineno)
                if name == "get" and node.args and not _has_others(node):
                    key = constant(node.args[0])
                    return one_of(got(way, key, arguments[1:]) for way in alternatives(holder))
                return one_of(method_result(way, name) for way in alternatives(holder))
            self._use(_part(written(callee.node), holder, lambda way: attribute(way, name)), node.lineno)
            return ANYTHING
        self.used(callee, scope)
        is_range = isinstance(callee, nodes.Name) and callee.name == "range" and callee.name not in scope
        return Many(NUMBER) if is_range and arguments else ANYTHING

    def visit_Test(self, node: nodes.Test, scope: Known) -> Shape:
        self._arguments(node, scope)
        if node.name in LOOKING_TESTS:
            looked_at = self.used(node.node, scope)
            if node.name != "iterable":
                self._shown(looked_at, node.lineno)
            return TRUTH
        held = {holds(node.name, each) for each in alternatives(self.value(node.node, scope))}
        return _truth_shape(held.pop() if len(held) == 1 else None)

    def visit_Filter(self, node: nodes.Filter, scope: Known) -> Shape:
        arguments = self._arguments(node, scope)
        inner, name = node.node, node.name
        if inner is None:  # that of a block
            return ANYTHING
        if name in {"default", "d"}:
            shape = self.value(inner, scope)
            return ANYTHING if _has_others(node) else defaulted(shape, arguments)
        if name not in NEEDING_FILTERS:
            shape = self.value(inner, scope)
            path = attribute_named(node) if name == "map" and len(node.kwargs) == 1 else None
            return ANYTHING if path is None else self._mapped(inner, shape, path)
        shape = self.used(inner, scope)
        path = attribute_named(node)
        if path is not None and name in {"join", "sum"}:
            shape = self._mapped(inner, shape, path)
        if name in SHOWING_FILTERS:
            self._shown(shape, node.lineno)
        key = constant(node.args[0]) if name == "attr" and node.args else None
        if isinstance(key, str):
            return _part(written(inner), shape, lambda way: attribute(way, key))
        return filtered(name, shape, plain=not node.args and not _has_others(node))

    def _mapped(self, inner: nodes.Node, shape: Shape, path: str) -> Shape:
        """A list of that part of each element; ``path`` is as in ``map(attribute='a.b')``.

        What it is made of is looked at when the list is used, and so is what is not there.
        """

        def picked(element: Shape) -> Shape:
            place = f"{written(inner)}[...]"
            for part in path.split("."):
                there = [each for each in alternatives(element) if not isinstance(each, Absent)]
                if not there:
                    return element  # to look for a part of what is not there is a fault of its own
                look = partial(item, key=int(part) if part.isdigit() else part)
                element = _part(place, one_of(there), look)
                place += f".{part}"
            return element

        ways = alternatives(shape)
        if all(isinstance(way, Absent) for way in ways):
            return Many(ways[0])
        shapes = tuple(picked(element) for way in ways for element in elements(way))
        return (
            KnownList(shapes, len(shapes))
            if isinstance(shape, KnownList) or not shapes
            else Many(one_of(shapes))
        )

    def visit_CondExpr(self, node: nodes.CondExpr, scope: Known) -> Shape:
        truth = self.truth(node.test, scope)
        ways = []
        if truth is None:
            scope = self.possibly(scope)
        if truth is not False:
            ways.append(self.value(node.expr1, assuming(node.test, True, scope)))
        if not truth and node.expr2 is not None:
            ways.append(self.value(node.expr2, assuming(node.test, False, scope)))
        return one_of(ways)

    def visit_And(self, node: nodes.And, scope: Known) -> Shape:
        return self._either(node, scope, goes_on=True)

    def visit_Or(self, node: nodes.Or, scope: Known) -> Shape:
        return self._either(node, scope, goes_on=False)

    def _either(self, node: nodes.BinExpr, scope: Known, *, goes_on: bool) -> Shape:
        """``left and right``, which goes on to the right if the left is true, or ``left or right``."""
        first = self.used(node.left, scope)
        truth = truth_of(first)
        if truth is (not goes_on):
            return first
        if truth is None:
            scope = self.possibly(scope)
        second = self.value(node.right, assuming(node.left, goes_on, scope))
        if truth is goes_on:
            return second
        # the first is what it comes to only where it ends the matter
        return _truth_shape(not goes_on) if truth_of(second) is (not goes_on) else one_of((first, second))

    def visit_Not(self, node: nodes.Not, scope: Known) -> Shape:
        truth = self.truth(node.node, scope)
        return _truth_shape(None if truth is None else not truth)

    def visit_Compare(self, node: nodes.Compare, scope: Known) -> Shape:
        """Every operand is needed, but what is looked for in an empty list.

        From the third on, an operand is looked at if what stands before it holds.
        """
        left, line = self.value(node.expr, scope), node.expr.lineno
        self._shown(left, line)
        for operand in node.ops:
            right = self.used(operand.expr, scope)
            if operand.op not in {"in", "notin"} or looks_through(right):
                self._use(left, line)
            left, line = right, operand.expr.lineno
            self._shown(left, line)
            scope = self.possibly(scope) if operand is node.ops[0] and len(node.ops) > 1 else scope
        return TRUTH

    def visit_Concat(self, node: nodes.Concat, scope: Known) -> Shape:
        for each in node.nodes:
            self._shown(self.used(each, scope), each.lineno)
        return TEXT

    def visit_Neg(self, node: nodes.Neg, scope: Known) -> Shape:
        return NUMBER if is_a(self.used(node.node, scope), NUMBER, TRUTH) else ANYTHING

    visit_Pos = visit_Neg

    def _calculation(self, node: nodes.BinExpr, scope: Known) -> Shape:
        return calculated(node.operator, self.used(node.left, scope), self.used(node.right, scope))

    visit_Add = visit_Sub = visit_Mul = visit_Div = visit_FloorDiv = visit_Mod = visit_Pow = _calculation

    # Parts ----------------------------------------------------------------------------------------

    def _use(self, shape: Shape, line: int) -> Shape:
        ways = alternatives(shape)
        there = [each for each in ways if not isinstance(each, Absent)]
        if not there:
            self._miss(ways, line)
        return shape if len(there) == len(ways) else one_of(there)

    def _shown(self, shape: Shape, line: int) -> None:
        """What is written needs all its parts."""
        for element in elements(shape) if isinstance(shape, KnownList | Many) else ():
            ways = alternatives(element)
            if all(isinstance(each, Absent) for each in ways):
                self._miss(ways, line)

    def _miss(self, ways: tuple[Shape, ...], line: int) -> None:
        first = next(way for way in ways if isinstance(way, Absent))
        self.found[MissingPart(line, first.written, first.key, first.holder)] = None

    def _arguments(self, node: nodes.Call | nodes.Filter | nodes.Test, scope: Known) -> list[Shape]:
        for keyword in node.kwargs:
            self.value(keyword.value, scope)
        return [self.value(each, scope) for each in node.args]


def _part(written: str, shape: Shape, look: Callable[[Shape], Shape]) -> Shape:
    """What ``look`` gives of what has that shape and is ``written`` so; what is not there keeps where."""

    def looked(way: Shape) -> Shape:
        found = alternatives(look(way))
        return one_of(Absent(way, each.key, written) if isinstance(each, Absent) else each for each in found)

    return one_of(looked(way) for way in alternatives(shape))


def _has_others(node: nodes.Call | nodes.Filter) -> bool:
    """Whether there are other arguments than those that stand there one after another."""
    return bool(node.kwargs) or node.dyn_args is not None or node.dyn_kwargs is not None


def _truth_shape(truth: bool | None) -> Shape:
    return TRUTH if truth is None else TRUE if truth else FALSE
