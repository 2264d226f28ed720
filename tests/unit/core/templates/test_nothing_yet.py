"""A name that is offered before there is anything to say: an empty text, and templates can tell."""

from __future__ import annotations

import pytest

from durable_core.templates.nothing_yet import NOTHING_YET
from durable_core.templates.rendering import evaluate, render

CONTEXT = {"answer": NOTHING_YET, "empty": "", "null": None}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<{{ answer }}>", "<>"),
        ("{{ answer is defined }} {{ answer is undefined }} {{ answer is none }}", "False True True"),
        ("{{ empty is defined }} {{ empty is undefined }} {{ empty is none }}", "True False False"),
        ("{{ null is defined }} {{ null is none }} {{ nobody is defined }}", "True True False"),
        ("{{ answer | default('x') }}{{ answer | d('y') }}<{{ answer | default }}>", "xy<>"),
        ("<{{ empty | default('x') }}>{{ empty | default('x', true) }}{{ nobody | default('z') }}", "<>xz"),
        ("{{ answer[:3] }}{{ answer | upper }}{{ answer ~ '!' }}{{ answer + '?' }}", "!?"),
        ("{% if answer %}said{% else %}silent{% endif %} {{ answer == '' }} {{ 'a' in answer }}",
         "silent True False"),
        ("{% set copy = answer %}{{ copy is defined }}", "False"),
    ],
)  # fmt: skip
def test_it_is_an_empty_text_that_is_not_defined(source: str, text: str) -> None:
    assert render(source, CONTEXT, place="p").unwrap() == text


def test_a_condition_reads_it_like_an_empty_text() -> None:
    assert evaluate("answer == 'yes'", CONTEXT, place="p").unwrap() is False
    assert evaluate("answer is not defined", CONTEXT, place="p").unwrap() is True


def test_an_agents_own_prompt_keeps_it_as_written() -> None:
    def prompt(source: str) -> str:
        return render(source, CONTEXT, place="p", lenient=True).unwrap()

    assert prompt("Names like {{ answer }} stay, <{{ empty }}>.") == "Names like {{ answer }} stay, <>."
    assert prompt("{% if answer is defined %}Said: {{ answer }}{% endif %}.") == "."
