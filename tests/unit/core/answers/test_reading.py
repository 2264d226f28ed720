"""Malformed and hostile model answers, each handled as the meaning of JSON answers says."""

from __future__ import annotations

import json

import pytest
from returns.result import Failure, Success

from durable_core.answers.reading import (
    EVALUATION_SHAPE,
    TASKS_SHAPE,
    Evaluation,
    correction,
    read_evaluation,
    read_route,
    read_tasks,
    route_shape,
)
from tests.support.route_answers import ROUTE_ANSWERS, ROUTES, assert_read


@pytest.mark.parametrize(
    ("answer", "route"), [case[1:] for case in ROUTE_ANSWERS], ids=[case[0] for case in ROUTE_ANSWERS]
)
def test_a_route_is_read_or_asked_for_again(answer: str, route: str | None) -> None:
    assert_read(answer, route)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("", "The answer is empty."),
        ("no idea", "The answer is not JSON."),
        ("[]", "The answer is a list, where an object is wanted."),
        ("{}", 'The object has no "route".'),
        ('{"route": true}', '"route" is true or false, where a name is wanted.'),
        (
            '{"route": "sales"}',
            'There is no route "sales"; the routes are "billing", "tech", "Straße",'
            " in exactly these letters.",
        ),
        (
            'Not [1]: {"route": "sales"}, I think',
            'There is no route "sales"; the routes are "billing", "tech", "Straße",'
            " in exactly these letters.",
        ),
        ("see [1] and [2]", "The answer is a list, where an object is wanted."),
        ("<think>hm</think> ", "The answer holds reasoning, and nothing after it."),
        ("[" * 200 + "]" * 200, "The answer has more brackets, or deeper ones, than can be read."),
        (
            'Either {"route": "tech"} or {"route": "billing"}, I think',
            "The answer is ambiguous: it holds 2 values, not all the same, and none of them ends it:"
            ' {"route": "tech"}, {"route": "billing"}.',
        ),
    ],
)
def test_a_failed_reading_says_what_was_wrong(answer: str, sentence: str) -> None:
    assert read_route(answer, ROUTES) == Failure(sentence)


def test_a_sentence_quotes_only_the_beginning_of_a_long_route() -> None:
    sentence = read_route(json.dumps({"route": "x" * 1000}), ROUTES).failure()
    assert "xxx..." in sentence
    assert len(sentence) < 200


SCORES: list[tuple[str, int | None]] = [
    ("85", 85),
    ("0", 0),
    ("100", 100),
    ("85.0", 85),
    ("1e2", 100),
    ("-0", 0),
    ("85.5", None),
    ('"85.5"', None),
    ('"85"', None),
    ('"85/100"', None),
    ("true", None),
    ("null", None),
    ("[85]", None),
    ("-1", None),
    ("101", None),
    ("1e300", None),
]


@pytest.mark.parametrize(("score", "read"), SCORES)
def test_a_score_is_a_whole_number_from_0_to_100_and_never_guessed(score: str, read: int | None) -> None:
    reading = read_evaluation(f'{{"score": {score}}}')
    if read is None:
        assert isinstance(reading, Failure)
        assert '"score"' in reading.failure()
    else:
        assert reading == Success(Evaluation(read))
        assert type(reading.unwrap().score) is int


def test_a_score_out_of_range_is_told_its_range_briefly() -> None:
    sentence = read_evaluation('{"score": ' + "9" * 4000 + "}").failure()
    assert sentence.endswith("..., and goes from 0 to 100.")
    assert len(sentence) < 150


REMARKS: list[tuple[str, tuple[str, ...] | None]] = [
    ('["a", "b"]', ("a", "b")),
    ('"a"', ("a",)),
    ("[]", ()),
    ("null", ()),
    ('["a", 1]', None),
    ('[{"issue": "a"}]', None),
    ('{"a": 1}', None),
    ("3", None),
]


@pytest.mark.parametrize("key", ["issues", "fixes"])
@pytest.mark.parametrize(("value", "read"), REMARKS)
def test_remarks_are_a_list_of_texts_or_one_text(key: str, value: str, read: tuple[str, ...] | None) -> None:
    reading = read_evaluation(f'{{"score": 1, "{key}": {value}}}')
    if read is None:
        assert isinstance(reading, Failure)
        assert f'"{key}"' in reading.failure()
    else:
        assert getattr(reading.unwrap(), key) == read


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("[1]", "The answer is a list, where an object is wanted."),
        ('{"Score": 1}', 'The object has no "score".'),
        ('{"score": "85.5"}', '"score" is "85.5", where a whole number without quotes is wanted.'),
        ('{"score": 85.5}', '"score" is 85.5, where a whole number without quotes is wanted.'),
        ('{"score": null}', '"score" is null, where a whole number without quotes is wanted.'),
    ],
)
def test_a_failed_evaluation_says_what_was_wrong(answer: str, sentence: str) -> None:
    assert read_evaluation(answer) == Failure(sentence)


TASKS: list[tuple[str, tuple[str, ...] | None]] = [
    ('[{"task": "a"}, {"task": "b"}]', ("a", "b")),
    ('["a", {"task": "b"}]', ("a", "b")),
    ('{"task": "a"}', ("a",)),
    ('{"tasks": ["a", "b"]}', ("a", "b")),
    ('{"tasks": {"task": "a"}}', ("a",)),
    ('{"tasks": []}', ()),
    ("[]", ()),
    ("Nothing is left to do: []", ()),
    ('See [1, 2] and [3]: ["a"] is left, I think', ("a",)),
    ('Not ["a", 7], rather ["b"]', ("b",)),
    ('First ["a", 7], or ["b"] perhaps', None),
    ('The form is [{"task": "..."}]. I say {"tasks": ["a"]}', ("a",)),
    ('[{"task": " a ", "why": "first"}]', ("a",)),
    ('["1", "2", "3", "4"]', ("1", "2", "3")),
    ('["\\ud800 half"]', ("\ufffd half",)),
    ('["\ud83d\\ude00 halves"]', ("\ufffd\ufffd halves",)),
    ('["\\ud83d\\ude00"]', ("😀",)),
    ('[{"task": ""}]', None),
    ('["a", "  "]', None),
    ('["1", "2", "3", 4]', None),
    ('[{"todo": "a"}]', None),
    ('[["a"]]', None),
    ('{"tasks": "a"}', None),
    ('{"plan": ["a"]}', None),
    ('"a"', None),
    ("7", None),
]


@pytest.mark.parametrize(("answer", "tasks"), TASKS)
def test_tasks_are_read_up_to_the_limit_or_asked_for_again(
    answer: str, tasks: tuple[str, ...] | None
) -> None:
    reading = read_tasks(answer, 3)
    if tasks is None:
        assert isinstance(reading, Failure)
        assert reading.failure().endswith(".")
    else:
        assert reading == Success(tasks)


def test_no_tasks_are_kept_when_the_limit_is_nothing() -> None:
    assert read_tasks('["a"]', 0) == Success(())
    assert read_tasks('["a"]', -1) == Success(())


def test_a_correction_holds_what_was_wrong_and_what_is_wanted() -> None:
    text = correction("The answer is empty.", route_shape(ROUTES))
    assert "The answer is empty." in text
    assert all(f'"{route}"' in text for route in ROUTES)


@pytest.mark.parametrize(
    ("read", "shape"), [(read_evaluation, EVALUATION_SHAPE), (lambda t: read_tasks(t, 9), TASKS_SHAPE)]
)
def test_the_shapes_a_model_is_asked_for_are_those_we_read(read, shape: str) -> None:
    for part in shape.split(", or "):
        assert isinstance(read(part), Success)
