"""Orchestrator-workers by example: given limits and steps, when plans and work come in, then what."""

from __future__ import annotations

import json

import pytest
from returns.result import Failure, Success

from durable_core.patterns.base import (
    AskPerson,
    CallAgent,
    Completed,
    Failed,
    Finished,
    Malformed,
    Open,
    Responded,
    Waiting,
)
from durable_core.patterns.orchestrator_workers import machine as pattern
from durable_core.spec.models import Spec
from durable_core.views.documents import pattern_document
from durable_shell.providers.offline.echo_rules import echo_answer
from tests.support.patterns_kit import CALL, QUESTION, Doc, respecified, sent, spec_of, told, wanted
from tests.support.session_kit import Story

TWO = json.dumps([{"task": "cats"}, {"task": "dogs"}])


def of(limits: Doc | None = None, **more: Doc) -> Spec:
    worker: Doc = {"agent": "ann", **more.pop("worker", {})}
    config = {"orchestrator": {"agent": "bob", "limits": limits or {}}, "worker_template": worker, **more}
    return spec_of("orchestrator_workers", config)


SPEC = of()
WORKED = {"rounds__1__orchestrator": TWO, "rounds__1__workers__0": "meow", "rounds__1__workers__1": "woof"}


def test_the_plan_is_asked_for_first_and_as_json() -> None:
    state = pattern.initial(of({"max_workers": 3}))
    (request,) = pattern.wanted(state)
    assert isinstance(request, CallAgent)
    assert (request.unit, request.title) == ("rounds/1/orchestrator", "Round 1, orchestrator: bob")
    assert (request.agent, request.conversation, request.context) == ("bob", "bob", {})
    assert request.shape is not None
    assert request.shape in sent(request)
    assert sent(request).endswith(" No more than 3 tasks.")
    assert pattern.verdict(state) == Open()


def test_the_offline_provider_understands_what_is_asked() -> None:
    (request,) = pattern.wanted(pattern.initial(SPEC))
    state = told(
        SPEC, pattern.initial(SPEC), rounds__1__orchestrator=echo_answer("You plan.", [sent(request)])
    )
    assert list(wanted(SPEC, state)) == ["rounds/1/workers/0", "rounds/1/workers/1"]


@pytest.mark.parametrize("answer", ["two tasks", '{"work": []}', '[{"task": ""}]', "[1]", "", '[["cats"]]'])
def test_an_answer_that_is_no_plan_is_refused_and_may_be_asked_for_twice_more(answer: str) -> None:
    match pattern.decide(pattern.initial(SPEC), Completed("rounds/1/orchestrator", answer, 3)):
        case Failure(Malformed(problem, reasks)):
            assert problem.endswith(".")
            assert reasks == 2
        case other:
            raise AssertionError(other)


@pytest.mark.parametrize("plan", ['{"task": "cats"}', '["cats"]', 'Sure:\n```json\n[{"task": "cats"}]\n```'])
def test_texts_and_a_single_object_are_plans_too(plan: str) -> None:
    state = told(SPEC, pattern.initial(SPEC), rounds__1__orchestrator=plan)
    assert [sent(request) for request in pattern.wanted(state)] == ["cats"]


def test_each_worker_gets_its_task_and_a_conversation_of_its_own() -> None:
    spec = of(worker={"tools": ["shell"]})
    state = told(spec, pattern.initial(spec), rounds__1__orchestrator=TWO)
    assert wanted(spec, state)["rounds/1/workers/1"] == CallAgent(
        unit="rounds/1/workers/1",
        title="Round 1, worker 2: ann",
        agent="ann",
        conversation="ann@rounds/1/workers/1",
        input="{{ task }}",
        place="pattern.config.worker_template",
        context={"task": "dogs"},
        tools=("shell",),
    )


def test_only_so_many_workers_run_at_once_and_the_earliest_first() -> None:
    plan = json.dumps(["a", "b", "c", "d"])
    spec = spec_of(
        "orchestrator_workers",
        {"orchestrator": {"agent": "bob"}, "worker_template": {"agent": "ann"}},
        max_parallel=2,
    )
    state = told(spec, pattern.initial(spec), rounds__1__orchestrator=plan)
    assert list(wanted(spec, state)) == ["rounds/1/workers/0", "rounds/1/workers/1"]
    state = told(spec, state, rounds__1__workers__1="b done")
    assert list(wanted(spec, state)) == ["rounds/1/workers/0", "rounds/1/workers/2"]
    assert len(wanted(spec, respecified(state, SPEC))) == 3


def test_tasks_past_max_workers_are_not_kept() -> None:
    spec = of({"max_workers": 1})
    state = told(spec, pattern.initial(spec), rounds__1__orchestrator=TWO)
    assert state.tasks == ("cats",)
    wider = respecified(state, SPEC)
    assert wider.tasks == ("cats",), "a plan is decided once"


def test_without_a_reduce_or_a_writeup_the_result_is_the_numbered_answers() -> None:
    state = told(SPEC, pattern.initial(SPEC), rounds__1__orchestrator=TWO, rounds__1__workers__1="woof")
    state = told(SPEC, state, rounds__1__workers__0="meow")
    match pattern.verdict(state):
        case Finished(result, context):
            assert result == "1. meow\n\n2. woof"
            assert context["last_response"] == "woof"
            assert (context["num_workers"], context["worker_count"], context["round_count"]) == (2, 2, 1)
            assert context["orchestrator_response"] == TWO
            assert [dict(each) for each in context["workers"]] == [  # type: ignore[attr-defined]  # it is a list
                {"task": "cats", "response": "meow", "status": "success", "tokens": 3},
                {"task": "dogs", "response": "woof", "status": "success", "tokens": 3},
            ]
        case other:
            raise AssertionError(other)


def test_an_empty_plan_ends_the_rounds() -> None:
    spec = of({"max_rounds": 3})
    state = told(spec, pattern.initial(spec), **WORKED, rounds__2__orchestrator="[]")
    stand = pattern.verdict(state)
    assert isinstance(stand, Finished)
    assert stand.result == "1. meow\n\n2. woof"
    assert stand.context["round_count"] == 1
    nothing = told(SPEC, pattern.initial(SPEC), rounds__1__orchestrator="[]")
    stand = pattern.verdict(nothing)
    assert isinstance(stand, Finished)
    assert (stand.result, stand.context["last_response"]) == ("", "[]")


def test_a_later_round_sees_the_work_of_the_earlier_ones() -> None:
    spec = of({"max_rounds": 2})
    state = told(spec, pattern.initial(spec), **WORKED)
    text = sent(wanted(spec, state)["rounds/2/orchestrator"])
    assert text.startswith("These tasks are done:\n\nTask 1: cats\nmeow\n\nTask 2: dogs\nwoof\n\n")
    state = told(spec, state, rounds__2__orchestrator='["birds"]', rounds__2__workers__0="tweet")
    stand = pattern.verdict(state)
    assert isinstance(stand, Finished)
    assert stand.result == "1. meow\n\n2. woof\n\n3. tweet"


def test_a_person_may_look_at_each_plan_before_anybody_works_on_it() -> None:
    review = {**QUESTION, "prompt": "{{ task_count }}: {% for t in tasks %}{{ t.task }} {% endfor %}"}
    spec = of({"max_rounds": 2}, decomposition_review=review, worker={"agent": "bob"})
    state = told(spec, pattern.initial(spec), rounds__1__orchestrator=TWO)
    request = wanted(spec, state)["rounds/1/decomposition_review"]
    assert isinstance(request, AskPerson)
    assert request.choices == ("approved", "rejected")
    assert request.title == "Round 1, plan: person"
    assert sent(request) == "2: cats dogs "
    assert pattern.verdict(state) == Waiting(("rounds/1/decomposition_review",))
    state = told(spec, state, rounds__1__decomposition_review="mind the budget")
    assert wanted(spec, state)["rounds/1/workers/0"].context["hitl_response"] == "mind the budget"
    state = told(spec, state, rounds__1__workers__0="meow", rounds__1__workers__1="woof")
    assert sent(wanted(spec, state)["rounds/2/orchestrator"]).endswith("A person adds: mind the budget")
    state = told(spec, state, rounds__2__orchestrator='["birds"]')
    assert list(wanted(spec, state)) == ["rounds/2/decomposition_review"]


def test_a_review_sees_what_an_agent_said_last_and_what_a_person_said_at_the_round_before() -> None:
    review = {**QUESTION, "prompt": "{{ last_response }}<{{ hitl_response }}>"}
    spec = of({"max_rounds": 2}, decomposition_review=review, reduce_review=review)
    state = told(spec, pattern.initial(spec), rounds__1__orchestrator=TWO)
    assert sent(wanted(spec, state)["rounds/1/decomposition_review"]) == TWO + "<>"
    state = told(spec, state, rounds__1__decomposition_review="mind the budget")
    state = told(spec, state, rounds__1__workers__0="meow", rounds__1__workers__1="woof")
    state = told(spec, state, rounds__2__orchestrator='["birds"]')
    plan = wanted(spec, state)["rounds/2/decomposition_review"]
    assert sent(plan) == '["birds"]<mind the budget>'
    state = told(spec, state, rounds__2__decomposition_review="approved", rounds__2__workers__0="tweet")
    assert sent(wanted(spec, state)["reduce_review"]) == "tweet<approved>"


def test_a_review_that_no_plan_needed_leaves_its_answer_empty_and_costs_nobody_their_work() -> None:
    reduce = {"agent": "bob", "input": "Join.{% if hitl_response %} Mind: {{ hitl_response }}{% endif %}"}
    spec = of(decomposition_review=QUESTION, reduce=reduce)
    state = told(spec, pattern.initial(spec), rounds__1__orchestrator="[]")
    assert sent(wanted(spec, state)["reduce"]) == "Join."


@pytest.mark.parametrize("answer", ["rejected", "Rejected: too broad", " REJECTED"])
def test_a_rejected_plan_fails_the_session_with_what_the_person_said(answer: str) -> None:
    spec = of(decomposition_review=QUESTION)
    state = told(
        spec, pattern.initial(spec), rounds__1__orchestrator=TWO, rounds__1__decomposition_review=answer
    )
    assert pattern.wanted(state) == ()
    stand = pattern.verdict(state)
    assert isinstance(stand, Failed)
    assert (stand.unit, stand.fault.kind) == ("rounds/1/decomposition_review", "pattern")
    assert stand.fault.message.startswith(f"a person answered: {answer}; what is done is kept")


def test_the_answers_may_be_reviewed_reduced_and_written_up() -> None:
    spec = of(
        reduce_review={**QUESTION, "prompt": "{{ worker_count }} of {{ round_count }}?"},
        reduce={
            **CALL,
            "input": "{{ hitl_response }} {{ workers[1].response }} {{ mood }}",
            "vars": {"mood": "sad"},
        },
        writeup={"agent": "bob"},
    )
    state = told(spec, pattern.initial(spec), **WORKED)
    assert sent(wanted(spec, state)["reduce_review"]) == "2 of 1?"
    assert pattern.verdict(state) == Waiting(("reduce_review",))
    state = told(spec, state, reduce_review="approved")
    request = wanted(spec, state)["reduce"]
    assert request.title == "Reduce: ann"
    assert sent(request) == "approved woof sad"
    state = told(spec, state, reduce="both")
    request = wanted(spec, state)["writeup"]
    assert (request.title, request.context["last_response"]) == ("Writeup: bob", "both")
    assert sent(request) == "Write the final answer from this:\n\nboth"
    state = told(spec, state, writeup="the end")
    stand = pattern.verdict(state)
    assert isinstance(stand, Finished)
    assert (stand.result, stand.context["last_response"]) == ("the end", "the end")
    assert stand.context["reduce_response"] == "both"


def test_a_rejected_review_of_the_answers_names_its_own_gate() -> None:
    spec = of(reduce_review=QUESTION, reduce=CALL)
    stand = pattern.verdict(told(spec, pattern.initial(spec), **WORKED, reduce_review="rejected"))
    assert isinstance(stand, Failed)
    assert stand.unit == "reduce_review"


def test_steps_without_an_input_are_sent_the_work_and_what_a_person_wished() -> None:
    spec = of(reduce_review=QUESTION, reduce=CALL)
    state = told(spec, pattern.initial(spec), **WORKED, reduce_review="be kind")
    assert sent(wanted(spec, state)["reduce"]) == (
        "Bring these workers' answers together in one answer.\n\nTask 1: cats\nmeow\n\nTask 2: dogs\nwoof"
        "\n\nA person adds: be kind"
    )
    spec = of(writeup=CALL)
    state = told(spec, pattern.initial(spec), **WORKED)
    text = sent(wanted(spec, state)["writeup"])
    assert text.startswith("Write the final answer from these workers' answers.\n\nTask 1: cats\nmeow")


def test_a_person_may_reduce_and_write_up() -> None:
    spec = of(reduce=QUESTION, writeup=CALL)
    state = told(spec, pattern.initial(spec), **WORKED)
    assert pattern.verdict(state) == Waiting(("reduce",))
    state = told(spec, state, reduce="cats win")
    request = wanted(spec, state)["writeup"]
    assert sent(request) == "Write the final answer from this:\n\ncats win"
    assert (request.context["reduce_response"], request.context["last_response"]) == ("cats win", "woof")
    spec = of(writeup=QUESTION)
    state = told(spec, pattern.initial(spec), **WORKED, writeup="dogs win")
    stand = pattern.verdict(state)
    assert isinstance(stand, Finished)
    assert stand.result == "dogs win"


def test_a_report_that_is_late_early_or_of_the_wrong_kind_decides_nothing() -> None:
    spec = of({"max_workers": 2}, decomposition_review=QUESTION, reduce=CALL, writeup=QUESTION)
    planned = told(spec, pattern.initial(spec), rounds__1__orchestrator=TWO)
    working = told(spec, planned, rounds__1__decomposition_review="approved")
    reducing = told(spec, working, rounds__1__workers__0="meow", rounds__1__workers__1="woof")
    writing = told(spec, reducing, reduce="both")
    reports = (
        (planned, Completed("rounds/1/orchestrator", "[]", 3)),
        (planned, Completed("rounds/1/decomposition_review", "approved", 3)),
        (planned, Responded("reduce_review", "?", "approved")),
        (working, Completed("rounds/1/workers/2", "moo", 3)),
        (working, Responded("rounds/1/workers/0", "?", "meow")),
        (reducing, Completed("rounds/1/workers/0", "again", 3)),
        (reducing, Completed("writeup", "early", 3)),
        (reducing, Responded("reduce", "?", "not a person's")),
        (writing, Completed("writeup", "not an agent's", 3)),
        (writing, Responded("reduce", "?", "late")),
    )
    for state, report in reports:
        assert pattern.decide(state, report) == Success(())


def test_what_is_done_must_stay_under_a_changed_spec() -> None:
    spec = of(
        {"max_rounds": 2}, decomposition_review=QUESTION, reduce_review=QUESTION, reduce=CALL, writeup=CALL
    )
    state = told(
        spec, pattern.initial(spec), rounds__1__orchestrator=TWO, rounds__1__decomposition_review="ok"
    )
    state = told(
        spec, state, rounds__1__workers__0="a", rounds__1__workers__1="b", rounds__2__orchestrator="[]"
    )
    state = told(spec, state, reduce_review="approved", reduce="both")
    review, two = {"decomposition_review": QUESTION}, {"max_rounds": 2}
    gates = {**review, "reduce_review": QUESTION}
    assert respecified(state, of(**gates)) == "round 2 is planned, but the changed spec allows only 1"
    gone = "is completed, but the changed spec has no such gate"
    assert respecified(state, of(two, reduce=CALL)) == f"decomposition_review {gone}"
    assert respecified(state, of(two, **review, reduce=CALL)) == f"reduce_review {gone}"
    assert respecified(state, of(two, **gates)) == "reduce is completed, but the changed spec has none"
    another = "reduce is completed, but the changed spec makes another kind of it"
    assert respecified(state, of(two, **gates, reduce=QUESTION)) == another
    on = pattern.verdict(respecified(state, of({"max_rounds": 5}, **gates, reduce=CALL)))
    assert isinstance(on, Finished), "there are no rounds after a reduce"
    assert on.result == "both"


def test_more_rounds_are_allowed_until_what_follows_them_has_begun() -> None:
    spec = of(reduce_review=QUESTION)
    state = told(spec, pattern.initial(spec), **WORKED)
    wider = of({"max_rounds": 2}, reduce_review=QUESTION)
    assert list(wanted(spec, respecified(state, wider))) == ["rounds/2/orchestrator"]
    state = told(spec, state, reduce_review="approved")
    assert isinstance(pattern.verdict(respecified(state, wider)), Finished)


def test_a_review_that_comes_too_late_for_a_plan_is_not_asked() -> None:
    state = told(SPEC, pattern.initial(SPEC), rounds__1__orchestrator=TWO)
    reviewed = of(decomposition_review=QUESTION)
    assert list(wanted(SPEC, respecified(state, reviewed))) == ["rounds/1/decomposition_review"]
    state = told(SPEC, state, rounds__1__workers__1="woof")
    assert list(wanted(SPEC, respecified(state, reviewed))) == ["rounds/1/workers/0"]


def test_a_task_is_a_models_words_and_never_taken_for_a_template() -> None:
    story = Story(of(reduce=CALL))
    story.answer("rounds/1/orchestrator", json.dumps(["{{ topic }} {% for %}"]))
    assert story.turn("rounds/1/workers/0").prompt == "{{ topic }} {% for %}"
    story.answer("rounds/1/workers/0", "{{ 1/0 }}")
    assert "Task 1: {{ topic }} {% for %}\n{{ 1/0 }}" in story.turn("reduce").prompt


def test_the_view_shows_each_round_with_the_workers_that_are_done() -> None:
    story = Story(of({"max_rounds": 2}, reduce=CALL, writeup=CALL))
    shown = pattern_document(story.session)
    assert (shown["current_round"], shown["rounds"]) == (0, [])
    story.answer("rounds/1/orchestrator", TWO)
    story.answer("rounds/1/workers/1", "woof")
    shown = pattern_document(story.session)
    dogs = {"index": 1, "task": "dogs", "response": "woof", "status": "success", "tokens": 7}
    assert shown["rounds"] == [
        {"round": 1, "orchestrator_response": TWO, "tokens": 7, "tasks": ["cats", "dogs"], "workers": [dogs]}
    ]
    story.answer("rounds/1/workers/0", "meow")
    story.answer("rounds/2/orchestrator", '["birds"]')
    story.answer("rounds/2/workers/0", "tweet")
    story.answer("reduce", "all")
    shown = pattern_document(story.session)
    assert [len(each["workers"]) for each in shown["rounds"]] == [2, 1]
    assert (shown["current_round"], shown["reduce_completed"], shown["reduce_output"]) == (2, True, "all")
    assert (shown["writeup_completed"], shown["writeup_output"]) == (False, None)
    story.answer("writeup", "end")
    assert pattern_document(story.session)["writeup_output"] == "end"
