"""Which program writes the journal: later versions, and older ones that can't read it, tell people by it."""

from __future__ import annotations

from durable_core.session.state import Writer
from durable_core.version import VERSION


def this_program() -> Writer:
    """This program as it signs a journal."""
    return Writer(program=VERSION)
