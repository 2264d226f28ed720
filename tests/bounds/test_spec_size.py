"""What reading a spec takes: memory in proportion to its size, whatever its keys and however wrong it is."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from durable_core.spec.document import Format
from durable_core.spec.parse import parse_spec
from durable_core.spec.problems import MAX_PROBLEMS, MORE
from durable_core.spec.reading import MAX_KEY
from tests.support.spec_kit import document

TIMES = 100
"""Bytes of memory for each byte of a spec, at most."""

CONSTANT = 24_000_000
"""Bytes that any spec may take beside: the models and what the interpreter keeps for later."""


def peak(text: str, form: Format) -> int:
    """The most memory that parsing ``text`` took at once, in bytes."""
    parse_spec(text[:0], format=form)  # what is loaded at the first use counts for none
    tracemalloc.start()
    try:
        parse_spec(text, format=form)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def nested(value: Any, keys: list[str]) -> Any:
    for key in reversed(keys):
        value = {key: value}
    return value


LONG = "k" * MAX_KEY
WRITTEN = {
    "a long key over many numbers": document(metadata={"labels": {"k" * 20_000: [1] * 4_000}}),
    "many long keys over many numbers": document(
        skills=[{"id": "s", "path": "p", **nested([1] * 4_000, [LONG] * 90)}]
    ),
    "many wrong items below a long name": document(agents={LONG: {"prompt": "p", "tools": [1] * 4_000}}),
    "many unknown keys": document(**{f"unknown{number}": 1 for number in range(1_000)}),
    "many texts that hold what can't be written": document(tags=["\0"] * 4_000),
    "many long keys over many numbers in a form of their own": document(
        skills=[{"id": "s", "path": "p", **nested([1e22] * 4_000, [LONG] * 90)}]
    ),
    "a long text": document(name="n" * 1_000_000),
    "a long text of escapes": document(name="\n" * 500_000),
    "one long name, often": document(
        pattern={"type": "chain", "config": {"steps": [{"agent": "n" * 2_000}] * 500}}
    ),
}


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize("what", WRITTEN)
def test_a_spec_takes_memory_in_proportion_to_its_size(what: str, form: Format) -> None:
    text = json.dumps(WRITTEN[what])
    assert peak(text, form) <= TIMES * len(text) + CONSTANT


MANY = {
    "keys that nobody knows, beside many that are known": document(
        agents={f"agent_{number}_b": {"prompt": "p"} for number in range(10_000)},
        pattern={
            "type": "chain",
            "config": {"steps": [{"agent": f"agent_{number}_a", "input": "x"} for number in range(10_000)]},
        },
    ),
    "items of another type": document(tags=[None] * 50_000),
    "keys": document(**{f"unknown{number}": 1 for number in range(30_000)}),
    "templates": document(
        pattern={
            "type": "chain",
            "config": {"steps": [{"agent": "writer", "input": f"{{{{ x{number} "} for number in range(500)]},
        }
    ),
}


@pytest.mark.parametrize("what", MANY)
def test_of_very_many_problems_the_first_are_told(what: str) -> None:
    problems = parse_spec(json.dumps(MANY[what]), format="json").failure()
    assert len(problems) == MAX_PROBLEMS + 1
    assert problems[-1] == MORE
    assert all(problem.line for problem in problems[:-1])
