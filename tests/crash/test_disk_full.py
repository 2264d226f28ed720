"""A disk that fills up in mid-run: the run stops, says so, and goes on once there is room.

Always with the kernel's limit on the size of files, which makes the journal's next write fail; and on a real
tmpfs, in a mount namespace of its own, wherever one may be made.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.crash.five_steps import STEPS, HeldServer, check_sums, outcome, resume, run_spec
from tests.support.folders import completed_units, id_of, only_session
from tests.support.program import COMMAND, Ran, run, start, surroundings, wait_until

LONG = "word " * 1000
"""More than a page of memory, so that no step's answer fits into the room left in the journal's last page."""

NO_BYTECODE = {"PYTHONDONTWRITEBYTECODE": "1"}
"""A limit on files would count for these, too."""

LIMITED = """
import os, resource, sys
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
os.execv(sys.argv[2], sys.argv[2:])
"""

FULL = """
mount -t tmpfs -o size=2m tmpfs "$HOME/.strands" || exit 99
{strands} "$@" > stdout 2> stderr & run=$!
until [ -e fill ]; do sleep 0.02; done
cat /dev/zero > "$HOME/.strands/filler" 2> /dev/null
touch filled
wait $run; echo $? > code
mkdir stopped && cp -r "$HOME/.strands/sessions" stopped/
rm "$HOME/.strands/filler"
{strands} resume @latest; code=$?
mkdir resumed && cp -r "$HOME/.strands/sessions" "$HOME/.strands/origin_key" resumed/
exit $code
"""


def may_mount() -> bool:
    """Whether we may mount something in a namespace of our own here."""
    try:
        tried = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
        return subprocess.run(tried, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def long_answers(home: Path, server: HeldServer) -> list[str]:
    """The command line of a run whose every answer is ``LONG``, but for a number."""
    argv = run_spec(home, server)
    spec = home / "five.yaml"
    spec.write_text(re.sub(r'(key=step(\d)[^"]*)"', rf'\1\\nanswer: \2 {LONG}"', spec.read_text()))
    return argv


def under_a_limit(home: Path, server: HeldServer) -> tuple[Ran, list[str], Ran]:
    """Let no file grow above what the journal needs until step 2 is asked; then lift the limit."""
    server.hold("step2")
    measured = start(*long_answers(home, server), home=home)
    server.wait_for("step2", measured)
    measured.kill()
    measured.communicate()
    # room for the question, which holds the answer before it and the one to give, and not for that answer
    limit = (only_session(home) / "journal.jsonl").stat().st_size + 5 * len(LONG) // 2
    server.let_go()
    server.calls.pop()  # that call was lost to the kill, which is not what is tested here
    limited = [sys.executable, "-c", LIMITED, str(limit)]
    stopped = run("resume", "@latest", home=home, env=NO_BYTECODE, through=limited)
    return stopped, completed_units(only_session(home)), resume(home)


def on_a_tmpfs(home: Path, server: HeldServer) -> tuple[Ran, list[str], Ran]:
    """Fill a tmpfs while step 2 is asked; then make room."""
    argv = long_answers(home, server)
    server.hold("step2")
    (home / ".strands").mkdir()
    script = FULL.format(strands=shlex.join(COMMAND))
    process = subprocess.Popen(
        ["unshare", "-rm", "sh", "-c", script, "sh", *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=home,
        env=surroundings(home),
        text=True,
    )
    server.wait_for("step2", process)
    (home / "fill").touch()
    wait_until((home / "filled").exists, "the disk is full")
    server.let_go()
    stdout, stderr = process.communicate(timeout=300)
    stopped = Ran(
        argv, int((home / "code").read_text()), *((home / n).read_text() for n in ("stdout", "stderr"))
    )
    (at_the_stop,) = (home / "stopped" / "sessions").glob("session_*")
    (home / "resumed").rename(home / ".strands")  # the tmpfs went away with its namespace
    return stopped, completed_units(at_the_stop), Ran("resume", process.returncode, stdout, stderr)


WAYS = {"a limit": under_a_limit, **({"a tmpfs": on_a_tmpfs} if may_mount() else {})}


@pytest.mark.parametrize("way", WAYS)
def test_a_run_that_finds_no_room_stops_says_so_and_goes_on_once_there_is(way: str, tmp_path: Path) -> None:
    with HeldServer() as server:
        stopped, completed, resumed = WAYS[way](tmp_path, server)
        folder = only_session(tmp_path)
        assert stopped.returncode == 12
        assert stopped.stdout == ""
        assert "Traceback" not in stopped.stderr
        error, kept, command = stopped.stderr.splitlines()[-3:]
        assert error.startswith(f"Error: Can't use {folder / 'journal.jsonl'}: ")
        assert error.endswith(("no space left on the disk", "larger than is allowed"))
        assert kept == "What was completed before is saved. Make room or give access, or move STRANDS_HOME."
        assert command == f"To resume: strands run --resume {id_of(folder)}"
        assert completed == ["steps/0", "steps/1"]
        assert resumed.returncode == 0, resumed.stderr
        assert server.counts == Counter([*STEPS, "step2"])
    left = outcome(tmp_path, resumed.stdout)
    check_sums(left)
    assert left.answer.strip() == f"4 {LONG}".strip()
