"""JSON answers: what holds for every answer a model could give."""

from __future__ import annotations

import contextlib
import json

from hypothesis import example, given
from hypothesis import strategies as st
from returns.result import Failure, Success

from durable_core.answers.reading import read_evaluation, read_route, read_tasks
from durable_core.answers.values import json_values

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
    assert _values(json.dumps(value, ensure_ascii=ascii_only)) == [value]


@given(prose, containers, prose)
@example('"', [], '"')
def test_a_value_in_prose_is_found(before: str, value: object, after: str) -> None:
    text = before + json.dumps(value) + after
    with contextlib.suppress(ValueError):
        value = json.loads(text)  # between quotation marks it is a text that is JSON as a whole
    assert value in _values(text)


@given(prose, containers, prose, st.sampled_from(["", "json", "JSON "]))
def test_a_fenced_value_is_found(before: str, value: object, after: str, language: str) -> None:
    assert value in _values(f"{before}```{language}\n{json.dumps(value)}\n```{after}")


def _values(text: str) -> list[object]:
    return [each.value for each in json_values(text).unwrap()]


@given(noise)
def test_every_value_found_can_be_saved(text: str) -> None:
    for found in json_values(text).value_or(()):
        saved = json.dumps(found.value, ensure_ascii=False, allow_nan=False).encode("utf-8")
        assert json.loads(saved) == found.value


talk = st.text(st.characters(codec="utf-8", exclude_characters='[]{}`<>◁▷"'), min_size=1, max_size=12).map(
    lambda words: f"{words} or"
)
"""What a model says between values: words, and no brackets, fences or tags."""

ROUTES = ("bills", "praise", "spam")

routes = st.sampled_from(ROUTES)


@st.composite
def pieces(draw: st.DrawFn) -> tuple[str, str, str | None]:
    """A piece of an answer: its kind, its text, and the route that a value in it names."""
    route = draw(routes)
    value = draw(st.sampled_from([f'{{"route": "{route}"}}', f'{{"why": [1], "route": "{route}"}}']))
    kind = draw(st.sampled_from(["talk", "other", "thought", "value", "fenced", "close"]))
    match kind:
        case "value":
            return kind, value, route
        case "fenced":
            return kind, f"\n```json\n{value}\n```\n", route
        case "thought":
            tag = draw(st.sampled_from(["think", "thinking", "Reasoning", "seed:think"]))
            return kind, f"<{tag}>{draw(talk)} {value}</{tag}>", None
        case "close":
            return kind, "</think>", None
        case "other":
            return kind, draw(st.sampled_from(["[1]", '{"score": 7}', "{see below}", '["bills"]'])), None
        case _:
            return kind, draw(talk), None


@given(st.lists(pieces(), max_size=7))
def test_the_route_is_the_one_that_the_rule_names_or_none(drawn: list[tuple[str, str, str | None]]) -> None:
    reading = read_route(" ".join(text for _, text, _ in drawn), ROUTES)
    assert reading.value_or(None) == _meant(drawn)


def _meant(drawn: list[tuple[str, str, str | None]]) -> str | None:
    """The rule for JSON answers, word by word."""
    closed = [place for place, (kind, _, _) in enumerate(drawn) if kind == "close"]
    heard = drawn[closed[-1] + 1 :] if closed else drawn  # up to a lone closing tag all is reasoning
    named = [(kind, route) for kind, _, route in heard if route is not None]
    if len({route for _, route in named}) == 1:
        return named[0][1]  # one, or several that are equal
    fenced = {route for kind, route in named if kind == "fenced"}
    if len(fenced) == 1:
        return fenced.pop()
    spoken = [piece for piece in heard if piece[0] != "thought"]
    return spoken[-1][2] if spoken else None  # the one that ends the text


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
