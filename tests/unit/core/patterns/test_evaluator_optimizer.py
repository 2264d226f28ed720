"""Evaluator-optimizer by example: given a bar, when drafts are scored and people speak, then what."""

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
from durable_core.patterns.evaluator_optimizer import machine as pattern
from durable_core.spec.models import Spec
from durable_core.templates.nothing_yet import NOTHING_YET
from durable_core.views.documents import pattern_document
from durable_shell.providers.offline.echo_rules import echo_answer
from tests.support.patterns_kit import QUESTION, Doc, respecified, sent, spec_of, told, wanted
from tests.support.session_kit import Story


def score(number: int, *issues: str, fixes: tuple[str, ...] = ()) -> str:
    return json.dumps({"score": number, "issues": list(issues), "fixes": list(fixes)})


def of(*, min_score: int = 80, max_iters: int = 3, evaluator: Doc | None = None, **more: object) -> Spec:
    config = {
        "producer": "ann",
        "evaluator": {"agent": "bob", **(evaluator or {})},
        "accept": {"min_score": min_score, "max_iters": max_iters},
        **more,
    }
    return spec_of("evaluator_optimizer", config)


SPEC = of()
GATED = of(
    review_gate={**QUESTION, "prompt": "{{ current_draft }} got {{ current_evaluation.score }}. Go on?"}
)
LOW = {"iterations__1__producer": "first", "iterations__1__evaluator": score(50, "dull", fixes=("add",))}


def test_the_first_draft_is_asked_for_with_the_producers_own_prompt() -> None:
    state = pattern.initial(SPEC)
    assert wanted(SPEC, state) == {
        "iterations/1/producer": CallAgent(
            unit="iterations/1/producer",
            title="Iteration 1, producer: ann",
            agent="ann",
            conversation="ann",
            input="You are ann.",
            place="agents.ann.prompt",
            context={},
            lenient=True,
        )
    }
    assert pattern.verdict(state) == Open()


def test_the_evaluator_is_shown_the_draft_and_told_the_shape() -> None:
    state = told(SPEC, pattern.initial(SPEC), iterations__1__producer="first")
    request = wanted(SPEC, state)["iterations/1/evaluator"]
    assert isinstance(request, CallAgent)
    assert (request.title, request.conversation) == ("Iteration 1, evaluator: bob", "bob")
    assert request.shape is not None
    text = sent(request)
    assert "first" in text
    assert request.shape in text


def test_an_evaluators_own_input_sees_the_draft_and_the_iteration() -> None:
    spec = of(evaluator={"input": "{{ iteration }}: {{ draft }}"})
    state = told(spec, pattern.initial(spec), iterations__1__producer="first")
    assert sent(wanted(spec, state)["iterations/1/evaluator"]) == "1: first"


def test_the_offline_provider_scores_higher_with_each_iteration() -> None:
    spec, scores = of(min_score=90), []
    state = pattern.initial(spec)
    for n in (1, 2, 3):
        state = told(spec, state, **{f"iterations__{n}__producer": "a draft of iteration 7"})
        answer = echo_answer("You judge.", [sent(wanted(spec, state)[f"iterations/{n}/evaluator"])])
        scores.append(json.loads(answer)["score"])
        state = told(spec, state, **{f"iterations__{n}__evaluator": answer})
    assert scores == [60, 75, 90]
    assert isinstance(pattern.verdict(state), Finished)


def test_a_draft_at_the_bar_is_accepted_and_nothing_more_is_wanted() -> None:
    state = told(
        SPEC, pattern.initial(SPEC), iterations__1__producer="first", iterations__1__evaluator=score(80)
    )
    assert pattern.wanted(state) == ()
    match pattern.verdict(state):
        case Finished(result, context):
            assert result == context["draft"] == context["last_response"] == "first"
            assert (context["final_score"], context["accepted"]) == (80, True)
            assert [dict(each) for each in context["iterations"]] == [  # type: ignore[attr-defined]  # it is a list
                {"iteration": 1, "score": 80, "issues": (), "fixes": (), "draft": "first"}
            ]
        case other:
            raise AssertionError(other)


def test_a_draft_below_the_bar_is_revised_with_what_was_said_of_it() -> None:
    state = told(SPEC, pattern.initial(SPEC), **LOW)
    request = wanted(SPEC, state)["iterations/2/producer"]
    assert isinstance(request, CallAgent)
    assert (request.conversation, request.shape) == ("ann", None)
    assert sent(request) == (
        "Revise your draft. It scored 50 out of 100.\nIssue: dull\nFix: add\n\nThe draft:\n\nfirst\n\n"
        "Answer with the revised draft and nothing else."
    )


def test_a_revise_prompt_sees_the_draft_and_its_evaluation() -> None:
    text = (
        "{{ iteration }} {{ draft }} {{ evaluation.score }} "
        "{{ evaluation.issues | join }} {{ evaluation.fixes[0] }}"
    )
    spec = of(revise_prompt=text)
    state = told(spec, pattern.initial(spec), **LOW)
    request = wanted(spec, state)["iterations/2/producer"]
    assert isinstance(request, CallAgent)
    assert request.place == "pattern.config.revise_prompt"
    assert sent(request) == "1 first 50 dull add"


@pytest.mark.parametrize(
    "answer", ["good", '{"score": "85"}', '{"score": 85.5}', '{"score": 101}', "[85]", ""]
)
def test_an_answer_that_is_no_evaluation_is_refused_and_may_be_asked_for_twice_more(answer: str) -> None:
    state = told(SPEC, pattern.initial(SPEC), iterations__1__producer="first")
    match pattern.decide(state, Completed("iterations/1/evaluator", answer, 3)):
        case Failure(Malformed(problem, reasks)):
            assert problem.endswith(".")
            assert reasks == 2
        case other:
            raise AssertionError(other)


def test_a_draft_that_is_never_accepted_fails_and_keeps_the_best_one() -> None:
    state = pattern.initial(SPEC)
    for n, (draft, points) in enumerate((("good", 70), ("also good", 70), ("poor", 10)), start=1):
        answers = {f"iterations__{n}__producer": draft, f"iterations__{n}__evaluator": score(points)}
        state = told(SPEC, state, **answers)
    assert pattern.wanted(state) == ()
    stand = pattern.verdict(state)
    assert isinstance(stand, Failed)
    assert (stand.unit, stand.kept, stand.fault.kind) == ("iterations/3/evaluator", "good", "pattern")
    assert stand.fault.message == (
        "the draft was not accepted in 3 evaluations: the best score was 70 (iteration 1), 80 is wanted; the "
        "best draft is kept; raise max_iters or lower min_score in the spec and resume to go on"
    )
    raised = respecified(state, of(max_iters=4))
    assert list(wanted(SPEC, raised)) == ["iterations/4/producer"]
    lowered = respecified(state, of(min_score=10))
    assert isinstance(pattern.verdict(lowered), Finished)
    assert pattern.verdict(respecified(state, of(min_score=11))) != Open()


def test_a_person_is_asked_before_each_revision_with_all_that_is_known() -> None:
    state = told(GATED, pattern.initial(GATED), **LOW)
    request = wanted(GATED, state)["iterations/1/gate"]
    assert isinstance(request, AskPerson)
    assert request.choices == ("continue", "stop")
    assert request.title == "Iteration 1: person"
    assert sent(request) == "first got 50. Go on?"
    assert {"draft", "iteration", "evaluation", "iterations", "iteration_index"} <= request.context.keys()
    assert pattern.verdict(state) == Waiting(("iterations/1/gate",))


@pytest.mark.parametrize("answer", ["stop", " ABORT ", "End"])
def test_a_person_who_has_enough_finishes_with_the_current_draft(answer: str) -> None:
    state = told(GATED, pattern.initial(GATED), **LOW, iterations__1__gate=answer)
    assert pattern.wanted(state) == ()
    stand = pattern.verdict(state)
    assert isinstance(stand, Finished)
    assert (stand.result, stand.context["accepted"], stand.context["final_score"]) == ("first", False, 50)
    assert stand.context["hitl_response"] == answer


def test_any_other_answer_reaches_the_revision() -> None:
    state = told(GATED, pattern.initial(GATED), **LOW, iterations__1__gate="stop using passives")
    assert sent(wanted(GATED, state)["iterations/2/producer"]).endswith("A person adds: stop using passives")
    spec = of(
        review_gate=QUESTION, revise_prompt="{{ hitl_response }}!", evaluator={"input": "{{ hitl_response }}"}
    )
    state = told(spec, pattern.initial(spec), iterations__1__producer="first")
    first = wanted(spec, state)["iterations/1/evaluator"]
    assert (sent(first), first.context["hitl_response"]) == ("", NOTHING_YET)
    state = told(spec, state, iterations__1__evaluator=score(1), iterations__1__gate="shorter")
    assert sent(wanted(spec, state)["iterations/2/producer"]) == "shorter!"
    state = told(spec, state, iterations__2__producer="second")
    assert sent(wanted(spec, state)["iterations/2/evaluator"]) == "shorter"


def test_nobody_is_asked_after_the_last_evaluation() -> None:
    spec = of(max_iters=1, review_gate=QUESTION)
    state = told(spec, pattern.initial(spec), **LOW)
    assert isinstance(pattern.verdict(state), Failed)
    assert list(wanted(spec, respecified(state, of(max_iters=2, review_gate=QUESTION)))) == [
        "iterations/1/gate"
    ]


def test_a_report_that_is_late_early_or_of_the_wrong_kind_decides_nothing() -> None:
    drafted = told(SPEC, pattern.initial(SPEC), iterations__1__producer="first")
    gated = told(GATED, pattern.initial(GATED), **LOW)
    reports = (
        (drafted, Completed("iterations/1/producer", "again", 3)),
        (drafted, Completed("iterations/2/evaluator", score(90), 3)),
        (drafted, Responded("iterations/1/evaluator", "?", score(90))),
        (gated, Completed("iterations/1/gate", "stop", 3)),
        (gated, Responded("iterations/2/gate", "?", "stop")),
    )
    for state, report in reports:
        assert pattern.decide(state, report) == Success(())


def test_prompts_and_agents_may_change_but_what_is_done_must_stay() -> None:
    state = told(
        GATED, pattern.initial(GATED), **LOW, iterations__1__gate="on", iterations__2__producer="2nd"
    )
    problem = "draft 2 is written, but the changed spec allows only 1 iterations"
    assert respecified(state, of(max_iters=1)) == problem
    assert respecified(state, SPEC) == "review_gate was answered, but the changed spec has no such gate"
    gate = {**QUESTION, "prompt": "Really?"}
    changed = of(review_gate=gate, evaluator={"agent": "ann", "input": "New: {{ draft }}"})
    request = wanted(GATED, respecified(state, changed))["iterations/2/evaluator"]
    assert isinstance(request, CallAgent)
    assert (request.agent, sent(request)) == ("ann", "New: 2nd")


def test_what_was_accepted_stays_accepted_under_a_higher_bar() -> None:
    state = told(
        SPEC, pattern.initial(SPEC), iterations__1__producer="first", iterations__1__evaluator=score(85)
    )
    assert isinstance(pattern.verdict(respecified(state, of(min_score=100))), Finished)


def test_a_limit_of_0_seconds_is_no_limit() -> None:
    spec = of(review_gate={**QUESTION, "timeout_seconds": 0})
    request = wanted(spec, told(spec, pattern.initial(spec), **LOW))["iterations/1/gate"]
    assert isinstance(request, AskPerson)
    assert request.timeout_seconds is None


def test_a_models_words_are_never_taken_for_a_template() -> None:
    story = Story(GATED)
    story.answer("iterations/1/producer", "{{ topic }} {% for %}")
    assert "{{ topic }} {% for %}" in story.turn("iterations/1/evaluator").prompt
    story.answer("iterations/1/evaluator", score(1, "{{ secret }}"))
    assert story.ask("iterations/1/gate").prompt == "{{ topic }} {% for %} got 1. Go on?"
    story.respond("{{ worse }}")
    prompt = story.turn("iterations/2/producer").prompt
    assert all(
        text in prompt for text in ("{{ topic }} {% for %}", "Issue: {{ secret }}", "adds: {{ worse }}")
    )


def test_the_view_shows_each_iteration_and_the_draft_that_waits_for_its_score() -> None:
    story = Story(SPEC)
    fields = {"current_iteration": 0, "iterations": [], "accepted": False, "final_score": None}
    assert pattern_document(story.session) == fields | {"gates": [], "in_doubt": []}
    story.answer("iterations/1/producer", "first")
    story.answer("iterations/1/evaluator", score(50, "dull"))
    story.answer("iterations/2/producer", "second")
    shown = pattern_document(story.session)
    assert (shown["current_iteration"], shown["final_score"]) == (2, 50)
    assert shown["iterations"] == [
        {"iteration": 1, "score": 50, "issues": ["dull"], "fixes": [], "draft": "first"},
        {"iteration": 2, "score": None, "draft": "second"},
    ]
