"""Missing parts: what a template looks for in a value that will not have it, found without rendering.

The walk follows the template as rendering does, over shapes in place of values. Branches that what is known
of the values rules out are not followed. A part that may or may not be rendered, such as a branch, may stand
behind a question that only the values answer, of whatever form: of the values themselves, of how many items
there are and of which ids, nothing is held to be known in it. So what is found fails whenever rendering comes
there, and of what may be there nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from jinja2 import TemplateSyntaxError, nodes

from durable_core.templates.expected_results import assuming, truth_of
from durable_core.templates.expected_values import EnoughError, ExpectedValues, Known, MissingPart
from durable_core.templates.sandbox import Sandbox
from durable_core.templates.shapes import (
    ANYTHING,
    TEXT,
    KnownList,
    Shape,
    alternatives,
    elements,
    item,
    one_of,
)
from durable_core.templates.syntax import parsed


def missing_parts(
    source: str, names: Mapping[str, Shape], *, condition: bool = False, anywhere: bool = False
) -> tuple[MissingPart, ...]:
    """What ``source`` uses of the values of ``names`` that they will not have, in order, each once.

    Of a name that is not among them nothing is known. The output of a ``condition`` is used for its truth
    alone. ``anywhere`` takes each part of the template for one that is rendered. Nothing is found in what
    does not parse.
    """
    try:
        tree = parsed(Sandbox(), source)
    except (TemplateSyntaxError, RecursionError):
        return ()
    if next(tree.find_all((nodes.Getattr, nodes.Getitem, nodes.Filter)), None) is None:
        return ()  # most templates write names alone
    walk = _Walk(tree, anywhere=anywhere)
    used = {name.name for name in tree.find_all(nodes.Name)}
    known = {name: names[name] for name in used if name in names}
    try:
        if condition:
            for output in tree.find_all(nodes.Output):
                for expression in output.nodes:
                    walk.truth(expression, known)
        else:
            walk.body(tree.body, known)
    except EnoughError:
        pass
    return tuple(walk.found)


class _Walk(ExpectedValues):
    """One walk over the statements of a template."""

    def __init__(self, tree: nodes.Template, *, anywhere: bool) -> None:
        super().__init__(anywhere=anywhere)
        callees = (call.node for call in tree.find_all(nodes.Call))
        self._called = {callee.name for callee in callees if isinstance(callee, nodes.Name)}
        self._set = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"}

    def body(self, statements: Iterable[nodes.Node], scope: Known) -> None:
        """Look at statements one after another; ``scope`` has what they set, then."""
        for statement in statements:
            self.value(statement, scope)

    def visit_Output(self, node: nodes.Output, scope: Known) -> None:
        for expression in node.nodes:
            self._shown(self.used(expression, scope), expression.lineno)

    def visit_If(self, node: nodes.If, scope: Known) -> None:
        ends: list[Known] = []
        otherwise = dict(scope)
        for branch in (node, *node.elif_):
            truth = self.truth(branch.test, otherwise)
            if truth is None:
                otherwise = self.possibly(otherwise)
            if truth is not False:
                ends.append(self._branch(branch.body, assuming(branch.test, True, otherwise), scope))
            if truth:
                break
            otherwise = assuming(branch.test, False, otherwise)
        else:
            ends.append(self._branch(node.else_, otherwise, scope))
        for name in {name for end in ends for name in end}:
            scope[name] = one_of(end.get(name, ANYTHING) for end in ends)

    def _branch(self, body: Iterable[nodes.Node], scope: Known, around: Known) -> Known:
        """The scope at the end of a branch; what its condition tells of a name ends with it."""
        own = dict(scope)
        self.body(body, own)
        return {
            name: around.get(name, ANYTHING) if shape is scope.get(name) else shape
            for name, shape in own.items()
        }

    def visit_For(self, node: nodes.For, scope: Known) -> None:
        iterated = self.used(node.iter, scope)
        turns = truth_of(iterated)
        inside = {**assuming(node.iter, True, scope), "loop": ANYTHING}
        met = [element for way in alternatives(iterated) for element in elements(way)]
        if met:
            self._turn(node, ANYTHING if node.recursive else one_of(met), inside, turns)
        if turns and not node.recursive:
            self._turns(node, iterated, inside)
        if not turns or node.test is not None:
            self.body(node.else_, dict(scope) if turns is False else self.possibly(scope))

    def _turns(self, loop: nodes.For, iterated: Shape, scope: Known) -> None:
        """Look at the turns one by one: each of them is taken."""
        outside = self._outside
        self._outside = scope if outside is None else outside

        def turn(element: Shape) -> None:
            self._turn(loop, element, scope, True)

        def turns(way: Shape) -> None:
            for element in elements(way):
                self._each_way(alternatives(element), turn)

        self._each_way(alternatives(iterated), turns)
        self._outside = outside

    def _turn(self, loop: nodes.For, element: Shape, scope: Known, turns: bool | None) -> None:
        """One turn with an element; ``turns`` is whether there is one, as far as that is known."""
        own = dict(scope)
        _assign(loop.target, element, own)
        if turns is None:
            own = self.possibly(own)
        if loop.test is not None:
            truth = self.truth(loop.test, own)
            if truth is False:
                return
            own = assuming(loop.test, True, own if truth else self.possibly(own))
        self.body(loop.body, own)

    def _each_way(self, ways: tuple[Shape, ...], look: Callable[[Shape], None]) -> None:
        """Look at each of several ways in which it may be.

        What is missing in some of them only may be there: the template may tell them apart.
        """
        before = dict(self.found)
        found: list[dict[MissingPart, None]] = []
        for way in ways:
            self.found = dict(before)
            look(way)
            found.append(self.found)
        self.found = before
        if all(len(each) > len(before) for each in found):
            for each in found:
                self.found.update(each)

    def visit_With(self, node: nodes.With, scope: Known) -> None:
        own = dict(scope)
        for target, each in zip(node.targets, node.values, strict=True):
            _assign(target, self.value(each, scope), own)
        self.body(node.body, own)

    def visit_Assign(self, node: nodes.Assign, scope: Known) -> None:
        _assign(node.target, self.value(node.node, scope), scope)

    def visit_AssignBlock(self, node: nodes.AssignBlock, scope: Known) -> None:
        self.body(node.body, dict(scope))
        _assign(node.target, TEXT if node.filter is None else ANYTHING, scope)

    def visit_FilterBlock(self, node: nodes.FilterBlock, scope: Known) -> None:
        self.body(node.body, dict(scope))
        self.value(node.filter, scope)

    def visit_Block(self, node: nodes.Block, _scope: Known) -> None:
        self.body(node.body, {})  # it sees less than what stands around it

    def visit_Macro(self, node: nodes.Macro, scope: Known) -> None:
        scope[node.name] = ANYTHING
        if node.name in self._called:
            own = self._set | {arg.name for arg in node.args} | {"caller", "kwargs", "varargs"}
            self.body(node.body, {**self.possibly(scope), **dict.fromkeys(own, ANYTHING)})

    def visit_CallBlock(self, node: nodes.CallBlock, scope: Known) -> None:
        self.value(node.call, scope)
        self.body(node.body, {**self.possibly(scope), **{arg.name: ANYTHING for arg in node.args}})


def _assign(target: nodes.Node, shape: Shape, scope: Known) -> None:
    match target:
        case nodes.Name(name=name):
            scope[name] = shape
        case nodes.Tuple(items=targets):
            exact = isinstance(shape, KnownList) and shape.count == len(targets)
            for index, each in enumerate(targets):
                _assign(each, item(shape, index) if exact else ANYTHING, scope)
