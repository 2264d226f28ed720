"""Routing by example: given routes, when the router or a person speaks, then what."""

from __future__ import annotations

import pytest
from returns.result import Failure, Success

from durable_core.answers.shapes import route_answer
from durable_core.patterns.base import (
    AskPerson,
    CallAgent,
    Completed,
    Finished,
    Malformed,
    Open,
    Responded,
    Waiting,
)
from durable_core.patterns.routing import machine as routing
from durable_core.spec.models import Spec
from durable_shell.providers.offline.echo_rules import echo_answer
from tests.support.patterns_kit import CALL, QUESTION, Doc, respecified, sent, shown, spec_of, told, wanted

BILLING = '{"route": "billing"}'


def of(router: Doc | None = None, **routes: list[Doc]) -> Spec:
    config = {
        "router": {"agent": "bob", **(router or {})},
        "routes": {name: {"then": steps} for name, steps in routes.items()},
    }
    return spec_of("routing", config)


SUPPORT = of(billing=[CALL, QUESTION, CALL], technical=[CALL])
REVIEWED = of({"review_router": {**QUESTION, "default": "approved"}}, billing=[CALL, CALL], technical=[CALL])


def test_the_router_is_asked_first_and_for_json() -> None:
    spec = of({"input": "Where does {{ it }} belong?"}, billing=[CALL])
    assert wanted(spec, routing.initial(spec)) == {
        "router": CallAgent(
            unit="router",
            title="Router: bob",
            agent="bob",
            conversation="bob",
            input="Where does {{ it }} belong?",
            place="pattern.config.router.input",
            context={},
            shape='{"route": "..."}, the route one of "billing"',
            answer_type=route_answer(("billing",)),
        )
    }
    assert routing.verdict(routing.initial(spec)) == Open()


def test_the_offline_provider_understands_a_router_without_an_input() -> None:
    spec = of(technical=[CALL], billing=[CALL])
    asked = sent(wanted(spec, routing.initial(spec))["router"])
    assert echo_answer("You sort letters.", [asked]) == '{"route": "technical"}'


def test_an_answer_that_cannot_be_used_is_refused_with_what_was_wrong() -> None:
    spec = of({"max_retries": 1}, billing=[CALL])
    decided = routing.decide(routing.initial(spec), Completed("router", '{"route": "Billing"}', 3))
    problem = 'There is no route "Billing"; the routes are "billing", in exactly these letters.'
    assert decided == Failure(Malformed(problem, 1))


def test_the_chosen_routes_steps_see_the_router_and_each_other() -> None:
    text = "{{ router.chosen_route }}|{{ router.response }}|{{ last_response }}"
    spec = of(
        billing=[{**CALL, "input": text}, {**CALL, "input": "{{ steps[0].response }}|{{ last_response }}"}]
    )
    state = told(spec, routing.initial(spec), router=BILLING)
    (request,) = wanted(spec, state).values()
    assert isinstance(request, CallAgent)
    assert request.unit == "routes/billing/0"
    assert request.title == "Route billing, step 1/2: ann"
    assert request.conversation == "ann"
    assert request.place == "pattern.config.routes.billing.then[0].input"
    assert sent(request) == f"billing|{BILLING}|{BILLING}"
    state = told(spec, state, routes__billing__0="B")
    assert sent(wanted(spec, state)["routes/billing/1"]) == "B|B"


def test_a_first_step_without_an_input_is_not_sent_the_routers_json() -> None:
    state = told(SUPPORT, routing.initial(SUPPORT), router=BILLING)
    assert sent(wanted(SUPPORT, state)["routes/billing/0"]) == "Begin."


def test_a_route_goes_on_after_its_question_and_ends_with_the_last_answer() -> None:
    state = told(SUPPORT, routing.initial(SUPPORT), router=BILLING, routes__billing__0="B0")
    assert routing.verdict(state) == Waiting(("routes/billing/1",))
    state = told(SUPPORT, state, routes__billing__1="kinder")
    assert sent(wanted(SUPPORT, state)["routes/billing/2"]) == "B0\n\nA person answered: kinder"
    stand = routing.verdict(told(SUPPORT, state, routes__billing__2="B2"))
    assert isinstance(stand, Finished)
    assert stand.result == "B2"
    assert {name: stand.context[name] for name in ("chosen_route", "last_response", "hitl_response")} == {
        "chosen_route": "billing",
        "last_response": "B2",
        "hitl_response": "kinder",
    }
    assert stand.context["router"] == {"chosen_route": "billing", "response": BILLING}


def test_a_review_shows_its_choices_and_what_was_chosen() -> None:
    state = told(REVIEWED, routing.initial(REVIEWED), router=BILLING)
    (request,) = wanted(REVIEWED, state).values()
    assert isinstance(request, AskPerson)
    assert (request.unit, request.title) == ("review_router", "Router review: person")
    assert request.choices == ("approved", "route:billing", "route:technical")
    assert request.place == "pattern.config.router.review_router"
    assert request.context["router"] == {"chosen_route": "billing", "response": BILLING}
    assert routing.verdict(state) == Waiting(("review_router",))


@pytest.mark.parametrize(
    ("answer", "route"),
    [
        ("approved", "billing"),
        (" Approved ", "billing"),
        ("route:technical", "technical"),
        ("route: billing", "billing"),
    ],
)
def test_a_reviewer_lets_the_choice_stand_or_names_a_route(answer: str, route: str) -> None:
    state = told(REVIEWED, routing.initial(REVIEWED), router=BILLING, review_router=answer)
    (request,) = wanted(REVIEWED, state).values()
    assert request.unit == f"routes/{route}/0"
    assert request.context["router"] == {"chosen_route": route, "response": BILLING}
    assert request.context["hitl_response"] == answer


def test_a_review_may_show_what_the_router_said() -> None:
    spec = of({"review_router": {**QUESTION, "prompt": "{{ last_response }}?"}}, billing=[CALL])
    (request,) = wanted(spec, told(spec, routing.initial(spec), router=BILLING)).values()
    assert sent(request) == BILLING + "?"


def test_the_names_follow_the_spec_when_a_review_comes_or_goes() -> None:
    plain, asks = [{**CALL, "input": "x"}], [CALL, {**CALL, "input": "<{{ hitl_response }}>"}]
    without, with_review = of(billing=asks), of({"review_router": QUESTION}, billing=asks)
    state = told(without, routing.initial(without), router=BILLING, routes__billing__0="B0")
    state = respecified(state, with_review)
    # the route has begun, so it is too late to ask
    assert sent(wanted(with_review, state)["routes/billing/1"]) == "<>"
    state = told(with_review, routing.initial(with_review), router=BILLING, review_router="approved")
    removed = of(billing=plain)
    (request,) = wanted(removed, respecified(state, removed)).values()
    assert "hitl_response" not in request.context


def test_a_step_that_asks_a_person_has_no_fixed_choices() -> None:
    spec = of(billing=[QUESTION])
    (request,) = wanted(spec, told(spec, routing.initial(spec), router=BILLING)).values()
    assert isinstance(request, AskPerson)
    assert (request.title, request.choices) == ("Route billing, step 1/1: person", ())


def test_a_review_that_names_no_route_is_refused_with_what_is_allowed() -> None:
    state = told(REVIEWED, routing.initial(REVIEWED), router=BILLING)
    for answer in ("yes", "billing", "route:", "route:Billing", ""):
        refused = routing.decide(state, Responded("review_router", "Go on?", answer)).failure()
        assert refused.problem == "the answer here is approved, or one of route:billing, route:technical"


@pytest.mark.parametrize(
    "command",
    [
        Completed("router", '{"route": "technical"}', 3),
        Completed("routes/billing/0", "again", 3),
        Completed("routes/billing/2", "too far", 3),
        Completed("routes/billing/1", "no person", 3),
        Completed("routes/technical/0", "not chosen", 3),
        Responded("review_router", "?", "approved"),
    ],
)
def test_a_report_on_a_unit_that_is_not_next_decides_nothing(command: Completed | Responded) -> None:
    state = told(SUPPORT, routing.initial(SUPPORT), router=BILLING, routes__billing__0="B")
    assert routing.decide(state, command) == Success(())


def test_a_model_cannot_answer_a_review_nor_a_person_the_router() -> None:
    start = routing.initial(REVIEWED)
    assert routing.decide(start, Responded("router", "?", BILLING)) == Success(())
    state = told(REVIEWED, start, router=BILLING)
    assert routing.decide(state, Completed("review_router", "approved", 3)) == Success(())
    assert routing.decide(state, Completed("routes/billing/0", "early", 3)) == Success(())


def test_before_the_choice_everything_may_change() -> None:
    changed = of(complaints=[CALL])
    state = respecified(routing.initial(SUPPORT), changed)
    assert list(wanted(changed, told(changed, state, router='{"route": "complaints"}'))) == [
        "routes/complaints/0"
    ]


def test_after_the_choice_the_route_must_stay_with_the_steps_that_are_done() -> None:
    state = told(SUPPORT, routing.initial(SUPPORT), router=BILLING, routes__billing__0="B")
    gone = "route billing is chosen, but the changed spec has no such route"
    assert respecified(state, of(technical=[CALL])) == gone
    moved = "route billing: step 0 is completed, but the changed spec has it as step 1"
    assert respecified(state, of(billing=[QUESTION, CALL])) == moved
    shorter = of(billing=[CALL])
    assert isinstance(routing.verdict(respecified(state, shorter)), Finished)
    assert wanted(shorter, respecified(state, shorter)) == {}


def test_a_review_that_a_changed_spec_adds_is_asked_only_before_the_route_begins() -> None:
    chosen = told(SUPPORT, routing.initial(SUPPORT), router=BILLING)
    assert list(wanted(REVIEWED, respecified(chosen, REVIEWED))) == ["review_router"]
    begun = told(SUPPORT, chosen, routes__billing__0="B")
    assert list(wanted(REVIEWED, respecified(begun, REVIEWED))) == ["routes/billing/1"]


def test_what_a_model_says_is_never_a_template() -> None:
    spec = of(billing=[CALL, CALL])
    hostile = '{"route": "billing", "note": "{{ 7 * 7 }}"}'
    state = told(spec, routing.initial(spec), router=hostile, routes__billing__0="{{ 7 * 7 }}{% raw %}")
    (request,) = wanted(spec, state).values()
    assert sent(request) == "{{ 7 * 7 }}{% raw %}"


def test_the_view_shows_the_choice_and_how_far_its_route_is() -> None:
    empty = {"current_step": 0, "step_history": []}
    state = routing.initial(SUPPORT)
    assert shown(SUPPORT, state) == {"router_choice": None, "router_response": None, "route_state": empty}
    state = told(SUPPORT, state, router=BILLING, routes__billing__0="B")
    step = {"index": 0, "agent": "ann", "response": "B", "tokens": 3}
    assert shown(SUPPORT, state) == {
        "router_choice": "billing",
        "router_response": BILLING,
        "route_state": {"current_step": 1, "step_history": [step]},
    }
