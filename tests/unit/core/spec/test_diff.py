"""What changed between two specs; the JSON Schema; what an import costs."""

from __future__ import annotations

import copy
import subprocess
import sys
from typing import Any

import jsonschema
import pytest

from durable_core.spec.diff import diff_specs
from durable_core.spec.schema import SCHEMA_ID, json_schema
from tests.support.spec_kit import CONFIGS, FULL_CONFIGS, chain, document, full, good


def diff(old: dict[str, Any], new: dict[str, Any]) -> tuple[str, ...]:
    return diff_specs(good(old), good(new))


def step(text: str) -> dict[str, str]:
    return {"agent": "writer", "input": text}


@pytest.mark.parametrize("kind", list(FULL_CONFIGS))
def test_a_spec_does_not_differ_from_itself(kind: str) -> None:
    assert diff(full(kind), full(kind)) == ()


def test_short_values_are_shown_and_texts_are_not() -> None:
    old = document(runtime={"provider": "echo", "max_tokens": 100, "model_id": "small"})
    new = document(
        runtime={"provider": "echo", "max_tokens": 200, "model_id": "m" * 50, "top_p": 0.5},
        agents={"writer": {"prompt": "You rewrite."}},
    )
    assert diff(old, new) == (
        "runtime.model_id changed",
        "runtime.max_tokens: 100 -> 200",
        "runtime.top_p added: 0.5",
        "agents.writer.prompt changed",
    )
    assert "runtime.top_p removed" in diff(new, old)


def test_outputs_that_were_not_there_are_added() -> None:
    assert diff(document(), document(outputs={"artifacts": [{"path": "a", "from": "b"}]})) == (
        "outputs added",
    )


def test_steps_are_matched_by_what_stays() -> None:
    old = chain(step("a"), step("b"), step("c"))
    assert diff(old, chain(step("a"), step("new"), step("b"), step("c"))) == (
        "pattern.config.steps[1] added",
    )
    assert diff(old, chain(step("a"), step("c"))) == ("pattern.config.steps[1] removed",)
    assert diff(old, chain(step("a"), step("x"), step("c"), step("d"))) == (
        "pattern.config.steps[1].input changed",
        "pattern.config.steps[3] added",
    )


def test_tasks_are_matched_by_their_ids() -> None:
    def tasks(*tasks: dict[str, Any]) -> dict[str, Any]:
        return document("workflow", {"tasks": [{"agent": "writer", **task} for task in tasks]})

    old = tasks({"id": "a"}, {"id": "b", "input": "x"})
    assert diff(old, tasks({"id": "b", "input": "y"}, {"id": "c"})) == (
        "pattern.config.tasks[a] removed",
        "pattern.config.tasks[b].input changed",
        "pattern.config.tasks[c] added",
    )
    assert diff(old, tasks({"id": "b", "input": "x"}, {"id": "a"})) == (
        "pattern.config.tasks: another order",
    )


def test_another_entry_of_a_graph_is_a_change() -> None:
    node = {"agent": "writer"}
    edges = [{"from": "a", "to": ["b"]}, {"from": "b", "to": ["a"]}]
    one = document("graph", {"nodes": {"a": node, "b": node}, "edges": edges})
    two = document("graph", {"nodes": {"b": node, "a": node}, "edges": edges})
    assert diff(one, two) == ("pattern.config: the entry is b, it was a",)


def test_another_pattern_is_told_by_its_type() -> None:
    lines = diff(document("chain"), document("workflow"))
    assert lines == (
        "pattern.type: chain -> workflow",
        "pattern.config.steps removed",
        "pattern.config.tasks added",
    )
    assert diff(document("graph"), document("chain"))[0] == "pattern.type: graph -> chain"


def test_a_default_that_is_spelled_out_is_no_change() -> None:
    old = document(runtime={"provider": "echo"})
    assert diff(old, document(runtime={"provider": "echo", "max_parallel": 5, "budgets": {}})) == ()


def test_a_value_of_another_kind_is_a_change() -> None:
    assert diff(document(version=0), document(version="0")) == ('version: 0 -> "0"',)
    old = document(inputs={"optional": {"a": {"type": "array", "default": [1]}}})
    assert diff(old, document(inputs={"optional": {"a": {"type": "object", "default": {"b": 1}}}})) == (
        "inputs.optional.a.type: array -> object",
        "inputs.optional.a.default changed",
    )


# Schema -----------------------------------------------------------------------------------------------------


def valid(data: Any) -> bool:
    return jsonschema.Draft202012Validator(json_schema()).is_valid(data)


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert json_schema()["$id"] == SCHEMA_ID


@pytest.mark.parametrize("kind", list(CONFIGS))
def test_the_schema_takes_what_the_door_takes(kind: str) -> None:
    assert valid(document(kind))
    assert valid(full(kind))


def test_the_schema_takes_an_agent_from_a_file() -> None:
    assert valid(document(agents={"writer": {"$ref": "a.yaml"}}))
    assert not valid(document(agents={"writer": {"tools": []}}))


@pytest.mark.parametrize(
    "change",
    [
        {"nme": 1},
        {"version": 1.5},
        {"runtime": {"provider": "zzz"}},
        {"runtime": {"provider": "echo", "host": None}},
        {"runtime": {"provider": "echo", "temperature": 3}},
        {"agents": {}},
        {"tags": ["Not A Tag"]},
        {"pattern": {"type": "chain", "config": {"steps": []}}},
        {"pattern": {"type": "chain", "config": CONFIGS["workflow"]}},
        {"inputs": {"required": {"a": "strng"}}},
        {"inputs": {"values": {"a": [1]}}},
    ],
)
def test_the_schema_refuses_what_the_door_refuses(change: dict[str, Any]) -> None:
    assert not valid(document(**change))


def test_everything_in_the_schema_is_explained() -> None:
    schema = json_schema()
    bare = [
        f"{name}.{key}"
        for name, part in {**schema["$defs"], "Spec": schema}.items()
        for key, due in part.get("properties", {}).items()
        if not {"description", "$ref"} & set(due) and not name.endswith("Pattern")
    ]
    assert bare == []


def test_the_shared_schema_is_not_changed_by_tidying() -> None:
    before = copy.deepcopy(json_schema())
    assert json_schema() == before


# Imports ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", ["problems", "suggestions"])
def test_printing_problems_brings_in_neither_models_nor_yaml(module: str) -> None:
    costly = ("pydantic", "yaml", "jinja2", "returns")
    program = f"import sys, durable_core.spec.{module}; print([m for m in {costly} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
