"""Templates: what they give, and what is said when they cannot."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from returns.result import Failure, Success

from durable_core.templates.rendering import (
    MAX_NAME,
    MAX_NAMES,
    TemplateProblem,
    as_template,
    check_expression,
    check_template,
    evaluate,
    free_names,
    outer_names,
    render,
)
from tests.support.template_kit import CONTEXT, Row


def refused(source: str, context: Mapping[str, object] = CONTEXT) -> TemplateProblem:
    return render(source, context, place="steps/0/input").failure()


# Mistakes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        (
            "{{ stps }}",
            "'stps' is not defined",
            "did you mean 'steps'? available here: branches, city, empty, n, names, nothing, steps, tasks,"
            " text",
        ),
        ("{{ stps.x }}", "'stps' is not defined", None),
        ("{% if stps %}{% endif %}", "'stps' is not defined", None),
        ("{% for s in stps %}{% endfor %}", "'stps' is not defined", None),
        ("{{ stps == 1 }}", "'stps' is not defined", None),
        ("{{ stps() }}", "'stps' is not defined", None),
        ("{{ stps.x() }}", "'stps' is not defined", None),
        ("{{ stps[1:] }}", "'stps' is not defined", None),
        ("{{ stps['x'] }}", "'stps' is not defined", None),
        (
            "{{ tasks.drft.response }}",
            "there is no 'drft' in the mapping",
            "did you mean 'draft'? it has: draft, values",
        ),
        ("{{ tasks['qqq'] }}", "there is no 'qqq' in the mapping", "it has: draft, values"),
        ("{{ {}.x }}", "there is no 'x' in the mapping", "it has: nothing"),
        ("{{ steps[2] }}", "there is no 2 in the list", "it has 2 items, counted from 0"),
        ("{{ [][0] }}", "there is no 0 in the list", "it is empty"),
        ("{{ steps.first }}", "there is no 'first' in the list", "it has 2 items, counted from 0"),
        ("{{ steps['first'] }}", "there is no 'first' in the list", "it has 2 items, counted from 0"),
        ("{{ text.words }}", "there is no 'words' in text", ""),
        ("{{ text.upper }}", "there is no 'upper' in text", ""),
        ("{{ text.encode() }}", "there is no 'encode' in text", ""),
        ("{{ n.x }}", "there is no 'x' in a number", ""),
        ("{{ n[0] }}", "there is no 0 in a number", ""),
        ("{{ nothing.x }}", "there is no 'x' in nothing (null)", ""),
        ("{{ {1: 2}.items().x }}", "there is no 'x' in the list", None),
        ("{{ true.x }}", "there is no 'x' in true or false", ""),
        ("{{ (names|map('upper')).x }}", "there is no 'x' in a list", ""),
        ("{{ namespace(x=1) }}", "'namespace' is not defined", None),
    ],
)
def test_a_missing_name_is_named_with_what_there_is(source: str, message: str, hint: str | None) -> None:
    problem = refused(source)
    assert problem.message == message
    assert problem.place == "steps/0/input"
    assert hint is None or problem.hint == hint


def test_a_hint_lists_no_more_names_than_one_can_read() -> None:
    problem = refused("{{ x }}", {f"name{index:03}": 0 for index in range(100)})
    assert problem.hint.count(",") == MAX_NAMES - 1
    assert problem.hint.endswith("and 70 more")


def test_long_names_in_a_message_are_cut() -> None:
    long = "k" * 5_000
    shown = "k" * MAX_NAME
    problem = refused("{{ it.x }}", {"it": {long: 1}})
    assert problem.hint == f"it has: {shown}..."
    assert refused(f"{{{{ {long} }}}}", {"it": 1}).message == f"'{shown[1:]}... is not defined"
    assert (
        refused(f"{{{{ it.{long} }}}}", {"it": {}}).message == f"there is no '{shown[1:]}... in the mapping"
    )
    assert (
        refused(f"{{{{ it['{long}'] }}}}", {"it": []}).message == f"there is no '{shown[1:]}... in the list"
    )


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ ''['__class__'] }}",
        "{{ ''|attr('__class__') }}",
        "{{ [''] | map(attribute='__class__') | list }}",
        "{{ tasks.__class__.__mro__ }}",
        "{{ steps._rows }}",
        "{{ steps['_rows'] }}",
        "{{ '{0.__class__}'.format(n) }}",
        "{{ '{a.__class__}'.format_map({'a': n}) }}",
        "{{ self.__init__ }}",
        "{% for x in [1] %}{{ loop.__class__ }}{% endfor %}",
        "{% for x in [1] %}{{ loop._iterable }}{% endfor %}",
        "{{ ''.__class__() }}",
        "{{ n.__add__(1) }}",
    ],
)
def test_a_template_does_not_reach_into_python(source: str) -> None:
    problem = refused(source)
    assert "not reached" in problem.message or "unsafe" in problem.message
    assert "nothing else of Python" in problem.hint


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ 'a' + 1 }}", "can only concatenate"),
        ("{{ 'a'() }}", "text cannot be called"),
        ("{{ n() }}", "a number cannot be called"),
        ("{{ tasks() }}", "a mapping cannot be called"),
        ("{{ n[1:] }}", "'int' object is not iterable"),
        ("{{ {[1]: 2} }}", "unhashable"),
        ("{{ range }}", "a method is not data"),
        ("{% macro m() %}{% endmacro %}{{ m }}", "a Macro is not data"),
        ("{% for x in n %}{% endfor %}", "not iterable"),
        ("{{ [] | first }}", "sequence was empty"),
        ("{{ 'a'.index('b') }}", "substring not found"),
        ("{{ text|truncate(-1) }}", "0 or more"),
        ("{{ n|dictsort }}", "dictsort needs a mapping, not a number"),
        ("{{ n|length }}", "has no len()"),
        ("{{ 'x'.format_map(3) }}", "format_map needs a mapping, not a number"),
        ("{{ 5|round(1000) }}", "at most 300 places"),
        ("{{ 5|round(1, 'sideways') }}", "method must be"),
        ("{{ '%*d' % (9, 1) }}", "takes its width from a value"),
        ("{{ 'a'|regex_search('(') }}", "not a regular expression"),
        ("{{ {'a': 2.5 * 10 ** 308 * 10}|tojson }}", "not JSON compliant"),
        ("{{ names|map('frob')|list }}", "No filter named 'frob'"),
        ("{{ names|map('random')|list }}", "No filter named 'random'"),
        ("{{ [-10 ** 6]|map('(charge)')|list }}", "No filter named '(charge)'"),
        ("{{ names|select('frob')|list }}", "No test named 'frob'"),
    ],
)
def test_an_operation_that_fails_is_a_problem_with_pythons_own_words(source: str, message: str) -> None:
    problem = refused(source)
    assert problem.message.startswith("the template cannot be worked out: ")
    assert message in problem.message
    assert len(problem.message) < 400


def test_a_long_message_is_cut() -> None:
    class Wordy(Row):
        def __len__(self) -> int:
            raise ValueError("w" * 1000)

    assert refused("{{ x|length }}", {"x": Wordy()}).message.endswith("www...")


def test_an_exception_without_words_is_called_by_its_name() -> None:
    class Broken(Row):
        def __len__(self) -> int:
            raise KeyError

    assert refused("{{ x|length }}", {"x": Broken()}).message.endswith(": KeyError")


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("{{ a }", "line 1: unexpected '}'"),
        ("a\n{{ a }", "line 2: unexpected '}'"),
        ("{{", "line 1: unexpected 'end of template'"),
        ("{% if a %}", "line 1: Unexpected end of template."),
        ("{% frob %}", "line 1: Encountered unknown tag 'frob'."),
        ("\n\n{{ a|frob }}", "line 3: there is no filter named 'frob'"),
        ("{% if a %}{{ a|random }}{% endif %}", "line 1: there is no filter named 'random'"),
        ("{% if a is frob %}{% endif %}", "line 1: there is no test named 'frob'"),
        ("{% include 'a' %}", "line 1: {% include %} is not available in a workflow"),
        ("{% extends 'a' %}", "line 1: {% extends %} is not available in a workflow"),
        ("{% import 'a' as b %}", "line 1: {% import %} is not available in a workflow"),
        ("{% from 'a' import b %}", "line 1: {% from %} is not available in a workflow"),
        (
            "{% autoescape true %}{% endautoescape %}",
            "line 1: {% autoescape %} is not available in a workflow",
        ),
        ("{{ 1e999 }}", "line 1: 1e999 is too large for a number"),
    ],
)
def test_a_template_that_does_not_parse_is_told_its_line(source: str, sentence: str) -> None:
    assert check_template(source) is not None
    assert check_template(source).startswith(sentence)  # type: ignore[union-attr]  # the line above says it is text
    problem = refused(source)
    assert problem.message.startswith(f"the template does not parse: {sentence}")


# Looking without rendering -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source", ["", "plain", "{{ a }}", "{% for x in y %}{{ loop.index }}{% endfor %}", "{{ a.b() }}"]
)
def test_a_good_template_has_no_fault(source: str) -> None:
    assert check_template(source) is None


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("plain", set()),
        ("{{ a }} {{ b.c[d] }}", {"a", "b", "d"}),
        ("{{ a|default('x') }} {{ b|d }}", set()),
        ("{{ a.b|default('x') }}", {"a"}),
        ("{% if a is defined %}{{ a }}{% endif %}", set()),
        ("{% if a is not defined %}{{ b }}{% endif %}{{ a }}", {"b"}),
        ("{% if a is undefined %}{% endif %}", set()),
        ("{% set a = b %}{{ a }}", {"b"}),
        ("{% for a in range(3) %}{{ a }}{{ loop.index }}{% endfor %}", set()),
        ("{% macro m(a) %}{{ a }}{{ caller() }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1) }}", set()),
        ("{% block b %}{% endblock %}{{ self.b() }}", set()),
        ("{{ a|upper|default('x') }}", {"a"}),
        ("{% raw %}{{ a }}{% endraw %}{# {{ b }} #}", set()),
        ("{{ a", set()),
        ("{{ 'text'.length ~ a }}{{ [].x and a }}{{ 1 if {}.x }}", {"a"}),
        ("{% macro m() %}{{ not ''.x }}{% endmacro %}{% block b %}{{ ''.x and a }}{% endblock %}", {"a"}),
    ],
)
def test_the_free_names_are_those_the_template_cannot_do_without(source: str, names: set[str]) -> None:
    assert free_names(source) == names


# Graph conditions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "truth"),
    [
        ("else", True),
        ("  ELSE ", True),
        ("{{ else }}", True),
        ("n > 2", True),
        ("{{ n > 3 }}", False),
        ("{{n == 3}}", True),
        ("'import os; exec(1)' in text", False),
        ("'lambda' != text and not empty", True),
        ("'web' in branches", True),
        ("tasks.draft.response == 'D'", True),
        ("text|search('verdict:\\\\s*ok')", True),
        ("empty", False),
        ("nothing", False),
        ("[]", False),
        ("0", False),
        ("'no'", True),
        ("'false'", False),
        ("' True '", True),
        ("missing is defined", False),
        ("missing|default(true)", True),
        ("{'a': 1} == {'a': 1}", True),
    ],
)
def test_a_condition_has_the_truth_of_its_value(expression: str, truth: bool) -> None:
    assert check_expression(expression) is None
    assert evaluate(expression, CONTEXT, place="edges/0") == Success(truth)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "unexpected 'end of template'"),
        ("n >", "unexpected 'end of template'"),
        ("n) %}{% set x = (1", "unexpected ')'"),
        ("n n", "more than one expression"),
        ("{{ n }} and {{ n }}", "more than one expression"),
        ("n|frob", "no filter named 'frob'"),
        ("(" * 200 + "n" + ")" * 200, "brackets are nested"),
        ("n = 3", "more than one expression"),
    ],
)
def test_a_condition_that_does_not_parse_is_a_fault(expression: str, message: str) -> None:
    fault = check_expression(expression)
    assert fault is not None
    assert message in fault
    assert message in evaluate(expression, CONTEXT, place="edges/0").failure().message


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("nods.a == 'x'", "'nods' is not defined"),
        ("missing", "'missing' is not defined"),
        ("tasks.x", "there is no 'x' in the mapping"),
        ("''.__class__", "'__class__' is Python's own and not reached from a template"),
    ],
)
def test_a_condition_over_what_is_not_there_is_a_problem(expression: str, message: str) -> None:
    problem = evaluate(expression, CONTEXT, place="edges/0")
    assert isinstance(problem, Failure)
    assert problem.failure().message == message
    assert problem.failure().place == "edges/0"


def test_the_names_of_a_condition_are_known_without_evaluating_it() -> None:
    assert free_names(as_template("{{ nodes.a and x is defined }}")) == {"nodes"}
    assert outer_names(as_template("nodes.a and x is defined")) == {"nodes", "x"}
    assert as_template("else") == ""


def test_what_a_template_gives_is_whole_characters() -> None:
    assert render("{{ a }}{{ b }}|{{ a }}", {"a": "\ud83d", "b": "\ude00"}, place="x") == Success("😀|\ufffd")
    assert render("as it is \ud83d", {}, place="x") == Success("as it is \ufffd")
