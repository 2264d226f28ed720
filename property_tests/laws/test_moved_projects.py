"""A project that was moved: wherever it went, whatever its paths are, all that was in it is found again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from durable_core.paths import is_below, moved_project, relocated
from durable_core.session.places import moved_options
from durable_core.session.state import Options

names = st.text(alphabet="ab", min_size=1, max_size=2)
folders = st.lists(names, max_size=3).map(lambda parts: "".join(f"/{part}" for part in parts) or "/")
below = st.lists(names, max_size=2).map("/".join)


def join(folder: str, path: str) -> str:
    return f"{folder.rstrip('/')}/{path}".rstrip("/") or "/"


@given(folders, folders, below, names, below)
def test_what_was_in_the_project_is_at_the_same_place_in_the_new_one(
    old: str, new: str, inside: str, spec: str, out: str
) -> None:
    old_spec, new_spec = join(join(old, inside), spec), join(join(new, inside), spec)
    moved = moved_options(Options(out=join(old, out), folder=old), old_spec, new_spec)
    assert relocated(old_spec, *moved_project(old_spec, new_spec)) == new_spec
    if is_below(old, moved_project(old_spec, new_spec)[0]):
        assert moved.folder == new
        assert moved.out == join(new, out)


@given(folders, folders, folders)
def test_moving_there_and_back_changes_nothing(path: str, old: str, new: str) -> None:
    there = relocated(path, old, new)
    assert there == path or relocated(there, new, old) == path
    assert is_below(there, new) or not is_below(path, old)
