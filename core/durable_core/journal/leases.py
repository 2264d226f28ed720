"""Who drives a session, and how long that is believed of a driver that cannot be asked.

On one machine the lock on the lease file shows it: the kernel frees it when its holder dies. Another machine
may not see that lock (not every shared folder has locks), nor whether the holder lives. There, the holder's
word counts: its lease gives a time, and a live driver renews it. What this can't exclude is caught
by the fencing token, which every commit checks.
"""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

from durable_core.bounds import LAST_MOMENT, MOST_COUNTED

LEASE_S: Final = 60.0
"""Seconds for which a lease holds on other machines, each time it is renewed. Long enough for a machine that
is out of breath, short enough to wait for."""

RENEW_S: Final = LEASE_S / 4
"""Seconds between two renewals: two may be missed."""

CLOCKS_S: Final = 300.0
"""Seconds by which the clocks of two machines may differ: a lease that ends later still was never given."""


class Host(NamedTuple):
    """Where a process runs: the machine's name, and the boot id of its kernel ("" where it has none)."""

    host: str
    boot: str


class Holder(NamedTuple):
    """Who drives a session.

    ``process_start`` is in clock ticks since boot, as the kernel counts it, and 0 where it is not known.
    ``since`` and ``until`` are in seconds since the epoch; ``until`` is 0 once the lease was given back. A
    pid of 0 means that the lease has a holder without a name.
    """

    pid: int
    host: str
    boot: str
    process_start: int
    token: int
    since: float
    until: float
    command: str


UNKNOWN_HOLDER: Final = Holder(0, "", "", 0, 0, 0.0, 0.0, "")


def is_elsewhere(holder: Holder, here: Host) -> bool:
    """Whether a lock of ``holder`` might not be seen from ``here``.

    It would be under the same kernel (containers of one machine), and under the same name the machine was
    started anew.
    """
    if not holder.host or holder.host == here.host:
        return False
    return not (here.boot and holder.boot == here.boot)


def holds_elsewhere(holder: Holder, here: Host, now: float) -> bool:
    """Whether a lease whose lock is free, as far as ``here`` can tell, is to be left alone at ``now``."""
    return is_elsewhere(holder, here) and now < holder.until <= now + LEASE_S + CLOCKS_S


def is_at_work(holder: Holder, here: Host, started: int) -> bool:
    """Whether ``holder`` is a living process of ``here`` that has not given its lease back.

    ``started`` is the start of the process that has its pid now, 0 if there is none: pids are used again.
    """
    same_kernel = holder.boot == here.boot and not is_elsewhere(holder, here)
    return same_kernel and holder.until > 0 and holder.process_start == started != 0


def holder_to_json(holder: Holder) -> str:
    """The text of the lease file."""
    return json.dumps(holder._asdict())


def holder_from_json(text: bytes) -> Holder:
    """The holder in a lease file; UNKNOWN_HOLDER for any other text, which must never block a session."""
    try:
        document: Any = json.loads(text)
        values = {name: document[name] for name in Holder._fields}
    except (ValueError, RecursionError, KeyError, TypeError):
        return UNKNOWN_HOLDER
    numbers = (values["pid"], values["process_start"], values["token"])
    times = (values["since"], values["until"])
    words = (values["host"], values["boot"], values["command"])
    if any(type(number) is not int for number in numbers) or any(not isinstance(word, str) for word in words):
        return UNKNOWN_HOLDER
    if any(type(time) not in (int, float) for time in times):
        return UNKNOWN_HOLDER
    in_bounds = all(0 <= number <= MOST_COUNTED for number in numbers)
    if not in_bounds or not all(0 <= moment <= LAST_MOMENT for moment in times):  # NaN is in no bounds
        return UNKNOWN_HOLDER
    return Holder(**values)
