"""Where no more files can be opened, nothing that could not be looked at is taken for missing."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from durable_shell.store.files.folders import begin, sessions_folder
from durable_shell.store.files.lease import live_holder
from durable_shell.store.files.listing import list_sessions
from durable_shell.store.files.mending import FileLooking
from durable_shell.store.files.store import FileStore
from durable_shell.store.files.views import message_names, shown_seq
from tests.support.store_kit import SESSION, begun, folder_of, views

OTHER = "00000000-0000-4000-8000-000000000000"


def session_view(folder: int) -> object:
    return FileLooking(folder, "here", lambda: 0.0).session_view()


def refuse(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Files with these names can't be opened from here on."""
    real = os.open

    def refused(path: Any, *how: Any, **where: Any) -> int:
        if os.path.basename(path) in names:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return real(path, *how, **where)

    monkeypatch.setattr(os, "open", refused)


@pytest.mark.parametrize(
    ("look", "name"),
    [
        (message_names, "agents"),
        (message_names, "messages"),
        (shown_seq, "session.json"),
        (session_view, "session.json"),
        (lambda folder: live_holder(folder, 0.0), ".lease"),
    ],
)
def test_what_can_not_be_opened_just_now_is_not_missing(
    look: Callable[[int], object], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = begun(tmp_path)
    store.publish(SESSION, views(session={"as_of": 1})).unwrap()
    folder = os.open(folder_of(tmp_path), os.O_RDONLY)
    assert look(folder)
    refuse(monkeypatch, name)
    with pytest.raises(OSError, match="Too many open files"):
        look(folder)
    os.close(folder)


def test_a_running_session_is_not_listed_as_interrupted_because_no_file_can_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(tmp_path)  # without views: only its lease tells it from a session whose views are gone
    assert [one.status for one in list_sessions(tmp_path, now=0.0)] == ["running"]
    refuse(monkeypatch, ".lease")
    with pytest.raises(OSError, match="Too many open files"):
        list_sessions(tmp_path, now=0.0)


def test_who_may_open_no_file_sweeps_up_no_session_that_another_is_making(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = FileStore(tmp_path)
    maker.create(SESSION).unwrap()
    with sessions_folder(str(tmp_path)) as sessions, monkeypatch.context() as short:
        refuse(short, ".lease")
        with pytest.raises(OSError, match="Too many open files"):
            begin(sessions, OTHER, lambda: None)
    lease = maker.lease(SESSION, now=1.0).unwrap()
    assert maker.append(lease, 0, 1.0, [{"n": 1}]).unwrap() == 1
