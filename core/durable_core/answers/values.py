"""The JSON values in what a model answered, and which of several is the answer.

Reasoning is left out first. Then a value is the whole text, or stands in brackets anywhere in it: fenced, or
amid prose. Where several differ and nothing tells which one is meant, there is no answer: the first one is
often an example. Work is linear in the answer's length, and deep nesting is refused before it is parsed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from returns.result import Failure, Result, Success

from durable_core.answers.reasoning import without_reasoning
from durable_core.bounds import finite
from durable_core.characters import whole
from durable_core.frozen import frozen

MAX_ANSWER_DEPTH: Final = 100
"""Brackets inside brackets: the shapes read here need three, and the parser's own stack ends near 1,000."""

MAX_EFFORT: Final = 8
"""How many times the answer's length may be parsed in search of values."""

CANDIDATE_COST: Final = 64
"""Characters that trying one more value counts for, however short it is."""

Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]

# A string ends with its line: JSON has no line break in one, and a stray quote must not hide what follows.
_MARK: Final = re.compile(r'[\[\]{}]|"(?:[^"\\\n]|\\.)*+"?')
_OPENING: Final = re.compile(r"[\[{]")
_FENCE: Final = re.compile(r"`{3,}")
_TAIL: Final = re.compile(r"(?:[\s.*_`]|</\w+>)*+")
"""What may stand behind the last word of an answer: the end of its sentence, its emphasis, fence or tag."""

_BYTE_ORDER_MARK: Final = "\ufeff"
_PAIRS: Final[Mapping[str, str]] = MappingProxyType({"}": "{", "]": "["})


@frozen()
class Found:
    """A value of an answer; whether it stands between fences, and whether the answer ends with it."""

    value: Value
    fenced: bool = False
    last: bool = False


def json_values(text: str) -> Result[tuple[Found, ...], str]:
    """The JSON values in an answer, in their order, none of them inside another; or why they can't be told.

    `NaN` and `Infinity` are not JSON, nor is a number too large for one. Where an object has a key twice, the
    last one counts. The halves of a character are joined where they meet; else U+FFFD stands for them.
    """
    written = _trimmed(whole(text))
    if not written:
        return Failure("The answer is empty.")
    for value in _parsed(written):  # tags in the strings of JSON are no reasoning
        return Success((Found(value, last=True),))
    answer = _trimmed(without_reasoning(written))
    if not answer:
        return Failure("The answer holds reasoning, and nothing after it.")
    for value in _parsed(answer):
        return Success((Found(value, last=True),))
    return _in_brackets(answer)


def choice(values: Sequence[Found], meaning: Callable[[Found], object]) -> Found | None:
    """Which of the values is the answer; None when that can't be told.

    All that have one `meaning`, or else the only one between fences, or else the one that ends the answer.
    """
    for group in (values, [each for each in values if each.fenced]):
        meanings = [meaning(each) for each in group]
        if meanings and all(each == meanings[0] for each in meanings):
            return group[0]
    return values[-1] if values[-1].last else None


def _trimmed(text: str) -> str:
    return text.strip().removeprefix(_BYTE_ORDER_MARK)


def _in_brackets(answer: str) -> Result[tuple[Found, ...], str]:
    """The values in brackets, each the widest that is JSON."""
    effort = MAX_EFFORT * (len(answer) + CANDIDATE_COST)
    values: list[tuple[int, int, Value]] = []
    taken = 0
    for start, end, depth in sorted(_balanced(answer)):
        if start < taken:
            continue
        effort -= end - start + CANDIDATE_COST
        if depth > MAX_ANSWER_DEPTH or effort < 0:
            return Failure("The answer has more brackets, or deeper ones, than can be read.")
        for value in _loaded(answer[start:end]):
            values.append((start, end, value))
            taken = end
    fences = _fences(answer, values)
    return Success(
        tuple(
            Found(value, fenced, _TAIL.fullmatch(answer, end) is not None)
            for (_, end, value), fenced in zip(values, fences, strict=True)
        )
    )


def _fences(answer: str, values: Sequence[tuple[int, int, Value]]) -> Iterator[bool]:
    """Whether each of the values stands between fences; a last fence may be left open."""
    position = 0
    inside = False
    for start, end, _ in values:
        inside ^= len(_FENCE.findall(answer, position, start)) % 2 == 1
        yield inside
        position = end  # a fence in a string of the value is none


def _balanced(answer: str) -> Iterator[tuple[int, int, int]]:
    """Each pair of brackets that match: where it starts and ends, and how deep it is nested.

    Strings inside brackets are passed over; outside of brackets a quote is only a quote.
    """
    open_at: list[tuple[int, int]] = []
    position = 0
    while mark := (_MARK if open_at else _OPENING).search(answer, position):
        position = mark.end()
        sign = mark[0]
        if sign in ("[", "{"):
            open_at.append((mark.start(), 1))
        elif sign in _PAIRS:
            start, depth = open_at.pop()
            if answer[start] != _PAIRS[sign]:
                open_at.clear()  # no value reaches over brackets that do not match
                continue
            yield start, position, depth
            if open_at:
                around, deepest = open_at[-1]
                open_at[-1] = (around, max(deepest, depth + 1))


def _parsed(piece: str) -> Iterator[Value]:
    """The value that `piece` is, if it is JSON and nothing else."""
    depth = 0
    for mark in _MARK.finditer(piece):
        depth += (mark[0] in ("[", "{")) - (mark[0] in _PAIRS)
        if depth > MAX_ANSWER_DEPTH:
            return
    yield from _loaded(piece)


def _loaded(piece: str) -> Iterator[Value]:
    """The value of a piece that is known not to be nested too deep."""
    try:
        value: Value = json.loads(piece, parse_constant=finite, parse_float=finite)
    except ValueError:
        return
    if "\\u" in piece:  # the only way, at this point, to write half of a character
        value = json.loads(whole(json.dumps(value, ensure_ascii=False)))
    yield value
