"""Orchestrator-workers' own laws: a plan is decided once, and nothing depends on who was faster."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Success

from durable_core.patterns.base import (
    CallAgent,
    Completed,
    Failed,
    Finished,
    Malformed,
    Open,
    Respecify,
    Waiting,
)
from durable_core.patterns.orchestrator_workers import machine as orchestrator_workers
from durable_core.patterns.orchestrator_workers.state import State
from property_tests.kits.strategies import Doc
from property_tests.worlds.walking import after, plain_answer, sent, spec_of, walk

CALL: Doc = {"agent": "ann", "input": "Go on."}
QUESTION: Doc = {"type": "hitl", "prompt": "Go on?"}


def config(limits: Doc | None = None, **more: Doc) -> Doc:
    orchestrator: Doc = {"agent": "bob", "limits": limits or {}}
    return {"orchestrator": orchestrator, "worker_template": {"agent": "eve"}, **more}


def planning(*sizes: int) -> Callable[[str], str]:
    """Answers whose plans have ``sizes`` tasks, round by round."""

    def answer(unit: str) -> str:
        if not unit.endswith("/orchestrator"):
            return plain_answer(unit)
        number = int(unit.split("/")[1])
        return json.dumps([f"task {number}.{index}" for index in range(sizes[number - 1])])

    return answer


def stages(sizes: tuple[int, ...], parts: Doc) -> Iterator[list[str]]:
    """The units of a run in their order, those that may run beside each other in one list."""
    for number, size in enumerate(sizes, start=1):
        yield [f"rounds/{number}/orchestrator"]
        if size == 0:
            break
        if "decomposition_review" in parts:
            yield [f"rounds/{number}/decomposition_review"]
        yield [f"rounds/{number}/workers/{index}" for index in range(size)]
    order: list[str] = ["reduce_review", "reduce", "writeup"]
    yield from ([part] for part in order if part in parts)


@pytest.mark.parametrize("at_once", [1, 2, 9])
def test_every_small_run_in_every_order_wants_the_earliest_of_its_stage(at_once: int) -> None:
    steps = [{}, {"reduce": CALL}, {"reduce": QUESTION, "writeup": CALL}, {"writeup": QUESTION}]
    reviews: list[Doc] = [{}, {"decomposition_review": QUESTION}, {"reduce_review": QUESTION}]
    for sizes, parts, review in product([(0,), (1,), (3,), (2, 0), (2, 2)], steps, reviews):
        whole = {**parts, **review}
        spec = spec_of("orchestrator_workers", config({"max_rounds": len(sizes)}, **whole), at_once)
        expected = list(stages(sizes, whole))
        ends = 0
        for done, state in walk(spec, planning(*sizes)):
            stage = next((units for units in expected if not done.issuperset(units)), [])
            left = [unit for unit in stage if unit not in done][:at_once]
            assert [request.unit for request in orchestrator_workers.wanted(state)] == left
            match orchestrator_workers.verdict(state):
                case Finished():
                    ends += 1
                    assert not left
                case Waiting(waited):
                    assert list(waited) == left
                case Open():
                    assert left
                case other:
                    raise AssertionError(other)
        assert ends == 1


@given(order=st.permutations(range(6)), at_once=st.integers(1, 6))
def test_workers_stand_in_plan_order_whoever_was_first(order: list[int], at_once: int) -> None:
    spec = spec_of("orchestrator_workers", config(), at_once)
    answer = planning(6)
    (plan,) = orchestrator_workers.wanted(orchestrator_workers.initial(spec))
    state = after(spec, orchestrator_workers.initial(spec), plan, answer)
    while requests := orchestrator_workers.wanted(state):
        assert len(requests) == min(at_once, 6 - done_in(state))
        rank = {f"rounds/1/workers/{index}": place for place, index in enumerate(order)}
        state = after(spec, state, min(requests, key=lambda request: rank[request.unit]), answer)
        joined = [worker["task"] for worker in state.workers]
        assert joined == [f"task 1.{index}" for index in range(len(joined))]
    assert len(state.workers) == 6
    assert not state.ahead
    stand = orchestrator_workers.verdict(state)
    assert isinstance(stand, Finished)
    assert stand.result == "\n\n".join(f"{n + 1}. answer of rounds/1/workers/{n}" for n in range(6))


def done_in(state: State) -> int:
    return len(state.workers) + len(state.ahead)


@given(again=st.text(max_size=20) | st.just('["another", "plan"]'), done=st.integers(0, 3))
def test_a_plan_is_decided_once(again: str, done: int) -> None:
    """Whatever the orchestrator says later, and whatever the spec becomes, the tasks stay."""
    spec = spec_of("orchestrator_workers", config())
    state = orchestrator_workers.initial(spec)
    for _ in range(done + 1):
        state = after(spec, state, orchestrator_workers.wanted(state)[0], planning(3))
    tasks = state.tasks
    assert orchestrator_workers.decide(state, Completed("rounds/1/orchestrator", again, 3)) == Success(())
    narrower = spec_of("orchestrator_workers", config({"max_workers": 1}))
    for event in orchestrator_workers.decide(state, Respecify(narrower)).unwrap():
        state = orchestrator_workers.evolve(state, event)
    assert state.tasks == tasks == ("task 1.0", "task 1.1", "task 1.2")
    left = [f"rounds/1/workers/{index}" for index in range(done, 3)]
    assert [request.unit for request in orchestrator_workers.wanted(state)] == left[:1]


@given(size=st.integers(0, 9), most=st.integers(1, 5))
def test_no_more_tasks_are_kept_or_run_at_once_than_max_workers(size: int, most: int) -> None:
    spec = spec_of("orchestrator_workers", config({"max_workers": most}))
    state = orchestrator_workers.initial(spec)
    state = after(spec, state, orchestrator_workers.wanted(state)[0], planning(size))
    assert len(state.tasks) == min(size, most) == len(orchestrator_workers.wanted(state))


@given(
    text=st.text(max_size=30)
    | st.text('[]":,0', max_size=12)
    | st.sampled_from(["1", '{"work": 1}', '[{"task": 2}]', '[""]', "[[]]"])
)
def test_an_answer_that_is_no_list_of_tasks_is_never_a_plan(text: str) -> None:
    state = orchestrator_workers.initial(spec_of("orchestrator_workers", config()))
    match orchestrator_workers.decide(state, Completed("rounds/1/orchestrator", text, 3)):
        case Failure(Malformed(problem, reasks)):
            assert problem
            assert reasks == 2
        case Success((event,)):  # now and then, random text holds a list of texts
            assert [task.strip() for task in event.tasks] in list(lists_of_texts(text))
        case other:
            raise AssertionError(other)


def lists_of_texts(text: str) -> Iterator[list[str]]:
    """Every JSON list of texts that begins anywhere in ``text``."""
    for start in (at for at, char in enumerate(text) if char == "["):
        with suppress(ValueError):
            found, _ = json.JSONDecoder().raw_decode(text, start)
            if all(isinstance(item, str) for item in found):
                yield [item.strip() for item in found]


@given(
    task=st.sampled_from(["{{ topic }}", "{% raw %}", "{{ 1/0 }}", "{{ nobody }}", "{# no #}", 'a "b" \\'])
)
def test_a_task_is_passed_on_letter_by_letter(task: str) -> None:
    spec = spec_of("orchestrator_workers", config({"max_rounds": 2}, writeup={"agent": "ann"}))
    state = orchestrator_workers.initial(spec)
    said = {
        "rounds/1/orchestrator": json.dumps([{"task": task}]),
        "rounds/1/workers/0": f"re {task}",
        "rounds/2/orchestrator": "[]",
    }
    prompts = {}
    while requests := orchestrator_workers.wanted(state):
        (request,) = requests
        prompts[request.unit] = sent(request)
        if request.unit == "writeup":
            break
        state = after(spec, state, request, said.__getitem__)
    assert prompts["rounds/1/workers/0"] == task
    assert f"Task 1: {task}\nre {task}" in prompts["rounds/2/orchestrator"]
    assert f"Task 1: {task}\nre {task}" in prompts["writeup"]


@given(
    text=st.sampled_from(
        ["approved", "rejected", " Rejected: too vague", "REJECTED", "more on cats", "not rejected"]
    ),
    gate=st.sampled_from(["decomposition_review", "reduce_review"]),
)
def test_a_review_fails_the_session_exactly_when_it_begins_with_rejected(text: str, gate: str) -> None:
    spec = spec_of("orchestrator_workers", config(reduce=CALL, **{gate: QUESTION}))

    def answer(unit: str) -> str:
        return text if unit.endswith(gate) else planning(1)(unit)

    *_, (_, state) = walk(spec, answer)
    rejected = text.strip().lower().startswith("rejected")
    stand = orchestrator_workers.verdict(state)
    assert isinstance(stand, Failed) == rejected
    assert state.hitl_response == text
    if isinstance(stand, Failed):
        assert text in stand.fault.message
        assert stand.unit.endswith(gate)


def test_each_worker_has_a_conversation_of_its_own() -> None:
    spec = spec_of("orchestrator_workers", config())
    state = orchestrator_workers.initial(spec)
    state = after(spec, state, orchestrator_workers.wanted(state)[0], planning(3))
    calls = [call for call in orchestrator_workers.wanted(state) if isinstance(call, CallAgent)]
    assert [call.conversation for call in calls] == [f"eve@rounds/1/workers/{n}" for n in range(3)]
