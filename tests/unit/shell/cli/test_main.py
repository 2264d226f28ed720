"""The console script: exit codes, pipes that break, errors that escape, help and version, the environment."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

import pytest

import durable_shell
from durable_shell.app import App
from durable_shell.cli import main as main_module
from durable_shell.cli.command_table import read_table
from durable_shell.cli.commands.help import help_of
from durable_shell.cli.commands.version import version_of
from durable_shell.cli.environment import Environment, home_of, width_of
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.main import COMMANDS, main
from durable_shell.cli.usage import USAGE

Failing = Callable[[BaseException], None]


def surroundings(
    tmp_path: Path, env: Mapping[str, str] | None = None, *, terminal: bool = False
) -> Environment:
    return Environment(
        stdin=io.StringIO(),
        stdout=io.StringIO(),
        stderr=io.StringIO(),
        home=tmp_path / "home",
        cwd=tmp_path,
        env=env or {},
        stdin_is_terminal=terminal,
        stdout_is_terminal=terminal,
        stderr_is_terminal=terminal,
    )


def written(stream: object) -> str:
    assert isinstance(stream, io.StringIO)
    return stream.getvalue()


@pytest.fixture
def schema_raises(monkeypatch: pytest.MonkeyPatch) -> Failing:
    """Makes ``strands schema`` (and ``run``) raise what it is given."""

    def install(error: BaseException) -> None:
        def run(arguments: object, app: object) -> int:
            raise error

        module = ModuleType("a_failing_command")
        module.run = run  # type: ignore[attr-defined]  # a module made for this test
        monkeypatch.setitem(sys.modules, "a_failing_command", module)
        for command in ("schema", "run"):
            monkeypatch.setitem(COMMANDS, command, "a_failing_command:run")

    return install


def start(*argv: str, code: str = "", **options: object) -> subprocess.Popen[str]:
    """``strands`` in a process of its own; ``code`` runs first."""
    program = f"import sys\n{code}\nfrom durable_shell.cli.main import main\nsys.exit(main())"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return subprocess.Popen(
        [sys.executable, "-c", program, *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
        **options,  # type: ignore[call-overload]  # passed on as it stands
    )


# --- What goes wrong -----------------------------------------------------------------------------------


def test_a_wrong_command_line_is_exit_2_and_one_error(tmp_path: Path) -> None:
    environment = surroundings(tmp_path)
    assert main(["sesions"], App(environment)) == Exit.USAGE
    assert written(environment.stdout) == ""
    assert written(environment.stderr).startswith(
        "Error: Unknown command 'sesions'. Did you mean 'sessions'?"
    )
    assert not environment.home.exists()


def test_a_bug_is_exit_70_with_its_traceback_in_a_private_file(
    tmp_path: Path, schema_raises: Failing
) -> None:
    schema_raises(RuntimeError("\x1b[31mfirst\nsecond"))
    environment = surroundings(tmp_path)
    assert main(["schema"], App(environment)) == Exit.BUG
    kept = environment.home / "last-error.txt"
    assert written(environment.stderr) == (
        "Error: internal error: RuntimeError: [31mfirst second\n"
        "This is a bug in strands, not in your workflow. "
        "Sessions are safe: what was completed is saved and can be resumed.\n"
        f"Traceback: {kept}\n"
    )
    assert "Traceback (most recent call last)" in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert environment.home.stat().st_mode & 0o777 == 0o700


def test_verbose_shows_the_traceback_of_a_bug_and_keeps_no_file(
    tmp_path: Path, schema_raises: Failing
) -> None:
    schema_raises(RuntimeError("oh"))
    environment = surroundings(tmp_path)
    assert main(["run", "a.yaml", "--verbose"], App(environment)) == Exit.BUG
    assert "Traceback (most recent call last)" in written(environment.stderr)
    assert not environment.home.exists()


def test_a_traceback_does_not_follow_a_planted_link(tmp_path: Path, schema_raises: Failing) -> None:
    schema_raises(RuntimeError("oh"))
    environment = surroundings(tmp_path)
    environment.home.mkdir()
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (environment.home / "last-error.txt").symlink_to(victim)
    assert main(["schema"], App(environment)) == Exit.BUG
    assert victim.read_text() == "precious"
    assert "To see the traceback" in written(environment.stderr)


def test_a_file_error_that_escapes_is_exit_12_and_names_the_file(
    tmp_path: Path, schema_raises: Failing
) -> None:
    schema_raises(OSError(28, "No space left on device", "/somewhere/journal.jsonl"))
    environment = surroundings(tmp_path)
    assert main(["schema"], App(environment)) == Exit.IO
    assert written(environment.stderr).startswith(
        "Error: No space left on device: /somewhere/journal.jsonl\nSessions are safe"
    )
    assert main(["run", "a", "-v"], App(environment)) == Exit.IO
    assert "Traceback" in written(environment.stderr)


def test_an_interrupt_outside_a_run_is_exit_130_without_a_traceback(
    tmp_path: Path, schema_raises: Failing
) -> None:
    schema_raises(KeyboardInterrupt())
    environment = surroundings(tmp_path)
    assert main(["schema"], App(environment)) == Exit.INTERRUPTED
    assert written(environment.stderr) == "\nInterrupted.\n"


def test_a_broken_pipe_that_is_not_ours_is_not_hidden(tmp_path: Path, schema_raises: Failing) -> None:
    schema_raises(BrokenPipeError(32, "Broken pipe"))
    environment = surroundings(tmp_path)
    assert main(["schema"], App(environment)) == Exit.IO
    assert "Error: Broken pipe" in written(environment.stderr)


@pytest.mark.parametrize("argv", [("--help",), ("help", "sessions"), ("version",)])
def test_a_reader_that_went_away_ends_the_program_quietly(argv: tuple[str, ...]) -> None:
    program = start(*argv, code="sys.stdin.read(1)", stdin=subprocess.PIPE)
    assert program.stdout is not None
    program.stdout.close()  # before it writes anything
    assert program.stdin is not None
    program.stdin.write("x")
    program.stdin.close()
    assert program.stderr is not None
    said = program.stderr.read()
    program.stderr.close()
    assert (program.wait(300), said) == (Exit.BROKEN_PIPE, "")


def test_closed_streams_do_not_stop_the_program() -> None:
    for closed in ("0", "1", "2"):
        program = start(
            "version",
            code=f"import os; os.close({closed}); sys.std{('in', 'out', 'err')[int(closed)]} = None",
        )
        out, err = program.communicate(timeout=300)
        assert (program.returncode, err) == (0, ""), closed
        assert out.startswith("strands-durable") or closed == "1"


def test_a_folder_that_no_longer_exists_is_exit_12(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    program = start("version", code=f"import os; os.chdir({str(gone)!r}); os.rmdir({str(gone)!r})")
    _, err = program.communicate(timeout=300)
    assert program.returncode == Exit.IO
    assert err.startswith("Error: The current folder is gone. Go to one that is there\n")


# --- Help and version ----------------------------------------------------------------------------------


def test_help_is_the_usage_text_and_begins_with_examples(tmp_path: Path) -> None:
    for argv in (["--help"], ["-h"], ["help"], ["-q", "-h"]):
        environment = surroundings(tmp_path)
        assert main(argv, App(environment)) == Exit.DONE
        assert written(environment.stdout) == USAGE
    assert USAGE.index("Examples:") < USAGE.index("Usage:") < USAGE.index("Options:")


def test_no_arguments_give_help_on_standard_error_and_exit_2(tmp_path: Path) -> None:
    environment = surroundings(tmp_path)
    assert main([], App(environment)) == Exit.USAGE
    assert (written(environment.stdout), written(environment.stderr)) == ("", USAGE)


def test_the_help_of_one_command_holds_its_own_options_and_no_others(tmp_path: Path) -> None:
    environment = surroundings(tmp_path)
    assert main(["sessions", "delete", "--help"], App(environment)) == Exit.DONE
    text = written(environment.stdout)
    assert text.startswith("strands sessions delete - Delete sessions.")
    assert "  strands sessions delete ID... [--force]\n" in text
    assert "  -f, --force " in text
    assert "--out" not in text
    assert "ID is a full session id" in text


def test_the_help_of_a_group_is_that_of_its_commands(tmp_path: Path) -> None:
    environment = surroundings(tmp_path)
    assert main(["help", "sessions"], App(environment)) == Exit.DONE
    for name in ("list", "show", "delete"):
        assert f"strands sessions {name} - " in written(environment.stdout)


def test_help_about_nothing_known_is_a_mistake(tmp_path: Path) -> None:
    environment = surroundings(tmp_path)
    assert main(["help", "rum"], App(environment)) == Exit.USAGE
    assert "Unknown command 'rum'. Did you mean 'run'?" in written(environment.stderr)


def test_no_line_of_any_help_is_wider_than_80_columns() -> None:
    table = read_table()
    assert max(len(line) for line in USAGE.splitlines()) <= 80
    for command in table.summaries:
        text = help_of(command, table)
        assert max(len(line) for line in text.splitlines()) <= 80
        for form in table.forms_of(command):
            assert form.text in text


@pytest.mark.parametrize("asked", ["--version", "-V", "version"])
def test_version_names_all_three_versions(asked: str, tmp_path: Path) -> None:
    environment = surroundings(tmp_path)
    assert main([asked], App(environment)) == Exit.DONE
    python = ".".join(map(str, sys.version_info[:3]))
    text = written(environment.stdout)
    assert text.startswith("strands-durable ")
    assert f", Python {python}" in text
    assert text.endswith(f", strands-agents {version_of('strands-agents')}\n")
    assert version_of("no-such-distribution-as-this") == "(not installed)"


def test_help_and_lists_start_without_heavy_imports() -> None:
    check = "import atexit; atexit.register(lambda: print(sorted(sys.modules), file=sys.stderr))"
    helped = start("--help", code=check).communicate(timeout=300)[1]
    wrong = start("sessions", "lst", code=check).communicate(timeout=300)[1]
    for name in ("'re'", "'typing'", "'docopt'", "'dataclasses'", "'pathlib'"):
        assert name not in helped
    for name in ("'strands'", "'rich'", "'asyncio'", "'pydantic'", "'yaml'", "'jinja2'"):
        assert name not in wrong
    assert "'durable_shell.cli.usage'" in helped
    assert "'durable_shell.cli.usage_errors'" in wrong


def test_every_command_module_lies_in_the_commands_package() -> None:
    assert durable_shell.__doc__
    assert all(path.startswith("durable_shell.cli.commands.") for path in main_module.COMMANDS.values())


# --- The environment -----------------------------------------------------------------------------------


def test_the_home_is_absolute_and_movable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert home_of({}, tmp_path) == tmp_path / "me" / ".strands"
    assert home_of({"STRANDS_HOME": ""}, tmp_path) == tmp_path / "me" / ".strands"
    assert home_of({"STRANDS_HOME": "here"}, tmp_path) == tmp_path / "here"
    assert home_of({"STRANDS_HOME": "~/there"}, tmp_path) == tmp_path / "me" / "there"


def test_the_width_comes_from_columns_or_the_terminal_or_is_80() -> None:
    assert width_of({"COLUMNS": "120"}, ()) == 120
    for wrong in ("", "0", "-5", "wide", "²"):
        assert width_of({"COLUMNS": wrong}, (io.StringIO(),)) == 80


@pytest.mark.parametrize(
    ("env", "can_ask", "animates", "draws"),
    [
        ({}, True, True, True),
        ({"TERM": "dumb"}, True, False, False),
        ({"CI": "true"}, False, False, True),
        ({"CI": "false"}, True, True, True),
    ],
)
def test_dumb_terminals_and_build_servers_get_no_animation(
    tmp_path: Path, env: dict[str, str], can_ask: bool, animates: bool, draws: bool
) -> None:
    there = surroundings(tmp_path, env, terminal=True)
    assert (there.can_ask, there.animates, there.draws) == (can_ask, animates, draws)
    piped = surroundings(tmp_path, env)
    assert (piped.can_ask, piped.animates, piped.draws) == (False, False, False)


def test_the_process_gives_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("STRANDS_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stdin", None)
    there = Environment.of_process()
    assert (there.home, there.cwd, there.no_color) == (tmp_path, tmp_path, True)
    assert not there.stdout_is_terminal
    assert there.stdin.read() == ""
    there.stdout.write("✓\ud800")
    there.stdout.flush()
    assert stream.buffer.getvalue() == b"\\u2713\\ud800"  # type: ignore[attr-defined]  # it is a BytesIO
    there.stdin.close()
