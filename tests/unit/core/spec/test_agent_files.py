"""Agents from files of their own."""

from __future__ import annotations

from typing import Any

import pytest

from durable_core.spec.models import Spec
from tests.support.spec_kit import document, good, only, problems

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
