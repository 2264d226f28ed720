"""The JSON values in an answer: all of them, in their order, and which one is meant."""

from __future__ import annotations

import json

import pytest
from returns.result import Success

from durable_core.answers.values import Found, choice, json_values


def test_values_are_found_in_their_order_with_their_fences_and_their_end() -> None:
    text = 'see {"n": 1}\n```json\n{"n": "```"}\n```\nand {"n": [3]}\n```\n[4]\n```'
    assert json_values(text) == Success(
        (
            Found({"n": 1}),
            Found({"n": "```"}, fenced=True),
            Found({"n": [3]}),
            Found([4], fenced=True, last=True),
        )
    )


@pytest.mark.parametrize("text", ["7", '"a [1]"', "null", '{"n": [1]}', "<think>[1]</think> [2]"])
def test_a_text_that_is_json_is_one_value(text: str) -> None:
    assert len(json_values(text).unwrap()) == 1


@pytest.mark.parametrize(
    ("values", "meant"),
    [
        ([Found(1), Found(1)], 0),
        ([Found(1), Found(2)], None),
        ([Found(1), Found(2, last=True)], 1),
        ([Found(1, fenced=True), Found(2, last=True)], 0),
        ([Found(1, fenced=True), Found(2, fenced=True)], None),
        ([Found(1, fenced=True), Found(2, fenced=True, last=True)], 1),
        ([Found(1, fenced=True), Found(2), Found(1, fenced=True)], 0),
    ],
)
def test_of_several_values_one_is_meant_or_none(values: list[Found], meant: int | None) -> None:
    picked = choice(values, lambda each: each.value)
    assert picked == (None if meant is None else values[meant])


def test_half_a_character_can_be_saved() -> None:
    found = (*json_values('{"a\\udc00": "\\ud800"}').unwrap(), *json_values('["\ud800"]').unwrap())
    saved = [json.dumps(each.value, ensure_ascii=False).encode("utf-8") for each in found]
    assert [json.loads(data) for data in saved] == [{"a\ufffd": "\ufffd"}, ["\ufffd"]]
