"""Workflow by example: given tasks, when some are done, then what."""

from __future__ import annotations

import pytest
from returns.result import Success

from durable_core.patterns.base import AskPerson, CallAgent, Completed, Finished, Open, Responded, Waiting
from durable_core.patterns.workflow import machine as workflow
from durable_core.patterns.workflow.state import TaskCompleted
from durable_core.patterns.workflow.task_plan import plan_of
from durable_core.spec.models import Spec, WorkflowConfig
from tests.support.patterns_kit import CALL, QUESTION, Doc, respecified, sent, shown, spec_of, told, wanted


def task(name: str, *deps: str, **more: object) -> Doc:
    return {"id": name, "deps": list(deps), **CALL, **more}


def gate(name: str, *deps: str, **more: object) -> Doc:
    return {"id": name, "deps": list(deps), **QUESTION, **more}


def of(*tasks: Doc, **runtime: object) -> Spec:
    return spec_of("workflow", {"tasks": list(tasks)}, **runtime)


DIAMOND = of(task("top"), task("left", "top"), task("right", "top"), task("end", "left", "right"))


def test_a_task_is_a_unit_with_a_conversation_of_its_own() -> None:
    spec = of(task("draft", input="Write on {{ topic }}."))
    assert wanted(spec, workflow.initial(spec))["tasks/draft"] == CallAgent(
        unit="tasks/draft",
        title="Task draft: ann",
        agent="ann",
        conversation="ann@tasks/draft",
        input="Write on {{ topic }}.",
        place="pattern.config.tasks[0].input",
        context={"tasks": {}},
    )


def test_a_question_keeps_all_that_the_spec_says_of_it() -> None:
    spec = of(
        gate(
            "ok", context_display="See.", default="yes", timeout_seconds=60, validation={"pattern": "yes|no"}
        )
    )
    assert wanted(spec, workflow.initial(spec))["tasks/ok"] == AskPerson(
        unit="tasks/ok",
        title="Task ok: person",
        prompt="Go on?",
        place="pattern.config.tasks[0]",
        context={"tasks": {}},
        display="See.",
        default="yes",
        timeout_seconds=60,
        pattern="yes|no",
    )


def test_a_timeout_of_zero_means_that_nobody_is_hurried() -> None:
    spec = of(gate("ok", timeout_seconds=0))
    request = wanted(spec, workflow.initial(spec))["tasks/ok"]
    assert isinstance(request, AskPerson)
    assert request.timeout_seconds is None


def test_a_task_starts_as_soon_as_its_own_dependencies_are_done() -> None:
    spec = of(task("a"), task("b"), task("after_a", "a"), max_parallel=3)
    state = told(spec, workflow.initial(spec), tasks__a="A")
    assert list(wanted(spec, state)) == ["tasks/b", "tasks/after_a"]


def test_ties_go_by_the_order_of_the_file_and_gates_take_no_slot() -> None:
    spec = of(task("a"), gate("ask"), task("b"), task("c"), gate("ask_too"), max_parallel=2)
    assert list(wanted(spec, workflow.initial(spec))) == [
        "tasks/a",
        "tasks/ask",
        "tasks/b",
        "tasks/ask_too",
    ]


def test_a_running_task_may_complete_after_earlier_ones_took_its_place_in_the_list() -> None:
    spec = of(task("late", "quick"), task("later", "quick"), task("quick"), task("slow"), max_parallel=2)
    state = told(spec, workflow.initial(spec), tasks__quick="Q")
    assert list(wanted(spec, state)) == ["tasks/late", "tasks/later"]
    assert len(workflow.decide(state, Completed("tasks/slow", "S", 3)).unwrap()) == 1


def test_templates_see_completed_tasks_in_the_order_of_the_file() -> None:
    spec = of(task("a"), gate("b"), task("c", "a", "b", input="{{ tasks | tojson }} {{ tasks.a.status }}"))
    state = told(spec, workflow.initial(spec), tasks__b="yes", tasks__a="A")
    assert sent(wanted(spec, state)["tasks/c"]) == (
        '{"a": {"response": "A", "status": "success", "agent": "ann", "tokens": 3}, '
        '"b": {"response": "yes", "status": "success", "agent": "", "tokens": 0, '
        '"type": "hitl", "prompt": "Go on?"}} success'
    )


def test_last_response_comes_from_before_the_task_and_not_from_who_was_faster() -> None:
    spec = of(task("a"), task("b"), task("end", "b", "a", input="{{ last_response }}"))
    one = told(spec, workflow.initial(spec), tasks__a="A", tasks__b="B")
    other = told(spec, workflow.initial(spec), tasks__b="B", tasks__a="A")
    assert one == other
    assert sent(wanted(spec, one)["tasks/end"]) == "B"  # later in the file, so later in topological order


def test_last_response_reaches_through_a_persons_answer() -> None:
    spec = of(task("a"), gate("ok", "a"), task("end", "ok", input="{{ last_response }}/{{ hitl_response }}"))
    state = told(spec, workflow.initial(spec), tasks__a="A", tasks__ok="fine")
    assert sent(wanted(spec, state)["tasks/end"]) == "A/fine"


def test_a_task_that_waits_for_nothing_has_no_last_response() -> None:
    spec = of(task("a"), task("b"))
    state = told(spec, workflow.initial(spec), tasks__a="A")
    assert "last_response" not in wanted(spec, state)["tasks/b"].context


@pytest.mark.parametrize(
    ("tasks", "text"),
    [
        ([task("end")], "Begin."),
        ([task("end", description='Say "{{ x }}".')], 'Say "{{ x }}".'),
        ([task("a"), task("end", "a")], "A"),
        ([task("a"), task("end", "a", "a", description="Sum up.")], "Sum up.\n\nA"),
        ([task("a"), task("b"), task("end", "b", "a")], "Task b:\nB\n\nTask a:\nA"),
        ([gate("a"), task("end", "a")], "A"),
        ([gate("a"), gate("b"), task("end", "a", "b")], "A person answered: A\n\nA person answered: B"),
        ([task("a"), gate("b", "a"), task("end", "b")], "A\n\nA person answered: B"),
        ([task("a"), gate("b"), task("end", "a", "b")], "A\n\nA person answered: B"),
    ],
)
def test_a_task_without_an_input_is_sent_what_it_waited_for(tasks: list[Doc], text: str) -> None:
    spec = of(*tasks)
    answers = {f"tasks__{each['id']}": each["id"].upper() for each in tasks[:-1]}
    state = told(spec, workflow.initial(spec), **answers)
    assert sent(wanted(spec, state)["tasks/end"]) == text


def test_the_result_is_the_last_tasks_in_topological_order_of_the_file() -> None:
    state = told(
        DIAMOND, workflow.initial(DIAMOND), tasks__top="T", tasks__right="R", tasks__left="L", tasks__end="E"
    )
    stand = workflow.verdict(state)
    assert isinstance(stand, Finished)
    assert stand.result == "E"
    assert stand.context["last_response"] == "E"
    assert "hitl_response" not in stand.context


def test_a_persons_answer_may_be_the_result() -> None:
    spec = of(gate("ok", "draft"), task("draft"))
    state = told(spec, workflow.initial(spec), tasks__draft="D", tasks__ok="fine")
    stand = workflow.verdict(state)
    assert isinstance(stand, Finished)
    assert (stand.result, stand.context["last_response"], stand.context["hitl_response"]) == (
        "fine",
        "D",
        "fine",
    )


def test_it_waits_only_when_all_that_is_ready_is_for_people() -> None:
    spec = of(task("a"), gate("ask"), gate("ask_too", "ask"))
    state = workflow.initial(spec)
    assert workflow.verdict(state) == Open()
    assert workflow.verdict(told(spec, state, tasks__a="A")) == Waiting(("tasks/ask",))


@pytest.mark.parametrize(
    "command",
    [
        Completed("tasks/a", "again", 3),  # is completed
        Completed("tasks/end", "early", 3),  # is blocked
        Completed("tasks/ask", "no person", 3),  # is a person's
        Responded("tasks/b", "?", "no agent"),  # is an agent's
        Responded("tasks/end", "?", "early"),
        Completed("tasks/nobody", "x", 3),
        Completed("steps/b", "x", 3),
        Completed("b", "x", 3),
    ],
)
def test_a_report_on_a_task_that_is_not_ready_decides_nothing(command: Completed | Responded) -> None:
    spec = of(task("a"), task("b"), gate("ask"), task("end", "b"))
    state = told(spec, workflow.initial(spec), tasks__a="A")
    assert workflow.decide(state, command) == Success(())


@pytest.mark.parametrize("name", ["a", "end", "nobody"])
def test_a_task_that_was_not_ready_was_never_done(name: str) -> None:
    spec = of(task("a"), task("b"), task("end", "b"))
    state = told(spec, workflow.initial(spec), tasks__a="A")
    forged = TaskCompleted(task=name, agent="ann", response="early", tokens=3)
    with pytest.raises(KeyError, match=name):
        workflow.evolve(state, forged)


def test_tasks_may_be_added_moved_and_rewired_while_completed_ones_stay() -> None:
    state = told(DIAMOND, workflow.initial(DIAMOND), tasks__top="T", tasks__left="L")
    changed = of(task("new"), task("end", "left", "new"), task("left"), task("top", "new"), max_parallel=1)
    going_on = respecified(state, changed)
    assert list(wanted(changed, going_on)) == ["tasks/new"]
    assert list(wanted(changed, told(changed, going_on, tasks__new="N"))) == ["tasks/end"]
    assert list(going_on.records) == ["left", "top"]


def test_a_completed_task_that_is_made_to_wait_holds_back_what_depends_on_it() -> None:
    before = of(gate("ask"), task("middle", "ask"), task("end", "middle"), task("other"))
    state = told(before, workflow.initial(before), tasks__ask="yes")
    changed = of(
        task("new"),
        gate("ask", "new"),
        task("middle", "ask", input="{{ last_response }}/{{ hitl_response }}"),
        task("end", "middle"),
        gate("late", "ask"),
    )
    going_on = respecified(state, changed)
    assert list(wanted(changed, going_on)) == ["tasks/new"]
    assert shown(changed, going_on)["blocked_tasks"] == ["middle", "end", "late"]
    going_on = told(changed, going_on, tasks__new="N")
    assert list(wanted(changed, going_on)) == ["tasks/middle", "tasks/late"]
    assert sent(wanted(changed, going_on)["tasks/middle"]) == "N/yes"


def test_a_completed_task_must_stay_and_be_of_its_kind() -> None:
    state = told(DIAMOND, workflow.initial(DIAMOND), tasks__top="T")
    gone = "task top is completed, but the changed spec has no such task"
    assert respecified(state, of(task("left"))) == gone
    another_kind = "task top is completed, but the changed spec makes another kind of it"
    assert respecified(state, of(gate("top"), task("left"))) == another_kind


def test_the_plan_of_a_wrong_spec_leaves_out_what_it_cannot_place() -> None:
    wrong = of(task("a", "nobody"), task("b", "c"), task("c", "b"), task("d", "a", "b"))
    config = wrong.pattern.config
    assert isinstance(config, WorkflowConfig)
    plan = plan_of(config.tasks)
    assert (plan.order, plan.agent_before) == ((0,), (None, None, None, None))


def test_the_plan_takes_the_first_of_the_file_wherever_the_dependencies_leave_a_choice() -> None:
    spec = of(task("z", "m"), task("m"), task("b"), task("a", "z"))
    config = spec.pattern.config
    assert isinstance(config, WorkflowConfig)
    assert plan_of(config.tasks).order == (1, 0, 2, 3)


def test_the_view_tells_completed_ready_and_blocked_tasks_apart() -> None:
    spec = of(task("end", "b", "ok"), task("a"), task("b", "a"), gate("ok"))
    state = told(spec, workflow.initial(spec), tasks__a="A")
    assert shown(spec, state) == {
        "completed_tasks": ["a"],
        "pending_tasks": ["b", "ok"],
        "blocked_tasks": ["end"],
        "task_outputs": {"a": {"response": "A", "status": "success", "agent": "ann", "tokens": 3}},
    }
