"""Parallel, as the laws see it: its specs, and its oracle."""

from __future__ import annotations

from hypothesis import strategies as st

from durable_core.spec.models import HumanStep, ParallelConfig, Spec
from property_tests.kits.chain import fill
from property_tests.kits.kit import Answers, Expectation, Kit, Want
from property_tests.kits.rows_of_steps import next_of, outcome_of
from property_tests.kits.strategies import VARIABLES, Doc, agent_names, document, gates, specs, step_lists


def oracle(spec: Spec, answers: Answers) -> Expectation:
    """Each branch's next step; when there is none, the reduce step; then its answer or all texts."""
    config = config_of(spec)
    steps = [next_of(each.steps, f"branches/{each.id}", answers, VARIABLES) for each in config.branches]
    wants = [want for want in steps if want is not None]
    if wants:
        calls = [want for want in wants if want.agent is not None][: spec.runtime.max_parallel]
        return Expectation(tuple(want for want in wants if want.agent is None or want in calls))
    texts = {each.id: outcome_of(each.steps, f"branches/{each.id}", answers) for each in config.branches}
    joined = "\n\n---\n\n".join(f"Branch {name}:\n{texts[name]}" for name in sorted(texts))
    reduce = config.reduce
    if reduce is None or "reduce" in answers:
        return Expectation(result=answers.get("reduce", joined))
    known = {f"branches.{name}.response": text for name, text in texts.items()} | VARIABLES
    for name in sorted(texts):
        known |= _said_in(config, name, answers)
    if isinstance(reduce, HumanStep):
        return Expectation((Want("reduce", None, fill(reduce.prompt, known)),))
    known |= {name: str(value) for name, value in (reduce.vars or {}).items()}
    text = joined if reduce.input is None else fill(reduce.input, known)
    return Expectation((Want("reduce", reduce.agent, text),))


def config_of(spec: Spec) -> ParallelConfig:
    """The pattern's config."""
    config = spec.pattern.config
    assert isinstance(config, ParallelConfig)
    return config


def _said_in(config: ParallelConfig, branch: str, answers: Answers) -> dict[str, str]:
    steps = next(each.steps for each in config.branches if each.id == branch)
    spoken = [number for number, step in enumerate(steps) if isinstance(step, HumanStep)]
    return {"hitl_response": answers[f"branches/{branch}/{spoken[-1]}"]} if spoken else {}


@st.composite
def configs(draw: st.DrawFn) -> Doc:
    """Two or three short branches in any order of names, and a reduce step of any kind or none."""
    names = draw(st.permutations(["a", "b", "c"]))[: draw(st.integers(2, 3))]
    branches = [{"id": name, "steps": draw(step_lists(max_size=2))} for name in names]
    config: Doc = {"branches": branches}
    texts = ["Join on {{ topic }}.", f"Take {{{{ branches.{names[0]}.response }}}}"]
    if any("type" in step for branch in branches for step in branch["steps"]):
        texts.append("They said {{ hitl_response }}.")
    match draw(st.integers(0, 3)):
        case 0:
            config["reduce"] = draw(gates(prompt=draw(st.sampled_from(texts))))
        case 1:
            config["reduce"] = {"agent": draw(agent_names)}
        case 2:
            config["reduce"] = {"agent": draw(agent_names), "input": draw(st.sampled_from(texts))}
    return config


def _edits(spec: Spec) -> tuple[Spec, ...]:
    """Reworded steps at every place; what is done stays as it was asked."""
    reworded = document(spec)
    for branch in reworded["pattern"]["config"]["branches"]:
        for place, step in enumerate(branch["steps"]):
            if "agent" in step:
                step["input"] = f"Reworded at {place}: {{{{ topic }}}}."
    return (Spec.model_validate(reworded),)


PARALLEL = Kit(
    pattern="parallel",
    specs=specs("parallel", configs(), artifact_texts=("{% for id in branches %}{{ id }} {% endfor %}",)),
    oracle=oracle,
    bound=lambda spec: sum(len(branch.steps) for branch in config_of(spec).branches) + 1,
    own_edits=_edits,
)
