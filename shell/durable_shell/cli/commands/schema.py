"""``strands schema``: the JSON Schema of workflow files, for editors."""

from __future__ import annotations

from durable_core.spec.schema import json_schema
from durable_shell.app import App
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.terminal.safe_text import json_text


def run(arguments: Arguments, app: App) -> int:
    """Print the schema."""
    del arguments
    app.environment.stdout.write(json_text(json_schema()) + "\n")
    return Exit.DONE
