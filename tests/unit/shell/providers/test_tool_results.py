"""What a tool gave, as a journal keeps it and a model is told it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from durable_shell.providers.tool_results import MOST_MEDIA, MOST_TEXT, as_json, in_form, within_bounds


@pytest.mark.parametrize("odd", [object(), float("nan"), b"bytes"])
def test_whatever_a_tool_gives_can_be_written_into_the_journal(odd: object) -> None:
    told = as_json({"toolUseId": "a", "status": "success", "content": [{"json": odd}]})
    assert told["toolUseId"] == "a"
    json.dumps(told, allow_nan=False)


def result_of(*blocks: Any) -> Any:
    return {"toolUseId": "a", "status": "success", "content": list(blocks)}


CUT = {"text": f"[cut: the result is longer than {MOST_TEXT} characters]"}
IMAGE = {
    "image": {"format": "png", "source": {"bytes": {"__bytes_encoded__": True, "data": "A" * MOST_TEXT}}}
}


@pytest.mark.parametrize(
    "whole",
    [
        result_of(),
        result_of({"text": "x" * (MOST_TEXT // 2)}, {"json": {"rows": [1, 2]}}),
        result_of({"text": "ü" * (MOST_TEXT - 100)}),
        result_of(IMAGE, {"text": "a chart"}),
    ],
    ids=["nothing", "text", "umlauts", "image"],
)
def test_a_result_that_a_model_can_take_is_kept_as_it_is(whole: Any) -> None:
    assert within_bounds(whole) == whole


def test_of_a_result_that_is_too_long_the_beginning_is_kept_and_the_rest_is_said_to_be_cut() -> None:
    assert within_bounds(result_of({"text": "x" * 50_000_000})) == result_of({"text": "x" * MOST_TEXT}, CUT)
    rows = {"json": ["y" * MOST_TEXT]}
    assert within_bounds(result_of({"text": "first"}, rows, {"text": "last"})) == result_of(
        {"text": "first"}, {"text": "last"}, CUT
    )
    many = within_bounds(result_of(*[{"text": "x" * 1000}] * 2000))
    assert len(str(many)) < MOST_TEXT + 20_000
    assert many["content"][-1] == CUT
    film = {"image": {"source": {"bytes": {"data": "A" * MOST_MEDIA}}}}
    assert within_bounds(result_of(film, IMAGE)) == result_of(IMAGE, CUT)
    told = {**result_of({"text": "x"}), "status": "error", "structuredContent": "z" * MOST_TEXT}
    assert within_bounds(told) == {**result_of({"text": "x"}), "status": "error"}


BYTES = {"bytes": {"__bytes_encoded__": True, "data": "AAAA"}}
DOCUMENT = {"document": {"format": "pdf", "name": "paper", "source": {"location": {"type": "s3"}}}}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([{"text": "x"}, {"json": {"a": [1]}}, DOCUMENT], [{"text": "x"}, {"json": {"a": [1]}}, DOCUMENT]),
        ([{"type": "text", "text": "x"}], [{"text": "x"}]),
        ("plain", [{"text": "plain"}]),
        ({"a": 1}, [{"text": '{"a": 1}'}]),
        (["a", 3, None, [1]], [{"text": "a"}, {"text": "3"}, {"text": "null"}, {"text": "[1]"}]),
        ([{"text": 3}], [{"text": '{"text": 3}'}]),
        ([{"image": {"format": "png", "source": BYTES}}], [{"image": {"format": "png", "source": BYTES}}]),
        ([{"image": {"source": BYTES}}], [{"text": json.dumps({"image": {"source": BYTES}})}]),
        ([{"image": {"format": "png", "source": {"bytes": "AAAA"}}}], None),
        ([{"document": {"format": "pdf", "source": BYTES}}], None),
        ([{"video": {"format": "mp4", "source": BYTES}}], None),
        ([{}], [{"text": "{}"}]),
        ([], []),
        (None, []),
    ],
)
def test_what_is_in_no_form_is_told_as_text(given: Any, told: list[Any] | None) -> None:
    formed = in_form({"toolUseId": "a", "status": "success", "content": given})
    assert formed == {"toolUseId": "a", "status": "success", "content": told or _as_texts(given)}
    assert in_form(formed) == formed


def _as_texts(given: list[Any] | None) -> list[Any]:
    return [{"text": json.dumps(each)} for each in given or ()]


@pytest.mark.parametrize(("status", "was"), [("done", "done"), (None, "null"), (7, "7"), ("x" * 999, "xxx")])
def test_a_status_that_nobody_knows_is_an_error_and_told(status: Any, was: str) -> None:
    formed = in_form({"toolUseId": "a", "status": status, "content": [{"text": "x"}]})
    assert formed["status"] == "error"
    [first, said] = formed["content"]
    assert first == {"text": "x"}
    assert said["text"].startswith(f"[the tool gave the status {was}")
    assert len(said["text"]) < 200
