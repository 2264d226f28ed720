"""``strands explain SPEC``: the workflow in sentences. Runs nothing."""

from __future__ import annotations

from returns.result import Failure

from durable_core.planning.plan import explain
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.start import read_spec
from durable_shell.terminal.messages.run import printable


def run(arguments: Arguments, environment: Environment) -> int:
    """Print the sentences."""
    loaded = read_spec(environment, arguments.word("SPEC"))
    if isinstance(loaded, Failure):
        return Exit(loaded.failure())
    environment.stdout.write("".join(f"{printable(line)}\n" for line in explain(loaded.unwrap().spec)))
    return Exit.DONE
