"""The real clients of seven providers against local servers that speak their wire formats."""

from __future__ import annotations

import pytest

from durable_core.types import Usage
from tests.support.model_kit import Recorded, answered, play, turn
from tests.support.wire_cells import ENVIRONMENT, PROMPT, WIRE_PROVIDERS


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("provider", WIRE_PROVIDERS)
def test_a_whole_answer_is_one_request_that_holds_all_and_nothing_on_the_screen(
    provider: str, capfd: pytest.CaptureFixture[str]
) -> None:
    how = WIRE_PROVIDERS[provider]
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
