"""Missing parts of values: examples of what is found, and of what is left alone."""

from __future__ import annotations

import pytest

from durable_core.templates.missing_parts import missing_parts
from durable_core.templates.nothing_yet import NOTHING_YET
from durable_core.templates.shapes import (
    ANSWER,
    ANYTHING,
    LIST,
    MAPPING,
    NUMBER,
    TEXT,
    TRUTH,
    Absent,
    Fields,
    KnownList,
    Many,
    one_of,
    shape_of,
)

AGENT = Fields({"index": NUMBER, "response": TEXT, "agent": TEXT, "tokens": NUMBER}, is_record=True)
PERSON = Fields({"index": NUMBER, "response": TEXT, "type": TEXT, "prompt": TEXT}, is_record=True)
NAMES = {
    "topic": TEXT,
    "answer": ANSWER,
    "n": NUMBER,
    "loud": TRUTH,
    "steps": KnownList((AGENT, PERSON, AGENT), 2),
    "workers": Many(AGENT),
    "tasks": Fields({"a": AGENT, "b": one_of((PERSON, Absent(ANYTHING, "b")))}),
    "branches": Fields({"x": AGENT, "y": AGENT}),
    "perhaps": Fields({"x": one_of((AGENT, Absent(ANYTHING, "x")))}),
    "given": shape_of({"title": "Tides", "pages": [1, {"of": None}], "no": "", "zero": 0}),
    "tags": LIST,
    "book": MAPPING,
    "either": one_of((KnownList((AGENT, AGENT), 2), KnownList((PERSON,), 1))),
}

FOUND = {
    "{{ topic.title }}": [("topic", "title")],
    "{{ topic['title'] }}": [("topic", "title")],
    "{{ topic.titel() }}": [("topic", "titel")],
    "{{ topic.upper().x }}{{ topic[0].y }}{{ topic[:2].z }}": [
        ("topic.upper()", "x"),
        ("topic[0]", "y"),
        ("topic[...]", "z"),
    ],
    "{{ answer.score }}": [("answer", "score")],
    "{{ n.x }}{{ loud.x }}{{ n[0] }}": [("n", "x"), ("loud", "x"), ("n", 0)],
    "{{ steps[0].response.title }}": [("steps[0].response", "title")],
    "{{ steps[0].respnse }}": [("steps[0]", "respnse")],
    "{{ steps[1].agent }}{{ steps[-2].prompt }}": [("steps[1]", "agent"), ("steps[-2]", "prompt")],
    "{{ steps[2].response }}": [("steps", 2)],
    "{% if workers %}{{ n }}{% else %}{{ workers[0].x }}{% endif %}": [("workers", 0)],
    "{% if workers %}{% for w in workers %}{{ w.x }}{% endfor %}{% endif %}": [("w", "x")],
    "{{ steps.response }}": [("steps", "response")],
    "{{ tasks.a.response.x }}{{ tasks.nobody.response }}": [("tasks.a.response", "x"), ("tasks", "nobody")],
    "{{ tasks.b.agent }}": [("tasks.b", "agent")],
    "{% for w in workers %}{{ w.response.x }}{% endfor %}": [("w.response", "x")],
    "{% for s in steps %}{{ s.agent }}{% endfor %}": [("s", "agent")],
    "{% for id, b in branches.items() %}{{ id }}{{ b.x }}{% endfor %}": [("b", "x")],
    "{% for b in branches.values() %}{{ b.x }}{% endfor %}": [("b", "x")],
    "{{ workers|map(attribute='response.x')|join(', ') }}": [("workers[...].response", "x")],
    "{{ workers|join(', ', attribute='x') }}": [("workers[...]", "x")],
    "{{ (topic|upper).x }}{{ (steps|first).x }}{{ (workers|list|last).x }}": [
        ("topic | upper", "x"),
        ("steps | first", "x"),
        ("workers | list | last", "x"),
    ],
    "{{ topic|attr('x') }}": [("topic", "x")],
    "{{ topic.split(',')[0].x }}{{ topic.partition(',')[2].x }}": [
        ("topic.split()[0]", "x"),
        ("topic.partition()[2]", "x"),
    ],
    "{{ given.titel }}{{ given.pages[1].of.x }}{{ given.pages[2] }}": [
        ("given", "titel"),
        ("given.pages[1].of", "x"),
        ("given.pages", 2),
    ],
    "{{ given.get('titel').x }}": [("given.get()", "x")],
    "{% if answer %}{{ answer.x }}{% endif %}": [("answer", "x")],
    "{% if topic is string %}{{ topic.x }}{% endif %}": [("topic", "x")],
    "{% set t = topic.x %}{{ t }}": [("topic", "x")],
    "{% with t = topic %}{{ t.x }}{% endwith %}": [("t", "x")],
    "{% macro m() %}{{ topic.x }}{% endmacro %}{{ m() }}": [("topic", "x")],
    "{% filter upper %}{{ topic.x }}{% endfilter %}": [("topic", "x")],
    "{{ topic.x == 'y' }}{{ topic.y ~ '' }}{{ topic.z + 1 }}": [
        ("topic", "x"),
        ("topic", "y"),
        ("topic", "z"),
    ],
    "{{ topic.x or 'y' }}{{ not topic.y }}{{ 'a' in topic.z }}": [
        ("topic", "x"),
        ("topic", "y"),
        ("topic", "z"),
    ],
    "{{ topic.x.y is defined }}{{ topic.z.y|default('') }}": [("topic", "x"), ("topic", "z")],
    "{{ topic[answer] }}": [("topic", "answer")],
    "{{ [topic.x] }}": [("topic", "x")],
    "{{ tags.count('x').y }}{{ topic.find('x').y }}{{ ([n, n]|sum).x }}": [
        ("tags.count()", "y"),
        ("topic.find()", "y"),
        ("... | sum", "x"),
    ],
    "{{ (steps + workers)[0].zz }}{{ (topic, n)[0].x }}{{ steps[0][1].x }}{{ 'a'.x }}": [
        ("...[0]", "zz"),
        ("...[0]", "x"),
        ("steps[0]", 1),
        ("'a'", "x"),
    ],
    "{% if topic and n %}{{ topic.x }}{% endif %}": [("topic", "x")],
    "{% if not topic or not n %}x{% else %}{{ topic.x }}{% endif %}": [("topic", "x")],
    "{% if not tags %}{{ tags[0].x }}{% elif not book %}{{ book.x }}{% endif %}": [
        ("tags", 0),
        ("book", "x"),
    ],
    "{{ topic.x is eq('a') }}{{ n.x is iterable }}": [("topic", "x"), ("n", "x")],
    "{{ workers|map(attribute='zz.a')|join }}{{ topic.x|map(attribute='a')|join }}": [
        ("workers[...]", "zz"),
        ("topic", "x"),
    ],
    "{{ (true and n).x }}{{ (-n).y }}": [("...", "x"), ("...", "y")],
    "{% set t %}{{ topic.x }}{% endset %}{{ t.y }}{% set u | upper %}a{% endset %}{{ u.z }}": [
        ("topic", "x"),
        ("t", "y"),
    ],
    # whatever a condition asks, text has no fields and a record has its own
    "{% if n > 3 %}{{ topic.x }}{% endif %}{{ n > 3 and topic.y.z }}{{ topic.z if n > 3 else n.x }}": [
        ("topic", "x"),
        ("topic", "y"),
        ("topic", "z"),
    ],
    "{% if topic == 'x' %}{{ steps[0].respnse }}{% elif n > 3 %}{{ steps.x }}{% endif %}": [
        ("steps[0]", "respnse"),
        ("steps", "x"),
    ],
    "{% if n > 3 %}{{ tasks.a.response.x }}{{ tasks.nobody.response.y }}{% endif %}": [
        ("tasks.a.response", "x"),
        ("tasks.nobody.response", "y"),
    ],
    "{% if n > 3 %}{% set t = topic.x %}{{ t }}{% endif %}": [("topic", "x")],
    "{% for s in steps %}{% if loop.first %}{{ s.response.x }}{{ s.zz }}{% endif %}{% endfor %}": [
        ("s.response", "x"),
        ("s", "zz"),
    ],
    "{% for w in workers %}{{ w.zz }}{% else %}{{ topic.x }}{% endfor %}": [("w", "zz"), ("topic", "x")],
    "{% for s in steps[:0] %}{% else %}{{ topic.x }}{% endfor %}": [("topic", "x")],
    "{% for x in [] %}{% else %}{{ given.titel }}{% endfor %}": [("given", "titel")],
    "{% for t in tags recursive %}{{ t.x }}{{ topic.x }}{% endfor %}": [("topic", "x")],
    "{{ 1 < n < topic.x }}": [("topic", "x")],
    "{% for c in given.title[0] %}{{ c.x }}{% endfor %}{% if given.title %}{{ given.y }}{% endif %}": [
        ("c", "x"),
        ("given", "y"),
    ],
    "{{ given.get('title').x }}{{ (given.title ~ given.title).x }}{{ (given.title + 'x').y }}": [
        ("given.get()", "x"),
        ("...", "x"),
        ("...", "y"),
    ],
    "{{ (given.pages[0] + 1).x }}{{ given.title[:3].x }}{{ (given|first).x }}{{ given.title[n].y }}": [
        ("...", "x"),
        ("given.title[...]", "x"),
        ("given | first", "x"),
        ("given.title[...]", "y"),
    ],
}

LEFT_ALONE = [
    "{{ topic.title() }}{{ topic.split(',')[0].strip() }}{{ topic[0] }}{{ topic[:3] }}",
    "{{ topic|title }}{{ topic|length }}{{ answer|upper|trim }}",
    "{% for letter in topic %}{{ letter }}{{ loop.index }}{% endfor %}",
    "{{ topic.title is defined }}{{ topic.title is undefined }}{{ topic.title is none }}",
    "{{ topic.title|default('x') }}{{ topic.title|d }}",
    "{% if topic.title is defined %}{{ topic.title }}{% else %}{{ topic }}{% endif %}",
    # what counts as true does so in all that stands behind the question
    "{% if loud and workers %}{{ workers if workers else workers[0].x }}{% endif %}",
    "{% if loud and book %}{{ book if book else book.x.y }}{% endif %}",
    "{% for id in perhaps %}{{ id if loud else (perhaps if perhaps else perhaps.y.z) }}{% endfor %}",
    "{% if loud and steps %}{% if workers %}{{ steps or steps[0].x }}{% endif %}{% endif %}",
    "{% if topic is mapping %}{{ topic.title }}{% else %}{{ topic }}{% endif %}",
    "{% if topic is not string %}{{ topic.title }}{% endif %}",
    "{% if false %}{{ topic.title }}{% endif %}",
    "{{ topic if topic is string else topic.title }}",
    "{{ topic is mapping and topic.title }}{{ topic is string or topic.title }}",
    "{% if answer and answer.x is defined %}{{ answer.x }}{% endif %}",
    "{% for s in steps if s.agent is defined %}{{ s.agent }}{% endfor %}",
    "{% for s in steps %}{% if s.type is defined %}{{ s.prompt }}{% endif %}{% endfor %}",
    "{% for s in steps %}{{ s.agent|default('a person') }}{% endfor %}",
    "{{ steps[n].agent }}{{ steps[-1].prompt }}{{ steps|length }}{{ steps[:1] }}",
    "{{ steps|selectattr('agent', 'defined')|map(attribute='agent')|join }}",
    "{{ tasks.b.prompt }}{{ tasks.b is defined }}{% if tasks.b is defined %}{{ tasks.b.prompt }}{% endif %}",
    "{% for t in tasks.values() %}{{ t.response }}{% endfor %}",
    "{{ book.title.x }}{{ tags[3].x }}{{ unknown.x.y }}{{ given.pages[0] }}{{ given.get('x', 'y') }}",
    "{% set topic = book %}{{ topic.title }}",
    "{% set t = topic.x %}{{ t is defined }}",
    "{% for topic in tags %}{{ topic.x }}{% endfor %}{{ topic }}",
    "{% macro m(topic) %}{{ topic.x }}{% endmacro %}{{ m(book) }}{% macro never() %}{{ n.x }}{% endmacro %}",
    "{% raw %}{{ topic.x }}{% endraw %}{# {{ topic.x }} #}plain. [topic.x]",
    "{{ range(3)|list }}{{ {'a': topic}.a }}{{ [topic][0] }}",
    "{{ topic. }}",
    "{{ given.get(topic).x }}{{ book[topic].x }}{{ unknown[:2].x }}{{ (tags|sum).x }}{{ {topic: n}.a.b }}",
    "{{ topic.x if topic is number else topic }}{{ topic.x if topic is boolean else topic }}",
    "{{ topic.x if topic is not sequence else n }}{{ topic.x if topic is integer or topic is float else n }}",
    "{{ n if n is integer else n }}{{ given.author if given is escaped else n }}",
    "{{ topic.x if false else topic }}{{ false and topic.x.y }}{{ true or topic.x.y }}",
    "{% block one %}{{ topic.x }}{% endblock %}{% set ns.x = topic %}",
    "{% for k in {} %}{{ k.x }}{% endfor %}{% for k in n %}{{ k.x }}{% endfor %}",
    # a condition may ask in any way which value it is
    "{% if topic == 'book' %}{{ given.author }}{% else %}{{ given.title }}{% endif %}",
    "{% if topic == 'list' %}{{ given.title.x }}{{ given.pages[7] }}{{ given.pages.x }}{% endif %}",
    "{% if 'author' in given %}{{ given.author }}{% endif %}",
    "{% if 'author' in given.keys() %}by {{ given.author }}{% elif n > 1 %}{{ given.pages.x }}{% endif %}",
    "{{ given.author if 'author' in given else 'nobody' }}",
    "{{ 'author' in given and given.author }}{{ 'author' not in given or given.author }}",
    "{{ 0 < n < given.author }}",
    "{% if steps|length > 3 %}{{ steps[3].response }}{% endif %}",
    "{% set many = steps|length > 3 %}{% if many %}{{ steps[3].response }}{% endif %}",
    "{% if 'review' in tasks %}{{ tasks.review.response }}{% endif %}",
    "{% if 'z' in branches %}{{ branches.z.response }}{% endif %}",
    "{% for p in given.pages %}{% if p is mapping %}{{ p.of }}{% else %}{{ p }}{% endif %}{% endfor %}",
    "{% for each in [given] %}{% if topic == 'a' %}{{ each.author }}{% endif %}{% endfor %}",
    "{% for each in given.pages if n > 9 %}{{ each.of }}{% endfor %}",
    "{% for each in given.pages %}{{ n }}{% else %}{{ given.author }}{% endfor %}",
    "{% for each in given.pages %}{{ n }}{% else %}{{ topic.x }}{% endfor %}",
    "{% for each in given %}{% if n > 9 %}{{ each.of }}{% endif %}{% endfor %}",
    "{% for each in given.title %}{% if n > 9 %}{{ each.of }}{% endif %}{% endfor %}",
    "{% if given.no %}{{ topic.x }}{% elif given.zero or not given.title %}{{ topic.y }}{% endif %}",
    # or which turn it is
    "{% for s in steps %}{% if loop.first %}{{ s.agent }}{% else %}{{ s.prompt }}{% endif %}{% endfor %}",
    "{% for s in steps if s.index != 1 %}{{ s.agent }}{% endfor %}",
    "{% for s in steps %}{% set who = s.agent if loop.first else s.type %}{{ who }}{% endfor %}",
    "{% for s in either %}{% if n > 3 %}{{ s.agent }}{% else %}{{ s.prompt }}{% endif %}{% endfor %}",
    "{% set t = tasks.b %}{% if t is undefined %}{{ t.x }}{% endif %}",
    "{% set author = given.author %}{% if n > 3 %}{{ author }}{% endif %}",
    "{% set t = topic.x %}{% set g = given.author %}{% if t is defined %}{{ g }}{% endif %}",
    "{% macro m() %}{{ given.author }}{{ caller() }}{{ varargs.x }}{% endmacro %}{{ m() }}",
    "{% macro m() %}{{ t.x }}{% endmacro %}{% set t = book %}{{ m() }}",
    "{% macro m() %}{{ n }}{% endmacro %}{% call m() %}{{ given.author }}{% endcall %}",
    "{{ given.get('x', default='y').upper() }}{{ given.get(*tags).x }}{{ topic.x|default(*tags) }}",
    "{{ topic.x|default(default_value=book) }}{{ topic|int(*tags) }}",
]


@pytest.mark.parametrize("source", FOUND)
def test_what_a_value_will_not_have_is_found(source: str) -> None:
    assert [(part.written, part.key) for part in missing_parts(source, NAMES)] == FOUND[source]


@pytest.mark.parametrize("source", LEFT_ALONE)
def test_what_may_be_there_or_is_asked_for_is_left_alone(source: str) -> None:
    assert missing_parts(source, NAMES) == ()


def test_a_prompt_is_looked_at_as_if_each_part_of_it_were_rendered() -> None:
    source = "{% if 'author' in given %}{{ given.author }}{% endif %}"
    (part,) = missing_parts(source, NAMES, anywhere=True)
    assert (part.written, part.key) == ("given", "author")


def test_of_a_very_long_list_that_is_given_the_first_elements_are_looked_at() -> None:
    given = {"films": shape_of([*({"title": "x"} for _ in range(100)), {"title": "x", "author": "y"}])}
    assert missing_parts("{{ (films|list)[100].author }}{{ films[:101][100].author }}", given) == ()
    (part,) = missing_parts("{% for film in films %}{{ film.author }}{% endfor %}", given)
    assert (part.written, part.key) == ("film", "author")


def test_each_is_found_once_with_its_line() -> None:
    found = missing_parts("{{ topic }}\n{{ topic.x }}{{ topic.x }}\n{{ topic.x }}", NAMES)
    assert [(part.line, part.key) for part in found] == [(2, "x"), (3, "x")]


def test_a_method_that_is_not_called_is_told_from_a_field() -> None:
    title, items, other = missing_parts("{{ topic.title }}{{ given.items }}{{ topic.x }}", NAMES)
    assert (title.is_method, items.is_method, other.is_method) == (True, True, False)


def test_of_what_is_no_data_nothing_is_known() -> None:
    assert shape_of(iter(())) is ANYTHING


def test_what_is_not_there_yet_is_text_and_may_be_missing() -> None:
    shape = shape_of(NOTHING_YET)
    names = {"later": shape}
    assert missing_parts("{% if later is defined %}x{% else %}{{ later.x }}{% endif %}", names) != ()
    assert missing_parts("{% if later is mapping %}{{ later.x }}{% endif %}", names) == ()


def test_a_long_expression_is_shown_by_its_end() -> None:
    (part,) = missing_parts("{{ topic" + ".upper()" * 12 + ".x }}", NAMES)
    assert part.written.startswith("...")
    assert len(part.written) == 83


def test_a_template_that_is_much_to_look_at_is_left_to_the_rendering() -> None:
    kinds = tuple(Fields({"a": TEXT}) for _ in range(40))
    loops = "".join("{% for a in many %}" for _ in range(4)) + "{{ a.a }}" + "{% endfor %}" * 4
    assert missing_parts(loops + "{{ topic.x }}", {"many": KnownList(kinds, 40), "topic": TEXT}) == ()
