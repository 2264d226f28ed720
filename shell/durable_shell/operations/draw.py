"""Writing a drawing of a workflow to a file, in the form that the file's ending names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from durable_core.drawing import flowchart, svg
from durable_core.planning.topology import pictured, topology
from durable_core.spec.models import Spec
from durable_core.types import UnitId, UnitStatus
from durable_shell.app import App
from durable_shell.cli.exit_codes import Exit
from durable_shell.errors import OperationError
from durable_shell.terminal.messages import errors as error_messages


def write_graph(app: App, name: str, spec: Spec, reached: Mapping[UnitId, UnitStatus] | None) -> None:
    """Draw ``spec`` into the file ``name`` (``.svg`` or ``.mmd``), coloured by ``reached`` if given.

    Raises OperationError for another ending, and OSError.
    """
    picture = pictured(f"{spec.name} ({spec.pattern.type})", topology(spec), reached)
    match Path(name).suffix.lower():
        case ".svg":
            drawing = svg(picture)
        case ".mmd":
            drawing = flowchart(picture)
        case _:
            raise OperationError(Exit.USAGE, error_messages.unknown_drawing(name))
    (app.environment.cwd / name).write_text(drawing, encoding="utf-8")
