"""The console script ``strands``: find the command, run it, and turn whatever happens into an exit code.

Start-up is a feature. This module imports nothing but ``sys``; each command brings in what it needs,
through the table of paths below. No exception ends as a traceback on a user's screen unless ``--verbose``
asks for it.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # typing's own would cost more time than printing the help
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TextIO

    from durable_shell.app import App

COMMANDS = {
    "run": "durable_shell.cli.commands.run:run",
    "resume": "durable_shell.cli.commands.resume:run",
    "validate": "durable_shell.cli.commands.validate:run",
    "plan": "durable_shell.cli.commands.plan:run",
    "explain": "durable_shell.cli.commands.explain:run",
    "schema": "durable_shell.cli.commands.schema:run",
    "sessions list": "durable_shell.cli.commands.sessions_list:run",
    "sessions show": "durable_shell.cli.commands.sessions_show:run",
    "sessions delete": "durable_shell.cli.commands.sessions_delete:run",
    "sessions answer": "durable_shell.cli.commands.sessions_answer:run",
    "sessions settle": "durable_shell.cli.commands.sessions_settle:run",
    "sessions tick": "durable_shell.cli.commands.sessions_tick:run",
    "sessions verify": "durable_shell.cli.commands.sessions_verify:run",
    "sessions repair": "durable_shell.cli.commands.sessions_repair:run",
    "sessions cleanup": "durable_shell.cli.commands.sessions_cleanup:run",
    "version": "durable_shell.cli.commands.version:run",
    "help": "durable_shell.cli.commands.help:run",
}
"""Each command's ``module:function``; it takes (Arguments, App) and returns an exit code."""

_READING = {"validate", "plan", "sessions show", "sessions verify"}
"""What reads a spec and runs no code of others: neither the SDK, nor a user's tools."""

_NEW_OBJECTS = 50_000
"""How many new objects there may be before the collector looks for garbage; Python's own number is 700."""

_SAFE = "Sessions are safe: what was completed is saved and can be resumed."


def main(argv: Sequence[str] | None = None, app: App | None = None) -> int:
    """Run one command line (without the program's name) and return its exit code.

    Without an ``app`` it works in the surroundings of this process. Never raises, except SystemExit if a
    command does. Without arguments the help goes to standard error.
    """
    line = list(sys.argv[1:] if argv is None else argv)
    stdout, stderr = (app.environment.stdout, app.environment.stderr) if app else (sys.stdout, sys.stderr)
    alone = app is None
    if alone:
        _collect_seldom()
    try:
        if line in ([], ["--help"], ["-h"], ["help"]):  # the quick way: no parser, no environment
            code = _usage(stdout if line else stderr, asked=bool(line))
        else:
            if app is None:
                from durable_shell.app import App
                from durable_shell.cli.environment import Environment

                app = App(Environment.of_process())
                stdout, stderr = app.environment.stdout, app.environment.stderr
            code = _run(line, app, alone=alone)
        if stdout is not None:
            stdout.flush()
    except KeyboardInterrupt:
        return _interrupted(stderr)
    except BrokenPipeError as broken:
        if _reader_is_gone(stdout) or _reader_is_gone(stderr):
            return _broken_pipe(stdout, stderr)
        return _file_error(broken, line, stderr)
    except OSError as error:
        return _file_error(error, line, stderr)
    except Exception as error:
        return _bug(error, line, stderr, app)
    finally:
        if alone:
            _leave_quickly()
    return code


def _usage(stream: TextIO | None, *, asked: bool) -> int:
    from durable_shell.cli.usage import USAGE

    if stream is not None:
        stream.write(USAGE)
    return 0 if asked else 2


def _run(line: list[str], app: App, *, alone: bool) -> int:
    from durable_shell.cli.environment import FILES_AT_ONCE, must_open
    from durable_shell.cli.exit_codes import Exit
    from durable_shell.cli.parser import Arguments, parse
    from durable_shell.errors import OperationError

    parsed = parse(line)
    if not isinstance(parsed, Arguments):
        app.environment.stderr.write(parsed.text)
        return Exit.USAGE
    if alone:
        _warn_nobody()
        if parsed.command in _READING:
            _want_no_plugins()
    from importlib import import_module

    module, _, function = COMMANDS[parsed.command].partition(":")
    try:
        must_open(FILES_AT_ONCE)
        return int(getattr(import_module(module), function)(parsed, app))
    except OperationError as error:
        from durable_shell.cli.error_report import report

        return report(app.environment, error)


def _collect_seldom() -> None:
    """In a process of our own: loading makes objects that stay, and is no time to look for garbage."""
    import gc

    gc.set_threshold(_NEW_OBJECTS)


def _warn_nobody() -> None:
    """What Python and libraries warn of is for programmers, who can ask for it (``python -W``)."""
    if not sys.warnoptions:
        import warnings

        warnings.simplefilter("ignore")


def _leave_quickly() -> None:
    """The interpreter looks for garbage while it ends, among all that was loaded: spare it that."""
    import gc

    gc.freeze()


def _want_no_plugins() -> None:
    """Pydantic would look for plugins through all installed packages. The models of a spec need none.

    It imports what would find them all the same, a twelfth of the time of such a command: a module stands in
    its place that brings in the real one when something of it is used.
    """
    import os
    from importlib import import_module
    from types import ModuleType

    name = "importlib.metadata"
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if name in sys.modules:
        return
    stand_in = ModuleType(name)

    def used(attribute: str) -> Any:
        if attribute.startswith("__"):  # asked for by the import itself
            raise AttributeError(attribute)
        if sys.modules.get(name) is stand_in:
            del sys.modules[name]
        return getattr(import_module(name), attribute)

    def entry_points(**wanted: str) -> Any:
        return used("entry_points")(**wanted)

    vars(stand_in).update(__getattr__=used, entry_points=entry_points)
    sys.modules[name] = stand_in


def _interrupted(stderr: TextIO | None) -> int:
    """Ctrl-C outside a run: inside one, the driver answers it."""
    from durable_shell.cli.exit_codes import Exit
    from durable_shell.terminal.plain import say

    say(stderr, "", "Interrupted.")
    return Exit.INTERRUPTED


def _reader_is_gone(stream: TextIO | None) -> bool:
    """Whether a stream is a pipe that nobody reads any more."""
    import select

    if stream is None:
        return False
    try:
        poll = select.poll()
        poll.register(stream.fileno(), 0)  # an error is reported without being asked for
        return any(event & select.POLLERR for _, event in poll.poll(0))
    except (OSError, ValueError, AttributeError):  # no file behind it, closed, or a system without poll
        return False


def _broken_pipe(*streams: TextIO | None) -> int:
    """Say nothing, and keep the interpreter from trying again at exit: what is buffered goes nowhere."""
    import os

    from durable_shell.cli.exit_codes import Exit

    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        if stream is not None and _reader_is_gone(stream):
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
    return Exit.BROKEN_PIPE


def _file_error(error: OSError, line: list[str], stderr: TextIO | None) -> int:
    """A file or the store failed, and the command had no better words for it."""
    from durable_shell.cli.exit_codes import Exit
    from durable_shell.terminal.messages.errors import error as worded
    from durable_shell.terminal.plain import say

    about = f": {error.filename}" if error.filename else ""
    say(stderr, worded(f"{error.strerror or error}{about}"), _SAFE)
    if _verbose(line):
        say(stderr, *_traceback(error).splitlines())
    return Exit.IO


def _bug(error: Exception, line: list[str], stderr: TextIO | None, app: App | None) -> int:
    from durable_shell.cli.exit_codes import Exit
    from durable_shell.terminal.plain import say
    from durable_shell.terminal.safe_text import one_line, shortened

    text = shortened(one_line(f"{type(error).__name__}: {error}"), 300)
    say(stderr, f"Error: internal error: {text}", f"This is a bug in strands, not in your workflow. {_SAFE}")
    if _verbose(line):
        say(stderr, *_traceback(error).splitlines())
        return Exit.BUG
    path = _keep_traceback(_traceback(error), app)
    say(
        stderr, f"Traceback: {path}" if path else "To see the traceback, set --verbose where it is an option."
    )
    return Exit.BUG


def _verbose(line: list[str]) -> bool:
    options = line[: line.index("--")] if "--" in line else line
    return "--verbose" in options or "-v" in options


def _traceback(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error))


def _keep_traceback(text: str, app: App | None) -> str | None:
    """Write a traceback to one file in the sessions' home, for its owner alone; None if that fails."""
    import os

    if app is None:
        return None
    environment = app.environment
    path = environment.home / "last-error.txt"
    try:
        environment.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError:
        return None
    return str(path)
