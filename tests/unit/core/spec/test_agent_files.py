"""Agents from files of their own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from durable_core.persistent.frozen_dict import JSON, FrozenDict, freeze
from durable_core.spec import agent_files
from durable_core.spec.agent_files import with_agents
from durable_core.spec.document import read_partly
from durable_core.spec.models import Spec
from durable_core.spec.problems import MAX_PROBLEMS
from durable_core.spec.reading import MAX_VALUES
from tests.support.spec_kit import document, good, only, problems

NOT_USED = "The file of this agent could not be used."

PLAIN = """\
name: writer
description: Writes.
prompt: You write.
model_id: theirs
tools: [calculator]
inference: {temperature: 0.2}
output_schema: ./schemas/out.json
"""

WORKFLOW = """\
version: 0
name: atomic
runtime: {provider: openai, model_id: gpt}
agents:
  summary:
    prompt: You summarise.
    input_schema: ../in.json
metadata:
  labels:
  x/y: z
pattern: {type: chain, config: {steps: [{agent: summary}]}}
"""


def referring(path: str, **own: Any) -> dict[str, Any]:
    return document(agents={"writer": {"$ref": path, **own}})


def test_the_agent_of_a_file_takes_the_place_of_the_reference() -> None:
    agent = good(referring("agents/writer.yaml"), {"agents/writer.yaml": PLAIN}).agents["writer"]
    assert agent.ref == "agents/writer.yaml"
    assert agent.prompt == "You write."
    assert agent.tools == ("calculator",)
    assert agent.model_id == "theirs"


def test_the_referring_agents_own_keys_win() -> None:
    data = referring("w.yaml", model_id="ours", tools=[], provider="ollama", inference={"top_p": 0.5})
    agent = good(data, {"w.yaml": PLAIN}).agents["writer"]
    assert (agent.model_id, agent.tools, agent.provider) == ("ours", (), "ollama")
    assert agent.inference is not None
    assert (agent.inference.top_p, agent.inference.temperature) == (0.5, None)


def test_a_workflow_with_one_agent_serves_as_its_file() -> None:
    agent = good(referring("a/b/sum.yaml"), {"a/b/sum.yaml": WORKFLOW}).agents["writer"]
    assert agent.prompt == "You summarise."
    assert agent.provider is None


def test_a_json_file_serves_too() -> None:
    assert (
        good(referring("w.JSON"), {"w.JSON": '{"prompt": "You write."}'}).agents["writer"].prompt
        == "You write."
    )


def test_schema_files_are_seen_from_the_workflows_folder() -> None:
    agents = {"a/b.yaml": PLAIN, "c.yaml": PLAIN, "a/d.yaml": "prompt: x\ninput_schema: /abs.json\n"}
    data = document(agents={name: {"$ref": path} for name, path in zip("writ", [*agents], strict=False)})
    data["pattern"]["config"]["steps"] = [{"agent": "w"}]
    spec = good(data, agents)
    assert spec.agents["w"].output_schema == "a/./schemas/out.json"
    assert spec.agents["r"].output_schema == "./schemas/out.json"
    assert spec.agents["i"].input_schema == "/abs.json"


def test_a_spec_with_references_comes_back_from_its_json() -> None:
    spec = good(referring("w.yaml"), {"w.yaml": PLAIN})
    text = spec.model_dump_json(by_alias=True, exclude_unset=True)
    assert '"$ref":"w.yaml"' in text
    assert Spec.model_validate_json(text) == spec


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "The agent file 'w.yaml' could not be found."),
        ("", "In w.yaml, line 1: The file is empty."),
        (
            "- prompt: x",
            "In w.yaml, line 1: The file holds a list, but an agent is a mapping of keys to values.",
        ),
        ("prompt: [", "In w.yaml, line 2: The file is not valid YAML"),
        ("tools: []", "In w.yaml, line 1: The key 'prompt' is missing."),
        ("\nprompt: x\ntols: []", "In w.yaml, line 3: Unknown key 'tols'."),
        ("prompt: 3", "In w.yaml, line 1: prompt must be text, not the number 3."),
        ("a: 1\nagents: {}", "In w.yaml, line 2: It must hold one agent, no more and no less."),
        ("agents: {a: {prompt: x}, b: {prompt: y}}", "It must hold one agent"),
        ("agents: 3", "It must hold one agent"),
        ("agents: {a: 3}", "In w.yaml, line 1: The key 'prompt' is missing."),
        ("agents:\n  a:\n    prompt: 3", "In w.yaml, line 3: prompt must be text"),
        ("$ref: other.yaml", "In w.yaml, line 1: It refers to another file by '$ref'."),
    ],
)
def test_a_file_that_cannot_be_used_is_told_at_the_reference(text: str | None, message: str) -> None:
    problem = only(referring("w.yaml"), {} if text is None else {"w.yaml": text})
    assert message in problem.message
    assert problem.pointer == "/agents/writer/$ref"
    assert problem.line == 1
    assert problem.hint


def test_a_problem_deep_in_an_agent_file_has_no_line_left_out() -> None:
    found = problems(referring("w.yaml"), {"w.yaml": "prompt: x\ninference:\n  top_p: 4\n  zzz: 1\n"})
    assert [problem.message.partition(":")[0] for problem in found] == [
        "In w.yaml, line 3",
        "In w.yaml, line 4",
    ]


@pytest.mark.parametrize("key", ["prompt", "input_schema", "output_schema"])
def test_an_agent_has_a_file_or_a_prompt_and_not_both(key: str) -> None:
    problem = only(referring("w.yaml", **{key: "x"}), {"w.yaml": PLAIN})
    assert problem.message == f"agents.writer has both '$ref' and '{key}'."
    assert problem.pointer == f"/agents/writer/{key}"


def test_an_unknown_key_beside_a_reference_is_unknown() -> None:
    assert "Unknown key 'tols'" in only(referring("w.yaml", tols=[]), {"w.yaml": PLAIN}).message


def test_a_reference_that_is_no_text_is_told_so() -> None:
    found = problems(document(agents={"writer": {"$ref": 3}}))
    assert "/agents/writer/$ref" in {problem.pointer for problem in found}


def test_a_file_that_is_missing_does_not_hide_other_problems() -> None:
    data = referring("w.yaml")
    data["pattern"]["config"]["steps"] = [{"agent": "nobody"}]
    assert [problem.pointer for problem in problems(data)] == [
        "/agents/writer/$ref",
        "/pattern/config/steps/0/agent",
    ]


def test_a_file_that_many_agents_refer_to_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def reading(text: str, *rest: Any) -> Any:
        read.append(text)
        return read_partly(text, *rest)

    monkeypatch.setattr(agent_files, "read_partly", reading)
    names = ["writer", *(f"agent{number}" for number in range(50))]
    many = document(agents={name: {"$ref": "w.yaml"} for name in names})
    agents = good(many, {"w.yaml": PLAIN}).agents
    assert {agent.prompt for agent in agents.values()} == {"You write."}
    assert read == [PLAIN]


def as_data(agents: dict[str, Any]) -> FrozenDict[str, JSON]:
    data = freeze({"agents": agents})
    assert isinstance(data, FrozenDict)
    return data


def test_agents_hold_no_more_values_from_files_than_a_file_may_have() -> None:
    tools = json.dumps([f"tool{number}" for number in range(40)])
    size = 4  # the mapping, its prompt, the list and the schema
    refs = {"w.json": f'{{"prompt": "p", "output_schema": "s", "tools": {tools}}}', "other.yaml": PLAIN}
    most = MAX_VALUES // (size + 40)
    names = [f"agent{number:04}" for number in range(most + 3)]
    agents: dict[str, Any] = {name: {"$ref": "w.json"} for name in names[:most]}
    agents |= {"small": {"prompt": "p"}}
    assert not with_agents(as_data(agents), refs)[1]
    agents |= {names[most]: {"$ref": "w.json", "prompt": "mine"}, names[-1]: {"$ref": "other.yaml"}}
    filled, found = with_agents(as_data(agents), refs)
    twice, much = found
    assert twice.message == f"agents.{names[most]} has both '$ref' and 'prompt'."
    assert much.message == "With 'w.json', the agents hold more than 100,000 values from files."
    assert much.pointer == f"/agents/{names[most]}/$ref"
    assert much.hint == "Refer to fewer or smaller files."
    given: Any = filled["agents"]
    prompts = [given[name]["prompt"] for name in (names[0], names[most], names[-1], "small")]
    assert prompts == ["p", NOT_USED, NOT_USED, "p"]


def test_of_very_many_problems_of_agents_in_files_the_first_are_told() -> None:
    agents = {f"agent{number}": {"$ref": "w.yaml", "prompt": "p"} for number in range(300)}
    found = problems(document(agents=agents), {"w.yaml": PLAIN})
    assert len(found) == MAX_PROBLEMS + 1
    wrong = "prompt: p\n" + "".join(f"unknown{number}: 1\n" for number in range(300))
    found = problems(referring("w.yaml"), {"w.yaml": wrong})
    assert len(found) == MAX_PROBLEMS + 1


def test_one_sentence_about_a_line_of_a_file_is_said_once() -> None:
    odd = '{"prompt": "p", "tools": [{"a": 1, "a": 1}, {"a": 1, "a": 1}]}'
    messages = [problem.message for problem in problems(referring("w.json"), {"w.json": odd})]
    assert sum("The key 'a' is there twice" in message for message in messages) == 1
