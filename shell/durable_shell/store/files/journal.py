"""The journal's lines: how an entry is written, and what a file of them holds. Bytes and values; no files.

    {"seq":1,"at":1763000000.0,"token":1,"event":{...},"hash":"<64 hex>"}

``hash`` is the SHA-256 of the previous line's hash (64 zeros before the first) and of this line's bytes up
to, not including, ``,"hash":``. JSON is compact and ASCII, so a line feed ends a line and is nowhere else.

Two kinds of damage are told apart. A *torn end* is what a crash leaves of a write that was never
acknowledged: bytes after the last line feed that are no whole entry, or last lines with zeros in them (room
that was set aside and never written). It is dropped. Anything else that does not verify was acknowledged once
and has changed since: that is corruption, and its line is named. So no single byte that changes in a
committed line can ever lose an entry unseen. An entry that is whole but for its line feed counts: the line
feed may be the very byte that changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from durable_core.bounds import MOST_COUNTED, finite
from durable_core.frozen import frozen
from durable_shell.store.port import Entry

FIRST_HASH = "0" * 64
EMPTY = "the journal is empty; nothing was committed"
MISSING = "the journal is missing"

_HASH_KEY = b',"hash":"'
_HASH_TAIL = len(_HASH_KEY) + 64 + len(b'"}')
_ZEROS = b"\0\0"  # one flipped bit makes one zero byte at most
# kept, as `json.dumps` makes a new one for every call that asks for anything but its defaults
_COMPACT = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"))
_FIELDS = ("seq", "at", "token", "event", "hash")


# what JSON can't write again, no version of this program has written
_JSON = json.JSONDecoder(parse_float=finite, parse_constant=finite)


@frozen()
class Scan:
    """What a journal holds.

    ``length`` is that of the entries' lines in bytes, ``last_hash`` the hash of the last one, and ``torn``
    the number of bytes of a torn end. ``unended`` tells that the last line's line feed, which ``length``
    counts, is missing or has become another byte.
    """

    entries: tuple[Entry, ...]
    length: int
    last_hash: str
    torn: int
    unended: bool = False

    @property
    def last_seq(self) -> int:
        """The sequence number of the last entry; 0 if there is none."""
        return self.entries[-1].seq if self.entries else 0

    @property
    def last_token(self) -> int:
        """The fencing token of the last entry; 0 if there is none."""
        return self.entries[-1].token if self.entries else 0


@frozen()
class Damage:
    """A line, counted from 1, that is not what was written, and why we think so.

    ``good`` is what stands before it.
    """

    line: int
    reason: str
    good: Scan


def shortfall(found: Scan, shown: int) -> Damage | None:
    """What is wrong with a journal whose views show ``shown`` events, if it holds fewer.

    Views follow the commit, so none is ever ahead of a journal that is whole. By itself, a journal that was
    cut looks like one whose last write was torn.
    """
    if found.last_seq >= shown:
        return None
    reason = f"the journal ends after {found.last_seq} events, and session.json shows {shown}"
    return Damage(found.last_seq + 1, reason, found)


def encode_line(entries: Iterable[Entry], previous: str) -> tuple[bytes, str]:
    """The lines of ``entries``, to follow a line whose hash is ``previous``, and the hash of the last one.

    Raises ValueError or TypeError for an event that is not JSON (NaN, say): that is a bug of the caller.
    """
    lines: list[bytes] = []
    for entry in entries:
        body = _compact({"seq": entry.seq, "at": entry.at, "token": entry.token, "event": entry.event})[:-1]
        previous = _chained(previous, body)
        lines.append(body + _HASH_KEY + previous.encode() + b'"}\n')
    return b"".join(lines), previous


def scan(data: bytes) -> Scan | Damage:
    """Verify every line of a journal. Any bytes at all are a legal argument."""
    lines = data.split(b"\n")
    lines.pop()  # what follows the last line feed is looked at below
    entries: list[Entry] = []
    length = 0
    previous = FIRST_HASH
    for index, line in enumerate(lines):
        last_token = entries[-1].token if entries else 0
        entry = _verified(line, previous, index + 1, last_token)
        if isinstance(entry, str):
            if all(_ZEROS in later for later in lines[index:]):
                break
            good = Scan(tuple(entries), length, previous, 0)
            return Damage(index + 1, entry, _and_next(good, data[length:]) or good)
        entries.append(entry)
        length += len(line) + 1
        previous = line[-66:-2].decode("ascii")
    found = Scan(tuple(entries), length, previous, len(data) - length)
    longer = _and_next(found, data[length:])
    if longer is None:
        return found
    if _and_next(longer, data[longer.length :]) is not None:
        return Damage(longer.last_seq, "the line feed after the entry has changed", replace(longer, torn=0))
    return longer


def unharmed(lines: Sequence[bytes]) -> Iterator[Entry | None]:
    """For each of the lines behind some damage its entry, if it is as it was written; else None.

    That is so where the line's hash follows from the one that the line before it states. The first line is
    where the damage is. The chain from the beginning to these lines is broken, so they can only be told.
    """
    for index, line in enumerate(lines):
        body, tail = line[:-_HASH_TAIL], line[-_HASH_TAIL:]
        stated = lines[index - 1][-66:-2] if index else b""
        whole = len(stated) == len(FIRST_HASH) and tail == _HASH_KEY + _digest(stated + body) + b'"}'
        entry = _entry(line) if whole else None
        yield entry if isinstance(entry, Entry) else None


def _and_next(found: Scan, rest: bytes) -> Scan | None:
    """``found`` and one entry more, if ``rest``, the bytes after it, begins with a whole one."""
    text = _beginning(rest, found.last_hash)
    if text is None:
        return None
    entry = _verified(text, found.last_hash, found.last_seq + 1, found.last_token)
    if isinstance(entry, str):
        return None
    length = found.length + len(text) + 1
    torn = max(0, found.torn - len(text) - 1)
    return Scan((*found.entries, entry), length, text[-66:-2].decode("ascii"), torn, unended=True)


def _beginning(rest: bytes, previous: str) -> bytes | None:
    """The part at the beginning of ``rest`` that ends in the right hash, if there is one."""
    chained = hashlib.sha256(previous.encode("ascii"))
    hashed = 0
    place = rest.find(_HASH_KEY)
    while place >= 0:  # an event may have a field called hash, so the first place need not be the right one
        chained.update(rest[hashed:place])
        hashed = place
        end = place + _HASH_TAIL
        if rest[place + len(_HASH_KEY) : end] == chained.hexdigest().encode() + b'"}':
            return rest[:end]
        place = rest.find(_HASH_KEY, place + 1)
    return None


def _verified(line: bytes, previous: str, seq: int, last_token: int) -> Entry | str:
    """The entry of a line, or what is wrong with it."""
    body, tail = line[:-_HASH_TAIL], line[-_HASH_TAIL:]
    if not (tail.startswith(_HASH_KEY) and tail.endswith(b'"}')):
        return "the line does not end in its hash"
    if tail[len(_HASH_KEY) : -2] != _chained(previous, body).encode():
        return "the line does not match its hash"
    # From here on the line is as its writer made it; what can still be wrong is the writer.
    entry = _entry(line)
    if isinstance(entry, str):
        return entry
    if entry.seq != seq:
        return f"the sequence number is {entry.seq!r:.40}, not {seq}"
    if entry.token < last_token:
        return f"the fencing token went back from {last_token} to {entry.token}"
    return entry


def _entry(line: bytes) -> Entry | str:
    """The entry that a line with the right hash holds, or why it holds none."""
    fields = _parsed(line)
    if not isinstance(fields, dict) or tuple(fields) != _FIELDS:
        return "the line does not hold the fields of an entry"
    seq, at, token, event, _ = fields.values()
    if type(seq) is not int or type(at) is not float or type(token) is not int or not isinstance(event, dict):
        return "a field of the entry has the wrong type"
    if token >= MOST_COUNTED:
        return "no lease has that fencing token"
    return Entry(seq, at, token, event)


def _parsed(line: bytes) -> Any:
    """The JSON value of a line; None if there is none."""
    try:
        return _JSON.decode(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None


def _chained(previous: str, body: bytes) -> str:
    return _digest(previous.encode("ascii") + body).decode("ascii")


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode("ascii")


def _compact(value: Any) -> bytes:
    return _COMPACT.encode(value).encode("ascii")
