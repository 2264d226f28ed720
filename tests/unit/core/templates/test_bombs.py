"""Hostile templates: each is a problem, soon, and never a hang, a crash or a full memory.

Each takes well under a second alone; the time allowed is for a busy machine that also counts coverage. Those
that take more stand in ``tests/bounds``.
"""

from __future__ import annotations

import pytest
from returns.result import Failure, Success

from durable_core.templates.meter import MAX_TEXT
from durable_core.templates.rendering import check_template, evaluate, free_names, render
from tests.support.hostile_templates import CONTEXT, MANY, MEGABYTE, WORK, assert_refused

TEXT = "makes a text of more than"
ITEMS = "makes a list of more than"
WIDTH = "pads a text"
BITS = "makes a number of more than"
CALLS = "call each other more than"
INSIDE = "containers inside each other"

RUNNING = {
    "nested loops": (MANY * 2 + "{% endfor %}" * 2, WORK),
    "loops that filter everything out": (f"{MANY}{MANY[:-3]} if false %}}{{% endfor %}}{{% endfor %}}", WORK),
    "a huge range": ("{{ range(10 ** 12) }}", "range gives more than"),
    "repeated text": ("{{ 'a' * 10 ** 9 }}", TEXT),
    "repeated list": ("{{ [1] * 10 ** 9 }}", ITEMS),
    "repeated tuple": ("{{ 10 ** 9 * (1,) }}", ITEMS),
    "a repeated list of big texts": ("{{ ([big] * 1000)|length }}", WORK),
    "a power": ("{{ 2 ** (10 ** 9) }}", BITS),
    "a product of large numbers": ("{% set x = 2 ** 4000 %}{{ x * x }}", BITS),
    "a sum of large numbers": ("{% set x = 2 ** 4095 %}{% set x = x + x %}{{ x + x }}", BITS),
    "text doubled with ~": ("{% set x = 'aaaa' %}" + "{% set x = x ~ x %}" * 40, TEXT),
    "text doubled with +": ("{% set x = 'aaaa' %}" + "{% set x = x + x %}" * 40, TEXT),
    "list doubled with +": ("{% set x = [1] %}" + "{% set x = x + x %}" * 40, ITEMS),
    "a list nested too deep": ("{% set x = [1] %}" + "{% set x = [x] %}" * 200, INSIDE),
    "a mapping nested too deep": ("{% set x = {} %}" + "{% set x = {1: x} %}" * 200, INSIDE),
    "a deep value from outside, shown": ("{{ deep }}", INSIDE),
    "a deep value from outside, as JSON": ("{{ deepmap|tojson }}", INSIDE),
    "a deep value from outside, compared": ("{{ deep == deep }}", INSIDE),
    "center": ("{{ 'a'|center(10 ** 9) }}", WIDTH),
    "str.center": ("{{ 'a'.center(10 ** 9) }}", WIDTH),
    "str.ljust": ("{{ 'a'.ljust(10 ** 9) }}", WIDTH),
    "str.rjust": ("{{ 'a'.rjust(10 ** 9) }}", WIDTH),
    "str.zfill": ("{{ 'a'.zfill(10 ** 9) }}", WIDTH),
    "str.expandtabs": ("{{ '\t'.expandtabs(10 ** 9) }}", WIDTH),
    "many tabs": ("{{ ('\t' * 100000).expandtabs(10000) }}", TEXT),
    "indent by a number": ("{{ 'a\n'|indent(10 ** 9, true) }}", WIDTH),
    "indent of many lines": ("{{ ('a\n' * 100000)|indent(1000, true) }}", TEXT),
    "indent by a long text": ("{{ ('a\n' * 100000)|indent(wide, true) }}", TEXT),
    "a percent width": ("{{ '%1000000000d' % 5 }}", WIDTH),
    "a percent precision": ("{{ '%.1000000000f' % 5 }}", WIDTH),
    "a percent width of many digits": ("{{ ('%' ~ '9' * 5000 ~ 'd') % 5 }}", WIDTH),
    "many percent widths": ("{{ ('%10000d' * 1000) % range(5) }}", TEXT),
    "one name in many percent places": ("{{ ('%(a)s' * 100000) % {'a': big} }}", TEXT),
    "many texts in percent places": ("{{ '%s%s' % (big, big) }}", TEXT),
    "the format filter": ("{{ '%1000000000d'|format(5) }}", WIDTH),
    "a format width": ("{{ '{:>1000000000}'.format(1) }}", WIDTH),
    "a format width from a value": ("{{ '{:{}}'.format(1, 10 ** 9) }}", WIDTH),
    "one value in many format places": ("{{ ('{0}' * 10000).format(big) }}", TEXT),
    "many format widths": ("{{ ('{a:>10000}' * 10000).format_map({'a': 1}) }}", TEXT),
    "replace": ("{{ big|replace('a', 'bbbbbbbbbb') }}", TEXT),
    "replace of nothing": ("{{ big|replace('', 'bbbbbbbbbb') }}", TEXT),
    "str.replace": ("{{ big.replace('a', 'bb') }}", TEXT),
    "join with a long text": ("{{ numbers|join(wide) }}", TEXT),
    "str.join": ("{{ big.join(['a', 'b', 'c']) }}", TEXT),
    "batch": ("{{ [1]|batch(10 ** 9, 'x')|list }}", ITEMS),
    "slice": ("{{ [1]|slice(10 ** 9)|list }}", ITEMS),
    "wordwrap": ("{{ big|wordwrap(1) }}", WORK),
    "wordwrap with a long break": ("{{ wide|wordwrap(1, wrapstring=wide) }}", "m"),
    "urlize": ("{{ parens|urlize }}", WORK),
    "striptags": ("{{ comments|striptags }}", WORK),
    "a macro that calls itself": ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", CALLS),
    "a block that shows itself": ("{% block b %}{{ self.b() }}{% endblock %}", CALLS),
    "a loop that enters itself": ("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", CALLS),
    "a wide loop that enters itself": (
        "{% for x in range(9) recursive %}{{ loop(range(9)) }}{% endfor %}",
        "more",
    ),
    "a macro with much output, often": (
        "{% macro m() %}{{ big }}{% endmacro %}" + MANY + "{% set _ = m() %}{% endfor %}",
        WORK,
    ),
    "rows as JSON": ("{{ rows|tojson }}", TEXT),
    "rows as indented JSON": ("{{ rows|tojson(indent=10 ** 9) }}", TEXT),
    "rows printed": ("{{ rows|pprint }}", WORK),
    "sort": ("{{ numbers|sort }}", WORK),
    "dictsort": ("{{ table|dictsort|length }}", WORK),
    "numbers that collide": ("{{ colliding|unique|list }}", WORK),
    "lists added up": ("{{ ([[1] * 100] * 1000)|sum(start=[]) }}", WORK),
    "escaping": ("{{ ('<' * 1000000)|e }}", TEXT),
    "escaping what is not shown": ("{% set x = ('<' * 1000000)|e %}", TEXT),
    "much output": ("{% for i in range(10000) %}{{ 'a' * 1000 }}{% endfor %}", TEXT),
    "much plain output": (MANY + "x" * 1000 + "{% endfor %}", TEXT),
    "a large set block": ("{% set x %}" + MANY + "x" * 1000 + "{% endfor %}{% endset %}", TEXT),
    "comparison, often": (MANY + "{% if big == big ~ '' %}{% endif %}{% endfor %}", WORK),
    "search in text, often": (MANY + "{% if 'b' in big %}{% endif %}{% endfor %}", WORK),
    "slices of text, often": (MANY + "{% set _ = big[1:] %}{% endfor %}", WORK),
    "slices of a list, often": (MANY + "{% set _ = numbers[1:] %}{% endfor %}", WORK),
    "a filter on much text, often": (MANY + "{% set _ = big|upper %}{% endfor %}", WORK),
    "a method on much text, often": (MANY + "{% set _ = spaces.isspace() %}{% endfor %}", WORK),
    "a test on much text, often": (MANY + "{% set _ = big is lower %}{% endfor %}", WORK),
    "a regular expression, often": (MANY + "{% set _ = big|search('x') %}{% endfor %}", WORK),
    "nested quantifiers": ("{{ ('a' * 40 ~ '!')|regex_search('(a+)+$') }}", "repeats a repetition"),
    "quantified choices": ("{{ ('a' * 40 ~ '!')|search('(a|aa)+$') }}", "repeats a repetition"),
    "many optional letters": ("{{ ('a' * 29)|search('a?' * 30 ~ 'a' * 30) }}", WORK),
    "several runs of anything": ("{{ big|search('.*.*.*x') }}", WORK),
    "a run of anything in much text": ("{{ big|search('.*x') }}", WORK),
    "trailing white space in much text": ("{{ spaces|search('\\\\s+$') }}", WORK),
    "a back reference": ("{{ big|search('(a*)\\\\1x') }}", WORK),
    "a run looked ahead": ("{{ big|search('(?=.*x)a') }}", WORK),
    "bounded runs of bounded runs": ("{{ big|search('(a{0,90}){0,90}x') }}", WORK),
    "a run of at least very many": ("{{ big|search('a{900000,}b?') }}", WORK),
    "a long pattern": ("{{ 'a'|search('a' * 501) }}", "more than 500 characters"),
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("source", "words"), RUNNING.values(), ids=RUNNING.keys())
def test_a_hostile_template_is_a_problem_soon(source: str, words: str) -> None:
    assert_refused(source, words)


TOO_LARGE = {
    "a long source": "x" * 2 * MEGABYTE,
    "many tokens": "{{a}}" * 20_000,
    "deep brackets": "{{" + "(" * 1_000 + "1" + ")" * 1_000 + "}}",
    "deep lists": "{{" + "[" * 1_000 + "1" + "]" * 1_000 + "}}",
    "many nots": "{{" + "not " * 3_000 + "1}}",
    "many signs": "{{" + "-" * 3_000 + "1}}",
    "deep ifs": "{% if 1 %}" * 1_000 + "{% endif %}" * 1_000,
    "deep loops": "{% for i in [1] %}" * 30 + "{% endfor %}" * 30,
    "many filters": "{{ a" + "|upper" * 2_000 + " }}",
    "many fields": "{{ a" + ".b" * 2_000 + " }}",
    "many calls": "{{ a" + "()" * 2_000 + " }}",
    "many conditions": "{{ " + "1 if 0 else " * 1_000 + "1 }}",
    "many sums": "{{ " + "1 + " * 3_000 + "1 }}",
    "many powers": "{{ " + "1 ** " * 3_000 + "1 }}",
    "a long number": "{{ " + "9" * 10_000 + " }}",
    "a long fraction": "{{ 0." + "9" * 10_000 + " }}",
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("source", TOO_LARGE.values(), ids=TOO_LARGE.keys())
def test_a_template_too_large_to_compile_is_refused_by_the_check_and_by_rendering(source: str) -> None:
    fault = check_template(source)
    assert fault is not None
    assert fault.startswith("line 1: ")
    assert isinstance(render(source, {"a": 1}, place="p"), Failure)
    assert isinstance(render(source, {}, place="p", lenient=True), Failure)
    assert free_names(source) <= {"a"}


@pytest.mark.timeout(600)
def test_a_hostile_condition_is_a_problem_soon() -> None:
    for expression in ("'a' * 10 ** 9", "deep == deep", "big|search('(a+)+$')", "not " * 3_000 + "1"):
        assert isinstance(evaluate(expression, CONTEXT, place="p"), Failure)


@pytest.mark.timeout(600)
def test_a_prompt_of_many_unknown_names_is_kept_soon() -> None:
    prompt = "{{ foo.bar }} {% if baz %}{{ qux }}{% endif %} " * 500
    assert render(prompt, {}, place="p", lenient=True) == Success(prompt)


@pytest.mark.parametrize(
    ("source", "length"),
    [
        ("{% for r in rows %}{{ r.index }} {{ r.response[:50] }}\n{% endfor %}", 10_000 * 52 + 38_890),
        ("{{ big }}", MEGABYTE),
        ("{{ rows[:1000]|map(attribute='response')|join(', ') }}", 1_000 * 102 - 2),
        ("{{ rows[:1000]|tojson }}", 131_890),
        ("{{ words|regex_search('w (w .*)') }}", MEGABYTE - 2),
        ("{{ wide|regex_search('(a+)b?') }}", 20_000),
        ("{% set x = 'a' * 1048576 %}{{ x }}", MAX_TEXT),
    ],
)
def test_an_honest_large_template_is_within_the_bounds(source: str, length: int) -> None:
    assert len(render(source, CONTEXT, place="p").unwrap()) == length


def test_a_number_of_too_many_digits_is_no_number() -> None:
    assert render("{{ ('9' * 5000)|int }}{{ ('f' * 5000)|int(7, 16) }}", {}, place="p") == Success("07")
