"""Conversations: marks, rollback, and the answer that a killed attempt had already received."""

from __future__ import annotations

from typing import Any

import pytest

from durable_core.conversation import BEGINNING, Conversation, Mark, Said, recovered_answer, usage_of
from durable_core.words import Usage


def said(role: str, *texts: str, **more: Any) -> Said:
    return Said({"role": role, "content": [{"text": text} for text in texts], **more}, digest="d", at=1.0)


ASKED = said("user", "Why?")
USED = {"usage": {"inputTokens": 3, "outputTokens": 5}}
ANSWERED = said("assistant", "Because.", metadata=USED)
TOOL_USE = Said({"role": "assistant", "content": [{"text": "hm"}, {"toolUse": {}}]}, "d", 1.0)


@pytest.mark.parametrize(
    "residue",
    [
        (),
        (ASKED,),
        (ASKED, TOOL_USE),
        (ASKED, ANSWERED, ASKED),
        (ANSWERED, ASKED),
        (ASKED, ASKED),
        (said("user", "Why not?"), ANSWERED),
        (ASKED, said("assistant", "  ")),
        (ASKED, said("assistant")),
    ],
)
def test_what_is_no_whole_answer_to_this_very_prompt_is_not_taken(residue: tuple[Said, ...]) -> None:
    assert recovered_answer(residue, "Why?") is None


def test_a_whole_answer_is_taken_and_its_message_says_what_it_cost() -> None:
    assert recovered_answer((ASKED, ANSWERED), "Why?") == "Because."
    assert recovered_answer((ASKED, said("assistant", "Be", "cause.")), "Why?") == "Because."
    assert [usage_of(one.message) for one in (ASKED, ANSWERED, TOOL_USE)] == [Usage(), Usage(3, 5), Usage()]


def test_a_rollback_drops_what_stands_past_the_mark_and_nothing_else() -> None:
    talk = Conversation().say(ASKED).say(ANSWERED).marked(Mark(count=2, digest="d"))
    begun = talk.say(ASKED)
    assert (len(begun.settled), begun.residue) == (2, (ASKED,))
    assert begun.rolled_back() == talk
    assert talk.rolled_back() is talk


def test_a_mark_settles_what_stands_before_it_and_drops_the_rest() -> None:
    talk = Conversation().say(ASKED).say(ANSWERED).say(ASKED).marked(Mark(count=2, digest="d"))
    assert talk.settled == (ASKED.message, ANSWERED.message)
    assert talk.residue == ()


def test_nothing_was_said_at_the_beginning() -> None:
    assert (Conversation().mark, Conversation().settled, Conversation().residue) == (BEGINNING, (), ())
