"""Killing a workflow everywhere: where nothing should differ nothing does, and what does is named."""

from __future__ import annotations

import itertools

import pytest

from docs.generator.samples import SAMPLES, spec_of
from durable_core.session.events import UnitCompleted
from durable_core.types import Fault
from strands_durable.testing import Unanswered, crash_everywhere, play
from tests.support.session_kit import chain_of

CALL = {"agent": "ann", "input": "Write."}
AGAIN = {"agent": "ann", "input": "Shorten {{ last_response }}."}
RETRIED = {"failure_policy": {"retries": 1, "backoff": "constant"}}
THROTTLED = Fault("throttled", "too many requests")


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_workflow_whose_models_answer_alike_is_the_same_wherever_it_is_killed(kind: str) -> None:
    sample = SAMPLES[kind]
    spec = spec_of(kind, sample.config)

    assert play(spec, {"topic": "tides"}, sample.first_answer).status == "completed"
    assert crash_everywhere(spec, {"topic": "tides"}, sample.first_answer) == ()


def test_a_model_that_answers_by_the_number_of_its_attempts_is_found() -> None:
    found = crash_everywhere(chain_of(CALL, AGAIN), {}, lambda asked: f"try {asked.attempt}")
    first = found[0]
    assert (first.kept, first.last.type, first.what) == (2, "unit_started/1", "the answer of steps/0")
    assert (first.before, first.after) == ("try 1", "try 2")
    assert str(first) == (
        "killed after event 2 (unit_started of steps/0), the answer of steps/0 is 'try 2' instead of 'try 1'"
    )
    # what a completed unit answered is never asked again, so no cut behind it changes its answer
    done = next(n for n, event in enumerate(play(chain_of(CALL, AGAIN), {}, {"ann": "x"}).events, 1)
                if isinstance(event, UnitCompleted))  # fmt: skip
    assert {one.kept for one in found if one.what == "the answer of steps/0"} <= set(range(done))
    assert any(one.kept > done and one.what == "the result" for one in found)


def test_a_model_with_a_memory_of_its_own_is_found() -> None:
    count = itertools.count()
    assert crash_everywhere(chain_of(CALL), {}, lambda _: f"answer {next(count)}")


def test_a_fault_that_a_resume_gets_over_is_found() -> None:
    spec = chain_of(CALL, runtime=RETRIED)
    answers = {"ann": (THROTTLED, THROTTLED, "At last.")}
    assert play(spec, {}, answers).status == "failed"
    found = crash_everywhere(spec, {}, answers)
    assert ("the status", "failed", "completed") in {(one.what, one.before, one.after) for one in found}


def test_a_retry_that_helps_is_no_difference() -> None:
    assert crash_everywhere(chain_of(CALL, runtime=RETRIED), {}, {"ann": (THROTTLED, "Done.")}) == ()


def test_artifacts_that_were_written_before_the_crash_are_there_after_it() -> None:
    declared = [{"path": f"{name}.md", "from": "{{ last_response }}"} for name in "ab"]
    spec = chain_of(CALL, outputs={"artifacts": declared})
    assert crash_everywhere(spec, {}, {"ann": "x"}) == ()


def test_a_workflow_that_waits_for_a_person_waits_after_every_crash() -> None:
    assert crash_everywhere(chain_of(CALL, {"type": "hitl", "prompt": "Right?"}), {}, {"ann": "x"}) == ()


def test_the_first_event_names_no_unit() -> None:
    count = itertools.count()
    found = crash_everywhere(chain_of(CALL), {}, lambda _: f"answer {next(count)}")
    assert str(found[0]).startswith("killed after event 1 (session_started), ")


def test_what_can_not_be_played_can_not_be_killed() -> None:
    with pytest.raises(Unanswered):
        crash_everywhere(chain_of(CALL))
