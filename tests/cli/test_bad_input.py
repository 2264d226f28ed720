"""Bad input: its exit code, a message that names the place and the remedy, and nothing written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.folders import document, everything_below, id_of, only_session
from tests.support.program import Ran, run
from tests.support.stand_ins import STAND_INS

GOOD = """\
version: 0
name: greeting
runtime: {provider: echo}
inputs:
  required: {topic: string}
  optional:
    tone: {type: string, enum: [dry, warm], default: dry}
    count: {type: integer, default: 3}
agents:
  greeter: {prompt: "You greet."}
pattern:
  type: chain
  config:
    steps:
      - {agent: greeter, input: "Greet {{ topic }}, {{ tone }}"}
"""

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdef", "bcdefg", strict=True)
)


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """A home folder that has nothing in it but a work folder with a good workflow."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "good.yaml").write_text(GOOD)
    return tmp_path


def strands(user: Path, *argv: str, stdin: str = "") -> Ran:
    """Run one command in the work folder, and check that a refusal left no trace and no traceback."""
    before = everything_below(user)
    ran = run(*argv, home=user, cwd=user / "work", input=stdin)
    if ran.returncode != 0:
        assert everything_below(user) == before
        assert ran.stdout == ""
        assert "Traceback" not in ran.stderr
        assert "internal error" not in ran.stderr
    return ran


def test_the_good_workflow_is_good(user: Path) -> None:
    ran = strands(user, "run", "good.yaml", "--var", "topic=you")
    assert (ran.returncode, ran.stdout) == (0, "Echo (You greet.): Greet you, dry\n")


INVALID = {
    "not YAML": (
        "version: [0\nname: : x",
        ["line 2, column 5", "not valid YAML", "Hint: Check the indentation and the quotes"],
    ),
    "an alias bomb": (BOMB, ["line 6", "more than 100,000 values", "Hint: Use fewer aliases"]),
    "a list": ("- a\n- b\n", ["line 1, column 1", "holds a list", "Hint: A workflow has at least version"]),
    "an empty file": ("", ["line 1, column 1", "The file is empty", "Hint: A workflow has at least version"]),
    "a YAML tag": (
        GOOD.replace("name: greeting", 'name: !!python/object/apply:os.system ["id"]'),
        ["line 2, column 7", "/name", "YAML tag", "Hint: Remove the tag"],
    ),
    "an unknown key": (
        GOOD.replace("runtime:", "runtme:"),
        ["line 3, column 1", "/runtme", "Unknown key 'runtme'", "Hint: Did you mean 'runtime'?"],
    ),
    "an unknown agent": (
        GOOD.replace("agent: greeter", "agent: greetr"),
        ["line 15", "/pattern/config/steps/0/agent", "'greetr', which does not exist", "'greeter'"],
    ),
    "an unknown pattern": (
        GOOD.replace("type: chain", "type: chian"),
        ["line 12", "/pattern/type", "'chian'", "Hint: Did you mean 'chain'?"],
    ),
    "a template error": (
        GOOD.replace("{{ topic }}", "{{ topic"),
        ["line 15", "/pattern/config/steps/0/input", "cannot be read", "line 1"],
    ),
    "a name that cannot be there": (
        GOOD.replace("{{ topic }}", "{{ last_response }}"),
        ["line 15", "/pattern/config/steps/0/input", "'last_response', which is not defined", "'topic'"],
    ),
}


@pytest.mark.parametrize("case", INVALID)
@pytest.mark.parametrize("command", ["run", "validate"])
def test_an_invalid_workflow_is_refused_with_its_place_and_remedy(
    case: str, command: str, user: Path
) -> None:
    text, told = INVALID[case]
    (user / "work" / "bad.yaml").write_text(text)
    ran = strands(user, command, "bad.yaml", *(["--var", "topic=you"] if command == "run" else []))
    assert ran.returncode == 3
    assert ran.stderr.startswith("Error: bad.yaml has ")
    for words in told:
        assert words in ran.stderr


def test_validate_and_plan_name_the_variables_that_no_input_declares_and_run_refuses(user: Path) -> None:
    ran = strands(user, "validate", "good.yaml")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "good.yaml is valid: greeting (chain)\n", "")
    (user / "work" / "open.yaml").write_text(GOOD.replace("{{ topic }}", "{{ topik }}"))
    for command in ("validate", "plan"):
        ran = strands(user, command, "open.yaml")
        assert ran.returncode == 0
        told = ran.stderr.rstrip("\n")
        assert told.startswith("Note: open.yaml, line 15, column ")
        assert "needs --var topik=...: pattern.config.steps[0].input uses it" in told
        assert told.endswith("Did you mean 'topic'?")
    assert "Needs: --var topic=... --var topik=...\n" in ran.stdout
    ran = strands(user, "run", "open.yaml", "--var", "topic=you")
    assert ran.returncode == 3
    assert "'topik', which is not defined there" in ran.stderr


def test_what_validate_and_plan_say_for_programs_has_the_names_too(user: Path) -> None:
    (user / "work" / "open.yaml").write_text(GOOD.replace("{{ topic }}", "{{ topik }}"))
    checked = json.loads(strands(user, "validate", "open.yaml", "--json").stdout)
    assert checked == {"valid": True, "problems": [], "undeclared": ["topik"]}
    planned = json.loads(strands(user, "plan", "open.yaml", "--json").stdout)
    assert planned["needs"] == ["topic", "topik"]
    assert planned["units"][0]["needs"] == ["topik"]


def test_validate_and_plan_take_names_that_the_command_line_gives(user: Path) -> None:
    (user / "work" / "open.yaml").write_text(GOOD.replace("{{ tone }}", "{{ mood }}"))
    (user / "work" / "variables.yaml").write_text("mood: kind\n")
    for command in ("validate", "plan"):
        assert "needs --var mood" in strands(user, command, "open.yaml").stderr
        for given in (["--var", "mood=kind"], ["--var-file", "variables.yaml"]):
            ran = strands(user, command, "open.yaml", *given)
            assert (ran.returncode, ran.stderr) == (0, "")


def test_validate_and_plan_agree_on_every_file(user: Path) -> None:
    for text, _ in INVALID.values():
        (user / "work" / "bad.yaml").write_text(text)
        checked, planned = (strands(user, command, "bad.yaml") for command in ("validate", "plan"))
        assert (checked.returncode, checked.stderr) == (planned.returncode, planned.stderr)
    ran = strands(user, "validate", "bad.yaml", "--var-file", "missing.yaml")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "missing.yaml can't be read" in ran.stderr


TASKS = """\
version: 0
name: apples
runtime: {provider: echo, max_parallel: 1}
agents: {first: {prompt: You count.}, second: {prompt: You add.}}
pattern:
  type: workflow
  config:
    tasks:
      - {id: count, agent: first, input: "Count the apples."}
      - {id: add, agent: second, input: "Add one to: {{ last_response }}"}
"""


@pytest.mark.parametrize("command", ["validate", "run"])
def test_a_task_that_depends_on_none_has_no_last_response_and_nothing_is_paid_for(
    command: str, user: Path
) -> None:
    (user / "work" / "apples.yaml").write_text(TASKS)
    ran = strands(user, command, "apples.yaml")
    assert ran.returncode == 3
    assert "pattern.config.tasks[1].input uses 'last_response', which is not defined there." in ran.stderr
    assert "Available there: 'tasks'." in ran.stderr
    (user / "work" / "apples.yaml").write_text(
        TASKS.replace("agent: second,", "agent: second, deps: [count],")
    )
    ran = strands(user, command, "apples.yaml")
    assert ran.returncode == 0, ran.stderr


def test_all_problems_are_told_at_once(user: Path) -> None:
    text = (
        GOOD.replace("agent: greeter", "agent: greetr")
        .replace("{{ tone }}", "{{ tone")
        .replace("name:", "nam:")
    )
    (user / "work" / "bad.yaml").write_text(text)
    ran = strands(user, "validate", "bad.yaml")
    assert ran.returncode == 3
    assert ran.stderr.startswith("Error: bad.yaml has 4 problems:\n")
    for words in ("'name' is missing", "'nam'", "'greetr'", "input cannot be read"):
        assert words in ran.stderr


def test_a_wait_of_more_than_a_day_is_refused(user: Path) -> None:
    policy = "provider: echo, failure_policy: {wait_max: 86401}"
    (user / "work" / "bad.yaml").write_text(GOOD.replace("provider: echo", policy))
    for command in ("validate", "run"):
        ran = strands(user, command, "bad.yaml", "--var", "topic=you")
        assert ran.returncode == 3
        assert "runtime.failure_policy.wait_max must be at most 86400, not 86401." in ran.stderr


def test_of_very_many_problems_a_hundred_are_told_and_that_there_are_others(user: Path) -> None:
    steps = "".join(f"      - {{agent: nobody{number}}}\n" for number in range(3_000))
    (user / "work" / "bad.yaml").write_text(GOOD + steps)
    ran = strands(user, "validate", "bad.yaml")
    first, *lines = ran.stderr.splitlines()
    assert ran.returncode == 3
    assert first == "Error: bad.yaml has more than 100 problems; these are 100 of them:"
    assert sum("names the agent 'nobody" in line for line in lines) == 100
    ran = run("validate", "bad.yaml", "--json", home=user, cwd=user / "work")
    told = json.loads(ran.stdout)["problems"]
    assert ran.returncode == 3
    assert len(told) == 101
    assert told[-1]["message"] == "There are more than these 100."


def test_a_file_of_11_mb_is_refused_at_once(user: Path) -> None:
    (user / "work" / "big.yaml").write_text(GOOD + "description: " + "x" * (11 * 1024 * 1024) + "\n")
    ran = strands(user, "run", "big.yaml", "--var", "topic=you")
    assert ran.returncode == 3
    assert "big.yaml" in ran.stderr
    assert "the most is 10,485,760" in ran.stderr
    assert "Hint: A spec names its large inputs; pass them with --var or --var-file." in ran.stderr


def test_a_binary_file_is_refused(user: Path) -> None:
    (user / "work" / "bin.yaml").write_bytes(b"\x7fELF\x02\x01\x01" + bytes(range(256)))
    ran = strands(user, "run", "bin.yaml", "--var", "topic=you")
    assert ran.returncode == 2
    assert "not UTF-8 text: byte" in ran.stderr
    assert "Hint: Save the file with the encoding UTF-8." in ran.stderr


def test_a_missing_file_is_a_usage_error_that_names_where_it_was_looked_for(user: Path) -> None:
    ran = strands(user, "run", "nope.yaml")
    assert ran.returncode == 2
    told = [
        "Error: Can't read nope.yaml: there is no such file",
        f"Hint: Relative paths begin at {user / 'work'}.",
    ]
    assert ran.stderr.splitlines() == told


def test_a_folder_is_no_workflow(user: Path) -> None:
    ran = strands(user, "run", ".")
    assert ran.returncode == 12
    assert ran.stderr == "Error: Can't read .: Is a directory\nHint: Name a file that can be read.\n"


# --- variables -----------------------------------------------------------------------------------------

VARIABLES = {
    "missing": ([], ["Missing required input: topic", "Give them with --var topic=..., or with --ask."]),
    "a wrong type": (
        ["--var", "topic=x", "--var", "count=many"],
        ["'count' must be a whole number, not the text 'many'"],
    ),
    "not in the enum": (
        ["--var", "topic=x", "--var", "tone=loud"],
        ["'tone' must be one of 'dry', 'warm', not 'loud'"],
    ),
    "without an equals sign": (["--var", "topic"], ["'--var' needs K=V, such as topic=tides: got 'topic'"]),
    "a file that is not there": (["--var-file", "nope.yaml"], ["nope.yaml", "No such file or directory"]),
    "a file that is no mapping": (
        ["--var-file", "list.yaml"],
        ["list.yaml", "line 1, column 1", "variables are"],
    ),
    "an empty file": (["--var-file", "empty.yaml"], ["The file is empty", "Hint: Write each variable as"]),
    "a file that is not YAML": (["--var-file", "torn.yaml"], ["torn.yaml", "line 1", "not valid YAML"]),
}


@pytest.mark.parametrize("case", VARIABLES)
def test_unfit_variables_are_a_usage_error(case: str, user: Path) -> None:
    (user / "work" / "list.yaml").write_text("- topic\n")
    (user / "work" / "empty.yaml").write_text("")
    (user / "work" / "torn.yaml").write_text('topic: "x')
    given, told = VARIABLES[case]
    ran = strands(user, "run", "good.yaml", *given)
    assert ran.returncode == 2
    assert ran.stderr.startswith("Error: ")
    for words in told:
        assert words in ran.stderr


# --- session ids ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["../../x", "invalid-id", "/etc/passwd", "abc", "@latest", "a\x1b[31mb"])
@pytest.mark.parametrize("command", ["resume", "sessions show", "sessions delete"])
def test_a_word_that_names_no_session_is_not_found(command: str, word: str, user: Path) -> None:
    (user / "x").mkdir()
    ran = strands(user, *command.split(), word)
    assert ran.returncode == 2
    assert ran.stderr.splitlines() == [
        f"Error: Session not found: {word.replace(chr(27), '')}",
        "To see those that there are: strands sessions list",
    ]


# --- sessions that are damaged -------------------------------------------------------------------------

FAILING = """\
version: 0
name: two
runtime: {provider: scripted, model_id: script.yaml, failure_policy: {retries: 0}}
agents:
  first: {prompt: "You greet."}
  second: {prompt: "You part."}
pattern:
  type: chain
  config:
    steps:
      - {agent: first, input: "one"}
      - {agent: second, input: "two"}
"""
SCRIPT = "rules:\n  - {match: {contains: one}, answer: hello}\n  - {match: {contains: two}, fault: refused}\n"
SCRIPT_AFTER = SCRIPT.replace("fault: refused", "answer: goodbye").replace("answer: hello", "fault: refused")


@pytest.fixture
def failed(user: Path) -> Path:
    """The folder of a session whose first step is done and whose second one failed."""
    (user / "work" / "two.yaml").write_text(FAILING)
    (user / "work" / "script.yaml").write_text(SCRIPT)
    assert run("run", "two.yaml", home=user, cwd=user / "work").returncode == 10
    (user / "work" / "script.yaml").write_text(SCRIPT_AFTER)  # a second call of the first step would fail now
    return only_session(user)


def cut(file: Path, keep: int) -> None:
    """Keep the first ``keep`` bytes, or all but the last ones when negative."""
    file.write_bytes(file.read_bytes()[:keep])


JOURNALS = {
    "empty": (lambda file: cut(file, 0), "the journal is empty"),
    "missing": (lambda file: file.unlink(), "the journal is missing"),
    "cut in its first line": (lambda file: cut(file, 100), "the journal is empty"),
    "changed in its middle": (
        lambda file: file.write_bytes(file.read_bytes().replace(b"hello", b"jello", 1)),
        "the line does not match its hash",
    ),
    "without its third line": (
        lambda file: file.write_bytes(
            b"".join(file.read_bytes().splitlines(keepends=True)[n] for n in (0, 1, 3))
        ),
        "line 3",
    ),
}


@pytest.mark.parametrize("case", JOURNALS)
def test_a_damaged_journal_is_named_and_left_as_it_is(case: str, user: Path, failed: Path) -> None:
    damage, reason = JOURNALS[case]
    damage(failed / "journal.jsonl")
    for command in (["sessions", "show"], ["resume"]):
        ran = strands(user, *command, id_of(failed))
        assert ran.returncode == 17
        assert reason in ran.stderr
        assert str(failed / "journal.jsonl") in ran.stderr
        assert "To repair it: strands sessions repair " in ran.stderr


@pytest.mark.parametrize("kind", STAND_INS)
def test_what_stands_in_the_place_of_a_journal_is_named_with_a_way_out(
    kind: str, user: Path, failed: Path
) -> None:
    put, reason = STAND_INS[kind]
    put(failed / "journal.jsonl")
    missing = f"{failed / 'journal.jsonl'}: the journal is missing: {reason}. It can't be repaired."
    for command in (["sessions", "show"], ["resume"]):
        ran = strands(user, *command, id_of(failed))
        assert ran.returncode == 17
        assert f"is damaged: the journal is missing: {reason} ({failed / 'journal.jsonl'})" in ran.stderr
    for command in (["verify"], ["repair", "--force"]):
        ran = run("sessions", *command, id_of(failed), home=user, cwd=user / "work")
        assert ran.returncode == 17
        remedy = f"To remove it: strands sessions delete {id_of(failed)} --force"
        assert f"{missing} {remedy}" in ran.stdout + ran.stderr
    assert strands(user, "sessions", "delete", id_of(failed), "--force").returncode == 0
    assert not failed.exists()


def test_a_current_folder_that_is_gone_is_named(user: Path) -> None:
    (user / "gone").mkdir()
    leaving = ["/bin/sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh"]
    ran = run("sessions", "list", home=user, cwd=user / "gone", through=leaving)
    assert (ran.returncode, ran.stdout) == (12, "")
    assert ran.stderr.startswith("Error: The current folder is gone. Go to one that is there\n")


def test_a_torn_last_line_is_dropped_and_the_session_goes_on(user: Path, failed: Path) -> None:
    with (failed / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"seq":17,"at":17')
    ran = strands(user, "resume", id_of(failed))
    assert (ran.returncode, ran.stdout) == (0, "goodbye\n"), ran.stderr


def test_a_journal_that_lost_what_its_views_show_is_damaged(user: Path, failed: Path) -> None:
    cut(failed / "journal.jsonl", -20)
    before = (failed / "journal.jsonl").read_bytes()
    ran = strands(user, "resume", id_of(failed))
    assert (ran.returncode, ran.stdout) == (17, "")
    assert "and session.json shows" in ran.stderr
    assert f"strands sessions repair {id_of(failed)}" in ran.stderr
    assert (failed / "journal.jsonl").read_bytes() == before


@pytest.mark.parametrize("keep", [0, 20])
def test_damaged_views_are_made_anew_from_the_journal(keep: int, user: Path, failed: Path) -> None:
    names = ["agents/first/agent.json", "agents/first/messages/message_1.json"]
    before = [(failed / name).read_bytes() for name in names]
    for name in ["session.json", "pattern_state.json", *names]:
        cut(failed / name, keep)
    assert f"{id_of(failed)}  -         -        damaged  -\n" in strands(user, "sessions", "list").stdout
    assert "Status: failed\n" in strands(user, "sessions", "show", id_of(failed)).stdout
    ran = strands(user, "resume", id_of(failed))
    assert (ran.returncode, ran.stdout) == (0, "goodbye\n"), ran.stderr
    assert [(failed / name).read_bytes() for name in names] == before
    assert document(failed, "pattern_state.json")["current_step"] == 2
    assert document(failed, "session.json")["metadata"]["status"] == "completed"


# --- a home that cannot be written ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "command", [["run", "good.yaml", "--var", "topic=x"], ["sessions", "list"], ["resume", "@latest"]]
)
def test_a_home_below_a_file_is_told_with_its_path(command: list[str], user: Path) -> None:
    (user / "file").write_text("I am not a folder")
    before = everything_below(user)
    ran = run(*command, home=user, cwd=user / "work", env={"STRANDS_HOME": str(user / "file" / "strands")})
    assert ran.returncode == 12
    assert ran.stdout == ""
    assert str(user / "file" / "strands" / "sessions") in ran.stderr
    assert "Traceback" not in ran.stderr
    assert everything_below(user) == before


def test_a_run_that_keeps_nothing_needs_no_home(user: Path) -> None:
    (user / "file").write_text("I am not a folder")
    argv = ["run", "good.yaml", "--var", "topic=you", "--no-save-session"]
    ran = run(*argv, home=user, cwd=user / "work", env={"STRANDS_HOME": str(user / "file" / "strands")})
    assert (ran.returncode, ran.stdout) == (0, "Echo (You greet.): Greet you, dry\n")


def test_nobody_is_told_what_a_later_python_may_read_otherwise_in_a_pattern(user: Path) -> None:
    spec = GOOD.replace("provider: echo", "provider: scripted, host: answers.yaml")
    (user / "work" / "told.yaml").write_text(spec)
    patterns = ("[[a-z]+x", "[a||b]x", "[a&&b]x", "[a-c--b]x", "[a~~b]x", ".")
    rules = "".join(f"  - {{match: {{regex: '{pattern}'}}, answer: ab}}\n" for pattern in patterns)
    (user / "work" / "answers.yaml").write_text(f"rules:\n{rules}")
    ran = run("run", "told.yaml", "--var", "topic=ab", home=user, cwd=user / "work", anew=True)
    assert (ran.returncode, ran.stdout) == (0, "ab\n")
    assert "Warning" not in ran.stderr
