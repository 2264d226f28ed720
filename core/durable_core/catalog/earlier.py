"""Whether a run was begun before: the same spec file with the same variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from durable_core.catalog.lookup import PlacedSession, resumable
from durable_core.persistent.frozen_dict import freeze
from durable_core.types import Json


def begun_before(
    sessions: Sequence[PlacedSession],
    *,
    spec_path: str,
    variables: Json,
    variables_of: Callable[[PlacedSession], Json],
) -> PlacedSession | None:
    """The newest of ``sessions`` that can be resumed and has this spec file and these variables, if any.

    ``variables_of`` gives a session's variables and is asked for no more sessions than needed: each may be
    a file to read.
    """
    wanted = freeze(variables)
    candidates = resumable(sessions, spec_path=spec_path)
    return next((one for one in candidates if freeze(variables_of(one)) == wanted), None)
