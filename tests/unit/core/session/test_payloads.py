"""A command and the event that it becomes say the same, because they take their fields from one payload."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from durable_core.session import commands, events, payloads
from durable_core.session.payloads import event_of

PAIRS = [
    (payloads.NewDriver, commands.Resume, events.SessionResumed),
    (payloads.RenderedQuestion, commands.QuestionAsked, events.GateOpened),
    (payloads.NewSpec, commands.ChangeSpec, events.SpecChanged),
    (payloads.NewVariables, commands.EditVariables, events.VariablesEdited),
    (payloads.NewOptions, commands.ChangeOptions, events.OptionsChanged),
    (payloads.NewName, commands.Rename, events.SessionRenamed),
    (payloads.NewBudget, commands.RaiseBudget, events.BudgetRaised),
]


def names(kind: Any) -> list[str]:
    return [each.name for each in fields(kind)]


@pytest.mark.parametrize(("payload", "command", "event"), PAIRS)
def test_a_command_adds_no_field_to_its_payload_and_the_event_begins_with_the_same(
    payload: type, command: type, event: type
) -> None:
    assert names(command) == names(payload)
    assert names(event)[: len(names(payload))] == names(payload)


def test_an_event_takes_all_that_its_payload_says_and_what_was_decided_beyond_it() -> None:
    asked = commands.QuestionAsked(at=1.0, unit="u", attempt=2, prompt="Go on?", display="the draft")
    assert event_of(events.GateOpened, asked, default="yes") == events.GateOpened(
        at=1.0, unit="u", attempt=2, prompt="Go on?", display="the draft", default="yes"
    )


def test_an_event_of_another_payload_can_not_be_made() -> None:
    with pytest.raises(TypeError):
        event_of(events.BudgetRaised, commands.Resume(at=1.0))
