"""What is shown of a session that runs, and of one whose driver died."""

from __future__ import annotations

from durable_core.session.evolution import given_up
from durable_core.views.documents import as_left, session_document
from tests.support.session_kit import WRITE, Story, chain_of


def test_a_session_that_nobody_drives_any_more_is_interrupted() -> None:
    session = Story(chain_of(WRITE)).session
    shown, document = as_left(session, driven=False)
    assert shown == given_up(session)
    assert document["metadata"]["status"] == "interrupted"
    document["metadata"]["status"] = "running"
    assert document == session_document(session), "and nothing else is different"


def test_a_session_that_is_driven_or_does_not_run_is_shown_as_it_is() -> None:
    session = Story(chain_of(WRITE)).session
    assert as_left(session, driven=True) == (session, session_document(session))
    waiting = Story(chain_of({"type": "hitl", "prompt": "Well?"}))
    waiting.ask("steps/0")
    assert session_document(waiting.session)["metadata"]["status"] == "paused"
    assert as_left(waiting.session, driven=False) == (waiting.session, session_document(waiting.session))
