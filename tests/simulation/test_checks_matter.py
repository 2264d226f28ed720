"""Each check of the store and the core matters: without it, a world breaks a promise, and says which.

A check is taken out by replacing one name. What is asserted is that within
a few hundred worlds the promise that the check is there for is broken, and by name.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

import pytest

from durable_core.journal import codec
from durable_core.journal.verification import Loss
from durable_core.session import Session, decision
from durable_core.session.conversation import Conversation
from durable_shell.operations import verify
from durable_shell.store.files import journal, journal_file, lease, listing, mending, origin, sessions, views
from tests.simulation import ledger as promises
from tests.simulation import menders
from tests.simulation.endings import is_over
from tests.simulation.ledger import Violation
from tests.simulation.models import Rates
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


def with_one(kind: Kind, *when: float, hosts: int = 1) -> Iterator[World]:
    """Worlds in which one thing goes wrong in each of the first runs, at the times or operations ``when``."""
    plans = tuple(Plan((Trouble(kind, at),)) for at in when)
    return (World(seed, plans=plans, hosts=hosts) for seed in SEEDS)


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
    breaks(promises.UNRESUMABLE, in_a_write())


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


def test_without_renewals_a_driver_that_is_at_work_loses_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease.LeaseFile, "renew", lambda file, now: True)
    slow = Plan((Trouble("second driver", 0.01),), Rates(transient=0.9))
    breaks(promises.TWO_DRIVERS, (World(seed, plans=(slow,), hosts=2) for seed in SEEDS))


def test_without_a_look_whose_lease_it_is_a_driver_that_was_held_up_renews_it_over_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def write_over(file: lease.LeaseFile, until: float) -> bool:
        file.holder = file.holder._replace(until=until)
        file._write(file._named())
        return True

    monkeypatch.setattr(lease.LeaseFile, "_say_until", write_over)
    breaks(promises.STALE_RENEWAL, with_one("held interpreter", 0.5, 2.0, 4.0, hosts=2))


def test_without_the_lock_a_cleanup_takes_a_session_that_is_driven(monkeypatch: pytest.MonkeyPatch) -> None:
    def as_if_free(folder: int, now: float, *, create: bool = True) -> lease.LeaseFile:
        taken = lease.acquire(folder, now, create=create)
        if isinstance(taken, lease.LeaseFile):
            return taken
        return lease.LeaseFile(folder, lease.open_file(lease.LEASE, os.O_RDWR, folder))

    monkeypatch.setattr(sessions, "acquire", as_if_free)
    breaks(promises.UNIT_LOST, with_one("knock", 60, 80, 100))


def test_without_knowing_a_torn_end_a_look_at_a_session_whose_driver_died_calls_it_damaged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def torn_is_damage(data: bytes) -> Any:
        found = journal.scan(data)
        is_torn = isinstance(found, journal.Scan) and found.torn
        return journal.Damage(len(found.entries) + 1, "half a line", found) if is_torn else found

    monkeypatch.setattr(mending, "scan", torn_is_damage)
    mend_after_each_run(monkeypatch)
    breaks(promises.FALSE_ALARM, in_a_write())


def test_without_syncing_what_a_repair_wrote_a_power_cut_after_it_takes_the_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unsynced(folder: int, name: str, data: bytes, *, durable: bool) -> None:
        views.replace_file(folder, name, data, durable=False)

    monkeypatch.setattr(mending, "replace_file", unsynced)
    breaks(promises.UNRESUMABLE, as_drawn())


@pytest.mark.parametrize(
    ("module", "promise"),
    [(views, promises.UNRESUMABLE), (listing, promises.FALSE_ALARM), (mending, promises.EDIT_LOST)],
    ids=["a repair sees no message", "a list sees no driver", "a repair sees no edit"],
)
def test_without_telling_too_many_files_from_none_what_is_there_is_taken_for_missing(
    module: Any, promise: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "is_shortage", lambda error: False)
    monkeypatch.setattr(menders, "SHORTAGES", 1.0)
    monkeypatch.setattr(menders, "HINDRANCES", ("too many files",))
    mend_after_each_run(monkeypatch)
    looked_at = with_one("knock", 60, 80, 100)
    breaks(promise, looked_at if module is listing else with_one("kill", 0.05, 0.5, 2.0, 4.0))


def test_without_making_texts_whole_half_a_character_goes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision, "whole", lambda text: text)
    breaks(promises.HALF_A_CHARACTER, as_drawn())


def test_without_hiding_halves_of_characters_a_journal_that_holds_one_can_not_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(codec, "has_halves", lambda text: False)
    breaks(promises.UNRESUMABLE, as_drawn())


def mend_after_each_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of what happens between two runs: somebody edits the variables, and somebody repairs."""

    def mend(world: World, session: Session | None) -> None:
        if session is not None and not is_over(session):
            world._edit_variables()
            world._mend()

    monkeypatch.setattr(World, "_between_runs", mend)


def in_a_write() -> Iterator[World]:
    """Worlds in which a driver dies at an operation, a later one in each."""
    return (World(3, plans=(Plan((Trouble("crash", at),)),)) for at in range(40, 400))


def standing_still() -> Iterator[World]:
    """Worlds of two machines, of which one stands still at an operation, a later one in each world."""
    return (World(seed, plans=(Plan((Trouble("standstill", 40 + seed),)),), hosts=2) for seed in SEEDS)
