"""What goes wrong before a run, or instead of one, as exceptions with the words of the command line."""

from __future__ import annotations

from collections.abc import Iterable

from durable_core.spec.problems import Problem


class StrandsError(Exception):
    """Something could not be done; the text is what the command line would show.

    ``code`` is the exit code that the command line would end with (docs/reference/exit-codes.md), ``lines``
    the text line by line: what happened, what is kept, what to do next.
    """

    def __init__(self, lines: Iterable[str], code: int) -> None:
        """Hold what people are told."""
        self.lines = tuple(lines)
        self.code = int(code)
        super().__init__("\n".join(self.lines))


class SpecError(StrandsError):
    """A workflow that can't run. ``problems`` are all of them, each with its place; nothing has run."""

    def __init__(self, lines: Iterable[str], code: int, problems: Iterable[Problem]) -> None:
        """Hold what people are told, and the problems as data."""
        super().__init__(lines, code)
        self.problems = tuple(problems)


class InputError(StrandsError):
    """A variable, secret or option is missing or does not fit, or names something that is not there."""


class SessionNotFound(InputError):
    """There is no such session, or several fit."""


class SessionUnusable(StrandsError):
    """The session is damaged, of a later version, or driven by another process. Nothing was changed."""


class StorageError(StrandsError):
    """A file or the store could not be read or written. What was completed before is saved."""
