"""Throws texts at a door, in a child process that the system ends when one takes too long or too much.

Neither can be told from within: C code that holds the interpreter's lock lets no thread look at a clock.
What is found is tried once more, alone, as a busy machine may have been slow just then.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.fuzz.door import Door
from tests.fuzz.mutations import mutated

LONGEST_S: Final = 2.0
"""Seconds of processor time that one text may take, so that a busy machine is no slow program."""

LONGEST_WAIT_S: Final = 60.0
"""Seconds by the clock that one text may take, as what waits takes no processor: more than a busy machine."""

MOST_MEMORY: Final = 256 * 1024 * 1024
"""Bytes that the child may take more than it has when it begins."""

_TAKES: Final = "it takes more than"

_NUMBER: Final = struct.Struct("=q")


@dataclass(frozen=True, slots=True)
class Finding:
    """The text of this ``number`` got through a door's guard, and ``why``."""

    door: str
    number: int
    why: str

    def __str__(self) -> str:
        return f"{self.door}, text {self.number}: {self.why}"


def fuzz(door: Door, first: int, *, texts: int, seconds: float = float("inf")) -> tuple[int, list[Finding]]:
    """Throw so many ``texts`` at a door, from the one of number ``first`` on, but begin none after so many
    ``seconds``. Gives the number after the last one, and what was found."""
    ends, findings, after = time.monotonic() + seconds, list[Finding](), first + texts
    while first < after and time.monotonic() < ends:
        number, why = _in_child(door, first, after, ends)
        if why is not None:
            _, alone = _in_child(door, number, number + 1, float("inf"))
            if alone is not None:
                findings.append(Finding(door.name, number, alone))
            elif not why.startswith(_TAKES):
                findings.append(Finding(door.name, number, f"only after the texts from {first} on: {why}"))
        first = number + 1
    return first, findings


def _in_child(door: Door, first: int, after: int, ends: float) -> tuple[int, str | None]:
    """The number of the last text that was tried, and why that was the last; None if it went well."""
    door.texts()  # read once, for all children
    with mmap.mmap(-1, _NUMBER.size) as place:
        place[:] = _NUMBER.pack(first)
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(told)
            os._exit(_throw(door, range(first, after), ends, place, tell))
        os.close(tell)
        with os.fdopen(told, encoding="utf-8", errors="replace") as pipe:
            said = pipe.read()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        (number,) = _NUMBER.unpack(place[:])
    if status == 0:
        return number, None
    if status == -signal.SIGPROF:
        return number, f"{_TAKES} {LONGEST_S:g} s"
    if status == -signal.SIGALRM:
        return number, f"it waits more than {LONGEST_WAIT_S:g} s"
    return number, said.strip() or f"the process ended with {status}"


def _throw(door: Door, numbers: range, ends: float, place: mmap.mmap, tell: int) -> int:
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
            text = mutated(door.texts(), number, door.form)
            signal.setitimer(signal.ITIMER_PROF, LONGEST_S)
            signal.setitimer(signal.ITIMER_REAL, LONGEST_WAIT_S)
            door.enter(text)
            signal.setitimer(signal.ITIMER_PROF, 0)
    except BaseException:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, LONGEST_WAIT_S)
        os.write(tell, traceback.format_exc()[-3000:].encode("utf-8", "backslashreplace"))
        return 1
    return 0
