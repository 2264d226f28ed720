"""Answers of a megabyte: each is read, or asked for again, soon."""

from __future__ import annotations

import pytest

from tests.support.route_answers import LONG_ROUTE_ANSWERS, assert_read


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("answer", "route"),
    [case[1:] for case in LONG_ROUTE_ANSWERS],
    ids=[case[0] for case in LONG_ROUTE_ANSWERS],
)
def test_a_long_answer_is_read_or_asked_for_again(answer: str, route: str | None) -> None:
    assert_read(answer, route)
