"""What the program was given: streams, folders, environment variables, and facts about the terminal.

Built once, by ``Environment.of_process()``, and handed to every command. Nothing else in the shell looks at
``sys.stdout`` or ``os.environ`` for these, so a test runs a command by building an Environment of its own.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import Literal, NamedTuple, TextIO

_DEFAULT_WIDTH = 80  # columns, when nobody knows

FILES_FOR_VIEWS = 4
"""How many files the views of a session need at once: three folders, each in the other, and a file."""

FILES_IN_A_DRIVE = 20 + FILES_FOR_VIEWS
"""How many files a drive may open at once: those for views, 2 for a module that is loaded, two for each of
the five calls that run at the same time unless a workflow says otherwise. The rest is for tools."""

FILES_AT_ONCE = FILES_IN_A_DRIVE + 8
"""How many files a command may open at once: its drive's, 5 for the session, 3 for the event loop."""

FILES_OF_A_CALL = 4 + FILES_FOR_VIEWS
"""How many files may be opened while a model or a tool is called: by the call itself, as far as we know, two
folders and a file in them, or a connection and what its name is looked up in; and those for views, which may
be written meanwhile. Where fewer can be opened, none begins, and one that failed may have failed for that."""

_USUAL_LIMIT = 1024
"""How many files a process may have open on most systems, unless somebody says otherwise."""


class Environment(NamedTuple):
    """The surroundings of one command."""

    stdin: TextIO
    stdout: TextIO
    """The result, and nothing else."""
    stderr: TextIO
    """Everything said to people."""
    home: Path
    """Where sessions are kept: STRANDS_HOME, else ~/.strands. Absolute; need not exist."""
    cwd: Path
    env: Mapping[str, str]
    stdin_is_terminal: bool = False
    stdout_is_terminal: bool = False
    stderr_is_terminal: bool = False
    width: int = _DEFAULT_WIDTH
    """Columns of the terminal."""
    no_color: bool = False

    @property
    def in_ci(self) -> bool:
        """Whether a build server runs this: then there is no animation, and nobody to ask."""
        return self.env.get("CI", "").lower() not in ("", "0", "false", "no")

    @property
    def can_ask(self) -> bool:
        """Whether a person can be asked a question now (``--no-input`` not considered)."""
        return self.stdin_is_terminal and self.stderr_is_terminal and not self.in_ci

    @property
    def animates(self) -> bool:
        """Whether progress may move on standard error."""
        return self.stderr_is_terminal and not self._dumb and not self.in_ci

    @property
    def draws(self) -> bool:
        """Whether standard output may hold tables and panels drawn with lines."""
        return self.stdout_is_terminal and not self._dumb

    @property
    def _dumb(self) -> bool:
        return self.env.get("TERM", "") == "dumb"

    @classmethod
    def of_process(cls) -> Environment:
        """The surroundings of this process. Raises OSError when the current folder no longer exists."""
        env = dict(os.environ)
        stdin = sys.stdin or _nothing("r")
        stdout = _forgiving(sys.stdout or _nothing("w"))
        stderr = _forgiving(sys.stderr or _nothing("w"))
        try:
            cwd = Path.cwd()
        except FileNotFoundError as gone:
            said = "The current folder is gone. Go to one that is there"
            raise FileNotFoundError(gone.errno, said) from None
        return cls(
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            home=home_of(env, cwd),
            cwd=cwd,
            env=env,
            stdin_is_terminal=_is_terminal(stdin),
            stdout_is_terminal=_is_terminal(stdout),
            stderr_is_terminal=_is_terminal(stderr),
            width=width_of(env, (stdout, stderr)),
            no_color=bool(env.get("NO_COLOR")) or env.get("TERM", "") == "dumb",
        )


def home_of(env: Mapping[str, str], cwd: Path) -> Path:
    """Where sessions are kept, as an absolute path."""
    chosen = env.get("STRANDS_HOME") or "~/.strands"
    return cwd / os.path.expanduser(chosen)


def width_of(env: Mapping[str, str], streams: tuple[TextIO, ...]) -> int:
    """Columns: COLUMNS if it is a positive number, else the first terminal's own width, else 80."""
    columns = env.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns[:6]) > 0:
        return int(columns[:6])
    for stream in streams:
        try:
            return os.get_terminal_size(stream.fileno()).columns or _DEFAULT_WIDTH
        except (OSError, ValueError):
            continue
    return _DEFAULT_WIDTH


class SpareFiles:
    """Files that are kept open for nothing, so that others can be opened in their place at the end."""

    def __init__(self) -> None:
        self._kept: list[int] = []

    def keep(self, count: int) -> bool:
        """Open so many, or as many as this process may open; False if those are fewer.

        Where files can't be opened for another reason, there is no telling: none are kept, and it is True.
        """
        try:
            for _ in range(count):
                self._kept.append(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
        except OSError as error:
            return error.errno not in (errno.EMFILE, errno.ENFILE)
        return True

    def free(self) -> int:
        """Close them; gives how many there were."""
        kept, self._kept = self._kept, []
        for descriptor in kept:
            os.close(descriptor)
        return len(kept)


def can_open(count: int) -> bool:
    """Whether this process may open so many more files at once."""
    tried = SpareFiles()
    try:
        return tried.keep(count)
    finally:
        tried.free()


def must_open(count: int) -> None:
    """Find out whether this process may open so many more files at once. Raises OperationError if not.

    A limit that is met in the middle of things shows itself as whatever could not be opened then: a view that
    is missing, a module that can't be loaded. So it is looked at before all else.
    """
    if not can_open(count):
        from durable_shell.cli.exit_codes import Exit
        from durable_shell.errors import OperationError
        from durable_shell.terminal.messages.errors import too_few_file_handles

        raise OperationError(Exit.IO, *too_few_file_handles(count, higher_limit()))


def files_allowed() -> int:
    """How many files this process may have open. Loads nothing, as that may open a file."""
    return os.sysconf("SC_OPEN_MAX")


def higher_limit() -> int:
    """How many files a process had better be allowed to have open where this one may not open enough."""
    return max(_USUAL_LIMIT, 2 * files_allowed())


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def _nothing(mode: Literal["r", "w"]) -> TextIO:
    """A stream in place of one that was closed before we started (``strands ... >&-``)."""
    return open(os.devnull, mode, encoding="utf-8")


def _forgiving(stream: TextIO) -> TextIO:
    """A character that the stream's encoding lacks is written as an escape: an answer was paid for."""
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream
