"""The options of a run: where answers, artifacts and sessions go, and how much is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.research import SPEC, run_it, work_folder
from tests.support.folders import everything_below, id_of, only_session, sessions
from tests.support.program import run

OUTPUTS = """\
outputs:
  artifacts:
    - {path: "report.md", from: "# {{ topic }}: {{ last_response }}"}
    - {path: "by-topic/{{ topic }}.txt", from: "{{ steps[0].response }}"}
"""


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """A home whose work folder holds the workflow, with artifacts."""
    (work_folder(tmp_path) / "outputs.yaml").write_text(SPEC + OUTPUTS)
    return tmp_path


ARTIFACTS = {"report.md": b"# tides: the report", "by-topic": None, "by-topic/tides.txt": b"the facts"}


def test_artifacts_go_to_the_out_folder_whole_and_with_their_names_filled_in(user: Path) -> None:
    ran = run(
        "run", "outputs.yaml", "--var", "topic=tides", "--out", "deep/out", home=user, cwd=user / "work"
    )
    assert ran.returncode == 0, ran.stderr
    assert everything_below(user / "work" / "deep" / "out") == ARTIFACTS
    assert "Artifact written: report.md" in ran.stderr.splitlines()
    assert "Artifact written: by-topic/tides.txt" in ran.stderr.splitlines()


def test_artifacts_go_to_artifacts_unless_told_otherwise(user: Path) -> None:
    ran = run("run", "outputs.yaml", "--var", "topic=tides", home=user, cwd=user / "work")
    assert ran.returncode == 0, ran.stderr
    assert everything_below(user / "work" / "artifacts") == ARTIFACTS


def test_an_artifact_that_is_there_already_is_refused_before_anything_runs(user: Path) -> None:
    there = user / "work" / "artifacts" / "report.md"
    there.parent.mkdir()
    there.write_text("mine")
    before = everything_below(user)
    ran = run("run", "outputs.yaml", "--var", "topic=tides", home=user, cwd=user / "work")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.splitlines() == [
        f"Error: Artifact exists already: {there}",
        "To overwrite it: --force. Nothing has run.",
    ]
    assert everything_below(user) == before
    ran = run("run", "outputs.yaml", "--var", "topic=tides", "--force", home=user, cwd=user / "work")
    assert ran.returncode == 0, ran.stderr
    assert there.read_text() == "# tides: the report"


def test_an_artifact_that_appears_in_mid_run_fails_the_run_and_a_resume_with_force_goes_on(
    user: Path,
) -> None:
    there = user / "work" / "artifacts" / "by-topic" / "tides.txt"  # its name is only known in the end
    there.parent.mkdir(parents=True)
    there.write_text("mine")
    ran = run("run", "outputs.yaml", "--var", "topic=tides", home=user, cwd=user / "work")
    assert ran.returncode == 12
    assert f"{there} is there already with other content; --force replaces it" in ran.stderr
    assert ran.stderr.endswith(f"To resume: strands run --resume {id_of(only_session(user))}\n")
    assert there.read_text() == "mine"
    (user / "work" / "script.yaml").write_text("rules: [{fault: refused}]")  # nothing may be called again
    ran = run("resume", "@latest", "--force", home=user)
    assert (ran.returncode, ran.stdout) == (0, "the report\n"), ran.stderr
    assert there.read_text() == "the facts"


def test_an_artifact_never_leaves_its_folder(user: Path) -> None:
    (user / "work" / "outputs.yaml").write_text(SPEC + OUTPUTS.replace("by-topic/", "../"))
    ran = run("run", "outputs.yaml", "--var", "topic=tides", home=user, cwd=user / "work")
    assert ran.returncode != 0
    assert not (user / "work" / "tides.txt").exists()
    assert "tides.txt" in ran.stderr or "../" in ran.stderr


def test_a_run_that_keeps_no_session_writes_nothing(user: Path) -> None:
    before = everything_below(user)
    ran = run_it(user, "--no-save-session")
    assert (ran.returncode, ran.stdout) == (0, "the report\n")
    assert "Session ID" not in ran.stderr
    assert everything_below(user) == before


def test_json_is_all_that_a_run_prints_when_asked_for(user: Path) -> None:
    ran = run("run", "outputs.yaml", "--var", "topic=tides", "--json", home=user, cwd=user / "work")
    printed = json.loads(ran.stdout)
    assert printed["session_id"] == id_of(only_session(user))
    assert printed["workflow"] == "research-chain"
    assert (printed["status"], printed["exit_code"], printed["error"]) == ("completed", 0, None)
    assert printed["result"] == "the report"
    assert printed["token_usage"]["total_input_tokens"] == 6000
    assert [one["path"] for one in printed["artifacts"]] == ["report.md", "by-topic/tides.txt"]


def test_json_tells_of_a_failure_too(user: Path) -> None:
    (user / "work" / "script.yaml").write_text("rules: [{fault: refused}]")
    ran = run("run", "research.yaml", "--var", "topic=tides", "--json", home=user, cwd=user / "work")
    printed = json.loads(ran.stdout)
    assert ran.returncode == 10
    assert (printed["status"], printed["exit_code"], printed["result"]) == ("failed", 10, None)
    assert printed["error"].startswith("steps/0: ")


def test_quiet_leaves_only_the_result(user: Path) -> None:
    ran = run_it(user, "--quiet")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "the report\n", "")


def test_quiet_does_not_hide_a_failure(user: Path) -> None:
    (user / "work" / "script.yaml").write_text("rules: [{fault: refused}]")
    ran = run("run", "research.yaml", "--var", "topic=tides", "--quiet", home=user, cwd=user / "work")
    assert (ran.returncode, ran.stdout) == (10, "")
    assert ran.stderr.startswith("Error: Workflow failed: steps/0: ")


def test_each_attempt_is_numbered_and_why_the_last_one_failed_is_said_once(user: Path) -> None:
    (user / "work" / "script.yaml").write_text("rules: [{fault: server}]")
    spec = user / "work" / "research.yaml"
    spec.write_text(spec.read_text().replace("{retries: 0}", "{retries: 1, backoff: constant, wait_min: 0}"))
    ran = run("run", "research.yaml", "--var", "topic=tides", home=user, cwd=user / "work")
    tried, failed, ended, resume = ran.stderr.splitlines()[-4:]
    assert tried.startswith("Step 1/3: researcher - RETRY now (attempt 1 of 2: scripted ")
    assert failed == "Step 1/3: researcher - FAILED (attempt 2 of 2)"
    assert ended.startswith("Error: Workflow failed: steps/0: scripted ")
    assert resume.startswith("To resume: ")


def test_verbose_says_when_a_step_begins(user: Path) -> None:
    ran = run_it(user, "--verbose")
    assert ran.stderr.splitlines()[2:4] == [
        "Step 1/3: researcher - RUNNING",
        "Step 1/3: researcher - COMPLETE (2000 tokens)",
    ]


def test_a_workflow_can_come_by_a_pipe_and_is_resumed_from_its_snapshot(user: Path) -> None:
    (user / "work" / "script.yaml").write_text("rules: [{fault: refused}]")
    ran = run("run", "-", "--var", "topic=tides", home=user, cwd=user / "work", input=SPEC)
    assert ran.returncode == 10, ran.stderr
    work_folder(user)  # with the script as it should be
    ran = run("resume", "@latest", home=user, cwd=user / "work")
    assert (ran.returncode, ran.stdout) == (0, "the report\n"), ran.stderr
    assert "⚠" not in ran.stderr


def test_a_variable_file_and_a_variable_go_together(user: Path) -> None:
    (user / "work" / "vars.json").write_text('{"topic": "moons", "tone": "warm"}')
    argv = ["run", "research.yaml", "--var-file", "vars.json", "--var", "topic=tides", "--json"]
    assert run(*argv, home=user, cwd=user / "work").returncode == 0
    variables = json.loads(run("sessions", "show", "@latest", "--json", home=user).stdout)["variables"]
    assert variables == {"topic": "tides", "tone": "warm"}


def test_a_home_can_be_moved(user: Path) -> None:
    work = work_folder(user)
    elsewhere = {"STRANDS_HOME": str(user / "elsewhere" / "deep")}
    ran = run("run", "research.yaml", "--var", "topic=tides", home=user, cwd=work, env=elsewhere)
    assert ran.returncode == 0
    assert sessions(user) == []
    assert len(run("sessions", "list", home=user, env=elsewhere).stdout.splitlines()) == 3


def test_what_is_kept_is_for_its_owner_alone(user: Path) -> None:
    assert run_it(user).returncode == 0
    for path in [user / ".strands", *(user / ".strands").rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
