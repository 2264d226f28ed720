"""The spec door, whatever comes: a spec or problems, never an exception; and what it takes, it keeps."""

from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import assume, example, given
from hypothesis import strategies as st
from returns.result import Failure, Success

from durable_core.spec.document import Format, decode_bytes, read_document
from durable_core.spec.features import unsupported
from durable_core.spec.models import Spec
from durable_core.spec.parse import parse_spec, references
from durable_core.spec.problems import Problem, pointer_of
from durable_core.spec.undefined_names import check_names
from property_tests.kits.spec_strategies import (
    ANY_WRONG,
    FULL_DOCUMENTS,
    JSON_VALUES,
    PLAIN_TEXT,
    documents,
    look_up,
    places,
    removed,
    replaced,
)

FREE = frozenset(
    "default enum labels input_schema output_schema examples common_endpoints vars values version".split()
)
"""Keys below which values of several kinds are right."""

FOREIGN = ("pydantic", "Input should", "Value error", "errors.pydantic.dev", "Traceback", "stand-in")
"""Words that belong to a library, or to the inside of the door."""

FORMATS = st.sampled_from(["yaml", "json"])


class Writer(yaml.SafeDumper):
    """Quotes each text that may look like a number: PyYAML itself quotes by the rules of YAML 1.1."""

    def represent_str(self, data: str) -> yaml.ScalarNode:
        style = "'" if data[:1] in tuple("0123456789+-.") else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style)


Writer.add_representer(str, Writer.represent_str)


def as_yaml(data: Any) -> str:
    return yaml.dump(data, Dumper=Writer, sort_keys=False, allow_unicode=True)


def parsed(data: Any) -> Spec | tuple[Problem, ...]:
    match parse_spec(json.dumps(data), format="json"):
        case Success(spec):
            return spec
        case Failure(problems):
            return problems
    raise AssertionError("neither")


def sound(problems: tuple[Problem, ...], kind: str = "invalid") -> bool:
    """Problems that a person can use: a place, a sentence, and none of a library's words."""
    return bool(problems) and all(
        problem.line is not None
        and problem.line >= 1
        and problem.column is not None
        and problem.column >= 1
        and problem.kind == kind
        and problem.message.endswith((".", "?"))
        and not any(word in problem.message + (problem.hint or "") for word in FOREIGN)
        for problem in problems
    )


@given(documents())
def test_a_right_document_parses_and_comes_back_from_its_json(data: dict[str, Any]) -> None:
    spec = parsed(data)
    assert isinstance(spec, Spec), spec
    again = Spec.model_validate_json(spec.model_dump_json(by_alias=True, exclude_unset=True))
    assert again == spec
    assert hash(again) == hash(spec)


@given(documents())
def test_yaml_and_json_of_one_document_give_one_spec(data: dict[str, Any]) -> None:
    text = as_yaml(data)
    assert parse_spec(text) == Success(parsed(data))


@given(documents())
def test_every_question_about_a_spec_has_an_answer(data: dict[str, Any]) -> None:
    spec = parsed(data)
    assert isinstance(spec, Spec)
    assert check_names(spec, ()) == check_names(spec, ())
    pointers = {problem.pointer for problem in unsupported(spec, patterns=frozenset())}
    assert "/pattern/type" in pointers


@given(FULL_DOCUMENTS, st.data())
def test_a_wrong_type_is_told_at_its_place(data: dict[str, Any], draw: st.DataObject) -> None:
    at = draw.draw(st.sampled_from([*places(data)]), label="place")
    wrong = draw.draw(ANY_WRONG, label="value")
    right = look_up(data, at)
    outcome = parsed(replaced(data, at, wrong))
    if isinstance(outcome, Spec):
        free = bool(FREE & set(at))
        assert type(wrong) is type(right) or free or _numbers(wrong, right), at
        return
    assert sound(outcome), outcome
    shorthand = isinstance(wrong, str) and at[:2] == ("tools", "python")
    if type(wrong) is type(right) or shorthand or bool(FREE & set(at)):
        return
    told = {problem.pointer for problem in outcome}
    # a mapping in place of a shorthand is told what it lacks, or what it has too much, inside
    pointer = pointer_of(*at)
    assert any(place == pointer or place.startswith(pointer + "/") for place in told), (pointer, outcome)


def _numbers(wrong: Any, right: Any) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in (wrong, right))


@given(FULL_DOCUMENTS, st.data())
def test_a_missing_part_is_a_spec_or_problems(data: dict[str, Any], draw: st.DataObject) -> None:
    at = draw.draw(st.sampled_from([*places(data)]), label="place")
    outcome = parsed(removed(data, at))
    assert isinstance(outcome, Spec) or sound(outcome)


@given(FULL_DOCUMENTS, st.data())
def test_several_wrong_values_are_a_spec_or_problems(data: dict[str, Any], draw: st.DataObject) -> None:
    for _ in range(4):
        at = draw.draw(st.sampled_from([*places(data)] or [()]))
        assume(at)
        data = replaced(data, at, draw.draw(ANY_WRONG))
    outcome = parsed(data)
    assert isinstance(outcome, Spec) or sound(outcome)


@given(FULL_DOCUMENTS, st.data())
def test_an_unknown_key_is_told_at_its_place(data: dict[str, Any], draw: st.DataObject) -> None:
    mappings = [at for at in places(data) if isinstance(look_up(data, at), dict)]
    closed = [at for at in mappings if not bool(FREE & set(at))]
    named = ("required", "optional", "mounts", "env", "headers", "agents", "routes", "nodes")
    at = draw.draw(st.sampled_from([at for at in closed if at[-1] not in named]), label="place")
    outcome = parsed(replaced(data, (*at, "zzz"), 1))
    assert isinstance(outcome, tuple)
    assert pointer_of(*at, "zzz") in {problem.pointer for problem in outcome}


@given(st.text(max_size=200), FORMATS)
@example("a: &a [*a]", "yaml")
@example("{{ x }}", "yaml")
@example("\ud800", "json")
@example("? {a: b}\n: c", "yaml")
def test_any_text_is_a_spec_or_problems(text: str, form: Format) -> None:
    match parse_spec(text, format=form):
        case Failure(problems):
            assert sound(problems)
    assert isinstance(references(text, format=form), tuple)


@given(FULL_DOCUMENTS, FORMATS, st.data())
def test_a_file_with_a_few_characters_changed_is_a_spec_or_problems(
    data: dict[str, Any], form: Format, draw: st.DataObject
) -> None:
    text = json.dumps(data) if form == "json" else yaml.safe_dump(data, sort_keys=False)
    for _ in range(draw.draw(st.integers(1, 3))):
        at = draw.draw(st.integers(0, len(text)))
        gone = draw.draw(st.integers(0, 3))
        text = text[:at] + draw.draw(st.text("{}[]:,-*&!|>'\"\n\t %@`x1", max_size=3)) + text[at + gone :]
    match parse_spec(text, format=form):
        case Failure(problems):
            assert sound(problems), problems


@given(st.binary(max_size=100))
def test_any_bytes_are_text_or_a_problem(raw: bytes) -> None:
    match decode_bytes(raw):
        case Failure(problems):
            assert sound(problems, "usage")
        case Success(text):
            assert text.encode() in (raw, raw.removeprefix(b"\xef\xbb\xbf"))


@given(st.dictionaries(PLAIN_TEXT, JSON_VALUES, max_size=4), FORMATS)
@example({"08": None, "x": "0o7"}, "yaml")
def test_a_document_is_read_as_it_was_written(data: dict[str, Any], form: Format) -> None:
    text = json.dumps(data) if form == "json" else as_yaml(data)
    document = read_document(text, format=form).unwrap()
    assert json.loads(json.dumps(document.data)) == data
    assert set(document.positions) == {pointer_of(*at) for at in places(data)}


@given(FULL_DOCUMENTS, st.text("abc/~", min_size=1, max_size=5))
def test_a_refused_agent_file_never_breaks_the_door(data: dict[str, Any], path: str) -> None:
    data = {**data, "agents": {"writer": {"$ref": path}}}
    for text in ("", "prompt: 3", "agents: {a: {prompt: x}}", "prompt: x\nzzz: 1"):
        match parse_spec(json.dumps(data), format="json", refs={path: text}):
            case Failure(problems):
                assert sound(problems)
