"""Where a session's project is now: its spec, and the folder that its artifacts go to.

A project can be moved between two runs. Its new place is taken from the person (``--spec``) or, if they stand
in it, seen: the old folder is gone, and the very same spec stands at the same place below the current one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from returns.result import Failure

from durable_core.session import Session
from durable_core.session.places import artifacts_due, needed_folder
from durable_core.session.resume import SpecGone, SpecNow
from durable_shell.app import App
from durable_shell.cli.exit_codes import Exit
from durable_shell.errors import OperationError
from durable_shell.operations.problems import SpecInvalid, spec_error
from durable_shell.sources.moved import folder_is_gone, moved_here
from durable_shell.sources.spec_file import Unreadable, full_path, load_spec, unchanged
from durable_shell.terminal.messages import run as run_messages


def spec_now(app: App, session: Session, path: str | None) -> SpecNow | SpecGone | None:
    """The session's spec file as it is now, at ``path`` if a person names it. Raises OperationError.

    None for a session whose spec came from no file.
    """
    source, cwd = session.source, app.environment.cwd
    if path is None and source.path is None:
        return None
    named = path or source.path or ""
    kept = _kept(session, path, cwd)
    if kept is not None:
        return kept
    loaded = load_spec(named, cwd)
    if not isinstance(loaded, Failure):
        return SpecNow(loaded.unwrap().spec, loaded.unwrap().source)
    trouble = loaded.failure()
    if path is None and isinstance(trouble, Unreadable) and trouble.missing:
        here = moved_here(session.options.folder, named, source.sha256, str(cwd))
        return (here and _kept(session, here, cwd)) or SpecGone(named)
    raise spec_error(named, trouble, cwd, run_messages.snapshot_hint(session.id))


def _kept(session: Session, path: str | None, cwd: Path) -> SpecNow | None:
    """The session's spec, as it was understood when it was read, if its file still says the same.

    The file is at ``path`` if that is given.
    """
    source = session.source if path is None else replace(session.source, path=full_path(cwd / path))
    return SpecNow(session.spec, source) if unchanged(source, cwd) else None


def check_artifact_folder(session: Session) -> None:
    """An artifact that is still due would make a vanished folder again: OperationError instead."""
    folder = needed_folder(session.options)
    if artifacts_due(session) and folder is not None and folder_is_gone(folder):
        raise OperationError(Exit.IO, *run_messages.folder_gone(folder, session.options.out, session.id))


@contextlib.contextmanager
def whereabouts_named(session: Session) -> Iterator[None]:
    """What can't be found below a spec's folder that is gone is told together with the way out."""
    try:
        yield
    except SpecInvalid as invalid:
        path = session.source.path
        if path is None or not folder_is_gone(str(Path(path).parent)):
            raise
        hint = run_messages.moved_hint(session.id)
        raise SpecInvalid(invalid.path, invalid.problems, hint, code=invalid.code) from None
