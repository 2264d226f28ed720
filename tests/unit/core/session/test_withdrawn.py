"""Questions that a changed spec took away: what became of each, and who is told so."""

from __future__ import annotations

from typing import Any

import pytest
from returns.result import Failure

from durable_core.session import commands, open_gates, replay
from durable_core.session.resume import QuestionWithdrawn, Resumption, SpecNow, Wishes, resume
from durable_core.session.withdrawn import all_of, asking_alone_at, asking_at, became_of, not_there
from durable_core.spec.models import Spec
from tests.support.session_kit import ASK, WRITE, Story, chain_of, source_of, spec_of

GONE = "the question at steps/1 is no longer there in the changed spec file"
ANEW = "the question at steps/1 was changed in the spec file and is asked anew"
OTHER = {**ASK, "prompt": "Sure?"}
ASKED = chain_of(WRITE, ASK, WRITE)


# --- what became of a question --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([WRITE], GONE),
        ([WRITE, WRITE, ASK], f"{GONE} (it is at steps/2 now)"),
        ([WRITE, OTHER, ASK], f"{GONE} (it is at steps/2 now)"),
        ([WRITE, WRITE, OTHER], GONE),
        ([WRITE, OTHER], ANEW),
        ([WRITE, ASK, ASK], ANEW),  # put back, and once more
    ],
)
def test_a_question_is_gone_or_moved_or_asked_anew(steps: list[dict[str, Any]], said: str) -> None:
    assert became_of("steps/1", asking_alone_at(ASKED, "steps/1"), chain_of(*steps)) == said


def test_of_several_that_ask_the_same_nobody_knows_which_moved() -> None:
    twice = chain_of(WRITE, ASK, ASK)
    assert asking_at(twice, "steps/1") is not None
    assert asking_alone_at(twice, "steps/1") is None
    assert became_of("steps/1", None, chain_of(WRITE, WRITE, ASK)) == GONE


def test_what_no_person_is_asked_has_no_question() -> None:
    assert asking_at(ASKED, "steps/0") is asking_alone_at(ASKED, "steps/0") is None


def test_a_question_of_a_renamed_node_is_at_the_new_one_whatever_the_visit() -> None:
    def graph(name: str) -> Spec:
        nodes = {"start": {"agent": "ann"}, name: ASK}
        return spec_of("graph", {"nodes": nodes, "edges": [{"from": "start", "to": [name]}]}, {})

    said = became_of("nodes/ask/2", asking_alone_at(graph("ask"), "nodes/ask/2"), graph("review"))
    assert said == (
        "the question at nodes/ask/2 is no longer there in the changed spec file (it is at nodes/review now)"
    )


def test_only_questions_that_are_not_in_their_places_are_told_in_the_order_of_their_units() -> None:
    before, after = chain_of(ASK, OTHER, WRITE, ASK), chain_of(ASK, WRITE, WRITE)
    gone = not_there(["steps/3", "steps/0", "steps/1"], before, after)
    assert gone == {"steps/3": None, "steps/1": asking_at(before, "steps/1")}
    assert all_of(gone, after) == f"{GONE}; {GONE.replace('1', '3')}"
    assert all_of({}, after) == ""


# --- what a session remembers ---------------------------------------------------------------------------


def paused(spec: Spec = ASKED) -> Story:
    story = Story(spec)
    story.answer("steps/0")
    story.ask("steps/1")
    return story


def edited(story: Story, spec: Spec) -> Story:
    story.tell(commands.ChangeSpec(at=story.later(), spec=spec, source=source_of(spec)))
    return story


def refused(story: Story, unit: str | None) -> str:
    return story.refused(commands.AnswerGate(at=story.later(), unit=unit, text="yes"))


@pytest.mark.parametrize("unit", [None, "steps/1"])
def test_an_answer_to_a_question_that_an_edit_took_away_is_told_what_became_of_it(unit: str | None) -> None:
    assert refused(edited(paused(), chain_of(WRITE, WRITE, ASK)), unit) == f"{GONE} (it is at steps/2 now)"
    assert refused(edited(paused(), chain_of(WRITE, OTHER)), unit) == ANEW


def test_an_answer_to_a_question_that_nobody_asked_is_told_that_none_is_open() -> None:
    none = "no question is open in this session"
    assert refused(edited(paused(), chain_of(WRITE, WRITE)), "steps/7") == none


def two_branches(*first: dict[str, Any]) -> Spec:
    branches = [{"id": "x", "steps": list(first)}, {"id": "y", "steps": [ASK, WRITE]}]
    return spec_of("parallel", {"branches": branches}, {})


def both_asked() -> Story:
    story = Story(two_branches(ASK, WRITE))
    story.ask("branches/x/0")
    story.ask("branches/y/0")
    return story


def test_an_answer_by_name_is_told_which_questions_are_left() -> None:
    story = edited(both_asked(), two_branches(WRITE))
    assert refused(story, "branches/x/0") == (
        "the question at branches/x/0 is no longer there in the changed spec file (open: branches/y/0)"
    )
    story.tell(commands.AnswerGate(at=story.later(), unit="branches/y/0", text="yes"))
    assert open_gates(story.session) == ()


def test_a_question_that_is_asked_again_is_not_withdrawn_any_more_and_a_replay_knows_the_same() -> None:
    story = edited(paused(), chain_of(WRITE, OTHER))
    assert list(story.session.withdrawn) == ["steps/1"]
    assert replay(story.journal).unwrap() == story.session
    story.ask("steps/1")
    assert list(story.session.withdrawn) == []
    assert replay(story.journal).unwrap() == story.session
    story.respond("yes")
    assert list(story.session.withdrawn) == []


# --- what a resume tells --------------------------------------------------------------------------------


def resumed(story: Story, spec: Spec, wishes: Wishes) -> Resumption | str:
    file = SpecNow(spec, source_of(spec))
    taken = resume(
        story.session, at=story.later(100), file=file, variables=story.session.variables, wishes=wishes
    )
    return taken.failure().reason if isinstance(taken, Failure) else taken.unwrap()


def told(resumption: Resumption | str) -> list[str]:
    assert isinstance(resumption, Resumption)
    return [notice.what for notice in resumption.notices if isinstance(notice, QuestionWithdrawn)]


SNAPSHOT = "; to answer it as it was asked: --spec-from snapshot"


def test_a_resume_tells_what_the_changed_spec_makes_of_the_open_questions() -> None:
    assert told(resumed(paused(), chain_of(WRITE, OTHER), Wishes())) == [ANEW]
    assert told(resumed(paused(), chain_of(WRITE, ASK, OTHER), Wishes())) == []


@pytest.mark.parametrize("gate", [None, "steps/1"])
def test_an_answer_that_comes_with_the_edit_is_not_taken_for_another_question(gate: str | None) -> None:
    wishes = Wishes(answer="yes", gate=gate)
    assert resumed(paused(), chain_of(WRITE, OTHER), wishes) == f"{ANEW}{SNAPSHOT}"
    assert told(resumed(paused(), chain_of(WRITE, ASK, OTHER), wishes)) == []


def test_an_answer_is_taken_for_the_question_that_is_left_only_if_it_names_it() -> None:
    gone = "the question at branches/x/0 is no longer there in the changed spec file"
    answer = Wishes(answer="yes")
    assert resumed(both_asked(), two_branches(WRITE), answer) == f"{gone} (open: branches/y/0){SNAPSHOT}"
    named = Wishes(answer="yes", gate="branches/y/0")
    assert told(resumed(both_asked(), two_branches(WRITE), named)) == [gone]


def test_a_spec_that_is_refused_is_refused_with_what_would_become_of_the_open_questions() -> None:
    shifted = chain_of({"agent": "bob"}, WRITE, ASK, WRITE)
    reason = "step 0 is completed, but the changed spec has it as step 1"
    assert resumed(paused(), shifted, Wishes()) == f"{reason}; {GONE} (it is at steps/2 now)"
    in_place = chain_of({"agent": "bob"}, ASK)
    assert resumed(paused(), in_place, Wishes()) == (
        "step 0 is completed, but the changed spec has it done by bob, not by ann"
    )
