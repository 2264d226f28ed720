"""Times in a journal that somebody else made: one that no calendar has is damage, never our fault."""

from __future__ import annotations

import copy
import math
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure

from durable_core.bounds import LAST_MOMENT
from durable_core.journal.verification import recount
from durable_core.session.state import Session
from durable_core.views.documents import agent_document, pattern_document, session_document
from durable_shell.store.digest import chain_digest
from tests.support.golden import journals, wires

PLAYED: Final = {
    name: wires(path)
    for name, path in journals().items()
    if name in {"5-folder/timeout", "7-way-alone/faults", "7-way-alone/parallel-paused", "8-writer/chain"}
}
"""Journals with deadlines, waits, budgets and artifacts."""

TIMES: Final = frozenset({"at", "deadline", "not_before"})

instants = st.floats() | st.sampled_from(
    [-1.0, 253_402_300_799.5, 1e11, 1e300, math.inf, -math.inf, math.nan]
)


def shown(session: Session) -> None:
    """All that a person can be shown of a session."""
    session_document(session)
    pattern_document(session)
    for name, conversation in session.conversations.items():
        agent_document(name, conversation)


@given(st.sampled_from(sorted(PLAYED)), st.data(), instants)
def test_whatever_stands_for_a_time_a_journal_is_refused_with_its_line_or_can_be_shown(
    name: str, data: st.DataObject, instant: float
) -> None:
    events: list[dict[str, Any]] = copy.deepcopy(PLAYED[name])
    place = data.draw(st.integers(0, len(events) - 1))
    field = data.draw(st.sampled_from(sorted(TIMES & events[place].keys())))
    events[place][field] = instant
    counted = recount(events, PLAYED[name][0]["session_id"], chain_digest)
    if isinstance(counted, Failure):
        assert getattr(counted.failure(), "line", None) == place + 1
    else:
        assert 0 <= instant <= LAST_MOMENT
        shown(counted.unwrap()[1])
