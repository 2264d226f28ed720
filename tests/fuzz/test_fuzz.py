"""The doors of the program take whatever text is thrown at them; `make fuzz` throws for an hour."""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fuzz import child
from tests.fuzz.door import Door
from tests.fuzz.doors import DOORS
from tests.fuzz.fuzzing import fuzz
from tests.fuzz.mutations import LONGEST, mutated
from tests.support.night import at_night


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_a_door_takes_whatever_text_is_thrown_at_it(door: Door) -> None:
    texts = at_night(60, 3000)
    after, findings = fuzz(door, 1, texts=texts)
    assert findings == []
    assert after == 1 + texts


@pytest.mark.parametrize("door", [door for door in DOORS if door.form], ids=lambda door: door.name)
def test_many_texts_with_a_structure_still_have_one(door: Door) -> None:
    assert door.form is not None
    readable = 0
    for number in range(60):
        with contextlib.suppress(ValueError, RecursionError):
            readable += door.form.read(mutated(door.texts(), number, door.form)) is not None
    assert readable >= 12


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_a_text_is_known_by_its_number_and_most_are_new(door: Door) -> None:
    made = [mutated(door.texts(), number, door.form) for number in range(50)]
    assert made == [mutated(door.texts(), number, door.form) for number in range(50)]
    assert len({*made, *door.texts()}) > len(set(door.texts())) + 40
    assert max(map(len, made)) <= LONGEST


def thrown_at(enter: Callable[[bytes], object]) -> list[str]:
    door = Door("bad", enter, lambda: (b"text",))
    after, findings = fuzz(door, 7, texts=2)
    assert after == 9, "it goes on behind a text that got through"
    assert [finding.number for finding in findings] == [7, 8]
    return [finding.why for finding in findings]


def test_a_door_that_raises_is_found_with_its_traceback() -> None:
    def enter(_: bytes) -> None:
        raise KeyError("gone")

    assert all("KeyError: 'gone'" in why for why in thrown_at(enter))


def test_a_door_that_takes_too_long_is_found_though_it_never_gives_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(child, "LONGEST_S", 0.05)

    def enter(_: bytes) -> None:
        pow(3, 10**8)  # one call of C, which holds the interpreter's lock

    assert thrown_at(enter) == ["it takes more than 0.05 s"] * 2


def test_a_door_that_waits_for_ever_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "LONGEST_WAIT_S", 0.05)
    assert thrown_at(lambda _: time.sleep(9)) == ["it waits more than 0.05 s"] * 2


def test_a_door_that_was_slow_once_is_not_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(child, "LONGEST_S", 0.05)

    def enter(_: bytes) -> None:
        if not (tmp_path / "tried").exists():
            (tmp_path / "tried").touch()
            pow(3, 10**8)

    assert fuzz(Door("busy", enter, lambda: (b"text",)), 0, texts=3) == (3, [])


def test_a_door_that_raises_only_after_others_is_found() -> None:
    seen: list[bytes] = []

    def enter(raw: bytes) -> None:
        seen.append(raw)
        assert len(seen) < 3

    after, [finding, *_] = fuzz(Door("full", enter, lambda: (b"text",)), 5, texts=3)
    assert (after, finding.number) == (8, 7)
    assert finding.why.startswith("only after the texts from 5 on: ")


def test_a_warning_is_found() -> None:
    assert all(
        "odd pattern" in why for why in thrown_at(lambda _: warnings.warn("odd pattern", stacklevel=1))
    )


def test_a_door_that_takes_too_much_memory_is_found() -> None:
    def enter(_: bytes) -> None:
        bytearray(2 * child.MOST_MEMORY)

    assert all("MemoryError" in why for why in thrown_at(enter))


def test_no_text_is_begun_after_the_time_is_over() -> None:
    door = Door("slow", lambda _: time.sleep(0.01), lambda: (b"text",))
    after, findings = fuzz(door, 0, texts=10**6, seconds=0.1)
    assert findings == []
    assert after < 10**6
