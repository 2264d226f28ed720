"""Templates: the text that each construct, filter and operator gives."""

from __future__ import annotations

import pytest
from returns.result import Success

from durable_core.templates.rendering import check_template, render
from tests.support.template_kit import CONTEXT


def given(source: str) -> str:
    return render(source, CONTEXT, place="steps/0/input").unwrap()


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ steps[0].response }} {{ steps[-1]['response'] }} {{ steps|length }}", "one two 2"),
        (
            "{% for s in steps %}{{ loop.index }}={{ s.response }}{% if not loop.last %}, "
            "{% endif %}{% endfor %}",
            "1=one, 2=two",
        ),
        ("{% for s in steps %}{{ loop.length }}{{ loop.cycle('x', 'y') }}{% endfor %}", "2x2y"),
        ("{% for s in steps if s.index > 0 %}{{ s.agent }}{% else %}none{% endfor %}", "b"),
        ("{{ tasks.draft.response }} {{ tasks.draft.status }}", "D ok"),
        ("{{ tasks.values.response }}", "V"),  # a task may be called as a method of mappings is
        ("{{ tasks.values()|length }} {{ tasks.keys() }}", "2 ['draft', 'values']"),
        ("{% for id, b in branches.items() %}{{ id }}:{{ b.response }};{% endfor %}", "web:W;docs:X;"),
        ("{% for id, b in branches|items %}{{ id }};{% endfor %}", "web;docs;"),
        ("{{ branches.get('web').response }}{{ branches.get('x', 'no') }}{{ branches.get('x') }}", "WnoNone"),
        ("{{ 'web' in branches }} {{ 'x' in branches }} {{ 'Ada' not in names }}", "True False False"),
        ("{{ steps[1:] }}", "[{'index': 1, 'response': 'two', 'agent': 'b'}]"),
        ("{{ steps[0] == {'index': 0, 'response': 'one', 'agent': 'a'} }} {{ steps == [] }}", "True False"),
        ("{{ names[::-1] }} {{ 'abc'[1:] }} {{ (1, 2)[:1] }}", "['Bob', 'Ada'] bc (1,)"),
        ("{{ names.index('Bob') }} {{ names.count('Ada') }}", "1 1"),
        ("{{ names.count(1)|string ~ names ~ nothing }}", "0['Ada', 'Bob']None"),
        ("{{ names|map('upper')|list }} {{ names|map('upper') }}", "['ADA', 'BOB'] ['ADA', 'BOB']"),
        ("{{ steps|map(attribute='response')|join(', ') }}", "one, two"),
        ("{{ steps|join('-', attribute='agent') }} {{ [1, none, 'x']|join }}", "a-b 1Nonex"),
        ("{{ steps|selectattr('index', '>', 0)|map(attribute='agent')|first }}", "b"),
        ("{{ steps|rejectattr('index')|list|length }} {{ [1, 2]|reject('odd')|list }}", "1 [2]"),
        ("{{ [1, 2, 3]|select('in', [1, 3])|list }}", "[1, 3]"),
        (
            "{{ [3, 1, 2]|sort }} {{ ['b', 'A']|sort(reverse=true) }} {{ [1, 1]|unique|list }}",
            "[1, 2, 3] ['b', 'A'] [1]",
        ),
        ("{{ [3, 1]|min }}{{ [3, 1]|max }} {{ [1, 2]|sum }} {{ [[1], [2]]|sum(start=[]) }}", "13 3 [1, 2]"),
        ("{{ steps|sum(attribute='index') }} {{ [1, 2]|reverse|list }} {{ 'ab'|reverse }}", "1 [2, 1] ba"),
        ("{% for g in steps|groupby('agent') %}{{ g.grouper }}{{ g.list|length }}{% endfor %}", "a1b1"),
        ("{{ [1, 2, 3]|batch(2, 0) }} {{ [1, 2, 3]|slice(2) }}", "[[1, 2], [3, 0]] [[1, 2], [3]]"),
        ("{{ [1, 2]|batch(linecount=1, fill_with=0) }} {{ [1]|slice(slices=2) }}", "[[1], [2]] [[1], []]"),
        (
            "{{ [1, 1.0, true, 2 ** 61, (1, 2), (1.0, 2), 'a', 'A', none, 0.5]|unique|list }}",
            "[1, 2305843009213693952, (1, 2), 'a', None, 0.5]",
        ),
        ("{{ [1, 1]|unique|length }}{{ [1, 2]|batch(1)|length }}{{ nothing|map('upper')|list }}", "12[]"),
        ("{% set q = stps|select('odd') %}{{ q is defined }}", "True"),  # nothing has asked for its items yet
        ("{% block b %}B{% endblock %}{{ self['b']() }}", "BB"),
        ("{% macro m() %}<{{ caller() }}>{% endmacro %}{% call {'m': m}.m() %}in{% endcall %}", "<in>"),
        ("{{ {'b': 1, 'a': 2}|dictsort }}", "[('a', 2), ('b', 1)]"),
        ("{{ names|last }} {{ names|count }} {{ 'ab'|list }} {{ range(3) }}", "Bob 2 ['a', 'b'] [0, 1, 2]"),
        (
            "{{ city|tojson }} {{ {'b': [1, none, true], 'a': 1.5}|tojson }}",
            '"Zürich" {"b": [1, null, true], "a": 1.5}',
        ),
        ("{{ branches|tojson }}", '{"web": {"response": "W"}, "docs": {"response": "X"}}'),
        ("{{ [1]|tojson(indent=2) }}", "[\n  1\n]"),
        ("{{ text|regex_search('Score:\\\\s*(\\\\d+)') }}", "85"),
        (
            "{{ text|regex_search('Sc..e') }}|{{ text|regex_search('(x)?Sc') }}|{{ text|regex_search('q') }}",
            "Score||",
        ),
        ("{{ text|search('ok$') }} {{ text|search('Ok') }} {{ text|search('(?i)Ok') }}", "True False True"),
        (
            "{{ 'abcdef'|truncate(5) }} {{ 'abcde'|truncate(5) }} {{ 'abc'|truncate(2) }}"
            "{{ 'abc'|truncate(0) }}",
            "ab... abcde ..",
        ),
        ("{{ ('x' * 150)|truncate|length }} {{ 'abcdef'|truncate(n=4) }}", "100 a..."),
        (
            "{{ 'a'|upper }} {{ 'A'|lower }} {{ 'ab cd'|title }} {{ 'ab'|capitalize }} {{ ' a '|trim }}",
            "A a Ab Cd Ab a",
        ),
        ("{{ 'xax'|trim('x') }} {{ 'a b'|wordcount }} {{ 5|string ~ 5 }} {{ '<b>'|safe }}", "a 2 55 <b>"),
        (
            "{{ '<b>'|e }} {{ '<b>'|escape }} {{ '<b>'|forceescape }} {{ '<b>x</b>'|striptags }}",
            "&lt;b&gt; &lt;b&gt; &lt;b&gt; x",
        ),
        ("{{ 'a b'|urlencode }} {{ {'a': 'b c'}|urlencode }} {{ {'a': 'b'}|xmlattr }}", 'a%20b a=b+c  a="b"'),
        (
            "{{ 'see www.example.com'|urlize }}",
            'see <a href="https://www.example.com" rel="noopener">www.example.com</a>',
        ),
        ("{{ 'ab cd'|wordwrap(2) }} {{ 'a'|center(3) }}|", "ab\ncd  a |"),
        (
            "{{ 'a\nb\n'|indent }}|{{ 'a\n\nb'|indent(1, true) }}|{{ 'a\n\nb'|indent('> ', blank=true) }}",
            "a\n    b\n| a\n\n b|a\n> \n> b",
        ),
        ("{{ 'aaa'|replace('a', 'b', 2) }} {{ 'ab'|replace('b', 5) }}", "bba a5"),
        (
            "{{ '%s is %d'|format('n', n) }} {{ '%(a)s' % {'a': 1} }} {{ '%s' % n }} {{ '%5.1f%%' % 2.25 }}",
            "n is 3 1 3   2.2%",
        ),
        ("{{ '{0} {x:>3} {0!r}'.format('a', x=1) }}", "a   1 'a'"),
        (
            "{{ '{a[k]} {b}'.format_map({'a': {'k': 1}, 'b': [none]}) }} {{ '{}'.format(nothing) }}",
            "1 [None] None",
        ),
        (
            "{{ 3|abs }}{{ -3|abs }} {{ 2.567|round(1) }} {{ 2.5|int }} "
            "{{ '7'|int }} {{ 'x'|int(9) }} {{ 'ff'|int(0, 16) }}",
            "33 2.6 2 7 9 255",
        ),
        ("{{ '1.5'|float }} {{ 'x'|float(2.5) }} {{ 2048|filesizeformat }}", "1.5 2.5 2.0 kB"),
        (
            "{{ x|default('d') }} {{ empty|default('d', true) }} {{ x is defined }} {{ n|d(1) }}",
            "d d False 3",
        ),
        ("{{ n|attr('x')|default('none') }} {{ tasks|attr('draft') is mapping }}", "none True"),
        ("{{ {'a': [1, 2]}|pprint }}", "{'a': [1, 2]}"),
        (
            "{{ 'AB' is upper }} {{ n is divisibleby(3) }} {{ 1 is eq(1.0) }} {{ 2 is in([1, 2]) }}",
            "True True True True",
        ),
        (
            "{{ 'a'.center(3, '-') }}{{ 'a'.ljust(2) }}{{ 'a'.rjust(2) }}"
            "{{ '7'.zfill(3) }}{{ 'a\tb'.expandtabs(2) }}",
            "-a-a  a007a b",
        ),
        (
            "{{ 'a,b'.split(',') }} {{ '-'.join(names) }} {{ 'aa'.replace('a', 'b', 1) }} "
            "{{ 'aa'.replace('a', 'b') }}",
            "['a', 'b'] Ada-Bob ba bb",
        ),
        ("{{ 'aXb'.upper() }} {{ text.startswith('Score') }} {{ text.splitlines()|length }}", "AXB True 2"),
        (
            "{{ 2 + 3 }} {{ 7 // 2 }} {{ 7 % 4 }} {{ 2 ** 10 }} {{ 7 - 2 * 3 }} "
            "{{ 7 / 2 }} {{ -n }} {{ 2 ** -1 }}",
            "5 3 3 1024 1 3.5 -3 0.5",
        ),
        (
            "{{ 'ab' * 2 }} {{ 2 * 'ab' }} {{ [1] * 2 }} {{ (1,) * 2 }} {{ 'a' * -1 }}|",
            "abab abab [1, 1] (1, 1) |",
        ),
        (
            "{{ 'a' + 'b' }} {{ [1] + names }} {{ (1,) + (2,) }} {{ (steps + steps)|length }}",
            "ab [1, 'Ada', 'Bob'] (1, 2) 4",
        ),
        ("{{ 'a' if n > 5 }}|{{ 1 < n <= 3 }}", "|True"),
        (
            "{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set t %}<{{ n }}>{% endset %}"
            "{{ t }}{% with q = 5 %}{{ q }}{% endwith %}",
            "12<3>5",
        ),
        ("{% macro m(a, b='x') %}[{{ a }}{{ b }}]{% endmacro %}{{ m(1) }}{{ m(2, b='y') }}", "[1x][2y]"),
        ("{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}in{% endcall %}", "<in>"),
        ("{% filter upper %}abc{{ n }}{% endfilter %}{% block b %}B{% endblock %}{{ self.b() }}", "ABC3BB"),
        (
            "{% for x in [1, [2, [3]]] recursive %}{% if x is iterable %}("
            "{{ loop(x) }}){% else %}{{ x }}{% endif %}{% endfor %}",
            "1(2(3))",
        ),
        ("{% for c in 'ab' %}{% if loop.changed(c) %}{{ c }}{% endif %}{% endfor %}", "ab"),
        ("{% raw %}{{ not a name }}{% endraw %}{# nor #}{{- ' here' }}", "{{ not a name }} here"),
        ("{{ '%d' % 'a'|length }} {{ (names|map('lower')) ~ '' }}", "1 ['ada', 'bob']"),
        ("{{ loop is defined }} {{ range(*[1, 3])|list }} {{ dict is defined }}", "False [1, 2] False"),
    ],
)
def test_a_template_gives_its_text(source: str, text: str) -> None:
    assert check_template(source) is None
    assert given(source) == text


def test_rendering_leaves_nothing_behind() -> None:
    assert given("{% set x = 1 %}{{ x }}") == "1"
    assert given("{{ x is defined }}") == "False"
    assert given("{{ n }}") == given("{{ n }}")


def test_the_context_may_define_what_is_also_a_global() -> None:
    assert render("{{ range }}", {"range": "1-2"}, place="p") == Success("1-2")
