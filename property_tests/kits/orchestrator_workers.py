"""Orchestrator-workers, as the laws see it: its specs, and its oracle."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from durable_core.answers.reading import TASKS_SHAPE
from durable_core.spec.models import HumanStep, OrchestratorWorkersConfig, Spec
from property_tests.kits.chain import fill
from property_tests.kits.kit import Answers, Expectation, Kit, Want
from property_tests.kits.strategies import PERSON, VARIABLES, Doc, agent_names, document, gates, specs

PLANS: tuple[list[str], ...] = (["one {{ topic }}", "two", "three"], ["four", "{% five %}"], ["six"], [])
"""What the rounds plan, from the first on; braces in a task are a model's words, and no template."""

_SHAPE = f"Answer with JSON and nothing else: {TASKS_SHAPE}."


def oracle(spec: Spec, answers: Answers) -> Expectation:
    """Round by round: plan, review, workers; then the review, reduce and writeup that there are."""
    config = config_of(spec)
    limits = config.orchestrator.limits
    story = _Story(config)
    for number in range(1, (limits.max_rounds or 1) + 1):
        unit = f"rounds/{number}/orchestrator"
        if unit not in answers and {"reduce_review", "reduce", "writeup"} & answers.keys():
            break  # what comes after the rounds has begun, so there are no more rounds
        if unit not in answers:
            return Expectation((Want(unit, config.orchestrator.agent, story.plan_prompt(number)),))
        tasks = json.loads(answers[unit])[: limits.max_workers]
        if not tasks:
            break
        story.known["task_count"] = str(len(tasks))
        gate = f"rounds/{number}/decomposition_review"
        if config.decomposition_review is not None:
            if gate not in answers:
                return Expectation((Want(gate, None, fill(config.decomposition_review.prompt, story.known)),))
            story.hears(answers[gate])
            if answers[gate].startswith("rejected"):
                return Expectation()
        units = [f"rounds/{number}/workers/{index}" for index in range(len(tasks))]
        agent = config.worker_template.agent
        left = [Want(unit, agent, tasks[i]) for i, unit in enumerate(units) if unit not in answers]
        if left:
            return Expectation(tuple(left[: min(spec.runtime.max_parallel, limits.max_workers or 99)]))
        story.work += [(task, answers[unit]) for task, unit in zip(tasks, units, strict=True)]
    return _after_the_rounds(config, answers, story)


def _after_the_rounds(config: OrchestratorWorkersConfig, answers: Answers, story: _Story) -> Expectation:
    story.known["num_workers"] = str(len(story.work))
    if config.reduce_review is not None:
        if "reduce_review" not in answers:
            prompt = fill(config.reduce_review.prompt, story.known)
            return Expectation((Want("reduce_review", None, prompt),))
        story.hears(answers["reduce_review"])
    result = "\n\n".join(f"{n}. {text}" for n, (_, text) in enumerate(story.work, 1))
    for part, step in (("reduce", config.reduce), ("writeup", config.writeup)):
        if step is None:
            continue
        if part not in answers:
            if isinstance(step, HumanStep):
                return Expectation((Want(part, None, fill(step.prompt, story.known)),))
            own = story.part_prompt(part)
            text = own if step.input is None else fill(step.input, story.known)
            return Expectation((Want(part, step.agent, text),))
        result = answers[part]
        story.known[f"{part}_response"] = result
        story.by_person = isinstance(step, HumanStep)
    return Expectation(result=result)


class _Story:
    """What was done and answered so far, and our own inputs written out from it."""

    def __init__(self, config: OrchestratorWorkersConfig) -> None:
        self.config = config
        self.known: dict[str, str] = dict(VARIABLES)
        self.work: list[tuple[str, str]] = []
        self.remark = ""
        self.by_person = False

    def hears(self, text: str) -> None:
        self.remark = "" if text == "approved" else f"\n\nA person adds: {text}"

    def plan_prompt(self, number: int) -> str:
        most = self.config.orchestrator.limits.max_workers
        bound = "" if most is None else f" No more than {most} tasks."
        if number == 1:
            begin = "Divide your work into tasks that can be done independently of each other."
            return f"{begin} {_SHAPE}{bound}"
        rest = f"Divide what is left to do into tasks in the same way. {_SHAPE}{bound}"
        return f"These tasks are done:{self._all_work()}\n\n{rest}{self.remark}"

    def part_prompt(self, part: str) -> str:
        remark = "" if self.by_person else self.remark
        if part == "reduce":
            return f"Bring these workers' answers together in one answer.{self._all_work()}{remark}"
        if "reduce_response" in self.known:
            return f"Write the final answer from this:\n\n{self.known['reduce_response']}{remark}"
        return f"Write the final answer from these workers' answers.{self._all_work()}{remark}"

    def _all_work(self) -> str:
        return "".join(f"\n\nTask {n}: {task}\n{text}" for n, (task, text) in enumerate(self.work, 1))


def config_of(spec: Spec) -> OrchestratorWorkersConfig:
    """The pattern's config."""
    config = spec.pattern.config
    assert isinstance(config, OrchestratorWorkersConfig)
    return config


def answer(spec: Spec, unit: str, attempt: int) -> str:
    """Plans in their order, the first one malformed at first when there is a reduce step."""
    if not unit.endswith("/orchestrator"):
        return f"answer of {unit} {{{{ topic }}}}"
    if unit == "rounds/1/orchestrator" and attempt == 1 and config_of(spec).reduce is not None:
        return "I would split it in two."
    return json.dumps(PLANS[int(unit.split("/")[1]) - 1])


def person(unit: str) -> str:
    """A person approves the first plan, wishes something at the second, and rejects the third."""
    reviews = {"rounds/1/decomposition_review": "approved", "rounds/3/decomposition_review": "rejected it"}
    return reviews.get(unit, PERSON)


@st.composite
def configs(draw: st.DrawFn) -> Doc:
    """An orchestrator and its workers, with every combination of limits, reviews and final steps."""
    limits = {"max_workers": draw(st.integers(1, 4)), "max_rounds": draw(st.integers(1, 5))}
    kept = draw(st.sets(st.sampled_from(sorted(limits))))
    config: Doc = {
        "orchestrator": {"agent": draw(agent_names), "limits": {name: limits[name] for name in sorted(kept)}},
        "worker_template": {"agent": draw(agent_names)},
    }
    if draw(st.booleans()):
        review = draw(gates(prompt="{{ task_count }} tasks. All right?"))
        review.pop("default", None)  # there is none that answers every round alike
        config["decomposition_review"] = review
    if draw(st.booleans()):
        config["reduce_review"] = draw(gates(prompt="{{ num_workers }} answers. All right?"))
    for part in ("reduce", "writeup"):
        if draw(st.booleans()):
            config[part] = draw(st.one_of(_calls(), gates(prompt="{{ num_workers }} answers. What now?")))
    return config


@st.composite
def _calls(draw: st.DrawFn) -> Doc:
    step: Doc = {"agent": draw(agent_names)}
    if draw(st.booleans()):
        step["input"] = "From {{ num_workers }} answers on {{ topic }}"
    if draw(st.booleans()):
        step["vars"] = {"mood": "calm"}
    return step


def _with_a_round_more(spec: Spec) -> Spec:
    changed = document(spec)
    limits = changed["pattern"]["config"]["orchestrator"].setdefault("limits", {})
    limits["max_rounds"] = min(limits.get("max_rounds", 1) + 1, len(PLANS))
    return Spec.model_validate(changed)


def _bound(spec: Spec) -> int:
    rounds = config_of(spec).orchestrator.limits.max_rounds or 1
    return sum(len(tasks) + 2 for tasks in PLANS[:rounds]) + 3


ORCHESTRATOR_WORKERS = Kit(
    pattern="orchestrator_workers",
    specs=specs(
        "orchestrator_workers",
        configs(),
        artifact_texts=(
            "{{ num_workers }} in {{ round_count }}",
            "{{ workers | length }}: {{ last_response }}",
        ),
    ),
    oracle=oracle,
    bound=_bound,
    answer=answer,
    person=person,
    own_edits=lambda spec: (_with_a_round_more(spec),),
)
