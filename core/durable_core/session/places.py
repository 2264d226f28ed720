"""The folders that a session knows, and where they are after its project was moved.

A folder that has vanished is never made again for what a session had in it.
"""

from __future__ import annotations

from dataclasses import replace

from durable_core.paths import is_below, moved_project, relocated
from durable_core.session.state import Options, Session, artifact_unit


def moved_options(options: Options, old_spec: str, new_spec: str) -> Options:
    """``options`` after the project was moved: what was below its folder is below the new one."""
    old, new = moved_project(old_spec, new_spec)
    return replace(options, out=relocated(options.out, old, new), folder=relocated(options.folder, old, new))


def artifacts_due(session: Session) -> bool:
    """Whether an artifact is still to be written."""
    outputs = session.spec.outputs
    count = len(outputs.artifacts) if outputs else 0
    return any(artifact_unit(index) not in session.artifacts for index in range(count))


def needed_folder(options: Options) -> str | None:
    """The folder that must be there before artifacts are written: where the session was started, if they go
    into it. None where nothing is known to have been there: folders that ``out`` names are made.
    """
    return options.folder if is_below(options.out, options.folder) else None
