"""The journal's lines: any bytes are read without an exception, and no damage passes for an entry."""

from __future__ import annotations

import hashlib
import json
import math

import pytest

from durable_shell.store.files.journal import FIRST_HASH, Damage, Scan, encode_line, scan, unharmed
from durable_shell.store.port import Entry
from tests.support.cost import times_as_much
from tests.support.store_kit import ODD_EVENT, entries, lines

THREE = (*entries(2), Entry(3, 1003.5, 2, ODD_EVENT))


def forged(**fields: object) -> bytes:
    """A line whose hash is right and whose fields are not."""
    body = json.dumps(fields, separators=(",", ":")).encode()[:-1]
    digest = hashlib.sha256(FIRST_HASH.encode() + body).hexdigest()
    return body + b',"hash":"' + digest.encode() + b'"}\n'


def damage(found: Scan | Damage) -> tuple[int, str]:
    """Line and reason of what must be damage."""
    assert isinstance(found, Damage)
    return found.line, found.reason


def test_cut_at_any_length_a_journal_is_a_prefix_of_itself() -> None:
    data = lines(THREE)
    ends = [len(lines(THREE[:count])) for count in range(4)]
    for length in range(len(data) + 1):
        found = scan(data[:length])
        assert isinstance(found, Scan), length
        # a line that lacks nothing but its line feed counts
        whole = max(count for count in range(4) if ends[count] - (count > 0) <= length)
        assert found.entries == THREE[:whole]
        assert (found.length, found.torn) == (ends[whole], max(0, length - ends[whole]))
        assert found.unended == (length < ends[whole])


def test_no_single_flipped_bit_of_a_committed_journal_ever_loses_or_changes_an_entry() -> None:
    data = lines(THREE)
    counted: list[int] = []
    for place in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            found = scan(bytes(changed))
            if isinstance(found, Scan):
                assert (found.entries, found.length, found.torn) == (THREE, len(data), 0), (place, bit)
                counted.append(place)
    # All that may change without harm is the last line feed.
    assert counted == [len(data) - 1] * 8


def test_a_flipped_bit_beside_a_torn_end_loses_no_committed_entry_either() -> None:
    data, torn = lines(THREE[:2]), lines(THREE)[len(lines(THREE[:2])) :][:40]
    for rest in (torn, b"\0" * 40, b"\0" * 40 + b"\n"):
        for place in range(len(data)):
            for bit in range(8):
                changed = bytearray(data)
                changed[place] ^= 1 << bit
                found = scan(bytes(changed) + rest)
                assert isinstance(found, Damage) or found.entries == THREE[:2], (place, bit)


def test_a_changed_line_feed_between_two_entries_is_damage_and_the_first_of_them_is_good() -> None:
    first, second, third = lines(THREE).splitlines()
    both = scan(first + b"\n" + second + b"J" + third)
    assert isinstance(both, Damage)
    assert (both.line, both.reason) == (2, "the line feed after the entry has changed")
    assert (both.good.entries, both.good.unended) == (THREE[:2], True)
    ended = scan(first + b"J" + second + b"\n" + third + b"\n")
    assert isinstance(ended, Damage)
    assert (ended.line, ended.good.entries, ended.good.unended) == (1, THREE[:1], True)


def test_an_event_that_has_a_hash_of_its_own_ends_where_the_entry_does() -> None:
    odd = (Entry(1, 1.0, 1, {"n": 1, "hash": "0" * 64}),)
    found = scan(lines(odd)[:-1])
    assert isinstance(found, Scan)
    assert (found.entries, found.unended) == (odd, True)


def test_a_whole_last_line_with_wrong_fields_is_not_taken_for_an_entry() -> None:
    wrong = forged(seq=2, at=1.0, token=1, event={})[:-1]
    assert scan(wrong) == Scan((), 0, FIRST_HASH, len(wrong))


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
        b'{"seq":3,"at":\0\0\0\n\0\0\0',
        b"[" * 100_000,
    ],
    ids=["cut", "zeros", "zero line", "zeros in a batch", "deep"],
)
def test_a_torn_end_is_dropped(tail: bytes) -> None:
    good = lines(THREE[:2])
    found = scan(good + tail)
    assert found == Scan(THREE[:2], len(good), encode_line(THREE[:2], FIRST_HASH)[1], len(tail))


@pytest.mark.parametrize(
    "tail",
    [b'{"seq":3\n', b"\n", b"\0[\0]\n", b"\0\0\n" + b'"}\n', b"[" * 100_000 + b"\n"],
    ids=["cut line", "blank", "single zeros", "a line after zeros", "deep"],
)
def test_a_last_line_that_was_written_to_its_end_and_does_not_verify_is_damage(tail: bytes) -> None:
    found = scan(lines(THREE[:2]) + tail)
    assert damage(found) == (3, "the line does not end in its hash")
    assert isinstance(found, Damage)
    assert found.good.entries == THREE[:2]


def test_a_complete_last_line_with_a_wrong_hash_is_damage_not_a_torn_write() -> None:
    data = lines(THREE[:2])
    digit = data[-4:-3]
    changed = data[:-4] + (b"0" if digit != b"0" else b"1") + data[-3:]
    assert damage(scan(changed)) == (2, "the line does not match its hash")
    assert damage(scan(data.replace(b'"hash"', b'"hush"'))) == (1, "the line does not end in its hash")
    swapped = data.replace(b'"n":2', b'"n":7')
    assert damage(scan(swapped)) == (2, "the line does not match its hash")


def test_a_torn_line_before_a_good_one_is_damage() -> None:
    first, second, third = lines(THREE).splitlines(keepends=True)
    assert damage(scan(first + b"\0\0\0\n" + third)) == (2, "the line does not end in its hash")
    assert damage(scan(first + third)) == (2, "the line does not match its hash")
    assert damage(scan(second)) == (1, "the line does not match its hash")
    assert damage(scan(first + first)) == (2, "the line does not match its hash")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (forged(seq=1, at=1.0, token=1), "the line does not hold the fields of an entry"),
        (forged(seq=2, at=1.0, token=1, event={}), "the sequence number is 2, not 1"),
        (forged(seq=True, at=1.0, token=1, event={}), "a field of the entry has the wrong type"),
        (forged(seq=1, at="1", token=1, event={}), "a field of the entry has the wrong type"),
        (forged(seq=1, at=1.0, token=True, event={}), "a field of the entry has the wrong type"),
        (forged(seq=1, at=1.0, token=2**62, event={}), "no lease has that fencing token"),
        (forged(seq=1, at=1.0, token=1, event=[]), "a field of the entry has the wrong type"),
        (
            forged(seq=1, at=1.0, token=1, event={"x": math.inf}),
            "the line does not hold the fields of an entry",
        ),
        (forged(seq=1, at=math.nan, token=1, event={}), "the line does not hold the fields of an entry"),
        (forged(seq=1, at=1.0, token=-1, event={}), "the fencing token went back from 0 to -1"),
    ],
)
def test_a_line_with_the_right_hash_and_wrong_fields_is_damage(line: bytes, reason: str) -> None:
    assert scan(line) == Damage(1, reason, Scan((), 0, FIRST_HASH, 0))


def test_a_token_below_the_one_before_is_damage() -> None:
    """A driver whose lease had been taken over wrote after its successor."""
    journal = lines((Entry(1, 1.0, 3, {}), Entry(2, 1.0, 3, {}), Entry(3, 1.0, 2, {})))
    assert damage(scan(journal)) == (3, "the fencing token went back from 3 to 2")


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
        encode_line([Entry(1, 1.0, 1, {"x": float("nan")})], FIRST_HASH)


def test_to_verify_a_journal_costs_hardly_more_than_to_read_and_hash_its_lines() -> None:
    data = lines(tuple(Entry(n, 1.0, 1, {"type": "done", "text": "x" * 200}) for n in range(1, 10_001)))
    found = scan(data)
    assert isinstance(found, Scan)
    assert found.last_seq == 10_000

    def read_and_hash() -> None:
        for line in data.splitlines():
            json.loads(line)
            hashlib.sha256(line).hexdigest()

    assert times_as_much(lambda: scan(data), read_and_hash) < 5  # it is less than two


def test_behind_damage_only_lines_that_follow_from_the_line_before_are_as_they_were_written() -> None:
    five = tuple(Entry(n, 1.0, 1, {"n": n}) for n in range(1, 6))
    written = encode_line(five, FIRST_HASH)[0].split(b"\n")[:-1]
    assert list(unharmed(written[1:])) == [None, *five[2:]]
    changed = [*written[1:3], written[3].replace(b'"n":4', b'"n":9'), written[4]]
    assert list(unharmed(changed)) == [None, five[2], None, five[4]]
    no_hash = [*written[1:3], written[3][:-3] + b'\xff"}', written[4]]
    assert list(unharmed(no_hash)) == [None, five[2], None, None]
    assert list(unharmed([written[1][:5], written[2], b"", written[4]])) == [None, None, None, None]
    assert list(unharmed([])) == []


def test_behind_damage_a_line_with_the_right_hash_that_is_no_entry_is_not_one() -> None:
    stated = b'x,"hash":"' + FIRST_HASH.encode() + b'"}'
    wrong = forged(seq="2", at=1.0, token=1, event={})[:-1]
    assert list(unharmed([stated, wrong])) == [None, None]
    assert list(unharmed([stated, forged(seq=2, at=1.0, token=1, event={})[:-1]])) == [
        None,
        Entry(2, 1.0, 1, {}),
    ]
