"""The plan of a workflow, and the workflow in sentences."""

from __future__ import annotations

from durable_core.planning.plan import explain, plan
from durable_core.spec.parse import parse_spec

SPEC = """
version: 0
name: letters
description: Writes a letter.
runtime:
  provider: openai
  model_id: m
  max_parallel: 1
  budgets: {max_tokens: 5000, max_steps: 9}
  failure_policy: {retries: %s}
inputs: {required: {who: string}}
agents:
  writer: {prompt: "You write."}
  checker: {prompt: "You check.", model_id: other}
pattern:
  type: chain
  config:
    steps:
      - {agent: writer, input: "Write to {{ who }}"}
      - {agent: checker, input: "Check {{ last_response }} for {{ who }}"}
      - {type: hitl, prompt: "Send it?"}
      - {agent: writer}
      - {agent: writer, input: "{{ who.nothing }}"}
outputs:
  artifacts:
    - {path: letter.md, from: "{{ last_response }}"}
"""
PARSED = parse_spec(SPEC % 1).unwrap()


def test_a_prompt_that_variables_decide_is_shown_as_it_will_be_sent() -> None:
    first = plan(PARSED, {"who": "Ada"}).units[0]
    assert (first.prompt, first.template, first.open_names) == ("Write to Ada", None, ())


def test_a_prompt_that_needs_a_run_shows_its_template_and_its_open_names() -> None:
    second = plan(PARSED, {"who": "Ada"}).units[1]
    assert second.prompt is None
    assert second.template == "Check {{ last_response }} for {{ who }}"
    assert second.open_names == ("last_response",)
    assert second.after == (("steps/0", ""),)
    assert second.model is not None
    assert second.model.model_id == "other"


def test_a_missing_variable_is_what_a_run_needs_and_no_open_name() -> None:
    planned = plan(PARSED, {})
    assert (planned.needs, plan(PARSED, {"who": "Ada"}).needs) == (("who",), ())
    first, second, *_ = planned.units
    assert (first.open_names, first.needs) == ((), ("who",))
    assert (second.open_names, second.needs) == (("last_response",), ("who",))


def test_a_question_has_no_model_and_a_step_without_input_no_template() -> None:
    _, _, person, default, _ = plan(PARSED, {"who": "Ada"}).units
    assert (person.agent, person.model, person.prompt) == (None, None, "Send it?")
    assert (default.prompt, default.template) == (None, None)


def test_a_template_that_can_not_be_rendered_stands_as_written() -> None:
    last = plan(PARSED, {"who": "Ada"}).units[4]
    assert (last.prompt, last.template) == (None, "{{ who.nothing }}")


def test_the_plan_holds_limits_and_artifacts() -> None:
    planned = plan(PARSED, {})
    assert planned.budgets == {"max_steps": 9, "max_tokens": 5000}
    assert planned.artifacts == ("letter.md",)
    assert planned.max_parallel == 1


def test_the_explanation_says_who_works_after_what() -> None:
    lines = explain(PARSED)
    assert lines[0] == "letters is a chain workflow of 5 units. Writes a letter."
    assert "steps/0: writer works at the start." in lines
    assert "steps/2: a person is asked, after steps/1." in lines
    assert "Models run on openai m; at most 1 unit at once." in lines
    assert "A fault that may pass is tried again 1 time." in lines
    assert "It stops when max_tokens reaches 5000; raising the limit goes on." in lines
    assert lines[-1] == "At the end it writes letter.md."


def test_the_explanation_names_conditions_repeats_and_what_is_not_set() -> None:
    bare = parse_spec(
        """
version: 0
name: loop
runtime: {provider: echo, failure_policy: {retries: 0}}
agents: {a: {prompt: p}}
pattern:
  type: evaluator_optimizer
  config: {producer: a, evaluator: {agent: a}, accept: {min_score: 70, max_iters: 2}}
"""
    ).unwrap()
    lines = explain(bare)
    assert lines[0] == "loop is an evaluator_optimizer workflow of 2 units."
    assert "A fault is not tried again." in lines
    producer = next(line for line in lines if line.startswith("iterations/*/producer"))
    assert producer == (
        "iterations/*/producer: a works, after iterations/*/evaluator (when score below 70), up to 2 times."
    )


def test_constants_of_a_step_are_known_and_what_the_pattern_gives_is_not() -> None:
    steps = (
        "[{agent: a, input: '{{ s }} {{ t }}', vars: {s: seven}},"
        " {agent: a, input: '{{ last_response | default(1) }}'},"
        " {agent: a, input: '{{ last_response }}', vars: {last_response: mine}}]"
    )
    head = "version: 0\nname: x\nruntime: {provider: echo}\nagents: {a: {prompt: p}}\n"
    spec = parse_spec(f"{head}pattern: {{type: chain, config: {{steps: {steps}}}}}").unwrap()
    given = {"t": "on", "s": "six", "last_response": "yours"}
    shown = [(unit.prompt, unit.open_names) for unit in plan(spec, given).units]
    assert shown == [("seven on", ()), (None, ("last_response",)), ("mine", ())]
