"""Scopes: the names that a pattern gives to the templates at a place, and the value of each.

A scope is the one definition of these names. The check of a spec asks it which names a template may use, a
request asks it for their values, and the documentation lists it. So what is accepted is what will be there:
a name that can never be there at a place is refused before anything is paid for, and one that is not there
yet (a person is asked only in the next round) has the value ``NOTHING_YET``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from durable_core.frozen import frozen
from durable_core.patterns.records import Record
from durable_core.spec.models import HumanStep
from durable_core.templates.nothing_yet import NOTHING_YET

_Source = TypeVar("_Source")


class Heard(NamedTuple):
    """Who may have answered before a template is rendered: an agent, a person.

    ``last_response`` is offered where an agent may have, ``hitl_response`` where a person may have.
    """

    agent: bool = False
    person: bool = False

    @classmethod
    def of(cls, parts: Iterable[object]) -> Heard:
        """Who may have answered once any of ``parts`` (steps, tasks or nodes of a spec) has."""
        human = [isinstance(part, HumanStep) for part in parts]
        return cls(agent=not all(human), person=any(human))

    def then(self, part: object) -> Heard:
        """The same once ``part`` (a step, task or node of a spec) has answered too."""
        human = isinstance(part, HumanStep)
        return Heard(self.agent or not human, self.person or human)


@dataclass(frozen=True)  # no slots: Python 3.11 cannot make a frozen ScopedName[State] that has them
class ScopedName(Generic[_Source]):
    """A name: its value (None for nothing yet), and what it is, for the documentation.

    ``records`` are what templates look into by it, and ``written`` how they reach one: ``steps[n]``.
    """

    value: Callable[[_Source], object]
    meaning: str
    written: str = ""
    records: tuple[type[Record], ...] = ()


@frozen()
class Scope(Generic[_Source]):
    """What the templates of a kind of place see. ``where`` names that kind of place, for people."""

    where: str
    names: Mapping[str, ScopedName[_Source]]

    def offered(self, heard: Heard, without: Collection[str] = ()) -> frozenset[str]:
        """The names at one such place, where ``heard`` may have answered before; none of ``without``."""
        return frozenset(self._entries(heard, without))

    def context(self, source: _Source, heard: Heard, without: Collection[str] = ()) -> dict[str, object]:
        """The values of exactly these names."""
        entries = self._entries(heard, without)
        values = {name: entry.value(source) for name, entry in entries.items()}
        return {name: NOTHING_YET if value is None else value for name, value in values.items()}

    def _entries(self, heard: Heard, without: Collection[str]) -> dict[str, ScopedName[_Source]]:
        missing = {*without}
        if not heard.agent:
            missing.add("last_response")
        if not heard.person:
            missing.add("hitl_response")
        return {name: entry for name, entry in self.names.items() if name not in missing}
