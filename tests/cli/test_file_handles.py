"""A process that may open few files: every command does all of its work, or none of it and says so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from durable_shell.cli.environment import FILES_AT_ONCE
from tests.cli.research import run_it, work_folder
from tests.support.folders import document, everything_below, id_of, sessions
from tests.support.home import Home
from tests.support.night import spread
from tests.support.program import Ran, run
from tests.support.workflows import WAITING

FEWEST = 6
"""With fewer, Python itself may not start: three are the streams, and it reads files inside of others."""

LIMITS = spread(range(FEWEST, FILES_AT_ONCE + 6), most=4)

COMMANDS = (
    ("run", "research.yaml", "--var", "topic=tides"),
    ("resume", "waiting", "--hitl-response", "yes"),
    ("sessions", "list"),
    ("sessions", "show", "done"),
    ("sessions", "verify"),
    ("sessions", "repair", "done"),
    ("sessions", "delete", "done", "--force"),
    ("validate", "research.yaml"),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one session that is completed, and one that waits for an answer."""
    folder = tmp_path_factory.mktemp("made")
    home = Home(folder)
    home.run(WAITING, name="waiting", expect=19)
    assert run_it(folder, "--name", "done").returncode == 0
    return folder


def limited(limit: int, *argv: str, home: Path) -> Ran:
    """Run a command that may have so many files open."""
    through = ["sh", "-c", f'ulimit -n {limit} && exec "$@"', "sh"]
    return run(*argv, home=home, cwd=work_folder(home), through=through)


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("limit", LIMITS)
def test_with_few_files_a_command_does_all_or_nothing(
    limit: int, argv: tuple[str, ...], made: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(made, home)
    before = everything_below(home)
    ran = limited(limit, *argv, home=home)
    if ran.returncode == 12:
        assert limit < LIMITS[-1], "which is enough for what it opens and for its streams"
        assert "Too many open files" in ran.stderr
        assert "Nothing was run or changed. Raise the limit, as with: ulimit -n 1024\n" in ran.stderr
        assert "Traceback" not in ran.stderr
        assert "damaged" not in ran.stderr
        assert everything_below(home) == before
        return
    assert limit >= FILES_AT_ONCE
    assert ran.returncode == 0, ran.stderr
    assert "Warning" not in ran.stderr
    for folder in sessions(home):
        assert document(folder, "session.json")["metadata"]["session_id"] == id_of(folder)
