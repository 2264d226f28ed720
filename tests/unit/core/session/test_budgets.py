"""Budgets: what counts, when it is warned of, where it stops, and how it goes on."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from durable_core.bounds import MOST_COUNTED
from durable_core.patterns.base import Exhausted, Finished, Open
from durable_core.session import commands, events, status, verdict, wanted
from durable_core.session.budgets import unkept, whole_limit
from durable_core.session.conversation import NOT_REPORTED
from durable_core.session.state import BudgetName
from durable_core.types import Usage
from durable_core.views.documents import session_document
from tests.support.session_kit import ASK, START, WRITE, Story, chain_of, source_of, spec_of


def story_with(*steps: dict[str, Any], **budgets: Any) -> Story:
    return Story(chain_of(*steps, runtime={"budgets": budgets}))


@pytest.mark.parametrize(
    ("given", "limit"),
    [
        ("7", 7.0),
        ("007", 7.0),
        (7, 7.0),
        (7.0, 7.0),
        ("9" * 5_000, float(MOST_COUNTED)),
        (10**400, float(MOST_COUNTED)),
        (float("inf"), float(MOST_COUNTED)),
        *((wrong, None) for wrong in ("", "0", "-1", "1.5", "1e3", "\u0663", "x", 0, -1, 1.5, float("nan"))),
    ],
)
def test_a_limit_is_a_whole_number_above_0_and_never_more_than_can_be_counted(
    given: str | float, limit: float | None
) -> None:
    assert whole_limit(given) == limit


def test_tokens_count_input_and_output_and_stop_what_is_new() -> None:
    story = story_with(WRITE, WRITE, max_tokens=7)
    story.answer("steps/0")
    assert wanted(story.session) == ()
    assert verdict(story.session) == Exhausted("max_tokens", 7, 7)
    assert status(story.session) == "failed"
    assert (
        story.tell(commands.UnitsStarted(at=story.later(), starts=(commands.UnitStart("steps/1", 1),))) == ()
    )


def test_the_last_unit_may_go_past_the_limit_and_the_session_still_finishes() -> None:
    story = story_with(WRITE, max_tokens=1)
    story.answer("steps/0")
    assert isinstance(verdict(story.session), Finished)


def test_failed_attempts_cost_tokens_too() -> None:
    story = story_with(WRITE, max_tokens=5)
    story.fault("steps/0", "server", usage=Usage(5, 0))
    assert verdict(story.session) == Exhausted("max_tokens", 5, 5)


def test_steps_count_units_that_call_a_model_and_not_their_attempts_nor_people() -> None:
    story = story_with(WRITE, ASK, WRITE, WRITE, max_steps=2)
    story.fault("steps/0", "server")
    story.answer("steps/0")
    story.ask("steps/1")
    story.respond("yes")
    story.fault("steps/2", "server")
    assert story.attempt("steps/2").number == 2
    story.answer("steps/2")
    assert verdict(story.session) == Exhausted("max_steps", 2, 2)


def test_no_more_units_start_side_by_side_than_steps_are_left() -> None:
    branches = [{"id": name, "steps": [WRITE]} for name in ("a", "b", "c")]
    story = Story(spec_of("parallel", {"branches": branches}, {"budgets": {"max_steps": 2}}))
    assert [attempt.unit for attempt in wanted(story.session)] == ["branches/a/0", "branches/b/0"]


def test_working_time_counts_but_waiting_for_people_and_for_a_resume_does_not() -> None:
    story = story_with(WRITE, ASK, WRITE, max_duration_s=100)
    story.answer("steps/0")
    story.ask("steps/1")
    worked = story.session.worked_s
    assert worked == story.at - START
    story.later(5000)
    story.respond("yes")
    assert story.session.worked_s == worked
    story.later(5000)
    story.resume()
    assert story.session.worked_s == worked
    story.begin("steps/2")
    story.later(99)
    story.answer("steps/2")
    assert story.session.worked_s > worked + 99


def test_a_clock_that_goes_back_takes_no_working_time_back() -> None:
    story = story_with(WRITE)
    story.begin("steps/0")
    worked, updated = story.session.worked_s, story.session.updated_at
    story.at -= 500
    story.message("steps/0", "user", "x")
    assert (story.session.worked_s, story.session.updated_at) == (worked, updated)


def test_when_time_is_up_what_runs_may_finish_and_nothing_starts() -> None:
    story = story_with(WRITE, WRITE, max_duration_s=10)
    story.begin("steps/0")
    story.later(11)
    story.answer("steps/0")
    stand = verdict(story.session)
    assert isinstance(stand, Exhausted)
    assert (stand.budget, stand.limit) == ("max_duration_s", 10)


def test_a_budget_is_warned_of_once_at_its_threshold() -> None:
    story = story_with(WRITE, WRITE, WRITE, WRITE, max_tokens=20, warn_threshold=0.5)
    assert len(story.answer("steps/0")) == 1
    _, warned = story.answer("steps/1")
    assert warned == events.BudgetWarned(at=story.at, budget="max_tokens", spent=14, limit=20)
    assert [event.type for event in story.answer("steps/2")] == ["unit_completed/1"]


@pytest.mark.parametrize("budget", ["max_tokens", "max_steps", "max_duration_s"])
def test_a_budget_that_was_raised_lets_the_session_go_on_and_is_warned_of_again(budget: BudgetName) -> None:
    story = story_with(WRITE, WRITE, WRITE, **{budget: 1, "warn_threshold": 0.5})
    story.answer("steps/0")
    story.resume()
    problem = story.refused(commands.RaiseBudget(at=story.later(), budget=budget, limit=1))
    assert problem.startswith(f"{budget} must be above the ")
    story.tell(commands.RaiseBudget(at=story.later(), budget=budget, limit=20))
    assert isinstance(verdict(story.session), Open)
    before = len(story.journal)
    story.later(15)
    story.answer("steps/1", usage=Usage(9, 9))
    warned = [event.type for event in story.journal[before:]].count("budget_warned/1")
    assert warned == (0 if budget == "max_steps" else 1)  # two steps of twenty are not worth a word


def test_a_raised_budget_is_shown_as_a_whole_number_without_a_word_on_stderr() -> None:
    story = story_with(WRITE, max_tokens=1)
    story.tell(commands.RaiseBudget(at=story.later(), budget="max_tokens", limit=50.0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        shown = session_document(story.session)["runtime_config"]["budgets"]["max_tokens"]
    assert (shown, type(shown)) == (50, int)


def test_the_view_of_a_failed_session_says_what_ended_it() -> None:
    story = story_with(WRITE, WRITE, max_tokens=1)
    assert session_document(story.session)["metadata"]["error"] is None
    story.answer("steps/0")
    assert "budget max_tokens is used up" in session_document(story.session)["metadata"]["error"]
    story = Story(chain_of(WRITE))
    story.fault("steps/0", "refused")
    assert session_document(story.session)["metadata"]["error"] == "steps/0: it was refused"


def test_what_a_person_allowed_outlives_a_change_of_the_spec_elsewhere() -> None:
    story = story_with(WRITE, WRITE, max_tokens=1)
    story.answer("steps/0")
    story.resume()
    story.tell(commands.RaiseBudget(at=story.later(), budget="max_tokens", limit=50))
    reworded = chain_of(WRITE, {**WRITE, "input": "More."}, runtime={"budgets": {"max_tokens": 1}})
    story.tell(commands.ChangeSpec(at=story.later(), spec=reworded, source=source_of(reworded)))
    assert story.session.budgets.max_tokens == 50


def test_budgets_that_the_spec_changes_hold_at_once_and_are_warned_of_anew() -> None:
    story = story_with(WRITE, WRITE, max_tokens=8)
    story.answer("steps/0")
    assert story.session.spending.warned == {"max_tokens"}
    story.resume()
    wider = chain_of(WRITE, WRITE, runtime={"budgets": {"max_tokens": 90}})
    story.tell(commands.ChangeSpec(at=story.later(), spec=wider, source=source_of(wider)))
    assert (story.session.budgets.max_tokens, story.session.spending.warned) == (90, frozenset())


def silent_answer(story: Story, unit: str, **usage: int) -> None:
    """An answer whose provider did not say what it cost."""
    story.begin(unit)
    message = {"role": "assistant", "content": [{"text": "x"}], "metadata": {"usage": usage}}
    story.tell(
        commands.MessageAdded(
            at=story.later(),
            unit=unit,
            attempt=story.session.progress[unit].attempt,
            conversation="ann",
            index=len(story.session.conversation("ann").messages),
            message=message,
            digest="d",
        )
    )


def test_a_limit_in_tokens_can_not_be_kept_once_a_call_reports_no_usage() -> None:
    story = story_with(WRITE, WRITE, max_tokens=100)
    silent_answer(story, "steps/0", inputTokens=3, outputTokens=2)
    assert (unkept(story.session), story.session.spending.unreported) == (None, 0)
    story.fault("steps/0", "server")
    silent_answer(story, "steps/0", inputTokens=0, outputTokens=0, **{NOT_REPORTED: 1})
    assert (unkept(story.session), story.session.spending.unreported) == ("max_tokens", 1)
    assert session_document(story.session)["token_usage"]["unreported_calls"] == 1


def test_without_a_limit_in_tokens_nothing_is_left_unkept() -> None:
    story = story_with(WRITE, max_steps=5)
    silent_answer(story, "steps/0", **{NOT_REPORTED: 1})
    assert unkept(story.session) is None


def test_a_unit_that_is_done_knows_how_many_of_its_calls_reported_nothing() -> None:
    story = story_with(WRITE, WRITE)
    silent_answer(story, "steps/0", **{NOT_REPORTED: 1})
    story.fault("steps/0", "server")
    story.answer("steps/0")
    story.answer("steps/1")
    assert [done.unreported for done in story.session.done] == [1, 0]
    assert "unreported_calls" not in session_document(story_with(WRITE).session)["token_usage"]
