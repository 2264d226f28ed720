"""Each check of the store and the core matters: without it, a world breaks a promise, and says which.

A check is taken out by replacing one name. What is asserted is that within
a few hundred worlds the promise that the check is there for is broken, and by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

import pytest

from durable_core.journal.verification import Loss
from durable_core.session.conversation import Conversation
from durable_shell.operations import verify
from durable_shell.store.files import journal, journal_file, lease, origin, sessions
from tests.simulation import ledger as promises
from tests.simulation.ledger import Violation
from tests.simulation.troubles import Kind, Plan, Trouble
from tests.simulation.world import World

SEEDS: Final = range(400)
"""Worlds within which a missing check shows. With all checks in place they pass: see test_seeds."""


def breaks(promise: str, worlds: Iterable[World]) -> None:
    """Assert that one of ``worlds`` breaks ``promise``, and tells how to replay it; others may be broken
    before."""
    told: dict[str, str] = {}
    for world in worlds:
        try:
            world.run()
        except Violation as violation:
            told.setdefault(violation.name, str(violation))
        if promise in told:
            break
    assert promise in told, f"nobody missed the check; other violations: {told}"
    assert "python -m tests.simulation --seed " in told[promise]


def as_drawn() -> Iterator[World]:
    """Worlds as their seeds draw them."""
    return (World(seed) for seed in SEEDS)


def with_one(kind: Kind, *when: float) -> Iterator[World]:
    """Worlds in which one thing goes wrong in each of the first runs, at the times or operations ``when``."""
    return (World(seed, plans=tuple(Plan((Trouble(kind, at),)) for at in when)) for seed in SEEDS)


def test_without_the_sync_of_a_commit_power_cuts_lose_completed_units(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(journal_file, "sync_data", lambda descriptor: None)
    breaks(promises.UNIT_LOST, as_drawn())


def test_without_cutting_a_torn_end_off_sessions_cannot_be_resumed(monkeypatch: pytest.MonkeyPatch) -> None:
    def scan_as_if_whole(data: bytes) -> Any:
        found = journal.scan(data)
        return found if isinstance(found, journal.Damage) else replace(found, torn=0)

    monkeypatch.setattr(journal_file, "scan", scan_as_if_whole)
    in_a_write = (World(3, plans=(Plan((Trouble("crash", at),)),)) for at in range(40, 400))
    breaks(promises.UNRESUMABLE, in_a_write)


def test_without_the_fencing_check_a_driver_writes_after_its_lease_was_taken_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions._Driven, "in_force", lambda driven, token: token)
    breaks(promises.STALE_WRITER, with_one("lost lock", 0.01, 0.5, 2.0))


def test_without_the_rollback_to_the_mark_half_turns_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Conversation, "rolled_back", lambda conversation, kept=0: conversation)
    breaks(promises.HALF_A_TURN, with_one("kill", 0.05, 0.5, 2.0, 4.0))


def test_without_the_hash_chain_flipped_bits_go_unnoticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_chained", lambda previous, body: journal.FIRST_HASH)
    breaks(promises.UNNOTICED, as_drawn())


def test_without_a_second_look_at_the_token_a_driver_that_stood_still_is_told_that_it_wrote(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions.FileSessions, "_void_since", lambda store, lease, driven: None)
    breaks(promises.STALE_WRITER, standing_still())


def test_without_taking_a_late_commit_back_a_session_is_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_file.JournalFile, "take_back", lambda file: None)
    breaks(promises.UNRESUMABLE, standing_still())


def test_without_the_sync_of_its_mark_a_session_is_taken_for_a_strangers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(origin, "sync_data", lambda descriptor: None)
    breaks(promises.DISOWNED, as_drawn())


def test_without_the_word_of_a_lease_two_machines_drive_one_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "holds_elsewhere", lambda holder, here, now: False)
    plans = (Plan((Trouble("second driver", 0.01),)),)
    breaks(promises.TWO_DRIVERS, (World(seed, plans=plans, hosts=2) for seed in SEEDS))


def test_without_counting_what_a_cut_may_lose_a_repair_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "loss", lambda behind, **counts: Loss())
    breaks(promises.UNTOLD, as_drawn())


def standing_still() -> Iterator[World]:
    """Worlds of two machines, of which one stands still at an operation, a later one in each world."""
    return (World(seed, plans=(Plan((Trouble("standstill", 40 + seed),)),), hosts=2) for seed in SEEDS)
