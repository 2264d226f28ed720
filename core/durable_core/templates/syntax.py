"""A template's syntax tree: how large it may be, what may not stand in it, and how it is made to pay.

Size and nesting are counted before anything is compiled: a parser or compiler that runs out of stack does so
at a depth that depends on who called it, and a check must not.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.visitor import NodeTransformer

MAX_SOURCE = 1_048_576
"""Length of a template, in characters: a template is mostly its own text, so it may be as long as a text."""

MAX_TOKENS = 20_000
"""Size of a template, in tokens (words and signs of the template language): compiling so many takes
about half a second."""

MAX_LITERAL_DIGITS = 40
"""Length of a number as it is written, in digits: no quantity needs more."""

MAX_BRACKETS = 25
"""Depth of brackets, in brackets inside each other: each takes some fifteen frames of the parser's stack,
which holds a thousand."""

MAX_NESTING = 50
"""Depth of an expression, in operations inside each other: the compiler walks down on a stack. A chain such
as ``a + b + c`` is as deep as it is long."""

_UNAVAILABLE: Mapping[type[nodes.Node], str] = MappingProxyType(
    {
        nodes.Extends: "extends",
        nodes.FromImport: "from",
        nodes.Import: "import",
        nodes.Include: "include",
        nodes.ScopedEvalContextModifier: "autoescape",
    }
)


def tokens_allowed(environment: Environment, source: str, state: str | None = None) -> None:
    """Raise `TemplateSyntaxError` when the source is too long or its brackets too deep to parse.

    `state` is the lexer's: "variable" for an expression alone, None for a whole template.
    """
    if len(source) > MAX_SOURCE:
        raise TemplateSyntaxError(f"the template has more than {MAX_SOURCE:,} characters", 1)
    depth = 0
    for count, (line, kind, value) in enumerate(environment.lexer.tokeniter(source, None, state=state)):
        if count > MAX_TOKENS:
            raise TemplateSyntaxError(f"the template has more than {MAX_TOKENS:,} tokens", line)
        if kind == "operator":
            depth += (value in "([{") - (value in ")]}")
        elif kind in {"integer", "float"} and len(value) > MAX_LITERAL_DIGITS:
            raise TemplateSyntaxError(f"a number has more than {MAX_LITERAL_DIGITS} digits", line)
        elif kind == "float" and float(value) == float("inf"):
            raise TemplateSyntaxError(f"{value} is too large for a number", line)
        if depth > MAX_BRACKETS:
            raise TemplateSyntaxError(f"brackets are nested more than {MAX_BRACKETS} deep", line)


def checked_tree(environment: Environment, tree: nodes.Template) -> nodes.Template:
    """The tree, unless it is nested too deep or uses what this sandbox does not have."""
    pending: list[tuple[nodes.Node, int]] = [(tree, 0)]
    while pending:
        node, depth = pending.pop()
        if depth > MAX_NESTING:
            raise TemplateSyntaxError(f"the template is nested more than {MAX_NESTING} deep", node.lineno)
        for kind, statement in _UNAVAILABLE.items():
            if isinstance(node, kind):
                raise TemplateSyntaxError(f"{{% {statement} %}} is not available in a workflow", node.lineno)
        if isinstance(node, nodes.Filter) and node.name not in environment.filters:
            raise TemplateSyntaxError(f"there is no filter named {node.name!r}", node.lineno)
        if isinstance(node, nodes.Test) and node.name not in environment.tests:
            raise TemplateSyntaxError(f"there is no test named {node.name!r}", node.lineno)
        pending += ((child, depth + 1) for child in node.iter_child_nodes())
    return tree


def parsed(environment: Environment, source: str) -> nodes.Template:
    """The tree of a whole template. Raises `TemplateSyntaxError` for one that may not be compiled."""
    tokens_allowed(environment, source)
    return checked_tree(environment, environment.parse(source))


def metered_tree(tree: nodes.Template) -> nodes.Template:
    """`tree` itself, now with the environment's own methods where Jinja writes plain Python.

    Each stands there as a filter or test whose name, in brackets, no template can write.
    """
    _Metering().visit(tree)
    return tree


class _Metering(NodeTransformer):
    """Each method is named for the node it rewrites, as Jinja's visitor wants it."""

    def visit_For(self, node: nodes.For) -> nodes.Node:
        size = _size(node)
        self.generic_visit(node)
        node.iter = _through("looped", node.iter, nodes.Const(size), line=node.lineno)
        if node.recursive:  # a call of `loop` enters the body by another way
            node.body.insert(0, _charge(size, node.lineno))
        return node

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:
        return self._paid_body(node)

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:
        return self._paid_body(node)

    def visit_Block(self, node: nodes.Block) -> nodes.Node:
        return self._paid_body(node)

    def _paid_body(self, node: nodes.Macro | nodes.CallBlock | nodes.Block) -> nodes.Node:
        size = _size(node)
        self.generic_visit(node)
        node.body.insert(0, _charge(size, node.lineno))
        return node

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        if isinstance(node.node, nodes.Getattr):
            field = node.node
            node.node = _through("method", field.node, nodes.Const(field.attr), line=node.lineno)
        return node

    def visit_Filter(self, node: nodes.Filter) -> nodes.Node:
        return self._named(node, "(filtered)")

    def visit_Test(self, node: nodes.Test) -> nodes.Node:
        return self._named(node, "(tested)")

    def _named(self, node: nodes.Filter | nodes.Test, name: str) -> nodes.Node:
        self.generic_visit(node)
        node.args = [nodes.Const(node.name), *(node.args or ())]
        node.name = name
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:
        self.generic_visit(node)
        if not isinstance(node.arg, nodes.Slice):
            return node
        given = (node.arg.start, node.arg.stop, node.arg.step)
        bounds: list[nodes.Expr] = [nodes.Const(None) if bound is None else bound for bound in given]
        return _through("sliced", node.node, *bounds, line=node.lineno)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return _through("joined", *node.nodes, line=node.lineno)

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:
        self.generic_visit(node)
        node.expr = _through("weighed", node.expr, line=node.lineno)
        for operand in node.ops:
            way = "holding" if operand.op in {"in", "notin"} else "weighed"
            operand.expr = _through(way, operand.expr, line=node.lineno)
        return node

    def visit_List(self, node: nodes.List) -> nodes.Node:
        return self._display(node)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:
        return self._display(node)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:
        return self._display(node) if node.ctx == "load" else node

    def _display(self, node: nodes.Expr) -> nodes.Node:
        self.generic_visit(node)
        return _through("built", node, line=node.lineno)


def _size(node: nodes.Node) -> int:
    """How many nodes there are in it: what running it once costs."""
    return 1 + sum(1 for _ in node.find_all(nodes.Node))


def _through(method: str, value: nodes.Node, *arguments: nodes.Expr, line: int) -> nodes.Filter:
    return nodes.Filter(value, f"({method})", list(arguments), [], None, None, lineno=line)


def _charge(size: int, line: int) -> nodes.Node:
    return nodes.ExprStmt(_through("charge", nodes.Const(size), line=line), lineno=line)
