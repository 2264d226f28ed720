"""The environment that one template runs in: Jinja2's sandbox, narrowed to data and metered.

Values are JSON-like: text, numbers, mappings and lists, or views that behave like them. A template reaches
their fields and items and a fixed set of methods, nothing else of Python. What Jinja compiles to plain Python
operators (comparison, joining with `~`, list displays, slices, loops) is rewritten in the syntax tree to go
through the environment, so that the meter sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from types import MethodType
from typing import Any, cast

from jinja2 import StrictUndefined, Undefined, UndefinedError, pass_context
from jinja2.exceptions import SecurityError, TemplateRuntimeError
from jinja2.runtime import BlockReference, Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.templates.filters import FILTERS, TESTS
from durable_core.templates.meter import MAX_ITEMS, MAX_VALUE_DEPTH, LimitReached, Meter, kind_of, slot_of
from durable_core.templates.operators import OPERATORS, operate
from durable_core.templates.text import joined, text_method

MAX_CALLS = 30
"""Depth of macros and recursive loops, in calls inside each other: more is a loop without end, and each
takes Python's stack."""


_FEW = 16
"""Arguments of a call, or keys of a mapping, of which it is not asked what they cost, in values: the call
itself takes longer."""


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


class _Method(partial[object]):
    """A method that a template may call: only the sandbox makes one."""


class _Scope(Context):
    """Where a template finds its names."""

    environment: Sandbox

    def resolve_or_missing(self, key: str) -> Any:
        value = super().resolve_or_missing(key)
        made = self.environment.data(value)
        if made is not value:
            self.parent[key] = made  # once a rendering
        return made


class Sandbox(ImmutableSandboxedEnvironment):
    """One rendering's environment. Compiling needs one too, but leaves nothing in it."""

    context_class = _Scope
    intercepted_binops = frozenset(OPERATORS)

    def __init__(self) -> None:
        # Optimising would work constants out at compile time, unmetered: 'x' * 10 ** 10.
        super().__init__(autoescape=False, optimized=False, undefined=_Undefined, cache_size=0)
        self.meter = Meter()
        self.finalize = self.shown
        self.globals = {"range": self.bounded_range}
        written = (
            self.built, self.charge, self.filtered, self.holding, self.joined, self.looped, self.method,
            self.sliced, self.weighed,
        )  # fmt: skip
        self.filters = {**FILTERS, **{f"({each.__name__})": each for each in written}}
        self.tests = {**TESTS, "(tested)": self.tested}
        self._calls = 0

    # Looking into values --------------------------------------------------------------------------

    def data(self, value: Any, depth: int = 0) -> Any:
        """``value`` as templates know it: a list or mapping of JSON, which is kept as a tuple or FrozenDict,
        is Python's own list or dict again, so that it is written, compared and added to as one."""
        if type(value) is not tuple and type(value) is not FrozenDict:
            return value
        if depth >= MAX_VALUE_DEPTH:
            return value  # whoever looks as deep as this is refused
        self.meter.charge(len(value))
        if isinstance(value, tuple):
            return [self.data(item, depth + 1) for item in value]
        return {key: self.data(item, depth + 1) for key, item in value.items()}

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping):
            if attribute in obj:
                return self.data(obj[attribute])
        elif isinstance(obj, Undefined | LoopContext | Macro | BlockReference) or not _is_data(obj):
            return super().getattr(obj, attribute)
        elif isinstance(obj, tuple) and attribute in getattr(obj, "_fields", ()):
            return getattr(obj, attribute)  # what groupby gives: .grouper and .list
        if attribute.startswith("_"):
            raise SecurityError(f"{attribute!r} is Python's own and not reached from a template")
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        self.meter.look_up(argument)
        if not _is_data(obj):
            return super().getitem(obj, argument)
        if isinstance(obj, Mapping) or not isinstance(argument, str):
            try:
                return self.data(obj[argument])
            except (TypeError, LookupError):
                return self.undefined(obj=obj, name=argument)
        return self.getattr(obj, argument)

    # Calling --------------------------------------------------------------------------------------

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        if len(args) + len(kwargs) > _FEW:
            __self.meter.charge(len(args) + len(kwargs))
        if isinstance(__obj, _Method):
            return __context.call(__obj, *args, **kwargs)
        if isinstance(__obj, LoopContext) and args:
            args = (__self.meter.each(args[0]), *args[1:])
        elif isinstance(__obj, MethodType) and __obj.__func__ is LoopContext.changed:
            __self.meter.weigh(args)  # they are compared with the last ones
        allowed = (
            isinstance(__obj, Macro | LoopContext | BlockReference | Undefined)
            or __obj == __self.bounded_range
            or (isinstance(__obj, MethodType) and isinstance(__obj.__self__, LoopContext))
        )
        if not allowed:
            raise TypeError(f"{kind_of(__obj)} cannot be called")
        with __self._one_call_deeper():
            return super().call(__context, __obj, *args, **kwargs)

    def method(self, obj: Any, name: str) -> Any:
        """What `obj.name(...)` calls. A mapping's own methods come before its keys here, and only here."""
        run = self._method(obj, name)
        return self.getattr(obj, name) if run is None else _Method(run)

    def _method(self, obj: Any, name: str) -> Callable[..., Any] | None:
        match obj, name:
            case str(), _:
                return text_method(self, self.meter, obj, name)
            case Mapping(), "get":
                return partial(self._looked_up, obj)
            case Mapping(), "items":
                return lambda: [(key, self.data(obj[key])) for key in self.meter.each(obj)]
            case Mapping(), "keys":
                return lambda: list(self.meter.each(obj))
            case Mapping(), "values":
                return lambda: [self.data(obj[key]) for key in self.meter.each(obj)]
            case Sequence(), "count" | "index":
                return lambda value: getattr(list(self.weighed(obj)), name)(self.weighed(value))
            case _:
                return None

    def _looked_up(self, mapping: Mapping[Any, object], key: object, default: object = None) -> object:
        self.meter.look_up(key)
        return self.data(mapping.get(key, default))

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

    # Filters and tests ----------------------------------------------------------------------------

    @cached_property
    def _pricing(self) -> Any:
        from durable_core.templates import filter_rules  # noqa: PLC0415  # many templates use no filter

        return filter_rules

    @pass_context
    def filtered(self, context: Context, value: Any, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """`value|name(...)`."""
        return self.call_filter(name, value, args, kwargs, context)

    @pass_context
    def tested(self, context: Context, value: Any, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """`value is name(...)`."""
        return self.call_test(name, value, args, kwargs, context)

    def call_filter(
        self, name: str, value: Any, args: Any = None, kwargs: Any = None, *rest: Any, **named: Any
    ) -> Any:
        """What every use of a filter comes to, also those inside `map` and `select`."""
        if name not in FILTERS:
            raise TemplateRuntimeError(f"No filter named {name!r}.")
        args, kwargs = args or (), kwargs or {}
        if len(args) + len(kwargs) > _FEW:
            self.meter.charge(len(args) + len(kwargs))
        rule = self._pricing.RULES.get(name)
        seen = value if rule is None else rule.taken(self.meter, value, args, kwargs)
        result = super().call_filter(name, seen, args, kwargs, *rest, **named)
        return self._pricing.given(self.meter, name, value, result)

    def call_test(self, name: str, value: Any, args: Any = None, *rest: Any, **named: Any) -> Any:
        """What every use of a test comes to."""
        seen, *others = self._pricing.looked_into(self.meter, name, (value, *(args or ())))
        return super().call_test(name, seen, others, *rest, **named)

    # What compiled templates call in place of Python's operators ----------------------------------

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002  # Jinja's signature
        return operate(self.meter, operator, left, right)

    def charge(self, units: int) -> None:
        """Pay for one run of a body of this many nodes."""
        self.meter.charge(units)

    def looped(self, values: Iterable[object], units: int) -> Iterator[object]:
        """The values of a loop whose body has this many nodes."""
        return self.meter.each(values, units)

    def joined(self, *values: object) -> str:
        """`a ~ b ~ c`."""
        return joined(self.meter, "", values)

    def built(self, container: Any) -> Any:
        """A list, tuple or dict display, paid for by all that is in it."""
        self.meter.weigh(container)
        if len(container) > _FEW and isinstance(container, dict):
            # Python compares a key with all others of its slot, at each look-up and for each copy.
            self.meter.charge(16 * (len(container) - len(set(map(slot_of, container)))) ** 2)
        return container

    def weighed(self, value: Any) -> Any:
        """An operand of a comparison: views become what they look like, so that they compare equal to it."""
        return self.meter.plain(value) if _is_data(value) else value

    def holding(self, value: Any) -> Any:
        """The right side of `in`: a mapping is asked by key, everything else is looked through."""
        return value if isinstance(value, Mapping) else self.weighed(value)

    def sliced(self, obj: Any, *bounds: int | None) -> Any:
        """`obj[start:stop:step]`."""
        data = obj if isinstance(obj, str | tuple) else list(self.meter.each(obj))
        result = data[slice(*bounds)]
        self.meter.charge(len(result))
        return result

    def concat(self, pieces: Iterable[str]) -> str:
        """What a macro, a set block or the whole template gives."""
        return self.meter.made(self.meter.gathered(pieces))

    @pass_context
    def shown(self, _context: Context, value: object) -> str:
        """What `{{ value }}` writes."""
        return self.meter.text(value)


def _is_data(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | Mapping | Sequence | Iterator)
