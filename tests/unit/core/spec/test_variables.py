"""Variables and model settings: who wins, and what text becomes."""

from __future__ import annotations

from typing import Any

import pytest
from returns.result import Failure, Success

from durable_core.persistent.frozen_dict import freeze
from durable_core.spec.document import read_document
from durable_core.spec.parse import parse_spec
from durable_core.spec.settings import ModelSettings, TurnLimits, model_settings, turn_limits
from durable_core.spec.variables import (
    declared_names,
    file_values,
    known_variables,
    missing_inputs,
    resolve_variables,
)
from tests.support.spec_kit import document, good


def resolved(inputs: dict[str, Any], file: dict[str, Any] | None = None, **given: str) -> Any:
    """The variables, or the list of messages."""
    match resolve_variables(good(document(inputs=inputs)), file=file or {}, given=given):
        case Success(values):
            return dict(values)
        case Failure(problems):
            assert all(problem.kind == "usage" for problem in problems)
            return [problem.message for problem in problems]


def test_what_is_nearer_to_the_person_wins() -> None:
    declared = {"optional": {"a": {"type": "string", "default": "declared"}}}
    values = {**declared, "values": {"a": "value"}}
    assert resolved(declared) == {"a": "declared"}
    assert resolved(values) == {"a": "value"}
    assert resolved(values, {"a": "file"}) == {"a": "file"}
    assert resolved(values, {"a": "file"}, a="given") == {"a": "given"}


def test_texts_are_whole_characters_names_too() -> None:
    assert resolved({}, {"a\ud83d": ["\ud83d\ude00", {"\udc00": "\ud83d"}]}) == {
        "a\ufffd": ("😀", {"\ufffd": "\ufffd"})
    }


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", " 3 ", " 3 "),
        ("integer", "3", 3),
        ("integer", " -3 ", -3),
        ("integer", "+3", 3),
        ("number", "3", 3),
        ("number", "3.5", 3.5),
        ("number", ".5", 0.5),
        ("number", "-1e3", -1000.0),
        *[("boolean", word, True) for word in ("true", "Yes", "1")],
        *[("boolean", word, False) for word in ("FALSE", "no", "0")],
        ("array", "[1, [2]]", (1, (2,))),
        ("object", '{"a": {"b": [null]}}', {"a": {"b": (None,)}}),
    ],
)
def test_text_becomes_what_the_declaration_says(kind: str, text: str, value: Any) -> None:
    got = resolved({"required": {"a": kind}}, a=text)["a"]
    assert got == value
    assert type(got) is type(value) or isinstance(got, dict)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("integer", "3.0"),
        ("integer", "three"),
        ("integer", ""),
        ("integer", "٣"),
        ("integer", "9" * 401),
        ("number", "nan"),
        ("number", "inf"),
        ("number", "1e999"),
        ("number", "1,5"),
        ("boolean", "perhaps"),
        ("array", "a, b"),
        ("array", '{"a": 1}'),
        ("array", "[NaN]"),
        ("array", "[1e999]"),
        ("object", '{"a": [-1e999]}'),
        ("array", "[" + "9" * 401 + "]"),
        ("array", "[" * 100_000),
        ("object", "[1]"),
        ("object", ""),
    ],
)
def test_text_that_does_not_fit_is_told(kind: str, text: str) -> None:
    [message] = resolved({"required": {"a": kind}}, a=text)
    assert message.startswith("The variable 'a' must be ")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", 3),
        ("integer", True),
        ("integer", 3.0),
        ("number", False),
        ("boolean", 1),
        ("array", {}),
        ("object", []),
    ],
)
def test_a_value_of_a_file_is_not_bent(kind: str, value: Any) -> None:
    [message] = resolved({"required": {"a": kind}}, {"a": value})
    assert message.startswith("The variable 'a' must be ")


@pytest.mark.parametrize("kind", ["integer", "number"])
def test_a_number_is_as_long_as_a_file_may_write_it(kind: str) -> None:
    longest = "9" * 308  # one digit more is beyond what a float holds
    assert resolved({"required": {"a": kind}}, a=longest) == {"a": int(longest)}
    [message] = resolved({"required": {"a": kind}}, a=f"{longest}9")
    assert "must be a" in message
    assert resolved({"required": {"a": kind}}, {"a": 10**400}) == {"a": 10**400}  # from a program


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_a_number_that_json_has_no_word_for_is_no_value(number: float) -> None:
    with pytest.raises(TypeError, match=f"no word for {number}"):
        freeze({"a": [number]})


def test_how_to_write_a_list_or_a_mapping_is_shown() -> None:
    assert "such as [1, 2], not" in resolved({"required": {"a": "array"}}, a="x")[0]
    assert """such as {"a": 1}, not""" in resolved({"required": {"a": "object"}}, a="x")[0]


def test_a_value_must_be_one_of_the_allowed_ones() -> None:
    inputs = {"required": {"a": {"type": "integer", "enum": [1, 2], "description": "How many."}}}
    assert resolved(inputs, a="2") == {"a": 2}
    assert resolved(inputs, a="3") == ["The variable 'a' must be one of '1', '2', not '3'."]


@pytest.mark.parametrize(
    ("kind", "allowed", "good_text", "bad_text"),
    [
        ("boolean", True, "true", "false"),
        ("array", [1, [2]], "[1.0, [2]]", "[true, [2]]"),
        ("array", [1], "[1]", "[1, 1]"),
        ("object", {"a": 1}, '{"a": 1}', '{"a": true}'),
        ("object", {"a": 1}, '{"a": 1}', '{"b": 1}'),
    ],
)
def test_allowed_values_are_compared_as_json_and_true_is_not_one(
    kind: str, allowed: Any, good_text: str, bad_text: str
) -> None:
    inputs = {"required": {"a": {"type": kind, "enum": [allowed]}}}
    assert isinstance(resolved(inputs, a=good_text), dict)
    [message] = resolved(inputs, a=bad_text)
    assert "must be one of" in message


def test_true_is_not_allowed_where_one_is() -> None:
    [message] = resolved({"required": {"a": {"type": "array", "enum": [[1]]}}}, a="[true]")
    assert message == "The variable 'a' must be one of '[1]', not '[true]'."


def test_an_undeclared_name_keeps_what_it_was_given() -> None:
    assert resolved({}, {"b": [1]}, a="3") == {"b": (1,), "a": "3"}


def test_a_missing_required_input_is_told_with_all_that_is_known_of_it() -> None:
    inputs = {
        "required": {
            "topic": {"type": "string", "description": "What to write about"},
            "tone": {"type": "string", "enum": ["dry", "warm"]},
            "there": "string",
            "declared": {"type": "integer", "default": 3},
        },
        "values": {"there": "x"},
    }
    spec = good(document(inputs=inputs))
    problems = resolve_variables(spec, file={}, given={}).failure()
    assert [(problem.message, problem.hint) for problem in problems] == [
        (
            "The input 'topic' (string) is required and has no value: What to write about.",
            "Give it with --var topic=..., or let --ask ask for it.",
        ),
        (
            "The input 'tone' (string) is required and has no value.",
            "Give it with --var tone=..., or let --ask ask for it. It is one of 'dry', 'warm'.",
        ),
    ]
    assert [problem.pointer for problem in problems] == ["/inputs/required/topic", "/inputs/required/tone"]
    assert [missing.name for missing in missing_inputs(spec, {"topic"})] == ["tone"]
    assert missing_inputs(spec, {"topic", "tone"}) == ()


def test_a_plan_goes_on_without_what_is_missing_and_with_what_does_not_fit() -> None:
    spec = good(document(inputs={"required": {"a": "string", "b": "integer", "c": "integer"}}))
    assert known_variables(spec, file={"c": 1}, given={"b": "many"}) == {"b": "many", "c": 1}


def test_variables_cannot_be_changed() -> None:
    values = resolve_variables(good(document()), file={"a": {"b": 1}}, given={}).unwrap()
    with pytest.raises(TypeError):
        values["a"]["b"] = 2  # type: ignore[call-overload, index]  # what this test is about


def settings(runtime: dict[str, Any], **agent: Any) -> ModelSettings:
    return model_settings(
        good(document(runtime=runtime, agents={"writer": {"prompt": "x", **agent}})), "writer"
    )


def test_an_agent_takes_the_runtimes_settings() -> None:
    runtime = {
        "provider": "ollama",
        "model_id": "m",
        "host": "h",
        "region": "r",
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 9,
    }
    assert settings(runtime) == ModelSettings("ollama", "m", "r", "h", 0.5, 0.9, 9)


def test_the_limits_of_a_turn_are_the_agents_then_the_runtimes_then_ours() -> None:
    def limits(runtime: dict[str, Any], **agent: Any) -> TurnLimits:
        spec = good(
            document(runtime={"provider": "echo", **runtime}, agents={"writer": {"prompt": "x", **agent}})
        )
        return turn_limits(spec, "writer")

    assert limits({}) == TurnLimits(None, 600, 600)
    assert limits({"timeouts": {"model": 1, "tool": 2, "turn": 3}}) == TurnLimits(1, 2, 3)
    both = limits({"timeouts": {"model": 1, "tool": 2}}, timeouts={"model": 0.5, "turn": 4})
    assert both == TurnLimits(0.5, 2, 4)


def test_a_client_waits_as_long_as_one_call_of_its_model_may_take() -> None:
    assert settings({"provider": "echo"}).timeout is None
    assert settings({"provider": "echo", "timeouts": {"model": 20}}).timeout == 20


def test_an_agents_own_settings_win_even_when_they_are_zero() -> None:
    runtime = {
        "provider": "ollama",
        "model_id": "m",
        "host": "h",
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 9,
    }
    own = settings(runtime, model_id="n", inference={"temperature": 0, "max_tokens": 5})
    assert own == ModelSettings("ollama", "n", None, "h", 0.0, 0.9, 5)


def test_another_provider_does_not_inherit_the_model_and_its_address() -> None:
    runtime = {"provider": "ollama", "model_id": "m", "host": "h", "region": "r", "temperature": 0.5}
    assert settings(runtime, provider="openai") == ModelSettings("openai", None, None, None, 0.5)
    assert settings(runtime, provider="openai", model_id="n").model_id == "n"
    assert settings(runtime, provider="ollama").host == "h"


def test_what_is_required_optional_or_given_a_value_is_declared() -> None:
    inputs = {
        "required": {"a": {"type": "string"}},
        "optional": {"b": {"type": "string"}},
        "values": {"c": 1, "a": "x"},
    }
    assert declared_names(good(document(inputs=inputs))) == {"a", "b", "c"}
    assert declared_names(good(document())) == set()


def problems_of(inputs: str) -> list[str]:
    text = f"""\
version: 0
name: x
runtime: {{provider: echo}}
agents: {{a: {{prompt: hi}}}}
pattern: {{type: chain, config: {{steps: [{{agent: a}}]}}}}
inputs: {inputs}
"""
    match parse_spec(text):
        case Failure(problems):
            return [f"{problem.message} {problem.hint or ''}".strip() for problem in problems]
        case Success(spec):
            return [f"{dict(resolve_variables(spec, file={}, given={}).unwrap())}"]
    raise AssertionError("neither")


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ("{optional: {zip: {type: string, default: 01234}}}", "{'zip': '01234'}"),
        ("{optional: {zip: {type: string, enum: [007, 010], default: 010}}}", "{'zip': '010'}"),
        ("{optional: {zip: string}, values: {zip: 007}}", "{'zip': '007'}"),
        ("{optional: {n: {type: integer, default: 007}}}", "{'n': 7}"),
        ("{values: {free: 007}}", "{'free': 7}"),
        ("{optional: {light: {type: string, enum: [on, off], default: on}}}", "{'light': 'on'}"),
        (
            "{optional: {a: {type: string, default: 1234}}}",
            'inputs.optional.a.default must be text, not the number 1234. Quote it: "1234".',
        ),
        (
            "{optional: {a: {type: string, default: 1e3}}}",
            'inputs.optional.a.default must be text, not the number 1e3. Quote it: "1e3".',
        ),
        (
            "{optional: {a: {type: string, default: TRUE}}}",
            'inputs.optional.a.default must be text, not TRUE. Quote it: "TRUE".',
        ),
        (
            "{optional: {a: {type: string, enum: [true, x]}}}",
            'inputs.optional.a.enum[0] must be text, not true. Quote it: "true".',
        ),
        (
            "{optional: {a: {type: boolean, enum: [on, off], description: A lamp.}}}",
            "inputs.optional.a.enum[0] must be true or false, not the text 'on'. A lamp.",
        ),
        (
            "{optional: {a: {type: integer, enum: [0x10], default: 0x11}}}",
            "inputs.optional.a.default must be one of '16', not 0x11.",
        ),
        ("{optional: 010}", "inputs.optional must be a mapping of keys to values, not the number 010."),
        (
            "{optional: {a: 010}}",
            "inputs.optional.a must be a mapping of keys to values, not the number 010.",
        ),
        (
            "{optional: {a: {type: string, enum: 010}}}",
            "inputs.optional.a.enum must be a list, not the number 010.",
        ),
    ],
)
def test_what_a_declaration_says_is_read_and_named_as_it_is_written(inputs: str, said: str) -> None:
    assert problems_of(inputs)[0].startswith(said)


def test_a_number_out_of_range_is_named_as_it_is_written() -> None:
    chain = "pattern: {type: chain, config: {steps: [{agent: a}]}}"
    text = f"version: 0\nname: 007\nruntime: {{provider: echo, temperature: 1e3, top_p: -1e0}}\n{chain}\n"
    [low, high] = [each.message for each in parse_spec(f"{text}agents: {{a: {{prompt: 010}}}}\n").failure()]
    assert (low, high) == (
        "runtime.temperature must be at most 2, not 1e3.",
        "runtime.top_p must be at least 0, not -1e0.",
    )
    fit = text.replace("temperature: 1e3, top_p: -1e0", "temperature: 01")
    spec = parse_spec(f"{fit}agents: {{a: {{prompt: 010}}}}\n").unwrap()
    assert (spec.name, spec.agents["a"].prompt, spec.runtime.temperature) == ("007", "010", 1)


def test_a_variable_file_keeps_the_digits_of_declared_texts() -> None:
    spec = good(document(inputs={"required": {"zip": "string", "n": "integer"}}))
    file = read_document("zip: 01234\nn: 01234\nfree: 01234\ndeep: [{zip: 01}]\n", format="yaml").unwrap()
    assert file_values(spec, file) == {"zip": "01234", "n": 1234, "free": 1234, "deep": ({"zip": 1},)}
