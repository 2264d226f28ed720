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

SPENT = "{% for i in range(20) %}{% set _ = numbers|list %}{% endfor %}"
"""Does more than a rendering may, but comes to an end where nothing stops it."""

PAIR = "{% set pair = (big, big) %}"

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
    "a batch of less than nothing": ("{% set _ = [1]|batch(0 - 10 ** 18)|list %}" + SPENT, WORK),
    "a batch of no number": ("{{ [1]|batch('nan'|float) }}", ITEMS),
    "slices of less than nothing": ("{% set _ = [1]|slice(0 - 10 ** 18)|list %}" + SPENT, WORK),
    "a width that is no number": ("{{ 'a'.center('nan'|float) }}", WIDTH),
    "a percent width after a name with brackets": ("{{ '%((a))1000000000d' % {'(a)': 5} }}", "brackets"),
    "very many percent places": ("{{ ('%s' * 500000) % 1 }}{{ ('%s' * 500000) % 1 }}", "work"),
    "a test of a text that is a format": ("{{ '%1000000000d' is odd }}", WIDTH),
    "a text rounded": ("{{ 'a'|round(9, 'floor') }}", "round needs a number, not text"),
    "a list rounded": ("{{ numbers|round(5, 'ceil') }}", "round needs a number, not a list"),
    "fields of a long list for a name, often": (MANY + "{% set _ = 'a'|attr(numbers) %}{% endfor %}", WORK),
    "a long way to a field": ("{{ numbers|map(attribute='0.' * 500000)|list }}", "there is no"),
    "a long way to a field of many": ("{{ ['a'] * 99|map(attribute='0.' * 9000 ~ 0)|list }}", "m"),
    "very many fields to sort by": ("{{ []|sort(attribute=',' * 1000000) }}", WORK),
    "many arguments of a macro, often": (
        "{% macro m() %}{{ varargs|length }}{% endmacro %}" + MANY + "{{ m(*numbers) }}{% endfor %}",
        WORK,
    ),
    "many arguments of a filter, often": (
        MANY + "{% set _ = []|map('map', *numbers)|list %}{% endfor %}",
        WORK,
    ),
    "long lists compared by a loop": (
        MANY + "{% set _ = loop.changed(numbers if i is odd else again) %}{% endfor %}",
        WORK,
    ),
    "many numbers that collide, as keys": (
        "{% set m = {" + ",".join(f"{each * (2**61 - 1)}:1" for each in range(1_500)) + "} %}",
        WORK,
    ),
    "a long default of a group": ("{{ numbers[:1000]|groupby('a', wide) }}", WORK),
    "a long key looked up, often": (PAIR + MANY + "{% set _ = {}[pair] %}{% endfor %}", WORK),
    "a long key got, often": (PAIR + MANY + "{% set _ = {}.get(pair) %}{% endfor %}", WORK),
    "many letters stripped": ("{{ words.strip(letters ~ 'w ') }}", WORK),
    "many letters trimmed": ("{{ words|trim(letters ~ 'w ') }}", WORK),
    "a search from the right": ("{{ big.rfind('a' * 30000 ~ 'b' ~ 'a' * 30000) }}", WORK),
    "a text of upper case, which is longer": ("{{ ('ß' * 1000000).upper() }}", TEXT),
    "many full stops in a row": ("{{ ('.' * 16000 ~ 'a.')|urlize }}", WORK),
    "links with a long attribute": ("{{ ('ab.com ' * 4000)|urlize(rel=wide) }}", TEXT),
    "links with many schemes": ("{{ ('x ' * 5000)|urlize(extra_schemes=['ab:'] * 5000) }}", WORK),
    "links with the keys of a table for schemes": (
        "{% for i in range(20) %}{% set _ = ('x ' * 5000)|urlize(extra_schemes=schemes) %}{% endfor %}",
        WORK,
    ),
    "lines with a long end": ("{{ ('x ' * 5000)|wordwrap(1, true, wide) }}", TEXT),
    "lines of no width": ("{{ 'a'|wordwrap('nan'|float) }}", "a width that is a number"),
    "a wide list at the bottom, as JSON": (
        "{% for i in range(10) %}{% set _ = well|tojson %}{% endfor %}",
        WORK,
    ),
    "a wide list at the bottom, printed": ("{{ shaft|pprint }}", WORK),
    "long texts in a mapping, encoded": ("{{ {1: big, 2: big}|urlencode }}", TEXT),
    "long texts in a list": ("{{ [big, big] }}", TEXT),
    "a long number of bytes": ("{{ ('9' * 1000000)|filesizeformat }}", "could not convert"),
    "a long name that is not there": ("{{ {'b' ~ letters: 1, 2: 3}['c' ~ letters] }}", "there is no 'c"),
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
        ("{% for part in rows|batch(100) %}{{ part|length }}{% endfor %}", 100 * 3),
        ("{% for part in rows|slice(7, 0) %}{{ part|length }}{% endfor %}", 7 * 4),
        ("{{ words|trim('w ') }}{{ big.strip('b')|length }}{{ big.rfind('b') }}{{ spaces.strip() }}", 9),
        ("{{ words|title }}", MEGABYTE),
        ("{{ big.upper().ljust(9) }}", MEGABYTE),
        ("{{ ('See www.example.com, or wait... ' * 1000)|urlize(rel='me', extra_schemes=['ab:']) }}", 88_000),
        ("{{ words[:20000]|wordwrap(79) }}", 19_999),
        ("{{ ('<b>bold</b> ' * 2000)|striptags }}", 9_999),
        ("{{ rows[:300]|pprint }}", 40_389),
        ("{{ {'a': [{'b': rows[:1000]}]}|tojson }}", 131_906),
        ("{{ {'q': big}|urlencode }}", MEGABYTE + 2),
        ("{{ {'id': 'x', 'title': wide}|xmlattr }}", 20_016),
        ("{{ rows[:1000]|groupby('response', default='')|length }}{{ rows|map(attribute='index')|max }}", 5),
        ("{{ rows[:3000]|sort(attribute='response,index')|map(attribute='index')|join }}", 10_890),
        ("{{ ('%s, ' * 1000)|format(*numbers[:1000]) }}{{ ('{}, ' * 1000).format(*numbers[:1000]) }}", 9_780),
    ],
)
def test_an_honest_large_template_is_within_the_bounds(source: str, length: int) -> None:
    assert len(render(source, CONTEXT, place="p").unwrap()) == length


@pytest.mark.parametrize(
    ("body", "length"),
    [
        ("{{ '%4d' % row.index }}{{ '{:>5}'.format(row.index) }}", 9 * 10_000),
        ("{{ row.get('index')|string|center(9) }}{{ row['response'].strip('rx') }}", 9 * 10_000),
        ("{{ (row.index / 8)|round(1)|int is divisibleby(2) }}", 45_000),
        ("{{ row.index|filesizeformat }}", 62_938),
        ("{{ 'x' if loop.changed(row.index) and row|attr('index') is odd else '' }}", 5_000),
        ("{% set m = {'a': row.index, 'b': row.response} %}{{ m.a is even }}", 45_000),
        ("{% macro m(a, b) %}{{ a }},{{ b }};{% endmacro %}{{ m(1, b=2) }}", 4 * 10_000),
    ],
)
def test_an_honest_line_for_each_of_very_many_rows_is_within_the_bounds(body: str, length: int) -> None:
    source = "{% for row in rows %}" + body + "{% endfor %}"
    assert len(render(source, CONTEXT, place="p").unwrap()) == length


def test_a_number_of_too_many_digits_is_no_number() -> None:
    assert render("{{ ('9' * 5000)|int }}{{ ('f' * 5000)|int(7, 16) }}", {}, place="p") == Success("07")
