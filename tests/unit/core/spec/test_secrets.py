"""What takes the place of a secret, and what a secret takes the place of."""

from __future__ import annotations

import pytest

from durable_core.spec.models import Spec
from durable_core.spec.secrets import NO_SECRETS, escaped, known_secrets, reference, unescaped, vault
from tests.support.patterns_kit import CALL, spec_of


def declaring(*secrets: dict[str, str]) -> Spec:
    plain = spec_of("chain", {"steps": [CALL]})
    document = plain.model_dump(by_alias=True, exclude_unset=True, mode="json")
    return Spec.model_validate(document | {"env": {"secrets": list(secrets)}})


def test_a_secret_is_known_by_its_name_or_else_by_its_key() -> None:
    spec = declaring({"source": "env", "key": "TOKEN"}, {"source": "env", "key": "PIN", "name": "pin"})
    assert [name for name, _ in known_secrets(spec)] == ["TOKEN", "pin"]


@pytest.mark.parametrize("value", ["text", 7, 1.5, True, None, ["a", {"b": "c"}]])
def test_without_secrets_nothing_changes(value: object) -> None:
    for empty in (NO_SECRETS, vault({"token": ""})):
        assert empty.conceal(value) == value
        assert empty.reveal(value) == value


def test_a_secret_is_concealed_in_every_part_of_a_value_and_revealed_again() -> None:
    opened = vault({"token": "abc"})
    value = {"abc": ["x abc y", ("abc", 7)], "other": None, "flag": True}
    token = reference("token")
    concealed = {token: [f"x {token} y", [token, 7]], "other": None, "flag": True}
    assert opened.conceal(value) == concealed
    assert opened.reveal(concealed) == {"abc": ["x abc y", ["abc", 7]], "other": None, "flag": True}


def test_of_two_secrets_the_longer_one_is_taken_for_what_it_is() -> None:
    opened = vault({"pin": "12", "token": "1234"})
    assert opened.conceal("1234 12 123") == f"{reference('token')} {reference('pin')} {reference('pin')}3"


def test_a_reference_that_came_from_outside_is_kept_as_text() -> None:
    opened = vault({"token": "abc"})
    token = reference("token")
    for text in (token, f"⟪~secret:token⟫ {token} abc", "⟪", "⟪~", "⟪abc⟫"):
        for vaults in (opened, NO_SECRETS):
            assert vaults.reveal(vaults.conceal([text, {text: text}])) == [text, {text: text}]
        assert opened.reveal(escaped(text)) == text
        assert unescaped(escaped(text)) == text
    assert opened.conceal(f"abc {token}") == f"{token} ⟪~secret:token⟫"


def test_what_is_only_shown_has_references_and_is_not_escaped() -> None:
    token = reference("token")
    assert vault({"token": "abc"}).masked(f"⟪ abc {token}") == f"⟪ {token} {token}"
    assert NO_SECRETS.masked("⟪ abc") == "⟪ abc"


def test_two_names_of_one_value_are_both_revealed() -> None:
    opened = vault({"a": "same", "b": "same"})
    assert opened.conceal("same") == reference("a")
    assert opened.reveal([reference("a"), reference("b")]) == ["same", "same"]
