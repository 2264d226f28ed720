"""Does pieces of work in a child process that the system ends when one takes too long or too much.

Neither can be told from within: C code that holds the interpreter's lock lets no thread look at a clock.
"""

from __future__ import annotations

import mmap
import os
import resource
import signal
import struct
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Final

LONGEST_S: Final = 2.0
"""Seconds of processor time that one text may take, so that a busy machine is no slow program."""

LONGEST_WAIT_S: Final = 60.0
"""Seconds by the clock that one text may take, as what waits takes no processor: more than a busy machine."""

MOST_MEMORY: Final = 256 * 1024 * 1024
"""Bytes that the child may take more than it has when it begins."""

TAKES: Final = "it takes more than"
"""How it begins to be told that a piece of work took too long."""

_NUMBER: Final = struct.Struct("=q")

Work = Callable[[int], object]
"""Does the piece of work of a number."""


def in_child(
    work: Work, first: int, after: int, ends: float = float("inf"), *, longest_s: float | None = None
) -> tuple[int, str | None]:
    """Do the pieces of work from ``first`` to before ``after``, but begin none after the moment ``ends``.

    None may take more processor time than ``longest_s`` seconds, or else ``LONGEST_S``.

    Gives the number of the last piece that was tried, and why that was the last; None if it went well.
    """
    longest_s = LONGEST_S if longest_s is None else longest_s
    with mmap.mmap(-1, _NUMBER.size) as place:
        place[:] = _NUMBER.pack(first)
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(told)
            os._exit(_do(work, range(first, after), ends, longest_s, place, tell))
        os.close(tell)
        with os.fdopen(told, encoding="utf-8", errors="replace") as pipe:
            said = pipe.read()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        (number,) = _NUMBER.unpack(place[:])
    if status == 0:
        return number, None
    if status == -signal.SIGPROF:
        return number, f"{TAKES} {longest_s:g} s"
    if status == -signal.SIGALRM:
        return number, f"it waits more than {LONGEST_WAIT_S:g} s"
    return number, said.strip() or f"the process ended with {status}"


def _do(work: Work, numbers: range, ends: float, longest_s: float, place: mmap.mmap, tell: int) -> int:
    for ending in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(ending, signal.SIG_DFL)  # which ends the process, whatever it does
    size = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_DATA, (size + MOST_MEMORY,) * 2)  # threads reserve more than they take
    warnings.simplefilter("error")
    warnings.simplefilter("ignore", FutureWarning)  # of patterns, which the command line shows to nobody
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        for number in numbers:
            if time.monotonic() > ends:
                break
            place[:] = _NUMBER.pack(number)
            signal.setitimer(signal.ITIMER_PROF, longest_s)
            signal.setitimer(signal.ITIMER_REAL, LONGEST_WAIT_S)
            work(number)
            signal.setitimer(signal.ITIMER_PROF, 0)
    except BaseException:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, LONGEST_WAIT_S)
        os.write(tell, traceback.format_exc()[-3000:].encode("utf-8", "backslashreplace"))
        return 1
    return 0
