"""Arguments of a tool call as a model wrote them: which may reach a tool, and what the model is told else."""

from __future__ import annotations

import json

import pytest

from durable_shell.providers.tool_arguments import (
    MAX_CHARS,
    MAX_DEPTH,
    PROBLEM,
    arguments_problem,
    usable_arguments,
)

SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}, "times": {"type": "integer"}}}


def problem(written: str) -> str | None:
    return arguments_problem(json.loads(usable_arguments(written)), SCHEMA, lenient=True)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('{"text": "hel', "were not JSON"),
        ("text=hello", "were not JSON"),
        ('{"text": NaN}', "were not JSON"),
        ('{"text": 1e999}', "were not JSON"),
        ('{"text": "a"} {"text": "b"}', "were not JSON"),
        ('{"text": ' + "9" * 5000 + "}", "were not JSON"),
        ('["text"]', "must be a JSON object"),
        ("null", "must be a JSON object"),
        ('{"a": ' * 900 + "1" + "}" * 900, "nested more than"),
        ("[" * 100_000, "nested more than"),
        ('{"text": "' + "a" * MAX_CHARS + '"}', "longer than"),
    ],
)
def test_what_is_no_usable_object_never_runs_the_tool(written: str, told: str) -> None:
    said = problem(written)
    assert said is not None
    assert said.startswith("The tool was not run: ")
    assert told in said


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("", {}),
        (" \n", {}),
        ("{}", {}),
        ('{"text": "}]{[\\"{{"}', {"text": '}]{["{{'}),
        ('{"text": "\\ud83d"}', {"text": "\ufffd"}),
        ('{"text": "\\ud83d\\ude00"}', {"text": "\U0001f600"}),
        (
            '{"a": ' + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1) + "}",
            {"a": json.loads("[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1))},
        ),
    ],
)
def test_usable_arguments_stay_what_they_are(written: str, read: object) -> None:
    assert json.loads(usable_arguments(written)) == read
    assert problem(written) is None


def test_a_notice_keeps_the_beginning_of_what_was_written() -> None:
    notice = json.loads(usable_arguments("no JSON \ud83d " * 100))
    assert notice["written"] == ("no JSON \ufffd " * 100)[:200]
    assert "were not JSON" in notice[PROBLEM]


def test_a_name_that_the_tool_does_not_have_is_told_with_those_it_has() -> None:
    said = arguments_problem({"txet": "a"}, SCHEMA, lenient=False)
    assert said == (
        "The tool was not run: it has no argument 'txet'; it takes 'text', 'times'. Call it again."
    )
    none = arguments_problem({"a": 1}, {"properties": {}}, lenient=False)
    assert none == "The tool was not run: it has no argument 'a'; it takes no arguments. Call it again."


def test_further_names_pass_where_the_tool_takes_them() -> None:
    for schema in ({}, {**SCHEMA, "additionalProperties": True}, {**SCHEMA, "patternProperties": {"^t": {}}}):
        assert arguments_problem({"txet": "a"}, schema, lenient=False) is None
    assert arguments_problem({"txet": "a"}, SCHEMA, lenient=True) is None
    assert arguments_problem({"text": "a"}, SCHEMA, lenient=False) is None
    assert arguments_problem(["a"], SCHEMA, lenient=True) is not None
