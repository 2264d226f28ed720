"""``strands schema``: the JSON Schema of workflow files, for editors."""

from __future__ import annotations

import json

from durable_core.spec.schema import json_schema
from durable_shell.app import App
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments


def run(arguments: Arguments, app: App) -> int:
    """Print the schema."""
    del arguments
    app.environment.stdout.write(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")
    return Exit.DONE
