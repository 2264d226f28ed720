"""What is due at a moment, and the status of a session that nobody drives any more."""

from __future__ import annotations

from math import inf

import pytest

from durable_core.session.scheduling import Due, due, status, status_at_rest, wanted
from tests.support.session_kit import ASK, WRITE, Story, chain_of, spec_of

RETRY = {"failure_policy": {"retries": 2, "backoff": "constant", "wait_min": 5, "wait_max": 5}}
ASKED = {"type": "hitl", "prompt": "And?"}


def branches(*steps: dict[str, object]) -> Story:
    config = {"branches": [{"id": f"b{n}", "steps": [step]} for n, step in enumerate(steps)]}
    return Story(spec_of("parallel", config, {**RETRY, "max_parallel": 5}))


def units(found: Due) -> list[str]:
    return [attempt.unit for attempt in found.ready]


def test_no_more_calls_start_at_once_than_are_allowed_and_those_are_the_first() -> None:
    story = branches(WRITE, WRITE, WRITE)
    all_of_them = [attempt.unit for attempt in wanted(story.session)]
    assert len(all_of_them) == 3
    for most in range(4):
        assert due(story.session, story.at, most) == Due(wanted(story.session)[:most], inf)


def test_a_question_is_due_beside_as_many_calls_as_are_allowed() -> None:
    story = branches(ASKED, WRITE, ASKED, WRITE)
    asked, written, asked_too, _ = [attempt.unit for attempt in wanted(story.session)]
    assert units(due(story.session, story.at, 1)) == [asked, written]
    assert units(due(story.session, story.at, 2))[:3] == [asked, written, asked_too]


def test_a_unit_that_must_wait_is_not_due_before_its_time_and_says_when_it_is() -> None:
    story = branches(WRITE, WRITE)
    first, second = [attempt.unit for attempt in wanted(story.session)]
    story.fault(first, "throttled")
    retry_at = story.at + 5
    found = due(story.session, retry_at - 0.001, 5)
    assert (units(found), found.retry_at) == ([second], retry_at)
    found = due(story.session, retry_at, 5)
    assert (units(found), found.retry_at) == ([first, second], inf)


def test_of_several_that_must_wait_the_earliest_says_when() -> None:
    story = branches(WRITE, WRITE)
    first, second = [attempt.unit for attempt in wanted(story.session)]
    story.begin(first)
    story.begin(second)
    story.fault(first, "throttled")
    earliest = story.at + 5
    story.fault(second, "throttled")
    assert due(story.session, story.at, 5) == Due((), earliest)


@pytest.mark.parametrize(
    ("driven", "at_rest"),
    [("running", "interrupted"), ("paused", "paused"), ("completed", "completed"), ("failed", "failed")],
)
def test_a_session_that_could_go_on_was_interrupted_if_nobody_drives_it(driven: str, at_rest: str) -> None:
    story = Story(chain_of(ASK, WRITE))
    if driven in ("paused", "completed", "failed"):
        story = Story(chain_of(WRITE, ASK) if driven == "paused" else chain_of(WRITE))
    if driven == "failed":
        story.fault("steps/0", "auth")
    elif driven != "running":
        story.answer("steps/0")
    if driven == "paused":
        story.ask("steps/1")
    assert (status(story.session), status_at_rest(story.session)) == (driven, at_rest)
