"""Secrets never reach what is kept, and reach models and tools as they are."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from durable_core.session.prompts import render_prompt
from durable_core.spec.secrets import reference, vault
from durable_core.templates.rendering import render

NAMES: Final = st.sampled_from(["token", "pin", "key"])
VALUES: Final = st.text(alphabet='abX\n"é⟪', max_size=4)
SECRETS: Final = st.dictionaries(NAMES, VALUES)
PIECES: Final = st.sampled_from(
    [
        "⟪",
        "⟫",
        "~",
        "0:",
        "1:",
        "secret:",
        "token",
        "key",
        "⟪secret:token⟫",
        "⟪0:secret:token⟫",
        "⟪~secret:key⟫",
        "a",
    ]
)
"""What references are made of, and what stands for them on the way: the worst that outside text can hold."""
TEXTS: Final = st.text(alphabet='abX\n"é⟪', max_size=12) | st.lists(PIECES, max_size=6).map("".join)
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


def raw(text: str) -> str:
    """``text`` as a piece of a template that stands for itself."""
    return "{% raw %}" + text + "{% endraw %}"


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


@given(SECRETS, st.lists(PIECES, max_size=6).map("".join), st.lists(PIECES, max_size=6).map("".join))
def test_a_model_gets_the_secrets_that_the_spec_names_and_outside_text_as_it_is(
    secrets: dict[str, str], page: str, around: str
) -> None:
    source = "a {{ page }} b {{ token }}{{ page }}" + raw(around) + "{{ key }}{{ page ~ token ~ page }} c"
    outside = {"page": page, "token": "no secret", "key": around}
    kept = render_prompt(
        source,
        outside | {name: reference(name) for name in secrets},
        secrets,
        place="input",
        lenient=False,
    ).unwrap()
    opened = vault(secrets)
    values = {name: value or reference(name) for name, value in secrets.items()}
    assert opened.reveal(kept) == render(source, outside | values, place="input").unwrap()
