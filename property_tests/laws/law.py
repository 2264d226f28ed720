"""What a law is: a sentence that every session keeps, and the moment at which it is looked at.

To draw a spec and a schedule and to play them is most of the work, so a world is drawn once and all laws look
at it together. Each law is a function of its own all the same: its name says what is broken, and pytest's
option ``--law NAME`` looks at that one alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

from property_tests.kits.kit import Expectation
from property_tests.worlds.oracle import Ledger
from property_tests.worlds.world import World


class When(Enum):
    """When a law is looked at, and what it is handed."""

    AFTER_EACH_MOVE = auto()
    """A moment: from the session's first event to its last, so it holds at any time."""
    AT_THE_END = auto()
    """The last moment: the law speaks of a whole journal."""
    BESIDE_A_CALM_RUN = auto()
    """A calm world and the wild one of the same spec, both at their ends."""
    FROM_THE_MIDDLE = auto()
    """A copy of the world where the schedule has led, to go on with, and what further choices come from."""


@dataclass(frozen=True, slots=True)
class Law:
    """``check`` raises AssertionError where the law is broken."""

    when: When
    check: Callable[..., None]

    @property
    def name(self) -> str:
        return self.check.__name__

    def look(self, *at: object) -> None:
        """Check the law; an error says which law is broken."""
        try:
            self.check(*at)
        except Exception as error:
            error.add_note(f"The law that is broken: {self.name}")
            raise


class Moment:
    """A world after a move, with what follows from its journal: counted once for all laws that ask."""

    def __init__(self, world: World) -> None:
        self.world = world

    @cached_property
    def ledger(self) -> Ledger:
        """The journal, counted by hand. No law may enter anything into it."""
        return Ledger.of(self.world.journal)

    @cached_property
    def expected(self) -> Expectation:
        """What the pattern's oracle says of the answers so far."""
        return self.ledger.expected(self.world.kit)


LAWS: dict[str, Law] = {}
"""Every law by its name, in the order in which they are looked at."""


def law(when: When) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Enter a function as a law."""

    def enter(check: Callable[..., None]) -> Callable[..., None]:
        assert check.__name__ not in LAWS, f"two laws are called {check.__name__}"
        LAWS[check.__name__] = Law(when, check)
        return check

    return enter
