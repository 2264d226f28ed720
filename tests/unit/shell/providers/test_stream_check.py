"""One model call's stream: what of it the SDK is told, and what a provider's words for its end mean."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import botocore
import pytest
from anthropic.types import StopReason
from google.genai.types import BlockedReason, FinishReason
from mistralai.client.models import CompletionResponseStreamChoiceFinishReason
from openai.types.chat.chat_completion_chunk import Choice

from durable_core.bounds import MOST_REPORTED
from durable_core.session.conversation import NOT_REPORTED
from durable_shell.providers.finish_reasons import FAULTS, FINISH_REASONS, ending
from durable_shell.providers.stream_check import MAX_ANSWER_CHARS, StreamCheck
from durable_shell.providers.streams.gemini import _End
from durable_shell.providers.wire_fault import WireFault

TOKENS = {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18}


def checked(provider: str, *events: dict[str, Any]) -> list[dict[str, Any]]:
    check = StreamCheck(provider)
    return [passed for event in events for passed in check.passed(event)] + list(check.end())


def text(piece: str) -> dict[str, Any]:
    return {"contentBlockDelta": {"delta": {"text": piece}}}


def stopped(reason: str | None) -> dict[str, Any]:
    return {"messageStop": {"stopReason": reason}}


def call(*pieces: str, name: str = "note", use: str = "c1") -> list[dict[str, Any]]:
    begin = {"contentBlockStart": {"start": {"toolUse": {"name": name, "toolUseId": use}}}}
    deltas = [{"contentBlockDelta": {"delta": {"toolUse": {"input": piece}}}} for piece in pieces]
    return [begin, *deltas, {"contentBlockStop": {}}]


def reason_of(events: list[dict[str, Any]]) -> str:
    return next(event["messageStop"]["stopReason"] for event in events if "messageStop" in event)


def texts(events: list[dict[str, Any]]) -> list[str]:
    deltas = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]
    return [delta["text"] for delta in deltas if "text" in delta]


def arguments(events: list[dict[str, Any]]) -> Any:
    deltas = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]
    return json.loads("".join(delta["toolUse"]["input"] for delta in deltas if "toolUse" in delta))


@pytest.mark.parametrize("provider", FINISH_REASONS)
def test_a_stream_that_ends_without_a_reason_is_no_answer(provider: str) -> None:
    assert reason_of(checked(provider, text("half of it"))) == "missing"
    assert reason_of(checked(provider, text("half of it"), stopped(None))) == "missing"
    assert FAULTS["missing"].kind == "connection"


@pytest.mark.parametrize("provider", FINISH_REASONS)
def test_a_reason_that_is_not_in_the_table_is_no_answer(provider: str) -> None:
    assert reason_of(checked(provider, text("all of it"), stopped("paused"))) == "unknown: paused"


def test_only_whole_answers_and_calls_are_told_to_the_sdk_as_such() -> None:
    for provider, reasons in FINISH_REASONS.items():
        for reason, meant in reasons.items():
            told = reason_of(checked(provider, text("said"), stopped(reason)))
            expected = {"whole": "end_turn", "cut": "max_tokens", "calls": f"spoiled: {reason}"}
            assert told == expected.get(meant, f"{meant}: {reason}"), (provider, reason)


def test_each_ending_that_is_no_answer_has_a_fault_and_words() -> None:
    meanings = {meant for reasons in FINISH_REASONS.values() for meant in reasons.values()}
    assert meanings | {"missing", "unknown"} == {"whole", "calls", *FAULTS}


def test_the_tables_hold_each_reason_that_the_providers_own_clients_know() -> None:
    data = next((Path(botocore.__file__).parent / "data" / "bedrock-runtime").glob("*/service-2.json.gz"))
    mistral = get_args(CompletionResponseStreamChoiceFinishReason)[0]
    known = {
        "openai": get_args(get_args(Choice.model_fields["finish_reason"].annotation)[0]),
        "anthropic": get_args(StopReason),
        "gemini": [reason.value for reason in FinishReason],
        "mistral": get_args(mistral),
        "bedrock": json.loads(gzip.decompress(data.read_bytes()))["shapes"]["StopReason"]["enum"],
    }
    # the SDK goes on by itself after a pause, and an unspecified reason is none
    open_ones = {"pause_turn", "FINISH_REASON_UNSPECIFIED"}
    for provider, reasons in known.items():
        assert len(reasons) > 2
        missing = [one for one in reasons if ending(provider, one) == "unknown" and one not in open_ones]
        assert missing == [], provider


def test_calls_without_a_reason_for_calls_are_calls_and_a_reason_without_calls_is_spoiled() -> None:
    assert reason_of(checked("openai", *call("{}"), stopped("stop"))) == "tool_use"
    assert reason_of(checked("openai", text("hm"), stopped("tool_calls"))) == "spoiled: tool_calls"
    assert reason_of(checked("openai", *call("{}", name=""), stopped("tool_calls"))) == "spoiled: tool_calls"
    assert reason_of(checked("openai", *call("{}"))) == "missing"


def test_a_character_in_two_pieces_is_joined_and_half_of_one_is_replaced() -> None:
    assert "".join(texts(checked("openai", text("smile \ud83d"), text("\ude00 end"), stopped("stop")))) == (
        "smile \U0001f600 end"
    )
    assert "".join(texts(checked("openai", text("a \ud83d"), stopped("stop")))) == "a \ufffd"
    assert "".join(texts(checked("openai", text("\ude00 b \ud83d"), text("c"), stopped("stop")))) == (
        "\ufffd b \ufffdc"
    )


def test_half_a_character_does_not_join_what_is_said_with_what_is_thought() -> None:
    thought = {"contentBlockDelta": {"delta": {"reasoningContent": {"text": "\ude00"}}}}
    events = checked("openai", text("a\ud83d"), thought, stopped("stop"))
    assert texts(events) == ["a", "\ufffd"]
    assert {"reasoningContent": {"text": "\ufffd"}} in [
        event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event
    ]


def test_arguments_pass_as_they_are_whatever_their_pieces() -> None:
    events = checked("openai", *call('{"text": "gr\\u00fc', 'n \\ud83d\\ude00"}'), stopped("tool_calls"))
    assert arguments(events) == {"text": "gr\u00fcn \U0001f600"}
    assert arguments(checked("openai", *call(), stopped("tool_calls"))) == {}


def test_usage_that_was_not_reported_is_marked_and_never_a_plain_zero() -> None:
    for metadata in ({}, {"usage": {}}, {"usage": {"inputTokens": None, "outputTokens": 3}}):
        usage = checked("openai", stopped("stop"), {"metadata": metadata})[-1]["metadata"]["usage"]
        assert usage[NOT_REPORTED] == 1
    assert checked("openai", stopped("stop"))[-1]["metadata"]["usage"][NOT_REPORTED] == 1
    reported = checked(
        "openai", {"metadata": {"usage": TOKENS, "metrics": {"latencyMs": 5}}}, stopped("stop")
    )
    assert reported[-1]["metadata"] == {"usage": TOKENS, "metrics": {"latencyMs": 5}}


def test_counts_that_are_none_are_not_taken_for_usage() -> None:
    for odd in (-1, "7", 7.5, None, True, MOST_REPORTED + 1):
        usage = {"inputTokens": 11, "outputTokens": odd}
        told = checked("openai", stopped("stop"), {"metadata": {"usage": usage}})
        assert told[-1]["metadata"]["usage"][NOT_REPORTED] == 1


def test_arguments_that_a_client_has_read_already_are_written_again() -> None:
    events = call()
    read = {"contentBlockDelta": {"delta": {"toolUse": {"input": {"text": "hi"}}}}}
    assert arguments(checked("mistral", events[0], read, events[-1], stopped("tool_calls"))) == {"text": "hi"}


def test_an_answer_without_end_is_stopped_before_it_fills_the_memory() -> None:
    check = StreamCheck("openai")
    long = text("x" * (MAX_ANSWER_CHARS // 2))
    assert texts([*check.passed(long), *check.passed(long)]) == ["x" * (MAX_ANSWER_CHARS // 2)] * 2
    with pytest.raises(WireFault) as stopped_at:
        list(check.passed(text("x")))
    assert stopped_at.value.kind == "limit"


def piece(reason: str | None = None, usage: Any = None, blocked: str | None = None) -> Any:
    candidates = [SimpleNamespace(finish_reason=FinishReason(reason))] if reason else None
    feedback = SimpleNamespace(block_reason=BlockedReason(blocked)) if blocked else None
    return SimpleNamespace(candidates=candidates, usage_metadata=usage, prompt_feedback=feedback)


def test_gemini_may_tell_its_end_before_the_last_piece_or_block_the_prompt() -> None:
    end = _End()
    for one in (piece("MAX_TOKENS"), piece(usage="counts")):
        end.note(one)
    assert (end.reason, end.usage) == ("MAX_TOKENS", "counts")
    end = _End()
    end.note(piece(blocked="SAFETY"))
    assert ending("gemini", end.reason) == "filtered"
