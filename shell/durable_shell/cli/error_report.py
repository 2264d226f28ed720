"""The one place where an error becomes text and an exit code."""

from __future__ import annotations

from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.errors import OperationError
from durable_shell.terminal.plain import say


def report(environment: Environment, error: OperationError) -> Exit:
    """Say what could not be done, and give the exit code."""
    say(environment.stderr, *error.lines)
    return error.code
