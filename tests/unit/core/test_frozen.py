"""``frozen`` gives what ``dataclass`` gives; the standard library's is the oracle."""

from __future__ import annotations

import math
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any

import pytest

from durable_core.frozen import frozen


@frozen()
class Nothing:
    """No field."""


@frozen()
class One:
    """One field."""

    value: Any


@frozen(kw_only=True)
class Two:
    """Two fields, and two more that are not looked at."""

    left: Any
    right: Any = 0
    unseen: Any = field(default=0, repr=False)
    apart: Any = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What ``Two`` would be otherwise."""

    left: Any
    right: Any = 0
    unseen: Any = field(default=0, repr=False)
    apart: Any = field(default=0, compare=False)


@frozen(eq=False)
class Same:
    """A value that is equal to itself alone."""

    value: int


@frozen()
class Own:
    """A class with words and an equality of its own."""

    value: int

    def __repr__(self) -> str:
        return "mine"

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 7


VALUES: list[dict[str, Any]] = [
    {"left": left, "right": right, "unseen": unseen, "apart": apart}
    for left in (1, "one", 2.5)
    for right in (0, (1, 2))
    for unseen in (0, 1)
    for apart in (0, 1)
]


@pytest.mark.parametrize("one", VALUES)
def test_two_values_are_equal_and_hashed_and_shown_as_those_of_a_dataclass(one: dict[str, Any]) -> None:
    for other in VALUES:
        assert (Two(**one) == Two(**other)) is (Model(**one) == Model(**other))
    assert hash(Two(**one)) == hash(Model(**one))
    assert repr(Two(**one)) == repr(Model(**one)).replace("Model", "Two")


def test_values_of_two_classes_are_never_equal() -> None:
    assert One(1) != Two(left=1)
    assert One(1) != 1
    assert Nothing() != ()


def test_few_fields_are_compared_as_many_are() -> None:
    assert Nothing() == Nothing()
    assert hash(Nothing()) == hash(())
    assert repr(Nothing()) == "Nothing()"
    assert One(1) == One(1)
    assert One(1) != One(2)
    assert One(math.nan) == One(math.nan)  # the same one, as in a tuple; dataclass does so up to Python 3.12
    assert hash(One("a")) == hash(One("a"))
    assert repr(One("a")) == "One(value='a')"


def test_a_value_does_not_change_and_holds_nothing_else() -> None:
    for name in ("value", "other"):
        with pytest.raises((FrozenInstanceError, TypeError, AttributeError)):
            setattr(One(1), name, 2)
    with pytest.raises(FrozenInstanceError):
        del One(1).value
    assert not hasattr(One(1), "__dict__")


def test_a_value_is_equal_to_itself_alone_where_that_is_asked_for() -> None:
    same = Same(1)
    assert same == same  # noqa: PLR0124  # what is tested
    assert same != Same(1)
    assert len({same, Same(1)}) == 2
    assert repr(same) == "Same(value=1)"


def test_what_a_class_defines_itself_is_kept() -> None:
    assert repr(Own(1)) == "mine"
    assert Own(1) == Own(2)
    assert hash(Own(1)) == 7


def test_the_standard_librarys_functions_take_a_value() -> None:
    assert [each.name for each in fields(Two)] == ["left", "right", "unseen", "apart"]
    assert replace(Two(left=1), right=3) == Two(left=1, right=3)
    assert pickle.loads(pickle.dumps(Two(left=1))) == Two(left=1)
