"""SIGKILL at the calls that touch a session: of each pattern, before, after and in the middle of each.

In ``make test`` a few calls of each pattern, spread over the run; every night hundreds.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.support.folders import answered_units, completed_units, conversations, document, sessions
from tests.support.night import NIGHTLY
from tests.support.program import Ran, run, script

ROOT = Path(__file__).parents[2]
EXAMPLES = (
    "chain-research",
    "workflow-report",
    "parallel-views",
    "routing-support",
    "evaluator-polish",
    "orchestrator-research",
    "graph-triage",
)
"""One of each pattern, without questions to people."""

KILLED = script(Path(__file__).with_name("killed_at.py"), "program")

HOW = ("before", "after", "torn")
POINTS = 27 if NIGHTLY else 1
"""Calls at which each example is killed, in each of the three ways: 567 kills a night."""


def strands(home: Path, *argv: str, nth: int = 0, how: str = "before") -> Ran:
    work = home / "work"
    work.mkdir(exist_ok=True)
    return run(str(nth), how, home / "log", *argv, home=home, cwd=work, program=KILLED)


def begin(home: Path, example: str, nth: int = 0, how: str = "before") -> Ran:
    spec = str(ROOT / "docs" / "examples" / f"{example}.yaml")
    return strands(home, "run", spec, "--var", "topic=tides", nth=nth, how=how)


def called(home: Path) -> Counter[str]:
    """The model calls made so far; the log starts anew."""
    log = home / "log"
    lines = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return Counter(line for line in lines if not line.startswith("calls "))


def artifacts(home: Path) -> dict[str, str]:
    out = home / "work" / "artifacts"
    return {str(path.relative_to(out)): path.read_text() for path in out.rglob("*") if path.is_file()}


@cache
def calm(example: str) -> tuple[int, str, dict[str, str], Counter[str]]:
    """A run that nobody kills: how many calls touch its files, its answer, its artifacts, its model calls."""
    home = Path(mkdtemp())
    ended = begin(home, example)
    assert ended.returncode == 0, ended.stderr
    count = int((home / "log").read_text().splitlines()[-1].removeprefix("calls "))
    return count, ended.stdout, artifacts(home), called(home)


def killed_in(folder: Path, example: str, nth: int, how: str) -> Path:
    """The home of a user whose run was killed at its ``nth`` call.

    Views are written when there is time for it, so a run may end before it makes so many calls: then the
    next one is killed at half the number.
    """
    while nth:
        home = folder / str(nth)
        home.mkdir()
        ended = begin(home, example, nth, how)
        if ended.returncode == -9:
            return home
        assert ended.returncode == 0, ended.stderr
        nth //= 2
    raise AssertionError("no run was ever killed")


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("point", range(POINTS))
def test_killed_at_any_call_a_session_goes_on_and_pays_for_nothing_twice(
    example: str, how: str, point: int, tmp_path: Path
) -> None:
    count, answer, files, calls = calm(example)
    # spread over the run, and elsewhere for each way, so that together they fill the gaps
    nth = 1 + (point * count + (HOW.index(how) * 2 + 1) * count // 6) // POINTS % count
    home = killed_in(tmp_path, example, nth, how)
    paid = called(home)
    known = sessions(home)
    if not known:  # nothing was committed yet: there is no session, and nothing was paid for
        assert not paid
        return
    (session,) = known
    done, answered = completed_units(session), answered_units(session)
    assert answered <= set(paid)
    resumed = strands(home, "resume", session.name.removeprefix("session_"))
    if resumed.returncode == 2:
        assert "already completed" in resumed.stderr
    else:
        assert (resumed.returncode, resumed.stdout) == (0, answer), resumed.stderr
    again = called(home)
    assert not set(done) & set(again), f"called again after call {nth} of {count}"
    assert max(again.values(), default=1) == 1
    # an answer may be in the journal whose unit is not completed yet: it is paid for, and taken from there
    assert calls.keys() - set(done) - set(again) <= answered, "neither answered before nor called again"
    assert artifacts(home) == files
    assert document(session, "session.json")["metadata"]["status"] == "completed"
    for turns in conversations(session).values():
        assert [role for role, _ in turns] == ["user", "assistant"] * (len(turns) // 2)
