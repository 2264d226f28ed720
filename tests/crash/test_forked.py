"""A program that is forked finds what one that is started anew finds, and dies like it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import STRANDS, run, script, start

FINDS = script(Path(__file__).with_name("what_it_finds.py"), "main")


@pytest.mark.parametrize("sent", ["", "two\nlines\r\n", "é" * 100_000])
def test_both_find_the_same_around_them(sent: str, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    told: list[Any] = []
    for anew in (False, True):
        ran = run(
            "exit",
            "3",
            home=tmp_path,
            cwd=tmp_path / "elsewhere",
            env={"TOPIC": "tides"},
            input=sent,
            program=FINDS,
            anew=anew,
        )
        assert (ran.returncode, ran.stderr) == (3, "")
        told.append(json.loads(ran.stdout))
    (forked, its_own), (started, _) = told
    assert forked == started
    assert forked["input"] == sent
    assert its_own["pid"] != os.getpid()


def test_two_forked_programs_draw_different_numbers(tmp_path: Path) -> None:
    drawn = {json.loads(run("exit", "0", home=tmp_path, program=FINDS).stdout)[1]["drawn"] for _ in range(3)}
    assert len(drawn) == 3


@pytest.mark.parametrize("anew", [False, True])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_program_that_kills_itself_ends_by_that_signal(number: int, anew: bool, tmp_path: Path) -> None:
    assert run("kill", str(int(number)), home=tmp_path, program=FINDS, anew=anew).returncode == -number


@pytest.mark.parametrize("anew", [False, True])
def test_a_program_is_killed_and_its_pid_is_free_once_that_was_heard(anew: bool, tmp_path: Path) -> None:
    process = start("wait", home=tmp_path, program=FINDS, anew=anew)
    assert process.stdout is not None
    pid = json.loads(process.stdout.readline())[1]["pid"]
    assert pid == process.pid
    assert process.poll() is None
    process.kill()
    assert (process.communicate(), process.returncode) == (("", ""), -9)
    process.kill()  # says nothing, as it has ended
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_program_that_does_not_end_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    process = start("wait", home=tmp_path, program=FINDS)
    with pytest.raises(subprocess.TimeoutExpired):
        process.communicate(timeout=0.1)
    process.kill()
    process.wait()


def test_a_variable_that_the_interpreter_reads_itself_is_never_left_to_a_fork(tmp_path: Path) -> None:
    ran = run("exit", "0", home=tmp_path, env={"PYTHONIOENCODING": "latin-1"}, program=FINDS)
    assert json.loads(ran.stdout)[0]["streams"][1][0] == "iso8859-1"


def test_strands_is_started_anew_too(tmp_path: Path) -> None:
    for anew in (False, True):
        ran = run("version", home=tmp_path, program=STRANDS, anew=anew)
        assert (ran.returncode, ran.stdout.split()[0]) == (0, "strands-durable")
