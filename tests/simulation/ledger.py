"""What was promised, written down outside of the system that promised it.

The ledger hears of every acknowledged commit and every model call. Whatever contradicts an earlier promise
is a violation, with one of the names below; a world that collects none has kept them all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from returns.result import Result, Success

from durable_core.characters import has_halves
from durable_core.journal.leases import CLOCKS_S, LEASE_S, Holder
from durable_core.session import Turn
from durable_core.session.conversation import Conversation
from durable_core.types import Json, UnitId
from durable_shell.store.digest import chain_digest
from durable_shell.store.files.store import FileStore
from durable_shell.store.port import Entry, Lease, StoreError
from tests.simulation.disk import Process

LOST: Final = "a committed event was lost"
UNIT_LOST: Final = "a completed unit was lost"
CALLED_AGAIN: Final = "a completed unit was called again"
PAID_TWICE: Final = "an answer that was received and saved was asked for again"
UNRESUMABLE: Final = "a session can't be resumed"
DISOWNED: Final = "a session that began here counts as from elsewhere"
HALF_A_TURN: Final = "half a turn was left in a conversation"
TWO_DRIVERS: Final = "two drivers had one session"
STALE_WRITER: Final = "a driver wrote after its lease was taken over"
STALE_RENEWAL: Final = "a lease was renewed that another had taken over"
UNNOTICED: Final = "damage went unnoticed"
UNTOLD: Final = "a repair took away more than it told"
FALSE_ALARM: Final = "a look found damage where there is none"
DIFFERENT: Final = "a crashed run and a calm one differ"
STALE_VIEW: Final = "a view does not show the session as it ended"
EDIT_LOST: Final = "what a person edited was lost"
HALF_A_CHARACTER: Final = "half of a character went out"
STUCK: Final = "a run never ended"
UNEXPLAINED: Final = "something else went wrong"


class Violation(AssertionError):
    """A promise was broken; ``name`` says which."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"{name}: {detail}")
        self.name = name
        self.detail = detail


class Ledger:
    """The promises made so far."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []
        self.events: list[dict[str, Any]] = []
        self.completed: set[UnitId] = set()
        self.calls = 0
        self._paid: dict[UnitId, str] = {}
        self._prompts: dict[UnitId, str] = {}
        self._driver: Process | None = None
        self._believed_until = 0.0
        self.lock_was_lost = False

    def violated(self, name: str, detail: str) -> None:
        """A promise was broken."""
        self.violations.append(Violation(name, detail))

    # --- the journal ----------------------------------------------------------------------------------

    def cut(self, kept: int) -> None:
        """A person let a repair cut the journal after ``kept`` events, and was told what that may lose."""
        events, self.events = self.events[:kept], []
        self.completed.clear()
        self._paid.clear()
        for event in events:
            self._note(event)

    def renewed(self, process: Process, now: float) -> None:
        """A driver's lease holds from ``now`` on, on other machines too."""
        if self._driver is process:
            self._believed_until = now + LEASE_S

    def leased(self, process: Process, now: float) -> None:
        """A driver got the lease at ``now``: nobody else has it, or the other's machine stands still."""
        driver = self._driver
        if driver is not None and driver.alive and driver.host != process.host and not self.lock_was_lost:
            if now < self._believed_until <= now + LEASE_S + CLOCKS_S:
                self.violated(TWO_DRIVERS, f"{process.host} leased what {driver.host} holds")
            self.lock_was_lost = True
        if driver is not None and driver.alive and not self.lock_was_lost:
            self.violated(TWO_DRIVERS, f"process {process.pid} leased what process {driver.pid} drives")
        self._driver = process
        self.renewed(process, now)

    def is_over(self, process: Process) -> bool:
        """Whether another has had the lease since ``process`` got it."""
        return self._driver is not process

    def released(self, process: Process) -> None:
        """A driver gave the lease back."""
        if self._driver is process:
            self._driver = None

    @property
    def is_driven(self) -> bool:
        """Whether somebody alive has the lease and can rely on its lock."""
        return self._driver is not None and self._driver.alive and not self.lock_was_lost

    def committed(self, process: Process, expected: int, events: Sequence[dict[str, Any]]) -> None:
        """An append was acknowledged. Who took over since has read it, or the driver must not be told so."""
        if self._driver is not process and self.events[expected : expected + len(events)] == list(events):
            return
        if self._driver is not process:
            self.violated(STALE_WRITER, f"process {process.pid} appended after entry {expected}")
        del self.events[expected:]
        for event in events:
            self._note(event)

    def found(self, entries: Sequence[Entry], *, by_driver: bool, owed: int | None = None) -> None:
        """What a reader of the journal was given. A driver acts on it, so all of it counts as promised
        then. ``owed`` is how many events were promised when it began to read, now without it."""
        events = [entry.event for entry in entries]
        for place, promised in enumerate(self.events[:owed]):
            if place >= len(events):
                gone = [event["unit"] for event in self.events[place:] if _completes(event)]
                self.violated(
                    UNIT_LOST if gone else LOST,
                    f"{len(self.events)} events were acknowledged, {len(events)} are there; units {gone}",
                )
                return
            if events[place] != promised:
                self.violated(LOST, f"event {place + 1} is not the one that was acknowledged")
                return
        if by_driver:
            for event in events[len(self.events) :]:
                self._note(event)
                if event["type"] == "unit_started/1":
                    # The append that would have taken a saved answer over was cut in the middle.
                    self._paid.pop(event["unit"], None)

    def _note(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        unit = event.get("unit", "")
        if event["type"] == "message_added/1":
            if event["message"]["role"] == "user":
                self._prompts[unit] = event["message"]["content"][0]["text"]
            else:
                self._paid[unit] = self._prompts[unit]
        elif event["type"] == "spec_changed/2":
            self._paid.clear()  # another agent may be meant now, and it is asked anew
        elif event["type"] != "unit_started/1":
            self._paid.pop(unit, None)
        if _completes(event):
            self.completed.add(unit)

    def went_out(self, what: str, text: str) -> None:
        """A model, a file or a person got ``text``."""
        if has_halves(text):
            self.violated(HALF_A_CHARACTER, f"{what}: {text!r}")

    # --- models ---------------------------------------------------------------------------------------

    def called(self, process: Process, turn: Turn) -> None:
        """A model is being asked; the history must be whole turns, and the unit must need it.

        A driver that lost its lock may still ask for what it began before: nothing can stop it from that.
        """
        self.calls += 1
        self.went_out("a prompt", turn.prompt)
        if self._driver is not process:
            return
        if turn.unit in self.completed:
            self.violated(CALLED_AGAIN, f"{turn.unit}, attempt {turn.attempt}")
        if self._paid.get(turn.unit) == turn.prompt:
            self.violated(PAID_TWICE, f"{turn.unit}, attempt {turn.attempt}")
        roles = [message["role"] for message in turn.history]
        if roles != ["user", "assistant"] * (len(roles) // 2) or _digest(turn.history) != turn.digest:
            self.violated(HALF_A_TURN, f"{turn.unit} was sent after {roles}")

    def left(self, name: str, conversation: Conversation) -> None:
        """How a conversation stands once the session is completed."""
        roles = [said.message["role"] for said in conversation.messages]
        whole = roles == ["user", "assistant"] * (len(roles) // 2)
        digest = _digest([said.message for said in conversation.messages])
        if not whole or len(roles) != conversation.mark.count or digest != conversation.mark.digest:
            self.violated(HALF_A_TURN, f"{name} holds {roles}, its mark is at {conversation.mark.count}")


class WatchedStore(FileStore):
    """The real store of one process, with everything that it acknowledges told to the ledger."""

    def __init__(self, root: Path, ledger: Ledger, process: Process, clock: Callable[[], float]) -> None:
        super().__init__(root, command="simulated", clock=clock)
        self._ledger = ledger
        self._process = process
        self._wrote_over = False

    def lease(self, session_id: str, *, now: float, dead: Holder | None = None) -> Result[Lease, StoreError]:
        """Tells that the lease was given."""
        leased = super().lease(session_id, now=now, dead=dead)
        if isinstance(leased, Success):
            self._ledger.leased(self._process, now)
        return leased

    def renew(self, lease: Lease, *, now: float) -> bool:
        """Tells that the lease was renewed. One that nobody could look at counts as renewed, too.

        A machine that stands still just then writes over the name of another, and finds its own from then on:
        the other reads its own token no more, and neither can append (docs/explanation/durability.md).
        """
        was_over = self._ledger.is_over(self._process)
        still_ours = super().renew(lease, now=now)
        self._wrote_over |= not was_over and self._ledger.is_over(self._process)
        if still_ours and was_over and not (self._wrote_over or self._process.troubled):
            self._ledger.violated(STALE_RENEWAL, f"process {self._process.pid} renewed what it had lost")
        if still_ours:
            self._ledger.renewed(self._process, now)
        return still_ours

    def append(
        self, lease: Lease, expected: int, at: float, events: Sequence[dict[str, Any]]
    ) -> Result[int, StoreError]:
        """Tells what was committed, as a reader will find it."""
        done = super().append(lease, expected, at, events)
        if isinstance(done, Success):
            self._ledger.committed(self._process, expected, json.loads(json.dumps(events)))
        return done

    def read(self, session_id: str, after: int = 0) -> Result[tuple[Entry, ...], StoreError]:
        """Tells what the driver of the session now knows."""
        owed = len(self._ledger.events)  # its machine may stand still while another appends
        found = super().read(session_id, after)
        if isinstance(found, Success):
            self._ledger.found(found.unwrap(), by_driver=True, owed=owed)
        return found

    def release(self, lease: Lease) -> None:
        """Tells before the lock is gone: from its first operation on, another may have the lease."""
        self._ledger.released(self._process)
        super().release(lease)


def _digest(messages: Sequence[Json]) -> str:
    digest = ""
    for message in messages:
        digest = chain_digest(digest, message)
    return digest


def _completes(event: dict[str, Any]) -> bool:
    return str(event["type"]) == "unit_completed/1"
