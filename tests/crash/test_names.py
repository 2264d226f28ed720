"""SIGKILL at the calls that touch a named session: what runs under that name again pays for nothing twice."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.support.folders import answered_units, completed_units, document, events, sessions
from tests.support.night import NIGHTLY
from tests.support.program import Ran, run, script

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
KILLED = script(Path(__file__).with_name("killed_at.py"), "program")

HOW = ("before", "after", "torn")
POINTS = 20 if NIGHTLY else 4
"""Calls at which a run is killed: by day those of its beginning, when its name is taken, and one more."""


def begin(home: Path, *more: str, nth: int = 0, how: str = "before", example: str = "chain-research") -> Ran:
    spec = EXAMPLES / f"{example}.yaml"
    argv = (
        "run",
        spec,
        "--var",
        "topic=tides",
        "--var",
        "product=tea",
        "--name",
        "tides",
        "--force",
        "--no-input",
        *more,
    )
    return run(str(nth), how, home / "log", *argv, home=home, cwd=home, program=KILLED)


def called(home: Path) -> Counter[str]:
    """The model calls made so far; the log starts anew."""
    log = home / "log"
    lines = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return Counter(line for line in lines if not line.startswith("calls "))


def name_of(session: Path) -> str:
    """What the journal says that the session is called."""
    kinds = ("session_started", "session_renamed")
    return str([event["name"] for event in events(session) if event["type"].startswith(kinds)][-1])


def is_completed(session: Path) -> bool:
    return bool(document(session, "session.json")["metadata"]["status"] == "completed")


@cache
def calls_of_a_calm_run() -> int:
    home = Path(mkdtemp())
    assert begin(home).returncode == 0
    return int((home / "log").read_text().splitlines()[-1].removeprefix("calls "))


@pytest.mark.parametrize("point", range(POINTS))
@pytest.mark.parametrize("how", HOW)
def test_a_run_killed_anywhere_and_given_again_with_auto_resume_pays_for_each_unit_once(
    how: str, point: int, tmp_path: Path
) -> None:
    nth = 1 + (point * 5 + HOW.index(how) * 3) % calls_of_a_calm_run()
    first = begin(tmp_path, "--auto-resume", nth=nth, how=how)
    if first.returncode == 0:
        return  # it ended before it made so many calls
    paid = called(tmp_path)
    done = {unit for one in sessions(tmp_path) for unit in completed_units(one)}
    answered = {unit for one in sessions(tmp_path) for unit in answered_units(one)}
    again = begin(tmp_path, "--auto-resume")
    if again.returncode == 2:
        assert "already completed" in again.stderr
    else:
        assert again.returncode == 0, again.stderr
    assert len(sessions(tmp_path)) == 1
    assert not (done | answered) & set(called(tmp_path)), f"paid for again after call {nth}: {paid}"


@pytest.mark.parametrize("point", range(POINTS))
@pytest.mark.parametrize("how", HOW)
def test_a_run_killed_while_it_takes_a_name_away_leaves_the_name_to_one_session(
    how: str, point: int, tmp_path: Path
) -> None:
    assert begin(tmp_path, example="chain-approval").returncode == 19
    [old] = sessions(tmp_path)
    done = completed_units(old)
    nth = 1 + point * 5 + HOW.index(how) * 2
    if begin(tmp_path, "--replace", nth=nth, how=how).returncode == 0:
        return  # it ended before it made so many calls
    assert completed_units(old) == done
    assert name_of(old) in {"tides", "tides.old"}
    named = [one for one in sessions(tmp_path) if name_of(one) == "tides"]
    assert len(named) <= 1
    again = begin(tmp_path, "--replace")
    assert again.returncode == 0, again.stderr
    assert name_of(old) == "tides.old"
    names = Counter(name_of(one) for one in sessions(tmp_path) if one == old or not is_completed(one))
    assert max(names.values()) == 1, names
    resumed = run("resume", "tides.old", "--hitl-response", "yes", home=tmp_path, cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
