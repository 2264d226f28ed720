"""Laws of the small parts: diffs, cycles, words, variables, frozen values."""

from __future__ import annotations

import json
import pickle
from graphlib import CycleError, TopologicalSorter
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from returns.result import Success

from durable_core.persistent.frozen_dict import FrozenDict, freeze
from durable_core.spec.diff import diff_specs
from durable_core.spec.graph_algorithms import cycles, reachable
from durable_core.spec.models import Spec
from durable_core.spec.parse import parse_spec
from durable_core.spec.problems import parts_of, pointer_of
from durable_core.spec.suggestions import nearest
from durable_core.spec.variables import resolve_variables
from property_tests.kits.spec_strategies import JSON_VALUES, documents
from tests.support.spec_kit import document

EDGES = st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdefz"), max_size=4))


def spec_of(data: dict[str, Any]) -> Spec:
    return parse_spec(json.dumps(data), format="json").unwrap()


@given(documents())
def test_a_spec_does_not_differ_from_itself(data: dict[str, Any]) -> None:
    assert diff_specs(spec_of(data), spec_of(data)) == ()


@given(documents(), documents())
def test_two_specs_differ_exactly_when_their_content_does(one: dict[str, Any], two: dict[str, Any]) -> None:
    first, second = spec_of(one), spec_of(two)
    same = first.model_dump(exclude_defaults=True) == second.model_dump(exclude_defaults=True)
    assert same <= (diff_specs(first, second) == ())
    assert bool(diff_specs(first, second)) == bool(diff_specs(second, first))


@given(EDGES)
def test_a_cycle_is_found_exactly_when_there_is_one(edges: dict[str, list[str]]) -> None:
    found = cycles(edges)
    try:
        TopologicalSorter(edges).prepare()
    except CycleError:
        assert found
    else:
        assert found == ()


@given(EDGES)
def test_what_is_called_a_cycle_is_one(edges: dict[str, list[str]]) -> None:
    found = cycles(edges)
    for cycle in found:
        assert all(
            after in edges[before] for before, after in zip(cycle, (*cycle[1:], cycle[0]), strict=True)
        )
    names = [name for cycle in found for name in cycle]
    assert len(names) == len(set(names))


@given(EDGES)
def test_what_is_reached_is_closed_under_the_edges(edges: dict[str, list[str]]) -> None:
    whole = {name: edges.get(name, []) for name in "abcdefz"}
    reached = reachable("a", whole)
    assert "a" in reached
    assert all(set(whole[name]) <= reached for name in reached)


@given(st.text(max_size=20), st.lists(st.text(max_size=20)))
def test_the_nearest_word_is_a_known_one(word: str, known: list[str]) -> None:
    guess = nearest(word, known)
    assert guess is None or guess in known
    assert nearest(word, reversed(known)) == guess


@given(st.text("ab", min_size=1, max_size=20), st.lists(st.text(max_size=20)))
def test_a_known_word_is_its_own_nearest(word: str, known: list[str]) -> None:
    guess = nearest(word, [*known, word])
    assert guess is not None
    assert guess.casefold() == word.casefold()


@given(st.lists(st.text(max_size=5)))
def test_a_pointer_says_its_parts(parts: list[str]) -> None:
    assert list(parts_of(pointer_of(*parts))) == parts


@given(JSON_VALUES)
def test_freezing_changes_no_value_and_is_done_once(value: Any) -> None:
    frozen = freeze(value)
    assert json.dumps(frozen) == json.dumps(value)
    assert freeze(frozen) == frozen
    assert pickle.loads(pickle.dumps(frozen)) == frozen


@given(st.dictionaries(st.text(max_size=3), st.integers()))
def test_a_frozen_map_equals_its_dict(value: dict[str, int]) -> None:
    assert FrozenDict(value) == value
    assert hash(FrozenDict(value)) == hash(FrozenDict(dict(reversed(value.items()))))


@given(JSON_VALUES)
def test_a_value_written_as_json_is_read_by_its_declaration(value: Any) -> None:
    kinds = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
    assume(value is not None)
    spec = spec_of(document(inputs={"required": {"a": kinds[type(value)]}}))
    text = value if isinstance(value, str) else json.dumps(value)
    assert resolve_variables(spec, file={}, given={"a": text}) == Success({"a": freeze(value)})
    assert resolve_variables(spec, file={"a": value}, given={}) == Success({"a": freeze(value)})


CHOICES: dict[str, list[Any]] = {
    "string": ["x", ""],
    "boolean": [True],
    "integer": [1, "2"],
    "number": [1, 0.5],
    "array": [[True], []],
    "object": [{"x": 1}],
}
"""Choices of each declared type."""


@given(JSON_VALUES, st.text(max_size=20), st.sampled_from(sorted(CHOICES)))
def test_any_value_is_taken_or_told(value: Any, text: str, kind: str) -> None:
    spec = spec_of(document(inputs={"required": {"a": {"type": kind, "enum": CHOICES[kind]}}}))
    for file, given_ in (({"a": value}, {}), ({}, {"a": text}), ({"b": value}, {"c": text})):
        resolved = resolve_variables(spec, file=file, given=given_)
        if not isinstance(resolved, Success):
            assert all(problem.kind == "usage" for problem in resolved.failure())
