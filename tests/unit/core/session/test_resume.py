"""Taking a session up again: what changed meanwhile is taken over with a notice, or all of it is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from returns.result import Result

from durable_core.patterns.base import Finished
from durable_core.session import commands, open_gates, status, verdict, wanted
from durable_core.session.resume import (
    ForceKept,
    NotResumable,
    Resumption,
    SnapshotTaken,
    SpecGone,
    SpecMoved,
    SpecNow,
    SpecTaken,
    VariablesTaken,
    Wishes,
    edited_variables,
    not_resumable,
    order,
    resume,
)
from durable_core.session.state import Options
from durable_core.spec.models import Spec
from tests.support.session_kit import ASK, WRITE, Story, chain_of, source_of, spec_of


def resumed(story: Story, **facts: Any) -> Result[Resumption, NotResumable]:
    given: dict[str, Any] = {"file": None, "variables": story.session.variables, "wishes": Wishes(), **facts}
    return resume(story.session, at=story.later(100), **given)


def now(spec: Spec) -> SpecNow:
    return SpecNow(spec, source_of(spec))


def paused() -> Story:
    story = Story(chain_of(WRITE, ASK, WRITE))
    story.answer("steps/0")
    story.ask("steps/1")
    return story


def refusal(story: Story, **facts: Any) -> NotResumable:
    return resumed(story, **facts).failure()


# --- what is refused ------------------------------------------------------------------------------------


def test_a_completed_session_is_not_taken_up() -> None:
    story = Story(chain_of(WRITE))
    story.answer("steps/0")
    assert refusal(story) == NotResumable("completed", "the session is already completed")


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        (
            chain_of({**ASK, "prompt": "Well?"}),
            "step 0 is completed, but the changed spec makes another kind of it",
        ),
        (spec_of("workflow", {"tasks": [{"id": "t", "agent": "ann"}]}, {}), "the pattern was chain"),
    ],
)
def test_a_spec_under_which_going_on_means_nothing_is_refused(spec: Spec, reason: str) -> None:
    refused = refusal(paused(), file=now(spec))
    assert refused.kind == "spec"
    assert refused.reason.startswith(reason)


def test_a_spec_without_a_step_that_is_done_is_refused() -> None:
    story = paused()
    story.respond("yes")
    refused = refusal(story, file=now(chain_of(WRITE)))
    assert refused == NotResumable("spec", "step 1 is completed, but the changed spec has only 1 steps")


@pytest.mark.parametrize(
    ("wishes", "reason"),
    [
        (Wishes(answer="yes", gate="steps/9"), "no question is open at steps/9"),
        (Wishes(budgets=(("max_tokens", 3),)), "max_tokens must be above the 7"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_and_nothing_has_happened(wishes: Wishes, reason: str) -> None:
    story = paused()
    before = story.session
    refused = refusal(story, wishes=wishes)
    assert refused.kind == "wish"
    assert refused.reason.startswith(reason)
    assert story.session == before


def test_the_spec_does_not_change_under_a_running_unit() -> None:
    story = Story(chain_of(WRITE, WRITE))
    story.begin("steps/0")
    other = chain_of(ASK)
    change = commands.ChangeSpec(at=story.later(), spec=other, source=source_of(other))
    assert story.refused(change).startswith("units are running")


# --- what is taken over ---------------------------------------------------------------------------------


def test_a_session_in_an_unchanged_world_just_goes_on() -> None:
    story = paused()
    taken = resumed(story, file=SpecNow(story.session.spec, story.session.source)).unwrap()
    assert ([event.type for event in taken.events], taken.notices) == (["session_resumed/2"], ())
    assert taken.session.resumed_from == story.session.spending.usage
    assert status(taken.session) == "paused"


def started_in(folder: str, out: str) -> Story:
    story = paused()
    options = Options(out=out, folder=folder)
    story.tell(commands.ChangeOptions(at=story.later(), options=options))
    here = replace(story.session.source, path=f"{folder}/w.yaml")
    story.tell(commands.ChangeSpec(at=story.later(), spec=story.session.spec, source=here))
    return story


def test_force_that_an_earlier_run_was_given_is_told_while_an_artifact_is_due() -> None:
    artifacts = {"artifacts": [{"path": "a.md", "from": "{{ last_response }}"}]}
    story = Story(chain_of(WRITE, ASK, outputs=artifacts))
    story.answer("steps/0")
    story.ask("steps/1")
    assert resumed(story).unwrap().notices == ()
    story.tell(commands.ChangeOptions(at=story.later(), options=Options(out="/out", force=True)))
    assert resumed(story).unwrap().notices == (ForceKept("/out"),)
    assert resumed(story, wishes=Wishes(force=True)).unwrap().notices == ()
    assert resumed(story, wishes=Wishes(out="/mine")).unwrap().notices == (ForceKept("/mine"),)


def moved(story: Story, path: str) -> SpecNow:
    return SpecNow(story.session.spec, replace(story.session.source, path=path))


def test_a_project_that_was_moved_takes_its_artifacts_with_it_and_is_not_called_changed() -> None:
    story = started_in("/old", "/old/out")
    taken = resumed(story, file=moved(story, "/new/w.yaml"), folder_gone=True).unwrap()
    assert taken.notices == (SpecMoved("/old/w.yaml", "/new/w.yaml", "/new/out"),)
    assert taken.session.source.path == "/new/w.yaml"
    assert taken.session.options == Options(out="/new/out", folder="/new")


def test_a_spec_at_another_place_leaves_a_folder_that_is_still_there_alone() -> None:
    story = started_in("/old", "/old/out")
    taken = resumed(story, file=moved(story, "/new/w.yaml")).unwrap()
    assert taken.session.options == story.session.options
    wished = resumed(story, file=moved(story, "/new/w.yaml"), folder_gone=True, wishes=Wishes(out="/mine"))
    assert wished.unwrap().session.options == Options(out="/mine", folder="/new")


def test_a_spec_that_came_from_no_file_gets_a_place_and_nothing_was_moved() -> None:
    story = started_in("/old", "/old/out")
    nameless = SpecNow(story.session.spec, replace(story.session.source, path=None))
    story.tell(commands.ChangeSpec(at=story.later(), spec=nameless.spec, source=nameless.source))
    taken = resumed(story, file=moved(story, "/new/w.yaml"), folder_gone=True).unwrap()
    assert (taken.notices, taken.session.source.path) == ((), "/new/w.yaml")
    assert taken.session.options == story.session.options


def test_a_changed_spec_is_taken_with_what_changed_and_completed_steps_keep_their_results() -> None:
    story = paused()
    reworded = chain_of(WRITE, ASK, {**WRITE, "input": "Go on from {{ last_response }}."})
    taken = resumed(story, file=now(reworded), wishes=Wishes(answer="yes")).unwrap()
    [notice] = taken.notices
    assert isinstance(notice, SpecTaken)
    assert notice.changes == ("pattern.config.steps[2].input changed",)
    assert [attempt.unit for attempt in wanted(taken.session)] == ["steps/2"]


def test_the_snapshot_runs_when_the_file_is_gone_or_when_it_is_asked_for() -> None:
    assert resumed(paused(), file=SpecGone("x.yaml")).unwrap().notices == (SnapshotTaken("x.yaml"),)
    assert resumed(paused(), file=None).unwrap().notices == ()


def test_edited_variables_hold_from_here_on_and_are_told() -> None:
    story = paused()
    taken = resumed(story, variables={"topic": "tunnels"}, edited=("topic",)).unwrap()
    assert taken.notices == (VariablesTaken(("topic",)),)
    assert taken.session.variables == {"topic": "tunnels"}


def test_options_are_kept_unless_the_person_says_otherwise_and_force_stays_on() -> None:
    story = paused()
    story.tell(commands.ChangeOptions(at=story.later(), options=Options(out="here", force=True)))
    kept = resumed(story).unwrap().session.options
    changed = resumed(story, wishes=Wishes(out="there")).unwrap().session.options
    assert (kept, changed) == (Options(out="here", force=True), Options(out="there", force=True))
    assert resumed(paused(), wishes=Wishes(force=True)).unwrap().session.options.force is True


def test_the_answer_is_heard_before_the_time_limit_is_looked_at() -> None:
    story = Story(chain_of({**ASK, "default": "no", "timeout_seconds": 5}))
    story.ask("steps/0")
    stand = verdict(resumed(story, wishes=Wishes(answer="yes")).unwrap().session)
    assert isinstance(stand, Finished)
    assert stand.result == "yes"


def test_a_time_limit_that_passed_meanwhile_takes_the_default() -> None:
    story = Story(chain_of({**ASK, "default": "no", "timeout_seconds": 5}))
    story.ask("steps/0")
    stand = verdict(resumed(story).unwrap().session)
    assert isinstance(stand, Finished)
    assert stand.result == "no"


def test_a_budget_is_raised_and_a_question_reworded_in_one_go() -> None:
    story = Story(chain_of(WRITE, ASK, runtime={"budgets": {"max_tokens": 5}}))
    story.answer("steps/0")
    story.ask("steps/1")
    reworded = chain_of(WRITE, {**ASK, "prompt": "Sure?"}, runtime={"budgets": {"max_tokens": 5}})
    taken = resumed(story, file=now(reworded), wishes=Wishes(budgets=(("max_tokens", 99),))).unwrap()
    assert open_gates(taken.session) == ()
    assert taken.session.budgets.max_tokens == 99


# --- variables edited in session.json -------------------------------------------------------------------


@pytest.mark.parametrize(
    "view",
    [
        None,
        {},
        {"as_of": "3", "variables": {"topic": "x"}},
        {"as_of": 1},
        {"as_of": 1, "variables": ["topic"]},
    ],
)
def test_a_view_that_is_missing_or_makes_no_sense_tells_nothing(view: dict[str, Any] | None) -> None:
    assert edited_variables(paused().journal, view) == {}


def test_variables_that_were_changed_or_added_are_found() -> None:
    story = Story(chain_of(WRITE), count=1, names=["a"])
    shown = {"topic": "tunnels", "count": 1, "names": ["a"], "more": None}
    view = {"as_of": 1, "variables": shown}
    assert edited_variables(story.journal, view) == {"topic": "tunnels", "more": None}


def test_true_written_over_one_is_an_edit_although_python_thinks_them_equal() -> None:
    story = Story(chain_of(WRITE), count=1)
    view = {"as_of": 1, "variables": {"topic": "bridges", "count": True}}
    assert edited_variables(story.journal, view) == {"count": True}


def test_a_view_that_trails_the_journal_is_compared_with_the_variables_of_its_own_time() -> None:
    story = Story(chain_of(WRITE))
    story.tell(commands.EditVariables(at=story.later(), variables={"topic": "tunnels"}))
    old = {"as_of": 1, "variables": {"topic": "bridges"}}
    new = {"as_of": 2, "variables": {"topic": "bridges"}}
    assert edited_variables(story.journal, old) == {}
    assert edited_variables(story.journal, new) == {"topic": "bridges"}


def test_what_happens_between_two_changes_of_the_variables_does_not_count_as_an_edit() -> None:
    story = Story(chain_of(WRITE))
    story.answer("steps/0")
    view = {"as_of": len(story.journal), "variables": {"topic": "bridges"}}
    assert edited_variables(story.journal, view) == {}


# --- orders: what a person decides while nobody drives the session -----------------------------------------


def test_an_order_takes_over_the_edits_of_a_person_before_it_decides() -> None:
    story = paused()
    ordered = order(
        story.session, commands.AnswerGate(at=story.later(1), unit=None, text="yes"), {"topic": "dams"}
    )
    after, edits, decided = ordered.unwrap()
    assert [event.type for event in (*edits, *decided)] == ["variables_edited/1", "gate_answered/1"]
    assert (after.variables["topic"], after.seq) == ("dams", story.session.seq + 2)
    assert not open_gates(after)


def test_an_order_without_edits_is_committed_alone() -> None:
    story = paused()
    ordered = order(story.session, commands.AnswerGate(at=story.later(1), unit=None, text="yes"), {}).unwrap()
    assert (ordered.edits, len(ordered.decided)) == ((), 1)


def test_an_order_that_decides_nothing_leaves_the_edits_for_the_next_resume() -> None:
    story = paused()
    ordered = order(story.session, commands.Tick(at=story.later(1)), {"topic": "dams"}).unwrap()
    assert ordered == (story.session, (), ())


def test_an_order_that_is_refused_changes_nothing() -> None:
    story = paused()
    refused = order(story.session, commands.AnswerGate(at=story.later(1), unit="steps/9", text="yes"), {})
    assert "steps/9" in refused.failure().problem


def test_only_a_completed_session_can_never_be_resumed() -> None:
    story = Story(chain_of(WRITE))
    assert not_resumable(story.session) is None
    story.answer("steps/0")
    assert not_resumable(story.session) == refusal(story)
