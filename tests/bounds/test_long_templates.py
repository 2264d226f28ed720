"""Hostile templates that work until no more is allowed: each of their steps is a cheap one.

Those that are stopped at their first large step are in ``tests/unit/core/templates/test_bombs.py``.
"""

from __future__ import annotations

import pytest

from tests.support.hostile_templates import MANY, WORK, assert_refused

LONG = {
    "lists that share their parts": ("{% set x = [1] %}" + "{% set x = [x, x] %}" * 40 + "{{ x }}", WORK),
    "tuples that share their parts": ("{% set x = (1,) %}" + "{% set x = (x, x) %}" * 40, WORK),
    "mappings that share their parts": ("{% set x = {} %}" + "{% set x = {1: x, 2: x} %}" * 40, WORK),
    "a macro that calls itself twice": (
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(29) }}",
        WORK,
    ),
    "call blocks, often": (
        "{% macro m() %}{{ caller() }}{% endmacro %}" + MANY + "{% call m() %}x{% endcall %}{% endfor %}",
        WORK,
    ),
    "search in a list, often": (MANY + "{% if -1 in numbers %}{% endif %}{% endfor %}", WORK),
    "a lazy filter, often": (MANY + "{% set _ = numbers|map('string')|list %}{% endfor %}", WORK),
    "a lazy filter that lets nothing through, often": (
        MANY + "{% set _ = numbers|select('none')|list %}{% endfor %}",
        WORK,
    ),
    "a lazy filter that lets all but one through, often": (
        MANY
        + "{% set _ = numbers|reject('none')|first %}{% set _ = numbers|select('eq', -1)|list %}{% endfor %}",
        WORK,
    ),
    "items of a list, often": (MANY + "{% set _ = numbers.count(-1) %}{% endfor %}", WORK),
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("source", "words"), LONG.values(), ids=LONG.keys())
def test_a_template_of_many_cheap_steps_is_a_problem_soon(source: str, words: str) -> None:
    assert_refused(source, words)
