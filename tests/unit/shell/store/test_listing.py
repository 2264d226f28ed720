"""Listing: never an exception for a damaged session, and quick to load and to run."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from durable_core.catalog.listing import Listed
from durable_shell.store.files.listing import list_sessions
from durable_shell.store.files.store import FileStore
from tests.support.cost import times_as_much
from tests.support.handles import handles_left
from tests.support.store_kit import OTHER, SESSION, begun, finished, folder_of, run, views

CUT_OFF = "session.json is not valid JSON, or is cut off; the journal may still be whole"
NO_STATUS = "session.json holds no status; the journal may still be whole"

METADATA = {
    "session_id": SESSION,
    "name": "my tale",
    "workflow_name": "tale",
    "pattern_type": "chain",
    "status": "paused",
    "spec_path": "/specs/tale.yaml",
    "spec_hash": "ab" * 32,
    "created_at": "2026-11-22T10:00:00.000Z",
    "updated_at": "2026-11-22T11:00:00.000Z",
}


def publish(store: FileStore, **changes: Any) -> None:
    store.publish(SESSION, views(session={"metadata": {**METADATA, **changes}})).unwrap()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", CUT_OFF),
        (
            b'{"metadata": {"sta',
            CUT_OFF,
        ),
        (b"\xff\xfe\0", CUT_OFF),
        (b"[" * 100_000, CUT_OFF),
        (b"[]", NO_STATUS),
        (b'"text"', NO_STATUS),
        (b"{}", NO_STATUS),
        (b'{"metadata": []}', NO_STATUS),
        (b'{"metadata": {"status": 3}}', NO_STATUS),
        (None, "session.json is missing; the journal may still be whole"),
    ],
)
def test_a_damaged_session_json_is_listed_with_its_reason(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    store = finished(tmp_path)
    finished(tmp_path, session_id=OTHER)
    if content is not None:
        (folder_of(tmp_path) / "session.json").write_bytes(content)
    (folder_of(tmp_path, OTHER) / "session.json").write_text('{"metadata": {"status": "completed"}}')
    listed, other = store.list()
    assert listed == Listed(SESSION, "", "", "", "damaged", "", "", "", "", "", reason)
    assert (other.session_id, other.status, other.damaged) == (OTHER, "completed", None)


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_a_session_json_that_is_not_a_file_is_damaged_and_not_waited_for(tmp_path: Path, kind: str) -> None:
    store = finished(tmp_path)
    path = folder_of(tmp_path) / "session.json"
    if kind == "link":
        path.symlink_to("/etc/passwd")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    (listed,) = store.list()
    assert listed.status == "damaged"
    assert listed.damaged is not None
    assert listed.damaged.startswith("session.json cannot be read: ")


def test_a_session_that_is_no_folder_is_damaged(tmp_path: Path) -> None:
    finished(tmp_path / "elsewhere")
    folder_of(tmp_path).parent.mkdir()
    folder_of(tmp_path).symlink_to(folder_of(tmp_path / "elsewhere"))
    folder_of(tmp_path, OTHER).write_text("")
    assert [listed.damaged for listed in list_sessions(tmp_path, now=1.0)] == [
        "the session is not a folder, or a link to one"
    ] * 2


def test_a_session_is_not_damaged_because_no_file_can_be_opened(tmp_path: Path) -> None:
    store = finished(tmp_path)
    store.publish(SESSION, views()).unwrap()
    with handles_left(1), pytest.raises(OSError, match="Too many open files"):  # one, for their folder
        list_sessions(tmp_path, now=0.0)
    (listed,) = list_sessions(tmp_path, now=0.0)
    assert listed.status != "damaged"


def test_where_nothing_is_nothing_is_listed_and_nothing_is_made(tmp_path: Path) -> None:
    assert list_sessions(tmp_path / "none", now=1.0) == ()
    assert list(tmp_path.iterdir()) == []


def test_only_session_folders_are_listed(tmp_path: Path) -> None:
    finished(tmp_path)
    sessions = tmp_path / "sessions"
    for name in (f".gone_session_{OTHER}", f".new_session_{OTHER}", "session_x", "notes", OTHER):
        (sessions / name).mkdir()
    assert [listed.session_id for listed in list_sessions(tmp_path, now=1.0)] == [SESSION]


def test_a_session_is_listed_as_its_view_says(tmp_path: Path) -> None:
    store = finished(tmp_path)
    publish(store)
    assert store.list() == (
        Listed(
            session_id=SESSION,
            name="my tale",
            workflow="tale",
            pattern="chain",
            status="paused",
            updated_at="2026-11-22T11:00:00.000Z",
            spec_path="/specs/tale.yaml",
            spec_hash="ab" * 32,
            folder="",
            created_at="2026-11-22T10:00:00.000Z",
            damaged=None,
        ),
    )


def test_fields_of_the_wrong_type_are_empty(tmp_path: Path) -> None:
    store = finished(tmp_path)
    publish(store, name=None, workflow_name=3, pattern_type=["x"], updated_at=1.5)
    (listed,) = store.list()
    assert (listed.name, listed.workflow, listed.pattern, listed.updated_at) == ("", "", "", "")


def test_a_running_session_is_interrupted_once_its_driver_is_gone(tmp_path: Path) -> None:
    store, lease = begun(tmp_path)
    publish(store, status="running")
    assert [listed.status for listed in list_sessions(tmp_path, now=1.0)] == ["running"]
    store.release(lease)
    assert [listed.status for listed in list_sessions(tmp_path, now=1.0)] == ["interrupted"]
    (folder_of(tmp_path) / ".lease").unlink()
    assert [listed.status for listed in list_sessions(tmp_path, now=1.0)] == ["interrupted"]


@pytest.mark.parametrize("status", ["paused", "completed", "failed"])
def test_a_session_that_does_not_run_is_never_interrupted(tmp_path: Path, status: str) -> None:
    store = finished(tmp_path)
    publish(store, status=status)
    assert [listed.status for listed in store.list()] == [status]


def test_a_session_that_just_began_is_running_before_its_first_views(tmp_path: Path) -> None:
    store, lease = begun(tmp_path)
    (listed,) = store.list()
    assert (listed.status, listed.damaged) == ("running", None)
    store.release(lease)
    (listed,) = store.list()
    assert listed.status == "damaged"


def test_sessions_are_listed_by_id(tmp_path: Path) -> None:
    ids = [f"{n:08x}-0000-4000-8000-000000000000" for n in (7, 3, 9, 1)]
    for session_id in ids:
        finished(tmp_path, session_id=session_id)
    assert [listed.session_id for listed in list_sessions(tmp_path, now=1.0)] == sorted(ids)


def test_to_list_a_thousand_sessions_costs_hardly_more_than_to_read_their_files(tmp_path: Path) -> None:
    text = json.dumps(
        {"metadata": {**METADATA, "status": "running"}, "variables": {"text": "x" * 500}}, indent=2
    )
    for n in range(1000):
        folder = folder_of(tmp_path, f"{n:08x}-0000-4000-8000-000000000000")
        folder.mkdir(parents=True)
        (folder / "session.json").write_text(text)
        (folder / ".lease").write_text("{}")
    found = list_sessions(tmp_path, now=1.0)
    assert len(found) == 1000
    assert {listed.status for listed in found} == {"interrupted"}

    def read() -> None:
        for path in tmp_path.rglob("session.json"):
            json.loads(path.read_bytes())
            path.with_name(".lease").read_bytes()

    assert times_as_much(lambda: list_sessions(tmp_path, now=1.0), read) < 4  # it is about the same


@pytest.mark.parametrize("module", ["listing", "locks"])
def test_listing_and_locking_load_nothing_that_is_slow_to_load(module: str) -> None:
    slow = "pydantic returns asyncio rich hashlib dataclasses inspect pathlib shutil strands jinja2"
    printed = run(
        f"import durable_shell.store.files.{module}\n"
        f"print(*(name for name in {slow.split()!r} if name in sys.modules))"
    )
    assert printed.split() == []
