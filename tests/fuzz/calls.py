"""Everything that a template may call, with the largest values that its limits let it have.

Filters, tests, methods, operators and `range` end in calls of C code, which nothing can interrupt: what one
may cost has to be reckoned before. A call is tried once; where that took more time than its units of work pay
for, also over and over in a loop, until the work of a rendering is done.
"""

from __future__ import annotations

import functools
import inspect
import signal
import time
from collections.abc import Iterator
from typing import Any, Final

from returns.result import Failure, Success

from durable_core.templates import rendering
from durable_core.templates.filter_rules import LAZY
from durable_core.templates.filters import FILTERS, TESTS
from durable_core.templates.meter import FUEL, MAX_TEXT
from durable_core.templates.rendering import render
from durable_core.templates.sandbox import Sandbox
from tests.fuzz import child

UNIT_S: Final = 1e-6
"""Seconds that a unit of work is to pay for; a call that takes more is tried over and over."""

TIMES_ORDINARY: Final = 6
"""How many times as long as an ordinary template one may take that does as much work."""

ORDINARY: Final = "{% for i in range(100000) %}{% if i is odd %}{{ (i ~ 'x')|upper }}{% endif %}{% endfor %}"
"""An ordinary template, that stops when the work of a rendering is done."""

PRIME: Final = 2**61 - 1
"""Numbers that differ by it have one hash."""

COLLIDING: Final = ",".join(f"{each * PRIME}:1" for each in range(4_500))
"""What is in the largest mapping that a template can write, as slow as it can be."""

NOISE_S: Final = 5e-4
"""Seconds that a cheap call may seem to take."""


@functools.cache
def values() -> dict[str, Any]:
    """The context of all calls: of each kind of value the largest, the oddest, and a small one."""
    deep: list[Any] = [list(range(40_000))]
    for _ in range(97):
        deep = [deep]
    return {
        # Texts
        "empty": "",
        "short": "a",
        "long": "a" * MAX_TEXT,
        "wide": "\U000e0001" * MAX_TEXT,
        "half": "a" * 30_000 + "b" + "a" * 30_000,
        "signs": "".join(map(chr, range(0x4E00, 0x9000))) * 3,
        "words": "ā " * (MAX_TEXT // 2),
        "lines": "\n" * MAX_TEXT,
        "tabs": "\t" * 100_000,
        "tags": "<!---->" * 12_000,
        "stops": "." * 16_000 + "a.",
        "links": "ab.com " * 4_000,
        "few": "x " * 5_000,
        "digits": "9" * MAX_TEXT,
        "hex": "f" * 1_200,
        "path": "0." * (MAX_TEXT // 2),
        "path2": "0," * (MAX_TEXT // 2),
        "percent": "%1000000000d",
        "percent2": "%((a))1000000000d",
        "percents": "%s" * (MAX_TEXT // 2),
        "precise": "%.10000f" * 90,
        "named": "%(a)r" * 200_000,
        "braces": "{}" * (MAX_TEXT // 2),
        "braces2": "{0!r:>{1}}",
        # Numbers
        "nought": 0,
        "three": 3,
        "minus": -1,
        "billion": 10**9,
        "trillions": 10**18,
        "depths": -(10**18),
        "huge": 10**400,
        "full": 2**4096 - 1,
        "tenth": 0.1,
        "most": 1.7e308,
        "least": 5e-324,
        "nan": float("nan"),
        "inf": float("inf"),
        "yes": True,
        "nothing": None,
        # Lists and mappings
        "bare": [],
        "numbers": list(range(100_000)),
        "again": list(range(100_000)),
        "alike": range(0, PRIME * 40_000, PRIME),
        "texts": ["a" * 9] * 100_000,
        "longs": ["a" * 1_000 + str(each) for each in range(1_000)],
        "bigs": ["\U000e0001" * 500_000 + "\U0001f600"] * 4,
        "schemes": [f"ab{each}:" for each in range(5_000)],
        "handlers": {f"ab{each}:": each for each in range(1_400)},
        "deep": deep,
        "rows": [{"a": each, "b": "x" * 9} for each in range(10_000)],
        "table": {str(each): each for each in range(50_000)},
        "tuple": tuple(range(100_000)),
    }


OTHERS: Final = tuple("short half wide path three billion depths huge nan numbers".split())
"""Values that stand for all others in an argument."""

PAIRED: Final = tuple("short half few three depths numbers".split())
"""Values that stand for all others in a call with two arguments."""

TEXT_METHODS: Final = tuple(sorted(name for name in dir(str) if not name.startswith("_")))

OPERATORS: Final = ("+", "-", "*", "/", "//", "**", "%", "~", "==", "<", "in", "and")

FOUND: Final = """
    few|batch(depths)
    few|batch(nan)
    numbers|slice(depths)
    percent2 % {'(a)': 3}
    percents % three
    percent is odd
    percent is divisibleby(three)
    short|round(9, 'floor')
    numbers|round(5, 'ceil')
    short|attr(numbers)
    texts|map(attribute=path)|list
    bare|map(attribute=path)|list
    bare|sort(attribute=path2)
    few|urlize(extra_schemes=handlers)
    [[]]|map('map', *numbers)|list
    alike|unique
    alike|groupby('a', half)
    alike|groupby('a', numbers)
    words.strip(signs ~ 'ā ')
    signs|trim(signs)
    long.rfind(half)
    long.rsplit(half)
    stops|urlize
    links|urlize(rel=half)
    few|urlize(extra_schemes=schemes)
    few|wordwrap(1, true, half)
    few|wordwrap(nan)
    deep|pprint
    deep|tojson(depths)
    {1: wide, 2: wide, 3: wide, 4: wide, 5: wide}|urlencode
    digits|filesizeformat
    words|title
    tuple is filter
    {}[tuple]
    {}.get(tuple)
    {long: 1}[('a' * 1048575) ~ 'a']
    short.format(*numbers)
"""
"""Calls that once ran for long, or filled the memory: they are tried in every test."""

TURNS: Final = "{% for i in range(100000) %}"

WHOLE: Final = (
    "{% macro m() %}{{ varargs|length }}{% endmacro %}" + TURNS + "{{ m(*numbers) }}{% endfor %}",
    TURNS + "{% set _ = loop.changed(numbers if i is odd else again) %}{% endfor %}",
    TURNS + "{% set _ = loop.cycle(*numbers) %}{% endfor %}",
    "{% set m = {"
    + ",".join(f"{n * PRIME}:1" for n in range(4_500))
    + "} %}"
    + TURNS
    + "{{ m }}{% endfor %}",
    "{{ {('a' ~ signs): 1, ('b' ~ signs): 2}['c' ~ signs] }}",
)
"""Templates that are more than one call."""


@functools.cache
def every_call() -> tuple[str, ...]:
    """All calls, as templates; first those that were once found."""
    found = (call.strip() for call in FOUND.strip().splitlines())
    return (
        *(f"{{% set _ = {call} %}}" for call in found),
        *WHOLE,
        *(f"{{% set _ = {call} %}}" for call in _calls()),
    )


def known() -> int:
    """How many of them stand here one by one."""
    return len(FOUND.strip().splitlines()) + len(WHOLE)


def _calls() -> Iterator[str]:
    names = values()
    texts = [name for name in names if isinstance(names[name], str)]
    for name in names:
        yield from (name, f"-{name}", f"not {name}", f"range({name})|list", f"range(0, {name}, 7)|list")
        yield from (f"{name}[::-1]", f"{name}[1:]", f"[{name}, {name}]", f"{{1: {name}}}")
        for other in OTHERS:
            yield from (f"{name}[{other}]", f"{name}[:{other}]", f"{{{other}: 1}}[{name}]")
            yield from (f"{name} {sign} {other}" for sign in OPERATORS)
            yield from (f"{other} {sign} {name}" for sign in OPERATORS)
    for method in TEXT_METHODS:
        for name in texts:
            yield from (f"{name}.{method}({given})" for given in _arguments(name))
    for method in ("count", "index", "get", "items", "keys", "values"):
        for name in names:
            yield from (f"{name}.{method}({given})" for given in ("", *OTHERS))
    for name in sorted(FILTERS):
        ending = "|list" if name in LAZY else ""
        for value in names:
            yield from (f"{value}|{name}({given}){ending}" for given in _arguments(value, *_parameters(name)))
    for name in sorted(filter(str.isidentifier, TESTS)):
        for value in names:
            yield from (f"{value} is {name}({given})" for given in ("", *OTHERS))


def _arguments(value: str, *keywords: str) -> Iterator[str]:
    yield ""
    yield from OTHERS
    yield from (f"{keyword}={one}" for keyword in keywords for one in OTHERS)
    if value in PAIRED:
        yield from (f"{one}, {other}" for one in PAIRED for other in PAIRED)
    yield from (f"'{name}', half" for name in ("attr", "center", "default", "in", "replace", "trim"))


@functools.cache
def _parameters(name: str) -> tuple[str, ...]:
    """The names of a filter's own parameters, where it says them."""
    found = inspect.signature(FILTERS[name]).parameters.values()
    named = (each.name for each in found if each.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(each for each in named if each not in {"context", "environment", "eval_ctx", "value", "s"})


# Trying them ------------------------------------------------------------------------------------------


@functools.cache
def longest_s() -> float:
    """Seconds that a template may take: more where the machine is slow, or busy with other things."""
    begun = time.process_time()
    assert isinstance(render(ORDINARY, {}, place="here"), Failure)
    return max(child.LONGEST_S, TIMES_ORDINARY * (time.process_time() - begun))


class Watched(Sandbox):
    """Remembers the last environment that rendered."""

    last: Sandbox | None = None

    def __init__(self) -> None:
        super().__init__()
        Watched.last = self


def try_call(template: str, *, often: bool) -> None:
    """Render a template, in a child process. Raises AssertionError for what no template may do to it."""
    rendering.Sandbox = Watched  # type: ignore[misc]  # in the child alone
    rendering.check_template(template)  # compiled now, so that no other environment is the last
    if _rendered(template) and (often or all(_unpaid(template) for _ in range(3))):
        signal.setitimer(signal.ITIMER_PROF, longest_s())
        _rendered("{% for i in range(100000) %}" + template + "{% endfor %}")


def _unpaid(template: str) -> bool:
    """Whether it takes more time than its work pays for."""
    begun = time.process_time()
    _rendered(template)
    took = time.process_time() - begun
    assert Watched.last is not None
    spent = FUEL - Watched.last.meter.fuel
    return took > NOISE_S + spent * UNIT_S


def _rendered(template: str) -> bool:
    result = render(template, values(), place="here")
    assert Watched.last is not None
    assert 0 <= Watched.last.meter.fuel <= FUEL
    match result:
        case Success():
            return True
        case Failure(problem):
            assert "nested too deeply" not in problem.message, "it ran out of memory"
            assert len(problem.message) + len(problem.hint) < 5_000
    return False
