"""Agent prompts: what uses a name that the context lacks stays as it is written, and nothing else does."""

from __future__ import annotations

import pytest
from returns.result import Success

from durable_core.templates.rendering import render
from tests.support.template_kit import CONTEXT


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("plain", "plain"),
        ("{{ n }}", "3"),
        ("{{ foo.bar }}", "{{ foo.bar }}"),
        ("{{foo}}{{ n }}{{ foo['a\\n'] }}", "{{foo}}3{{ foo['a\\n'] }}"),
        ('{{ foo["a"] }} "quoted"', '{{ foo["a"] }} "quoted"'),
        ("{{ foo|upper }} {{ n + foo }}", "{{ foo|upper }} {{ n + foo }}"),
        ("{{ foo|default('d') }} {{ bar }}", "d {{ bar }}"),
        ("a {{- foo -}} b", "a {{- foo -}} b"),
        ("a {%- if n -%} {{ foo }} {%- endif -%} b", "a{{ foo }}b"),
        ("{% if foo %}{{ n }}{% endif %} {{ n }}", "{% if foo %}{{ n }}{% endif %} 3"),
        ("{% if n %}{{ foo }}{% else %}{{ bar }}{% endif %}", "{{ foo }}"),
        ("{% if not n %}x{% elif foo %}y{% endif %}{{ n }}", "{% if not n %}x{% elif foo %}y{% endif %}3"),
        ("{% for s in steps %}{{ s.index }}{{ foo }}{% endfor %}", "0{{ foo }}1{{ foo }}"),
        ("{% for f in foo %}{{ f }}{% endfor %}", "{% for f in foo %}{{ f }}{% endfor %}"),
        (
            "{% for s in steps %}{% if foo %}{{ s.index }}{% endif %}{% endfor %}",
            "{% if foo %}{{ s.index }}{% endif %}" * 2,
        ),
        ("{% set a = foo %}{{ a }}{% set b = n %}{{ b }}", "{% set a = foo %}{{ a }}3"),
        ("{% set a %}{{ n }}{% endset %}{{ a }}{{ foo }}", "3{{ foo }}"),
        ("{% macro m(x) %}{{ x }}{% endmacro %}{{ m(n) }}{{ foo }}", "3{{ foo }}"),
        (
            "{% for s in steps %}{{ loop.index }}{{ foo }}{% endfor %}{{ loop }}",
            "1{{ foo }}2{{ foo }}{{ loop }}",
        ),
        (
            "{% macro m() %}{{ caller() }}{{ varargs }}{{ foo }}{% endmacro %}{% call m(1) %}x{% endcall %}",
            "x(1,){{ foo }}",
        ),
        ("{% call m() %}x{% endcall %}", "{% call m() %}x{% endcall %}"),
        # what a loop or a block makes ends with it
        ("{% for x in steps %}{{ x.index }}{% endfor %}{{ x }}", "01{{ x }}"),
        ("{% for x, y in [[n, 1]] %}{{ x }}{{ y }}{% endfor %}{{ x }}{{ y }}", "31{{ x }}{{ y }}"),
        ("{% for s in steps %}{% set x = n %}{{ x }}{% endfor %}{{ x }}", "33{{ x }}"),
        ("{% with x = n %}{{ x }}{% endwith %}{{ x }}", "3{{ x }}"),
        ("{% macro m(x) %}{{ x }}{% endmacro %}{{ m(1) }}{{ x }}", "1{{ x }}"),
        (
            "{% macro m() %}{{ caller(2) }}{% endmacro %}{% call(x) m() %}{{ x }}{% endcall %}{{ x }}",
            "2{{ x }}",
        ),
        ("{% for s in steps %}{{ x }}{% set x = n %}{% endfor %}", "{{ x }}{{ x }}"),
        # what a condition may set has a value whether it does or not, or it stays as written
        ("{% if n %}{% set x = n %}{% endif %}{{ x }}", "{% if n %}{% set x = n %}{% endif %}{{ x }}"),
        ("{% if not n %}a{% elif n %}{% set n = 4 %}{% else %}b{% endif %}{{ n }}", "4"),
        ("{% filter upper %}a{{ foo }}{% endfilter %}", "A{{ FOO }}"),
        ("{% if foo is defined %}{{ foo }}{% endif %}{{ bar }}", "{{ bar }}"),
        ("{% raw %}{{ n }}{% endraw %}{{ foo }}{# {{ n }} #}", "{{ n }}{{ foo }}"),
        ("one\r\ntwo {{ foo }}\r\n{{ n }}", "one\ntwo {{ foo }}\n3"),
        ("{{ 'a }} b' ~ foo }} {{ n }}", "{{ 'a }} b' ~ foo }} 3"),
        ("Zürich \\ {{ foo['ü\\\\'] }}", "Zürich \\ {{ foo['ü\\\\'] }}"),
    ],
)
def test_what_needs_an_unknown_name_stays_as_written(prompt: str, text: str) -> None:
    assert render(prompt, CONTEXT, place="agents/a/prompt", lenient=True) == Success(text)


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("{{ foo }} {{ steps[9].response }} {{ n }}", "{{ foo }} {{ steps[9].response }} 3"),
        ("{{ a.title }}{{ a.upper() }}{{ a.nope() }}", "{{ a.title }}TEXT{{ a.nope() }}"),
        ("{% for s in steps %}{{ s.index }}{% endfor %}{{ n.x }}", "01{{ n.x }}"),
        ("{% for s in steps %}{{ s.nope }}{% endfor %}", "{% for s in steps %}{{ s.nope }}{% endfor %}"),
        ("{% if n %}{{ a.x }}{% else %}{{ a.y }}{% endif %}", "{{ a.x }}"),
        ("{% if a.x %}{{ n }}{% endif %}{{ n }}", "{% if a.x %}{{ n }}{% endif %}3"),
        ("{% set a = steps[0] %}{{ a.index }}{{ n.x }}", "0{{ n.x }}"),
        ("{{ a.x|default('d') }}{{ a.x is defined }}{{ a.y }}", "dFalse{{ a.y }}"),
        ("{{ a.x if foo is defined else a }}{{ a.y }}", "text{{ a.y }}"),
        ("{{ n == 3 and a.x.y }}{{ n }}", "{{ n == 3 and a.x.y }}3"),
    ],
)
def test_what_looks_for_an_unknown_part_of_a_value_stays_as_written(prompt: str, text: str) -> None:
    context = {**CONTEXT, "a": "text"}
    assert render(prompt, context, place="agents/a/prompt", lenient=True) == Success(text)


def test_a_prompt_that_can_be_rendered_is_rendered_whatever_stands_in_the_branch_that_is_not_taken() -> None:
    prompt = "{{ n if n == 3 else n.x }}"
    assert render(prompt, CONTEXT, place="agents/a/prompt", lenient=True) == Success("3")


def test_a_part_that_what_the_prompt_sets_does_not_have_stays_as_written() -> None:
    prompt = "{% set x = n %}{{ x.y }}{{ x }}{{ n }}{% if n %}{% set n = 'a' %}{% endif %}{{ n.y }}"
    rendered = render(prompt, CONTEXT, place="agents/a/prompt", lenient=True)
    assert rendered == Success("{{ x.y }}{{ x }}3{{ n.y }}")


def test_elsewhere_an_unknown_part_is_a_problem() -> None:
    problem = render("{{ steps[9].response }}", CONTEXT, place="steps/0/input").failure()
    assert problem.message == "there is no 9 in the list"


@pytest.mark.parametrize(
    "prompt", ["{{ foo }", "{{ foo }} {% if %}", "{{ foo }} {{ 'open", "{{ foo }} {% endif %}"]
)
def test_a_prompt_that_does_not_parse_is_still_a_problem(prompt: str) -> None:
    problem = render(prompt, CONTEXT, place="agents/a/prompt", lenient=True).failure()
    assert problem.message.startswith("the template does not parse: line 1: ")


def test_elsewhere_an_unknown_name_is_a_problem() -> None:
    assert render("{{ foo }}", CONTEXT, place="steps/0/input").failure().message == "'foo' is not defined"
