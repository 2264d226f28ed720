"""Names of sessions: whoever runs a workflow under a name again never pays for the same work twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from durable_shell.store.files.folders import lock_names
from durable_shell.store.port import NAMING_BUSY
from tests.support.folders import completed_units, document, events, sessions
from tests.support.home import Home
from tests.support.program import Ran, run, start, wait_until
from tests.support.workflows import DIGEST, DIGEST_FAILS, DIGEST_WORKS, TALE, WAITING

HANGS = {"rules": [{"answer": "costly facts", "delay": 600}]}

DONE, USAGE, FAILED, UNUSABLE, PAUSED = 0, 2, 10, 17, 19


class Runner:
    """A machine on which jobs run one after another: its home outlives them."""

    def __init__(self, folder: Path) -> None:
        self.home = folder
        (folder / "work").mkdir()
        (folder / "work" / "digest.yaml").write_text(DIGEST)
        self.script(DIGEST_FAILS)

    def script(self, rules: object) -> None:
        (self.home / "work" / "script.json").write_text(json.dumps(rules))

    def strands(self, *argv: str) -> Ran:
        return run(*argv, "--no-input", home=self.home, cwd=self.home / "work")

    def begin(self, *more: str, name: str = "digest") -> Ran:
        return self.strands("run", "digest.yaml", "--name", name, *more)

    def paid(self) -> list[str]:
        return sorted(unit for one in sessions(self.home) for unit in completed_units(one))


@pytest.fixture
def job(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


@pytest.fixture
def user(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_a_resume_or_else_a_run_under_the_same_name_pays_for_each_step_once(job: Runner) -> None:
    for _ in range(3):
        if job.strands("resume", "digest").returncode != DONE:
            job.begin()
        assert job.paid() == ["steps/0"]
    job.script(DIGEST_WORKS)
    assert job.strands("resume", "digest").returncode == DONE
    assert job.paid() == ["steps/0", "steps/1"]
    assert job.strands("resume", "digest").returncode == USAGE
    assert job.begin("--force").returncode == DONE  # it is completed: the next digest is another one
    assert len(sessions(job.home)) == 2


def test_auto_resume_takes_the_session_of_that_name_and_no_other(job: Runner) -> None:
    assert [job.begin("--auto-resume").returncode for _ in range(3)] == [FAILED] * 3
    assert job.paid() == ["steps/0"]
    assert job.begin("--auto-resume", name="another").returncode == FAILED
    assert len(sessions(job.home)) == 2
    changed = job.begin("--auto-resume", "--var", "source=mail")
    assert (changed.returncode, "is in use" in changed.stderr) == (USAGE, True)
    job.script(DIGEST_WORKS)
    assert job.begin("--auto-resume").returncode == DONE
    assert job.paid() == ["steps/0", "steps/0", "steps/1"]


def test_a_name_in_use_is_refused_before_anything_runs_and_the_way_on_is_named(user: Home) -> None:
    one = user.run(WAITING, name="letter", expect=PAUSED)
    assert user.strands("run", "tale.yaml", "--var", "topic=winds", "--name", "letter") == USAGE
    assert user.err == (
        f"Error: The name letter is in use by session {one}, which is paused\n"
        f"Nothing has run. To resume it: strands resume {one}\n"
        "To call that one letter.old and begin another: --replace\n"
    )
    assert user.ids() == [one]
    assert user.strands("run", "tale.yaml", "--var", "topic=winds", "--name", "letters") == PAUSED


def test_replace_renames_the_session_that_has_the_name_and_says_to_what(user: Home) -> None:
    one = user.run(WAITING, name="letter", expect=PAUSED)
    again = ("run", "tale.yaml", "--var", "topic=winds", "--name", "letter", "--replace")
    assert user.strands(*again) == PAUSED
    assert user.err.startswith(f"Session {one} is called letter.old now.\nSession ID: ")
    [two] = set(user.ids()) - {one}
    assert user.strands(*again) == PAUSED
    assert user.err.startswith(f"Session {two} is called letter.old-2 now.\n")
    names = {one.name[8:]: document(one, "session.json")["metadata"]["name"] for one in sessions(user.path)}
    assert sorted(names.values()) == ["letter", "letter.old", "letter.old-2"]
    assert (names[one], names[two]) == ("letter.old", "letter.old-2")
    assert user.strands("sessions", "verify") == DONE, user.out
    assert user.strands("sessions", "answer", "letter.old", "yes") == DONE, user.err
    assert user.strands("resume", "letter.old") == DONE, user.err
    assert user.strands("sessions", "show", "letter", "--json") == DONE
    assert json.loads(user.out)["metadata"]["status"] == "paused"


def test_replace_without_a_name_is_refused_and_with_a_free_one_does_nothing(user: Home) -> None:
    (user.path / "tale.yaml").write_text(TALE)
    assert user.strands("run", "tale.yaml", "--var", "topic=x", "--replace") == USAGE
    assert user.err.startswith("Error: --replace goes with --name NAME")
    assert user.strands("run", "tale.yaml", "--var", "topic=x", "--name", "one", "--replace") == DONE
    assert "is called" not in user.err
    for other in ("--auto-resume", "--no-save-session"):
        argv = ("run", "tale.yaml", "--var", "topic=x", "--name", "one", "--replace", other)
        assert user.strands(*argv) == USAGE
        assert "do not go together" in user.err


def test_a_name_of_completed_sessions_is_free_and_means_the_one_that_is_not(user: Home) -> None:
    done = [user.run(name="letter"), user.run(name="letter")]
    assert user.strands("sessions", "show", "letter") == USAGE
    assert "More than one session fits" in user.err
    paused = user.run(WAITING, name="letter", expect=PAUSED)
    assert user.strands("sessions", "show", "letter") == DONE
    assert paused in user.out
    assert user.strands("resume", "letter", "--hitl-response", "yes") == DONE
    assert user.strands("sessions", "verify", "letter") == USAGE
    assert sorted([*done, paused]) == user.ids()


def test_to_delete_a_name_of_several_an_id_is_needed(user: Home) -> None:
    user.run(name="letter")
    user.run(WAITING, name="letter", expect=PAUSED)
    assert user.strands("sessions", "delete", "letter", "--force") == USAGE
    assert len(user.ids()) == 2


def test_a_run_that_keeps_no_session_needs_no_name(user: Home) -> None:
    user.run(WAITING, name="letter", expect=PAUSED)
    argv = ("run", "tale.yaml", "--var", "topic=x", "--name", "letter", "--no-save-session")
    assert user.strands(*argv) == PAUSED, user.err


def test_a_name_in_use_by_a_running_session_is_refused_and_not_taken_away(user: Home) -> None:
    one = user.run(WAITING, name="letter", expect=PAUSED)
    argv = ("run", "tale.yaml", "--var", "topic=x", "--name", "letter")
    with user.driven(one):
        assert user.strands(*argv) == USAGE
        assert f"in use by session {one}" in user.err
        assert user.strands(*argv, "--replace") == UNUSABLE
        assert "is in use by process" in user.err
    assert user.ids() == [one]
    assert user.strands(*argv, "--replace") == PAUSED


@pytest.mark.parametrize("spoiled", ["gone", "{", "{}"])
def test_a_session_whose_view_is_lost_keeps_its_name(spoiled: str, job: Runner) -> None:
    assert job.begin().returncode == FAILED
    [one] = sessions(job.home)
    if spoiled == "gone":
        (one / "session.json").unlink()
    else:
        (one / "session.json").write_text(spoiled)
    refused = job.begin()
    assert refused.returncode == USAGE
    assert f"in use by session {one.name[8:]}, which is failed" in refused.stderr
    assert job.begin("--auto-resume").returncode == FAILED
    assert "Resuming session" in job.begin("--auto-resume").stderr
    assert job.paid() == ["steps/0"]


def test_a_session_whose_view_is_lost_is_found_by_its_name(job: Runner) -> None:
    assert job.begin().returncode == FAILED
    [one] = sessions(job.home)
    (one / "session.json").unlink()
    job.script(DIGEST_WORKS)
    assert job.strands("resume", "digest").returncode == DONE
    assert job.paid() == ["steps/0", "steps/1"]


@pytest.mark.parametrize("line", [2, -1])
def test_a_damaged_session_keeps_its_name_until_it_is_repaired_or_deleted(line: int, user: Home) -> None:
    one = user.run(WAITING, name="letter", expect=PAUSED)
    user.damage(one, line if line > 0 else len(user.lines(one)))
    (user.folder(one) / "session.json").unlink()
    argv = ("run", "tale.yaml", "--var", "topic=x", "--name", "letter")
    assert user.strands(*argv) == USAGE
    assert user.err == (
        f"Error: The name letter is in use by session {one}, which is damaged\n"
        f"Nothing has run. To repair it: strands sessions repair {one}\n"
    )
    assert user.strands(*argv, "--replace") == UNUSABLE
    assert user.strands("sessions", "delete", one, "--force") == DONE
    assert user.strands(*argv) == PAUSED


def test_of_runs_that_begin_at_once_with_one_name_one_begins(job: Runner) -> None:
    job.script(HANGS)
    argv = ("run", "digest.yaml", "--name", "digest", "--no-input")
    processes = [start(*argv, home=job.home, cwd=job.home / "work") for _ in range(4)]
    try:
        wait_until(lambda: sum(one.poll() is not None for one in processes) >= 3, "all but one are refused")
        ended = [one for one in processes if one.poll() is not None]
        assert [one.returncode for one in ended] == [USAGE] * 3
        for one in ended:
            assert "The name digest is in use by session" in one.communicate()[1]
        [session] = sessions(job.home)
        assert [event["type"] for event in events(session)][:1] == ["session_started/2"]
    finally:
        for one in processes:
            one.kill()
            one.communicate()


def test_who_names_sessions_and_never_ends_is_not_waited_for_without_end(
    user: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    user.run(name="letter")
    monkeypatch.setattr("durable_shell.store.files.folders.NAMING_S", 0.05)
    held = lock_names(str(user.path / ".strands"))
    argv = ("run", "tale.yaml", "--var", "topic=x", "--name", "letter")
    assert user.strands(*argv) == 12
    assert NAMING_BUSY in user.err
    assert "Nothing was run." in user.err
    held.let_go()
    held.let_go()
    assert user.strands(*argv) == DONE
