"""The tables of transitions: for each machine, which events happen in which kind of state.

The property tests own what is shown here: they walk the same families of small specs, and fail when a
transition of these tables is not taken by the runs that their laws look at.
"""

from __future__ import annotations

from docs.generator.markdown import table
from durable_core.patterns import PATTERNS
from property_tests.worlds import session_walk
from property_tests.worlds.families import Reached, reached


def session() -> str:
    """How far the walks over sessions went, and their table."""
    return _told(session_walk.reached())


def patterns() -> str:
    """A section for each pattern: how far the walks went, and its table."""
    return "\n\n".join(f"### {pattern}\n\n{_told(reached(pattern))}" for pattern in PATTERNS)


def _told(found: Reached) -> str:
    events = sorted({event for _, event in found.pairs})
    kinds = sorted({kind for kind, _ in found.pairs})
    rows = [(kind, *("✓" if (kind, event) in found.pairs else "" for event in events)) for kind in kinds]
    heads = ("Where it stands", *(f"`{_short(event)}`" for event in events))
    walked = f"{found.states:,} states of {found.specs} small workflows, {len(found.pairs)} transitions."
    return f"{walked}\n\n{table(heads, rows)}"


def _short(event: str) -> str:
    """``step_completed`` for ``chain.step_completed/1``."""
    return event.rpartition(".")[2].partition("/")[0]
