"""Why something could not be done, as exceptions: what operations raise, whoever asked for them.

``cli/main`` turns one into text and an exit code, a program catches it. What is imported here must load fast:
the refusal of a second driver is one of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from durable_shell.cli.exit_codes import Exit

if TYPE_CHECKING:
    from returns.result import Result

    from durable_shell.store.port import StoreError

T = TypeVar("T")


class OperationError(Exception):
    """What was asked for could not be done: ``code`` is the exit code, ``lines`` say why, for people."""

    def __init__(self, code: Exit, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.code = code
        self.lines = lines


class StoreFailed(OperationError):
    """The store refused: ``error`` is its answer. ``more`` lines follow what that means.

    ``kept`` is False when it refused the first line of a new session: nothing has run, and nothing is saved.
    """

    def __init__(self, error: StoreError, *more: str, kept: bool = True) -> None:
        from durable_shell.terminal.messages.store_errors import store_error

        lines, code = store_error(error, kept=kept)
        super().__init__(code, *lines, *more)
        self.error = error
        self.kept = kept


class OutOfFiles(OperationError):
    """This process could open hardly any more files while it drove a session: nothing new was begun then.

    What ran went on to its end and is kept. ``more`` lines follow what that means.
    """

    def __init__(self, *more: str) -> None:
        from durable_shell.cli.environment import files_allowed, higher_limit
        from durable_shell.terminal.messages.errors import out_of_files

        super().__init__(Exit.IO, *out_of_files(files_allowed(), higher_limit()), *more)


def done(result: Result[T, StoreError], *, kept: bool = True) -> T:
    """What the store gave. Raises StoreFailed if it refused."""
    from returns.result import Failure

    if isinstance(result, Failure):
        raise StoreFailed(result.failure(), kept=kept)
    return result.unwrap()


def each(calls: Iterable[Callable[[], T]]) -> tuple[T, ...]:
    """What all calls give. If some fail, one error tells of all, with the exit code of the first."""
    given: list[T] = []
    failed: list[OperationError] = []
    for call in calls:
        try:
            given.append(call())
        except OperationError as error:
            failed.append(error)
    if len(failed) == 1:
        raise failed[0]
    if failed:
        raise OperationError(failed[0].code, *(line for error in failed for line in error.lines))
    return tuple(given)
