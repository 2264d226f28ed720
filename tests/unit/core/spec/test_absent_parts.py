"""Parts that values will not have, for each pattern and place, and how that is told."""

from __future__ import annotations

from typing import Any

import pytest

from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.absent_parts import absent_in_prompts, check_parts, variable_shapes
from durable_core.spec.problems import MORE
from durable_core.spec.variables import known_variables
from durable_core.templates.shapes import MAPPING, NUMBER, TEXT
from tests.support.spec_kit import CONFIGS, FULL_CONFIGS, HUMAN, chain, document, full, good

C = "/pattern/config"
TOPIC = {"topic": TEXT}


def absent(data: dict[str, Any], **variables: Any) -> list[tuple[str, str]]:
    """The pointer of each place, and what is looked for there."""
    found = check_parts(good(data), {**TOPIC, **variables})
    return [(problem.pointer, problem.message.split(" looks for ")[1].rstrip(".")) for problem in found]


def said(source: str) -> dict[str, Any]:
    return {"agent": "writer", "input": source}


@pytest.mark.parametrize("kind", list(FULL_CONFIGS))
def test_what_the_examples_look_into_is_there(kind: str) -> None:
    assert absent(full(kind)) == []


TEXTS = {
    "chain": ("{{ steps[0].response.title }}", {"steps": [said("x"), said("HERE")]}, f"{C}/steps/1/input"),
    "workflow": (
        "{{ tasks.a.response.title }}",
        {"tasks": [{"id": "a", **said("x")}, {"id": "b", "deps": ["a"], **said("HERE")}]},
        f"{C}/tasks/1/input",
    ),
    "routing": (
        "{{ router.response.title }}",
        {**CONFIGS["routing"], "routes": {"short": {"then": [said("HERE")]}}},
        f"{C}/routes/short/then/0/input",
    ),
    "parallel": (
        "{{ branches.a.response.title }}",
        {**CONFIGS["parallel"], "reduce": said("HERE")},
        f"{C}/reduce/input",
    ),
    "orchestrator_workers": (
        "{% for each in workers %}{{ each.response.title }}{% endfor %}",
        {**CONFIGS["orchestrator_workers"], "reduce": said("HERE")},
        f"{C}/reduce/input",
    ),
    "evaluator_optimizer": (
        "{{ evaluation.issues[0].title }}{{ draft.title }}",
        {**CONFIGS["evaluator_optimizer"], "revise_prompt": "HERE"},
        f"{C}/revise_prompt",
    ),
    "graph": (
        "{{ nodes.start.response.title }}",
        {**CONFIGS["graph"], "nodes": {"start": {**HUMAN, "context_display": "HERE"}}},
        f"{C}/nodes/start/context_display",
    ),
}


def put(value: Any, text: str) -> Any:
    """The same with ``text`` where HERE stands."""
    if isinstance(value, dict):
        return {key: put(each, text) for key, each in value.items()}
    if isinstance(value, list):
        return [put(each, text) for each in value]
    return text if value == "HERE" else value


@pytest.mark.parametrize("kind", list(TEXTS))
def test_an_answer_is_text_in_every_pattern(kind: str) -> None:
    source, config, pointer = TEXTS[kind]
    found = absent(document(kind, put(config, source)))
    assert {at for at, _ in found} == {pointer}
    assert all(what.startswith("'title' in ") and what.endswith("which is text") for _, what in found)
    for name in ("title()", "split(',')[0]", "title | default('x')", "title is defined"):
        assert absent(document(kind, put(config, source.replace("title", name)))) == []


@pytest.mark.parametrize(
    ("kind", "source", "what"),
    [
        ("chain", "{{ steps[0].respnse }}", "'respnse' in steps[0], which does not have it"),
        ("chain", "{{ steps[3].response }}", "item 3 of steps, which has 1"),
        ("chain", "{{ last_response[0].x }}", "'x' in last_response[0], which is text"),
        ("workflow", "{{ tasks.nobody.response }}", "'nobody' in tasks, which does not have it"),
        ("workflow", "{{ tasks.draft.prompt }}", "'prompt' in tasks.draft, which does not have it"),
        ("routing", "{{ router.route }}", "'route' in router, which does not have it"),
        ("routing", "{{ chosen_route.name }}", "'name' in chosen_route, which is text"),
        ("parallel", "{{ branches.c.response }}", "'c' in branches, which does not have it"),
        ("parallel", "{{ branches.a.steps[1].agent }}", "item 1 of branches.a.steps, which has 1"),
        ("orchestrator_workers", "{{ workers.response }}", "'response' in workers, which is a list"),
        ("orchestrator_workers", "{{ num_workers.x }}", "'x' in num_workers, which is a number"),
        ("evaluator_optimizer", "{{ accepted.x }}", "'x' in accepted, which is true or false"),
        (
            "evaluator_optimizer",
            "{{ iterations[-1].evaluation }}",
            "'evaluation' in iterations[-1], which does not",
        ),
        ("graph", "{{ nodes.end.response }}", "'end' in nodes, which does not have it"),
        ("graph", "{{ nodes.start.prompt }}", "'prompt' in nodes.start, which does not have it"),
    ],
)
def test_records_have_their_fields_and_no_others(kind: str, source: str, what: str) -> None:
    outputs = {"artifacts": [{"path": "a", "from": source}]}
    ((pointer, told),) = absent(document(kind, outputs=outputs))
    assert pointer == "/outputs/artifacts/0/from"
    assert told.startswith(what)


def test_a_step_knows_the_steps_before_it_one_by_one() -> None:
    ask = said("{{ steps[0].agent }}{{ steps[1].prompt }}{{ steps[1].agent }}{{ steps[2].agent }}")
    assert absent(chain(said("x"), HUMAN, ask)) == [
        (f"{C}/steps/2/input", "'agent' in steps[1], which does not have it"),
        (f"{C}/steps/2/input", "item 2 of steps, which has 2"),
    ]


def test_a_step_knows_its_own_constants() -> None:
    own = {**said("{{ topic.title }}{{ n.x }}"), "vars": {"topic": 3, "n": "text"}}
    assert absent(chain(own)) == [
        (f"{C}/steps/0/input", "'title' in topic, which is a number"),
        (f"{C}/steps/0/input", "'x' in n, which is text"),
    ]


def test_a_condition_is_looked_at_as_a_template_is() -> None:
    when = ["nodes.a.response.score > 3", "{{ nodes.a.response.score is defined }}", "nodes.b.status == 'x'"]
    choose = [{"when": each, "to": "a"} for each in when]
    data = document(
        "graph", {"nodes": {"a": {"agent": "writer"}}, "edges": [{"from": "a", "choose": choose}]}
    )
    assert absent(data) == [
        (f"{C}/edges/0/choose/0/when", "'score' in nodes.a.response, which is text"),
        (f"{C}/edges/0/choose/2/when", "'b' in nodes, which does not have it"),
    ]


def test_secrets_are_text_and_headers_are_looked_at() -> None:
    tools = {"http_executors": [{"id": "a", "base_url": "u", "headers": {"A": "{{ token.x }}"}}]}
    env = {"secrets": [{"key": "token", "source": "env"}]}
    assert absent(document(tools=tools, env=env)) == [
        ("/tools/http_executors/0/headers/A", "'x' in token, which is text")
    ]


def test_what_nobody_knows_is_not_told() -> None:
    assert absent(chain(said("{{ book.title }}{{ who.name.first }}")), book=MAPPING) == []


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("{{ topic.x }}", "Text has no fields, whatever an agent wrote; regex_search takes a part of it."),
        (
            "{{ topic.title }}",
            "Text has no fields, whatever an agent wrote; regex_search takes a part of it."
            " To call the method, write topic.title().",
        ),
        ("{{ book.titel }}", "Did you mean 'title'?"),
        ("{{ book.zz }}", "It has 'pages', 'title'."),
        ("{{ book.items }}", "To call the method, write book.items()."),
        ("{{ none_.x }}", "It is empty."),
        ("{{ book.pages.first }}", "Name an item first: book.pages[0]."),
        ("{{ book.pages[4] }}", "Items are counted from 0."),
        ("{{ n.x }}", None),
        (
            "{% set title = book.zz %}{% if title is undefined %}{{ title.x }}{% endif %}",
            "It has 'pages', 'title'.",
        ),
    ],
)
def test_the_hint_says_what_helps(source: str, hint: str | None) -> None:
    spec = good(chain(said(source)))
    book = FrozenDict(title="Tides", pages=(1, 2))
    given = variable_shapes(spec, {"book": book, "none_": FrozenDict(), "n": 3})
    (problem,) = check_parts(spec, {**TOPIC, **given})
    assert problem.hint == hint


def test_before_a_run_a_variable_is_what_it_is_declared_to_be() -> None:
    inputs = {
        "required": {"city": "string", "book": "object"},
        "optional": {
            "n": {"type": "integer", "default": 3},
            "tags": {"type": "array", "default": ["a"]},
            "map": {"type": "object", "default": {"a": 1}},
            "loud": "boolean",
        },
        "values": {"tone": "dry"},
    }
    spec = good(chain(said("x"), inputs=inputs))
    uses = "{{ city.x }}{{ book.x }}{{ n.x }}{{ tags.x }}{{ tags[7] }}{{ map.x }}{{ loud.x }}{{ tone.x }}"

    def told(**given: Any) -> list[str]:
        known = known_variables(spec, file=given, given={})
        found = check_parts(good(chain(said(uses), inputs=inputs)), variable_shapes(spec, known, given))
        return [problem.message.split(" looks for ")[1].rstrip(".") for problem in found]

    without = [
        "'x' in city, which is text",
        "'x' in n, which is a number",
        "'x' in tags, which is a list",
        "'x' in loud, which is true or false",
        "'x' in tone, which is text",
    ]
    assert told() == without
    assert told(map={"b": 1}, tags=["a"], tone={"x": 1}) == [
        *without[:3],
        "item 7 of tags, which has 1",
        "'x' in map, which does not have it",
        "'x' in loud, which is true or false",
    ]


def test_whether_a_value_of_the_spec_counts_as_true_is_known_only_if_the_run_has_it() -> None:
    values = {"fancy": False, "tone": "dry"}
    uses = said("{% if fancy %}{{ tone.x }}{% endif %}{% if not fancy %}{{ tone.y }}{% endif %}")
    spec = good(chain(uses, inputs={"values": values}))
    assert check_parts(spec, variable_shapes(spec, values, given=())) == ()
    (problem,) = check_parts(spec, variable_shapes(spec, values))
    assert problem.message.endswith("looks for 'y' in tone, which is text.")


def test_no_more_than_a_hundred_are_told() -> None:
    source = "".join(f"{{{{ topic.x{n} }}}}" for n in range(150))
    assert check_parts(good(chain(said(source))), TOPIC)[-1] == MORE
    prompts = {"writer": {"prompt": source}}
    assert absent_in_prompts(good(chain(said("x"), agents=prompts)), TOPIC)[-1] == MORE


def test_a_prompt_that_looks_in_vain_is_told_as_what_the_model_is_sent() -> None:
    prompt = "{{ topic.title }}{{ last_response.x }}{{ steps[0].zz }}{{ tone.x }}{{ who.x }}"
    agents = {"writer": {"prompt": prompt}, "idle": {"prompt": "{{ topic.title }}"}}
    data = chain({"agent": "writer", "vars": {"tone": "dry"}}, agents=agents)
    found = absent_in_prompts(good(data), {**TOPIC, "tone": NUMBER})
    assert check_parts(good(data), TOPIC) == ()
    assert {problem.pointer for problem in found} == {"/agents/writer/prompt"}
    assert [problem.message for problem in found] == [
        f"agents.writer.prompt looks for {what}: the model is sent it as written."
        for what in (
            "'title' in topic, which is text",
            "'x' in last_response, which is text",
            "'zz' in steps[0], which does not have it",
        )
    ]
