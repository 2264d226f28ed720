"""Views and what is not a plain file: links, pipes, folders and damage in the place of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from durable_shell.store.port import Unwritable
from tests.support.store_kit import SESSION, finished, folder_of, views


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "\xff", "[" * 100_000])
def test_a_damaged_session_view_reads_as_none(tmp_path: Path, content: str) -> None:
    store = finished(tmp_path)
    assert store.session_view(SESSION).unwrap() is None
    (folder_of(tmp_path) / "session.json").write_text(content, encoding="latin-1")
    assert store.session_view(SESSION).unwrap() is None


def test_a_session_view_shows_what_a_person_edited(tmp_path: Path) -> None:
    store = finished(tmp_path)
    store.publish(SESSION, views()).unwrap()
    path = folder_of(tmp_path) / "session.json"
    path.write_text(path.read_text().replace('"x"', '"y"'))
    document = store.session_view(SESSION).unwrap()
    assert document is not None
    assert document["variables"] == {"topic": "y"}


def test_a_view_that_is_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    store = finished(tmp_path)
    outside = tmp_path / "outside"
    outside.write_text("precious")
    (folder_of(tmp_path) / "session.json").symlink_to(outside)
    assert isinstance(store.session_view(SESSION).failure(), Unwritable)
    store.publish(SESSION, views()).unwrap()
    assert outside.read_text() == "precious"
    assert not (folder_of(tmp_path) / "session.json").is_symlink()


@pytest.mark.parametrize("linked", ["agents", "agents/writer", "agents/writer/messages", "refs", ".writing"])
def test_a_link_on_the_way_to_a_view_leads_nowhere(tmp_path: Path, linked: str) -> None:
    store = finished(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    link = folder_of(tmp_path) / linked
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside)
    failure = store.publish(SESSION, views(refs={"a/b": b"x"})).failure()
    assert isinstance(failure, Unwritable)
    assert list(outside.iterdir()) == []


def test_a_link_among_the_spec_s_files_is_not_read(tmp_path: Path) -> None:
    store = finished(tmp_path)
    store.publish(SESSION, views(refs={"a": b"x"})).unwrap()
    (folder_of(tmp_path) / "refs" / "b").symlink_to("/etc/passwd")
    assert isinstance(store.snapshot(SESSION).failure(), Unwritable)
