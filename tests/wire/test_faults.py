"""Everything that can go wrong between us and seven providers has the outcome that the reference shows.

The first test holds ``tests/data/wire.jsonl`` to what the program really does; the others hold that file to
what is right, so that nobody writes a wrong outcome down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.support.wire_cells import (
    ENVIRONMENT,
    WIRE_PROVIDERS,
    Cell,
    expected_cells,
    pieces,
    play_cells,
    wire_faults,
)

EXPECTED = expected_cells()

WHOLE = {"stop", "end_turn", "stop_sequence", "STOP"}
"""The reasons after which an answer is an answer, in the words of all providers."""

STATUSES = {
    "HTTP 400": "refused",
    "HTTP 400, the conversation is too long": "refused",
    "HTTP 401": "refused",
    "HTTP 403": "refused",
    "HTTP 404": "refused",
    "HTTP 408": "timeout",
    "HTTP 429 with Retry-After: 7": "throttled",
    "HTTP 500": "server",
    "HTTP 503": "server",
    "HTTP 529": "server",
    "HTTP 400 with nothing in it": "refused",
    "HTTP 502 with nothing in it": "server",
    "a web page with status 502": "server",
    "a web page with status 200": "refused",
    "an error's document with status 200": "server",
}

NO_WORDS_FOR_PEOPLE = re.compile(r"[<{}\[\]]|Error\b|Error code|Exception|https?:|\(char|status code|SDK|\n")
"""Traces of the form in which a message came: documents, names of types, addresses, advice to programmers."""


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def faults(provider: str) -> Iterator[tuple[str, Cell]]:
    yield from EXPECTED[provider].items()


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("provider", WIRE_PROVIDERS)
def test_every_fault_has_its_outcome_and_leaves_the_screen_alone(
    provider: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert play_cells(provider) == EXPECTED[provider]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("provider", WIRE_PROVIDERS)
def test_an_attempt_sends_one_request(provider: str) -> None:
    asked = {name: cell["requests"] for name, cell in faults(provider)}
    assert asked.pop("a port at which nobody listens") == 0
    assert set(asked.values()) == {1}, asked


@pytest.mark.parametrize("provider", WIRE_PROVIDERS)
def test_an_answer_counts_only_after_a_reason_that_says_it_is_whole(provider: str) -> None:
    handler = WIRE_PROVIDERS[provider].handler
    finish = [piece.part for piece in pieces(handler)].index("finish")
    for name, fault in wire_faults(handler):
        outcome = EXPECTED[provider][name]["outcome"]
        if fault.kind in ("cut", "hangup") and (fault.after or 0) <= finish:
            assert outcome == "connection", name
        elif fault.kind in ("cut", "hangup"):
            assert outcome in ("answer", "connection"), name
        elif fault.kind == "reason":
            assert (outcome == "answer") == (fault.reason in WHOLE), name
        elif fault.kind == "no_usage":
            assert outcome in ("answer", "server"), name
        else:
            assert (outcome == "answer") == (fault.kind == "whole"), name


@pytest.mark.parametrize("provider", WIRE_PROVIDERS)
def test_a_fault_is_tried_again_only_if_that_may_help(provider: str) -> None:
    for name, cell in faults(provider):
        again = cell["outcome"] in ("throttled", "timeout", "connection", "server")
        assert cell["attempts"] == (3 if again else 1), name


@pytest.mark.parametrize("provider", WIRE_PROVIDERS)
def test_a_status_means_the_same_whoever_sends_it(provider: str) -> None:
    found = {name: cell["outcome"] for name, cell in faults(provider) if name in STATUSES}
    assert found == STATUSES
    assert {name: cell["wait"] for name, cell in faults(provider) if cell["wait"] is not None} == {
        "HTTP 429 with Retry-After: 7": 7
    }


@pytest.mark.parametrize("provider", WIRE_PROVIDERS)
def test_a_conversation_that_is_too_long_is_told_as_that(provider: str) -> None:
    message = EXPECTED[provider]["HTTP 400, the conversation is too long"]["message"]
    assert "The conversation is too long for the model: shorten the inputs" in message


@pytest.mark.parametrize("provider", WIRE_PROVIDERS)
def test_silence_ends_by_our_own_limit(provider: str) -> None:
    silent = [cell["outcome"] for name, cell in faults(provider) if name.startswith("silence")]
    assert silent == ["timeout", "timeout"]


@pytest.mark.parametrize("provider", WIRE_PROVIDERS)
def test_nothing_is_unexplained_but_a_reason_that_nobody_knows(provider: str) -> None:
    for name, cell in faults(provider):
        if cell["outcome"] == "unexplained":
            assert name.startswith("an answer that ended for the reason "), name
            assert "for a reason that is not known here" in cell["message"], name


@pytest.mark.parametrize("provider", WIRE_PROVIDERS)
def test_a_message_names_who_was_asked_and_is_written_for_people(provider: str) -> None:
    for name, cell in faults(provider):
        if cell["outcome"] == "answer":
            continue
        message = cell["message"]
        assert message.startswith(f"{provider} (tea-1) at 127.0.0.1:PORT "), name
        assert message.endswith("."), name
        assert not NO_WORDS_FOR_PEOPLE.search(message), (name, message)


@pytest.mark.parametrize("provider", WIRE_PROVIDERS)
def test_usage_that_nobody_reported_is_no_number(provider: str) -> None:
    assert EXPECTED[provider]["a whole answer"]["usage"] == "18 + 7"
    cell = EXPECTED[provider]["a whole answer without usage"]
    assert cell["usage"] in ("not reported", "0 + 7")  # Ollama reports only what it read anew
    for odd in ("below nothing", "beyond any count"):
        assert EXPECTED[provider][f"a whole answer with usage {odd}"]["usage"] == "not reported"
