"""What people are told when they verify, repair and clean up sessions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from durable_shell.terminal.messages.errors import UPGRADE
from durable_shell.terminal.safe_text import one_line, short_id, shortened, some

if TYPE_CHECKING:
    from durable_core.journal.verification import Loss

# --- Cleaning up ---------------------------------------------------------------------------------------


def cleanup_line(session_id: str, workflow: str, status: str, updated: str, size: int) -> str:
    """A session that goes."""
    return f"{session_id}  {one_line(workflow)}  {one_line(status)}  {one_line(updated)}  {amount(size)}"


def amount(size: int) -> str:
    """A number of bytes, for people."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"


def would_free(count: int, size: int) -> str:
    """Below the sessions that go."""
    return f"{_counted(count, 'session')}, {amount(size)}"


def freed(count: int, size: int) -> str:
    """Done."""
    return f"Deleted {_counted(count, 'session')}, freed {amount(size)}"


def nothing_to_clean() -> str:
    """No session is old enough."""
    return "No session to clean up."


def nothing_cleaned() -> str:
    """The answer was no."""
    return "Nothing was deleted."


def cleanup_question(count: int) -> str:
    """Asked before they go."""
    return f"Delete {_counted(count, 'session')}? [y/N]: "


def cleanup_needs_force() -> str:
    """Nobody can be asked. Exit 2, nothing deleted."""
    return "Error: Nobody to ask. Nothing was deleted. To delete them: add --force"


def bad_age(given: str) -> str:
    """``--older-than`` with something else. Exit 2."""
    shown = shortened(one_line(given), 40)
    return f"Error: --older-than takes an age such as 30d, 12h, 30m or 2w: got {shown}"


def bad_keep(given: str) -> str:
    """``--keep`` with something else. Exit 2."""
    return f"Error: --keep takes a whole number: got {shortened(one_line(given), 40)}"


# --- Verifying and repairing ---------------------------------------------------------------------------


def session_whole(session_id: str, events: int) -> str:
    """Every file of a session agrees with its journal."""
    return f"{session_id}: whole ({events} events)"


def session_driven(session_id: str, events: int) -> str:
    """Somebody drives a session whose journal is right as far as it goes. Exit 75."""
    so_far = f"its journal is right so far ({events} events)"
    return f"{session_id}: running; {so_far}. Its other files are compared once it rests."


def finding(session_id: str, path: str, line: int, problem: str, what: str) -> str:
    """One thing that is wrong with a session: the place, what it is, and what to do (see ``remedy``)."""
    place = one_line(path) if line == 0 else f"{one_line(path)}, line {line}"
    return f"{session_id}: {place}: {one_line(problem)}. {remedy(session_id, what)}"


def remedy(session_id: str, what: str) -> str:
    """What to do about a finding: ``resume``, ``repair``, ``cut``, ``delete`` or ``upgrade``."""
    match what:
        case "resume":
            return "Nothing is lost; the next resume puts it right."
        case "upgrade":
            return f"Nothing is changed before you upgrade: {UPGRADE}"
        case "delete":
            return f"It can't be repaired. To remove it: strands sessions delete {session_id} --force"
        case _:
            return f"To repair it: strands sessions repair {session_id}"


def repair_loses(lost: Loss, *, cuts: bool) -> str:
    """What a repair takes away, or may take away; ``cuts`` is whether it cuts the journal."""
    named = ", ".join(some(lost.units))
    more = "may hold more finished units" if named else "may hold finished units"
    parts = [f"these units will run again: {named}"] if named else []
    if lost.unreadable:
        parts.append(f"{_counted(lost.unreadable, 'line')} can't be read and {more}")
    if lost.missing:
        verb = "is" if lost.missing == 1 else "are"
        parts.append(f"{_counted(lost.missing, 'line')} {verb} missing and {more}")
    if lost.messages:
        parts.append(
            f"{_counted(lost.messages, 'message')} beside the journal may be answers that it does not hold; "
            "they are kept, and no longer used"
        )
    before = "The journal is cut before the damage; " if cuts else "The journal may have lost its end; "
    return f"⚠ Warning: {before}{'; '.join(parts)}."


def _counted(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"


def repair_question(session_id: str) -> str:
    """Asked before work is lost."""
    return f"Repair session {short_id(session_id)}? [y/N]: "


def repair_needs_force(session_id: str) -> str:
    """Nobody can be asked. Exit 2, nothing changed."""
    command = f"strands sessions repair {session_id} --force"
    return f"Error: Nobody to ask. Nothing was changed. To repair: {command}"


def not_repaired(session_id: str) -> tuple[str, ...]:
    """The answer was no."""
    return (
        f"Left as it is: {session_id}",
        f"Nothing was changed. To see what is wrong with it: strands sessions verify {session_id}",
    )


def journal_cut(events: int, kept: str) -> str:
    """The journal ends before its damage now; ``kept`` is the name of the old file."""
    kept_as = one_line(kept)
    return f"The journal holds its {events} good events now. The damaged one is kept beside it: {kept_as}"


def session_repaired(session_id: str, rebuilt: Iterable[str], aside: Iterable[str]) -> tuple[str, ...]:
    """The end of a repair. ``aside`` are the names under which views are kept that no conversation has."""
    return (
        *(f"Rebuilt: {path}" for path in some(rebuilt)),
        *(f"Moved aside: {path}" for path in some(aside)),
        f"Repaired session: {session_id}",
    )
