"""A home in which nothing can be kept: a run says that nothing was run, and how to run all the same."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.home import Home
from tests.support.workflows import TALE


def a_file(home: Path) -> None:
    home.write_text("no folder")


def a_file_for_sessions(home: Path) -> None:
    home.mkdir()
    (home / "sessions").write_text("no folder")


def a_link_to_nowhere(home: Path) -> None:
    home.symlink_to("nowhere")


def a_link_to_itself(home: Path) -> None:
    home.mkdir()
    (home / "sessions").symlink_to("sessions")


def where_nothing_can_be_made(home: Path) -> None:
    home.symlink_to("/proc/1")


def a_config_that_cannot_be_read(home: Path) -> None:
    (home / "config.yaml").mkdir(parents=True)


UNUSABLE = (
    a_file,
    a_file_for_sessions,
    a_link_to_nowhere,
    a_link_to_itself,
    where_nothing_can_be_made,
)
WAYS = ((), ("--auto-resume",), ("--name", "mine"))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "tale.yaml").write_text(TALE)
    return Home(tmp_path)


@pytest.mark.parametrize("more", WAYS, ids=str)
@pytest.mark.parametrize("spoil", UNUSABLE)
def test_a_run_that_cannot_be_kept_runs_nothing_and_says_so(
    spoil: Callable[[Path], None], more: tuple[str, ...], home: Home
) -> None:
    spoil(home.path / ".strands")
    assert home.strands("run", "tale.yaml", "--var", "topic=tides", *more) == 12
    not_begun(home)


@pytest.mark.parametrize("spoil", [*UNUSABLE, a_config_that_cannot_be_read])
def test_a_run_that_keeps_nothing_needs_no_home(spoil: Callable[[Path], None], home: Home) -> None:
    spoil(home.path / ".strands")
    assert home.strands("run", "tale.yaml", "--var", "topic=tides", "--no-save-session") == 0, home.err


@pytest.fixture
def hardly_any_room() -> Iterator[None]:
    """No file may grow above what a lease needs."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.usefixtures("hardly_any_room")
def test_a_run_whose_first_line_finds_no_room_runs_nothing_and_says_so(home: Home) -> None:
    assert home.strands("run", "tale.yaml", "--var", "topic=tides") == 12
    not_begun(home)
    assert home.ids() == []


def not_begun(home: Home) -> None:
    """The last command said that nothing was run, and names no session and nothing that is saved."""
    assert home.out == ""
    assert "Nothing was run." in home.err
    assert "To run without keeping a session: --no-save-session" in home.err
    assert "is saved" not in home.err
    assert "To resume" not in home.err
    assert "Step" not in home.err
