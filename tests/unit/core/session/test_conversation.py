"""Conversations: marks, rollback, and the answer that a killed attempt had already received."""

from __future__ import annotations

from typing import Any

import pytest

from durable_core.session.conversation import (
    BEGINNING,
    Conversation,
    ConversationMessage,
    Mark,
    Memory,
    kept_for,
    recovered_answer,
    rounds,
    usage_of,
)
from durable_core.types import Usage


def said(role: str, *texts: str, **more: Any) -> ConversationMessage:
    return ConversationMessage(
        {"role": role, "content": [{"text": text} for text in texts], **more}, digest="d", at=1.0
    )


ASKED = said("user", "Why?")
USED = {"usage": {"inputTokens": 3, "outputTokens": 5}}
ANSWERED = said("assistant", "Because.", metadata=USED)
TOOL_USE = ConversationMessage({"role": "assistant", "content": [{"text": "hm"}, {"toolUse": {}}]}, "d", 1.0)


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
        (ASKED, ConversationMessage({"role": "assistant", "content": [{"image": {}}]}, "d", 1.0)),
    ],
)
def test_what_is_no_whole_answer_to_this_very_prompt_is_not_taken(
    residue: tuple[ConversationMessage, ...],
) -> None:
    assert recovered_answer(residue, "Why?") is None


def test_an_answer_to_a_prompt_of_halves_that_an_earlier_version_sent_is_taken() -> None:
    assert recovered_answer((said("user", "Why \ud83d?"), ANSWERED), "Why \ufffd?") == "Because."


def test_a_whole_answer_is_taken_and_its_message_says_what_it_cost() -> None:
    assert recovered_answer((ASKED, ANSWERED), "Why?") == "Because."
    assert recovered_answer((ASKED, said("assistant", "Be", "cause.")), "Why?") == "Because."
    assert [usage_of(one.message) for one in (ASKED, ANSWERED, TOOL_USE)] == [Usage(), Usage(3, 5), Usage()]


def test_a_rollback_drops_what_stands_past_the_mark_and_nothing_else() -> None:
    talk = Conversation().append(ASKED).append(ANSWERED).marked(Mark(count=2, digest="d"))
    begun = talk.append(ASKED)
    assert (len(begun.settled), begun.residue) == (2, (ASKED,))
    assert begun.rolled_back() == talk
    assert talk.rolled_back() is talk


def test_a_mark_settles_what_stands_before_it_and_drops_the_rest() -> None:
    talk = Conversation().append(ASKED).append(ANSWERED).append(ASKED).marked(Mark(count=2, digest="d"))
    assert talk.settled == (ASKED.message, ANSWERED.message)
    assert talk.residue == ()


def test_nothing_was_said_at_the_beginning() -> None:
    assert (Conversation().mark, Conversation().settled, Conversation().residue) == (BEGINNING, (), ())


# --- rounds of tool calls -------------------------------------------------------------------------------


def calls(*ids: str, stopped: str = "tool_use") -> ConversationMessage:
    content = [{"toolUse": {"toolUseId": one, "name": "t", "input": {}}} for one in ids]
    metadata = {"custom": {"stop_reason": stopped}}
    return ConversationMessage({"role": "assistant", "content": content, "metadata": metadata}, "c", 1.0)


def results(*ids: str) -> ConversationMessage:
    content = [{"toolResult": {"toolUseId": one, "status": "success", "content": []}} for one in ids]
    return ConversationMessage(
        {"role": "user", "content": content}, "r", 1.0, Memory(state={"after": list(ids)})
    )


@pytest.mark.parametrize(
    ("residue", "kept"),
    [
        ((), 0),
        ((ASKED,), 0),
        ((ASKED, ANSWERED), 0),
        ((results("a"), calls("b")), 0),
        ((ASKED, calls("a")), 2),
        ((ASKED, calls("a", stopped="max_tokens")), 0),
        ((ASKED, calls("a", "b"), results("b", "a")), 3),
        ((ASKED, calls("a", "b"), results("a")), 2),
        ((ASKED, calls("a"), results("a"), ANSWERED), 3),
        ((ASKED, calls("a"), results("a"), calls("b")), 4),
        ((ASKED, calls("a"), results("a"), calls("b"), results("b")), 5),
        ((ASKED, calls("a"), results("a"), calls("b", stopped="max_tokens")), 3),
    ],
)
def test_of_a_residue_whole_rounds_are_kept_and_calls_without_results_at_the_end(
    residue: tuple[ConversationMessage, ...], kept: int
) -> None:
    assert rounds(residue) == kept
    assert kept_for(residue, "Why?") == kept
    assert kept_for(residue, "Why not?") == 0


def test_an_answer_after_rounds_of_tool_calls_is_taken_too() -> None:
    assert recovered_answer((ASKED, calls("a"), results("a"), ANSWERED), "Why?") == "Because."
    assert recovered_answer((ASKED, calls("a"), ANSWERED), "Why?") is None
    assert recovered_answer((ASKED, calls("a"), results("a")), "Why?") is None


def test_a_turn_that_is_continued_has_the_memory_of_its_last_message() -> None:
    talk = Conversation().append(ASKED).append(ANSWERED).marked(Mark(count=2, digest="d"))
    for one in (ASKED, calls("a"), results("a"), calls("b")):
        talk = talk.append(one)
    assert talk.mark_after(0) == talk.mark
    assert talk.mark_after(2) == Mark(count=4, digest="c")
    assert talk.mark_after(4) == Mark(count=6, digest="c", memory=Memory(state={"after": ["a"]}))
    assert len(talk.history(3)) == 5
    assert len(talk.rolled_back(3).messages) == 5
