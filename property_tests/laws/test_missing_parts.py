"""What is found missing in a template without rendering it, against rendering it over all values.

What the walk accepts never fails for a field that is not there; what it refuses fails for some values. So no
file that runs whatever the values are is refused, and none that runs over what it is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from returns.result import Failure

from durable_core.templates.missing_parts import missing_parts
from durable_core.templates.nothing_yet import NOTHING_YET
from durable_core.templates.rendering import as_template, evaluate, outer_names, render
from durable_core.templates.shapes import (
    ANSWER,
    NUMBER,
    TEXT,
    TRUTH,
    Absent,
    Fields,
    KnownList,
    Many,
    Plain,
    Shape,
    one_of,
    shape_of,
)
from tests.support.night import at_night

AGENT: dict[str, Any] = {"a": "an answer", "b": 3}
PERSON: dict[str, Any] = {"a": "yes", "type": "hitl"}
_AGENT = Fields({"a": TEXT, "b": NUMBER}, is_record=True)
_PERSON = Fields({"a": TEXT, "type": TEXT}, is_record=True)

NAMES: dict[str, tuple[Shape, tuple[object, ...]]] = {
    "text": (TEXT, ("", "some text", "7")),
    "later": (ANSWER, (NOTHING_YET, "", "yes")),
    "n": (NUMBER, (0, 7)),
    "flag": (TRUTH, (False, True)),
    "one": (_AGENT, (AGENT, {"a": "", "b": 0})),
    "both": (KnownList((_AGENT, _PERSON, _AGENT), 2), ([AGENT, PERSON],)),
    "many": (Many(_AGENT), ([], [AGENT], [AGENT, AGENT])),
    "perhaps": (Fields({"x": one_of([_AGENT, Absent(TEXT, "x")])}), ({}, {"x": AGENT})),
    "value": (shape_of({"a": "b", "c": [1, {"d": None}]}), ({"a": "b", "c": [1, {"d": None}]},)),
}
"""Names, what is known of each, and values that each may have: such as count as true, and such as do not."""

SHAPES = {name: shape for name, (shape, _) in NAMES.items()}

PARTS = (
    ".a .b .zz .type .x .c [0] [1] [-1] [5] ['a'] ['zz'] [text] [n] [:2] .upper() .title .split('e') .items()"
    " .values() .get('a') .zz() .strip().zz"
).split(" ")
FILTERS = (
    "upper length default('d') default(one) list first last join string tojson reverse int"
    " map(attribute='a') map(attribute='zz') map(attribute='a.zz')|join map('upper') attr('a') attr('zz')"
    " join(attribute='a') sum(attribute='b') selectattr('a')"
).split()
TESTS = (
    "defined",
    "not defined",
    "undefined",
    "none",
    "string",
    "mapping",
    "number",
    "sequence",
    "boolean",
    "integer",
    "iterable",
    "eq('yes')",
)

names = st.sampled_from([*NAMES, "each"])
values = st.recursive(
    names | st.sampled_from(["'b'", "2", "[text, one]", "{'a': 'b'}"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(PARTS)).map("".join),
        st.tuples(inner, st.sampled_from(FILTERS)).map("|".join),
        st.tuples(inner, st.sampled_from(["~", "==", "in", "+"]), inner).map(" ".join),
    ).map("({})".format),
    max_leaves=3,
)
"""Expressions that have no choice in them."""

plain_conditions = st.one_of(
    names,
    names.map("not {}".format),
    st.tuples(names, st.sampled_from(TESTS[:9])).map(" is ".join),
)
"""Conditions that come out in both ways, or in one for a reason that is known."""

conditions = values | st.tuples(values, st.sampled_from(TESTS)).map(" is ".join)


@st.composite
def templates(draw: st.DrawFn, choices: int, conditions: st.SearchStrategy[str], *kinds: str) -> str:
    """Templates of these kinds of pieces, with so many choices at most, by ``conditions``."""

    def piece(depth: int) -> str:
        nonlocal choices
        kind = draw(st.sampled_from(["out", *kinds]))
        if kind in {"if", "cond", "logic"} and not choices:
            kind = "out"
        if depth == 0 and kind in {"for", "if", "with"}:
            kind = "out"
        choices -= kind in {"if", "cond", "logic"}
        inner = "".join(piece(depth - 1) for _ in range(2)) if kind in {"for", "if", "with"} else ""
        one, other = draw(values), draw(values)
        match kind:
            case "for":
                return f"{{% for each in {one} %}}{inner}{{% endfor %}}"
            case "with":
                return f"{{% with each = {one} %}}{inner}{{% endwith %}}"
            case "set":
                return f"{{% set {draw(st.sampled_from(['each', 'text', 'one']))} = {one} %}}"
            case "if":
                return f"{{% if {draw(conditions)} %}}{inner}{{% else %}}{{{{ {one} }}}}{{% endif %}}"
            case "cond":
                return f"{{{{ ({one}) if {draw(conditions)} else ({other}) }}}}"
            case "logic":
                return f"{{{{ ({draw(conditions)}) {draw(st.sampled_from(['and', 'or']))} ({other}) }}}}"
            case _:
                return f"{{{{ {one} }}}}"

    return "".join(piece(2) for _ in range(draw(st.integers(1, 3))))


def contexts(source: str) -> Iterator[dict[str, object]]:
    """All values of the names that a template looks at, one after another."""
    looked_at = sorted(outer_names(source) & NAMES.keys())
    for chosen in product(*(NAMES[name][1] for name in looked_at)):
        yield {"each": AGENT, **{name: given[0] for name, (_, given) in NAMES.items()}} | dict(
            zip(looked_at, chosen, strict=True)
        )


def field_missing(failed: Failure[Any]) -> bool:
    """Whether a field was missing: how long lists and texts are is known only when there are values."""
    return re.match(r"there is no '", failed.failure().message) is not None


@given(templates(9, conditions, "for", "set", "if", "cond", "logic", "with"))
@example("{% for each in both %}{{ each.b }}{% endfor %}")
@example("{{ many|map(attribute='zz')|join }}")
@example("{{ perhaps.x.a.zz }}")
@example("{% set text = one %}{{ text.zz }}")
def test_what_is_accepted_never_fails_for_a_field_that_is_not_there(source: str) -> None:
    if missing_parts(source, {**SHAPES, "each": _AGENT}):
        return
    for context in contexts(source):
        rendered = render(source, context, place="here")
        if isinstance(rendered, Failure) and field_missing(rendered):
            assert may_be_either(source), (context, rendered)


# where a choice and a loop depend on each other, a loop may have nothing to go through
@given(templates(0, conditions, "for", "set", "with") | templates(1, plain_conditions, "if", "cond", "logic"))
@example("{{ text.title if text is mapping else text }}")
@example("{% if later and later.zz is defined %}{{ later.zz }}{% endif %}")
@example("{{ text.zz|default('d') }}{% set each = one.zz %}{{ each is defined }}")
@example("{% for each in both if each.b is defined %}{{ each.b }}{% endfor %}")
def test_what_is_refused_fails_for_some_values(source: str) -> None:
    found = missing_parts(source, {**SHAPES, "each": _AGENT})
    if found and not (" if " in source and any("[...]" in part.written for part in found)):
        rendered = [render(source, context, place="here") for context in contexts(source)]
        assert any(isinstance(each, Failure) for each in rendered), found


# Templates that ask what they are given before they look into it ---------------------------------------

GIVEN: dict[str, tuple[object, ...]] = {
    "kind": ("book", "film", ""),
    "item": ({"a": {"b": "x"}, "n": 1}, {"b": [{"a": "x"}, "y"]}, "a text", {}, None, [], 3),
    "items": ([{"a": "x"}, {"b": "y"}], [], ["a text", {"a": 1}], {"a": [1]}, "a text"),
}
"""What a run may be given: an item is of one form or another, and so is each of several."""

ENDS = (".a", ".b", "['a']", "[0]", "[1]", "[-1]", ".zz")
paths = st.one_of(
    st.tuples(
        st.sampled_from([*GIVEN, "each"]), st.lists(st.sampled_from(ENDS), max_size=2).map("".join)
    ).map("".join),
    st.sampled_from(
        ["both", "both[0].b", "both[1].type", "both[2].a", "both[-1].b", "perhaps.y", "perhaps.x.b"]
    ),
)
questions = st.one_of(
    paths,
    st.tuples(
        paths, st.sampled_from(["kind == 'book' and {}", "'a' in {}", "{}|length > 1", "{} is mapping"])
    ).map(lambda drawn: drawn[1].format(drawn[0])),
    st.sampled_from(["kind == 'book'", "loop.first", "loop.index0 > 0", "not kind", "each.b is defined"]),
)


@st.composite
def asking(draw: st.DrawFn) -> str:
    """Templates of paths, each behind any questions."""

    def inside(depth: int) -> str:
        kind = draw(
            st.sampled_from(["out", "if", "for", "for if", "cond", "logic", "set"] if depth else ["out"])
        )
        one, other, asked = draw(paths), draw(paths), draw(questions)
        body = "".join(inside(depth - 1) for _ in range(2)) if kind in {"if", "for", "for if"} else ""
        match kind:
            case "if":
                otherwise = f"{{% elif kind %}}{{{{ {one} }}}}{{% else %}}{{{{ {other} }}}}"
                return f"{{% if {asked} %}}{body}{otherwise}{{% endif %}}"
            case "for":
                return f"{{% for each in {one} %}}{body}{{% else %}}{{{{ {other} }}}}{{% endfor %}}"
            case "for if":
                return f"{{% for each in {one} if {asked} %}}{body}{{% endfor %}}"
            case "cond":
                return f"{{{{ {one} if {asked} else {other} }}}}"
            case "logic":
                return f"{{{{ {asked} {draw(st.sampled_from(['and', 'or']))} {one} }}}}"
            case "set":
                return f"{{% set each = {one} if {asked} else {other} %}}"
            case _:
                return f"{{{{ {one} }}}}"

    return "".join(inside(2) for _ in range(draw(st.integers(1, 2))))


def of_a_record(shape: Shape) -> bool:
    """Whether it is a value that the session itself makes, and not what a run is given."""
    return (isinstance(shape, Plain) and not shape.given) or (isinstance(shape, Fields) and shape.is_record)


@given(asking())
@example("{% if kind == 'book' %}{{ item.a.b }}{% else %}{{ item.b[0] }}{% endif %}")
@example("{% if 'a' in item %}{{ item.a }}{% endif %}{% if both|length > 2 %}{{ both[2].a }}{% endif %}")
@example("{% for each in both %}{{ each.b if loop.first else each.type }}{% endfor %}")
@example(
    "{% for each in items %}{% if 'a' in each %}{{ each.a }}{% else %}{{ each.b }}{% endif %}{% endfor %}"
)
@example("{% set each = item.zz %}{% if kind == 'film' %}{{ each }}{% endif %}")
@example("{% for each in item %}{{ each }}{% else %}{{ item.zz }}{% endfor %}")
@example("{% if kind == 'book' %}{% for each in both %}{{ each.a.a }}{% endfor %}{% endif %}")
@example("{% if kind == 'book' and both %}{{ both if both else both[0].b }}{% endif %}")
@example("{% if kind == 'book' and perhaps %}{{ perhaps if perhaps else perhaps.x.b }}{% endif %}")
def test_what_runs_over_what_it_is_given_is_not_refused(source: str) -> None:
    looked_at = sorted(outer_names(source) & GIVEN.keys())
    others = {"both": [AGENT, PERSON], "perhaps": {"x": AGENT}}
    for chosen in product(*(GIVEN[name] for name in looked_at)):
        variables = dict(zip(looked_at, chosen, strict=True))
        shapes = {name: SHAPES[name] for name in others} | {
            name: shape_of(value) for name, value in variables.items()
        }
        context = {**others, **variables, "each": {"a": "x"}}
        found = missing_parts(source, {**shapes, "each": shape_of({"a": "x"})})
        # a part that no record has is refused also where these values keep the rendering from it
        if not all(of_a_record(part.holder) for part in found):
            assert isinstance(render(source, context, place="here"), Failure), (source, context)


@settings(max_examples=at_night(20, 500))  # each is rendered over some seventy sets of values
@given(templates(9, conditions, "for", "set", "if", "cond", "logic", "with"))
@example("{{ text.zz }}{% for each in both %}{{ each.b }}{% endfor %}{% if one.zz %}x{% endif %}")
@example("{% for each in text %}{{ each }}{% endfor %}{{ each.zz }}")
@example("{% set each = text %}{{ each.zz }}")
def test_a_prompt_never_fails_for_a_field_that_is_not_there(source: str) -> None:
    for context in contexts(source):
        rendered = render(source, context, place="here", lenient=True)
        assert not (isinstance(rendered, Failure) and field_missing(rendered)) or may_be_either(source)


@settings(max_examples=at_night(20, 500))  # as above
@given(templates(9, conditions, "for", "set", "if", "cond", "logic", "with"))
@example("{% for each in text %}{{ each }}{% endfor %}{{ each }}")
@example("{% if flag %}{% set each = text %}{% endif %}{{ each }}")
@example("{% for text in many %}{{ each }}{% set each = text %}{% endfor %}")
def test_a_prompt_never_fails_for_a_name_that_is_not_there(source: str) -> None:
    for context in contexts(source):
        known = {name: value for name, value in context.items() if name not in {"each", "one"}}
        rendered = render(source, known, place="here", lenient=True)
        assert not (isinstance(rendered, Failure) and "is not defined" in rendered.failure().message)


@given(conditions)
def test_a_condition_is_found_to_lack_what_it_lacks(expression: str) -> None:
    found = missing_parts(as_template(expression), {**SHAPES, "each": _AGENT}, condition=True)
    results = [evaluate(expression, context, place="here") for context in contexts(as_template(expression))]
    if found:
        assert any(isinstance(each, Failure) for each in results), found
    elif not may_be_either(expression):
        assert not any(isinstance(each, Failure) and field_missing(each) for each in results)


def may_be_either(source: str) -> bool:
    """Whether there is something in it that has now one shape and then another, of which less is told."""
    words = (
        "if ",
        " and ",
        " or ",
        "default",
        "perhaps",
        "[text, one]",
        "{'a': 'b'}",
        "value",
        "map('upper')",
        "selectattr",
        "[n]",
        "[text]",
    )
    return any(word in source for word in words)
