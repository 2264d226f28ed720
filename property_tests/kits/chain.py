"""Chain, as the laws see it: its specs, and its oracle."""

from __future__ import annotations

from durable_core.spec.models import ChainConfig, HumanStep, Spec
from property_tests.kits.kit import Answers, Expectation, Kit, Want
from property_tests.kits.strategies import VARIABLES, document, specs, step_lists


def oracle(spec: Spec, answers: Answers) -> Expectation:
    """The first step without an answer; the last agent's answer when there is none left."""
    config = config_of(spec)
    known = dict(VARIABLES)
    spoken_last = ""
    for number, step in enumerate(config.steps):
        unit = f"steps/{number}"
        if unit in answers:
            name = "hitl_response" if isinstance(step, HumanStep) else "last_response"
            known[name] = answers[unit]
            spoken_last = name
            continue
        if isinstance(step, HumanStep):
            return Expectation((Want(unit, None, fill(step.prompt, known)),))
        known |= {name: str(value) for name, value in (step.vars or {}).items()}
        template = step.input if step.input is not None else _default(known, spoken_last)
        return Expectation((Want(unit, step.agent, fill(template, known)),))
    return Expectation(result=known.get("last_response", known.get("hitl_response", "")))


def fill(template: str, known: dict[str, str]) -> str:
    """``template`` with each ``{{ name }}`` replaced, the way a child would do it."""
    for name, text in known.items():
        template = template.replace("{{ " + name + " }}", text)
    return template


def _default(known: dict[str, str], spoken_last: str) -> str:
    if not spoken_last:
        return "Begin."
    if spoken_last == "last_response":
        return known["last_response"]
    if "last_response" not in known:
        return known["hitl_response"]
    return f"{known['last_response']}\n\nA person answered: {known['hitl_response']}"


def config_of(spec: Spec) -> ChainConfig:
    config = spec.pattern.config
    assert isinstance(config, ChainConfig)
    return config


def _with_a_step_more(spec: Spec) -> Spec:
    longer = document(spec)
    longer["pattern"]["config"]["steps"].append({"agent": "eve", "input": "One more on {{ topic }}."})
    return Spec.model_validate(longer)


CHAIN = Kit(
    pattern="chain",
    specs=specs(
        "chain",
        step_lists().map(lambda chosen: {"steps": chosen}),
        artifact_texts=("{{ steps[0].response }}",),
    ),
    oracle=oracle,
    bound=lambda spec: len(config_of(spec).steps),
    own_edits=lambda spec: (_with_a_step_more(spec),),
)
