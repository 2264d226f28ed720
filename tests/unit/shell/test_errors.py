"""Errors of operations: what they hold, and how several become one."""

from __future__ import annotations

import pytest
from returns.result import Failure, Result, Success

from durable_shell.cli.exit_codes import Exit
from durable_shell.errors import OperationError, StoreFailed, done, each
from durable_shell.store.port import NotFound, StoreError, Unwritable


def failing(code: Exit, *lines: str) -> str:
    raise OperationError(code, *lines)


def test_a_stores_refusal_is_raised_with_its_words_and_exit_code() -> None:
    refused: Result[int, StoreError] = Failure(Unwritable("/home", "no space left on the disk"))
    with pytest.raises(StoreFailed) as failed:
        done(refused)
    assert failed.value.error == refused.failure()
    assert failed.value.code is Exit.IO
    assert failed.value.lines[0] == "Error: Can't use /home: no space left on the disk"
    assert str(failed.value) == "\n".join(failed.value.lines)
    assert done(Success(7)) == 7


def test_more_lines_may_follow_what_the_store_said() -> None:
    lines = StoreFailed(NotFound("x"), "And then?").lines
    assert lines == (*StoreFailed(NotFound("x")).lines, "And then?")
    assert lines[0] == "Error: Session not found: x"


def test_of_several_failures_one_error_tells_all() -> None:
    assert each([lambda: "a", lambda: "b"]) == ("a", "b")
    with pytest.raises(OperationError) as failed:
        each([lambda: failing(Exit.USAGE, "one"), lambda: "b", lambda: failing(Exit.IO, "two", "three")])
    assert (failed.value.code, failed.value.lines) == (Exit.USAGE, ("one", "two", "three"))


def test_a_single_failure_stays_what_it_is() -> None:
    def missing() -> str:
        raise StoreFailed(NotFound("x"))

    with pytest.raises(StoreFailed):
        each([lambda: "a", missing])
