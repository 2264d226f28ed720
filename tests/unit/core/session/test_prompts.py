"""What a model is sent: secrets where the spec names them, and outside text as it is."""

from __future__ import annotations

from typing import Any

import pytest
from returns.result import Failure

from durable_core.session import brief
from durable_core.session.prompts import render_prompt
from durable_core.session.turns import Turn
from durable_core.spec.secrets import escaped, reference, vault
from durable_core.views.units import units_of
from tests.support.session_kit import WRITE, Story, chain_of, spec_of

TOKEN = reference("token")
VAULT = vault({"token": "s3cret"})


def sent(source: str, **context: Any) -> str:
    """What the model gets for a template, with the secret ``token``."""
    rendered = render_prompt(source, {"token": TOKEN, **context}, ["token"], place="here", lenient=False)
    return str(VAULT.reveal(rendered.unwrap()))


def test_a_template_that_can_not_be_rendered_says_where() -> None:
    for source in ("{{ nobody }}", "⟪ {{ nobody }}"):
        rendered = render_prompt(source, {}, ["token"], place="here", lenient=False)
        assert isinstance(rendered, Failure)
        assert rendered.failure().place == "here"


@pytest.mark.parametrize(
    "page",
    [
        TOKEN,
        "⟪0:secret:token⟫",
        "⟪~secret:token⟫",
        f"⟪0:secret:token⟫⟪1:secret:token⟫{TOKEN}",
        "⟪",
        "⟪secret:token",
    ],
)
def test_a_reference_from_outside_is_text_beside_one_that_the_spec_places(page: str) -> None:
    assert sent("{{ page }} {{ token }} {{ page }}", page=page) == f"{page} s3cret {page}"
    assert sent("{{ page }}", page=page) == page


def test_a_reference_that_a_filter_changed_is_text() -> None:
    assert sent("{{ token | upper }} {{ token }}") == "⟪SECRET:TOKEN⟫ s3cret"
    assert sent("{{ token[:3] }}") == "⟪"


SECRET = {"env": {"secrets": [{"key": "TOKEN", "name": "token", "source": "env"}]}}


def turn_of(story: Story, unit: str) -> Turn:
    found = brief(story.session, story.attempt(unit)).unwrap()
    assert isinstance(found, Turn)
    return found


def test_an_answer_that_holds_a_secret_takes_it_to_no_unit_that_does_not_name_it() -> None:
    last = {"agent": "bob", "input": "{{ last_response }} {{ topic }}"}
    story = Story(chain_of({**WRITE, "input": "Use {{ token }}"}, last, **SECRET), token=TOKEN)
    assert VAULT.reveal(turn_of(story, "steps/0").prompt) == "Use s3cret"
    story.answer("steps/0", VAULT.masked("It is s3cret."))
    assert turn_of(story, "steps/1").prompt.startswith(escaped(f"It is {TOKEN}."))


def test_a_name_of_the_pattern_hides_a_secret_of_that_name() -> None:
    secret = {"env": {"secrets": [{"key": "last_response", "source": "env"}]}}
    hidden = reference("last_response")
    story = Story(
        chain_of(WRITE, {"agent": "bob", "input": "{{ last_response }}"}, **secret),
        last_response=hidden,
    )
    story.answer("steps/0", hidden)
    assert turn_of(story, "steps/1").prompt == escaped(hidden)


def test_an_answer_that_is_asked_for_again_brings_no_reference_with_it() -> None:
    step = {"agent": "ann", "input": "x"}
    story = Story(chain_of(step, step))
    story.send("steps/0")
    story.message("steps/0", "assistant", escaped(f"I say {TOKEN}."))
    story.resume()
    recovered = brief(story.session, story.attempt("steps/0")).unwrap()
    assert recovered.answer.text == f"I say {TOKEN}."


def test_a_request_to_answer_again_brings_no_reference_with_it() -> None:
    routes = {"praise": {"then": [{"agent": "bob", "input": "x"}]}}
    story = Story(
        spec_of("routing", {"router": {"agent": "ann", "input": "y"}, "routes": routes}, {}, **SECRET),
        token=TOKEN,
    )
    story.answer("router", '{"route": "' + TOKEN + '"}')
    again = turn_of(story, "router").prompt
    assert "⟪~secret:token⟫" in again
    assert VAULT.reveal(again) == again.replace("⟪~", "⟪")


def test_people_read_what_was_sent_and_said_as_it_was() -> None:
    story = Story(chain_of({**WRITE, "input": "{{ topic }} ⟪"}, {"agent": "bob", "input": "x"}))
    story.answer("steps/0", "⟪a⟫")
    shown = units_of(story.journal)["steps/0"]
    assert (shown.prompt, shown.answer) == ("bridges ⟪", "⟪a⟫")
