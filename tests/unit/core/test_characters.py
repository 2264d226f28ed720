"""Characters in halves: joined where they meet, and replaced where one is missing."""

from __future__ import annotations

import pytest

from durable_core.characters import undirected, whole, whole_texts


@pytest.mark.parametrize(
    ("written", "usable"),
    [
        ("", ""),
        ("plain", "plain"),
        ("größer 😀", "größer 😀"),
        ("\ud83d\ude00", "😀"),
        ("\ud800\udc00 \udbff\udfff", "\U00010000 \U0010ffff"),
        ("a\ud83d", "a\ufffd"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("\ud83d\ud83d\ude00\ude00", "\ufffd😀\ufffd"),
        ("\ud83d \ude00", "\ufffd \ufffd"),
    ],
)
def test_halves_are_joined_where_they_meet_and_lone_ones_replaced(written: str, usable: str) -> None:
    assert whole(written) == usable


def test_all_texts_of_a_value_are_made_whole_its_keys_too() -> None:
    value = {"a\ud83d": ["\ud83d\ude00", ("\ude00", 1, None)], "b": {"c": True}}
    assert whole_texts(value) == {"a\ufffd": ["😀", ["\ufffd", 1, None]], "b": {"c": True}}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("plain \n", "plain \n"),
        ("שלום 😀", "שלום 😀"),
        ("exe.\u202etxt\u202c", "exe.\\u202etxt\\u202c"),
        ("\u061c\u200e\u200f\u2066\u2069", "\\u061c\\u200e\\u200f\\u2066\\u2069"),
        ("👩\u200d👦", "👩\u200d👦"),
    ],
)
def test_marks_that_turn_the_direction_of_a_line_are_shown_as_escapes(written: str, shown: str) -> None:
    assert undirected(written) == shown
