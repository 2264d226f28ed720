"""JSON answers: what holds for every answer a model could give."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Success

from durable_core.answers.reading import json_answer, read_evaluation, read_route, read_tasks

texts = st.text(st.characters(codec="utf-8"), max_size=20)
"""Short texts of characters that can be saved."""

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
"""JSON values of every kind."""

containers = values.filter(lambda value: isinstance(value, dict | list))
"""Values in brackets: those that are looked for in the middle of a text."""

prose = st.text(st.characters(codec="utf-8", exclude_characters="[]{}`"), max_size=30)
"""Text around an answer that holds no brackets and no fences."""

noise = st.text(st.sampled_from('[]{}":,\\ `0123abnull\n\ue000\ud800'), max_size=60)
"""Text made of what JSON and fences are made of."""


@given(noise | st.text(max_size=60))
def test_every_text_is_read_or_refused_and_nothing_is_raised(text: str) -> None:
    for reading in (read_route(text, ["a"]), read_evaluation(text), read_tasks(text, 3)):
        assert isinstance(reading, Success) or reading.failure().endswith(".")


@given(values, st.booleans())
def test_an_answer_that_is_json_is_that_value_first(value: object, ascii_only: bool) -> None:
    assert next(json_answer(json.dumps(value, ensure_ascii=ascii_only))) == value


@given(prose, containers, prose)
def test_a_value_in_prose_is_found(before: str, value: object, after: str) -> None:
    assert value in list(json_answer(before + json.dumps(value) + after))


@given(prose, values, prose, st.sampled_from(["", "json", "JSON "]))
def test_a_fenced_value_is_found(before: str, value: object, after: str, language: str) -> None:
    fenced = f"{before}```{language}\n{json.dumps(value)}\n```{after}"
    assert value in list(json_answer(fenced)) or "```" in json.dumps(value)


@given(noise)
def test_every_value_found_can_be_saved(text: str) -> None:
    for value in json_answer(text):
        saved = json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
        assert json.loads(saved) == value


@given(st.lists(texts.map(str.strip).filter(bool), min_size=1, max_size=5, unique=True), st.data())
def test_a_route_is_read_exactly_when_it_is_one_of_the_routes(routes: list[str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(routes) | texts)
    reading = read_route(json.dumps({"route": name}), routes)
    assert reading == Success(name) if name in routes else isinstance(reading, Failure)


@given(st.lists(texts.map(str.strip).filter(bool), max_size=6), st.integers(0, 8))
def test_the_first_tasks_are_kept_in_their_order(tasks: list[str], limit: int) -> None:
    plain = read_tasks(json.dumps(tasks), limit)
    objects = read_tasks(json.dumps([{"task": task} for task in tasks]), limit)
    assert plain == objects == Success(tuple(tasks[:limit]))


@given(st.integers(-300, 300))
def test_a_score_is_read_exactly_when_it_is_in_range(score: int) -> None:
    reading = read_evaluation(json.dumps({"score": score}))
    assert isinstance(reading, Success) == (0 <= score <= 100)
