"""Templates, what is put into them, and patterns."""

from __future__ import annotations

import json
from typing import Final

from durable_core.templates.regex_cost import UnsafePattern, accepts, found_in
from durable_core.templates.rendering import check_template, evaluate, free_names, render
from tests.fuzz.door import Door
from tests.fuzz.forms import JSON

_VALUES: Final = {"topic": "tides", "n": 3, "rows": ({"name": "a", "size": 1}, {"name": "b", "size": 2})}


def _enter_template(raw: bytes) -> None:
    text = raw.decode("utf-8", errors="replace")
    check_template(text)
    free_names(text)
    render(text, _VALUES, place="here")
    render(text, _VALUES, place="here", lenient=True)
    evaluate(text, _VALUES, place="here")


TEMPLATES: Final = (
    b"{% for row in rows if row.size > n %}{{ loop.index }}: {{ row.name|upper }}{% else %}none{% endfor %}",
    b"{% set total = rows|map(attribute='size')|sum %}{{ total * 10 ** n }} {{ topic[:3] ~ '...' }}",
    b"{% macro m(a, b=2) %}{{ a * b }}{% endmacro %}{{ m(n) }}{% raw %}{{ not this }}{% endraw %}",
    b"{{ topic|replace('t', 'tt')|center(40)|wordwrap(5) }}{{ range(n)|list|tojson }}",
    b"{{ missing|default('-') }}{{ rows[1]['name'] }}{{ {'a': n}.items()|list }}",
    b"{{ '%s'|format(topic) }}{{ rows|groupby('size')|length }}{{ topic|regex_replace('(t+)', 'x') }}",
    b"'tides' in topic and n >= 3 or rows[0].name == 'b' and not (topic is defined)",
    b"{{ topic|title|trim|truncate(3) }}{{ rows|sort(attribute='name')|join(', ', 'name') }}{{ n|int }}",
    b"{{ rows|selectattr('size', '>', 1)|list|first }}{{ topic|indent(4) }}{{ rows|batch(2)|list }}",
    b"{{ ' a '.join(['x', 'y']).split()|last }}{{ topic.encode() }}{{ '{:>9}'.format(n) }}{{ '%9d' % n }}",
    b"{{ rows|map('upper')|unique|reverse|list }}{{ n // 2 % 3 - -n }}{{ topic|slice(3)|list }}{{ 1 if n }}",
)


def _enter_filled(raw: bytes) -> None:
    """Templates that are in order, over values that anybody said."""
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError):
        values = raw.decode("utf-8", errors="replace")
    context = {"topic": values, "n": 3, "rows": values}
    context |= {str(key): value for key, value in values.items()} if isinstance(values, dict) else {}
    for template in TEMPLATES:
        render(template.decode(), context, place="here")
        render(template.decode(), context, place="here", lenient=True)


FILLINGS: Final = (
    json.dumps(_VALUES).encode(),
    b'{"topic": "a{{ n }}b", "n": 12.5, "rows": [{"name": null, "size": "2"}, {"size": [1, {"a": {}}]}]}',
    b'[{"name": "\\ud83d\\ude00", "size": -1}, {"name": "x", "size": 1e300}]',
)


def _enter_pattern(raw: bytes) -> None:
    """A pattern on the first line is refused, or compared with the rest in due time."""
    pattern, _, text = raw.decode("utf-8", errors="replace").partition("\n")
    for asked in (accepts, found_in):
        for answer in (text[:200], text, (text[:9] or "a") * 60 + "!"):
            try:
                asked(pattern, answer)
            except UnsafePattern:
                continue


EXPRESSIONS: Final = (
    b"Score:\\s*(\\d+)\nScore:        87",
    b"(yes|no|maybe)[.!]?\nyes.",
    b"(?i)[a-z_]+(?:-[a-z0-9]{1,20})*\nsome-long-name-1-" + b"a" * 150,
    b"\\w+@\\w+\\.(?:com|org)\n" + b"a@" * 90,
    b"^(?P<a>a?){20}a{20}(?=b)$\n" + b"a" * 40,
    b"(?:\\s*\\w+\\s*,)+x?\n" + b"a , b, " * 30,
)


DOORS: Final = (
    Door("a template", _enter_template, lambda: TEMPLATES),
    Door("the values in templates", _enter_filled, lambda: FILLINGS, JSON),
    Door("a pattern", _enter_pattern, lambda: EXPRESSIONS),
)
