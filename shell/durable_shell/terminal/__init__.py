"""How things are shown: the result on standard output, everything said to people on standard error.

On a terminal, progress moves and tables have lines; anywhere else they are plain lines. The choice is made
here, from the environment alone, and rich is imported only when something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from durable_core.characters import whole
from durable_shell.terminal import safe_text
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.plain import PlainProgress, say, session_lines, sessions_lines

if TYPE_CHECKING:
    from durable_shell.cli.environment import Environment

JsonDocument = Mapping[str, Any]
"""A JSON document of a session's folder, as parsed."""


class Progress(Protocol):
    """Tells people how a run is going. No method raises when the terminal or the pipe has gone away."""

    def note(self, line: str) -> None:
        """Say something; not shown with --quiet."""
        ...

    def warn(self, line: str) -> None:
        """Say something that matters even with --quiet."""
        ...

    def started(self, key: str, title: str) -> None:
        """An attempt of the unit ``key`` runs now."""
        ...

    def finished(self, key: str, line: str) -> None:
        """The unit ``key`` runs no more; ``line`` says how it ended."""
        ...

    def waiting(self, key: str, title: str, seconds: float, reason: str) -> None:
        """The unit ``key`` is tried again in ``seconds``."""
        ...

    def close(self) -> None:
        """Stop drawing, before a question or the result. A later ``started`` draws again."""
        ...


def open_progress(environment: Environment, *, quiet: bool = False, verbose: bool = False) -> Progress:
    """The progress display that suits standard error; with ``quiet`` only warnings are shown."""
    if quiet or not environment.animates:
        return PlainProgress(environment.stderr, quiet=quiet, verbose=verbose)
    from durable_shell.terminal.rich import RichProgress

    return RichProgress(environment.stderr, no_color=environment.no_color)


def show_result(environment: Environment, text: str) -> None:
    """The final answer on standard output: made harmless for a terminal; into a pipe or file as it is, but
    for half a character, which no UTF-8 has."""
    shown = safe_text.printable(text) if environment.stdout_is_terminal else whole(text)
    environment.stdout.write(shown + "\n")
    environment.stdout.flush()


def show_sessions(environment: Environment, sessions: Sequence[JsonDocument]) -> None:
    """A table of session.json documents, in the order given. An empty one says so on standard error."""
    if not sessions:
        say(environment.stderr, run_messages.no_sessions())
    if environment.draws:
        if sessions:
            from durable_shell.terminal.rich import draw_sessions

            draw_sessions(sessions, environment.stdout, environment.width, no_color=environment.no_color)
        return
    environment.stdout.write("".join(f"{line}\n" for line in sessions_lines(sessions)))


def show_session(environment: Environment, session: JsonDocument, pattern_state: JsonDocument | None) -> None:
    """One session: its session.json and pattern_state.json documents (None if there is none yet)."""
    if environment.draws:
        from durable_shell.terminal.rich import draw_session

        draw_session(
            session, pattern_state, environment.stdout, environment.width, no_color=environment.no_color
        )
        return
    environment.stdout.write("".join(f"{line}\n" for line in session_lines(session, pattern_state)))
