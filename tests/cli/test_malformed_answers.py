"""Malformed answers from end to end: asked again with what was wrong, then taken, or failed and resumable."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from durable_core.patterns.base import Failed, Finished
from durable_core.session import events, status, verdict, wanted
from durable_core.types import Usage
from tests.support.route_answers import LONG_ROUTE_ANSWERS, ROUTE_ANSWERS
from tests.support.session_kit import Story, spec_of

COST = Usage(3, 4)
"""What each answer of a Story costs."""


@dataclass(frozen=True, slots=True)
class Case:
    """A unit whose answer is due as JSON: how to come to it, and answers that do and that do not."""

    pattern: str
    config: dict[str, Any]
    unit: str
    reasks: int
    good: str
    bad: tuple[tuple[str, str], ...]
    earlier: tuple[str, ...] = ()
    then: str = ""

    def story(self) -> Story:
        """A session in which ``unit`` is what comes next."""
        story = Story(spec_of(self.pattern, self.config, {}))
        for unit in self.earlier:
            story.answer(unit)
        return story

    def __str__(self) -> str:
        return f"{self.pattern}-{self.reasks}"


def routing(reasks: int) -> Case:
    router = {"agent": "ann", "input": "Which way?", "max_retries": reasks}
    return Case(
        pattern="routing",
        config={"router": router, "routes": {"left": {"then": [{"agent": "bob"}]}}},
        unit="router",
        reasks=reasks,
        good='I choose {"route": "left"}.',
        bad=(
            ("to the left", "The answer is not JSON."),
            ('{"route": "Left"}', 'There is no route "Left"'),
            ("word " * 200_000, "The answer is not JSON."),
            ('[{"route": "left"}]', "The answer is a list"),
        ),
        then="routes/left/0",
    )


EVALUATING = Case(
    pattern="evaluator_optimizer",
    config={"producer": "ann", "evaluator": {"agent": "bob"}, "accept": {"min_score": 80}},
    unit="iterations/1/evaluator",
    reasks=2,
    good='```json\n{"score": 70, "issues": ["dull"]}\n```',
    bad=(
        ('{"score": "85.5"}', '"score" is "85.5"'),
        ("", "The answer is empty."),
        ('{"score": 101}', '"score" is 101, and goes from 0 to 100.'),
    ),
    earlier=("iterations/1/producer",),
    then="iterations/2/producer",
)

PLANNING = Case(
    pattern="orchestrator_workers",
    config={"orchestrator": {"agent": "ann"}, "worker_template": {"agent": "bob"}},
    unit="rounds/1/orchestrator",
    reasks=2,
    good='Two tasks: ["a", {"task": "b"}]',
    bad=(
        ('{"plan": ["a"]}', "Task 1 is not an object with a text"),
        ("[" * 1_000_000, "The answer is not JSON."),
        ('["a", ""]', "Task 2 is empty."),
    ),
    then="rounds/1/workers/0",
)

CASES = [routing(1), routing(3), EVALUATING, PLANNING]

every_case = pytest.mark.parametrize("case", CASES, ids=str)


def said(story: Story, case: Case) -> list[tuple[str, str]]:
    """The conversation of the next attempt so far, in roles and texts."""
    return [(message["role"], message["content"][0]["text"]) for message in story.turn(case.unit).history]


@every_case
@pytest.mark.parametrize("times", ["once", "as often as it may"])
def test_malformed_answers_are_asked_for_again_with_what_was_wrong_until_a_good_one_comes(
    case: Case, times: str
) -> None:
    story = case.story()
    paid, first = story.session.spending.usage, story.turn(case.unit)
    exchanges = said(story, case)
    bad = case.bad[: 1 if times == "once" else case.reasks]
    for number, (answer, wrong) in enumerate(bad, start=1):
        exchanges += [("user", story.turn(case.unit).prompt), ("assistant", answer)]
        [rejected] = story.answer(case.unit, answer)
        assert isinstance(rejected, events.AnswerRejected)
        assert rejected.problem.startswith(wrong)
        again = story.turn(case.unit)
        assert (again.attempt, status(story.session)) == (number + 1, "running")
        assert rejected.problem in again.prompt
        assert len(again.prompt) < 600
        assert again.prompt != first.prompt
        assert said(story, case) == exchanges
    last = story.turn(case.unit)
    [completed] = story.answer(case.unit, case.good)
    assert isinstance(completed, events.UnitCompleted)
    attempts = len(bad) + 1
    assert story.session.spending.usage == Usage(
        paid.input_tokens + COST.input_tokens * attempts, paid.output_tokens + COST.output_tokens * attempts
    )
    assert story.session.spending.steps == len(case.earlier) + 1
    assert wanted(story.session)[0].unit == case.then
    kept = story.session.conversation(first.conversation).settled
    assert [(message["role"], message["content"][0]["text"]) for message in kept] == [
        *exchanges,
        ("user", last.prompt),
        ("assistant", case.good),
    ]


@every_case
def test_one_malformed_answer_too_many_fails_the_session_and_a_resume_asks_with_all_its_chances_anew(
    case: Case,
) -> None:
    story = case.story()
    paid = story.session.spending.usage.total
    for answer, _ in case.bad[: case.reasks]:
        story.answer(case.unit, answer)
    before = said(story, case)
    [failed] = story.answer(case.unit, "no, no, no")
    assert isinstance(failed, events.UnitFailed)
    assert failed.fault.kind == "malformed"
    assert verdict(story.session) == Failed(case.unit, failed.fault)
    assert (status(story.session), wanted(story.session)) == ("failed", ())
    assert story.session.spending.usage.total == paid + COST.total * (case.reasks + 1)

    story.resume()
    assert said(story, case) == before
    assert story.turn(case.unit).attempt == case.reasks + 2
    for answer, _ in case.bad[: case.reasks]:
        assert story.answer(case.unit, answer)[0].type == "answer_rejected/1"
    assert story.answer(case.unit, case.good)[0].type == "unit_completed/1"
    assert story.session.spending.usage.total == paid + COST.total * (2 * case.reasks + 2)


def test_a_router_that_may_not_be_asked_again_fails_at_once_and_is_resumed_with_its_own_question() -> None:
    case = routing(0)
    story = case.story()
    question = story.turn("router").prompt
    assert story.answer("router", "left")[0].type == "unit_failed/1"
    story.resume()
    again = story.turn("router")
    assert (again.prompt, again.history, again.attempt) == (question, (), 2)
    assert story.answer("router", case.good)[0].type == "unit_completed/1"


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("answer", "route"),
    [case[1:] for case in ROUTE_ANSWERS + LONG_ROUTE_ANSWERS],
    ids=[case[0] for case in ROUTE_ANSWERS + LONG_ROUTE_ANSWERS],
)
def test_what_the_reader_refuses_is_asked_for_again_and_what_it_reads_is_taken(
    answer: str, route: str | None
) -> None:
    routes = {name: {"then": [{"agent": "bob"}]} for name in ("billing", "tech", "Straße")}
    config = {"router": {"agent": "ann", "input": "Which?", "max_retries": 1}, "routes": routes}
    story = Story(spec_of("routing", config, {}))
    [event] = story.answer("router", answer)
    if route is None:
        assert isinstance(event, events.AnswerRejected)
        assert event.problem in story.turn("router").prompt
        story.answer("router", json.dumps({"route": "billing"}))
    assert wanted(story.session)[0].unit == f"routes/{route or 'billing'}/0"
    story.answer(f"routes/{route or 'billing'}/0")
    assert isinstance(verdict(story.session), Finished)
