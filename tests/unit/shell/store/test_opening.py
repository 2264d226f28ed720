"""A URL chooses the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from durable_shell.store.files.store import FileStore
from durable_shell.store.memory.store import MemoryStore
from durable_shell.store.opening import UnknownStore, open_store
from durable_shell.store.port import Held, Store
from tests.support.store_kit import SESSION, finished, folder_of

EVENT = {"type": "noted", "n": 1}


def opened(url: str, command: str = "test") -> Store:
    return open_store(url, command=command, clock=lambda: 5.0)


@pytest.mark.parametrize(
    "url", ["", "file", "file://", "file://here", "memory", "memory:", "s3://bucket", "FILE:///x", "/a/path"]
)
def test_a_url_of_no_known_kind_is_refused_with_those_that_are_known(url: str) -> None:
    with pytest.raises(UnknownStore) as refused:
        opened(url)
    assert str(refused.value) == (
        f"no store is known for the URL {url!r}; known are file:///an/absolute/path, memory:// and memory://name"
    )


def test_files_lie_where_the_url_says_whatever_is_in_it(tmp_path: Path) -> None:
    root = tmp_path / "a b%20c"
    finished(root)
    store = opened(f"file://{root}")
    assert isinstance(store, FileStore)
    assert (store.url, store.shared, store.views_follow) == (f"file://{root}", True, True)
    assert [one.session_id for one in store.list()] == [SESSION]
    lease = store.lease(SESSION, now=7.0).unwrap()
    assert (lease.holder.command, lease.holder.since) == ("test", 7.0)
    store.release(lease)
    assert folder_of(root).is_dir()


def test_all_who_name_a_memory_share_it_and_each_drives_for_itself() -> None:
    first, second = opened("memory://shared-by-two", "first"), opened("memory://shared-by-two", "second")
    assert isinstance(first, MemoryStore)
    assert (first.url, first.shared, first.views_follow) == ("memory://shared-by-two", False, True)
    first.create(SESSION).unwrap()
    assert second.list() == ()
    lease = first.lease(SESSION, now=1.0).unwrap()
    first.append(lease, 0, 1.0, [EVENT]).unwrap()
    assert [one.status for one in second.list()] == ["running"]
    held = second.lease(SESSION, now=2.0).failure()
    assert held == Held(SESSION, lease.holder)
    assert lease.holder.command == "first"
    first.release(lease)
    assert second.lease(SESSION, now=2.0).unwrap().token == 2


def test_a_memory_without_a_name_is_nobody_elses() -> None:
    first, second = opened("memory://"), opened("memory://")
    lease = first.create(SESSION).bind(lambda _: first.lease(SESSION, now=1.0)).unwrap()
    first.append(lease, 0, 1.0, [EVENT]).unwrap()
    assert (len(first.list()), len(second.list())) == (1, 0)
