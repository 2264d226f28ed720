"""Templates: what holds for every source, every value and every regular expression."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from returns.result import Failure, Success

from durable_core.characters import whole
from durable_core.persistent.frozen_dict import freeze
from durable_core.templates.regex_cost import UnsafePattern, guarded
from durable_core.templates.rendering import check_template, evaluate, free_names, render

names = st.sampled_from(["a", "b", "steps", "n", "foo"])
"""Names, some of which the context below has."""

CONTEXT: dict[str, object] = {"a": "text", "n": 3, "steps": [{"response": "one", "index": 0}]}

atoms = st.sampled_from(
    [
        "a",
        "n",
        "foo",
        "steps[0].response",
        "steps",
        "1",
        "'x'",
        "[1, 2]",
        "{'k': a}",
        "none",
        "foo.bar",
        "loop",
    ]
)
"""Expressions without parts."""

expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "*", "~", "==", "in", "and", "-", "%", "**", "<"]), inner).map(
            " ".join
        ),
        st.tuples(
            inner, st.sampled_from(["|upper", "|length", "|list", "|tojson", ".x", "[0]", "|default(1)"])
        ).map("".join),
        inner.map("({})".format),
    ),
    max_leaves=5,
)
"""Expressions of operators, filters and fields over those."""

templates = st.recursive(
    st.one_of(st.sampled_from(["text ", "\n", "{", "%}", "{# c #}"]), expressions.map("{{{{ {} }}}}".format)),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(expressions, inner).map(lambda parts: "{{% if {} %}}{}{{% endif %}}".format(*parts)),
        st.tuples(expressions, inner).map(lambda parts: "{{% for x in {} %}}{}{{% endfor %}}".format(*parts)),
        st.tuples(names, expressions).map(lambda parts: "{{% set {} = {} %}}".format(*parts)),
    ),
    max_leaves=6,
)
"""Templates that mostly parse."""

noise = st.text(st.sampled_from("{}%#|()[]'\"+-*.~ abn0\\\n"), max_size=40)
"""Text made of what templates are made of."""

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
"""JSON values."""


@given(templates | noise)
def test_every_source_gives_a_text_or_a_problem_and_twice_the_same(source: str) -> None:
    for lenient in (False, True):
        once = render(source, CONTEXT, place="here", lenient=lenient)
        assert isinstance(once, Success) or once.failure().place == "here"
        assert render(source, CONTEXT, place="here", lenient=lenient) == once


@given(templates | noise)
def test_what_the_check_refuses_does_not_render_and_the_other_way_round(source: str) -> None:
    fault = check_template(source)
    rendered = render(source, CONTEXT, place="here")
    unparsed = isinstance(rendered, Failure) and "does not parse" in rendered.failure().message
    assert (fault is not None) == unparsed


@given(templates, values, values)
def test_kept_values_read_as_the_lists_and_mappings_that_they_were(
    source: str, a: object, steps: object
) -> None:
    plain = {"a": a, "n": [1, [2], {"x": [3]}], "steps": steps}
    kept = {name: freeze(value) for name, value in plain.items()}
    assert render(source, kept, place="here") == render(source, plain, place="here")


@given(
    values, st.sampled_from(["{{ v }}", "{{ v == w }}", "{{ [v] + [w] }}", "{{ v|tojson }}", "{{ {1: v} }}"])
)
def test_kept_values_read_as_in_jinja(value: object, source: str) -> None:
    expected = Environment().from_string(source).render(v=value, w=value)
    kept = {"v": freeze(value), "w": value}
    if "tojson" not in source:
        assert render(source, kept, place="here") == Success(expected)
    else:
        assert json.loads(render(source, kept, place="here").unwrap()) == value


@given(templates)
def test_no_name_is_missing_but_the_free_ones(source: str) -> None:
    problem = render(source, CONTEXT, place="here")
    if isinstance(problem, Failure):
        missing = re.fullmatch(r"'(\w+)' is not defined", problem.failure().message)
        # A name that is guarded, or set somewhere, may still be missing where it is used.
        guarded_or_set = ("default", f"set {missing[1]}", "for x") if missing else ()
        assert (
            missing is None
            or missing[1] in free_names(source)
            or any(each in source for each in guarded_or_set)
        )


@given(templates)
def test_a_template_that_lacks_nothing_is_rendered_alike_as_a_prompt(source: str) -> None:
    if free_names(source) <= CONTEXT.keys():
        strict = render(source, CONTEXT, place="here")
        lacks_a_part = isinstance(strict, Failure) and strict.failure().message.startswith("there is no ")
        assert lacks_a_part or render(source, CONTEXT, place="here", lenient=True) == strict


@given(st.text(st.characters(exclude_characters="{\r"), max_size=40))
def test_text_without_braces_is_its_own_template(text: str) -> None:
    assert render(text, {}, place="here") == Success(whole(text).removesuffix("\n"))


@given(values)
def test_a_value_is_shown_as_python_writes_it_and_as_json_reads_it(value: object) -> None:
    assert render("{{ v }}", {"v": value}, place="here") == Success(str(value))
    assert json.loads(render("{{ v|tojson }}", {"v": value}, place="here").unwrap()) == value


@given(st.text(max_size=30), st.integers(0, 40))
def test_a_cut_text_is_never_longer_than_asked_for(text: str, n: int) -> None:
    cut = render("{{ t|truncate(n) }}", {"t": text, "n": n}, place="here").unwrap()
    assert len(cut) <= n
    assert cut == text if len(text) <= n else cut.endswith("..."[:n])


@given(expressions)
def test_a_condition_holds_exactly_when_a_template_takes_its_branch(expression: str) -> None:
    truth = evaluate(expression, CONTEXT, place="here")
    # The one difference: a text that says "false" is false.
    branch = render(
        f"{{% if {expression} %}}"
        f"{{{{ ({expression}) is not string or ({expression})|lower|trim != 'false' }}}}"
        "{% endif %}",
        CONTEXT,
        place="here",
    )
    assert isinstance(truth, Success) == isinstance(branch, Success)
    assert truth.value_or(None) == branch.map(lambda text: text == "True").value_or(None)


# Regular expressions, against a matcher that counts ---------------------------------------------------

Node = tuple[object, ...]

singles = st.sampled_from(
    [("one", "a"), ("one", "b"), ("one", "-"), ("one", "."), ("one", "[ab]"), ("one", "[^a]")]
)
counts = st.sampled_from(
    [("*", 0, 99), ("+", 1, 99), ("?", 0, 1), ("{0,2}", 0, 2), ("{2}", 2, 2), ("*?", 0, 99)]
)


def _joined(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.lists(inner, min_size=1, max_size=4).map(lambda parts: ("all", *parts)),
        st.lists(inner, min_size=2, max_size=2).map(lambda parts: ("any", *parts)),
        st.tuples(st.just("many"), inner, counts),
    )


patterns: st.SearchStrategy[Node] = st.recursive(
    singles | st.tuples(st.just("many"), singles, counts), _joined, max_leaves=6
)
"""Regular expressions as trees: one character, all in order, any of two, many of one."""


def _written(node: Node) -> str:
    match node:
        case ("one", str(letter)):
            return letter
        case ("all", *parts):
            return "".join(f"(?:{_written(part)})" for part in parts)
        case ("any", one, other):
            return f"(?:{_written(one)}|{_written(other)})"
        case ("many", inner, (str(sign), _, _)):
            return f"(?:{_written(inner)}){sign}"
    raise AssertionError(node)


def _joined_as_in_python(node: Node) -> Node:
    """The same with choices between characters joined: Python makes ``[ab]`` of ``a|[ab]``, and passes an
    ``a`` in one way where a plain matcher has two."""
    match node:
        case ("all", only):
            return _joined_as_in_python(only)
        case ("all", *parts):
            return ("all", *map(_joined_as_in_python, parts))
        case ("any", one, other):
            match _joined_as_in_python(one), _joined_as_in_python(other):
                case ("one", str(left)), ("one", str(right)) if not {left, right} & {".", "[^a]"}:
                    return ("one", f"[{''.join(sorted({*left.strip('[]'), *right.strip('[]')}))}]")
                case pair:
                    return ("any", *pair)
        case ("many", inner, count):
            return ("many", _joined_as_in_python(inner), count)
    return node


_OPTIMISED = 2
"""Steps of the plain matcher below in one of Python's, which looks once at what two choices begin with."""


class _Counter:
    """A plain backtracking matcher that counts the characters it looks at."""

    def __init__(self, text: str, most: int) -> None:
        self.text, self.most, self.steps = text, most, 0

    def ends(self, node: Node, start: int) -> Iterator[int]:
        match node:
            case ("one", str(letter)):
                self.steps += 1
                assert self.steps <= self.most, "the matcher took more steps than were reckoned"
                if start < len(self.text) and re.fullmatch(letter, self.text[start]):
                    yield start + 1
            case ("all",):
                yield start
            case ("all", first, *rest):
                for middle in self.ends(first, start):
                    yield from self.ends(("all", *rest), middle)
            case ("any", one, other):
                yield from self.ends(one, start)
                yield from self.ends(other, start)
            case ("many", inner, (str(sign), int(least), int(most))):
                yield from self._rounds(inner, start, least, most, lazy=sign.endswith("*?"))

    def _rounds(self, inner: Node, start: int, least: int, most: int, *, lazy: bool) -> Iterator[int]:
        if lazy and least <= 0:
            yield start
        if most > 0:
            for middle in self.ends(inner, start):
                if middle > start or least > 0:
                    yield from self._rounds(inner, middle, least - 1, most - 1, lazy=lazy)
        if not lazy and least <= 0:
            yield start


@given(patterns, st.lists(st.sampled_from(["a", "b", "-", "ab", "aaaa", "abab"]), max_size=8).map("".join))
def test_a_search_never_takes_more_steps_than_were_reckoned(tree: Node, text: str) -> None:
    pattern = _written(tree)
    try:
        guard = guarded(pattern)
    except UnsafePattern:
        return
    counter, plain = _Counter(text, _OPTIMISED * guard.steps(len(text))), _joined_as_in_python(tree)
    found = any(True for start in range(len(text) + 1) for _ in counter.ends(plain, start))
    assert found == (re.search(pattern, text) is not None)


@given(patterns, st.lists(st.sampled_from(["a", "b", "-", "ab", "aaaa", "abab"]), max_size=8).map("".join))
def test_a_comparison_never_takes_more_steps_than_were_reckoned(tree: Node, text: str) -> None:
    pattern = _written(tree)
    try:
        guard = guarded(pattern)
    except UnsafePattern:
        return
    counter, plain = _Counter(text, _OPTIMISED * guard.full_steps(len(text))), _joined_as_in_python(tree)
    whole = any(end == len(text) for end in counter.ends(plain, 0))
    assert whole == (re.fullmatch(pattern, text) is not None)


@given(st.text(alphabet=st.sampled_from("a }%#\n\r\t\u2028é"), max_size=40))
def test_a_text_without_markup_is_what_jinja_makes_of_it(text: str) -> None:
    expected = Environment().from_string(text).render()
    assert render(text, {}, place="here") == Success(expected)
