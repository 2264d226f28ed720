"""Secrets never reach what is kept, and reach models and tools as they are."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import assume, given
from hypothesis import strategies as st

from durable_core.spec.secrets import NO_SECRETS, reference, vault

NAMES: Final = st.sampled_from(["token", "pin", "key"])
VALUES: Final = st.text(alphabet='abX\n"é⟪', max_size=4)
SECRETS: Final = st.dictionaries(NAMES, VALUES)
TEXTS: Final = st.text(alphabet='abX\n"é⟪', max_size=12)
JSON: Final[st.SearchStrategy[Any]] = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
)


def strings(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for pair in value.items() for part in pair for text in strings(part)]
        case list():
            return [text for part in value for text in strings(part)]
    return []


def run_together(secret: str, stands_for_it: str) -> bool:
    """Whether the secret lies within the reference, or one of the two begins as the other ends."""
    ends = range(1, len(secret) + 1)
    return bool(secret) and (
        secret in stands_for_it
        or any(secret[-end:] == stands_for_it[:end] or secret[:end] == stands_for_it[-end:] for end in ends)
    )


@given(SECRETS, JSON)
def test_what_is_concealed_holds_no_secret(secrets: dict[str, str], value: Any) -> None:
    for text in strings(vault(secrets).conceal(value)):
        between = text
        for name in secrets:
            between = between.replace(
                reference(name), "\0"
            )  # a reference itself is no secret, whatever it says
        assert [secret for secret in secrets.values() if secret and secret in between] == []


@given(SECRETS, JSON)
def test_what_was_concealed_is_revealed_as_it_was(secrets: dict[str, str], value: Any) -> None:
    opened = vault(secrets)
    concealed = opened.conceal(value)
    assert opened.reveal(concealed) == value


@given(SECRETS, JSON)
def test_concealing_again_changes_nothing(secrets: dict[str, str], value: Any) -> None:
    assume(not any(run_together(secret, reference(name)) for secret in secrets.values() for name in secrets))
    once = vault(secrets).conceal(value)
    assert vault(secrets).conceal(once) == once


@given(JSON)
def test_without_secrets_nothing_changes(value: Any) -> None:
    assert NO_SECRETS.conceal(value) is value
    assert NO_SECRETS.reveal(value) is value
    assert vault({"token": ""}).conceal(value) is value


def test_of_two_secrets_the_longer_one_is_taken_for_what_it_is() -> None:
    opened = vault({"pin": "12", "token": "1234"})
    assert opened.conceal("1234 12 123") == f"{reference('token')} {reference('pin')} {reference('pin')}3"


def test_two_names_of_one_value_are_both_revealed() -> None:
    opened = vault({"a": "same", "b": "same"})
    assert opened.conceal("same") == reference("a")
    assert opened.reveal([reference("a"), reference("b")]) == ["same", "same"]
