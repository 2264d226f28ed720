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
    spec_hash: str,
    is_gone: Callable[[str], bool],
    variables: Json,
    variables_of: Callable[[PlacedSession], Json],
    name: str | None = None,
) -> PlacedSession | None:
    """The newest of ``sessions`` that can be resumed and has this spec file and these variables, if any.

    With a ``name`` only sessions that are called so count: whoever names a run means that one.
    The same spec (``spec_hash``) at another path is this file if that path ``is_gone``: it was moved.
    ``variables_of`` gives a session's variables and is asked for no more sessions than needed: each may be
    a file to read.
    """
    wanted = freeze(variables)
    candidates = resumable(
        one
        for one in sessions
        if name in (None, one.name)
        and (
            one.spec_path == spec_path
            or (one.spec_path != "" and one.spec_hash == spec_hash and is_gone(one.spec_path))
        )
    )
    return next((one for one in candidates if freeze(variables_of(one)) == wanted), None)
