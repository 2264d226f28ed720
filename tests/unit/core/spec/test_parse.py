"""Parsing: what the models refuse, in our words, all at once and in its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic_core import ErrorDetails

from durable_core.persistent.frozen_dict import FrozenDict, freeze
from durable_core.spec import parse_spec, references, validation_messages
from durable_core.spec.base_types import Model
from durable_core.spec.models import (
    Agent,
    ChainPattern,
    GraphPattern,
    HumanStep,
    HumanTask,
    Spec,
    Step,
    WorkflowPattern,
)
from durable_core.spec.patterns import config_keys
from tests.support.spec_kit import (
    CONFIGS,
    FULL_CONFIGS,
    HUMAN,
    chain,
    document,
    full,
    good,
    only,
    problems,
    wrong,
)


@pytest.mark.parametrize("kind", list(CONFIGS))
def test_the_smallest_workflow_of_each_pattern_loads(kind: str) -> None:
    assert good(document(kind)).pattern.type == kind


@pytest.mark.parametrize("kind", list(FULL_CONFIGS))
def test_a_workflow_with_every_key_loads_and_comes_back_from_its_json(kind: str) -> None:
    spec = good(full(kind))
    assert Spec.model_validate_json(spec.model_dump_json(by_alias=True, exclude_unset=True)) == spec


def test_yaml_and_json_give_the_same_spec() -> None:
    data = full("graph")
    assert parse_spec(json.dumps(data), format="yaml") == parse_spec(json.dumps(data), format="json")


def test_a_version_may_be_a_number_or_text() -> None:
    assert good(document(version=0)).version == 0
    assert good(document(version="1.0.0")).version == "1.0.0"
    assert only(document(version=1.0)).message == "version must be a whole number or text."
    assert only(document(version=True)).pointer == "/version"


def test_shorthands_mean_their_long_forms() -> None:
    short = document(inputs={"required": {"topic": "string"}}, tools={"python": ["a.b"]})
    long = document(
        inputs={"required": {"topic": {"type": "string"}}}, tools={"python": [{"callable": "a.b"}]}
    )
    assert good(short) == good(long)


def test_what_is_left_out_has_its_default() -> None:
    spec = good(document("graph"))
    assert spec.runtime.max_parallel == 5
    assert spec.runtime.failure_policy.retries == 2
    assert (spec.runtime.failure_policy.wait_min, spec.runtime.failure_policy.wait_max) == (1, 60)
    assert spec.runtime.budgets.warn_threshold == 0.8
    assert isinstance(spec.pattern, GraphPattern)
    assert spec.pattern.config.max_iterations == 10


def test_a_step_with_a_type_is_a_persons() -> None:
    pattern = good(chain({"agent": "writer"}, HUMAN)).pattern
    assert isinstance(pattern, ChainPattern)
    agent_step, human_step = pattern.config.steps
    assert isinstance(agent_step, Step)
    assert isinstance(human_step, HumanStep)


def test_models_can_be_built_in_python_too() -> None:
    steps = (Step(agent="a"), HumanStep(type="hitl", prompt="?"))
    pattern = ChainPattern.model_validate({"type": "chain", "config": {"steps": steps}})
    assert pattern.config.steps == steps
    data = document()
    built = Spec.model_validate({**data, "pattern": ChainPattern.model_validate(data["pattern"])})
    assert built == good(data)
    task = HumanTask(type="hitl", prompt="?", id="ask")
    assert WorkflowPattern.model_validate({"type": "workflow", "config": {"tasks": [task]}}).config.tasks == (
        task,
    )


def test_nothing_in_a_spec_can_be_changed() -> None:
    spec = good(full("chain"))
    with pytest.raises(ValueError, match="frozen"):
        spec.name = "other"  # type: ignore[misc]  # what this test is about
    with pytest.raises(TypeError, match="cannot be changed"):
        spec.agents["other"] = spec.agents["writer"]  # type: ignore[index]  # likewise
    assert hash(spec) == hash(good(full("chain")))


@pytest.mark.parametrize(
    ("change", "pointer", "message", "hint"),
    [
        ({"nme": "x"}, "/nme", "Unknown key 'nme'.", "Did you mean 'name'?"),
        (
            {"runtime": {"provider": "echo", "temprature": 1}},
            "/runtime/temprature",
            "in runtime",
            "'temperature'",
        ),
        (
            {"runtime": {"provider": "echo", "zzz": 1}},
            "/runtime/zzz",
            "Unknown key 'zzz'",
            "Known here: 'provider'",
        ),
        ({"runtime": {}}, "/runtime", "The key 'provider' is missing in runtime.", "Who runs the model."),
        ({"runtime": {"provider": "opnai"}}, "/runtime/provider", "not 'opnai'", "Did you mean 'openai'?"),
        ({"runtime": {"provider": "echo", "top_p": 2}}, "/runtime/top_p", "must be at most 1, not 2", None),
        (
            {"runtime": {"provider": "echo", "max_tokens": 0}},
            "/runtime/max_tokens",
            "at least 1, not 0",
            None,
        ),
        (
            {"runtime": {"provider": "echo", "host": None}},
            "/runtime/host",
            "runtime.host is empty",
            "remove the key",
        ),
        ({"runtime": None}, "/runtime", "runtime is empty", "remove the key"),
        ({"runtime": [1]}, "/runtime", "must be a mapping of keys to values, not a list", "Which model"),
        ({"name": ""}, "/name", "name must not be empty", "The workflow's name."),
        ({"name": 3}, "/name", "name must be text, not the number 3", 'Quote it: "3".'),
        ({"name": True}, "/name", "name must be text, not true", 'Quote it: "true".'),
        ({"name": {}}, "/name", "name must be text, not a mapping", "The workflow's name."),
        ({"tags": "a"}, "/tags", "tags must be a list, not the text 'a'", "Put '- ' before each entry"),
        ({"tags": [""]}, "/tags/0", "tags[0] must be lower-case letters", None),
        ({"tags": [["a"]]}, "/tags/0", "must be text, not a list", None),
        ({"agents": {}}, "/agents", "agents needs at least 1 entry, not 0", None),
        ({"agents": {"a/b": {"prompt": "x"}}}, "/agents/a~1b", "must be a name of 1 to 128 characters", None),
        (
            {"agents": {"writer": {"prompt": "x", "inference": {"max_tokens": "9"}}}},
            "/agents/writer/inference/max_tokens",
            "a whole number, not the text '9'",
            "Remove the quotes.",
        ),
        (
            {"agents": {"writer": {"prompt": "x", "inference": {"top_p": "0.9"}}}},
            "/agents/writer/inference/top_p",
            "a number, not the text '0.9'",
            "Remove the quotes.",
        ),
        (
            {"agents": {"writer": {"prompt": "x", "inference": {"top_p": "much"}}}},
            "/agents/writer/inference/top_p",
            "a number, not the text 'much'",
            "Nucleus sampling",
        ),
        (
            {"agents": {"writer": {"prompt": "x", "inference": {"top_p": ""}}}},
            "/agents/writer/inference/top_p",
            "a number, not an empty text",
            "Nucleus sampling",
        ),
        (
            {"agents": {"writer": {"prompt": "x", "input_schema": 3}}},
            "/agents/writer/input_schema",
            "must be the path of a JSON Schema file",
            None,
        ),
        (
            {"security": {"guardrails": {"deny_network": "true"}}},
            "/security/guardrails/deny_network",
            "must be true or false, not the text 'true'",
            "Remove the quotes.",
        ),
        (
            {"security": {"guardrails": {"deny_network": "on"}}},
            "/security/guardrails/deny_network",
            "must be true or false, not the text 'on'",
            "No tool",
        ),
        ({"inputs": {"values": {"a": [1]}}}, "/inputs/values/a", "must be text, a number or a boolean", None),
        ({"inputs": {"required": {"a": "strng"}}}, "/inputs/required/a", "not 'strng'", "'string'"),
        ({"inputs": {"optional": {"a": {"typ": "string"}}}}, "/inputs/optional/a", "'type' is missing", None),
        (
            {"env": {"secrets": [{"key": "A B", "source": "env"}]}},
            "/env/secrets/0/key",
            "letters, digits",
            None,
        ),
        (
            {"env": {"secrets": [{"key": "A", "source": "env", "path": 1.5}]}},
            "/env/secrets/0/path",
            "1.5",
            "Quote",
        ),
        (
            {"outputs": {"artifacts": [{"path": "a", "form": "b"}]}},
            "/outputs/artifacts/0/form",
            "Unknown key",
            "'from'",
        ),
    ],
)
def test_what_the_models_refuse_is_told_with_place_and_remedy(
    change: dict[str, Any], pointer: str, message: str, hint: str | None
) -> None:
    found = [problem for problem in problems(document(**change)) if problem.pointer == pointer]
    assert any(message in problem.message for problem in found), found
    assert any(hint is None or hint in (problem.hint or "") for problem in found), found


def test_a_long_value_is_quoted_short() -> None:
    problem = only(document(runtime={"provider": "echo", "temperature": "hot " * 100}))
    assert problem.message.endswith("not the text 'hot hot hot hot hot hot hot hot hot h...'.")


@pytest.mark.parametrize("name", [".", "..", "a/b", "a\\b", " a", "", "a\nb", "x" * 129])
def test_a_name_that_cannot_be_part_of_a_path_is_refused(name: str) -> None:
    data = document(agents={"writer": {"prompt": "x"}, name: {"prompt": "x"}})
    assert "must be a name of 1 to 128" in only(data).message


@pytest.mark.parametrize("name", [".", "..", "a b", "", "ä", "x" * 129])
def test_an_id_outside_the_formats_letters_is_refused(name: str) -> None:
    assert (
        "letters, digits" in only(document("workflow", {"tasks": [{"id": name, "agent": "writer"}]})).message
    )


def test_problems_of_every_kind_come_at_once_in_the_order_of_the_file() -> None:
    found = wrong(
        """\
version: 0
nme: x
name: y
runtime:
  provider: opnai
  temperature: "0.5"
agents:
  w: {promt: hi}
  v: {prompt: 3}
  z: {prompt: "{{ x", tools: [calcualtor]}
pattern:
  type: chain
  config:
    steps:
      - agent: ww
      - type: hilt
        prompt: q
      - 3
outputs:
  artifacts: [{path: a.md, from: "{% if %}"}]
"""
    )
    assert [(problem.line, problem.pointer) for problem in found] == [
        (2, "/nme"),
        (5, "/runtime/provider"),
        (6, "/runtime/temperature"),
        (8, "/agents/w"),
        (8, "/agents/w/promt"),
        (9, "/agents/v/prompt"),
        (10, "/agents/z/prompt"),
        (10, "/agents/z/tools/0"),
        (15, "/pattern/config/steps/0/agent"),
        (16, "/pattern/config/steps/1/type"),
        (18, "/pattern/config/steps/2"),
        (20, "/outputs/artifacts/0/from"),
    ]


def test_what_the_reader_minds_does_not_hide_what_the_models_mind() -> None:
    text = "version: 0\nname: x\nname: y\nruntime: {provider: echo, on: 1}\nagents: {w: {prmpt: !!str x}}\n"
    found = wrong(text + "pattern: {type: chain, config: {steps: [{agent: w, input: {{ topic }}}]}}\n")
    assert [problem.pointer for problem in found] == [
        "/name",
        "/runtime/on",
        "/agents/w",
        "/agents/w/prmpt",
        "/pattern/config/steps/0/input",
    ]


def test_a_file_that_cannot_be_read_is_refused_with_the_readers_problem() -> None:
    assert [problem.message for problem in wrong("")] == ["The file is empty."]
    assert "not valid JSON" in wrong("{", "json")[0].message


def test_a_duplicate_key_alone_is_enough_to_refuse_a_spec() -> None:
    text = json.dumps(document()).replace('"name": "letters"', '"name": "a", "name": "b"')
    assert [problem.pointer for problem in wrong(text, "json")] == ["/name"]


@pytest.mark.parametrize(
    "change",
    [
        {"agents": 3},
        {"agents": {"writer": 3}},
        {"agents": None, "nme": 1},
        {"pattern": 3},
        {"pattern": None},
        {"pattern": {"type": "chain", "config": 3}},
        {"pattern": {"type": "chain"}},
        {"pattern": {"type": "chain", "config": {"steps": 3}}},
        {"pattern": {"type": "routing", "config": {"router": {"agent": "nobody"}, "routes": 3}}},
    ],
)
def test_a_wrong_part_is_one_problem_and_the_rest_is_checked_all_the_same(change: dict[str, Any]) -> None:
    found = problems(document(**{"runtime": {"provider": "echo", "zzz": 1}, **change}))
    assert "/runtime/zzz" in {problem.pointer for problem in found}
    assert len(found) == 1 + len(change)


def test_an_agent_that_is_a_number_still_lets_the_other_checks_run() -> None:
    found = problems(chain({"agent": "nobody"}, agents={"writer": 3}))
    assert [problem.pointer for problem in found] == ["/agents/writer", "/pattern/config/steps/0/agent"]


@pytest.mark.parametrize(
    ("pattern", "pointer", "message", "hint"),
    [
        (
            {"type": "grph", "config": CONFIGS["graph"]},
            "/pattern/type",
            "not 'grph'",
            "Did you mean 'graph'?",
        ),
        (
            {"type": "zzz", "config": CONFIGS["graph"]},
            "/pattern/type",
            "not 'zzz'",
            "The config is that of 'graph'.",
        ),
        ({"type": 3, "config": {}}, "/pattern/type", "not 3", None),
        ({"config": CONFIGS["parallel"]}, "/pattern", "'type' is missing", "that of 'parallel'"),
        ({"config": {}}, "/pattern", "'type' is missing", "It is one of 'chain'"),
        (
            {"type": "chain", "config": CONFIGS["workflow"]},
            "/pattern/config",
            "that of 'workflow': it has 'tasks'",
            "Write 'type: workflow', or give the config 'steps'.",
        ),
    ],
)
def test_a_pattern_type_that_does_not_fit_is_one_problem(
    pattern: dict[str, Any], pointer: str, message: str, hint: str | None
) -> None:
    problem = only(document(pattern=pattern))
    assert problem.pointer == pointer
    assert message in problem.message
    assert hint is None or hint in (problem.hint or "")


def test_an_empty_config_is_told_what_it_lacks() -> None:
    assert only(document("chain", {})).message == "The key 'steps' is missing in pattern.config."


def test_a_stand_in_for_a_wrong_value_is_never_talked_about() -> None:
    data = document(
        "workflow", {"tasks": [{"id": 3, "agent": "writer"}, {"id": "b", "agent": 4, "deps": ["c"]}]}
    )
    assert [problem.pointer for problem in problems(data)] == [
        "/pattern/config/tasks/0/id",
        "/pattern/config/tasks/1/agent",
        "/pattern/config/tasks/1/deps/0",
    ]
    score: dict[str, Any] = {
        "producer": "nobody",
        "evaluator": {"agent": "writer"},
        "accept": {"min_score": "9"},
    }
    assert [problem.pointer for problem in problems(document("evaluator_optimizer", score))] == [
        "/pattern/config/producer",
        "/pattern/config/accept/min_score",
    ]


def test_a_missing_pattern_is_not_blamed_on_the_artifacts() -> None:
    data = document(outputs={"artifacts": [{"path": "a", "from": "x"}, {"path": "a", "from": "x"}]})
    del data["pattern"]
    assert [problem.message for problem in problems(data)] == ["The key 'pattern' is missing."]


def test_a_refusal_that_nobody_foresaw_still_has_a_place_and_a_sentence() -> None:
    error: ErrorDetails = {"type": "odd", "loc": ("name",), "msg": "odd", "input": [1]}
    [fault] = validation_messages._faults(validation_messages.schema_of(Spec), {"name": [1]}, [error])
    assert fault.problem.pointer == "/name"
    assert fault.problem.message == "name cannot be a list."


def test_a_refusal_beyond_what_the_schema_knows_has_a_pointer_too() -> None:
    error: ErrorDetails = {"type": "odd", "loc": ("name", "inner", 0, "deep"), "msg": "odd", "input": 1}
    [fault] = validation_messages._faults(
        validation_messages.schema_of(Spec), {"name": {"inner": [{"deep": 1}]}}, [error]
    )
    assert fault.problem.pointer == "/name/inner/0/deep"


def test_values_are_described_in_a_persons_words() -> None:
    described = [validation_messages.described(value) for value in (None, False, 2.5, "", {}, ())]
    assert described == ["empty", "false", "the number 2.5", "an empty text", "a mapping", "a list"]


def test_a_spec_that_no_stand_in_can_save_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stubborn(Model):
        """Refuses everything, over and over."""

    data = document(zzz=1)
    from durable_core.spec import parse

    calls: list[int] = []

    def refuse_forever(*_: Any) -> Any:
        calls.append(1)
        return validation_messages.faults(Agent, {"prompt": "x", "zzz": 1})

    monkeypatch.setattr(parse, "faults", refuse_forever)
    assert [problem.pointer for problem in problems(data)] == ["/zzz"]
    assert len(calls) < 10


def test_references_are_read_from_any_text_that_can_be_read() -> None:
    agents = "a: {$ref: a.yaml}, b: {$ref: b.json}, c: {$ref: a.yaml}, d: {prompt: x}, e: 3, f: {$ref: 4}"
    text = f"agents: {{{agents}}}"
    assert references(text) == ("a.yaml", "b.json")
    assert references("agents: [1]") == ()
    assert references("a: [") == ()


def test_frozen_maps_read_like_dicts_and_copy_like_values() -> None:
    import copy
    import pickle

    frozen = FrozenDict(a=1, b=(2,))
    assert frozen == {"a": 1, "b": (2,)}
    assert json.dumps(frozen) == '{"a": 1, "b": [2]}'
    assert copy.deepcopy(frozen) == pickle.loads(pickle.dumps(frozen)) == copy.copy(frozen) == frozen
    assert hash(frozen) == hash(FrozenDict(b=(2,), a=1))
    assert repr(frozen) == "FrozenDict({'a': 1, 'b': (2,)})"
    for change in (
        lambda: frozen.update(c=1),
        lambda: frozen.pop("a"),
        frozen.popitem,
        frozen.clear,
        lambda: frozen.setdefault("c", 1),
        lambda: frozen.__delitem__("a"),
        lambda: frozen.__ior__({"a": 2}),
    ):
        with pytest.raises(TypeError, match="cannot be changed"):
            change()


def test_only_json_can_be_frozen() -> None:
    assert freeze({"a": [1, None, {"b": True}]}) == FrozenDict(a=(1, None, FrozenDict(b=True)))
    with pytest.raises(TypeError, match="no word for a set"):
        freeze({1})
    with pytest.raises(TypeError, match="keys are text, not int"):
        freeze({1: 2})


def test_the_package_has_its_doors_and_nothing_else() -> None:
    import durable_core.spec

    with pytest.raises(AttributeError, match="no attribute 'parse_specs'"):
        durable_core.spec.parse_specs  # type: ignore[attr-defined]  # noqa: B018  # what this test is about


def test_what_only_one_pattern_holds_is_reached_through_the_models_too() -> None:
    from durable_core.patterns.graph.config import Edge
    from durable_core.spec import models

    assert models.__getattr__("Edge") is models.Edge is Edge
    with pytest.raises(AttributeError, match="no attribute 'Vertex'"):
        models.Vertex  # type: ignore[attr-defined]  # noqa: B018  # what this test is about


def test_what_few_files_hold_is_reached_through_the_models_too() -> None:
    from durable_core.spec import extras, models

    assert models.__getattr__("Skill") is models.Skill is extras.Skill


def test_a_pattern_that_is_none_has_no_keys() -> None:
    with pytest.raises(KeyError, match="loop"):
        config_keys("loop")


def test_a_node_of_a_graph_whose_name_can_be_none_is_named() -> None:
    data = document("graph")
    data["pattern"]["config"]["nodes"]["a/b"] = {"agent": "ann"}
    assert "/pattern/config/nodes/a~1b" in {one.pointer for one in problems(data)}


def test_a_key_with_half_a_character_is_refused_at_the_top_as_below() -> None:
    text = json.dumps(document()).replace('"agents"', '"ag\\ud83dents"')
    assert "/ag\ud83dents" in {problem.pointer for problem in wrong(text, "json")}
