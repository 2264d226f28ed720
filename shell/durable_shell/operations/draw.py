"""Writing a drawing of a workflow to a file, in the form that the file's ending names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from durable_core.drawing import flowchart, svg
from durable_core.planning.topology import Stage, pictured, topology
from durable_core.spec.models import Spec
from durable_core.types import UnitId
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.terminal.messages import errors as error_messages
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.plain import say


def write_graph(
    environment: Environment, name: str, spec: Spec, reached: Mapping[UnitId, Stage] | None
) -> Exit:
    """Draw ``spec`` into the file ``name`` (``.svg`` or ``.mmd``), coloured by ``reached`` if given."""
    picture = pictured(f"{spec.name} ({spec.pattern.type})", topology(spec), reached)
    match Path(name).suffix.lower():
        case ".svg":
            drawing = svg(picture)
        case ".mmd":
            drawing = flowchart(picture)
        case _:
            say(environment.stderr, error_messages.unknown_drawing(name))
            return Exit.USAGE
    (environment.cwd / name).write_text(drawing, encoding="utf-8")  # main words what the disk says
    say(environment.stderr, run_messages.drawing_written(name))
    return Exit.DONE
