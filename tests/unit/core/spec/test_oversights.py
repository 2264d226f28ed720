"""Oversights: names in prompts that nothing gives a value, and variables that nothing uses."""

from __future__ import annotations

from typing import Any

import pytest

from durable_core.spec.oversights import unknown_in_prompts, unused_variables
from durable_core.spec.problems import MAX_PROBLEMS, MORE
from tests.support.spec_kit import CONFIGS, FULL_CONFIGS, HUMAN, chain, document, full, good

DECLARED = {"required": {"town": "string"}, "optional": {"audience": "string"}}


def prompts(data: dict[str, Any], *variables: str) -> list[str]:
    """The pointers of the prompts that hold unknown names."""
    return [problem.pointer for problem in unknown_in_prompts(good(data), variables)]


def prompting(prompt: str, *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return chain(*(steps or ({"agent": "writer"},)), agents={"writer": {"prompt": prompt}}, **more)


def unused(data: dict[str, Any], *names: str, given: tuple[str, ...] = ()) -> dict[str, str | None]:
    return dict(unused_variables(good(data), names, {*names, *given}))


def test_a_forgotten_variable_in_a_prompt_is_told_with_what_to_do() -> None:
    (problem,) = unknown_in_prompts(good(prompting("Write about {{ topc }} in {{ zz }}.")), ["topic"])
    assert problem.pointer == "/agents/writer/prompt"
    assert problem.message == (
        "agents.writer.prompt uses 'topc', 'zz', which nothing gives a value:"
        " the model is sent them as written."
    )
    assert problem.hint == (
        "Did you mean 'topic'? Give them a value (--var topc=... --var zz=...)."
        " To keep braces as they are written, put them between {% raw %} and {% endraw %}."
    )


@pytest.mark.parametrize(
    "prompt",
    [
        "{{ topic }}",
        "{{ steps | length }} {{ last_response }} {{ hitl_response }}",
        "{{ KEY }}",
        "{{ who | default('you') }}{% if who is defined %}{{ who }}{% endif %}",
        "{% raw %}{{ who }}{% endraw %}",
        "{% for each in topic %}{{ each }}{{ loop.index }}{% endfor %}{{ range(3) }}",
        "plain",
    ],
)
def test_what_a_prompt_may_get_is_no_oversight(prompt: str) -> None:
    env = {"secrets": [{"key": "KEY", "source": "env"}]}
    assert prompts(prompting(prompt, env=env), "topic") == []


def test_what_a_step_gives_its_agent_is_known_to_that_agent_alone() -> None:
    agents = {"writer": {"prompt": "{{ tone }}"}, "other": {"prompt": "{{ tone }}"}}
    steps = {"agent": "writer", "vars": {"tone": "dry"}}, {"agent": "other"}
    assert prompts(chain(*steps, agents=agents)) == ["/agents/other/prompt"]


def test_a_prompt_that_nobody_is_sent_is_not_looked_at() -> None:
    agents = {"writer": {"prompt": "x"}, "idle": {"prompt": "{{ tone }}"}}
    assert prompts(chain({"agent": "writer"}, HUMAN, agents=agents)) == []


@pytest.mark.parametrize("kind", list(CONFIGS))
def test_in_every_pattern_its_own_names_are_known_in_a_prompt_and_others_are_not(kind: str) -> None:
    own = {
        "chain": "steps",
        "workflow": "tasks",
        "routing": "router",
        "parallel": "branches",
        "orchestrator_workers": "task",
        "evaluator_optimizer": "draft",
        "graph": "nodes",
    }
    for pattern, name in own.items():
        found = prompts(document(kind, agents={"writer": {"prompt": f"{{{{ {name} }}}}"}}))
        known = pattern == kind or (name, kind) in {("steps", "routing"), ("steps", "parallel")}
        known = known or (name, kind) == ("tasks", "orchestrator_workers")
        assert found == ([] if known else ["/agents/writer/prompt"]), name


def test_a_variable_that_nothing_uses_is_told_with_the_name_that_was_meant() -> None:
    data = chain({"agent": "writer", "input": "{{ town }} {{ mood }}"}, inputs=DECLARED)
    assert unused(data, "town", "audience", "mood") == unused(data, "town") == {}
    assert unused(data, "audence", "zz", "moood") == {
        "audence": "Did you mean 'audience'?",
        "zz": None,
        "moood": "Did you mean 'mood'?",
    }
    assert unused(data, "audence", given=("audience",)) == {"audence": None}


@pytest.mark.parametrize("kind", list(FULL_CONFIGS))
@pytest.mark.parametrize(
    "text", ["{{ mood }}", "{{ mood | default(1) }}", "{% if mood is defined %}x{% endif %}"]
)
def test_a_variable_is_used_wherever_a_template_looks_at_it(kind: str, text: str) -> None:
    data = full(kind)
    assert unused(data, "mood") == {"mood": None}
    used = {"artifacts": [{"path": "a", "from": text}]}
    assert unused({**data, "outputs": used}, "mood", "topic") == {}
    assert unused({**data, "agents": {**data["agents"], "x": {"prompt": text}}}, "mood") == {}


def test_a_variable_is_used_by_a_condition_and_by_a_header_and_secrets_are_given_too() -> None:
    edges = [{"from": "a", "choose": [{"when": "mood == 'good'", "to": "a"}]}]
    graph = {"nodes": {"a": {"agent": "writer"}}, "edges": edges}
    tools = {"http_executors": [{"id": "a", "base_url": "u", "headers": {"A": "{{ tenant }}"}}]}
    env = {"secrets": [{"key": "TOKEN", "name": "token", "source": "env"}]}
    data = document("graph", graph, tools=tools, env=env)
    assert unused(data, "mood", "tenant", "token", "mod") == {"mod": None}
    assert unused(data, "mod") == {"mod": "Did you mean 'mood'?"}


def test_a_variable_with_a_name_that_the_pattern_has_is_never_seen() -> None:
    data = chain({"agent": "writer"}, {"agent": "writer", "input": "{{ last_response }}"})
    assert unused(data, "last_response") == {"last_response": None}


def test_a_variable_whose_letters_have_combining_marks_is_found_in_a_template() -> None:
    data = chain({"agent": "writer", "input": "{{cafe\u0301}}-{{\u00fcber}}"})
    assert unused(data, "cafe\u0301", "\u00fcber", "cafe", "ber") == {"cafe": None, "ber": None}
    assert unused(data, "cafe") == {"cafe": "Did you mean 'cafe\u0301'?"}


def test_of_very_many_variables_without_a_use_and_prompts_with_odd_names_the_first_are_told() -> None:
    names = [f"v{number}" for number in range(3 * MAX_PROBLEMS)]
    assert [*unused(chain({"agent": "writer"}), *names)] == names[:MAX_PROBLEMS]
    agents = {name: {"prompt": "{{ odd }}"} for name in names}
    found = unknown_in_prompts(good(chain(*({"agent": name} for name in names), agents=agents)), ())
    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1] == MORE
