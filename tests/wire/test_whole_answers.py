"""Whole answers and halves of them, by the real client of each provider."""

from __future__ import annotations

import pytest

from durable_core.types import Usage
from tests.support.model_kit import Recorded, answered, play, turn, unanswered
from tests.support.servers.behaviour import Misbehave
from tests.support.wire_cells import ENVIRONMENT, PLAYED_PROVIDERS, PROMPT, pieces


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("provider", PLAYED_PROVIDERS)
def test_a_whole_answer_is_one_request_that_holds_all_and_nothing_on_the_screen(
    provider: str, capfd: pytest.CaptureFixture[str]
) -> None:
    how = PLAYED_PROVIDERS[provider]
    record = Recorded()
    with how.server() as server:
        asked = turn(how.settings(provider, server.url), PROMPT)
        outcome = answered(play(asked, record=record, env=ENVIRONMENT)[0])
    (call,) = server.calls
    assert call.model == "tea-1"
    assert call.messages == [
        {"role": "system", "content": "You are a careful researcher of drinks."},
        {"role": "user", "content": PROMPT},
    ]
    assert outcome.text == call.answer == "Tea is a plant that is drunk."
    assert outcome.usage == Usage(*call.usage)
    assert record.said == [("user", PROMPT), ("assistant", call.answer)]
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("provider", PLAYED_PROVIDERS)
def test_a_stream_that_ends_before_its_reason_is_a_broken_connection(provider: str) -> None:
    how = PLAYED_PROVIDERS[provider]
    finish = [piece.part for piece in pieces(how.handler)].index("finish")
    halves = [*(Misbehave("cut", after=after) for after in range(finish + 1)), Misbehave("unfinished")]
    with how.server() as server:
        for half in halves:
            server.misbehave_as(half)
        asked = turn(how.settings(provider, server.url), PROMPT)
        outcomes = play(*[asked for _ in halves], env=ENVIRONMENT)
    assert [unanswered(outcome).fault.kind for outcome in outcomes] == ["connection"] * len(halves)
    assert len(server.calls) == len(halves)
