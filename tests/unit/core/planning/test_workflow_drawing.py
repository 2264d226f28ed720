"""A workflow as a drawing, coloured by how far a session of it is."""

from __future__ import annotations

from durable_core.drawing import COLOURS
from durable_core.planning.workflow_drawing import workflow_svg
from strands_durable.testing import MemorySession
from tests.support.session_kit import WRITE, chain_of


def test_a_workflow_is_drawn_under_its_name_and_pattern() -> None:
    spec = chain_of(WRITE, name="bridges")
    assert "<title>bridges (chain)</title>" in workflow_svg(spec)
    assert spec._repr_svg_() == workflow_svg(spec)


def test_how_far_a_session_is_shows_in_the_colours() -> None:
    spec = chain_of(WRITE, WRITE)
    session = MemorySession.of(spec, {"topic": "tides"})
    session.answer("steps/0")
    drawn = workflow_svg(spec, session.session)
    assert drawn != workflow_svg(spec)
    assert all(word in drawn for word in ("completed", "pending"))
    assert COLOURS["completed"][0] in drawn
