"""Attempts: faults, retries, malformed answers, stale reports, and conversations of whole turns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from durable_core.patterns.base import Failed, Finished
from durable_core.session import (
    Recovered,
    brief,
    commands,
    events,
    evolve,
    open_gates,
    status,
    verdict,
    wanted,
)
from durable_core.session.conversation import Mark
from durable_core.spec.models import Spec
from durable_core.spec.problems import MAX_SENTENCE
from durable_core.types import Fault, Usage
from durable_core.views.documents import session_document
from tests.support.session_kit import ASK, WRITE, Story, chain_of, source_of, spec_of

RETRY_TWICE = {"failure_policy": {"retries": 2, "backoff": "constant", "wait_min": 5, "wait_max": 5}}
ROUTES = {
    "router": {"agent": "ann", "input": "Which way?", "max_retries": 1},
    "routes": {"left": {"then": [{"agent": "bob"}]}},
}


def test_a_transient_fault_is_tried_again_after_the_wait_that_the_policy_says() -> None:
    story = Story(chain_of(WRITE, runtime=RETRY_TWICE))
    [faulted] = story.fault("steps/0", "throttled")
    assert isinstance(faulted, events.AttemptFaulted)
    assert faulted.not_before == story.at + 5
    again = story.attempt("steps/0")
    assert (again.number, again.not_before) == (2, story.at + 5)
    assert status(story.session) == "running"


def test_a_unit_that_faults_once_too_often_fails_the_session_and_names_itself() -> None:
    story = Story(chain_of(WRITE, runtime=RETRY_TWICE))
    story.fault("steps/0", "server")
    story.fault("steps/0", "server")
    [failed] = story.fault("steps/0", "server")
    assert isinstance(failed, events.UnitFailed)
    assert verdict(story.session) == Failed("steps/0", Fault("server", "it was server"))
    assert (wanted(story.session), status(story.session)) == ((), "failed")


def test_what_a_fault_says_is_kept_in_short_however_long_it_is() -> None:
    story = Story(chain_of(WRITE, runtime=RETRY_TWICE))
    page = "It broke. " + "x" * 50_000_000 + " Try again."
    for _ in range(3):
        [kept] = story.fault("steps/0", Fault("server", page))
        assert isinstance(kept, events.AttemptFaulted | events.UnitFailed)
        assert len(kept.fault.message) <= MAX_SENTENCE
        assert kept.fault.message.startswith("It broke. x")
        assert kept.fault.message.endswith("x Try again.")
    assert isinstance(kept, events.UnitFailed)
    assert len(session_document(story.session)["metadata"]["error"]) < MAX_SENTENCE + 100


def test_a_resume_gives_a_failed_unit_all_its_retries_anew_under_a_new_attempt_number() -> None:
    story = Story(chain_of(WRITE, runtime=RETRY_TWICE))
    story.fault("steps/0", "refused")
    story.resume()
    assert (story.attempt("steps/0").number, story.attempt("steps/0").not_before) == (2, 0.0)
    assert story.fault("steps/0", "server")[0].type == "attempt_faulted/1"
    assert story.fault("steps/0", "server")[0].type == "attempt_faulted/1"


def test_when_one_unit_fails_its_sibling_finishes_and_nothing_new_starts() -> None:
    branches = [{"id": name, "steps": [WRITE, WRITE]} for name in ("a", "b")]
    story = Story(spec_of("parallel", {"branches": branches}, {}))
    story.begin("branches/a/0")
    story.begin("branches/b/0")
    story.fault("branches/a/0", "refused")
    assert status(story.session) == "running"
    assert story.answer("branches/b/0")[0].type == "unit_completed/1"
    assert wanted(story.session) == ()
    assert isinstance(verdict(story.session), Failed)
    story.resume()
    assert [attempt.unit for attempt in wanted(story.session)] == ["branches/a/0", "branches/b/1"]


def test_the_first_of_two_failures_is_the_one_that_is_told() -> None:
    branches = [{"id": name, "steps": [WRITE]} for name in ("a", "b")]
    story = Story(spec_of("parallel", {"branches": branches}, {}))
    story.begin("branches/a/0")
    story.begin("branches/b/0")
    story.fault("branches/b/0", "refused")
    story.fault("branches/a/0", "refused")
    stand = verdict(story.session)
    assert isinstance(stand, Failed)
    assert stand.unit == "branches/b/0"


# --- malformed answers ----------------------------------------------------------------------------------


def test_a_malformed_answer_is_sent_back_with_what_was_wrong_in_the_same_conversation() -> None:
    story = Story(spec_of("routing", ROUTES, {}))
    [rejected] = story.answer("router", "to the left")
    assert isinstance(rejected, events.AnswerRejected)
    again = story.turn("router")
    assert again.attempt == 2
    assert rejected.problem in again.prompt
    assert [message["role"] for message in again.history] == ["user", "assistant"]
    assert story.answer("router", '{"route": "left"}')[0].type == "unit_completed/1"
    assert story.session.spending.usage == Usage(6, 8)


def test_a_unit_whose_answers_stay_malformed_fails_and_a_resume_asks_it_again() -> None:
    story = Story(spec_of("routing", ROUTES, {}))
    story.answer("router", "left")
    [failed] = story.answer("router", "left, I said", usage=Usage(10, 0))
    assert isinstance(failed, events.UnitFailed)
    assert failed.fault.kind == "malformed"
    assert story.session.spending.usage == Usage(13, 4)
    story.resume()
    assert len(story.turn("router").history) == 2
    story.answer("router", '{"route": "left"}')
    assert story.attempt("routes/left/0").number == 1


# --- reports that come at the wrong time ----------------------------------------------------------------


def test_a_report_decides_nothing_once_its_attempt_is_over_or_never_was() -> None:
    story = Story(chain_of(WRITE, WRITE))
    story.begin("steps/0")
    answered = commands.Answered(
        at=2000.0, unit="steps/0", attempt=1, text="x", usage=Usage(), mark=Mark(count=0, digest="")
    )
    assert story.tell(replace(answered, attempt=2)) == ()
    assert story.tell(replace(answered, unit="steps/1")) == ()
    story.resume()
    assert story.tell(answered) == ()
    story.answer("steps/0")
    assert story.tell(replace(answered, attempt=2)) == ()


def test_a_unit_that_runs_or_is_not_wanted_is_not_begun() -> None:
    story = Story(chain_of(WRITE, WRITE))
    story.begin("steps/0")
    for unit, attempt in (("steps/0", 1), ("steps/0", 2), ("steps/1", 1), ("nowhere", 1)):
        assert story.tell(commands.UnitsStarted(at=2000.0, starts=(commands.UnitStart(unit, attempt),))) == ()


def test_a_message_out_of_order_or_of_another_conversation_is_dropped() -> None:
    story = Story(chain_of(WRITE))
    story.begin("steps/0")
    said = commands.MessageAdded(
        at=2000.0,
        unit="steps/0",
        attempt=1,
        conversation="ann",
        index=0,
        message={"role": "user"},
        digest="d",
    )
    assert story.tell(replace(said, index=1)) == ()
    assert story.tell(replace(said, conversation="bob")) == ()
    assert story.tell(replace(said, attempt=2)) == ()
    assert len(story.tell(said)) == 1
    assert story.tell(said) == ()


def test_an_artifact_that_nobody_asked_for_is_not_noted() -> None:
    story = Story(chain_of(WRITE))
    report = commands.ArtifactWritten(at=2000.0, unit="artifacts/0", attempt=1, path="x", sha256="", size=0)
    assert story.tell(report) == ()


# --- conversations --------------------------------------------------------------------------------------


def test_a_failed_attempt_leaves_no_half_turn_behind() -> None:
    story = Story(chain_of(WRITE, WRITE, runtime=RETRY_TWICE))
    story.answer("steps/0")
    story.begin("steps/1")
    story.message("steps/1", "user", "Write")
    story.fault("steps/1", "connection")
    assert len(story.turn("steps/1").history) == 2
    assert story.turn("steps/1").digest == story.session.conversation("ann").mark.digest != ""


def test_a_killed_attempt_is_rolled_back_when_the_next_one_starts() -> None:
    story = Story(chain_of(WRITE, WRITE))
    story.answer("steps/0")
    story.begin("steps/1")
    story.message("steps/1", "user", "half a turn")
    story.resume()
    assert len(story.session.conversation("ann").residue) == 1
    assert len(story.turn("steps/1").history) == 2
    story.begin("steps/1")
    assert story.session.conversation("ann").residue == ()


def recoverable() -> Story:
    story = Story(chain_of(WRITE))
    story.begin("steps/0")
    story.message("steps/0", "user", "Write about bridges.")
    story.message(
        "steps/0", "assistant", "Paid for.", metadata={"usage": {"inputTokens": 5, "outputTokens": 2}}
    )
    return story


def test_an_answer_that_was_paid_for_before_the_crash_is_taken_and_not_asked_for_again() -> None:
    story = recoverable()
    story.resume()
    attempt = story.attempt("steps/0")
    found = brief(story.session, attempt).unwrap()
    assert isinstance(found, Recovered)
    assert (found.attempt, found.kept) == (2, 2)
    assert (found.answer.text, found.answer.usage) == ("Paid for.", Usage())
    assert story.session.progress_of("steps/0").owed == Usage(5, 2)
    last = story.session.conversation("ann").messages[-1].digest
    assert (found.answer.mark.count, found.answer.mark.digest) == (2, last)


@pytest.mark.parametrize(
    "changed",
    [
        chain_of({**WRITE, "input": "Write more."}),
        chain_of(WRITE, agents={"ann": {"prompt": "You are another ann."}, "bob": {"prompt": "b"}}),
        chain_of(WRITE, runtime={"model_id": "better"}),
        chain_of({**WRITE, "agent": "bob"}, agents={"bob": {"prompt": "b"}}),
    ],
)
def test_an_answer_of_an_agent_that_was_changed_since_is_asked_for_again(changed: Spec) -> None:
    story = recoverable()
    story.resume()
    story.tell(commands.ChangeSpec(at=story.later(), spec=changed, source=source_of(changed)))
    assert story.turn("steps/0").history == ()


def test_more_time_for_an_agent_does_not_ask_for_its_answer_again() -> None:
    story = recoverable()
    story.resume()
    ann = {"prompt": story.session.spec.agents["ann"].prompt, "timeouts": {"tool": 5}}
    agents = {"ann": ann, "bob": {"prompt": "b"}}
    patient = chain_of(WRITE, agents=agents, runtime={"timeouts": {"model": 1_200, "turn": 3_600}})
    story.tell(commands.ChangeSpec(at=story.later(), spec=patient, source=source_of(patient)))
    attempt = story.attempt("steps/0")
    assert isinstance(brief(story.session, attempt).unwrap(), Recovered)


# --- artifacts, and the end -----------------------------------------------------------------------------


def test_artifacts_are_written_after_the_last_step_and_a_bad_path_fails_by_its_place() -> None:
    outputs = {"artifacts": [{"path": "{{ topic }}/a.md", "from": "{{ last_response }}"}]}
    story = Story(chain_of(WRITE, outputs=outputs), topic="..")
    story.answer("steps/0")
    problem = brief(story.session, story.attempt("artifacts/0")).failure()
    assert problem.kind == "artifact"
    assert "outputs.artifacts[0].path" in problem.message


def test_a_session_is_not_finished_before_its_artifacts_are_on_disk() -> None:
    outputs = {"artifacts": [{"path": f"{n}.md", "from": "x"} for n in range(2)]}
    story = Story(chain_of(WRITE, outputs=outputs))
    story.answer("steps/0")
    for unit in ("artifacts/1", "artifacts/0"):
        assert status(story.session) == "running"
        story.begin(unit)
        assert unit not in [attempt.unit for attempt in wanted(story.session)]
        story.tell(
            commands.ArtifactWritten(at=story.later(), unit=unit, attempt=1, path=unit, sha256="h", size=1)
        )
    assert isinstance(verdict(story.session), Finished)
    assert story.refused(commands.Resume(at=story.later())) == "the session is already completed"


def test_an_artifact_that_can_not_be_written_fails_alone_and_is_tried_again_on_resume() -> None:
    outputs = {"artifacts": [{"path": "a.md", "from": "x"}]}
    story = Story(chain_of(WRITE, outputs=outputs))
    story.answer("steps/0")
    before = story.session.spending.usage
    story.fault("artifacts/0", "artifact", usage=Usage(9, 9))
    assert (status(story.session), story.session.spending.usage) == ("failed", before)
    story.resume()
    assert story.attempt("artifacts/0").number == 2


def test_an_answer_loses_the_space_at_its_end_and_nothing_else() -> None:
    story = Story(chain_of(WRITE))
    story.answer("steps/0", "  two words \n\n")
    stand = verdict(story.session)
    assert isinstance(stand, Finished)
    assert stand.result == "  two words"
    assert open_gates(story.session) == ()


def test_a_step_whose_template_names_nothing_known_fails_with_its_place_and_costs_nothing() -> None:
    story = Story(chain_of({"agent": "ann", "input": "{{ nobody }}"}, ASK))
    problem = brief(story.session, story.attempt("steps/0")).failure()
    assert problem.kind == "template"
    assert problem.message.startswith("pattern.config.steps[0].input: ")
    assert "nobody" in problem.message


def test_artifacts_are_shown_in_the_order_of_the_spec_also_past_the_tenth() -> None:
    paths = [{"path": f"{number}.md", "from": "x"} for number in range(12)]
    story = Story(chain_of(WRITE, outputs={"artifacts": paths}))
    story.answer("steps/0")
    for attempt in wanted(story.session):
        story.begin(attempt.unit)
        path = attempt.unit.replace("artifacts/", "") + ".md"
        story.tell(
            commands.ArtifactWritten(
                at=story.later(), unit=attempt.unit, attempt=1, path=path, sha256="", size=1
            )
        )
    shown = session_document(story.session)["artifacts_written"]
    assert [one["path"] for one in shown] == [one["path"] for one in paths]


def test_the_first_event_begins_a_session_wherever_it_is_met() -> None:
    story = Story(chain_of(WRITE))
    story.answer("steps/0")
    assert evolve(story.session, story.journal[0]) == Story(chain_of(WRITE)).session
