"""Mutants of what a run does where hardly any more files can be opened."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Mutant, one

_RUNTIME: Final = "tests/unit/shell/runtime"

MUTANTS: Final = (
    Mutant(
        "durable_shell/runtime/driver.py",
        "Drive._runs_short",
        "shortage_behind(error)",
        "False",
        "a call that can open no file is a fault of its model",
        one(
            f"{_RUNTIME}/test_driver_short",
            "a_call_that_can_open_nothing_is_no_fault_and_what_runs_beside_it_is_kept",
        ),
    ),
    Mutant(
        "durable_shell/runtime/driver.py",
        "Drive._runs_short",
        "not can_open(FILES_OF_A_CALL)",
        "False",
        "what fails for want of files is believed to be a model's fault",
        one(
            f"{_RUNTIME}/test_driver_short",
            "whatever_a_provider_says_is_not_believed_where_no_file_can_be_opened",
        ),
    ),
    Mutant(
        "durable_shell/runtime/driver.py",
        "Drive._runs_short",
        "can_open(FILES_OF_A_CALL)",
        "can_open(1)",
        "a call that may open one file and no more is believed to fail for another reason",
        one(
            f"{_RUNTIME}/test_driver_short",
            "whatever_a_provider_says_is_not_believed_where_no_file_can_be_opened",
        ),
    ),
    Mutant(
        "durable_shell/runtime/driver.py",
        "Drive._begin_wanted",
        "self._is_short",
        "False",
        "a run that can open no more files begins new steps",
        one(
            f"{_RUNTIME}/test_driver_short",
            "a_call_that_can_open_nothing_is_no_fault_and_what_runs_beside_it_is_kept",
        ),
    ),
    Mutant(
        "durable_shell/runtime/driver.py",
        "Drive._wind_down",
        "self._spare.free()",
        "pass",
        "a run that can open no more files leaves views that lag",
        one(
            f"{_RUNTIME}/test_driver_short",
            "views_are_brought_up_to_date_at_the_end_where_no_file_can_be_opened",
        ),
    ),
    Mutant(
        "durable_shell/providers/tool_journal.py",
        "ToolJournal.__call__",
        "can_open(FILES_OF_A_CALL)",
        "True",
        "a tool begins though its files can not be opened",
        one(
            "tests/unit/shell/providers/test_tool_calls_short",
            "no_tool_begins_where_its_files_may_not_be_opened_and_the_call_is_made_at_the_next_try",
        ),
    ),
    Mutant(
        "durable_shell/providers/tool_journal.py",
        "ToolJournal._break_off",
        "self._close()",
        "pass",
        "a conversation keeps what no tool has said",
        one(
            "tests/unit/shell/providers/test_tool_calls_short",
            "no_tool_begins_where_its_files_may_not_be_opened_and_the_call_is_made_at_the_next_try",
        ),
    ),
    Mutant(
        "durable_shell/runtime/artifacts.py",
        "write_artifact",
        "is_shortage(error)",
        "False",
        "an artifact is said to have failed where no file can be opened",
        one(f"{_RUNTIME}/test_artifacts", "where_no_file_can_be_opened_it_is_not_the_artifact_that_failed"),
    ),
)
