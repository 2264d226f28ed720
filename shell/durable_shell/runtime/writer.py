"""Which program writes the journal: later versions, and older ones that can't read it, tell people by it."""

from __future__ import annotations

from durable_core.session.state import Writer


def this_program() -> Writer:
    """This program as it signs a journal; without a version where it runs from a bare source tree."""
    from importlib.metadata import PackageNotFoundError, version  # slow to load, and needed once a run

    try:
        return Writer(program=version("strands-durable"))
    except PackageNotFoundError:
        return Writer()
