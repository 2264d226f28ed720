"""What is shown, word for word, on terminals and elsewhere."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from durable_shell.cli.environment import Environment
from durable_shell.store.port import Unwritable
from durable_shell.terminal import open_progress, safe_text, show_result, show_session, show_sessions
from durable_shell.terminal.messages import errors as error_messages
from durable_shell.terminal.messages import maintenance as maintenance_messages
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.plain import PlainProgress, say, session_lines, sessions_lines, token_lines
from durable_shell.terminal.rich import RichProgress

ID = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
SESSION: dict[str, Any] = {
    "metadata": {
        "session_id": ID,
        "name": None,
        "workflow_name": "research-chain",
        "pattern_type": "chain",
        "status": "completed",
        "created_at": "2026-11-22T10:00:00Z",
        "updated_at": "2026-11-22T10:05:00Z",
        "error": None,
    },
    "variables": {"topic": "tides"},
    "token_usage": {
        "total_input_tokens": 6000,
        "total_output_tokens": 2000,
        "by_agent": {"researcher": 2000, "writer": {"input_tokens": 4500, "output_tokens": 1500}},
    },
}
STATE = {"current_step": 1, "step_history": [{"agent": "researcher", "response": "Höhe"}]}
HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31mred\x7f\r\u202e\ud83d"


@pytest.fixture(autouse=True)
def _a_terminal_that_can_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever terminal the tests themselves run on."""
    monkeypatch.setenv("TERM", "xterm-256color")


def with_metadata(**changes: object) -> dict[str, Any]:
    return {**SESSION, "metadata": {**SESSION["metadata"], **changes}}


def surroundings(
    *, terminal: bool = False, env: Mapping[str, str] | None = None, width: int = 100
) -> Environment:
    return Environment(
        stdin=io.StringIO(),
        stdout=io.StringIO(),
        stderr=io.StringIO(),
        home=Path("/nowhere"),
        cwd=Path("/nowhere"),
        env=env or {},
        stdin_is_terminal=terminal,
        stdout_is_terminal=terminal,
        stderr_is_terminal=terminal,
        width=width,
        no_color=True,
    )


def written(stream: object) -> str:
    assert isinstance(stream, io.StringIO)
    return stream.getvalue()


class Gone(io.StringIO):
    """A terminal that went away."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def drawn(stream: io.StringIO) -> str:
    """What a terminal got, without styles and cursor movements."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())


# --- The words -----------------------------------------------------------------------------------------


def test_the_words_of_a_run_are_those_of_the_contract() -> None:
    assert [
        run_messages.session_id_line(ID),
        run_messages.running_workflow("research-chain"),
        run_messages.complete("Step 1/3: researcher", 2000),
        run_messages.resuming(ID),
        run_messages.skipping("step 0: researcher"),
        run_messages.workflow_complete(),
        run_messages.total_tokens(8000),
        run_messages.total_tokens(3000, resumed=5000),
    ] == [
        "Session ID: a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        "Running workflow: research-chain",
        "Step 1/3: researcher - COMPLETE (2000 tokens)",
        "Resuming session: a1b2c3d4...",
        "Skipping completed step 0: researcher",
        "✓ Workflow complete",
        "Total tokens: 8000",
        "Total tokens: 8000 (5000 from resumed session + 3000 new)",
    ]


def test_the_words_about_a_changed_spec_are_those_of_the_contract() -> None:
    assert run_messages.spec_changed("0123456789abcdef", "fedcba9876543210", ["steps/2: input changed"]) == (
        "⚠ Warning: Spec file has changed since session creation",
        "Original: 01234567...",
        "Current:  fedcba98...",
        "  steps/2: input changed",
        "Continuing with execution...",
    )


def test_the_words_of_mistakes_are_those_of_the_contract() -> None:
    assert error_messages.session_not_found("invalid-id")[0] == "Error: Session not found: invalid-id"
    assert error_messages.session_completed(ID)[0] == f"Error: Session already completed: {ID}"
    assert run_messages.delete_question(ID) == "Delete session a1b2c3d4...? [y/N]: "


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([run_messages.step_failed("Step 1/3: a", "no\nkey")], "Step 1/3: a - FAILED (no key)"),
        ([run_messages.step_failed("Step 1/3: a", "")], "Step 1/3: a - FAILED"),
        ([run_messages.attempt_failed((2, 3), "no key")], "attempt 2 of 3: no key"),
        ([run_messages.attempt_failed((2, 3), "")], "attempt 2 of 3"),
        ([run_messages.attempt_failed(None, "no key")], "no key"),
        ([run_messages.waiting("Step 1/3: a", 4, "429")], "Step 1/3: a - RETRY in 4 s (429)"),
        ([run_messages.waiting("Step 1/3: a", 0, "asked again")], "Step 1/3: a - RETRY now (asked again)"),
        (
            [run_messages.snapshot_hint("x")],
            "To resume with the spec as it was: strands resume x --spec-from snapshot",
        ),
        (
            run_messages.question("steps/1", "Go on?", "See:\na", ["yes", "no"], "yes"),
            "Question at steps/1:|  See:|  a|  Go on?|Choices: yes, no|Default: yes|"
            "Type the answer; e opens an editor, l leaves it for later.",
        ),
        (
            run_messages.question("steps/1", "Go on?", None, (), None),
            "Question at steps/1:|  Go on?|Type the answer; e opens an editor, l leaves it for later.",
        ),
        ([run_messages.answer_prompt()], "> "),
        (
            [run_messages.input_prompt("topic", "string", "what to look at")],
            "topic (string): what to look at > ",
        ),
        ([run_messages.input_prompt("topic", "string", None)], "topic (string) > "),
        (
            error_messages.session_damaged(ID, "journal.jsonl", 7, "the chain is broken"),
            "Error: Session a1b2c3d4... is damaged: the chain is broken (journal.jsonl, line 7)|"
            f"Nothing was changed. To see all: strands sessions verify {ID}|"
            f"To repair it: strands sessions repair {ID}",
        ),
        (
            error_messages.session_damaged(ID, "journal.jsonl", 0, "empty")[:1],
            "Error: Session a1b2c3d4... is damaged: empty (journal.jsonl)",
        ),
        (
            error_messages.session_taken_over(ID, "token"),
            "Error: Session a1b2c3d4... was taken over by another process (token changed)|"
            "This process stopped. What it had completed before is saved.",
        ),
        (
            error_messages.store_unwritable("home", "No space left on device"),
            "Error: Can't use home: No space left on device|"
            "What was completed before is saved. Make room or give access, or move STRANDS_HOME.",
        ),
        (
            [error_messages.views_behind(Unwritable("session.json", "no room"))],
            "⚠ Warning: session files lag behind the journal, nothing is lost: no room",
        ),
        (
            error_messages.artifact_not_replaced("out/a.md"),
            "Error: Artifact exists already: out/a.md|To overwrite it: --force. Nothing has run.",
        ),
        (
            [error_messages.bad_budget("max_x", "1", ["max_steps", "max_tokens"])],
            "Error: --budget takes a whole number above 0 for one of max_steps, max_tokens: got max_x=1",
        ),
        ([error_messages.hint("set a key")], "Hint: set a key"),
        ([run_messages.valid("a.yaml", "research", "chain")], "a.yaml is valid: research (chain)"),
        ([run_messages.artifact_written("out/a.md")], "Artifact written: out/a.md"),
        ([run_messages.skipping("tasks/draft")], "Skipping completed tasks/draft"),
        ([run_messages.unit_started("steps/0", "Step 1/2: ann\n")], "steps/0: started (Step 1/2: ann )"),
        (
            [run_messages.unit_waits("steps/0", "Step 1/2: ann", 2.5, "throttled")],
            "steps/0: tried again in 2.5 s (Step 1/2: ann): throttled",
        ),
        (
            [run_messages.spec_gone("a.yaml")],
            "⚠ Warning: Spec file a.yaml is gone. Continuing with the snapshot of the session. "
            "If it was moved, resume with --spec PATH.",
        ),
        (
            run_messages.spec_meaningless("step 0 is gone", "x"),
            "Error: The session can't be resumed with the changed spec: step 0 is gone|"
            "Nothing has run. What was completed before is saved.|"
            "To resume with the spec as it was: strands resume x --spec-from snapshot",
        ),
        ([run_messages.variables_edited(["a", "b"])], "Variables taken over from session.json: a, b"),
        (
            [run_messages.stopping()],
            "Interrupted: finishing what runs, starting nothing new. Press Ctrl-C again to stop now.",
        ),
        (
            run_messages.interrupted("x"),
            "Interrupted. Everything completed is saved.|To resume: strands run --resume x",
        ),
        (
            run_messages.workflow_failed("oh", "x"),
            "Error: Workflow failed: oh|To resume: strands run --resume x",
        ),
        (
            run_messages.workflow_failed("oh", None),
            "Error: Workflow failed: oh|Nothing was kept, as --no-save-session asks.",
        ),
        (run_messages.interrupted(None), "Interrupted.|Nothing was kept, as --no-save-session asks."),
        (
            run_messages.budget_used_up("max_tokens", 1010, 1000, "x"),
            "Error: Budget used up: max_tokens 1010 of 1000|"
            "Raise it and resume: strands resume x --budget max_tokens=2020",
        ),
        (
            run_messages.budget_used_up("max_steps", 5, 5, None),
            "Error: Budget used up: max_steps 5 of 5|Nothing was kept, as --no-save-session asks.",
        ),
        (
            error_messages.none_here(),
            "Error: No session that was started in this folder can be resumed.|"
            "Nothing has run. To start one: strands run SPEC",
        ),
        (
            error_messages.session_not_found("x"),
            "Error: Session not found: x|To see those that there are: strands sessions list",
        ),
        (
            error_messages.session_completed("x"),
            "Error: Session already completed: x|"
            "Nothing has run; what it did is kept. To see it: strands sessions show x",
        ),
        (
            run_messages.timeout_failed("x", "steps/1", "no answer"),
            "x: steps/1 failed: no answer|What was completed is saved. To resume: strands run --resume x",
        ),
        (
            maintenance_messages.not_repaired("x"),
            "Left as it is: x|Nothing was changed. To see what is wrong with it: strands sessions verify x",
        ),
        (
            [run_messages.budget_warning("max_tokens", 800, 1000)],
            "⚠ Warning: max_tokens 800 of 1000 used (80%)",
        ),
        (
            run_messages.question_open("steps/1", "Go on?\nReally?", "x"),
            "Waiting for an answer at steps/1:|"
            "  Go on?|"
            "  Really?|"
            'To answer: strands run --resume x --gate steps/1 --hitl-response "..."',
        ),
        ([error_messages.error("a\nb")], "Error: a b"),
        (
            error_messages.session_ambiguous("a1b2", ["x", "y"]),
            "Error: More than one session fits a1b2:|  x|  y|"
            "Nothing was changed. Give more of the id of the one that you mean.",
        ),
        (
            error_messages.session_held(ID, "pid 7 on box"),
            "Error: Session a1b2c3d4... is in use by pid 7 on box|"
            "Wait until it ends, or stop it: what it has completed is saved.",
        ),
        (
            error_messages.inputs_missing(["a", "b"]),
            "Error: Missing required input: a, b|Give them with --var a=... --var b=..., or with --ask.",
        ),
        (error_messages.spec_problems("a.yaml", ["  x"]), "Error: a.yaml has 1 problem:|  x"),
        (error_messages.spec_problems("a.yaml", ["  x", "  y"]), "Error: a.yaml has 2 problems:|  x|  y"),
        (
            error_messages.spec_problems("a.yaml", ["  x", "  y"], are_all=False),
            "Error: a.yaml has more than 2 problems; these are 2 of them:|  x|  y",
        ),
        (
            error_messages.spec_problems("a.yaml", ["x" * 20_000] * 3),
            f"Error: a.yaml has 3 problems:|{'x' * 20_000}|  and 2 more, which strands validate --json lists",
        ),
        ([error_messages.spec_problem("/agents", 3, 5, "oh")], "  line 3, column 5, /agents: oh"),
        ([error_messages.spec_problem("", None, None, "oh", "do x")], "  /: oh\n    Hint: do x"),
        (
            [run_messages.delete_needs_force(["x", "y"])],
            "Error: Nobody to ask. Nothing was deleted. To delete: strands sessions delete x y --force",
        ),
        ([run_messages.deleted("x")], "Deleted session: x"),
        ([run_messages.not_deleted("x")], "Kept session: x"),
    ],
)
def test_the_other_sentences_say_what_happened_and_what_to_do(lines: list[str], expected: str) -> None:
    assert "|".join(lines) == expected


def test_a_text_is_made_harmless_without_losing_its_letters() -> None:
    assert safe_text.printable(f"a{HOSTILE}\n\tb ü 日本") == "a[2J]0;owned31mred\\u202e\ufffd\n\tb ü 日本"
    assert safe_text.one_line("a\r\nb\tc\u2028d\x1b") == "a  b c d"
    assert safe_text.shortened("abcdef", 6) == "abcdef"
    assert safe_text.shortened("abcdefg", 6) == "abc..."


def test_a_json_document_has_escapes_for_marks_of_direction_and_halves_and_says_the_same() -> None:
    document = {"a\u202e": ["\ud83d", "\u2066ü"]}
    text = safe_text.json_text(document)
    assert json.loads(text) == document
    assert "ü" in text
    assert not set(text) & {"\u202e", "\u2066", "\ud83d"}


def test_a_sign_that_an_encoding_lacks_becomes_a_word() -> None:
    assert safe_text.encodable("✓ done ü", "ascii") == "OK: done \\xfc"
    assert safe_text.encodable("⚠ Warning", "latin-1") == "! Warning"
    assert safe_text.encodable("✓ ü", "utf-8") == "✓ ü"
    assert safe_text.encodable("a\ud800", "utf-8") == "a\\ud800"
    assert safe_text.encodable("✓\ud800", None) == "✓\ud800"


# --- The result ----------------------------------------------------------------------------------------


def test_the_result_reaches_a_pipe_as_whole_characters_and_a_terminal_harmless() -> None:
    piped, shown = surroundings(), surroundings(terminal=True)
    show_result(piped, f"a{HOSTILE}")
    show_result(shown, f"a{HOSTILE}")
    assert written(piped.stdout) == f"a{HOSTILE.replace(chr(0xD83D), chr(0xFFFD))}\n"
    assert written(shown.stdout) == "a[2J]0;owned31mred\\u202e\ufffd\n"
    assert written(piped.stderr) == written(shown.stderr) == ""


# --- Plain progress ------------------------------------------------------------------------------------


def go_through(progress: Any) -> None:
    progress.note("noted")
    progress.started("k", "Step 1/1: a")
    progress.waiting("k", "Step 1/1: a", 4, "throttled")
    progress.warn("⚠ warned")
    progress.finished("k", "Step 1/1: a - COMPLETE (5 tokens)")
    progress.close()
    progress.close()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {},
            [
                "noted",
                "Step 1/1: a - RETRY in 4 s (throttled)",
                "⚠ warned",
                "Step 1/1: a - COMPLETE (5 tokens)",
            ],
        ),
        ({"quiet": True}, ["⚠ warned"]),
        (
            {"verbose": True},
            [
                "noted",
                "Step 1/1: a - RUNNING",
                "Step 1/1: a - RETRY in 4 s (throttled)",
                "⚠ warned",
                "Step 1/1: a - COMPLETE (5 tokens)",
            ],
        ),
    ],
)
def test_plain_progress_is_one_line_an_event(options: dict[str, bool], expected: list[str]) -> None:
    environment = surroundings()
    progress = open_progress(environment, **options)
    assert isinstance(progress, PlainProgress)
    go_through(progress)
    assert written(environment.stderr).splitlines() == expected
    assert written(environment.stdout) == ""


def test_plain_progress_neither_colours_nor_wraps() -> None:
    environment = surroundings(width=20)
    open_progress(environment).note("word " * 100 + HOSTILE)
    text = written(environment.stderr)
    assert text.count("\n") == 1
    assert "\x1b" not in text


def test_a_stream_without_unicode_gets_words_instead_of_a_crash() -> None:
    for encoding in ("ascii", "latin-1"):
        raw = io.BytesIO()
        stream = io.TextIOWrapper(raw, encoding=encoding)
        PlainProgress(stream).note("✓ Workflow complete")
        assert raw.getvalue() == b"OK: Workflow complete\n"


@pytest.mark.parametrize("make", [PlainProgress, RichProgress])
def test_a_terminal_that_went_away_does_not_stop_a_run(make: Any) -> None:
    go_through(make(Gone()))
    closed = io.StringIO()
    closed.close()
    go_through(make(closed))


def test_saying_something_tells_whether_it_was_heard() -> None:
    assert say(io.StringIO(), "x")
    assert not say(Gone(), "x")
    assert not say(None, "x")


# --- Drawn progress ------------------------------------------------------------------------------------


@pytest.fixture
def clock() -> list[float]:
    return [100.0]


def test_progress_is_drawn_on_a_terminal_only_when_it_may_move() -> None:
    assert isinstance(open_progress(surroundings(terminal=True)), RichProgress)
    for environment in (
        surroundings(),
        surroundings(terminal=True, env={"TERM": "dumb"}),
        surroundings(terminal=True, env={"CI": "1"}),
    ):
        assert isinstance(open_progress(environment), PlainProgress)
    assert isinstance(open_progress(surroundings(terminal=True), quiet=True), PlainProgress)


def test_drawn_progress_leaves_the_same_words_behind() -> None:
    stream = io.StringIO()
    go_through(RichProgress(stream, width=100))
    text = drawn(stream)
    for line in ("noted\n", "⚠ warned\n", "Step 1/1: a - COMPLETE (5 tokens)\n"):
        assert line in text


def test_running_units_show_their_time_and_waiting_ones_count_down(clock: list[float]) -> None:
    progress = RichProgress(io.StringIO(), width=100, now=lambda: clock[0])
    progress.started("a", "Step 1/2: a")
    progress.waiting("b", "Step 2/2: b", 10, "429")
    clock[0] += 4
    assert [line[2:] for line in progress.lines()] == ["Step 1/2: a  4 s", "Step 2/2: b - RETRY in 6 s (429)"]
    clock[0] += 60
    assert progress.lines()[1].endswith("RETRY now (429)")
    progress.finished("a", "done")
    assert [line[2:] for line in progress.lines()] == ["Step 2/2: b - RETRY now (429)"]
    progress.close()


def test_a_unit_with_brackets_or_escapes_in_its_name_is_shown_literally() -> None:
    stream = io.StringIO()
    progress = RichProgress(stream, width=100)
    progress.note("[bold]x[/bold] :smile: \x1b]0;owned\x07")
    progress.started("k", "[red]a\x1b[2J")
    assert progress.lines()[0].endswith("[red]a[2J  0 s")
    progress.finished("k", "[/red] done")
    assert "[bold]x[/bold] :smile: ]0;owned\n" in drawn(stream)
    assert "[/red] done\n" in drawn(stream)
    assert "\x1b]0" not in stream.getvalue()


def test_more_units_than_lines_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINES", "10")
    progress = RichProgress(io.StringIO(), width=100)
    for n in range(50):
        progress.started(str(n), f"Branch {n}")
    shown = progress.lines()
    assert len(shown) == 7
    assert shown[-1] == "  and 44 more"
    progress.close()


def test_a_long_line_is_not_cut_or_wrapped() -> None:
    stream = io.StringIO()
    RichProgress(stream, width=20).note("word " * 50)
    assert drawn(stream) == "word " * 50 + "\n"


def test_no_colour_means_no_colour() -> None:
    for no_color in (False, True):
        stream = io.StringIO()
        RichProgress(stream, width=100, no_color=no_color).warn("careful")
        assert (re.search(r"\x1b\[3\dm", stream.getvalue()) is None) == no_color


def test_drawing_works_where_only_ascii_can_be_written() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    progress = RichProgress(stream, width=60)
    go_through(progress)
    progress.started("k", "Schritt für Schritt")
    assert progress.lines()[0][0] in "|/-\\"
    progress.close()
    stream.flush()
    assert b"! warned" in raw.getvalue()


# --- Lists and details ---------------------------------------------------------------------------------


def test_the_plain_list_is_a_heading_a_rule_and_full_ids() -> None:
    other = with_metadata(session_id="b" * 36, workflow_name="x", status="failed")
    assert sessions_lines([SESSION, other]) == [
        "Session ID                            Workflow        Pattern  Status     Updated",
        "------------------------------------  --------------  -------  ---------  --------------------",
        f"{ID}  research-chain  chain    completed  2026-11-22T10:05:00Z",
        f"{'b' * 36}  x               chain    failed     2026-11-22T10:05:00Z",
    ]


def test_the_plain_list_has_a_last_column_for_names_once_a_session_has_one() -> None:
    heading, _, named, other = sessions_lines([with_metadata(name="nightly"), SESSION])
    assert heading.endswith("  Updated               Name")
    assert named.endswith("Z  nightly")
    assert other.endswith("Z  -")


def test_an_empty_list_leaves_nothing_after_two_lines() -> None:
    environment = surroundings()
    show_sessions(environment, [])
    assert written(environment.stdout).splitlines()[2:] == []
    assert len(written(environment.stdout).splitlines()) == 2
    assert written(environment.stderr) == "No sessions. Start one with: strands run SPEC\n"


def test_an_empty_list_on_a_terminal_is_one_sentence() -> None:
    environment = surroundings(terminal=True)
    show_sessions(environment, [])
    assert written(environment.stdout) == ""
    assert written(environment.stderr) == "No sessions. Start one with: strands run SPEC\n"


def test_a_row_stays_one_line_whatever_a_workflow_is_called() -> None:
    lines = sessions_lines([with_metadata(workflow_name=f"a\nb{HOSTILE}")])
    assert len(lines) == 3
    assert not any(ord(letter) < 32 or ord(letter) == 127 for letter in "".join(lines))


def test_the_drawn_list_shortens_ids_and_keeps_every_column() -> None:
    environment = surroundings(terminal=True)
    show_sessions(environment, [with_metadata(name="nightly"), with_metadata(workflow_name="[red]x")])
    assert isinstance(environment.stdout, io.StringIO)
    text = drawn(environment.stdout)
    for column in ("Session ID", "Workflow", "Pattern", "Status", "Updated"):
        assert column in text
    assert "a1b2c3d4..." in text
    assert ID not in text
    assert "research-chain (nightly)" in text
    assert "[red]x" in text


def test_the_plain_details_hold_every_field() -> None:
    environment = surroundings()
    show_session(environment, SESSION, STATE)
    assert written(environment.stdout) == (
        f"Session ID: {ID}\n"
        "Workflow: research-chain\n"
        "Pattern: chain\n"
        "Status: completed\n"
        "Created: 2026-11-22T10:00:00Z\n"
        "Updated: 2026-11-22T10:05:00Z\n"
        "Variables:\n"
        "  {\n"
        '    "topic": "tides"\n'
        "  }\n"
        "Token Usage:\n"
        "  Total: 8000\n"
        "  Input: 6000\n"
        "  Output: 2000\n"
        "  By agent:\n"
        "    researcher: 2000\n"
        "    writer: 6000 (input 4500, output 1500)\n"
        "Pattern State:\n"
        + "".join(f"  {line}\n" for line in json.dumps(STATE, indent=2, ensure_ascii=False).split("\n"))
    )


def test_a_name_and_an_error_are_shown_when_there_are_any() -> None:
    lines = session_lines(with_metadata(name="nightly", error={"unit": "steps/1"}), None)
    assert "Name: nightly" in lines
    assert 'Error: {"unit": "steps/1"}' in lines
    assert lines[-2:] == ["Pattern State:", "  {}"]


def test_the_drawn_details_are_a_panel_with_its_title_and_every_field() -> None:
    environment = surroundings(terminal=True)
    show_session(environment, SESSION, STATE)
    assert isinstance(environment.stdout, io.StringIO)
    text = drawn(environment.stdout)
    assert " Session a1b2c3d4... " in text.splitlines()[0]
    for part in (
        f"Session ID:  {ID}", "Workflow:", "Pattern:", "Status:", "Created:", "Updated:", "Variables:",
        '"topic": "tides"', "Token Usage:", "Total: 8000", "Input: 6000", "Output: 2000", "By agent:",
        "researcher: 2000", "Pattern State:", '"response": "Höhe"',
    ):  # fmt: skip
        assert part in text


@pytest.mark.parametrize("terminal", [False, True])
def test_model_text_in_the_details_can_not_steer_a_terminal(terminal: bool) -> None:
    environment = surroundings(terminal=terminal)
    show_session(environment, with_metadata(workflow_name=HOSTILE), {"last_response": HOSTILE})
    text = re.sub(r"\x1b\[[0-9;]*m", "", written(environment.stdout))
    assert not any(ord(letter) in {0x07, 0x0D, 0x1B, 0x7F, 0x9B, 0x202E, 0xD83D} for letter in text)


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize(
    "damaged",
    [{}, {"metadata": None, "token_usage": []}, {"metadata": {"status": 5}, "token_usage": {"by_agent": 3}}],
)
def test_a_document_that_lacks_things_is_shown_all_the_same(damaged: dict[str, Any], terminal: bool) -> None:
    environment = surroundings(terminal=terminal)
    show_session(environment, damaged, None)
    show_sessions(environment, [damaged])
    assert "Status" in written(environment.stdout)
    assert token_lines(damaged) == ["Total: 0", "Input: 0", "Output: 0"]


def test_a_list_whose_reader_went_away_raises_a_broken_pipe_and_nothing_else() -> None:
    from durable_shell.terminal.rich import draw_sessions

    with pytest.raises(BrokenPipeError):
        draw_sessions([SESSION], Gone(), 80)


def test_tokens_that_nobody_reported_are_unknown_and_not_nought() -> None:
    assert run_messages.complete("Step", 0, unreported=1) == "Step - COMPLETE (tokens unknown)"
    assert run_messages.complete("Step", 5, unreported=1) == "Step - COMPLETE (at least 5 tokens)"
    assert run_messages.total_tokens(0, unreported=1) == (
        "Total tokens: unknown (no usage reported of 1 model call)"
    )
    assert run_messages.total_tokens(3, 4, unreported=2) == (
        "Total tokens: at least 7 (no usage reported of 2 model calls)"
    )
    used = {"total_input_tokens": 0, "total_output_tokens": 0, "by_agent": {}, "unreported_calls": 2}
    assert token_lines({"token_usage": used}) == ["Total: unknown", "Not reported: 2 model calls"]
    used["total_input_tokens"] = 3
    assert token_lines({"token_usage": used})[:2] == ["Total: at least 3", "Not reported: 2 model calls"]
