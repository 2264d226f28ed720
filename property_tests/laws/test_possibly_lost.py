"""Whatever becomes of a journal's lines, a repair never loses what was paid for without saying so.

A session of every kind of event, its journal damaged at random: bits flipped, lines gone, doubled, swapped,
blanked, cut. What the journal held is known here, and held against what a person would be told.
"""

from __future__ import annotations

import json
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from durable_core.journal import codec
from durable_core.journal.verification import LineBehind, Loss, loss
from durable_shell.store.files.journal import FIRST_HASH, Damage, encode_line, scan, unharmed
from durable_shell.store.port import Entry
from tests.support.session_kit import ASK, WRITE, Story, chain_of

PAID: Final = {"unit_completed", "answer_rejected", "tool_returned", "tool_settled", "gate_answered"}


def _told() -> list[dict[str, Any]]:
    story = Story(chain_of(WRITE, ASK, WRITE, WRITE))
    story.answer("steps/0")
    story.ask("steps/1")
    story.respond("yes", "steps/1")
    story.answer("steps/2")
    story.begin("steps/3")
    story.message("steps/3", "user", "again")
    story.message("steps/3", "assistant", "an answer that is not settled")
    return [codec.encode(event) for event in story.journal]


ENTRIES: Final = tuple(Entry(seq, 1000.0 + seq, 1, event) for seq, event in enumerate(_told(), start=1))
LINES: Final = encode_line(ENTRIES, FIRST_HASH)[0].splitlines(keepends=True)


def unit_paid_for(event: dict[str, Any]) -> str | None:
    """The unit that has lost something when this event is lost."""
    name = event["type"].partition("/")[0]
    answered = name == "message_added" and event["message"]["role"] == "assistant"
    return event["unit"] if name in PAID or answered else None


def harmed(lines: list[bytes], data: st.DataObject) -> list[bytes]:
    """The lines after something happened to one of them, as long as there are any."""
    if not lines:
        return lines
    place = data.draw(st.integers(0, len(lines) - 1), label="line")
    how = data.draw(st.sampled_from(("flip", "word", "gone", "twice", "swap", "blank", "cut")))
    line = lines[place]
    match how:
        case "flip":
            byte = data.draw(st.integers(0, len(line) - 1), label="byte")
            flipped = bytes([line[byte] ^ 1 << data.draw(st.integers(0, 7), label="bit")])
            return [*lines[:place], line[:byte] + flipped + line[byte + 1 :], *lines[place + 1 :]]
        case "word":
            other = line.replace(b"steps/", b"steqs/").replace(b"_completed", b"_comqleted")
            return [*lines[:place], other, *lines[place + 1 :]]
        case "gone":
            return [*lines[:place], *lines[place + 1 :]]
        case "twice":
            return [*lines[: place + 1], *lines[place:]]
        case "swap":
            return [*lines[: max(0, place - 1)], line, *lines[max(0, place - 1) : place], *lines[place + 1 :]]
        case "blank":
            return [*lines[:place], b"x\n", *lines[place + 1 :]]
        case _:
            return lines[: max(1, place)]


def told(data: bytes, shown: int) -> tuple[int, Loss]:
    """How many lines a repair keeps, and what a person is told that it may lose."""
    found = scan(data)
    good = found.good if isinstance(found, Damage) else found
    behind = [line for line in data[good.length :].split(b"\n") if line] if isinstance(found, Damage) else []
    known = [None if one is None else LineBehind(one.seq, one.event) for one in unharmed(behind)]
    return len(good.entries), loss(known, good=len(good.entries), shown=shown)


@given(st.data())
def test_every_line_that_a_repair_takes_away_is_named_or_counted(data: st.DataObject) -> None:
    lines = LINES
    for _ in range(data.draw(st.integers(1, 3), label="how many things happen")):
        lines = harmed(lines, data)
    kept, lost = told(b"".join(lines), len(ENTRIES))
    gone = [entry.event for entry in ENTRIES[kept:]]
    paid = [unit for event in gone if (unit := unit_paid_for(event)) is not None]
    # no unit is named that loses nothing, however its name was changed
    assert set(lost.units) <= set(paid)
    unnamed = [unit for unit in paid if unit not in lost.units]
    assert len(set(unnamed)) <= lost.unreadable + lost.missing
    assert lost.nothing <= (not gone)


@given(st.data())
def test_a_line_that_changed_is_never_taken_at_its_word(data: st.DataObject) -> None:
    """Whatever it says: another event, put there with a hash that was right once."""
    place = data.draw(st.integers(1, len(LINES) - 1))
    changed = json.loads(LINES[place])
    changed["event"] = data.draw(st.sampled_from([entry.event for entry in ENTRIES]))
    line = json.dumps(changed, separators=(",", ":")).encode() + b"\n"
    if line == LINES[place]:
        return
    kept, lost = told(b"".join([*LINES[:place], line, *LINES[place + 1 :]]), 0)
    assert kept == place
    assert lost.unreadable == 1
    later = [entry.event for entry in ENTRIES[place + 1 :]]
    assert set(lost.units) == {unit for event in later if (unit := unit_paid_for(event)) is not None}
