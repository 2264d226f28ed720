"""Paths as texts: what is below a folder, and where it is after the folder was moved."""

from __future__ import annotations

import pytest

from durable_core.paths import is_below, moved_project, relocated


@pytest.mark.parametrize(
    ("path", "folder", "below"),
    [
        ("/a/b", "/a", True),
        ("/a", "/a", True),
        ("/a/b", "/a/", True),
        ("/ab", "/a", False),
        ("/a", "/a/b", False),
        ("/a", "/", True),
        ("/a", "", False),
        ("/a/../b", "/a", False),
        ("/a/..b", "/a", True),
        ("", "", False),
    ],
)
def test_what_is_in_a_folder_is_told_by_whole_names(path: str, folder: str, below: bool) -> None:
    assert is_below(path, folder) is below


@pytest.mark.parametrize(
    ("path", "old", "new", "now"),
    [
        ("/old/out", "/old", "/new", "/new/out"),
        ("/old", "/old", "/new", "/new"),
        ("/older/out", "/old", "/new", "/older/out"),
        ("/out", "/", "/new", "/new/out"),
        ("/old/out", "/old", "/", "/out"),
        ("/old", "/old", "/", "/"),
    ],
)
def test_only_what_was_in_the_folder_moves_with_it(path: str, old: str, new: str, now: str) -> None:
    assert relocated(path, old, new) == now


@pytest.mark.parametrize(
    ("old", "new", "folders"),
    [
        ("/old/w.yaml", "/new/w.yaml", ("/old", "/new")),
        ("/old/flows/w.yaml", "/new/flows/w.yaml", ("/old", "/new")),
        ("/old/w.yaml", "/new/other.yaml", ("/old", "/new")),
        ("/a/old/w.yaml", "/a/w.yaml", ("/a/old", "/a")),
        ("/w.yaml", "/new/w.yaml", ("/", "/new")),
    ],
)
def test_the_folder_that_was_moved_is_the_first_that_differs(
    old: str, new: str, folders: tuple[str, str]
) -> None:
    assert moved_project(old, new) == folders
