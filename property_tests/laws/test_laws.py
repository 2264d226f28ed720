"""The laws that every pattern keeps, whatever happens around it: all laws look at each world that is drawn.

To look at one law alone: ``pytest property_tests/laws/test_laws.py --law NAME``.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from property_tests.kits import KITS
from property_tests.kits.kit import Kit
from property_tests.laws import journal_laws, scheduling_laws, spending_laws
from property_tests.laws.law import LAWS, Law, Moment, When
from property_tests.worlds.moves import schedules
from property_tests.worlds.world import World

MODULES = (scheduling_laws, spending_laws, journal_laws)
"""Where the laws stand. To import them enters them."""


@pytest.fixture(scope="session")
def laws(request: pytest.FixtureRequest) -> Mapping[When, list[Law]]:
    """The laws to look at, by the moment at which they are: all, or the one that ``--law`` names."""
    alone = request.config.getoption("--law")
    if alone and alone not in LAWS:
        raise pytest.UsageError(f"there is no law {alone}; there are: {', '.join(LAWS)}")
    chosen = [LAWS[alone]] if alone else list(LAWS.values())
    return {when: [law for law in chosen if law.when is when] for when in When}


@pytest.mark.parametrize("kit", KITS, ids=str)
@given(data=st.data(), schedule=schedules())
def test_every_law_holds(
    kit: Kit, laws: Mapping[When, list[Law]], data: st.DataObject, schedule: list[int]
) -> None:
    def look(world: World) -> None:
        moment = Moment(world)
        for law in laws[When.AFTER_EACH_MOVE]:
            law.look(moment)

    spec = data.draw(kit.specs)
    world = World.of(kit, spec)
    look(world)
    world.play(schedule, look)
    middle = world.copy()
    world.finish(look)
    end = Moment(world)
    for law in laws[When.AT_THE_END]:
        law.look(end)
    if laws[When.BESIDE_A_CALM_RUN]:
        calm = World.of(kit, spec).finish()
        for law in laws[When.BESIDE_A_CALM_RUN]:
            law.look(calm, world)
    for law in laws[When.FROM_THE_MIDDLE]:
        law.look(middle.copy(), data)


def test_every_law_stands_in_one_of_the_modules() -> None:
    assert {law.check.__module__ for law in LAWS.values()} == {module.__name__ for module in MODULES}
    assert len(LAWS) >= 20
