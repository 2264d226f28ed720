"""The journal against a plain list: appends, reopenings, crashes that tear the end, and flipped bits."""

from __future__ import annotations

import shutil
import tempfile
from itertools import accumulate
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from durable_shell.store.files.journal import FIRST_HASH, Damage, encode_line, scan, unharmed
from durable_shell.store.files.store import FileStore
from durable_shell.store.port import Entry, Lease, OutOfStep
from durable_shell.store.view_files import agent_folder
from tests.support.night import at_night

SESSION = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"

_numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_values = st.recursive(
    st.none() | st.booleans() | _numbers | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
_events = st.dictionaries(st.text(max_size=8), _values, max_size=3)
_batches = st.lists(_events, min_size=1, max_size=4)


def _entries(events: list[dict[str, Any]]) -> tuple[Entry, ...]:
    return tuple(Entry(n, 1000.0 + n, 1, event) for n, event in enumerate(events, 1))


@given(_batches)
def test_what_is_encoded_is_scanned_back(events: list[dict[str, Any]]) -> None:
    data, last_hash = encode_line(_entries(events), FIRST_HASH)
    found = scan(data)
    assert not isinstance(found, Damage)
    assert (found.entries, found.length, found.last_hash, found.torn) == (
        _entries(events),
        len(data),
        last_hash,
        0,
    )


@given(_batches, _batches)
def test_a_journal_in_two_pieces_is_the_journal_in_one(
    first: list[dict[str, Any]], second: list[dict[str, Any]]
) -> None:
    whole = _entries(first + second)
    head, middle = encode_line(whole[: len(first)], FIRST_HASH)
    tail, last = encode_line(whole[len(first) :], middle)
    assert (head + tail, last) == encode_line(whole, FIRST_HASH)


@given(_batches, st.data())
def test_whatever_happens_to_its_bytes_a_journal_never_shows_another_entry(
    events: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Any slice of the bytes replaced by any others: a prefix of what was written, or damage."""
    journal, _ = encode_line(_entries(events), FIRST_HASH)
    start = data.draw(st.integers(0, len(journal)))
    end = data.draw(st.integers(start, len(journal)))
    patch = data.draw(
        st.binary(max_size=20) | st.sampled_from([journal, journal[start:end][::-1], b"\0" * 512])
    )
    changed = journal[:start] + patch + journal[end:]
    found = scan(changed)
    if not isinstance(found, Damage):
        assert found.entries == _entries(events)[: len(found.entries)]
        return
    behind = [line for line in changed[found.good.length :].split(b"\n") if line]
    assert all(entry is None or entry in _entries(events) for entry in unharmed(behind))


@given(st.binary(max_size=300))
def test_any_bytes_at_all_are_scanned(data: bytes) -> None:
    found = scan(data)
    assert isinstance(found, Damage) or (found.entries == () and found.torn == len(data))


@given(st.text(), st.text())
def test_two_agent_ids_share_a_folder_only_if_they_are_one(one: str, other: str) -> None:
    assert (agent_folder(one) == agent_folder(other)) == (one == other)
    # A name that the mapping gives is itself an id that somebody may choose.
    given_name = agent_folder(other)
    assert (agent_folder(one) == agent_folder(given_name)) == (one == given_name)
    assert (agent_folder(given_name) == given_name) == (given_name == other)


class JournalAgainstAList(RuleBasedStateMachine):
    """``committed`` is what was acknowledged; ``unsynced`` is what a crash may or may not have kept."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.store = FileStore(self.root)
        self.committed: list[tuple[int, dict[str, Any]]] = []
        self.lease: Lease | None = None
        self.tokens: list[int] = []

    @property
    def path(self) -> Path:
        return self.root / "sessions" / f"session_{SESSION}" / "journal.jsonl"

    @initialize(events=_batches)
    def begin(self, events: list[dict[str, Any]]) -> None:
        self.store.create(SESSION).unwrap()
        self.take()
        self.append(events)

    def take(self) -> None:
        self.lease = self.store.lease(SESSION, now=1.0).unwrap()
        assert not self.tokens or self.lease.token > self.tokens[-1]
        self.tokens.append(self.lease.token)

    @precondition(lambda self: self.lease is not None)
    @rule(events=_batches)
    def append(self, events: list[dict[str, Any]]) -> None:
        assert self.lease is not None
        last = self.store.append(self.lease, len(self.committed), 1.0, events).unwrap()
        self.committed += [(self.lease.token, event) for event in events]
        assert last == len(self.committed)

    @precondition(lambda self: self.lease is not None)
    @rule(events=_batches, off=st.sampled_from([-1, 1, 5]))
    def append_at_the_wrong_place(self, events: list[dict[str, Any]], off: int) -> None:
        assert self.lease is not None
        failure = self.store.append(self.lease, len(self.committed) + off, 1.0, events).failure()
        assert isinstance(failure, OutOfStep)

    @precondition(lambda self: self.lease is not None)
    @rule()
    def release(self) -> None:
        assert self.lease is not None
        self.store.release(self.lease)
        self.lease = None

    @precondition(lambda self: self.lease is None)
    @rule()
    def reopen(self) -> None:
        self.store = FileStore(self.root)
        self.take()

    @rule(events=_batches, data=st.data())
    def crash_in_the_middle_of_an_append(self, events: list[dict[str, Any]], data: st.DataObject) -> None:
        """A driver dies before its batch is synced: any part of the bytes is there, then zeros."""
        found = scan(self.path.read_bytes())
        assert not isinstance(found, Damage)
        token = self.lease.token if self.lease is not None else found.last_token
        if self.lease is not None:
            self.release()
        batch = [Entry(found.last_seq + n, 1.0, token, event) for n, event in enumerate(events, 1)]
        written, _ = encode_line(batch, found.last_hash)
        kept = data.draw(st.integers(0, len(written)), label="bytes kept")
        with self.path.open("ab") as file:
            file.write(written[:kept] + b"\0" * data.draw(st.integers(0, 3), label="zeros"))
        # an entry whose line feed alone did not make it counts
        ends = accumulate(len(line) + 1 for line in written.splitlines())
        whole = sum(end - 1 <= kept for end in ends)
        self.committed += [(token, event) for event in events[:whole]]
        self.reopen()

    @invariant()
    def memory_equals_disk(self) -> None:
        if not self.tokens:
            return
        read = FileStore(self.root).read(SESSION).unwrap()
        assert [(entry.token, entry.event) for entry in read] == self.committed
        assert [entry.seq for entry in read] == list(range(1, len(read) + 1))

    def teardown(self) -> None:
        if self.lease is not None:
            self.store.release(self.lease)
        shutil.rmtree(self.root)


TestJournalAgainstAList = JournalAgainstAList.TestCase
TestJournalAgainstAList.settings = settings(
    max_examples=at_night(30, 500), stateful_step_count=at_night(20, 60), deadline=None
)
