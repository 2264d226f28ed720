"""Reading JSON out of what a model answered: a route, an evaluation, or a list of tasks.

Models think aloud, put prose and examples around JSON, fence it, or break it. Which value is the answer is
decided in `values`; here stand the shapes. A failure is a sentence that can be sent back to the model.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from returns.result import Failure, Result, Success

from durable_core.answers.values import Value, choice, json_values
from durable_core.frozen import frozen

MAX_QUOTED = 80
"""Characters of the model's own words that a sentence quotes back."""

MAX_SHOWN = 3
"""Values that a sentence shows when it cannot be told which of them is meant."""

EVALUATION_SHAPE = (
    '{"score": 85, "issues": ["..."], "fixes": ["..."]}, the score a whole number from 0 to 100'
)
"""What an evaluator is asked for, in the words of `correction`."""

TASKS_SHAPE = '[{"task": "..."}, {"task": "..."}], or [] when nothing is left to do'
"""What an orchestrator is asked for, in the words of `correction`."""

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


def read_route(text: str, routes: Sequence[str]) -> Result[str, str]:
    """The route in `{"route": name}`; other keys do no harm, and names are case-sensitive."""
    return _chosen(text, _has_route, partial(_route, routes))


def read_evaluation(text: str) -> Result[Evaluation, str]:
    """The evaluation in `{"score": 0..100, "issues": [...], "fixes": [...]}`.

    The score decides whether the work is accepted, so it is not guessed: a whole number, also written 85.0,
    is taken; 85.5, true and any text ("85", "85.5", "85/100") are asked for again. Missing `issues` or
    `fixes` are none, and a single text is a list of one.
    """
    return _chosen(text, _has_score, _evaluation)


def read_tasks(text: str, limit: int) -> Result[tuple[str, ...], str]:
    """The first `limit` task texts in `[{"task": text}, ...]`; `[]` is an answer: nothing more to do.

    Texts alone are accepted in the list, and so are one object and `{"tasks": [...]}`. Every task given must
    be well-formed, those past the limit too: a plan is not acted on by halves.
    """
    return _chosen(text, _has_tasks, _tasks).map(lambda tasks: tasks[: max(limit, 0)])


def route_shape(routes: Sequence[str]) -> str:
    """What a router is asked for, in the words of `correction`."""
    names = ", ".join(_quoted(route) for route in routes)
    return f'{{"route": "..."}}, the route one of {names}'


def correction(problem: str, shape: str) -> str:
    """What the model is sent when it is asked again: what was wrong with its answer, and what is wanted.

    `problem` is the sentence of a failed reading, `shape` one of the shapes above.
    """
    return f"Your last answer could not be used: {problem} Answer again with JSON and nothing else: {shape}."


# Reading shapes ------------------------------------------------------------------------------------


def _chosen(
    text: str, counts: Callable[[Value], bool], read: Callable[[Value], Result[_T, str]]
) -> Result[_T, str]:
    """What the answer means, by `read`, when its values leave no doubt; else what is wrong with it.

    Of the values in it, those that `counts` takes for an attempt at the due shape are weighed; an attempt
    that misses counts too, as it may have been the model's last word.
    """
    found = json_values(text)
    if isinstance(found, Failure):
        return Failure(found.failure())
    values = found.unwrap()
    attempts = [each for each in values if counts(each.value)]
    if not attempts:
        return read(values[0].value) if values else Failure("The answer is not JSON.")
    picked = choice(attempts, lambda each: read(each.value))
    if picked is None:
        shown = ", ".join(_quoted(each.value) for each in attempts[:MAX_SHOWN])
        return Failure(
            f"The answer is ambiguous: it holds {len(attempts)} values, not all the same, and none of them"
            f" ends it: {shown}."
        )
    return read(picked.value)


def _has_route(value: Value) -> bool:
    return isinstance(value, dict) and "route" in value


def _has_score(value: Value) -> bool:
    return isinstance(value, dict) and "score" in value


def _has_tasks(value: Value) -> bool:
    """Whether a plan may be meant; a list of numbers is a citation or a range."""
    if isinstance(value, dict):
        return "task" in value or "tasks" in value
    return isinstance(value, list) and (not value or any(isinstance(item, str | dict) for item in value))


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
