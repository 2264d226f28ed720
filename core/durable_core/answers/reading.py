"""Reading JSON out of what a model answered: a route, an evaluation, or a list of tasks.

Models put prose around JSON, fence it, or break it. A value is looked for in the whole text, then in its
fenced blocks, then in the first balanced value in the text; the first with the wanted shape is taken. A
failure is a sentence that can be sent back to the model. Work is linear in the answer's length, and deep
nesting is refused before it is parsed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from returns.result import Failure, Result, Success

from durable_core.frozen import frozen

MAX_ANSWER_DEPTH = 100
"""Brackets inside brackets: the shapes read here need three, and the parser's own stack ends near 1,000."""

MAX_EFFORT = 8
"""How many times the answer's length may be parsed in search of a balanced value."""

CANDIDATE_COST = 64
"""Characters that trying one more value counts for, however short it is."""

MAX_QUOTED = 80
"""Characters of the model's own words that a sentence quotes back."""

EVALUATION_SHAPE = (
    '{"score": 85, "issues": ["..."], "fixes": ["..."]}, the score a whole number from 0 to 100'
)
"""What an evaluator is asked for, in the words of `correction`."""

TASKS_SHAPE = '[{"task": "..."}, {"task": "..."}], or [] when nothing is left to do'
"""What an orchestrator is asked for, in the words of `correction`."""

Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]

# A string ends with its line: JSON has no line break in one, and a stray quote must not hide what follows.
_MARK = re.compile(r'[\[\]{}]|"(?:[^"\\\n]|\\.)*+"?')
_OPENING = re.compile(r"[\[{]")
_LANGUAGE = re.compile(r"\w*[ \t]*(?=[\n\[{])")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_BYTE_ORDER_MARK = "\ufeff"
_PAIRS = MappingProxyType({"}": "{", "]": "["})
_KINDS: Mapping[type, str] = MappingProxyType(
    {
        bool: "true or false",
        dict: "an object",
        float: "a number",
        int: "a number",
        list: "a list",
        str: "text",
        type(None): "null",
    }
)
_T = TypeVar("_T")


@frozen()
class Evaluation:
    """An evaluator's judgement: `score` 0..100, what is wrong, and what to do about it."""

    score: int
    issues: tuple[str, ...] = ()
    fixes: tuple[str, ...] = ()


def json_answer(text: str) -> Iterator[Value]:
    """The JSON values an answer may mean, most likely first; none when there is no JSON in it.

    `NaN` and `Infinity` are not JSON, nor is a number too large for one. Where an object has a key twice, the
    last one counts. Half of a surrogate pair becomes "?": it could not be saved.
    """
    answer = _whole_characters(text).strip().removeprefix(_BYTE_ORDER_MARK)
    for piece in (answer, *_fenced(answer)):
        yield from _parsed(piece)
    yield from _first_balanced(answer)


def read_route(text: str, routes: Sequence[str]) -> Result[str, str]:
    """The route in `{"route": name}`; other keys do no harm, and names are case-sensitive."""
    return _first_fitting(text, partial(_route, routes))


def read_evaluation(text: str) -> Result[Evaluation, str]:
    """The evaluation in `{"score": 0..100, "issues": [...], "fixes": [...]}`.

    The score decides whether the work is accepted, so it is not guessed: a whole number, also written 85.0,
    is taken; 85.5, true and any text ("85", "85.5", "85/100") are asked for again. Missing `issues` or
    `fixes` are none, and a single text is a list of one.
    """
    return _first_fitting(text, _evaluation)


def read_tasks(text: str, limit: int) -> Result[tuple[str, ...], str]:
    """The first `limit` task texts in `[{"task": text}, ...]`; `[]` is an answer: nothing more to do.

    Texts alone are accepted in the list, and so are one object and `{"tasks": [...]}`. Every task given must
    be well-formed, those past the limit too: a plan is not acted on by halves.
    """
    return _first_fitting(text, _tasks).map(lambda tasks: tasks[: max(limit, 0)])


def route_shape(routes: Sequence[str]) -> str:
    """What a router is asked for, in the words of `correction`."""
    names = ", ".join(_quoted(route) for route in routes)
    return f'{{"route": "..."}}, the route one of {names}'


def correction(problem: str, shape: str) -> str:
    """What the model is sent when it is asked again: what was wrong with its answer, and what is wanted.

    `problem` is the sentence of a failed reading, `shape` one of the shapes above.
    """
    return f"Your last answer could not be used: {problem} Answer again with JSON and nothing else: {shape}."


# Finding values ------------------------------------------------------------------------------------


def _fenced(answer: str) -> Iterator[str]:
    """What is between fences, without the language's name; a last fence may be left open."""
    for block in answer.split("```")[1::2]:
        language = _LANGUAGE.match(block)
        yield block[language.end() :] if language else block


def _first_balanced(answer: str) -> Iterator[Value]:
    """The first value in brackets that is JSON, if there is one."""
    effort = MAX_EFFORT * (len(answer) + CANDIDATE_COST)
    refused_to = 0  # what is inside a value nested too deep is no answer either
    for start, end, depth in sorted(_balanced(answer)):
        if depth > MAX_ANSWER_DEPTH:
            refused_to = max(refused_to, end)
        if start < refused_to:
            continue
        effort -= end - start + CANDIDATE_COST
        if effort < 0:
            return
        for value in _loaded(answer[start:end]):
            yield value
            return


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
        value: Value = json.loads(piece, parse_constant=_refuse, parse_float=_finite)
    except ValueError:
        return
    if "\\u" in piece:  # the only way, at this point, to write half of a surrogate pair
        value = json.loads(_whole_characters(json.dumps(value, ensure_ascii=False)))
    yield value


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{digits} is too large")
    return number


def _whole_characters(text: str) -> str:
    return _LONE_SURROGATE.sub("?", text)


# Reading shapes ------------------------------------------------------------------------------------


def _first_fitting(text: str, read: Callable[[Value], Result[_T, str]]) -> Result[_T, str]:
    """The first value of the answer that can be read; else what is wrong with the first value there was."""
    wrong: Result[_T, str] | None = None
    for value in json_answer(text):
        reading = read(value)
        if isinstance(reading, Success):
            return reading
        wrong = wrong or reading
    if wrong is not None:
        return wrong
    return Failure("The answer is not JSON." if text.strip() else "The answer is empty.")


def _route(routes: Sequence[str], value: Value) -> Result[str, str]:
    if not isinstance(value, dict):
        return Failure(f"The answer is {_kind(value)}, where an object is wanted.")
    route = value.get("route")
    if not isinstance(route, str):
        return Failure(
            f'"route" is {_kind(route)}, where a name is wanted.' if "route" in value else _no("route")
        )
    if route not in routes:
        names = ", ".join(_quoted(name) for name in routes)
        return Failure(
            f"There is no route {_quoted(route)}; the routes are {names}, in exactly these letters."
        )
    return Success(route)


def _evaluation(value: Value) -> Result[Evaluation, str]:
    if not isinstance(value, dict):
        return Failure(f"The answer is {_kind(value)}, where an object is wanted.")
    if "score" not in value:
        return Failure(_no("score"))
    score = value["score"]
    if isinstance(score, bool) or not isinstance(score, int | float) or score != int(score):
        shown = _quoted(score) if isinstance(score, str | float) else _kind(score)
        return Failure(f'"score" is {shown}, where a whole number without quotes is wanted.')
    if not 0 <= score <= 100:
        return Failure(f'"score" is {_shortened(str(score))}, and goes from 0 to 100.')
    remarks = [_remarks(key, value.get(key)) for key in ("issues", "fixes")]
    for each in remarks:
        if isinstance(each, str):
            return Failure(each)
    issues, fixes = (tuple(each) for each in remarks)
    return Success(Evaluation(int(score), issues, fixes))


def _remarks(key: str, value: Value) -> tuple[str, ...] | str:
    """The texts under `key`, or what is wrong with them."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        return f'"{key}" is {_kind(value)}, where a list of texts is wanted.'
    texts = tuple(item for item in value if isinstance(item, str))
    return texts if len(texts) == len(value) else f'"{key}" holds something else than text.'


def _tasks(value: Value) -> Result[tuple[str, ...], str]:
    if isinstance(value, dict) and "task" not in value and "tasks" in value:
        value = value["tasks"]
    items = [value] if isinstance(value, dict) else value
    if not isinstance(items, list):
        return Failure(f"The answer is {_kind(value)}, where a list of tasks is wanted.")
    texts: list[str] = []
    for number, item in enumerate(items, start=1):
        text = item.get("task") if isinstance(item, dict) else item
        if not isinstance(text, str):
            return Failure(f'Task {number} is not an object with a text under "task".')
        if not text.strip():
            return Failure(f"Task {number} is empty.")
        texts.append(text.strip())
    return Success(tuple(texts))


def _no(key: str) -> str:
    return f'The object has no "{key}".'


def _kind(value: Value) -> str:
    return _KINDS[type(value)]


def _quoted(value: object) -> str:
    return _shortened(json.dumps(value, ensure_ascii=False))


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_QUOTED else text[: MAX_QUOTED - 3] + "..."
