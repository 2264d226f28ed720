"""Workflow's own laws: every small graph, and what it has in common with chain and parallel."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_core.patterns import pattern_of
from durable_core.patterns.base import AskPerson, CallAgent, Finished, Open, Waiting
from durable_core.patterns.chain import machine as chain
from durable_core.patterns.parallel import machine as parallel
from durable_core.patterns.workflow import machine as workflow
from durable_core.session import wanted
from durable_core.spec.graph_algorithms import cycles
from durable_core.spec.models import Spec
from property_tests.kits.strategies import PERSON, Doc, agent_names, gates, step_lists
from property_tests.kits.workflow import WORKFLOW
from property_tests.worlds.walking import after, plain_answer, sent, spec_of, walk
from property_tests.worlds.world import World

Deps = dict[str, tuple[str, ...]]


def graphs(size: int) -> Iterator[Deps]:
    """Every graph of ``size`` named tasks without a cycle, in every file order."""
    names = "abcd"[:size]
    choices = [
        [deps for count in range(size) for deps in combinations([n for n in names if n != name], count)]
        for name in names
    ]
    for chosen in product(*choices):
        deps = dict(zip(names, chosen, strict=True))
        if not cycles(deps):
            yield deps


def task(name: str, deps: tuple[str, ...], *, human: bool = False) -> Doc:
    own: Doc = {"type": "hitl", "prompt": "Go on?"} if human else {"agent": "ann", "input": "Go on."}
    return {"id": name, "deps": list(deps), **own}


def check_every_state(spec: Spec, deps: Deps, people: frozenset[str] = frozenset()) -> None:
    """In every reachable state, wanted is the ready set, and the verdict says what that means."""
    states = 0
    for units, state in walk(spec):
        states += 1
        done = {unit.removeprefix("tasks/") for unit in units}
        ready = [name for name in deps if name not in done and done.issuperset(deps[name])]
        requests = workflow.wanted(state)
        assert [request.unit for request in requests] == [f"tasks/{name}" for name in ready]
        assert [name for name in ready if name in people] == [
            request.unit.removeprefix("tasks/") for request in requests if isinstance(request, AskPerson)
        ]
        match workflow.verdict(state):
            case Finished():
                assert done == set(deps)
            case Waiting(waited):
                assert waited == tuple(f"tasks/{name}" for name in ready)
                assert people.issuperset(ready)
                assert ready
            case Open():
                assert set(ready) - people
            case other:
                raise AssertionError(other)
    assert states >= len(deps) + 1


@pytest.mark.parametrize(("size", "count"), [(1, 1), (2, 3), (3, 25), (4, 543)])  # labelled acyclic graphs
def test_wanted_is_the_ready_set_in_every_graph_and_every_interleaving(size: int, count: int) -> None:
    every = list(graphs(size))
    assert len(every) == count
    for deps in every:
        check_every_state(spec_of("workflow", {"tasks": [task(*each) for each in deps.items()]}), deps)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_wanted_is_the_ready_set_whoever_does_the_tasks(size: int) -> None:
    for deps in graphs(size):
        for count in range(1, size + 1):
            for people in combinations(deps, count):
                tasks = [task(name, before, human=name in people) for name, before in deps.items()]
                check_every_state(spec_of("workflow", {"tasks": tasks}), deps, frozenset(people))


@given(slots=st.integers(1, 5), tasks=st.integers(1, 6), data=st.data())
def test_no_more_calls_are_wanted_than_may_run_and_the_first_come_first(
    slots: int, tasks: int, data: st.DataObject
) -> None:
    doc = {"tasks": [task(f"t{number}", ()) for number in range(tasks)]}
    spec = spec_of("workflow", doc, max_parallel=slots)
    state, left = workflow.initial(spec), [f"tasks/t{number}" for number in range(tasks)]
    while left:
        requests = workflow.wanted(state)
        assert [request.unit for request in requests] == left[:slots]
        request = data.draw(st.sampled_from(requests))
        left.remove(request.unit)
        state = after(spec, state, request)


@given(slots=st.integers(1, 3), schedule=st.lists(st.just(0) | st.integers(0, 60), max_size=40))
def test_a_running_task_that_others_overtake_in_the_file_keeps_its_slot(
    slots: int, schedule: list[int]
) -> None:
    """``x`` to ``z`` stand first in the file and become ready while ``b`` or ``c`` may still run."""
    early = [task(name, ("a",)) for name in "xyz"]
    doc = {"tasks": [*early, *(task(name, ()) for name in "abc")]}

    def check(world: World) -> None:
        assert world.session.running == len(world.flights)
        assert len(wanted(world.session)) + len(world.flights) <= slots

    World.of(WORKFLOW, spec_of("workflow", doc, max_parallel=slots)).play(schedule, check).finish(check)


# --- refinement ---------------------------------------------------------------------------------------


def as_task(step: Doc, name: str, deps: list[str]) -> Doc:
    """A step as a task. Tasks have no variables of their own."""
    return {**{key: value for key, value in step.items() if key != "vars"}, "id": name, "deps": deps}


@given(steps=step_lists())
def test_a_chain_behaves_as_a_row_of_tasks(steps: list[Doc]) -> None:
    steps = [{key: value for key, value in step.items() if key != "vars"} for step in steps]
    row = [as_task(step, f"t{n}", [f"t{n - 1}"] if n else []) for n, step in enumerate(steps)]
    one, other = spec_of("chain", {"steps": steps}), spec_of("workflow", {"tasks": row})
    left, right = chain.initial(one), workflow.initial(other)
    for number in range(len(steps)):
        (here,), (there,) = chain.wanted(left), workflow.wanted(right)
        assert (here.unit, there.unit) == (f"steps/{number}", f"tasks/t{number}")
        assert sent(here) == sent(there)
        assert type(here) is type(there)
        assert type(chain.verdict(left)) is type(workflow.verdict(right))
        left = after(one, left, here, lambda _: f"answer {number}")  # noqa: B023  # called before the next turn
        right = after(other, right, there, lambda _: f"answer {number}")  # noqa: B023  # as above
    ends = chain.verdict(left), workflow.verdict(right)
    assert isinstance(ends[0], Finished)
    assert isinstance(ends[1], Finished)
    for name in ("last_response", "hitl_response"):
        assert ends[0].context.get(name) == ends[1].context.get(name)
    if "agent" in steps[-1]:  # a person's last word is the result of a task, but not of a chain
        assert ends[0].result == ends[1].result


@given(
    branches=st.lists(step_lists(max_size=2), min_size=2, max_size=4),
    reduce=st.none()
    | agent_names.map(lambda name: {"agent": name, "input": "Join."})
    | gates(prompt="Fine?"),
    slots=st.integers(1, 4),
    data=st.data(),
)
def test_parallel_behaves_as_rows_of_tasks_and_a_join(
    branches: list[list[Doc]], reduce: Doc | None, slots: int, data: st.DataObject
) -> None:
    names = data.draw(st.permutations("abcd"))
    config: Doc = {"branches": [{"id": n, "steps": s} for n, s in zip(names, branches, strict=False)]}
    tasks: list[Doc] = []
    for branch in config["branches"]:
        for number, step in enumerate(branch["steps"]):
            deps = [f"{branch['id']}.{number - 1}"] if number else []
            tasks.append(as_task(step, f"{branch['id']}.{number}", deps))
    if reduce is not None:
        config["reduce"] = reduce
        tasks.append(as_task(reduce, "reduce", [each["id"] for each in tasks]))
    one = spec_of("parallel", config, max_parallel=slots)
    other = spec_of("workflow", {"tasks": tasks}, max_parallel=slots)
    left: Any = parallel.initial(one)
    right: Any = workflow.initial(other)
    while isinstance(parallel.verdict(left), Open | Waiting):
        here, there = parallel.wanted(left), workflow.wanted(right)
        assert [_as_unit_of_task(request.unit) for request in here] == [request.unit for request in there]
        assert [type(request) for request in here] == [type(request) for request in there]
        assert type(parallel.verdict(left)) is type(workflow.verdict(right))
        chosen = data.draw(st.integers(0, len(here) - 1))
        left = after(one, left, here[chosen], lambda unit: plain_answer(_as_unit_of_task(unit)))
        right = after(other, right, there[chosen])
    stand, end = parallel.verdict(left), workflow.verdict(right)
    assert isinstance(stand, Finished)
    assert isinstance(end, Finished)
    if reduce is not None:
        assert stand.result == end.result == "answer of tasks/reduce"


def _as_unit_of_task(unit: str) -> str:
    if unit == "reduce":
        return "tasks/reduce"
    _, branch, number = unit.split("/")
    return f"tasks/{branch}.{number}"


@given(texts=st.lists(st.sampled_from(["{{ 7 * 7 }}", "{% raw %}", "}}", PERSON]), min_size=2, max_size=2))
def test_what_a_model_says_is_never_a_template(texts: list[str]) -> None:
    tasks: list[Doc] = [
        {"id": "a", "agent": "ann"},
        {"id": "b", "agent": "bob"},
        {"id": "c", "agent": "eve", "deps": ["a", "b"]},
    ]
    spec = spec_of("workflow", {"tasks": tasks})
    state = pattern_of(spec).initial(spec)
    for request, text in zip(workflow.wanted(state), texts, strict=True):
        state = after(spec, state, request, lambda _: text)  # noqa: B023  # called before the next turn
    (last,) = workflow.wanted(state)
    assert isinstance(last, CallAgent)
    assert sent(last) == f"Task a:\n{texts[0]}\n\nTask b:\n{texts[1]}"
