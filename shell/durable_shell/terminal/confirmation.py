"""A yes or no from whoever sits at the terminal. Imports no machine: deleting is quick."""

from __future__ import annotations

from durable_core.characters import whole
from durable_shell.cli.environment import Environment
from durable_shell.terminal.safe_text import encodable, printable


def agrees(environment: Environment, question: str) -> bool:
    """Whether the person says yes to ``question``, which ends where they type."""
    return typed_at(environment, question).strip().lower() in ("y", "yes")


def typed_at(environment: Environment, prompt: str) -> str:
    """The line that is typed after ``prompt``; empty at the end of the input. What is no text is refused."""
    encoding = getattr(environment.stderr, "encoding", None)
    while True:
        environment.stderr.write(encodable(printable(prompt), encoding))
        environment.stderr.flush()
        try:
            line = environment.stdin.readline()
        except UnicodeDecodeError:
            line = "\udcff"  # as a terminal's stream hands it on that is set to take any byte
        if whole(line) == line:
            return line
        environment.stderr.write("That is not UTF-8 text. Type it again.\n")
