"""Operations on text that can make it much longer, each measured before it is done."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from jinja2 import Environment
from jinja2.sandbox import SandboxedFormatter

from durable_core.templates.meter import Meter, kind_of

_PERCENT = re.compile(r"%(?:\([^()]*([()]|\Z))?[#0\- +]*(\*|\d+)?(?:\.(\*|\d+)?)?[hlL]?.?", re.DOTALL)
_DIGITS = re.compile(r"\d+")

_PLAIN_METHODS = frozenset(
    {
        "capitalize", "casefold", "count", "endswith", "find", "index", "isalnum", "isalpha", "isascii",
        "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric", "isprintable", "isspace", "istitle",
        "isupper", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "rfind", "rindex",
        "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title",
        "upper",
    }
)  # fmt: skip


_PAIRING_METHODS = frozenset("lstrip rfind rindex rpartition rsplit rstrip strip".split())
"""Methods that may look at each character of what they are given for each one of the text."""

PAIRS_PER_UNIT = 1_024
"""Search that one unit of work pays for in the methods that compare each character of one text with each of
another, in comparisons: a search from the right, and taking many different characters away from an end."""


def text_method(environment: Environment, meter: Meter, text: str, name: str) -> Callable[..., object] | None:
    """The method `name` of `text`, paying for its work; None when templates do not have it."""
    match name:
        case "center" | "ljust" | "rjust":
            return lambda width, fill=" ": meter.made(getattr(text, name)(meter.width(width), fill))
        case "zfill":
            return lambda width: meter.made(text.zfill(meter.width(width)))
        case "expandtabs":
            return lambda tabsize=8: (
                replaced(meter, text, "\t", " " * meter.width(tabsize)) and text.expandtabs(tabsize)
            )
        case "format":
            return lambda *arguments, **named: brace_format(environment, meter, text, arguments, named)
        case "format_map":
            return lambda named: brace_format(environment, meter, text, (), named)
        case "join":
            return lambda values: joined(meter, text, values)
        case "replace":
            return lambda old, new, count=-1: replaced(meter, text, old, new, None if count < 0 else count)
        case _ if name in _PLAIN_METHODS:
            return lambda *arguments: _weighed(meter, text, name, arguments)
        case _:
            return None


def _weighed(meter: Meter, text: str, name: str, arguments: tuple[object, ...]) -> object:
    """What a method gives that makes little more than it is given."""
    meter.weigh((text, arguments))
    for given in arguments:
        if name in _PAIRING_METHODS and isinstance(given, str):
            pairs(meter, text, given)
    result: object = getattr(text, name)(*arguments)
    if isinstance(result, str):
        meter.fits(len(result))
    meter.weigh(result)
    return result


def pairs(meter: Meter, text: str, other: str) -> None:
    """Pay for looking at each character of `other` for each one of `text`."""
    meter.charge(len(text) * len(other) // PAIRS_PER_UNIT)


def replaced(meter: Meter, text: str, old: object, new: object, count: int | None = None) -> str:
    """`text` with `old` replaced by `new`, at most `count` times where given."""
    gone, come = meter.text(old), meter.text(new)
    meter.room(len(text))
    found = text.count(gone) if count is None else min(text.count(gone), max(count, 0))
    meter.room(max(len(text) + found * (len(come) - len(gone)), 0))
    return text.replace(gone, come, -1 if count is None else max(count, 0))


def joined(meter: Meter, separator: str, values: Iterable[object]) -> str:
    """The texts of `values` with `separator` between them."""
    return meter.made(meter.gathered(map(meter.text, values), separator))


def indented(meter: Meter, text: str, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    """`text` with each line but the first moved right; `first` moves it too, `blank` moves empty lines."""
    margin = " " * meter.width(width) if isinstance(width, int) else meter.made(width)
    lines = text.splitlines()
    meter.room(len(text) + len(margin) * len(lines))
    moved = [
        margin + line if (line or blank) and (first or index) else line for index, line in enumerate(lines)
    ]
    ending = "\n" if text[-1:] == "\n" else ""
    return "\n".join(moved) + ending


def truncated(text: str, n: int = 100) -> str:
    """`text`, cut to at most `n` characters, the three dots that then end it included."""
    if n < 0:
        raise ValueError("truncate needs a length of 0 or more")
    return text if len(text) <= n else text[: max(n - 3, 0)] + "..."[: min(n, 3)]


def percent_format(meter: Meter, pattern: str, values: object) -> str:
    """`pattern % values`, with no width or precision beyond the limit."""
    total = len(pattern)
    places = 0
    for place in meter.each(_PERCENT.finditer(pattern)):
        places += 1
        bracket, *widths = place.groups("")
        if bracket == "(":  # Python looks for the one that closes it
            raise ValueError("a format that takes a value by a name with brackets in it is not supported")
        for columns in widths:
            if columns == "*":
                raise ValueError("a format that takes its width from a value ('*') is not supported")
            total += meter.width(_number(columns))
    data = meter.plain(values)
    if isinstance(data, dict):
        longest = max((len(meter.text(value)) for value in data.values()), default=0)
        meter.room(total + places * longest)
    elif isinstance(data, tuple):
        meter.room(total + sum(len(meter.text(value)) for value in data))
    else:
        meter.room(total + len(meter.text(data)))
    return meter.made(str(pattern % data))


def brace_format(
    environment: Environment,
    meter: Meter,
    pattern: str,
    arguments: Sequence[object],
    named: Mapping[str, object],
) -> str:
    """`pattern.format(...)`: fields are looked up as a template would, widths are bounded."""
    if not isinstance(named, Mapping):
        raise TypeError(f"format_map needs a mapping, not {kind_of(named)}")
    meter.room(len(pattern))
    return meter.made(_Formatter(environment, meter).vformat(pattern, arguments, named))


class _Formatter(SandboxedFormatter):
    """Python's format language, counting what it has made so far."""

    def __init__(self, environment: Environment, meter: Meter) -> None:
        super().__init__(environment)
        self._meter = meter
        self._total = 0

    def convert_field(self, value: object, conversion: str | None) -> object:
        if conversion is None:
            return value
        data = self._meter.bounded(value)
        return self._meter.made(str(super().convert_field(data, conversion)))

    def format_field(self, value: object, format_spec: str) -> str:
        self._meter.charge(1)  # a place takes as long as a turn of a loop
        for columns in _DIGITS.findall(format_spec):
            self._meter.width(_number(columns))
        data = self._meter.plain(value)
        scalar = data if isinstance(data, int | float | str) else self._meter.text(data)
        made = str(super().format_field(scalar, format_spec))
        self._total += len(made)
        self._meter.fits(self._total)
        return self._meter.made(made)


def _number(digits: str) -> int:
    """The number these digits write; long ones are cut, being past every limit anyway."""
    return int(digits[:9] or "0")
