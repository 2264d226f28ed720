"""While a session is driven, its lease says so to other machines, whatever else the driver is busy with."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from durable_core.journal.leases import RENEW_S
from durable_shell.runtime.ports import Clock
from durable_shell.store.port import Lease, Store


@contextlib.contextmanager
def heartbeat(store: Store, lease: Lease, clock: Clock, every: float = RENEW_S) -> Iterator[None]:
    """Renew ``lease`` every so many seconds, from a thread: a person who thinks at a prompt, or a tool that
    never gives way, must not look like a dead driver."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(every):
            store.renew(lease, now=clock.now())

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
