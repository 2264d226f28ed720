"""What the units of a session tell is what the session itself knows, whatever happened to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_core.session import open_gates
from durable_core.types import Usage
from durable_core.views.units import units_of
from property_tests.kits import KITS
from property_tests.kits.kit import Kit
from property_tests.worlds.moves import schedules
from property_tests.worlds.world import World

# The core's coverage is measured where its lines are shown one by one; to measure here doubles the time.
pytestmark = pytest.mark.no_cover


def _agrees(world: World) -> None:
    """Status, cost, numbers and texts of all units are those of the session's state and of the world."""
    session, found = world.session, units_of(world.journal)
    completed = [unit.id for unit in found if unit.status == "completed"]
    assert sorted(completed) == sorted([*(one.unit for one in session.done), *session.artifacts])
    assert sum((unit.usage for unit in found), Usage()) == session.spending.usage
    waiting = {unit.id for unit in found if unit.status == "waiting"}
    assert waiting == {gate.unit for gate in open_gates(session)}
    assert {unit.id for unit in found if unit.status == "failed"} == {
        failure.unit for failure in session.failures
    }
    running = {unit for unit, progress in session.progress.items() if progress.running}
    assert {unit.id for unit in found if unit.status == "running"} == running
    for unit, progress in session.progress.items():
        assert found[unit].attempts[-1].number == progress.attempt
    for unit in found:
        if unit.kind == "agent" and unit.prompt is not None:
            assert unit.prompt in world.prompts[unit.id]
        if unit.kind == "artifact" and unit.status == "completed":
            assert unit.answer == world.documents[unit.id].path


@pytest.mark.parametrize("kit", KITS, ids=str)
@given(data=st.data(), schedule=schedules())
def test_units_tell_what_the_session_knows(kit: Kit, data: st.DataObject, schedule: list[int]) -> None:
    world = World.of(kit, data.draw(kit.specs)).play(schedule, _agrees).finish()
    _agrees(world)
    answered = {unit.id: unit.answer for unit in units_of(world.journal) if unit.kind == "person"}
    assert {gate.unit: gate.response for gate in world.session.answered} == {
        unit: answer for unit, answer in answered.items() if answer is not None
    }
