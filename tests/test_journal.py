"""The journal's lines: any bytes are read without an exception, and no damage passes for an entry."""

from __future__ import annotations

import hashlib
import json
import time

import pytest

from durable_shell.store.journal import FIRST_HASH, Damage, Scan, encode, scan
from durable_shell.store.port import Entry
from tests.store_kit import ODD_EVENT, entries, lines

THREE = (*entries(2), Entry(3, 1003.5, 2, ODD_EVENT))


def forged(**fields: object) -> bytes:
    """A line whose hash is right and whose fields are not."""
    body = json.dumps(fields, separators=(",", ":")).encode()[:-1]
    digest = hashlib.sha256(FIRST_HASH.encode() + body).hexdigest()
    return body + b',"hash":"' + digest.encode() + b'"}\n'


def test_cut_at_any_length_a_journal_is_a_prefix_of_itself() -> None:
    data = lines(THREE)
    ends = [len(lines(THREE[:count])) for count in range(4)]
    for length in range(len(data) + 1):
        found = scan(data[:length])
        assert isinstance(found, Scan), length
        whole = max(count for count in range(4) if ends[count] <= length)
        assert found.entries == THREE[:whole]
        assert (found.length, found.torn) == (ends[whole], length - ends[whole])


def test_no_flipped_bit_ever_gives_another_entry() -> None:
    data = lines(THREE)
    for place in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            found = scan(bytes(changed))
            if isinstance(found, Scan):
                assert found.entries == THREE[: len(found.entries)], (place, bit)
                assert len(found.entries) < 3, (place, bit)


def test_a_flipped_bit_before_the_last_line_is_damage_and_its_line_is_named() -> None:
    first, second, third = lines(THREE).splitlines(keepends=True)
    for place in range(len(second) - 1):
        changed = bytearray(second)
        changed[place] ^= 1
        found = scan(first + bytes(changed) + third)
        assert isinstance(found, Damage), place
        assert found.line == 2, place


@pytest.mark.parametrize(
    "tail",
    [
        b'{"seq":3,"at":10',
        b"\0" * 4096,
        b"\0" * 40 + b"\n",
        b'{"seq":3\n',
        b"\0\0\0\n" + b'"}\n' + b"\xff\xfe\n" + b"{",
        b"[" * 100_000 + b"\n",
        b"\n",
        b"\0[\0]\n",  # an empty list, to a reader that takes it for UTF-16
    ],
    ids=["cut", "zeros", "zero line", "cut line", "several", "deep", "blank", "other encoding"],
)
def test_a_torn_last_line_is_dropped(tail: bytes) -> None:
    good = lines(THREE[:2])
    found = scan(good + tail)
    assert found == Scan(THREE[:2], len(good), encode(THREE[:2], FIRST_HASH)[1], len(tail))


def test_a_complete_last_line_with_a_wrong_hash_is_damage_not_a_torn_write() -> None:
    data = lines(THREE[:2])
    digit = data[-4:-3]
    changed = data[:-4] + (b"0" if digit != b"0" else b"1") + data[-3:]
    assert scan(changed) == Damage(2, "the line does not match its hash")
    assert scan(data.replace(b'"hash"', b'"hush"')) == Damage(1, "the line does not end in its hash")
    swapped = data.replace(b'"n":2', b'"n":7')
    assert scan(swapped) == Damage(2, "the line does not match its hash")


def test_a_torn_line_before_a_good_one_is_damage() -> None:
    first, second, third = lines(THREE).splitlines(keepends=True)
    assert scan(first + b"\0\0\0\n" + third) == Damage(2, "the line does not end in its hash")
    assert scan(first + third) == Damage(2, "the line does not match its hash")
    assert scan(second) == Damage(1, "the line does not match its hash")
    assert scan(first + first) == Damage(2, "the line does not match its hash")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (forged(seq=1, at=1.0, token=1), "the line does not hold the fields of an entry"),
        (forged(seq=2, at=1.0, token=1, event={}), "the sequence number is 2, not 1"),
        (forged(seq=1, at="1", token=1, event={}), "a field of the entry has the wrong type"),
        (forged(seq=1, at=1.0, token=True, event={}), "a field of the entry has the wrong type"),
        (forged(seq=1, at=1.0, token=1, event=[]), "a field of the entry has the wrong type"),
        (forged(seq=1, at=1.0, token=-1, event={}), "the fencing token went back from 0 to -1"),
    ],
)
def test_a_line_with_the_right_hash_and_wrong_fields_is_damage(line: bytes, reason: str) -> None:
    assert scan(line) == Damage(1, reason)


def test_a_token_below_the_one_before_is_damage() -> None:
    """A driver whose lease had been taken over wrote after its successor."""
    journal = lines((Entry(1, 1.0, 3, {}), Entry(2, 1.0, 3, {}), Entry(3, 1.0, 2, {})))
    assert scan(journal) == Damage(3, "the fencing token went back from 3 to 2")


def test_an_empty_journal_holds_nothing() -> None:
    found = scan(b"")
    assert found == Scan((), 0, FIRST_HASH, 0)
    assert isinstance(found, Scan)
    assert (found.last_seq, found.last_token) == (0, 0)


def test_the_last_entry_gives_the_last_numbers() -> None:
    found = scan(lines(THREE))
    assert isinstance(found, Scan)
    assert (found.last_seq, found.last_token) == (3, 2)


def test_a_line_is_compact_ascii_and_chained_as_the_format_says() -> None:
    first, second = lines(THREE[:2]).splitlines()
    assert first.startswith(b'{"seq":1,"at":1001.0,"token":1,"event":{"type":"noted","n":1},"hash":"')
    body, _, rest = second.rpartition(b',"hash":"')
    previous = json.loads(first)["hash"].encode()
    assert rest == hashlib.sha256(previous + body).hexdigest().encode() + b'"}'
    assert lines(THREE).isascii()
    assert lines(THREE).count(b"\n") == 3


def test_an_event_that_is_not_json_is_refused_before_anything_is_written() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        encode([Entry(1, 1.0, 1, {"x": float("nan")})], FIRST_HASH)


def test_ten_thousand_lines_are_verified_well_under_a_second() -> None:
    data = lines(tuple(Entry(n, 1.0, 1, {"type": "done", "text": "x" * 200}) for n in range(1, 10_001)))
    begin = time.process_time()
    found = scan(data)
    assert isinstance(found, Scan)
    assert found.last_seq == 10_000
    assert time.process_time() - begin < 1.0
