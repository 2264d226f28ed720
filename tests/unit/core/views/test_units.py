"""Units gathered from events: what each was asked, what it answered, when, and at what cost."""

from __future__ import annotations

from typing import Any

import pytest

from durable_core.session import commands
from durable_core.session.conversation import Mark
from durable_core.session.state import Options
from durable_core.types import Fault, Usage
from durable_core.views.units import UnitAttempt, UnitRecord, Units, units_of
from tests.support.session_kit import ASK, START, WRITE, Story, chain_of, source_of, spec_of

LATER = {"retries": 3, "backoff": "constant", "wait_min": 10, "wait_max": 10}


def only(story: Story) -> UnitRecord:
    """The one unit of ``story``."""
    (unit,) = units_of(story.journal)
    return unit


def test_a_session_that_has_done_nothing_has_no_units() -> None:
    found = units_of(Story(chain_of(WRITE)).journal)
    assert (len(found), list(found), found.ids) == (0, [], ())
    with pytest.raises(KeyError, match="no unit steps/0 has started \\(started: none\\)"):
        found["steps/0"]


def test_a_unit_tells_what_it_was_asked_and_answered_and_at_what_cost() -> None:
    story = Story(chain_of(WRITE))
    story.answer("steps/0", "Bridges stand.\n")
    unit = only(story)
    assert (unit.id, unit.kind, unit.agent, unit.conversation) == ("steps/0", "agent", "ann", "ann")
    assert (unit.prompt, unit.answer) == ("Write about bridges.", "Bridges stand.")
    assert (unit.status, unit.usage, unit.fault) == ("completed", Usage(3, 4), None)
    assert (unit.started_at, unit.ended_at) == (START + 1, START + 4)


def test_a_running_unit_has_a_prompt_and_no_answer_yet() -> None:
    story = Story(chain_of(WRITE))
    story.begin("steps/0")
    story.message("steps/0", "user", "Write about bridges.")
    story.message("steps/0", "assistant", "Bridges")
    unit = only(story)
    assert (unit.status, unit.prompt, unit.answer, unit.ended_at) == (
        "running",
        "Write about bridges.",
        None,
        None,
    )
    assert unit.attempts[0].answer == "Bridges"  # what came back so far


def test_units_stand_in_the_order_in_which_they_started_and_are_found_by_id() -> None:
    story = Story(chain_of(WRITE, {"agent": "bob", "input": "Shorter."}))
    story.answer("steps/0")
    story.answer("steps/1")
    found = units_of(story.journal)
    assert found.ids == ("steps/0", "steps/1")
    assert found["steps/1"] is found[1] is found[-1]
    assert found[0:1] == (found["steps/0"],)
    assert "steps/1" in found
    assert found[0] in found
    assert "steps/2" not in found
    assert repr(Units([found[0]])) == f"Units([{found[0]!r}])"
    with pytest.raises(KeyError, match="started: steps/0, steps/1"):
        found["steps/2"]
    with pytest.raises(IndexError):
        found[2]


def test_a_gate_is_a_unit_that_a_person_answers() -> None:
    story = Story(chain_of(ASK))
    story.ask("steps/0")
    asked = only(story)
    assert (asked.kind, asked.agent, asked.status) == ("person", None, "waiting")
    assert (asked.prompt, asked.answer) == ("Is bridges right?", None)
    story.respond("yes")
    answered = only(story)
    assert (answered.status, answered.answer, answered.usage) == ("completed", "yes", Usage())
    assert answered.attempts[0].answered_by == "person"


def test_a_gate_that_nobody_answered_in_time_failed() -> None:
    story = Story(chain_of({**ASK, "timeout_seconds": 60}))
    story.ask("steps/0")
    story.tell(commands.Tick(at=story.later(60)))
    unit = only(story)
    assert unit.fault is not None
    assert (unit.status, unit.fault.kind) == ("failed", "timeout")


def test_a_gate_whose_question_cannot_be_rendered_is_still_a_persons() -> None:
    story = Story(chain_of({**ASK, "prompt": "{{ topic | nonsense }}"}))
    story.fault("steps/0", "template")
    assert (only(story).kind, only(story).prompt, only(story).status) == ("person", None, "failed")


def test_an_artifact_is_a_unit_whose_answer_is_its_path() -> None:
    outputs = {"artifacts": [{"path": "a.md", "from": "{{ last_response }}"}]}
    story = Story(chain_of(WRITE, outputs=outputs))
    story.answer("steps/0")
    story.begin("artifacts/0")
    story.tell(
        commands.ArtifactWritten(
            at=story.later(), unit="artifacts/0", attempt=1, path="a.md", sha256="0", size=4
        )
    )
    unit = units_of(story.journal)["artifacts/0"]
    assert (unit.kind, unit.agent, unit.status) == ("artifact", None, "completed")
    assert (unit.prompt, unit.answer) == (None, "a.md")


def test_an_attempt_that_faulted_says_why_and_when_the_next_one_may_start() -> None:
    story = Story(chain_of(WRITE, runtime={"failure_policy": LATER}))
    story.fault("steps/0", "throttled", usage=Usage(5, 0))
    waiting = only(story)
    first = waiting.attempts[0]
    assert (waiting.status, waiting.fault, first.outcome) == ("pending", None, "faulted")
    assert first.fault == Fault("throttled", "it was throttled")
    assert first.ended_at is not None
    assert first.retry_at == first.ended_at + 10
    story.answer("steps/0")
    done = only(story)
    assert [attempt.outcome for attempt in done.attempts] == ["faulted", "completed"]
    assert [attempt.number for attempt in done.attempts] == [1, 2]
    assert (done.started_at, done.usage) == (first.started_at, Usage(8, 4))


def test_a_unit_that_failed_is_pending_again_once_the_session_is_resumed() -> None:
    story = Story(chain_of(WRITE))
    story.fault("steps/0", "refused")
    failed = only(story)
    assert (failed.status, failed.fault) == ("failed", Fault("refused", "it was refused"))
    assert failed.ended_at == failed.attempts[0].ended_at
    story.resume()
    assert (only(story).status, only(story).fault, only(story).ended_at) == ("pending", None, None)
    assert only(story).attempts == failed.attempts


def test_an_attempt_that_never_reported_is_given_up_by_the_resume() -> None:
    story = Story(chain_of(WRITE))
    story.begin("steps/0")
    story.resume()
    (attempt,) = only(story).attempts
    assert (only(story).status, attempt.outcome) == ("pending", "given_up")
    assert attempt.ended_at == story.at


def test_a_gate_and_a_completed_unit_are_not_touched_by_a_resume() -> None:
    story = Story(chain_of(WRITE, ASK))
    story.answer("steps/0")
    story.ask("steps/1")
    before = list(units_of(story.journal))
    story.resume()
    assert list(units_of(story.journal)) == before


def test_an_attempt_that_starts_afresh_forgets_what_the_one_before_was_sent() -> None:
    story = Story(chain_of(WRITE))
    story.begin("steps/0")
    story.message("steps/0", "user", "Write about bridges.")
    story.message("steps/0", "assistant", "Half an ans")
    story.resume()
    story.begin("steps/0")
    unit = only(story)
    assert unit.attempts[1] == UnitAttempt(number=2, started_at=story.at)
    assert unit.prompt == "Write about bridges."  # it was asked that, if not by this attempt


def test_an_answer_that_a_killed_attempt_had_received_is_the_answer() -> None:
    story = Story(chain_of(WRITE))
    story.begin("steps/0")
    story.message("steps/0", "user", "Write about bridges.")
    story.message("steps/0", "assistant", "Bridges stand.")
    story.resume()
    starts = (commands.UnitStart("steps/0", 2, kept=2),)
    story.tell(commands.UnitsStarted(at=story.later(), starts=starts))
    story.tell(
        commands.Answered(
            at=story.later(),
            unit="steps/0",
            attempt=2,
            text="Bridges stand.",
            usage=Usage(),
            mark=Mark(count=2, digest="d1"),
        )
    )
    unit = only(story)
    assert (unit.status, unit.prompt, unit.answer) == ("completed", "Write about bridges.", "Bridges stand.")
    assert unit.attempts[1].prompt == "Write about bridges."


def test_a_request_to_mend_the_shape_of_an_answer_is_not_what_the_unit_was_asked() -> None:
    story = Story(spec_of("routing", {"router": {"agent": "ann"}, "routes": {"left": {"then": [WRITE]}}}, {}))
    first = story.turn("router").prompt
    story.answer("router", "left, I think")
    rejected = only(story).attempts[0]
    assert (rejected.outcome, rejected.answer) == ("rejected", "left, I think")
    assert rejected.fault is not None
    assert rejected.fault.kind == "malformed"
    again = story.turn("router").prompt
    story.answer("router", '{"route": "left"}')
    unit = units_of(story.journal)["router"]
    assert (unit.prompt, unit.answer) == (first, '{"route": "left"}')
    assert [attempt.prompt for attempt in unit.attempts] == [first, again]
    assert again != first


def test_a_message_of_citations_is_an_answer_like_any_other() -> None:
    story = Story(chain_of(WRITE))
    story.begin("steps/0")
    story.message("steps/0", "user", "Write about bridges.")
    cited = {"citationsContent": {"content": [{"text": "Bridges "}, {"text": "stand."}]}}
    story.message("steps/0", "assistant", "", content=[cited])
    assert only(story).attempts[0].answer == "Bridges stand."


def tools(story: Story, *happened: tuple[str, dict[str, Any]]) -> None:
    """Let the running attempt of steps/0 report tool calls."""
    made = {"start": commands.ToolStarted, "return": commands.ToolReturned, "settle": commands.SettleTool}
    for kind, given in happened:
        attempt = {} if kind == "settle" else {"attempt": story.session.progress_of("steps/0").attempt}
        story.tell(made[kind](at=story.later(), unit="steps/0", **attempt, **given))


WRITES = {"call": "c1", "name": "pay", "input": {"sum": 5}, "reads_only": False}
TOLD = {"toolUseId": "c1", "status": "success", "content": [{"text": "paid"}]}


def test_a_tool_call_is_part_of_its_unit_from_its_start_to_its_result() -> None:
    story = Story(chain_of(WRITE))
    story.begin("steps/0")
    story.message("steps/0", "user", "Write about bridges.")
    asks = [{"toolUse": {"toolUseId": "c1", "name": "pay", "input": {}}}]
    story.message("steps/0", "assistant", "", content=asks)
    tools(story, ("start", WRITES))
    (started,) = only(story).tool_calls
    assert (started.call, started.name, started.input, started.reads_only) == ("c1", "pay", {"sum": 5}, False)
    assert (started.attempt, started.started_at) == (1, story.at)
    assert (started.returned_at, started.result, started.settled) == (None, None, None)
    tools(story, ("return", {"call": "c1", "result": TOLD}))
    (returned,) = only(story).tool_calls
    assert (returned.result, returned.returned_at) == (TOLD, story.at)
    story.message("steps/0", "user", "", content=[{"toolResult": TOLD}])
    assert only(story).prompt == "Write about bridges."
    assert only(story).attempts[0].answer is None  # a call is not an answer


def test_a_call_that_is_made_again_is_another_one_and_what_a_person_settles_is_the_latest() -> None:
    story = Story(chain_of(WRITE))
    story.begin("steps/0")
    tools(story, ("start", WRITES))
    story.resume()
    tools(story, ("settle", {"call": "c1", "done": None}))
    story.begin("steps/0")
    tools(story, ("start", WRITES), ("start", {**WRITES, "call": "c2"}))
    story.resume()
    tools(story, ("settle", {"call": "c1", "done": "it paid"}))
    first, second, other = only(story).tool_calls
    assert [use.attempt for use in (first, second, other)] == [1, 2, 2]
    assert [use.settled for use in (first, second, other)] == ["retry", "done", None]
    assert second.result["content"] == [{"text": "it paid"}]


def test_results_of_a_turn_that_goes_on_are_no_prompt() -> None:
    story = Story(chain_of(WRITE))
    story.begin("steps/0")
    story.message("steps/0", "user", "", content=[{"toolResult": TOLD}])
    assert only(story).attempts[0].prompt is None


def test_what_concerns_the_whole_session_is_no_units() -> None:
    story = Story(chain_of(WRITE, runtime={"budgets": {"max_tokens": 100, "warn_threshold": 0.5}}))
    story.answer("steps/0", usage=Usage(60, 0))
    before = list(units_of(story.journal))
    changed = chain_of(WRITE, WRITE)
    story.tell(commands.ChangeSpec(at=story.later(), spec=changed, source=source_of(changed)))
    story.tell(commands.RaiseBudget(at=story.later(), budget="max_tokens", limit=500))
    story.tell(commands.EditVariables(at=story.later(), variables={"topic": "tides"}))
    story.tell(commands.ChangeOptions(at=story.later(), options=Options(force=True)))
    told = {event.type.split("/")[0] for event in story.journal}
    assert {"budget_warned", "budget_raised", "spec_changed", "variables_edited", "options_changed"} <= told
    assert list(units_of(story.journal)) == before
