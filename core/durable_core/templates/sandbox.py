"""The environment that one template runs in: Jinja2's sandbox, narrowed to data and metered.

Values are JSON-like: text, numbers, mappings and lists, or views that behave like them. A template reaches
their fields and items and a fixed set of methods, nothing else of Python. What Jinja compiles to plain Python
operators (comparison, joining with `~`, list displays, slices, loops) is rewritten in the syntax tree to go
through the environment, so that the meter sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from types import MethodType
from typing import Any, cast

from jinja2 import StrictUndefined, UndefinedError, nodes, pass_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError, TemplateRuntimeError
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from durable_core.templates.filters import template_filters, template_tests
from durable_core.templates.meter import MAX_ITEMS, LimitReached, Meter, kind_of
from durable_core.templates.nothing_yet import telling_filters, telling_tests
from durable_core.templates.operators import OPERATORS, operate
from durable_core.templates.syntax import checked_tree, metered_tree, tokens_allowed
from durable_core.templates.text import joined, text_method

MAX_CALLS = 30
"""Depth of macros and recursive loops, in calls inside each other: more is a loop without end, and each
takes Python's stack."""


class MissingName(UndefinedError):
    """A name, field or item that is not there: `holder` is what was asked, `missing` for a bare name."""

    def __init__(self, holder: object, name: object, message: str | None = None) -> None:
        super().__init__(message)
        self.holder = holder
        self.name = name


class _Undefined(StrictUndefined):
    """Jinja's strict undefined value, whose use raises `MissingName`."""

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: object = missing,
        name: str | None = None,
        exc: type[TemplateRuntimeError] = UndefinedError,
    ) -> None:
        super().__init__(hint, obj, name, exc)
        if exc is UndefinedError and hint is None:
            # Jinja calls this with the message only: what it needs besides is bound here.
            self._undefined_exception = cast("type[TemplateRuntimeError]", partial(MissingName, obj, name))


class _MeteredCode(CodeGenerator):
    """Jinja's code generator, which also writes calls of the environment's own methods."""

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        if isinstance(node.node, nodes.EnvironmentAttribute):
            self.write(f"environment.{node.node.name}(context")
            self.signature(node, frame)
            self.write(")")
        else:
            super().visit_Call(node, frame, forward_caller=forward_caller)


class Sandbox(ImmutableSandboxedEnvironment):
    """One rendering's environment. Compiling needs one too, but leaves nothing in it."""

    code_generator_class = _MeteredCode
    intercepted_binops = frozenset(OPERATORS)

    def __init__(self) -> None:
        # Optimising would work constants out at compile time, unmetered: 'x' * 10 ** 10.
        super().__init__(autoescape=False, optimized=False, undefined=_Undefined, cache_size=0)
        self.meter = Meter()
        self.finalize = self.shown
        self.globals = {"range": self.bounded_range}
        self.filters = cast(
            Any, telling_filters(template_filters(self, self.meter))
        )  # Jinja's own dict of filters has no types
        self.tests = cast(Any, telling_tests(template_tests(self.meter)))
        self._calls = 0

    # Compiling ------------------------------------------------------------------------------------

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tokens_allowed(self, source)
        return checked_tree(self, super()._parse(source, name, filename))

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        return super()._generate(metered_tree(source), name, filename, defer_init)

    # Looking into values --------------------------------------------------------------------------

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Undefined | LoopContext | Macro | BlockReference) or not _is_data(obj):
            return super().getattr(obj, attribute)
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        if isinstance(obj, tuple) and attribute in getattr(obj, "_fields", ()):
            return getattr(obj, attribute)  # what groupby gives: .grouper and .list
        if attribute.startswith("_"):
            raise SecurityError(f"{attribute!r} is Python's own and not reached from a template")
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if not _is_data(obj):
            return super().getitem(obj, argument)
        if isinstance(obj, Mapping) or not isinstance(argument, str):
            try:
                return obj[argument]
            except (TypeError, LookupError):
                return self.undefined(obj=obj, name=argument)
        return self.getattr(obj, argument)

    def sliced(self, _context: Context, obj: Any, *bounds: int | None) -> Any:
        """`obj[start:stop:step]`."""
        data = obj if isinstance(obj, str | tuple) else list(self.meter.each(obj))
        result = data[slice(*bounds)]
        self.meter.charge(len(result))
        return result

    # Calling --------------------------------------------------------------------------------------

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(__obj, LoopContext) and args:
            args = (__self.meter.each(args[0]), *args[1:])
        allowed = (
            isinstance(__obj, Macro | LoopContext | BlockReference | Undefined)
            or __obj == __self.bounded_range
            or (isinstance(__obj, MethodType) and isinstance(__obj.__self__, LoopContext))
        )
        if not allowed:
            raise TypeError(f"{kind_of(__obj)} cannot be called")
        with __self._one_call_deeper():
            return super().call(__context, __obj, *args, **kwargs)

    def call_method(__self, __context: Context, __obj: Any, __name: str, *args: Any, **kwargs: Any) -> Any:
        """`obj.name(...)`. A mapping's own methods come before its keys here, and only here."""
        method = __self._method(__obj, __name)
        if method is None:
            return __self.call(__context, __self.getattr(__obj, __name), *args, **kwargs)
        return method(*args, **kwargs)

    def _method(self, obj: Any, name: str) -> Callable[..., Any] | None:
        meter = self.meter
        methods: dict[str, Callable[..., Any]] = {}
        if isinstance(obj, str):
            return text_method(self, meter, obj, name)
        if isinstance(obj, Mapping):
            methods = {
                "get": lambda key, default=None: obj.get(key, default),
                "items": lambda: list(meter.each(obj.items())),
                "keys": lambda: list(meter.each(obj.keys())),
                "values": lambda: list(meter.each(obj.values())),
            }
        elif isinstance(obj, Sequence):
            methods = {
                "count": lambda value: list(self.weighed(None, obj)).count(self.weighed(None, value)),
                "index": lambda value: list(self.weighed(None, obj)).index(self.weighed(None, value)),
            }
        return methods.get(name)

    @contextmanager
    def _one_call_deeper(self) -> Iterator[None]:
        if self._calls >= MAX_CALLS:
            raise LimitReached(f"macros or recursive loops call each other more than {MAX_CALLS} deep")
        self._calls += 1
        try:
            yield
        finally:
            self._calls -= 1

    def bounded_range(self, *bounds: int) -> range:
        """The one global: Python's `range`, of no more than the limit's items."""
        numbers = range(*bounds)
        if len(numbers) > MAX_ITEMS:
            raise LimitReached(f"range gives more than {MAX_ITEMS:,} numbers")
        return numbers

    # What compiled templates call in place of Python's operators ----------------------------------

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002  # Jinja's signature
        return operate(self.meter, operator, left, right)

    def charge(self, _context: Context, units: int) -> None:
        """Pay for one run of a body of this many nodes."""
        self.meter.charge(units)

    def looped(self, _context: Context, values: Iterable[object], units: int) -> Iterator[object]:
        """The values of a loop whose body has this many nodes."""
        return self.meter.each(values, units)

    def joined(self, _context: Context, *values: object) -> str:
        """`a ~ b ~ c`."""
        return joined(self.meter, "", values)

    def built(self, _context: Context, container: Any) -> Any:
        """A list, tuple or dict display, paid for by all that is in it."""
        self.meter.weigh(container)
        return container

    def weighed(self, _context: Context | None, value: Any) -> Any:
        """An operand of a comparison: views become what they look like, so that they compare equal to it."""
        return self.meter.plain(value) if _is_data(value) else value

    def holding(self, _context: Context, value: Any) -> Any:
        """The right side of `in`: a mapping is asked by key, everything else is looked through."""
        return value if isinstance(value, Mapping) else self.weighed(None, value)

    def concat(self, pieces: Iterable[str]) -> str:
        """What a macro, a set block or the whole template gives."""
        texts: list[str] = []
        total = 0
        for piece in pieces:
            texts.append(piece)
            total += len(piece)
            self.meter.fits(total)
        return self.meter.made("".join(texts))

    @pass_context
    def shown(self, _context: Context, value: object) -> str:
        """What `{{ value }}` writes."""
        return self.meter.text(value)


def _is_data(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | Mapping | Sequence | Iterator)
