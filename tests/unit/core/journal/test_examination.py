"""What follows from what an examination found."""

from __future__ import annotations

import pytest

from durable_core.journal.examination import Examination, examined
from durable_core.journal.verification import Finding, Inconsistency, Loss, NewerLine, Remedy

NOTHING = Loss()


def seen(*findings: tuple[Remedy, int], newer: NewerLine | None = None) -> Examination:
    found = tuple(Finding("a file", line, "a problem", remedy) for remedy, line in findings)
    return Examination((), found, NOTHING, newer)


@pytest.mark.parametrize(
    ("findings", "whole", "hopeless", "cuts"),
    [
        ([], True, False, False),
        ([("resume", 0)], True, False, False),
        ([("resume", 7)], True, False, True),  # a half-written end
        ([("repair", 0)], False, False, False),
        ([("repair", 0), ("cut", 0)], False, False, True),
        ([("delete", 1)], False, True, True),
    ],
)
def test_what_is_found_says_whether_a_session_is_whole_and_what_a_repair_would_do(
    findings: list[tuple[Remedy, int]], whole: bool, hopeless: bool, cuts: bool
) -> None:
    examined = seen(*findings)
    assert (examined.whole, examined.hopeless, examined.cuts) == (whole, hopeless, cuts)


@pytest.mark.parametrize(
    ("remedy", "lost", "loses"),
    [
        ("cut", Loss(("steps/1",), 0), True),
        ("cut", Loss((), 2), True),
        ("cut", NOTHING, False),
        ("repair", Loss(("steps/1",), 0), False),
    ],
)
def test_only_a_cut_with_something_behind_it_loses_work(remedy: Remedy, lost: Loss, loses: bool) -> None:
    found = (Finding("a file", 0, "a problem", remedy),)
    assert Examination((), found, lost).loses_work is loses


def test_a_session_that_a_later_version_wrote_is_not_known_to_be_whole_and_not_ours_to_repair() -> None:
    examined = seen(("upgrade", 3), newer=NewerLine(3, "unit_praised/1"))
    assert (examined.whole, examined.hopeless) == (False, True)


def test_only_views_are_written_anew_and_a_journal_that_is_missing_is_none() -> None:
    journal = Finding("s/journal", 0, "the journal is missing", "delete")
    view = Finding("s/agents/ann/agent.json", 0, "it is missing", "repair", "agents/ann/agent.json")
    behind = Finding("s/session.json", 0, "it is behind the journal", "resume", "session.json")
    assert Examination((), (journal, view, behind), NOTHING).views == (
        "agents/ann/agent.json",
        "session.json",
    )


WRONG_VIEW = Finding("s/session.json", 0, "it is missing", "repair", "session.json")
INCONSISTENT = Inconsistency(3, "the chain is broken")


def judged(
    wrong: Inconsistency | None, newer: NewerLine | None = None, *, torn: int = 0, driven: bool = False
) -> Examination:
    lost, views = Loss(("steps/0",)), (WRONG_VIEW,)
    return examined(
        "journal", (), wrong, newer, torn=torn, lost=lost, driven=driven, view_findings=lambda: views
    )


def test_views_are_held_to_a_journal_that_is_right_and_to_no_other() -> None:
    assert judged(None).findings == (WRONG_VIEW,)
    for broken in (judged(INCONSISTENT), judged(None, NewerLine(1, "unit_praised/1"))):
        assert WRONG_VIEW not in broken.findings
        assert broken.findings
        assert broken.lost == Loss(("steps/0",))


def test_of_a_session_that_is_driven_the_journal_is_judged_and_neither_its_end_nor_the_views() -> None:
    running = judged(None, torn=7, driven=True)
    assert (running.findings, running.whole, running.driven) == ((), True, True)
    assert [one.line for one in judged(None, torn=7).findings] == [1, 0]
    damaged = judged(INCONSISTENT, driven=True)
    assert (len(damaged.findings), damaged.whole) == (1, False)


def test_messages_that_the_journal_never_had_are_not_moved_aside_unasked_though_nothing_be_cut() -> None:
    surplus = Finding("s/agents/ann/messages/message_9.json", 0, "no conversation has it", "repair", "a")
    assert Examination((), (surplus,), Loss(messages=1)).loses_work
    assert not Examination((), (surplus,), NOTHING).loses_work


def test_a_session_without_a_journal_is_hopeless() -> None:
    gone = judged(Inconsistency(0, "the journal is missing"))
    assert gone.findings == (Finding("journal", 0, "the journal is missing", "delete"),)
    assert (gone.hopeless, gone.views) == (True, ())
