"""How many files this process may open, and those that are kept for the end."""

from __future__ import annotations

import errno
import os
import resource

import pytest

from durable_shell.cli.environment import SpareFiles, can_open, files_allowed, higher_limit, must_open
from durable_shell.errors import OperationError
from tests.support.handles import handles_left


@pytest.mark.parametrize(("left", "count", "can"), [(3, 3, True), (3, 4, False), (1, 1, True), (0, 1, False)])
def test_a_process_knows_how_many_files_it_may_open(left: int, count: int, can: bool) -> None:
    with handles_left(left):
        assert can_open(count) is can
        assert can_open(left), "what was tried was closed"


def test_spare_files_take_places_and_give_them_back() -> None:
    spare = SpareFiles()
    with handles_left(3):
        assert spare.keep(2)
        assert not can_open(2)
        assert not spare.keep(2)
        assert not can_open(1)
        assert spare.free() == 3
        assert can_open(3)
        assert spare.free() == 0


def test_what_is_no_shortage_is_not_taken_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> int:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")

    monkeypatch.setattr(os, "open", missing)  # as where there is no /dev/null
    assert can_open(1)
    must_open(1)


@pytest.mark.parametrize(("left", "better"), [(0, 1024), (600, None)])
def test_the_limit_that_people_are_told_to_try_is_higher_than_the_one_they_have(
    left: int, better: int | None
) -> None:
    with handles_left(left):
        limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert files_allowed() == limit
        assert higher_limit() == (better or 2 * limit)


def test_a_command_that_must_open_more_is_refused() -> None:
    with handles_left(3), pytest.raises(OperationError, match="must be able to open 4 more") as refused:
        must_open(4)
    assert refused.value.code == 12
