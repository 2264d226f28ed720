"""What may change between a crash and a resume: the spec file, its being there at all, and the variables."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.cli.research import SPEC, kill_it_in_the_last_step
from tests.support.folders import conversations, document, everything_below, id_of, only_session
from tests.support.program import run

OUTPUTS = """\
outputs:
  artifacts:
    - {path: "{{ topic }}.md", from: "{{ last_response }} ({{ steps | length }} steps)"}
"""


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A home with a session killed in its last step, and a copy of that home."""
    home, copy = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("copy")
    kill_it_in_the_last_step(home)
    shutil.copytree(home, copy, dirs_exist_ok=True)
    return home, copy


@pytest.fixture
def user(pristine: tuple[Path, Path]) -> Path:
    """That home, as it was after the kill: a session knows its spec by its full path, so the place is one."""
    home, copy = pristine
    shutil.rmtree(home)
    return Path(shutil.copytree(copy, home))


def write_spec(user: Path, text: str) -> None:
    (user / "work" / "research.yaml").write_text(text)


def short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def asked_of_the_writer(user: Path) -> str:
    """What the last step was sent."""
    return conversations(only_session(user))["writer"][0][1]


# --- the spec file -------------------------------------------------------------------------------------


def test_a_fixed_prompt_and_new_outputs_are_taken_up_with_a_warning(user: Path) -> None:
    changed = (
        SPEC.replace("A {{ tone }} report", "A {{ tone }}, short report").replace("find facts", "lie")
        + OUTPUTS
    )
    write_spec(user, changed)
    ran = run("run", "--resume", "@latest", "--out", "out", home=user)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "the report\n"
    assert ran.stderr.splitlines() == [
        f"Resuming session: {id_of(only_session(user))[:8]}...",
        "⚠ Warning: Spec file has changed since session creation",
        f"Original: {short_hash(SPEC)}...",
        f"Current:  {short_hash(changed)}...",
        "  agents.researcher.prompt changed",
        "  pattern.config.steps[2].input changed",
        "  outputs added",
        "Continuing with execution...",
        "Skipping completed step 0: researcher",
        "Skipping completed step 1: analyst",
        "Step 3/3: writer - COMPLETE (3000 tokens)",
        "Artifact written: tides.md",
        "✓ Workflow complete",
        "Total tokens: 8000 (5000 from resumed session + 3000 new)",
    ]
    assert asked_of_the_writer(user) == "A dry, short report on the patterns"
    assert (user / "out" / "tides.md").read_text() == "the report (3 steps)"
    steps = document(only_session(user), "pattern_state.json")["step_history"]
    assert [step["response"] for step in steps] == ["the facts", "the patterns", "the report"]


def test_the_snapshot_is_kept_as_it_was_first(user: Path) -> None:
    write_spec(user, SPEC + OUTPUTS)
    assert run("resume", "@latest", "--out", "out", home=user).returncode == 0
    assert (only_session(user) / "spec_snapshot.yaml").read_text() == SPEC


def test_a_file_that_only_looks_different_is_taken_up_with_the_warning_alone(user: Path) -> None:
    write_spec(user, "# a comment\n" + SPEC)
    ran = run("resume", "@latest", home=user)
    assert ran.returncode == 0, ran.stderr
    warned = ran.stderr.splitlines()[1:5]
    assert warned[0] == "⚠ Warning: Spec file has changed since session creation"
    assert warned[3] == "Continuing with execution..."


def test_a_spec_file_that_is_gone_falls_back_to_the_snapshot_with_a_notice(user: Path) -> None:
    spec = user / "work" / "research.yaml"
    spec.unlink()
    ran = run("resume", "@latest", home=user)
    assert (ran.returncode, ran.stdout) == (0, "the report\n"), ran.stderr
    notice = f"⚠ Warning: Spec file {spec} is gone. Continuing with the snapshot of the session."
    assert notice in ran.stderr


TASKS = (
    SPEC.split("pattern:", maxsplit=1)[0]
    + "pattern: {type: workflow, config: {tasks: [{id: a, agent: writer}]}}\n"
)
ONE_STEP = SPEC.split("      - {agent: analyst", maxsplit=1)[0]
OTHER_KIND = SPEC.replace(
    '{agent: analyst, input: "Patterns in {{ last_response }}"}',
    '{type: hitl, prompt: "Go on?", default: "yes"}',
)
MEANINGLESS = {
    "another pattern": (TASKS, "the pattern was chain and the changed spec makes it workflow"),
    "a completed step gone": (ONE_STEP, "step 1 is completed, but the changed spec has only 1 steps"),
    "a step in front of completed ones": (
        SPEC.replace("steps:\n", "steps:\n      - {agent: writer, input: Plan}\n"),
        "step 0 is completed, but the changed spec has it as step 1; "
        "step 1 is completed, but the changed spec has it as step 2",
    ),
    "a completed step of another agent": (
        SPEC.replace("agent: analyst,", "agent: writer,"),
        "step 1 is completed, but the changed spec has it done by writer, not by analyst",
    ),
    "a completed step of another kind": (
        OTHER_KIND,
        "step 1 is completed, but the changed spec makes another kind of it",
    ),
}


@pytest.mark.parametrize("case", MEANINGLESS)
def test_a_change_that_makes_a_resume_meaningless_is_named_and_the_snapshot_offered(
    case: str, user: Path
) -> None:
    changed, reason = MEANINGLESS[case]
    write_spec(user, changed)
    journal = (only_session(user) / "journal.jsonl").read_bytes()
    ran = run("resume", "@latest", home=user)
    command = f"strands resume {id_of(only_session(user))} --spec-from snapshot"
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.splitlines() == [
        f"Error: The session can't be resumed with the changed spec: {reason}",
        "Nothing has run. What was completed before is saved.",
        f"To resume with the spec as it was: {command}",
    ]
    assert (only_session(user) / "journal.jsonl").read_bytes() == journal
    ran = run(*command.split()[1:], home=user)
    assert (ran.returncode, ran.stdout) == (0, "the report\n"), ran.stderr


def test_a_changed_file_that_is_invalid_is_refused_with_its_problems_and_the_snapshot_offered(
    user: Path,
) -> None:
    write_spec(user, SPEC.replace("agent: writer", "agent: writr"))
    ran = run("resume", "@latest", home=user)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "'writr', which does not exist" in ran.stderr
    last = ran.stderr.splitlines()[-1]
    assert last.startswith("To resume with the spec as it was: strands resume ")
    assert last.endswith(" --spec-from snapshot")


# --- variables -----------------------------------------------------------------------------------------


def edit_variables(user: Path, **values: object) -> None:
    """What a person does with an editor in session.json."""
    file = only_session(user) / "session.json"
    view = json.loads(file.read_text())
    view["variables"].update(values)
    file.write_text(json.dumps(view))


def test_variables_edited_in_session_json_are_taken_over_with_a_notice(user: Path) -> None:
    edit_variables(user, tone="warm")
    ran = run("resume", "@latest", home=user)
    assert ran.returncode == 0, ran.stderr
    assert "Variables taken over from session.json: tone" in ran.stderr.splitlines()
    assert asked_of_the_writer(user) == "A warm report on the patterns"
    assert document(only_session(user), "session.json")["variables"] == {"topic": "tides", "tone": "warm"}


def test_variables_given_to_a_resume_win_over_edited_ones(user: Path) -> None:
    edit_variables(user, tone="dry", topic="moons")
    ran = run("resume", "@latest", "--var", "tone=warm", home=user)
    assert ran.returncode == 0, ran.stderr
    assert asked_of_the_writer(user) == "A warm report on the patterns"
    assert document(only_session(user), "session.json")["variables"] == {"topic": "moons", "tone": "warm"}


def test_without_edits_no_notice_speaks_of_variables(user: Path) -> None:
    ran = run("resume", "@latest", home=user)
    assert ran.returncode == 0
    assert "ariable" not in ran.stderr


@pytest.mark.parametrize("how", ["given", "edited"])
def test_variables_that_do_not_fit_stop_the_resume_and_change_nothing(how: str, user: Path) -> None:
    if how == "edited":
        edit_variables(user, tone="loud")
    lease = only_session(user) / ".lease"
    lease.unlink()
    before = everything_below(user)
    ran = run("resume", "@latest", *(["--var", "tone=loud"] if how == "given" else []), home=user)
    lease.unlink()  # the one file that a refused driver writes: it names the last holder
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "'tone' must be one of 'dry', 'warm', not 'loud'" in ran.stderr
    assert everything_below(user) == before
