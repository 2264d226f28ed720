"""What the exit status of ``strands`` means. Scripts rely on these numbers; they do not change."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes, from section 6 of the semantics. 128 + n is the shell's own code for signal n."""

    DONE = 0
    """It did what was asked."""

    USAGE = 2
    """The command line is wrong, the session does not exist or is completed, an input is missing, or the
    bytes of a word, a file or an answer are no UTF-8 text. Nothing has run."""

    INVALID_SPEC = 3
    """The workflow has problems. Nothing has run."""

    FAILED = 10
    """A model, a tool or the pattern failed. What was completed is saved, and the session can be resumed."""

    IO = 12
    """A file or the store could not be read or written, or hardly any more files could be opened. What was
    completed is saved."""

    SESSION_UNUSABLE = 17
    """The session is damaged, was written by a newer version, or is driven by another process now."""

    UNSUPPORTED = 18
    """The workflow uses a feature that this version does not run. Nothing has run."""

    WAITING = 19
    """The session is paused until a person answers."""

    BUDGET = 20
    """A budget is used up. Raise it and resume."""

    BUG = 70
    """An internal error: our fault (EX_SOFTWARE of sysexits.h)."""

    RUNNING = 75
    """``strands sessions verify``: a session is driven now, and its journal is right so far. Its other files
    are compared once it rests (EX_TEMPFAIL of sysexits.h)."""

    INTERRUPTED = 130
    """Interrupted by Ctrl-C, SIGTERM or SIGHUP, safely saved (128 + SIGINT)."""

    BROKEN_PIPE = 141
    """The reader of standard output went away, as in ``strands sessions list | head -1`` (128 + SIGPIPE)."""
