"""While a session is driven, its lease says so to other machines, whatever else the driver is busy with."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from durable_core.journal.leases import RENEW_S
from durable_shell.runtime.ports import Clock
from durable_shell.store.port import Lease, Store


@contextlib.contextmanager
def heartbeat(
    store: Store, lease: Lease, clock: Clock, *, lost: Callable[[], None], every: float = RENEW_S
) -> Iterator[None]:
    """Renew ``lease`` every so many seconds, from a thread: a person who thinks at a prompt, or a tool that
    never gives way, must not look like a dead driver.

    ``lost`` is called from that thread, once, when the lease turns out to be somebody else's.
    """
    over = threading.Event()

    def beat() -> None:
        while not over.wait(every):
            if not store.renew(lease, now=clock.now()):
                lost()
                return

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
