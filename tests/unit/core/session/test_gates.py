"""Gates: what people may answer, what happens when they don't, and when a question is asked anew."""

from __future__ import annotations

from typing import Any

import pytest
from returns.result import Success

from durable_core.journal import codec
from durable_core.patterns.base import Failed, Finished, Waiting
from durable_core.session import commands, events, open_gates, status, verdict, wanted
from durable_core.spec.models import Spec
from tests.support.session_kit import ASK, WRITE, Story, chain_of, source_of, spec_of


def asked(**options: Any) -> Story:
    story = Story(chain_of({**ASK, **options}, WRITE))
    story.ask("steps/0")
    return story


def two_gates(**options: Any) -> Story:
    branches = [{"id": name, "steps": [{**ASK, **options}]} for name in ("a", "b")]
    story = Story(spec_of("parallel", {"branches": branches}, {}))
    story.ask("branches/a/0")
    story.ask("branches/b/0")
    return story


def test_an_answer_to_no_question_is_refused() -> None:
    story = Story(chain_of(WRITE))
    assert story.refused(commands.AnswerGate(at=1.0, unit=None, text="yes")) == (
        "no question is open in this session"
    )


def test_an_answer_to_a_question_that_is_not_open_names_those_that_are() -> None:
    problem = asked().refused(commands.AnswerGate(at=1.0, unit="steps/7", text="yes"))
    assert problem == "no question is open at steps/7 (open: steps/0)"


def test_when_several_questions_are_open_an_answer_must_say_which_it_means() -> None:
    story = two_gates()
    problem = story.refused(commands.AnswerGate(at=1.0, unit=None, text="yes"))
    assert "several questions are open (branches/a/0, branches/b/0)" in problem
    story.respond("first b", "branches/b/0")
    story.respond("then a")
    stand = verdict(story.session)
    assert isinstance(stand, Finished)
    assert "first b" in stand.result


def test_an_empty_answer_takes_the_default_and_is_refused_without_one() -> None:
    assert "no default" in asked().refused(commands.AnswerGate(at=1.0, unit=None, text=" \n"))
    [answered] = asked(default="fine").respond("  ")
    assert isinstance(answered, events.GateAnswered)
    assert (answered.response, answered.answered_by) == ("fine", "default")


def test_an_answer_must_match_the_whole_pattern() -> None:
    story = asked(validation={"pattern": "yes|no"})
    problem = story.refused(commands.AnswerGate(at=1.0, unit=None, text="yes, but"))
    assert problem == "the answer does not match the pattern yes|no of gate steps/0"
    [answered] = story.respond(" yes\n")
    assert isinstance(answered, events.GateAnswered)
    assert (answered.response, answered.answered_by) == ("yes", "person")


def test_an_answer_that_could_not_be_compared_in_due_time_is_refused_and_a_shorter_one_is_taken() -> None:
    story = asked(validation={"pattern": ".*a.*a.*"})
    problem = story.refused(commands.AnswerGate(at=1.0, unit=None, text="a" * 3_000))
    assert problem.startswith("the pattern .*a.*a.* of gate steps/0 cannot judge the answer: ")
    [answered] = story.respond("a" * 200)
    assert isinstance(answered, events.GateAnswered)


def test_an_answer_that_the_pattern_can_not_use_is_refused_and_the_question_stays_open() -> None:
    routing = {
        "router": {"agent": "ann", "review_router": {**ASK}},
        "routes": {"left": {"then": [WRITE]}},
    }
    story = Story(spec_of("routing", routing, {}))
    story.answer("router", '{"route": "left"}')
    [gate] = [attempt.unit for attempt in wanted(story.session)]
    story.ask(gate)
    assert story.refused(commands.AnswerGate(at=1.0, unit=None, text="route:right"))
    assert verdict(story.session) == Waiting((gate,))


def test_an_answer_is_kept_in_whole_characters() -> None:
    [answered] = asked().respond("\ud83d\ude00 or \ud83d")
    assert isinstance(answered, events.GateAnswered)
    assert answered.response == "😀 or \ufffd"


def test_an_answer_is_heard_once() -> None:
    story = asked()
    story.respond("yes")
    assert "no question is open" in story.refused(commands.AnswerGate(at=1.0, unit="steps/0", text="no"))
    assert [gate.response for gate in story.session.answered] == ["yes"]


def test_a_question_is_put_once_and_only_when_it_is_due() -> None:
    story = asked()
    for unit in ("steps/0", "steps/1", "nowhere"):
        assert story.tell(commands.QuestionAsked(at=2000.0, unit=unit, attempt=1, prompt="?")) == ()
    assert status(story.session) == "paused"


def test_questions_that_are_due_together_may_be_put_in_any_order() -> None:
    branches = [{"id": name, "steps": [ASK]} for name in ("a", "b")]
    story = Story(spec_of("parallel", {"branches": branches}, {}))
    assert [story.ask(f"branches/{name}/0").unit for name in ("b", "a")] == ["branches/b/0", "branches/a/0"]
    assert wanted(story.session) == ()


def test_open_questions_are_listed_oldest_first() -> None:
    assert [gate.unit for gate in open_gates(two_gates().session)] == ["branches/a/0", "branches/b/0"]


# --- time -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("timeout", [{}, {"timeout_seconds": 0}])
def test_a_question_without_a_time_limit_waits_for_ever(timeout: dict[str, Any]) -> None:
    story = asked(default="fine", **timeout)
    assert story.session.gates["steps/0"].deadline is None
    assert story.tell(commands.Tick(at=story.later(1e9))) == ()


def test_the_default_is_taken_at_the_deadline_and_not_before() -> None:
    story = asked(default="fine", timeout_seconds=60)
    deadline = story.at + 60
    assert story.tell(commands.Tick(at=deadline - 0.1)) == ()
    [answered] = story.tell(commands.Tick(at=deadline))
    assert isinstance(answered, events.GateAnswered)
    assert (answered.response, answered.answered_by) == ("fine", "timeout")
    assert story.tell(commands.Tick(at=deadline)) == ()


def test_without_a_default_the_session_fails_at_the_deadline_and_a_resume_asks_again() -> None:
    story = asked(timeout_seconds=60)
    story.tell(commands.Tick(at=story.later(61)))
    stand = verdict(story.session)
    assert isinstance(stand, Failed)
    assert stand.fault.message == "nobody answered within 60 s and there is no default"
    story.resume()
    assert story.attempt("steps/0").number == 2
    story.ask("steps/0")
    assert status(story.session) == "paused"


def test_all_questions_whose_time_is_over_are_settled_at_once() -> None:
    story = two_gates(default="fine", timeout_seconds=60)
    assert len(story.tell(commands.Tick(at=story.later(100)))) == 2
    assert isinstance(verdict(story.session), Finished)


def test_a_default_that_the_pattern_can_not_use_fails_and_says_so() -> None:
    routing = {
        "router": {"agent": "ann", "review_router": {**ASK, "default": "route:right", "timeout_seconds": 9}},
        "routes": {"left": {"then": [WRITE]}},
    }
    story = Story(spec_of("routing", routing, {}))
    story.answer("router", '{"route": "left"}')
    story.ask(wanted(story.session)[0].unit)
    [failed] = story.tell(commands.Tick(at=story.later(10)))
    assert isinstance(failed, events.UnitFailed)
    assert failed.fault.message.startswith("nobody answered within 9 s and the default does not do: ")


# --- questions under a changed spec ---------------------------------------------------------------------


def change(story: Story, spec: Spec) -> None:
    story.resume()
    story.tell(commands.ChangeSpec(at=story.later(), spec=spec, source=source_of(spec)))


def test_a_question_that_reads_otherwise_now_is_asked_anew() -> None:
    story = asked()
    change(story, chain_of({**ASK, "prompt": "Really?"}, WRITE))
    assert open_gates(story.session) == ()
    assert story.ask("steps/0").prompt == "Really?"


def test_a_question_that_reads_as_before_stays_open() -> None:
    story = asked()
    change(story, chain_of(ASK, WRITE, WRITE))
    assert [gate.unit for gate in open_gates(story.session)] == ["steps/0"]
    assert status(story.session) == "paused"


def test_a_question_that_is_gone_is_not_open_any_more() -> None:
    story = asked()
    change(story, chain_of(WRITE, ASK))
    assert open_gates(story.session) == ()
    assert [attempt.unit for attempt in wanted(story.session)] == ["steps/0"]


@pytest.mark.parametrize("seconds", [253_402_300_800, 10**400])
def test_a_limit_that_no_calendar_can_name_is_none_and_the_session_stays_readable(seconds: int) -> None:
    story = asked(timeout_seconds=seconds)
    [gate] = open_gates(story.session)
    assert gate.deadline is None
    assert all(isinstance(codec.decode(codec.encode(event)), Success) for event in story.journal)
