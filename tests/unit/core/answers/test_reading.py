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
    json_answer,
    read_evaluation,
    read_route,
    read_tasks,
    route_shape,
)

ROUTES = ("billing", "tech", "Straße")

BILLING = '{"route": "billing"}'

ROUTE_ANSWERS: list[tuple[str, str, str | None]] = [
    # name, answer, the route it means (None: asked again)
    ("plain", BILLING, "billing"),
    ("white space around", f"\n\t {BILLING}  \n", "billing"),
    ("byte order mark", f"\ufeff{BILLING}", "billing"),
    ("byte order mark after white space", f" \ufeff{BILLING}", "billing"),
    ("prose before", f"I choose this: {BILLING}", "billing"),
    ("prose after", f"{BILLING} because of the invoice.", "billing"),
    ("prose with brackets that are not JSON", f"Given [see above] and {{so on}}: {BILLING}", "billing"),
    ("prose with an apostrophe", f"It's the customer's invoice: {BILLING}", "billing"),
    ("prose with one quote", f'A 5" pipe. {BILLING}', "billing"),
    ("a quote inside brackets of prose hides its line only", f'[5" pipe]\n{BILLING}]', "billing"),
    ("brackets of prose that never close", f"[[[ (see {BILLING}", "billing"),
    ("brackets that do not match", f"[ ( }} {BILLING}", "billing"),
    ("closing brackets first", f"]]}}}} {BILLING}", "billing"),
    ("object inside braces of prose", f"{{answer: {BILLING}}}", "billing"),
    ("fenced", f"```\n{BILLING}\n```", "billing"),
    ("fenced with its language", f"Sure!\n```json\n{BILLING}\n```\nAnything else?", "billing"),
    ("fenced with its language in capitals", f"```JSON\n{BILLING}\n```", "billing"),
    ("fenced on one line", f"```json {BILLING} ```", "billing"),
    ("fence never closed", f"```json\n{BILLING}", "billing"),
    ("second of two fences", f"```python\nprint('hi')\n```\n```json\n{BILLING}\n```", "billing"),
    ("wrong shape in the first fence", f"```json\n[1]\n```\n```json\n{BILLING}\n```", "billing"),
    ("fences inside a string", '{"why": "use ```x```", "route": "tech"}', "tech"),
    ("braces inside a string", '{"why": "a } b { c ]", "route": "tech"}', "tech"),
    ("braces inside a string, with prose", 'So: {"why": "} \\" {", "route": "tech"} ok', "tech"),
    ("escaped quotes", '{"why": "he said \\"no\\"", "route": "tech"}', "tech"),
    ("nested objects", '{"meta": {"route": "tech"}, "route": "billing"}', "billing"),
    ("letters beyond ASCII", '{"route": "Straße"}', "Straße"),
    ("letters written as escapes", '{"route": "Stra\\u00dfe"}', "Straße"),
    ("a key twice: the last counts", '{"route": "tech", "route": "billing"}', "billing"),
    ("two values: the first counts", f'{{"a": 1}} {BILLING}', None),
    ("a citation is JSON, and first", f"As [1] says: {BILLING}", None),
    ("empty", "", None),
    ("white space only", " \n\t ", None),
    ("no JSON", "billing", None),
    ("a text", '"billing"', None),
    ("a number", "42", None),
    ("null", "null", None),
    ("a list where an object is due", f"[{BILLING}]", None),
    ("an object without the key", '{"Route": "billing"}', None),
    ("a route that does not exist", '{"route": "sales"}', None),
    ("a route in another case", '{"route": "Billing"}', None),
    ("a route with a space after it", '{"route": "billing "}', None),
    ("a route that is a number", '{"route": 1}', None),
    ("a route that is null", '{"route": null}', None),
    ("a route that is a list", '{"route": ["billing"]}', None),
    ("single quotes", "{'route': 'billing'}", None),
    ("smart quotes", "{“route”: “billing”}", None),
    ("a trailing comma", '{"route": "billing",}', None),
    ("a comment", '{"route": "billing" // the invoice\n}', None),
    ("keys without quotes", '{route: "billing"}', None),
    ("cut off", '{"route": "bill', None),
    ("NaN beside it", '{"route": "billing", "p": NaN}', None),
    ("Infinity beside it", '{"route": "billing", "p": -Infinity}', None),
    ("a number too large for one", '{"route": "billing", "p": 1e999}', None),
    ("more digits than Python reads", '{"route": "billing", "p": ' + "9" * 10_000 + "}", None),
    ("a raw line break in a string", '{"why": "a\nb", "route": "billing"}', None),
    ("nested too deep", '{"route": "billing", "x": ' + "[" * 200 + "]" * 200 + "}", None),
    ("inside a value nested too deep", "[" * 200 + BILLING + "]" * 200, None),
    ("a megabyte of prose before", "word " * 200_000 + BILLING, "billing"),
    ("a megabyte of braces", "{" * 1_000_000, None),
    ("a megabyte of brackets", "[" * 1_000_000, None),
    ("a megabyte of brackets that close", "[" * 500_000 + "]" * 500_000, None),
    ("a megabyte of lists that never close", '["x",' * 200_000, None),
    ("a megabyte of objects that never close", '{"a":' * 200_000, None),
    ("a megabyte of small values that are not JSON", "[x]" * 350_000, None),
    ("a megabyte of nests that are not JSON", ("[" * 100 + "x" + "]" * 100) * 5_000, None),
    ("a megabyte of escaped quotes", '["' + '\\"' * 500_000, None),
    ("a megabyte of fences", "`" * 1_000_000, None),
    ("a megabyte of digits", "9" * 1_000_000, None),
    ("half a surrogate pair", '{"route": "billing\\ud800"}', None),
]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("answer", "route"), [case[1:] for case in ROUTE_ANSWERS], ids=[case[0] for case in ROUTE_ANSWERS]
)
def test_a_route_is_read_or_asked_for_again(answer: str, route: str | None) -> None:
    reading = read_route(answer, ROUTES)
    if route is None:
        assert isinstance(reading, Failure)
        assert reading.failure().endswith(".")
        assert len(reading.failure()) < 300
    else:
        assert reading == Success(route)


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
        # The whole text comes first, so it is what the sentence speaks of, though a later value is wrong too.
        ('```\n[1]\n```\n{"route": "sales"}', "The answer is a list, where an object is wanted."),
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
    ('[{"task": " a ", "why": "first"}]', ("a",)),
    ('["1", "2", "3", "4"]', ("1", "2", "3")),
    ('["\\ud800 half"]', ("? half",)),
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


def test_the_whole_text_comes_first_then_fences_then_the_first_balanced_value() -> None:
    text = 'see {"n": 1}\n```json\n{"n": 2}\n```\n```\n{"n": 3}\n```'
    assert list(json_answer(text)) == [{"n": 2}, {"n": 3}, {"n": 1}]
    assert next(json_answer('{"n": 0}')) == {"n": 0}


def test_half_a_surrogate_pair_can_be_saved() -> None:
    for value in (*json_answer('{"a\\udc00": "\\ud800"}'), *json_answer('["\ud800"]')):
        json.dumps(value, ensure_ascii=False).encode("utf-8")


def test_a_correction_holds_what_was_wrong_and_what_is_wanted() -> None:
    text = correction("The answer is empty.", route_shape(ROUTES))
    assert "The answer is empty." in text
    assert all(f'"{route}"' in text for route in ROUTES)


@pytest.mark.parametrize(
    ("read", "shape"), [(read_evaluation, EVALUATION_SHAPE), (lambda t: read_tasks(t, 9), TASKS_SHAPE)]
)
def test_the_shape_a_model_is_asked_for_is_one_we_read(read, shape: str) -> None:
    assert isinstance(read(shape), Success)
