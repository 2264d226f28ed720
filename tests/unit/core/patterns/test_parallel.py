"""Parallel by example: given branches, when some steps are done, then what."""

from __future__ import annotations

import pytest
from returns.result import Success

from durable_core.patterns.base import AskPerson, CallAgent, Completed, Finished, Open, Responded, Waiting
from durable_core.patterns.parallel import machine as parallel
from durable_core.spec.models import Spec
from tests.support.patterns_kit import CALL, QUESTION, Doc, respecified, sent, shown, spec_of, told, wanted


def of(reduce: Doc | None = None, max_parallel: int = 5, **branches: list[Doc]) -> Spec:
    config: Doc = {"branches": [{"id": name, "steps": steps} for name, steps in branches.items()]}
    if reduce is not None:
        config["reduce"] = reduce
    return spec_of("parallel", config, max_parallel=max_parallel)


def test_a_branch_step_has_the_conversation_of_its_branch() -> None:
    spec = of(web=[CALL, {**CALL, "input": "More.", "vars": {"x": 1}, "tool_overrides": ["t"]}], docs=[CALL])
    state = told(spec, parallel.initial(spec), branches__web__0="W")
    assert wanted(spec, state)["branches/web/1"] == CallAgent(
        unit="branches/web/1",
        title="Branch web, step 2/2: ann",
        agent="ann",
        conversation="ann@branches/web",
        input="More.",
        place="pattern.config.branches[0].steps[1].input",
        context={"steps": state.lines["web"].records, "last_response": "W", "x": 1},
        tools=("t",),
    )


def test_a_branch_sees_nothing_of_the_others() -> None:
    spec = of(a=[CALL, CALL], b=[QUESTION, CALL])
    state = told(spec, parallel.initial(spec), branches__a__0="A", branches__b__0="fine")
    requests = wanted(spec, state)
    assert sent(requests["branches/a/1"]) == "A"
    assert sent(requests["branches/b/1"]) == "fine"
    assert "hitl_response" not in requests["branches/a/1"].context
    assert "last_response" not in requests["branches/b/1"].context


def test_a_step_after_a_person_is_sent_the_answer_before_and_what_they_said() -> None:
    spec = of(a=[CALL, QUESTION, CALL], b=[CALL])
    state = told(spec, parallel.initial(spec), branches__a__0="A", branches__a__1="shorter")
    assert sent(wanted(spec, state)["branches/a/2"]) == "A\n\nA person answered: shorter"


def test_few_slots_go_to_the_first_branches_of_the_file_and_gates_take_none() -> None:
    spec = of(max_parallel=1, z=[CALL], y=[QUESTION], x=[CALL])
    assert list(wanted(spec, parallel.initial(spec))) == ["branches/z/0", "branches/y/0"]


def test_without_a_reduce_step_the_result_is_every_branchs_text_by_id() -> None:
    spec = of(b=[CALL], a=[CALL, QUESTION])
    state = told(spec, parallel.initial(spec), branches__b__0="B", branches__a__0="A", branches__a__1="fine")
    stand = parallel.verdict(state)
    assert isinstance(stand, Finished)
    assert stand.result == "Branch a:\nA\n\n---\n\nBranch b:\nB"
    assert stand.context["last_response"] == stand.result
    assert stand.context["hitl_response"] == "fine"


def test_a_branch_of_questions_alone_comes_to_the_last_answer() -> None:
    spec = of(a=[QUESTION, QUESTION], b=[CALL])
    state = told(spec, parallel.initial(spec), branches__a__0="1", branches__a__1="2", branches__b__0="B")
    assert state.outputs["a"]["response"] == "2"


def test_the_reduce_step_sees_every_branch_and_the_last_person_by_branch_id() -> None:
    text = "{{ branches.a.response }} {{ branches.a.tokens }} {{ branches.b.status }} {{ hitl_response }}"
    spec = of({"agent": "bob", "input": text}, b=[QUESTION], a=[CALL, CALL, QUESTION])
    state = told(
        spec,
        parallel.initial(spec),
        branches__b__0="from b",
        branches__a__0="A0",
        branches__a__1="A1",
        branches__a__2="from a",
    )
    (request,) = wanted(spec, state).values()
    assert isinstance(request, CallAgent)
    assert (request.title, request.conversation) == ("Reduce: bob", "bob")
    assert sent(request) == "A1 6 success from b"
    assert request.context["branches"]["a"]["steps"][1]["response"] == "A1"  # type: ignore[index]  # a context is made of objects
    assert parallel.verdict(state) == Open()


def test_a_persons_answer_at_the_reduce_step_is_the_result() -> None:
    spec = of(QUESTION, a=[QUESTION], b=[CALL])
    state = told(spec, parallel.initial(spec), branches__a__0="fine", branches__b__0="B")
    (request,) = wanted(spec, state).values()
    assert isinstance(request, AskPerson)
    assert request.title == "Reduce: person"
    assert parallel.verdict(state) == Waiting(("reduce",))
    stand = parallel.verdict(told(spec, state, reduce="take b"))
    assert isinstance(stand, Finished)
    assert (stand.result, stand.context["hitl_response"]) == ("take b", "take b")


def test_an_agents_answer_at_the_reduce_step_is_the_result() -> None:
    spec = of({"agent": "bob"}, a=[CALL], b=[CALL])
    state = told(spec, parallel.initial(spec), branches__a__0="A", branches__b__0="B", reduce="AB")
    stand = parallel.verdict(state)
    assert isinstance(stand, Finished)
    assert stand.result == stand.context["last_response"] == "AB"
    assert wanted(spec, state) == {}


@pytest.mark.parametrize(
    "command",
    [
        Completed("branches/a/0", "again", 3),
        Completed("branches/a/2", "too far", 3),
        Completed("branches/b/0", "no person", 3),
        Responded("branches/a/1", "?", "no agent"),
        Completed("branches/done/1", "past the end", 3),
        Completed("branches/c/0", "no such branch", 3),
        Completed("tasks/a/1", "no such root", 3),
        Completed("reduce", "early", 3),
        Responded("reduce", "?", "early"),
    ],
)
def test_a_report_on_a_step_that_is_not_next_decides_nothing(command: Completed | Responded) -> None:
    spec = of(QUESTION, a=[CALL, CALL, CALL], b=[QUESTION], done=[CALL])
    state = told(spec, parallel.initial(spec), branches__a__0="A", branches__done__0="D")
    assert parallel.decide(state, command) == Success(())


def test_a_report_of_the_wrong_kind_on_the_reduce_step_decides_nothing() -> None:
    for reduce, command in ((CALL, Responded("reduce", "?", "x")), (QUESTION, Completed("reduce", "x", 3))):
        spec = of(reduce, a=[CALL], b=[CALL])
        state = told(spec, parallel.initial(spec), branches__a__0="A", branches__b__0="B")
        assert parallel.decide(state, command) == Success(())


def test_steps_and_branches_may_be_added_before_the_join() -> None:
    spec = of(a=[QUESTION], b=[CALL], gone=[CALL])
    state = told(spec, parallel.initial(spec), branches__a__0="fine")
    changed = of({"agent": "bob"}, b=[QUESTION], new=[CALL], a=[QUESTION, CALL])
    going_on = respecified(state, changed)
    assert list(wanted(changed, going_on)) == ["branches/b/0", "branches/new/0", "branches/a/1"]
    assert going_on.spoken == "a"


def test_completed_steps_must_stay_and_be_of_their_kind() -> None:
    spec = of(a=[CALL, CALL, CALL], b=[CALL])
    state = told(spec, parallel.initial(spec), branches__a__0="A0", branches__a__1="A1")
    gone = "branch a: it has completed steps, but the changed spec has no such branch"
    assert respecified(state, of(b=[CALL], c=[CALL])) == gone
    shorter = "branch a: step 1 is completed, but the changed spec has only 1 steps"
    assert respecified(state, of(a=[CALL], b=[CALL])) == shorter
    moved = "branch a: step 1 is completed, but the changed spec has it as step 0"
    assert respecified(state, of(a=[CALL, QUESTION], b=[CALL])) == moved


def test_after_the_join_nothing_may_be_added_before_it() -> None:
    spec = of(QUESTION, a=[CALL], b=[CALL])
    state = told(spec, parallel.initial(spec), branches__a__0="A", branches__b__0="B", reduce="fine")
    another_kind = "reduce is completed, but the changed spec makes another kind of it"
    assert respecified(state, of(CALL, a=[CALL], b=[CALL])) == another_kind
    gone = "reduce is completed, but the changed spec has none"
    assert respecified(state, of(a=[CALL], b=[CALL])) == gone
    more = "reduce is completed, but the changed spec adds steps to branch b"
    assert respecified(state, of(QUESTION, a=[CALL], b=[CALL, CALL])) == more
    reworded = respecified(state, of({**QUESTION, "prompt": "Well?"}, a=[CALL], b=[CALL]))
    assert isinstance(parallel.verdict(reworded), Finished)


def test_it_is_open_while_an_agent_has_work_and_waits_when_only_people_have() -> None:
    spec = of(a=[QUESTION], b=[CALL, QUESTION])
    state = parallel.initial(spec)
    assert parallel.verdict(state) == Open()
    state = told(spec, state, branches__b__0="B")
    assert parallel.verdict(state) == Waiting(("branches/a/0", "branches/b/1"))


def test_the_view_shows_what_is_done_of_each_branch_and_which_one_failed() -> None:
    spec = of({"agent": "bob"}, b=[CALL], a=[CALL, QUESTION], c=[CALL])
    state = told(spec, parallel.initial(spec), branches__b__0="B", branches__a__0="A")
    done = {"index": 0, "agent": "ann", "tokens": 3}
    assert shown(spec, state, "branches/c/0") == {
        "completed_branches": ["b"],
        "failed_branches": ["c"],
        "branch_outputs": {
            "a": {"response": "A", "status": "running", "tokens": 3, "steps": [{**done, "response": "A"}]},
            "b": {"response": "B", "status": "success", "tokens": 3, "steps": [{**done, "response": "B"}]},
        },
        "reduce_completed": False,
        "reduce_output": None,
    }
    state = told(spec, state, branches__a__1="fine", branches__c__0="C", reduce="ABC")
    assert shown(spec, state)["reduce_completed"] is True
    assert shown(spec, state)["reduce_output"] == "ABC"
    assert shown(spec, state, "reduce")["failed_branches"] == []
