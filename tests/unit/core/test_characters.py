"""Characters in halves: joined where they meet, and replaced where one is missing."""

from __future__ import annotations

import pytest

from durable_core.characters import rejoined, whole


@pytest.mark.parametrize(
    ("written", "together", "usable"),
    [
        ("", "", ""),
        ("plain", "plain", "plain"),
        ("größer 😀", "größer 😀", "größer 😀"),
        ("\ud83d\ude00", "😀", "😀"),
        ("\ud800\udc00 \udbff\udfff", "\U00010000 \U0010ffff", "\U00010000 \U0010ffff"),
        ("a\ud83d", "a\ud83d", "a\ufffd"),
        ("\ude00\ud83d", "\ude00\ud83d", "\ufffd\ufffd"),
        ("\ud83d\ud83d\ude00\ude00", "\ud83d😀\ude00", "\ufffd😀\ufffd"),
        ("\ud83d \ude00", "\ud83d \ude00", "\ufffd \ufffd"),
    ],
)
def test_halves_are_joined_where_they_meet(written: str, together: str, usable: str) -> None:
    assert (rejoined(written), whole(written)) == (together, usable)
