"""Scopes: the names that a pattern gives to the templates at a place, and the value of each.

A scope is the one definition of these names. The check of a spec asks it which names a template may use, a
request asks it for their values, and the documentation lists it. So what is accepted is what will be there:
a name that can never be there at a place is refused before anything is paid for, and one that is not there
yet (a person is asked only in the next round) has the value ``NOTHING_YET``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, Literal, NamedTuple, TypeVar

from durable_core.frozen import frozen
from durable_core.patterns.records import Record, record_shape
from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.models import HumanStep
from durable_core.templates.nothing_yet import NOTHING_YET
from durable_core.templates.shapes import ANSWER, NUMBER, TEXT, TRUTH, Fields, Many, Shape, one_of

NameForm = Literal["text", "answer", "number", "truth", "texts", "record", "records", "records by id"]
"""What a name stands for. An ``answer`` is a text that may not be there yet."""

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
    """A name: its value (None for nothing yet), what it is, for the documentation, and in which form.

    ``records`` are what templates look into by it.
    """

    value: Callable[[_Source], object]
    meaning: str
    form: NameForm = "text"
    records: tuple[type[Record], ...] = ()

    def written(self, name: str) -> str:
        """How templates reach what they look into by ``name``: ``steps[n]``."""
        return {"records": f"{name}[n]", "records by id": f"{name}.<id>"}.get(self.form, name)

    @cached_property
    def shape(self) -> Shape:
        """What is known of its value, whatever the spec."""
        record = one_of(map(record_shape, self.records))
        match self.form:
            case "text":
                return TEXT
            case "answer":
                return ANSWER
            case "number":
                return NUMBER
            case "truth":
                return TRUTH
            case "texts":
                return Many(TEXT)
            case "record":
                return record
            case "records":
                return Many(record)
            case _:  # "records by id"
                return Fields({}, record)


@frozen()
class Scope(Generic[_Source]):
    """What the templates of a kind of place see. ``where`` names that kind of place, for people."""

    where: str
    names: Mapping[str, ScopedName[_Source]]

    def offered(
        self, heard: Heard, without: Collection[str] = (), known: Mapping[str, Shape] = FrozenDict()
    ) -> Mapping[str, Shape]:
        """The names at one such place, where ``heard`` may have answered before; none of ``without``.

        Each is given with the shape of its value: with that in ``known``, if the spec tells more of it there.
        """
        entries = self._entries(heard, without)
        return FrozenDict({name: known.get(name, entry.shape) for name, entry in entries.items()})

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
