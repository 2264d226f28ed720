"""Values that a session keeps frozen, as templates see them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from returns.result import Failure, Success

from durable_core.persistent.frozen_dict import FrozenDict, freeze
from durable_core.templates.meter import MAX_VALUE_DEPTH
from durable_core.templates.rendering import evaluate, render

KEPT: dict[str, Any] = {"v": freeze([1, [2, {"x": [3]}]]), "m": freeze({"a": [1], "b": {"c": []}})}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ v }}", "[1, [2, {'x': [3]}]]"),
        ("{{ m }} {{ m.a }} {{ m['b'] }}", "{'a': [1], 'b': {'c': []}} [1] {'c': []}"),
        (
            "{{ v == [1, [2, {'x': [3]}]] }} {{ m.b.c == [] }} {{ v[1] in [[2, {'x': [3]}]] }}",
            "True True True",
        ),
        ("{{ v + [4] }} {{ [4] + m.a }} {{ m.a * 2 }}", "[1, [2, {'x': [3]}], 4] [4, 1] [1, 1]"),
        ("{{ v[:1] }} {{ v[1][1].x }} {{ v|last }}", "[1] [3] [2, {'x': [3]}]"),
        ("{% for key, value in m.items() %}{{ key }}{{ value }}{% endfor %}", "a[1]b{'c': []}"),
        ("{{ m.values()|list }} {{ m.keys()|list }} {{ m.get('a') }}", "[[1], {'c': []}] ['a', 'b'] [1]"),
        ("{{ (1, 2) }}", "(1, 2)"),  # a template's own
    ],
)
def test_what_was_a_list_or_a_mapping_is_one_again(source: str, text: str) -> None:
    assert render(source, KEPT, place="here") == Success(text)


RECORD: Mapping[str, Any] = MappingProxyType({"a": (1, 2), "b": (FrozenDict(c=()),)})
"""A view of a session's state, as templates are given it: it looks like a mapping and holds what is kept."""


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ r.a }} {{ r['a'] }} {{ r.get('a') }}", "[1, 2] [1, 2] [1, 2]"),
        ("{{ r.get('a') == [1, 2] }} {{ r.b[0].c == [] }}", "True True"),
        ("{{ r.values()|list == [[1, 2], [{'c': []}]] }}", "True"),
        ("{% for key, value in r.items() %}{{ key }}{{ value == [1, 2] }} {% endfor %}", "aTrue bFalse "),
    ],
)
def test_what_a_view_holds_is_a_list_or_a_mapping_however_it_is_reached(source: str, text: str) -> None:
    assert render(source, {"r": RECORD}, place="here") == Success(text)


def test_a_condition_compares_lists_with_lists() -> None:
    assert evaluate("m.a == [1]", KEPT, place="here") == Success(True)


def test_what_is_nested_too_deep_may_be_there_and_is_refused_where_it_is_looked_at() -> None:
    deep: Any = ()
    for _ in range(2 * MAX_VALUE_DEPTH):
        deep = (deep,)
    assert render("{{ deep|length }}", {"deep": deep}, place="here") == Success("1")
    assert isinstance(render("{{ deep }}", {"deep": deep}, place="here"), Failure)


def test_a_value_is_made_anew_once_however_often_it_is_looked_at() -> None:
    long = freeze(list(range(50_000)))
    often = "{% for n in range(1000) %}{% set x = v[n] %}{% endfor %}{{ v|length }}"
    assert render(often, {"v": long}, place="here") == Success("50000")
