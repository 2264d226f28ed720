"""Undefined names, for each pattern and place."""

from __future__ import annotations

from typing import Any

import pytest

from durable_core.spec.undefined_names import check_names, needed_variables, undefined_names
from tests.support.spec_kit import CONFIGS, FULL_CONFIGS, HUMAN, chain, document, full, good

C = "/pattern/config"


def undefined(data: dict[str, Any], *variables: str) -> list[tuple[str, str]]:
    """Each undefined name with the pointer of its template."""
    return [
        (problem.pointer, problem.message.split("'")[1]) for problem in check_names(good(data), variables)
    ]


def asking(source: str, kind: str, **config: Any) -> dict[str, Any]:
    return document(kind, {**CONFIGS[kind], **config}, name=source or "x")


def said(source: str) -> dict[str, Any]:
    return {"agent": "writer", "input": source}


@pytest.mark.parametrize("kind", list(FULL_CONFIGS))
def test_what_a_pattern_provides_is_defined(kind: str) -> None:
    assert undefined(full(kind), "topic", "count", "style", "ratio", "loud") == []


@pytest.mark.parametrize(
    "kind", [kind for kind in FULL_CONFIGS if kind not in ("orchestrator_workers", "evaluator_optimizer")]
)
def test_a_variable_that_nobody_gave_is_undefined(kind: str) -> None:
    assert {name for _, name in undefined(full(kind))} == {"topic"}


def test_a_chain_has_a_last_response_once_an_agent_answered() -> None:
    ask = "{{ last_response }}{{ hitl_response }}{{ steps }}"
    data = chain(said(ask), said(ask), HUMAN, said(ask))
    assert undefined(data) == [
        (f"{C}/steps/0/input", "hitl_response"),
        (f"{C}/steps/0/input", "last_response"),
        (f"{C}/steps/1/input", "hitl_response"),
    ]
    assert undefined(chain(HUMAN, said(ask))) == [(f"{C}/steps/1/input", "last_response")]


def test_a_steps_vars_are_its_own() -> None:
    own = {**said("{{ tone }}"), "vars": {"tone": "dry"}}
    assert undefined(chain(own, said("{{ tone }}"))) == [(f"{C}/steps/1/input", "tone")]


def test_a_person_is_shown_what_the_step_may_use() -> None:
    ask = {"type": "hitl", "prompt": "{{ a }}{{ steps }}", "context_display": "{{ b }}{{ last_response }}"}
    assert undefined(chain(ask)) == [
        (f"{C}/steps/0/prompt", "a"),
        (f"{C}/steps/0/context_display", "b"),
        (f"{C}/steps/0/context_display", "last_response"),
    ]


def test_a_task_sees_answers_of_those_it_depends_on_and_of_no_others() -> None:
    ask = "{{ tasks }}{{ last_response }}{{ hitl_response }}{{ steps }}"
    tasks = [
        {"id": "a", **said(ask)},
        {"id": "g", **HUMAN, "deps": ["a"]},
        {"id": "b", "deps": ["g"], **said(ask)},
        {"id": "c", **said(ask)},
    ]
    assert undefined(document("workflow", {"tasks": tasks})) == [
        (f"{C}/tasks/0/input", "hitl_response"),
        (f"{C}/tasks/0/input", "last_response"),
        (f"{C}/tasks/0/input", "steps"),
        (f"{C}/tasks/2/input", "steps"),
        (f"{C}/tasks/3/input", "hitl_response"),
        (f"{C}/tasks/3/input", "last_response"),
        (f"{C}/tasks/3/input", "steps"),
    ]


def test_routes_see_the_router_and_the_router_sees_variables_only() -> None:
    ask = "{{ router }}{{ steps }}{{ last_response }}{{ hitl_response }}"
    routes = {"a": {"then": [said(ask)]}}
    plain = asking("", "routing", router=said(ask), routes=routes)
    assert undefined(plain) == [
        (f"{C}/router/input", "hitl_response"),
        (f"{C}/router/input", "last_response"),
        (f"{C}/router/input", "router"),
        (f"{C}/router/input", "steps"),
        (f"{C}/routes/a/then/0/input", "hitl_response"),
    ]
    review = {"type": "hitl", "prompt": "{{ router.chosen_route }}{{ last_response }}{{ steps }}"}
    reviewed = asking("", "routing", router={"agent": "writer", "review_router": review}, routes=routes)
    assert undefined(reviewed) == [(f"{C}/router/review_router/prompt", "steps")]


def test_branches_see_their_own_steps_and_the_join_sees_branches() -> None:
    branch = {"id": "a", "steps": [said("{{ branches }}{{ steps }}"), HUMAN, said("{{ hitl_response }}")]}
    other = {"id": "b", "steps": [said("{{ hitl_response }}")]}
    data = document(
        "parallel",
        {"branches": [branch, other], "reduce": said("{{ branches }}{{ hitl_response }}{{ steps }}")},
    )
    assert undefined(data) == [
        (f"{C}/branches/0/steps/0/input", "branches"),
        (f"{C}/branches/1/steps/0/input", "hitl_response"),
        (f"{C}/reduce/input", "steps"),
    ]


def test_joining_workers_see_the_workers_and_the_writer_the_join() -> None:
    seen = (
        "workers",
        "num_workers",
        "round_count",
        "orchestrator_response",
        "hitl_response",
        "reduce_response",
    )
    ask = "".join(f"{{{{ {name} }}}}" for name in seen)
    data = asking("", "orchestrator_workers", reduce=said(ask), writeup=said(ask))
    assert undefined(data) == [
        (f"{C}/reduce/input", "hitl_response"),
        (f"{C}/reduce/input", "reduce_response"),
        (f"{C}/writeup/input", "hitl_response"),
    ]
    reviewed = asking(
        "", "orchestrator_workers", decomposition_review=HUMAN, reduce=said(ask), writeup=said(ask)
    )
    assert undefined(reviewed) == [(f"{C}/reduce/input", "reduce_response")]
    joined_by_a_person = asking("", "orchestrator_workers", reduce=HUMAN, writeup=said(ask))
    assert undefined(joined_by_a_person) == []


def test_drafts_are_there_for_the_evaluator_and_the_revision() -> None:
    ask = "{{ draft }}{{ iteration }}{{ evaluation }}{{ hitl_response }}"
    data = asking("", "evaluator_optimizer", evaluator=said(ask), revise_prompt=ask)
    assert undefined(data) == [
        (f"{C}/evaluator/input", "evaluation"),
        (f"{C}/evaluator/input", "hitl_response"),
        (f"{C}/revise_prompt", "hitl_response"),
    ]
    gated = asking("", "evaluator_optimizer", evaluator=said(ask), revise_prompt=ask, review_gate=HUMAN)
    assert undefined(gated) == [(f"{C}/evaluator/input", "evaluation")]


def test_a_node_sees_answers_of_nodes_that_lead_to_it_and_a_condition_its_own_nodes_too() -> None:
    ask = "{{ last_response }}{{ hitl_response }}"
    when = {"choose": [{"when": ask.replace("}}{{", "and"), "to": "b"}, {"when": "else", "to": "c"}]}
    nodes = {"a": said(ask), "g": HUMAN | {"prompt": ask}, "b": said(ask), "c": said(ask)}
    edges = [{"from": "a", **when}, {"from": "b", "to": ["g"]}, {"from": "g", "to": ["b"]}]
    assert undefined(document("graph", {"nodes": nodes, "edges": edges})) == [
        (f"{C}/nodes/a/input", "hitl_response"),
        (f"{C}/nodes/a/input", "last_response"),
        (f"{C}/nodes/c/input", "hitl_response"),
        (f"{C}/edges/0/choose/0/when", "hitl_response"),
    ]


def test_conditions_see_nodes_and_variables() -> None:
    choose = [{"when": "{{ nodes.a.response == word and steps }}", "to": "a"}, {"when": "else", "to": "a"}]
    data = document(
        "graph",
        {
            "nodes": {"a": said("{{ nodes }}{{ last_response }}{{ hitl_response }}")},
            "edges": [{"from": "a", "choose": choose}],
        },
    )
    assert undefined(data, "word") == [
        (f"{C}/nodes/a/input", "hitl_response"),
        (f"{C}/edges/0/choose/0/when", "steps"),
    ]


RESULTS = {
    "chain": ["steps"],
    "workflow": ["tasks"],
    "routing": ["router", "chosen_route", "steps"],
    "parallel": ["branches"],
    "orchestrator_workers": [
        "workers",
        "num_workers",
        "round_count",
        "orchestrator_response",
        "tasks",
        "task_count",
    ],
    "evaluator_optimizer": ["iterations", "iteration", "final_score", "accepted", "draft", "evaluation"],
    "graph": ["nodes", "terminal_node", "execution_path", "total_steps"],
}


@pytest.mark.parametrize("kind", list(RESULTS))
def test_artifacts_see_the_result_of_the_pattern(kind: str) -> None:
    source = "".join(f"{{{{ {name} }}}}" for name in [*RESULTS[kind], "last_response", "topic", "nothing"])
    data = document(kind, outputs={"artifacts": [{"path": "{{ topic }}{{ nothing }}", "from": source}]})
    assert undefined(data, "topic") == [
        ("/outputs/artifacts/0/path", "nothing"),
        ("/outputs/artifacts/0/from", "nothing"),
    ]


def test_artifacts_see_the_joined_answer_if_there_is_a_step_that_joins() -> None:
    outputs = {"artifacts": [{"path": "a", "from": "{{ reduce_response }}"}]}
    alone = asking("", "orchestrator_workers") | {"outputs": outputs}
    assert undefined(alone) == [("/outputs/artifacts/0/from", "reduce_response")]
    assert undefined(asking("", "orchestrator_workers", reduce=HUMAN) | {"outputs": outputs}) == []


def test_artifacts_of_questions_alone_have_no_last_response() -> None:
    outputs = {"artifacts": [{"path": "a", "from": "{{ last_response }}"}]}
    assert undefined(chain(HUMAN, outputs=outputs)) == [("/outputs/artifacts/0/from", "last_response")]


@pytest.mark.parametrize("gate", ["decomposition_review", "reduce_review"])
def test_a_review_of_workers_sees_the_last_response(gate: str) -> None:
    review = {"type": "hitl", "prompt": "{{ last_response }}{{ workers }}{{ tasks }}"}
    assert undefined(asking("", "orchestrator_workers", **{gate: review})) == []


def test_the_review_of_a_plan_sees_an_answer_where_there_was_an_earlier_round() -> None:
    review = {"type": "hitl", "prompt": "{{ hitl_response }}"}
    twice = {"agent": "writer", "limits": {"max_rounds": 2}}
    once = asking("", "orchestrator_workers", decomposition_review=review)
    assert undefined(once) == [(f"{C}/decomposition_review/prompt", "hitl_response")]
    again = asking("", "orchestrator_workers", decomposition_review=review, orchestrator=twice)
    assert undefined(again) == []


def test_artifacts_see_an_answer_if_anyone_is_asked() -> None:
    outputs = {"artifacts": [{"path": "a", "from": "{{ hitl_response }}"}]}
    assert undefined(chain(HUMAN, outputs=outputs)) == []
    assert undefined(chain(said("x"), outputs=outputs)) == [("/outputs/artifacts/0/from", "hitl_response")]


def test_headers_see_secrets_and_variables() -> None:
    headers = {"A": "{{ K }}{{ token }}{{ region }}{{ other }}"}
    tools = {
        "http_executors": [{"id": "a", "base_url": "u", "headers": headers}],
        "mcp": [{"id": "b", "url": "u", "headers": {"B": "{{ steps }}"}}],
    }
    env = {"secrets": [{"key": "TOKEN", "name": "token", "source": "env"}, {"key": "K", "source": "env"}]}
    assert undefined(document(tools=tools, env=env), "region") == [
        ("/tools/mcp/0/headers/B", "steps"),
        ("/tools/http_executors/0/headers/A", "other"),
    ]


def test_a_prompt_may_say_anything_and_a_guarded_name_may_be_missing() -> None:
    assert undefined(document(agents={"writer": {"prompt": "{{ nobody.knows }}"}})) == []
    assert undefined(chain(said("{{ a | default('x') }}{% if b is defined %}{{ b }}{% endif %}"))) == []


@pytest.mark.parametrize("kind", list(FULL_CONFIGS))
def test_what_is_needed_as_variables_is_all_that_is_missing_once_it_is_given(kind: str) -> None:
    """Whatever name stands in an artifact: the names of all patterns, and names of nobody's."""
    names = ["topic", "nobody", "last_response", "hitl_response", "steps", "tasks", "draft", "nodes", "KEY"]
    artifacts = [{"path": f"{name}.md", "from": f"{{{{ {name} }}}}"} for name in names]
    env = {"secrets": [{"key": "KEY", "source": "env"}]}
    spec = good({**full(kind), "outputs": {"artifacts": artifacts}, "env": env})
    undefined = undefined_names(spec, ())
    needed = {each.name for each in undefined if each.can_be_given}
    assert {"topic", "nobody"} <= needed
    assert not needed & {"last_response", "hitl_response", "steps", "tasks", "nodes", "KEY"}
    left = undefined_names(spec, needed)
    assert [each.name for each in left] == [each.name for each in undefined if not each.can_be_given]
    assert needed_variables(spec, left) == ()


def test_a_condition_can_not_be_given_a_secret() -> None:
    nodes = {"a": {"agent": "writer"}}
    choose = [{"when": "token == 'x' or word == 'y'", "to": "a"}]
    env = {"secrets": [{"key": "token", "source": "env"}]}
    graph = {"nodes": nodes, "edges": [{"from": "a", "choose": choose}]}
    found = undefined_names(good(document("graph", graph, env=env)), ("token",))
    assert [(each.name, each.can_be_given) for each in found] == [("token", False), ("word", True)]


def test_a_needed_variable_is_remarked_once_at_its_first_place() -> None:
    data = chain(
        said("{{ topik }}"),
        said("{{ topik }} {{ zz }}"),
        said("{{ topik }}"),
        inputs={"optional": {"topic": "string"}},
    )
    spec = good(data)
    first, second = needed_variables(spec, undefined_names(spec, ("topic",)))
    assert first.pointer == f"{C}/steps/0/input"
    assert first.message == (
        "A run needs --var topik=...: pattern.config.steps[0].input and 2 more use it,"
        " and no input declares it."
    )
    assert first.hint == "Did you mean 'topic'?"
    assert (second.pointer, second.hint) == (f"{C}/steps/1/input", None)
    assert "pattern.config.steps[1].input uses it" in second.message


def test_the_hint_names_the_nearest_name_or_all_of_them() -> None:
    def hint(source: str, *variables: str) -> str | None:
        [problem] = check_names(good(chain(said(source))), variables)
        return problem.hint

    assert hint("{{ topc }}", "topic") == "Did you mean 'topic'? Or give it with --var topc=..."
    assert hint("{{ zz }}", "topic") == "Available there: 'steps', 'topic'. Or give it with --var zz=..."
    assert hint("{{ last_response }}", "topic") == "Available there: 'steps', 'topic'."
    router = asking("", "routing", router=said("{{ zz }}"))
    [problem] = check_names(good(router), ())
    assert problem.hint == "Nothing is defined there. Or give it with --var zz=..."
