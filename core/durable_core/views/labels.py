"""What a completed unit is called to people who watch a session being resumed."""

from __future__ import annotations

from durable_core.session.state import Done


def done_label(done: Done) -> str:
    """The unit, and who completed it. A step of a chain is called by its number, as in the step history."""
    kind, _, index = done.unit.partition("/")
    unit = f"step {index}" if kind == "steps" and index.isdecimal() else done.unit
    return f"{unit}: {done.agent or 'person'}"
