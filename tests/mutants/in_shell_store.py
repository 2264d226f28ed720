"""Mutants of the shell's store: the journal as a file, the lease, folders, views, and mending."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Mutant, one

_FILES: Final = "durable_shell/store/files"
_TESTS: Final = "tests/unit/shell/store"


def _journal_file(function: str, old: str, new: str, breaks: str, killer: str) -> Mutant:
    return Mutant(
        f"{_FILES}/journal_file.py", function, old, new, breaks, one(f"{_TESTS}/test_journal_file", killer)
    )


def _journal(function: str, old: str, new: str, breaks: str, killer: str) -> Mutant:
    return Mutant(f"{_FILES}/journal.py", function, old, new, breaks, one(f"{_TESTS}/test_journal", killer))


def _lease(
    function: str, old: str, new: str, breaks: str, killer: str, *, file: str = "test_lease"
) -> Mutant:
    return Mutant(f"{_FILES}/lease.py", function, old, new, breaks, one(f"{_TESTS}/{file}", killer))


def _sessions(function: str, old: str, new: str, breaks: str, file: str, killer: str) -> Mutant:
    return Mutant(f"{_FILES}/sessions.py", function, old, new, breaks, one(f"{_TESTS}/{file}", killer))


def _folders(function: str, old: str, new: str, breaks: str, file: str, killer: str) -> Mutant:
    return Mutant(f"{_FILES}/folders.py", function, old, new, breaks, one(f"{_TESTS}/{file}", killer))


def _views(function: str, old: str, new: str, breaks: str, killer: str) -> Mutant:
    return Mutant(f"{_FILES}/views.py", function, old, new, breaks, one(f"{_TESTS}/test_views", killer))


MUTANTS: Final = (
    _journal_file(
        "JournalFile.append",
        "sync_data(self._descriptor)",
        "pass",
        "a commit is not on the disk when it is acknowledged",
        "one_append_is_one_write_and_one_sync",
    ),
    _journal_file(
        "JournalFile.append",
        "size != self._length",
        "False",
        "a journal that something else wrote to is written on",
        "a_journal_that_something_else_wrote_to_is_out_of_step",
    ),
    _journal_file(
        "JournalFile.append",
        "expected != self.last_seq",
        "False",
        "an append is taken wherever its writer believes to be",
        "an_append_at_the_wrong_place_is_out_of_step",
    ),
    _journal_file(
        "JournalFile.append",
        "self._poisoned = True",
        "self._poisoned = False",
        "after a failed sync appends go on",
        "after_a_failed_sync_the_journal_takes_nothing_until_it_is_opened_again",
    ),
    _journal_file(
        "JournalFile._undo",
        "os.ftruncate(self._descriptor, self._length)",
        "pass",
        "half a line stays behind on a full disk",
        "a_disk_that_fills_up_in_the_middle_of_a_line_leaves_no_half_line",
    ),
    _journal_file(
        "JournalFile._undo",
        "self._poisoned = True",
        "self._poisoned = False",
        "a journal whose end could not be cut off takes more",
        "where_the_end_cannot_be_cut_off_the_journal_takes_nothing_more",
    ),
    _journal_file(
        "JournalFile.open",
        "sync_data(descriptor)",
        "pass",
        "a driver acts on lines that a killed one never synced",
        "what_a_killed_driver_left_unsynced_is_synced_before_it_is_acted_on",
    ),
    _journal_file(
        "JournalFile.open",
        "found.torn",
        "False",
        "a torn end is written on",
        "opening_to_drive_cuts_a_torn_end_off_and_says_how_long_it_was",
    ),
    _journal_file(
        "JournalFile.open",
        "found.unended",
        "False",
        "the last line does not get its line feed back",
        "a_last_line_without_its_line_feed_counts_and_gets_it_back",
    ),
    _journal_file(
        "_load",
        "not found.entries and not may_be_empty",
        "False",
        "a journal that was emptied is a session that just began",
        "a_journal_without_one_whole_line_is_corrupt",
    ),
    _journal(
        "scan",
        "all(_ZEROS in later for later in lines[index:])",
        "True",
        "damage anywhere is a torn end, and what follows is dropped",
        "a_torn_line_before_a_good_one_is_damage",
    ),
    _journal(
        "_verified",
        "tail[len(_HASH_KEY):-2] != _chained(previous, body).encode()",
        "False",
        "a line need not match its hash",
        "a_complete_last_line_with_a_wrong_hash_is_damage_not_a_torn_write",
    ),
    _journal(
        "_verified",
        "entry.token < last_token",
        "False",
        "fencing tokens may go back",
        "a_token_below_the_one_before_is_damage",
    ),
    _journal(
        "unharmed",
        "whole = len(stated) == len(FIRST_HASH) and tail == _HASH_KEY + _digest(stated + body) + b'\"}'",
        "whole = True",
        "each line behind damage is taken at its word",
        "behind_damage_only_lines_that_follow_from_the_line_before_are_as_they_were_written",
    ),
    _lease(
        "LeaseFile.claim",
        "last.token + 1",
        "last.token",
        "two drivers have the same fencing token",
        "a_token_is_above_the_file_and_above_the_journal",
    ),
    _lease(
        "LeaseFile.claim",
        "at_least + 1",
        "at_least",
        "a new driver has the token of the journal's last line",
        "a_damaged_lease_file_never_blocks_and_the_journal_gives_the_token",
    ),
    _lease(
        "LeaseFile.token_in_force",
        "not os.path.samestat(there, os.fstat(self._descriptor))",
        "False",
        "a driver whose lease file was replaced writes on",
        "a_driver_whose_lease_file_was_replaced_can_write_no_more",
    ),
    _lease(
        "_is_in_place",
        "os.path.samestat(there, os.fstat(descriptor))",
        "True",
        "a lock on a file that is not the folder's any more counts",
        "a_lease_file_that_is_replaced_while_it_is_being_locked_is_opened_again",
    ),
    _lease(
        "_let_go_in_child",
        "os.close(descriptor)",
        "pass",
        "a child keeps the lease of its dead parent",
        "a_child_of_the_holder_does_not_keep_the_lease_alive",
    ),
    _lease(
        "LeaseFile.release",
        "self._say_until(0.0)",
        "pass",
        "other machines wait for a lease that was given back",
        "a_lease_that_was_given_back_is_free_everywhere_at_once",
        file="test_lease_elsewhere",
    ),
    _lease(
        "LeaseFile._say_until",
        "not self.token or self.token_in_force() != self.token",
        "False",
        "a lost lease is renewed, over the name of who has it",
        "a_lease_that_is_somebody_elses_is_not_renewed",
        file="test_lease_elsewhere",
    ),
    _lease(
        "acquire",
        "holder == dead or not holds_elsewhere(holder, here(), now)",
        "True",
        "a holder on another machine is not believed",
        "a_holder_on_another_machine_is_believed_until_its_lease_ends",
        file="test_lease_elsewhere",
    ),
    _sessions(
        "FileSessions.append",
        "in_force != lease.token",
        "False",
        "a void lease may append",
        "test_lease",
        "a_driver_whose_token_was_overwritten_can_write_no_more",
    ),
    _sessions(
        "FileSessions.lease",
        "os.fsync(sessions)",
        "pass",
        "whoever takes a session over does not sync the name that its maker may not have synced",
        "test_lease",
        "whoever_takes_a_session_over_makes_sure_that_its_name_is_on_the_disk",
    ),
    _sessions(
        "FileSessions.lease",
        "locked.lock.withdraw()",
        "pass",
        "a lease of a damaged session changes the lease file",
        "test_lease",
        "a_lease_of_a_damaged_session_changes_nothing_in_its_file",
    ),
    _sessions(
        "FileSessions._reveal",
        "driven.journal.poison()",
        "pass",
        "a session that could not be made visible takes appends",
        "test_store",
        "a_first_commit_that_cannot_be_made_visible_is_not_acknowledged",
    ),
    _sessions(
        "FileSessions._delete_locked",
        "not force",
        "False",
        "a damaged session is deleted unasked",
        "test_deletion",
        "a_damaged_session_is_deleted_only_with_force",
    ),
    _sessions(
        "FileSessions._delete_opened",
        "isinstance(lock, Holder)",
        "False",
        "a driven session is deleted",
        "test_deletion",
        "a_driven_session_is_not_deleted",
    ),
    _folders(
        "reveal",
        "os.fsync(sessions)",
        "pass",
        "the name of a new session is not on the disk",
        "test_store",
        "what_is_committed_is_synced_up_to_the_root",
    ),
    _folders(
        "_is_being_made",
        "is_locked(lease)",
        "False",
        "a session in the making is swept up",
        "test_store",
        "leftovers_are_swept_up_and_what_is_in_the_making_or_strange_is_left_alone",
    ),
    _views(
        "ViewWriter._publish_agent",
        "AgentView(view.agent, tuple(view.messages))",
        "view",
        "a list that its owner lengthens counts as written",
        "a_conversation_that_its_owner_lengthens_is_written_on",
    ),
    _views(
        "_keep_spec",
        "not safe_relative(name)",
        "False",
        "a file of a spec leads out of its session",
        "a_file_name_that_leads_out_of_the_session_is_refused",
    ),
    _views(
        "_publish_messages",
        "_remove_surplus(folder, len(messages), None if written is None else len(written))",
        "pass",
        "messages that were taken back stay",
        "messages_that_were_rolled_back_are_removed",
    ),
    Mutant(
        "durable_shell/store/disk.py",
        "sync_above",
        "sync_above(above)",
        "pass",
        "folders above the first are not synced",
        one(f"{_TESTS}/test_store", "what_is_committed_is_synced_up_to_the_root"),
    ),
    Mutant(
        "durable_shell/store/disk.py",
        "write_all",
        "rest[written:]",
        "rest[:0]",
        "the rest of a short write is forgotten",
        one(f"{_TESTS}/test_journal_file", "short_writes_are_gone_on_with"),
    ),
    *(
        Mutant(
            f"{_FILES}/{file}.py",
            function,
            "is_shortage(error)",
            "False",
            breaks,
            (f"{_TESTS}/test_too_many_files.py::{killer}",),
        )
        for file, function, breaks, killer in (
            (
                "views",
                "_at",
                "messages are not seen because no file can be opened, and a repair does not tell of them",
                "test_what_can_not_be_opened_just_now_is_not_missing",
            ),
            (
                "mending",
                "FileLooking.session_view",
                "what a person edited is not seen because no file can be opened, and a repair writes over it",
                "test_what_can_not_be_opened_just_now_is_not_missing",
            ),
            (
                "listing",
                "_is_driven",
                "a running session is interrupted because no file can be opened",
                "test_a_running_session_is_not_listed_as_interrupted_because_no_file_can_be_opened",
            ),
        )
    ),
    Mutant(
        f"{_FILES}/folders.py",
        "_is_being_made",
        "return is_shortage(error)",
        "return False",
        "who can open no file sweeps up what another is making",
        one(
            f"{_TESTS}/test_too_many_files",
            "who_may_open_no_file_sweeps_up_no_session_that_another_is_making",
        ),
    ),
    Mutant(
        "durable_shell/store/files/listing.py",
        "_listed",
        "is_shortage(error)",
        "False",
        "a session is damaged because no file can be opened",
        one(f"{_TESTS}/test_listing", "a_session_is_not_damaged_because_no_file_can_be_opened"),
    ),
)
