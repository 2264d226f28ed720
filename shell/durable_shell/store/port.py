"""What the shell asks of a store, and what a store answers.

A session is an append-only journal of entries; everything else about it is a view that can be derived from
the journal again. A store knows nothing of what an event means: to it, an event is a JSON object.

A session comes into being with its first committed entry: until then it can be leased, appended to and read
through the store object that created it, and nobody else sees it. A session whose lease is released, or whose
process dies, before that first entry was never there.

Calls block; the driver makes them in a thread. Nothing here names a path as a place to look: the paths in
errors are there to be read by people.

What a store answers are named tuples: this module is loaded before a session's lock is taken, and dataclasses
would take more than twice the time to load.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from durable_core.catalog.listing import EVERY, Listed, Query
from durable_core.journal.leases import Holder

if TYPE_CHECKING:
    from returns.result import Result

NAMING_S: Final = 10.0
"""Seconds for which whoever names a session waits for others who do: each needs some milliseconds."""

NAMING_BUSY: Final = "others are naming sessions and do not come to an end; try again"


class Entry(NamedTuple):
    """One committed event: its place in the journal from 1, when (seconds since the epoch, UTC), under which
    fencing token, and the event as the core's wire codec made it."""

    seq: int
    at: float
    token: int
    event: dict[str, Any]


class Lease(NamedTuple):
    """The right to drive a session.

    ``token`` is higher than that of every lease before it. ``torn_bytes`` is the length of the half-written
    end that opening the journal cut off; it is 0 unless the last driver died in the middle of a write.
    """

    session_id: str
    token: int
    holder: Holder
    torn_bytes: int = 0


class NotFound(NamedTuple):
    """There is no such session. A text that is not a session id names none, so it lands here too."""

    session_id: str


class Held(NamedTuple):
    """Another driver has the lease and is alive."""

    session_id: str
    holder: Holder


class Corrupt(NamedTuple):
    """What is stored is not what was written. ``line`` counts from 1; 0 means that no line is to blame."""

    session_id: str
    path: str
    line: int
    reason: str


class NotAFolder(NamedTuple):
    """Something else stands in the place of a session's folder at ``path``: a link, which is never followed,
    or a file. A link can be deleted; what it points to stays."""

    session_id: str
    path: str
    is_link: bool


class WrittenByNewer(NamedTuple):
    """A later version of this program wrote ``form`` at ``line`` of ``path``; this one can't read on there.

    Nothing is damaged. ``program`` is that version, empty where the journal does not say it. A store never
    answers this by itself, as it does not know what an event means.
    """

    session_id: str
    path: str
    line: int
    form: str
    program: str


class Unwritable(NamedTuple):
    """The store could not be read or written, for a ``reason`` such as a full disk. Nothing that was
    committed before is lost, and nothing of the failed call counts as committed."""

    path: str
    reason: str


class EditUnreadable(NamedTuple):
    """A person edited the file at ``path`` so that it can't be read; ``problem`` is what is said of it."""

    session_id: str
    path: str
    problem: str


class OutOfStep(NamedTuple):
    """The caller's idea of the session is out of date: somebody else wrote, or its lease is no longer valid.

    ``what`` says which number disagreed: ``"sequence number"``, ``"token"`` (of the lease) or ``"journal
    length in bytes"``. ``found`` is 0 where there was nothing to compare with.
    """

    session_id: str
    expected: int
    found: int
    what: str = "sequence number"


StoreError = NotFound | Held | Corrupt | NotAFolder | WrittenByNewer | Unwritable | EditUnreadable | OutOfStep


class AgentView(NamedTuple):
    """One conversation: the agent's document and its messages, first to last. The store may keep these
    objects and compare by identity later, so they must not be changed after."""

    agent: dict[str, Any]
    messages: Sequence[dict[str, Any]]


class Views(NamedTuple):
    """What is shown of a session, derived from its journal.

    ``agents`` is keyed by conversation id. One that is not named keeps what was published of it, so passing
    only those that changed is enough; one that was rolled back to nothing is passed with no messages.
    ``spec_snapshot`` and ``refs`` (file name relative to the spec, its bytes) count at the first publish
    only. A name in ``refs`` that is absolute, or has ``..`` in it, makes that publish Unwritable.
    """

    session: dict[str, Any]
    pattern_state: dict[str, Any]
    spec_snapshot: bytes
    agents: Mapping[str, AgentView] = MappingProxyType({})
    refs: Mapping[str, bytes] = MappingProxyType({})


class Snapshot(NamedTuple):
    """The spec's bytes as first run, and those of the files it refers to, by their relative names."""

    spec: bytes
    refs: Mapping[str, bytes]


class Damaged(NamedTuple):
    """A line of a journal, counted from 1 (0: the journal as a whole), that is not what was written."""

    line: int
    reason: str


class StoredJournal(NamedTuple):
    """A journal as it is, damaged or not.

    ``entries`` are those before the damage. ``torn`` is the length in bytes of a half-written end. ``behind``
    has each line from the damage on: its entry if the line is as it was written, None for any other.
    ``shown`` is the number of events that session.json shows, 0 if it does not say so.
    """

    entries: tuple[Entry, ...]
    torn: int
    damage: Damaged | None
    behind: tuple[Entry | None, ...]
    shown: int


class Claim(Protocol):
    """A right that others do not have meanwhile, such as that to drive a session whose journal is yet to be
    read."""

    def let_go(self) -> None:
        """Give it back, and the lease that came of it. Done again, it does nothing."""
        ...


class Looking(Protocol):
    """A session to be looked at, whole or damaged. All methods but ``close`` raise OSError.

    It is not held: somebody may drive it meanwhile, and ``holder`` and ``token`` tell.
    """

    @property
    def path(self) -> str:
        """Where the session is, for people; its files are named below it."""
        ...

    @property
    def journal_path(self) -> str:
        """Where its journal is, for people."""
        ...

    def journal(self, *, was_cut: bool = False) -> StoredJournal:
        """The journal, verified. Where there is none, it has no entries, and its damage says so.

        With ``was_cut`` it is known, and no damage, that session.json shows more than the journal holds.
        """
        ...

    def holder(self) -> Holder | None:
        """Who drives the session at this moment, if anybody who is alive does."""
        ...

    def token(self) -> int:
        """The fencing token of the last lease, which grows with each: nobody drove while it is the same."""
        ...

    def session_view(self) -> dict[str, Any] | None:
        """``session.json`` as it stands; None if it is of no use."""
        ...

    def differences(self, views: Views) -> dict[str, str]:
        """The paths of views that are not as ``views`` says, and what is wrong with each.

        That somebody edited the variables in session.json is no difference.
        """
        ...

    def messages_beyond(self, counts: Mapping[str, int]) -> tuple[str, ...]:
        """The paths of messages that stand there beyond the first ``counts`` of each conversation."""
        ...

    def close(self) -> None:
        """Look no longer."""
        ...


class Mending(Looking, Protocol):
    """A session that nobody else can drive meanwhile, to be looked at and put right.

    Nothing here decides: what the journal means and what may be cut is for the caller to say. It is closed to
    let others have the session again.
    """

    def cut(self, entries: int) -> str:
        """Keep the first ``entries`` of the journal and no more; gives the name of what the old one is kept
        under. At no moment is there no journal."""
        ...

    def rebuild(self, paths: Sequence[str], views: Views) -> tuple[str, ...]:
        """Write the views at ``paths`` anew. What ``views`` does not have is moved aside, never removed;
        gives the names below the session under which it is kept."""
        ...


class Store(Protocol):
    """Sessions that survive crashes. No call raises for what a disk, a user or another process does.

    ``list`` and ``find`` are the exception, since they must not pay for the import of ``returns``: they raise
    OSError when the sessions as a whole cannot be read.
    """

    @property
    def url(self) -> str:
        """What ``open_store`` made it of."""
        ...

    @property
    def views_follow(self) -> bool:
        """Whether views are to follow the commits of a running session, or only wait for its rest."""
        ...

    @property
    def journal_name(self) -> str:
        """What the journal of a session is called, for people: a file only where the store has files."""
        ...

    @property
    def shared(self) -> bool:
        """Whether other processes see the sessions, so that a later one can resume them."""
        ...

    def naming(self) -> Claim | StoreError:
        """Keep others from naming sessions, from the look at the names in use until a name is taken.

        Others wait for it a while; then it is Unwritable. It is seen by those who share the store's locks.
        """
        ...

    def create(self, session_id: str) -> Result[None, StoreError]:
        """Begin a session. Unwritable if the id is taken, is not a lower-case UUID, or there is no room."""
        ...

    def claim(self, session_id: str, *, now: float) -> Claim | StoreError:
        """Take the right to drive before anything slow is loaded or read; Held at once if somebody has it.

        The next ``lease`` of the session through this object takes the claim's place.
        """
        ...

    def lease(self, session_id: str, *, now: float, dead: Holder | None = None) -> Result[Lease, StoreError]:
        """Take the right to drive, or fail at once with Held. A dead holder's lease is taken over.

        Where there is no telling whether the holder lives, its lease is taken over once it has ended
        (``durable_core.journal.leases``), or at once if the holder is ``dead``: the very one of which the
        caller knows that it lives no more. A holder that is seen to live keeps its lease all the same.
        """
        ...

    def renew(self, lease: Lease, *, now: float) -> bool:
        """Say that the lease is still in use. False if it is no longer valid: its driver must stop.

        True where there is no telling: whoever commits under the lease will notice what is wrong.
        """
        ...

    def append(
        self, lease: Lease, expected: int, at: float, events: Sequence[dict[str, Any]]
    ) -> Result[int, StoreError]:
        """Commit events after the entry ``expected`` (0: none yet) and give the new last sequence number.

        All of them are durable when this returns Success. On Unwritable the journal is as before.
        """
        ...

    def read(self, session_id: str, after: int = 0) -> Result[tuple[Entry, ...], StoreError]:
        """The entries whose sequence number is above ``after``. Changes nothing, needs no lease."""
        ...

    def publish(self, session_id: str, views: Views) -> Result[None, StoreError]:
        """Bring the views up to date. They may be lost in a power cut; the journal is what counts."""
        ...

    def snapshot(self, session_id: str) -> Result[Snapshot, StoreError]:
        """The spec as first run. Unlike the other views it is durable once published."""
        ...

    def session_view(self, session_id: str) -> Result[dict[str, Any] | None, StoreError]:
        """``session.json`` as it stands, a person's edits included; None if it is missing or damaged."""
        ...

    def list(self, query: Query = EVERY) -> tuple[Listed, ...]:
        """The sessions that ``query`` asks for, damaged ones included, by session id."""
        ...

    def find(self, word: str) -> tuple[Listed, ...]:
        """The sessions that ``word`` may mean (``durable_core.catalog.lookup.find``)."""
        ...

    def is_ours(self, session_id: str) -> Result[bool, StoreError]:
        """Whether the session began in this store or was trusted in it; else it came from elsewhere."""
        ...

    def trust(self, session_id: str) -> Result[None, StoreError]:
        """Take a session that came from elsewhere for one of ours from here on."""
        ...

    def size(self, session_id: str) -> Result[int, StoreError]:
        """The bytes that a session takes."""
        ...

    def looking(self, session_id: str) -> Result[Looking, StoreError]:
        """A session to be looked at, whether it is whole or not, and whoever drives it.

        The caller closes it.
        """
        ...

    def mending(self, session_id: str, *, now: float) -> Result[Mending, StoreError]:
        """A session to be looked at and put right, whether it is whole or not. Held if somebody drives it.

        The caller closes it.
        """
        ...

    def delete(self, session_id: str, *, force: bool) -> Result[None, StoreError]:
        """Remove a session. Held while somebody drives it, whatever ``force`` says.

        A session whose journal does not verify is only removed with ``force``: it may still be repaired. So
        is a link in the place of a session; what it points to stays.
        """
        ...

    def release(self, lease: Lease) -> None:
        """Give the lease back. Does nothing for a lease that is no longer valid."""
        ...

    def holder(self, session_id: str) -> Holder | None:
        """Who drives the session at this moment, if anybody who is alive does."""
        ...
