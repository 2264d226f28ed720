"""Evaluator-optimizer, as the laws see it: its specs, and its oracle."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from durable_core.answers.reading import EVALUATION_SHAPE
from durable_core.spec.models import EvaluatorOptimizerConfig, Spec
from property_tests.kits.chain import fill
from property_tests.kits.kit import Answers, Expectation, Kit, Want
from property_tests.kits.strategies import AGENTS, PERSON, VARIABLES, Doc, agent_names, document, gates, specs

SCORES = (55, 70, 70, 40, 90)
"""The scores of the evaluations, from the first on: a tie, a step back, and the best at last."""

REMARK = "{{ braces }} stay {% as %} they are"
"""What every evaluation complains about: a model's words, and no template."""


def oracle(spec: Spec, answers: Answers) -> Expectation:
    """Iteration by iteration: draft, evaluation, and the gate before the next draft."""
    config = config_of(spec)
    known = dict(VARIABLES)
    for n in range(1, config.accept.max_iters + 1):
        producer, evaluator, gate = (f"iterations/{n}/{part}" for part in ("producer", "evaluator", "gate"))
        if producer not in answers:
            return Expectation((Want(producer, config.producer, _production(spec, n, known)),))
        known |= {"draft": answers[producer], "iteration": str(n)}
        if evaluator not in answers:
            return Expectation((Want(evaluator, config.evaluator.agent, _evaluation(config, known)),))
        known["evaluation.score"] = str(json.loads(answers[evaluator])["score"])
        if int(known["evaluation.score"]) >= config.accept.min_score:
            return Expectation(result=answers[producer])
        if config.review_gate is not None and n < config.accept.max_iters:
            if gate not in answers:
                return Expectation((Want(gate, None, fill(config.review_gate.prompt, known)),))
            if answers[gate] == "stop":
                return Expectation(result=answers[producer])
            known["hitl_response"] = answers[gate]
    return Expectation()


def config_of(spec: Spec) -> EvaluatorOptimizerConfig:
    """The pattern's config."""
    config = spec.pattern.config
    assert isinstance(config, EvaluatorOptimizerConfig)
    return config


def answer(spec: Spec, unit: str, attempt: int) -> str:
    """Drafts with braces in them; scores in their order, the second one malformed at first."""
    _, iteration, part = unit.split("/")
    if part == "producer":
        return f"draft {iteration} {{{{ topic }}}}"
    if iteration == "2" and attempt == 1:
        return '{"score": "70/100"}'
    return json.dumps({"score": SCORES[int(iteration) - 1], "issues": [REMARK], "fixes": []})


def person(unit: str) -> str:
    """A person has enough after the third iteration."""
    return "stop" if unit == "iterations/3/gate" else PERSON


def _production(spec: Spec, n: int, known: dict[str, str]) -> str:
    config = config_of(spec)
    if n == 1:
        return fill(spec.agents[config.producer].prompt, known)
    if config.revise_prompt is not None:
        return fill(config.revise_prompt, known)
    added = f"\n\nA person adds: {known['hitl_response']}" if "hitl_response" in known else ""
    return (
        f"Revise your draft. It scored {known['evaluation.score']} out of 100.\nIssue: {REMARK}"
        f"\n\nThe draft:\n\n{known['draft']}\n\nAnswer with the revised draft and nothing else.{added}"
    )


def _evaluation(config: EvaluatorOptimizerConfig, known: dict[str, str]) -> str:
    if config.evaluator.input is not None:
        return config.evaluator.input.replace("{{ draft }}", known["draft"])
    return (
        f"Evaluate this draft:\n\n{known['draft']}\n\nThat was the draft of iteration {known['iteration']}. "
        f"Answer with JSON and nothing else: {EVALUATION_SHAPE}."
    )


@st.composite
def configs(draw: st.DrawFn) -> Doc:
    """A producer, an evaluator and a bar, with or without texts and a gate of their own."""
    evaluator: Doc = {"agent": draw(agent_names)}
    if draw(st.booleans()):
        evaluator["input"] = "Score this: {{ draft }}"
    config: Doc = {
        "producer": draw(st.sampled_from(sorted(AGENTS))),
        "evaluator": evaluator,
        "accept": {
            "min_score": draw(st.sampled_from([0, 55, 60, 80, 100])),
            "max_iters": draw(st.integers(1, 4)),
        },
    }
    if draw(st.booleans()):
        config["revise_prompt"] = "Better than {{ evaluation.score }}, please: {{ topic }}"
    if draw(st.booleans()):
        config["review_gate"] = draw(gates(prompt="{{ evaluation.score }} in round {{ iteration }}. Go on?"))
        config["review_gate"].pop("default", None)  # there is none that answers every iteration alike
    return config


def _with_an_iteration_more(spec: Spec) -> Spec:
    changed = document(spec)
    accept = changed["pattern"]["config"]["accept"]
    accept["max_iters"] = min(accept["max_iters"] + 1, len(SCORES))
    return Spec.model_validate(changed)


EVALUATOR_OPTIMIZER = Kit(
    pattern="evaluator_optimizer",
    specs=specs(
        "evaluator_optimizer",
        configs(),
        artifact_texts=("{{ final_score }} {{ accepted }}", "{{ iterations[0].draft }}"),
    ),
    oracle=oracle,
    bound=lambda spec: 3 * config_of(spec).accept.max_iters,
    answer=answer,
    person=person,
    own_edits=lambda spec: (_with_an_iteration_more(spec),),
)
