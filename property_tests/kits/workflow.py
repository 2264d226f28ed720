"""Workflow, as the laws see it: its specs, and its oracle."""

from __future__ import annotations

from hypothesis import strategies as st

from durable_core.spec.models import AgentTask, HumanTask, Spec, WorkflowConfig
from property_tests.kits.chain import fill
from property_tests.kits.kit import Answers, Expectation, Kit, Want
from property_tests.kits.strategies import VARIABLES, Doc, agent_names, document, gates, specs

Task = AgentTask | HumanTask


def oracle(spec: Spec, answers: Answers) -> Expectation:
    """Every task without an answer whose dependencies have one; the last one's answer when there is none."""
    tasks = tasks_of(spec)
    ready = [
        task
        for task in tasks.values()
        if unit_of(task) not in answers and all(f"tasks/{dep}" in answers for dep in task.deps)
    ]
    calls = [task for task in ready if isinstance(task, AgentTask)][: spec.runtime.max_parallel]
    wants = tuple(
        _want(tasks, task, answers) for task in ready if task in calls or isinstance(task, HumanTask)
    )
    last = topological(tasks)[-1]
    return Expectation(wants) if wants else Expectation(result=answers[unit_of(last)])


def tasks_of(spec: Spec) -> dict[str, Task]:
    """The tasks by id, in file order."""
    config = spec.pattern.config
    assert isinstance(config, WorkflowConfig)
    return {task.id: task for task in config.tasks}


def unit_of(task: Task) -> str:
    """The unit of a task."""
    return f"tasks/{task.id}"


def topological(tasks: dict[str, Task]) -> list[Task]:
    """Again and again the first task in the file that waits for nothing any more."""
    through: list[Task] = []
    while len(through) < len(tasks):
        names = {task.id for task in through}
        through.append(
            next(task for task in tasks.values() if task not in through and set(task.deps) <= names)
        )
    return through


def before(tasks: dict[str, Task], task: Task) -> set[str]:
    """The ids of all tasks that must be done before ``task``."""
    return set(task.deps).union(*(before(tasks, tasks[dep]) for dep in task.deps))


def _want(tasks: dict[str, Task], task: Task, answers: Answers) -> Want:
    ids = before(tasks, task)
    known = {f"tasks.{name}.response": answers[f"tasks/{name}"] for name in ids} | VARIABLES
    for earlier in topological(tasks):
        if earlier.id in ids:
            name = "hitl_response" if isinstance(earlier, HumanTask) else "last_response"
            known[name] = answers[unit_of(earlier)]
    if isinstance(task, HumanTask):
        return Want(unit_of(task), None, fill(task.prompt, known))
    text = _default(tasks, task, known) if task.input is None else fill(task.input, known)
    return Want(unit_of(task), task.agent, text)


def _default(tasks: dict[str, Task], task: AgentTask, known: dict[str, str]) -> str:
    answered = [name for name in task.deps if isinstance(tasks[name], HumanTask)]
    written = [name for name in task.deps if name not in answered]
    parts = [task.description] if task.description else []
    if len(written) == 1:
        parts.append(known[f"tasks.{written[0]}.response"])
    if len(written) > 1:
        parts += [f"Task {name}:\n" + known[f"tasks.{name}.response"] for name in written]
    if not written and "last_response" in known:
        parts.append(known["last_response"])
    alone = len(answered) == 1 and "last_response" not in known
    parts += [("" if alone else "A person answered: ") + known[f"tasks.{name}.response"] for name in answered]
    return "\n\n".join(parts) if parts else "Begin."


@st.composite
def configs(draw: st.DrawFn) -> Doc:
    """One to five tasks, in any file order, each depending on some that come before it in a hidden order."""
    size = draw(st.integers(1, 5))
    hidden: list[Doc] = []
    for number in range(size):
        names = [task["id"] for task in hidden]
        deps = draw(st.lists(st.sampled_from(names), unique=True)) if names else []
        hidden.append(draw(_tasks(f"t{number}", hidden, deps)))
    return {"tasks": draw(st.permutations(hidden))}


@st.composite
def _tasks(draw: st.DrawFn, name: str, earlier: list[Doc], deps: list[str]) -> Doc:
    by_id = {task["id"]: task for task in earlier}
    by_agent, by_person = (_reaches(by_id, deps, key) for key in ("agent", "type"))
    texts = ["Go on with {{ topic }}?"]
    texts += ["After: {{ last_response }}"] if by_agent else []
    texts += ["They said {{ hitl_response }}."] if by_person else []
    texts += [f"From {{{{ tasks.{dep}.response }}}}" for dep in deps]
    if draw(st.integers(0, 3)) == 0:
        return {**draw(gates(prompt=draw(st.sampled_from(texts)))), "id": name, "deps": deps}
    task: Doc = {"id": name, "agent": draw(agent_names), "deps": deps}
    chosen = draw(st.sampled_from([None, *texts]))
    if chosen is not None:
        task["input"] = chosen
    if draw(st.integers(0, 3)) == 0:
        task["description"] = 'Do {{ this }} "exactly" {% so %}'
    return task


def _reaches(by_id: dict[str, Doc], deps: list[str], key: str) -> bool:
    return any(key in by_id[dep] or _reaches(by_id, by_id[dep]["deps"], key) for dep in deps)


def _edits(spec: Spec) -> tuple[Spec, ...]:
    """A task more at the end; and one at the top, where no open question moves along with the others."""
    people = any(isinstance(task, HumanTask) for task in tasks_of(spec).values())
    at_the_end = _with_a_task_more(spec, first=False)
    return (at_the_end,) if people else (at_the_end, _with_a_task_more(spec, first=True))


def _with_a_task_more(spec: Spec, *, first: bool) -> Spec:
    """A task at the end that waits for all, or one at the top that waits for none."""
    longer = document(spec)
    tasks = longer["pattern"]["config"]["tasks"]
    late = {
        "id": f"late-{len(tasks)}",
        "agent": "eve",
        "input": "One more.",
        "deps": [task["id"] for task in tasks],
    }
    if first:
        tasks.insert(0, {**late, "deps": []})
    else:
        tasks.append(late)
    return Spec.model_validate(longer)


WORKFLOW = Kit(
    pattern="workflow",
    specs=specs("workflow", configs(), artifact_texts=("{{ tasks.t0.response }}",)),
    oracle=oracle,
    bound=lambda spec: len(tasks_of(spec)),
    own_edits=_edits,
)
