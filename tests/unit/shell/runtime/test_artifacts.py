"""Artifacts: whole or not at all, never over other content unasked, and on the disk once reported."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from durable_core.types import Fault
from durable_shell.runtime.artifacts import Written, write_artifact
from tests.support.handles import handles_left

TEXT = "high and low\n"
WRITTEN = Written(hashlib.sha256(TEXT.encode()).hexdigest(), len(TEXT))


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What was synced, in order."""
    seen: list[Path] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        seen.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return seen


def write(out: Path, relative: str = "a/b/tides.md", *, force: bool = False) -> Written | Fault:
    return write_artifact(out, relative, TEXT, force=force)


def refused(outcome: Written | Fault) -> str:
    assert isinstance(outcome, Fault)
    assert outcome.kind == "artifact"
    return outcome.message


def test_a_file_and_every_folder_above_it_are_on_the_disk_before_it_is_reported(
    tmp_path: Path, synced: list[Path]
) -> None:
    out = tmp_path / "new" / "out"
    assert write(out) == WRITTEN
    assert (out / "a/b/tides.md").read_text() == TEXT
    assert [path.relative_to(tmp_path) for path in synced if path.is_relative_to(tmp_path)] == [
        Path(part) for part in ("new/out/a/b/tides.md", "new/out/a/b", "new/out/a", "new/out", "new", "")
    ]


def test_a_file_that_a_dead_process_wrote_is_synced_too(tmp_path: Path, synced: list[Path]) -> None:
    (tmp_path / "tides.md").write_text(TEXT)
    assert write(tmp_path, "tides.md") == WRITTEN
    assert synced[:2] == [tmp_path / "tides.md", tmp_path]


def test_other_content_stays_unless_it_may_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "tides.md").write_text("mine")
    assert "--force replaces it" in refused(write(tmp_path, "tides.md"))
    assert (tmp_path / "tides.md").read_text() == "mine"
    assert write(tmp_path, "tides.md", force=True) == WRITTEN
    assert (tmp_path / "tides.md").read_text() == TEXT


def test_links_and_what_is_no_file_are_refused(tmp_path: Path) -> None:
    outside, out = tmp_path / "outside", tmp_path / "out"
    outside.mkdir()
    out.mkdir()
    (out / "a").symlink_to(outside)
    assert "is a symbolic link" in refused(write(out, force=True))
    (out / "link.md").symlink_to(outside / "x.md")
    (out / "folder.md").mkdir()
    for name in ("link.md", "folder.md"):
        assert "is not a plain file" in refused(write(out, name, force=True))
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("relative", ["home/sessions/x/journal.jsonl", "home", "./home/new.md", "home//a"])
def test_nothing_is_written_where_sessions_live(tmp_path: Path, relative: str, *, force: bool) -> None:
    home = tmp_path / "home"
    linked = tmp_path / "linked"
    linked.symlink_to(home)
    for out in (tmp_path, tmp_path / "not-there" / ".."):
        outcome = write_artifact(out, relative, TEXT, force=force, closed=(linked,))
        assert "leads into the sessions' own folder" in refused(outcome)
    assert "leads into the sessions' own folder" in refused(
        write_artifact(linked, "note.md", TEXT, force=force, closed=(home,))
    )
    assert not home.exists()


def test_what_only_begins_like_the_sessions_folder_is_written(tmp_path: Path) -> None:
    assert write_artifact(tmp_path, "home-made.md", TEXT, force=False, closed=(tmp_path / "home",)) == WRITTEN


def test_a_disk_that_fails_leaves_what_was_there_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tides.md").write_text("before")

    def replace(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", replace)
    assert "No space left on device" in refused(write(tmp_path, "tides.md", force=True))
    assert [path.name for path in tmp_path.iterdir()] == ["tides.md"]
    assert (tmp_path / "tides.md").read_text() == "before"


@pytest.mark.parametrize("force", [False, True])
def test_where_no_file_can_be_opened_it_is_not_the_artifact_that_failed(
    tmp_path: Path, *, force: bool
) -> None:
    (tmp_path / "tides.md").write_text("before" if force else TEXT)
    with handles_left(0), pytest.raises(OSError, match="Too many open files"):
        write(tmp_path, "tides.md", force=force)
    assert [path.name for path in tmp_path.iterdir()] == ["tides.md"]
    assert write(tmp_path, "tides.md", force=force) == WRITTEN
