"""Laws of the model port's pure parts: what echo answers, and what the recorder's digests cover."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from durable_shell.providers.error_classification import classify
from durable_shell.providers.fault_messages import MESSAGE_LIMIT
from durable_shell.providers.offline.echo_rules import HEARD_LIMIT, NAMED_WORDS, echo_answer
from durable_shell.providers.offline.playback import word_pieces
from durable_shell.store.digest import chain_digest
from tests.support.model_kit import settings as model_settings
from tests.support.night import at_night

BLOCKS = st.lists(st.fixed_dictionaries({"text": st.text(max_size=30)}), max_size=3)
MESSAGES = st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant"]), "content": BLOCKS})
"""Messages in the SDK's form, lone surrogates and control characters included."""


@given(st.text(max_size=200), st.lists(st.text(max_size=400), max_size=3))
def test_echo_answers_every_prompt_the_same_way_and_in_bounds(system: str, turns: list[str]) -> None:
    answer = echo_answer(system, turns)
    assert answer == echo_answer(system, turns)
    directed = any(
        line.lstrip(" \t").startswith("echo:") for text in (system, *turns[-1:]) for line in text.split("\n")
    )
    named = sum(len(word) + 1 for word in system.split()[:NAMED_WORDS])
    assert directed or len(answer) <= HEARD_LIMIT + named + 20


@given(st.text(), st.text())
def test_word_pieces_of_two_texts_apart_are_those_of_each(one: str, other: str) -> None:
    assert word_pieces(f"{one}\n{other}") == word_pieces(one) + word_pieces(other)


@settings(max_examples=at_night(50, 1000))
@given(st.lists(MESSAGES, max_size=4))
def test_a_digest_is_the_same_after_a_trip_through_json_and_moves_with_every_message(
    messages: list[dict[str, object]],
) -> None:
    digest, again, seen = "", "", set()
    for message in messages:
        digest = chain_digest(digest, message)
        again = chain_digest(again, json.loads(json.dumps(message)))
        seen.add(digest)
    assert digest == again
    assert len(seen) == len(messages)


@given(
    st.text(max_size=2000), st.sampled_from([ValueError, TimeoutError, ConnectionError, OSError, KeyError])
)
def test_every_fault_is_one_bounded_line(said: str, kind: type[Exception]) -> None:
    message = classify(kind(said), model_settings("echo")).message
    assert len(message.splitlines()) == 1
    assert len(message) <= MESSAGE_LIMIT + 100
