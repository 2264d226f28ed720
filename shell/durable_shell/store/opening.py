"""From a URL to a store: the one place where a kind of store is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from durable_shell.store.port import Store

KNOWN = "file:///an/absolute/path, memory:// and memory://name"


class UnknownStore(ValueError):
    """No store is opened by such a URL; the text says which ones are known."""

    def __init__(self, url: str) -> None:
        super().__init__(f"no store is known for the URL {url!r:.200}; known are {KNOWN}")


def open_store(url: str, *, command: str, clock: Callable[[], float]) -> Store:
    """The store at ``url``; raises UnknownStore.

    ``file://`` is followed by an absolute path as it is, without escapes. ``memory://`` is empty at first and
    forgets with its last user; all that is opened as ``memory://name`` in one process is the same store.
    ``command`` is what others are told that the holder of a session does; ``clock`` gives the seconds since
    the epoch.
    """
    scheme, _, place = url.partition("://")
    if scheme == "file" and place.startswith("/"):
        from durable_shell.store.files.store import FileStore

        return FileStore(place, command=command, clock=clock)
    if scheme == "memory" and url.startswith("memory://"):
        from durable_shell.store.memory.store import open_memory

        return open_memory(place, command=command, clock=clock)
    raise UnknownStore(url)
