"""Records: what a pattern keeps of a unit that is done, as templates see it.

A pattern's record is a frozen dataclass, so its fields are declared once, with their types. To a template it
is a mapping of these fields, and to ``pattern_state.json`` too: their names are a contract with workflow
files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import Field
from functools import cache
from typing import Any, ClassVar, Final, Literal

from durable_core.frozen import frozen
from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.templates.shapes import ANYTHING, NUMBER, TEXT, Fields, Many, Shape
from durable_core.types import Json


class Record(Mapping[str, object]):
    """The base of all records. Equal to any mapping with the same entries."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @classmethod
    def field_names(cls) -> tuple[str, ...]:
        """The names that a template may look up in it, in order."""
        return tuple(cls.__dataclass_fields__)

    def __getitem__(self, key: str) -> object:
        if key not in self.__dataclass_fields__:
            raise KeyError(key)
        return getattr(self, key)

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dataclass_fields__)

    def __len__(self) -> int:
        return len(self.__dataclass_fields__)

    def __hash__(self) -> int:
        return hash(tuple(self.values()))


@frozen(kw_only=True, eq=False)
class AgentStepRecord(Record):
    """An agent answered step ``index`` (from 0) with ``response``, for ``tokens`` tokens."""

    index: int
    agent: str
    response: str
    tokens: int


@frozen(kw_only=True, eq=False)
class HumanStepRecord(Record):
    """A person was shown ``prompt`` at step ``index`` (from 0) and answered ``response``."""

    index: int
    type: Literal["hitl"] = "hitl"
    prompt: str
    response: str


StepRecord = AgentStepRecord | HumanStepRecord


class RecordShape(Fields):
    """What is known of a record before there is one: its fields, by their declared types."""

    __slots__ = ("_record",)

    def __init__(self, record: type[Record]) -> None:
        super().__init__({}, is_record=True)
        self._record = record

    @property
    def fields(self) -> Mapping[str, Shape]:
        return _field_shapes(self._record)


@cache
def record_shape(record: type[Record]) -> RecordShape:
    """The one shape of such records."""
    return RecordShape(record)


_OF_TYPE: Final[Mapping[str, Shape]] = FrozenDict(
    {
        "str": TEXT,
        "Literal['hitl']": TEXT,
        "Literal['']": TEXT,
        "int": NUMBER,
        "Literal[0]": NUMBER,
        "tuple[str, ...]": Many(TEXT),
    }
)
"""The shape of a field by its declared type, as that is written; of other types nothing is known."""


@cache
def _field_shapes(record: type[Record]) -> Mapping[str, Shape]:
    fields = record.__dataclass_fields__.values()
    return {field.name: _OF_TYPE.get(str(field.type).replace('"', "'"), ANYTHING) for field in fields}


def records_as_json(records: Iterable[Record]) -> list[Json]:
    """Records as ``pattern_state.json`` shows them."""
    return [dict(record) for record in records]


@frozen()
class ClosingText:
    """What became of a part that follows concurrent work: its text, and whether a person wrote it."""

    response: str
    by_person: bool
