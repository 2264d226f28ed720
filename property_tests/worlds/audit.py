"""Guard 4 of 4: while a property test runs, no function of the core may reach outside the process.

CPython raises an audit event for each open, listing, connection and process, whoever asks for it and by what
name. On such an event the hook here looks whether a function of the core stands on the stack: what the static
guards can't see (a method that hides an open, a library that reads a file on the core's behalf) shows here.
It can't see clocks and random numbers, which raise no event: those are the static guards' part.

Not counted: the import system reading a module, at whatever depth, and what a library does while a module of
the core is being imported (pydantic looks for its plugins when the first model class is made).
"""

from __future__ import annotations

import importlib.util
import inspect
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType

# The part of an event's name before its dot. The list of events is in the manual of Python's library.
_OUTSIDE = frozenset(
    """
    ctypes fcntl ftplib glob http imaplib mmap open os pathlib poplib pty shutil signal smtplib socket sqlite3
    subprocess syslog tempfile urllib webbrowser
    """.split()
)

_seen: list[str] | None = None


class ImpureCore(AssertionError):
    """A function of the core reached outside; the text names the event, its arguments and the function."""


@contextmanager
def watching() -> Iterator[list[str]]:
    """Watch this process; yields a list that fills with one text per violation.

    Each violation also raises ImpureCore where it happens, so that Hypothesis can shrink to it; the list is
    for those that the core swallows.
    """
    global _seen  # noqa: PLW0603  # an audit hook can't be removed, so a switch must stand outside of it
    _seen = []
    try:
        yield _seen
    finally:
        _seen = None


def _home() -> tuple[str, ...]:
    spec = importlib.util.find_spec("durable_core")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("durable_core is not installed: run `make setup`, or set PYTHONPATH=core:shell")
    folder = spec.submodule_search_locations[0]
    return (os.path.abspath(folder) + os.sep, os.path.realpath(folder) + os.sep)


_CORE = _home()


def _hook(event: str, args: tuple[object, ...]) -> None:
    seen = _seen
    if seen is None or event.partition(".")[0] not in _OUTSIDE:
        return
    where = _core_function()
    if where is not None:
        what = f"{where.co_qualname} in {where.co_filename} caused the event {event}{args!r}"
        seen.append(what)
        raise ImpureCore(what)


def _core_function() -> CodeType | None:
    """The innermost function of the core on the stack, or None where the import system stands before it."""
    frame = sys._getframe(2)  # the caller of the hook
    innermost = True
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith("<frozen importlib"):
            return None
        # The body of a module or a class is not a function: it runs once, at import.
        if code.co_filename.startswith(_CORE) and (innermost or code.co_flags & inspect.CO_OPTIMIZED):
            return code
        frame, innermost = frame.f_back, False
    return None


sys.addaudithook(_hook)
