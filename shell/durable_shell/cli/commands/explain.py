"""``strands explain SPEC``: the workflow in sentences. Runs nothing."""

from __future__ import annotations

from durable_core.planning.plan import explain
from durable_shell.app import App
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.inputs import read_spec
from durable_shell.terminal.safe_text import printable


def run(arguments: Arguments, app: App) -> int:
    """Print the sentences."""
    spec = read_spec(app, arguments.word("SPEC")).spec
    app.environment.stdout.write("".join(f"{printable(line)}\n" for line in explain(spec)))
    return Exit.DONE
