"""Shapes: what is known of a value before there is one, as far as a template looks into it.

An answer is text, a record has its fields, a variable is of its declared type. With the shapes of all names
the check of a template tells what it looks for in vain. A shape is equal to itself alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from durable_core.frozen import frozen
from durable_core.templates.nothing_yet import NothingYet

MOST_ELEMENTS: Final = 64
"""Elements of a given list that are looked at one by one: of those beyond them nothing is known."""


class Shape:
    """What is known of a value; of a plain ``Shape``, nothing."""

    __slots__ = ()


@frozen(eq=False)
class Plain(Shape):
    """A value without fields. ``word`` says what it is.

    It is not ``sure`` if there may be none yet. ``truth`` is whether it counts as true, if that is known. It
    is ``given`` if what it is follows from a value alone: another run may be given something else.
    """

    word: str
    sure: bool = True
    truth: bool | None = None
    given: bool = False


@frozen(eq=False)
class Absent(Shape):
    """What is not there: ``key`` was looked for in something of the shape ``holder``.

    ``written`` is how that stands in the template.
    """

    holder: Shape
    key: str | int
    written: str = ""


class Fields(Shape):
    """A mapping with these ``fields``, and under any other key something of the shape ``others``.

    A record has its fields whatever the spec and the values; another mapping may be asked which it has. One
    that is ``filled`` is known to have some, whichever.
    """

    __slots__ = ("_fields", "filled", "is_record", "others")

    def __init__(
        self,
        fields: Mapping[str, Shape],
        others: Shape | None = None,
        *,
        is_record: bool = False,
        filled: bool = False,
    ) -> None:
        self._fields = fields
        self.others = others
        self.is_record = is_record
        self.filled = filled

    @property
    def fields(self) -> Mapping[str, Shape]:
        """The keys that are known, each with its shape; one that may be missing may be ``Absent``."""
        return self._fields


@frozen(eq=False)
class KnownList(Shape):
    """A list of exactly the first ``count`` of ``items``."""

    items: Sequence[Shape]
    count: int


@frozen(eq=False)
class Many(Shape):
    """A list, of what length nobody knows, whose elements are of one shape; ``filled`` if it has some."""

    element: Shape
    filled: bool = False


@frozen(eq=False)
class OneOf(Shape):
    """A value of one of these shapes."""

    shapes: tuple[Shape, ...]


ANYTHING: Final = Shape()
TEXT: Final = Plain("text")
ANSWER: Final = Plain("text", sure=False)
"""The text of an answer that may not be there yet."""
CHARACTER: Final = Plain("text", truth=True)
NUMBER: Final = Plain("a number")
TRUTH: Final = Plain("true or false")
TRUE: Final = Plain(TRUTH.word, truth=True)
FALSE: Final = Plain(TRUTH.word, truth=False)
NULL: Final = Plain("nothing (null)", truth=False, given=True)
GIVEN_TEXT: Final = Plain(TEXT.word, given=True)
GIVEN_CHARACTER: Final = Plain(TEXT.word, truth=True, given=True)
GIVEN_NUMBER: Final = Plain(NUMBER.word, given=True)
GIVEN_TRUTH: Final = Plain(TRUTH.word, given=True)
LIST: Final = Many(ANYTHING)
MAPPING: Final = Fields({}, ANYTHING)


class _Value(Fields):
    """A mapping that is there: its fields are looked at when they are asked for."""

    __slots__ = ("_value",)

    def __init__(self, value: Mapping[str, object]) -> None:
        super().__init__({})
        self._value = value

    @property
    def fields(self) -> Mapping[str, Shape]:
        return _Opened(self._value)


class _Opened(Mapping[str, Shape]):
    """The shapes of a mapping's values."""

    __slots__ = ("_value",)

    def __init__(self, value: Mapping[str, object]) -> None:
        self._value = value

    def __getitem__(self, key: str) -> Shape:
        return shape_of(self._value[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._value)

    def __len__(self) -> int:
        return len(self._value)


class _Items(Sequence[Shape]):
    """The shapes of a list's elements."""

    __slots__ = ("_values",)

    def __init__(self, values: Sequence[object]) -> None:
        self._values = values

    def __getitem__(self, index: int) -> Shape:  # type: ignore[override]  # nobody slices it
        return shape_of(self._values[index])

    def __len__(self) -> int:
        return len(self._values)


def shape_of(value: object) -> Shape:
    """The shape of a value that is there, by which everything is known of it."""
    match value:
        case NothingYet():
            return ANSWER
        case str() | bool() | int() | float():
            return counting_plain(_kind_of(value).word, True, bool(value), True)
        case None:
            return NULL
        case Mapping():
            return _Value(value)
        case Sequence():
            items = _Items(value)
            return KnownList(items, len(items))
        case _:
            return ANYTHING


def shape_like(value: object) -> Shape:
    """The shape of values of the same kind: of a plain one what it is, not whether it counts as true."""
    return _kind_of(value) if isinstance(value, str | int | float) else shape_of(value)


def _kind_of(value: str | float) -> Plain:
    if isinstance(value, str):
        return GIVEN_TEXT
    return GIVEN_TRUTH if isinstance(value, bool) else GIVEN_NUMBER


def shape_of_constant(value: object) -> Shape:
    """The same, where whether it counts as true is known too, as of what a template says itself."""
    shape = shape_of(value)
    return counting_plain(shape.word, True, bool(value)) if isinstance(shape, Plain) else shape


@cache
def counting_plain(word: str, sure: bool, truth: bool, given: bool = False) -> Plain:
    """The one shape of such values that are known to count as true, or as false."""
    return Plain(word, sure, truth, given)


def is_a(shape: Shape, *kinds: Plain) -> bool:
    """Whether a value of ``shape`` is of one of these kinds."""
    return isinstance(shape, Plain) and any(shape.word == kind.word for kind in kinds)


def one_of(shapes: Iterable[Shape]) -> Shape:
    """A shape for a value of any of ``shapes``; nothing is known of one of none."""
    found: dict[Shape, None] = {}
    for shape in shapes:
        found.update(dict.fromkeys(alternatives(shape)))
    if not found or ANYTHING in found:
        return ANYTHING
    return next(iter(found)) if len(found) == 1 else OneOf(tuple(found))


def alternatives(shape: Shape) -> tuple[Shape, ...]:
    """What a value of ``shape`` may be."""
    return shape.shapes if isinstance(shape, OneOf) else (shape,)


def attribute(shape: Shape, name: str) -> Shape:
    """What ``value.name`` gives, for a value that is there."""
    match shape:
        case Fields():
            return field(shape, name)
        case Plain() | KnownList() | Many():
            return Absent(shape, name)
        case _:
            return ANYTHING


def item(shape: Shape, key: object) -> Shape:
    """What ``value[key]`` gives, for a value that is there and a key that is known."""
    match shape, key:
        case (Fields(), str()):
            return field(shape, key)
        case (Fields(others=None), int()):
            return Absent(shape, key)
        case (_, str()):
            return attribute(shape, key)
        case (KnownList(items=items, count=count), int()):
            return items[key % count] if -count <= key < count else Absent(shape, key)
        case (Many(element=element), int()):
            return element
        case (Plain(word=TEXT.word), int()):
            return character(shape)
        case (Plain(), int()):
            return Absent(shape, key)
        case _:
            return ANYTHING


def field(shape: Fields, name: str) -> Shape:
    """What a mapping has under ``name``."""
    fields = shape.fields
    if name in fields:
        return fields[name]
    return Absent(shape, name) if shape.others is None else shape.others


def elements(shape: Shape) -> tuple[Shape, ...]:
    """What a loop over a value meets, each shape once; nothing for what is empty."""
    match shape:
        case KnownList(items=items, count=count):
            # the records of a row are of few kinds, and a kind's shape is one object
            if not isinstance(items, _Items) or count <= MOST_ELEMENTS:
                return tuple(dict.fromkeys(items[n] for n in range(count)))
            return (*(items[n] for n in range(MOST_ELEMENTS)), ANYTHING)
        case Many(element=element):
            return (element,)
        case Fields(fields=fields, others=None) if not fields:
            return ()
        case Plain(word=TEXT.word, truth=None | True):
            return (character(shape),)
        case Fields():
            return (key_of(shape),)
        case Plain():
            return ()
        case _:
            return (ANYTHING,)


def character(text: Plain) -> Plain:
    """A character of a text."""
    return GIVEN_CHARACTER if text.given else CHARACTER


def key_of(mapping: Fields) -> Plain:
    """A key of a mapping."""
    return GIVEN_TEXT if isinstance(mapping, _Value) else TEXT


def loosened(shape: Shape) -> Shape:
    """What is known of a value in a part of a template that a condition may keep from being rendered.

    The condition may ask in any way what is there. So what is known of all that a run is given, of how many
    items there are and of which ids is left out. What has no fields still has none, and a record its own.
    """
    match shape:
        case Plain(given=True) | _Value() | KnownList(items=_Items()):
            return ANYTHING
        case Absent(holder=holder):
            return shape if loosened(holder) is holder else ANYTHING
        case OneOf(shapes=ways):
            return one_of(map(loosened, ways))
        case KnownList():
            return Many(one_of(map(loosened, elements(shape))))
        case Many(element=element, filled=filled):
            inside = loosened(element)
            return shape if inside is element else Many(inside, filled)
        case Fields():
            return _loosened_fields(shape)
        case _:
            return shape


def _loosened_fields(shape: Fields) -> Shape:
    fields = {name: loosened(each) for name, each in shape.fields.items()}
    is_loose = shape.is_record or shape.others is not None
    if is_loose and all(fields[name] is each for name, each in shape.fields.items()):
        return shape
    others = shape.others if is_loose else one_of(fields.values())
    return Fields(fields, others, is_record=shape.is_record, filled=shape.filled)
