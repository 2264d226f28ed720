"""The wire: bad events first. What is not exactly an event is refused with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from returns.result import Success

from durable_core.journal import codec
from durable_core.journal.forms import Newer
from durable_core.patterns.chain.state import StepCompleted
from durable_core.session import events
from durable_core.session.conversation import Mark, Memory
from durable_core.spec.problems import MAX_SENTENCE
from durable_core.types import Fault, Usage
from tests.support.golden import journals, wires

COMPLETED = events.UnitCompleted(
    at=7.5,
    unit="steps/0",
    attempt=2,
    agent="ann",
    conversation="ann",
    usage=Usage(3, 4),
    mark=Mark(count=2, digest="ab", memory=Memory(state={"seen": [1]}, manager={"removed": 0})),
    decided=(StepCompleted(index=0, agent="ann", response="Grüße", tokens=7),),
)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"extra": 1}, "unit_completed/1.extra: Unexpected keyword argument"),
        ({"usage": {"input_tokens": 3, "output_tokens": 4, "x": 0}}, "unit_completed/1.usage.x"),
        ({"attempt": "2"}, "unit_completed/1.attempt: Input should be a valid integer"),
        ({"at": -1.0}, "unit_completed/1.at: Input should be greater than or equal to 0"),
        ({"at": 1e300}, "unit_completed/1.at: Input should be less than or equal to 253402300799"),
        ({"unit": None}, "unit_completed/1.unit: Input should be a valid string"),
        ({"type": "unit_completed/0"}, "event: Input tag 'unit_completed/0'"),
        ({"type": None}, "event: "),
        ({"decided": [{"type": "unit_completed/1"}]}, "unit_completed/1.decided.0"),
        ({"decided": "none"}, "unit_completed/1.decided"),
    ],
)
def test_a_changed_event_is_refused_with_the_place_of_the_change(change: dict[str, Any], place: str) -> None:
    problem = codec.decode({**codec.encode(COMPLETED), **change}).failure()
    assert isinstance(problem, str)
    assert problem.startswith(place)


@pytest.mark.parametrize("missing", ["at", "unit", "usage", "mark", "decided", "type"])
def test_an_event_without_one_of_its_parts_is_refused(missing: str) -> None:
    incomplete = codec.encode(COMPLETED)
    del incomplete[missing]
    assert codec.decode(incomplete).failure()


@pytest.mark.parametrize("nonsense", [None, 3, "text", [], {}, {"at": {1, 2}}, {1: object()}])
def test_what_is_no_event_at_all_is_refused(nonsense: Any) -> None:
    assert codec.decode(nonsense).failure()


def test_why_an_event_is_refused_is_said_in_short_however_long_the_event_is() -> None:
    started = wires(journals()["8-writer/chain"])[0]
    for odd in (
        {**started, "x" * 10_000: 1},
        {**started, "type": "y" * 10_000},
        {**started, "at": "z" * 10_000},
    ):
        assert len(str(codec.decode(odd).failure())) <= MAX_SENTENCE


def test_the_first_bad_event_of_many_is_named_by_its_number() -> None:
    good = codec.encode(COMPLETED)
    problem = codec.decode_all([good, {**good, "at": "now"}, {}]).failure()
    assert isinstance(problem, str)
    assert problem.startswith("event 2: ")


def test_an_event_of_a_later_version_among_many_is_not_called_a_problem() -> None:
    good = codec.encode(COMPLETED)
    assert codec.decode_all([good, {"type": "note_added/1"}, {}]).failure() == Newer("note_added/1")


def test_an_event_that_went_through_json_text_is_the_event_that_was_written() -> None:
    text = json.dumps(codec.encode(COMPLETED))
    assert codec.decode(json.loads(text)) == Success(COMPLETED)
    assert codec.decode_all([json.loads(text), json.loads(text)]) == Success((COMPLETED, COMPLETED))


@pytest.mark.parametrize(
    "text", ["\ud800", "a\udfffb", "\U0010fffe\ud83d", "\U0010fffe\uf000", "\\ud800", "😀"]
)
def test_half_of_a_surrogate_pair_does_not_make_a_journal_unreadable(text: str) -> None:
    message = {"role": "assistant", "content": [{"text": text, text: None}]}
    said = events.MessageAdded(
        at=1.0, unit="u", attempt=1, conversation="c", index=1, message=message, digest="d"
    )
    answered = replace(COMPLETED, decided=(StepCompleted(index=0, agent="a", response=text, tokens=7),))
    for event in (said, answered):
        assert codec.decode(json.loads(json.dumps(codec.encode(event)))) == Success(event)


def test_the_words_on_the_wire_are_those_of_version_one() -> None:
    """What is on people's disks can't be renamed: this line is the format."""
    fault = Fault("throttled", "429", retry_after=2.0)
    event = events.AttemptFaulted(
        at=1.0, unit="u", attempt=1, agent="a", fault=fault, usage=Usage(1, 0), not_before=3.0
    )
    assert codec.encode(event) == {
        "type": "attempt_faulted/1",
        "at": 1.0,
        "unit": "u",
        "attempt": 1,
        "agent": "a",
        "fault": {"kind": "throttled", "message": "429", "retry_after": 2.0},
        "usage": {"input_tokens": 1, "output_tokens": 0},
        "not_before": 3.0,
    }


@pytest.mark.parametrize("text", ["whole", "half \ud83d"])
@pytest.mark.parametrize("depth", [300, 600, 900, 100_000])
def test_an_event_with_values_nested_too_deep_is_refused(text: str, depth: int) -> None:
    deep: Any = text
    for _ in range(depth):
        deep = [deep]
    wire = codec.encode(COMPLETED)
    wire["mark"]["memory"]["state"] = deep
    decoded = codec.decode(wire)
    assert isinstance(decoded, Success) or isinstance(decoded.failure(), str)
    assert depth < 900 or not isinstance(decoded, Success)


def counts(wire: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Every number that an event counts with, wherever it stands in it: its holder and its key."""
    parts = [wire, *wire.get("decided", ())]
    parts += [wire[name] for name in ("usage", "mark") if isinstance(wire.get(name), dict)]
    parts += [one["transition"] for one in parts if isinstance(one.get("transition"), dict)]
    for part in parts:
        yield from (
            (part, key) for key, value in part.items() if type(value) is int and key not in JSON_VALUES
        )


JSON_VALUES = frozenset({"input", "result"})


@pytest.mark.parametrize("name", journals())
def test_no_event_counts_below_nothing_or_beyond_all_bounds(name: str) -> None:
    for wire in wires(journals()[name]):
        for holder, key in counts(wire):
            before = holder[key]
            for wrong in (-1, 2**62 + 1, 10**400):
                holder[key] = wrong
                assert isinstance(codec.decode(wire).failure(), str), f"{wire['type']}: {key} is {wrong}"
            holder[key] = before
        assert isinstance(codec.decode(wire), Success)
