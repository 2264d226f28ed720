"""Signals and second drivers on the real program: what runs is finished and saved, once, by one."""

from __future__ import annotations

import json
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.crash.five_steps import STEPS, HeldServer, check_sums, outcome, resume, run_spec
from tests.support.folders import completed_units, document, id_of, only_session, sessions
from tests.support.program import Running, run, start, wait_until

STOPPING = "Interrupted: finishing what runs, starting nothing new. Press Ctrl-C again to stop now."


def held_in(key: str, home: Path, server: HeldServer) -> Running:
    """A run whose step ``key`` waits for the model's answer."""
    server.hold(key)
    process = start(*run_spec(home, server), home=home)
    server.wait_for(key, process)
    return process


def wait_for_line(process: Running, line: str) -> list[str]:
    """Read standard error up to ``line``; gives what came before it."""
    assert process.stderr is not None
    before = []
    for said in process.stderr:
        if said == line + "\n":
            return before
        before.append(said)
    raise AssertionError(f"ended without saying {line!r}: {before}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_lets_the_running_step_finish_and_saves_it(
    number: signal.Signals, tmp_path: Path
) -> None:
    with HeldServer() as server:
        process = held_in("step2", tmp_path, server)
        process.send_signal(number)
        wait_for_line(process, STOPPING)
        assert process.poll() is None
        server.let_go()
        stdout, stderr = process.communicate(timeout=300)
        folder = only_session(tmp_path)
        assert process.returncode == 130
        assert stdout == ""
        assert stderr.splitlines()[-3:] == [
            "Step 3/5: researcher - COMPLETE (56 tokens)",
            "Interrupted. Everything completed is saved.",
            f"To resume: strands run --resume {id_of(folder)}",
        ]
        assert completed_units(folder) == ["steps/0", "steps/1", "steps/2"]
        assert document(folder, "pattern_state.json")["current_step"] == 3
        assert f"{id_of(folder)}  five-steps  chain    interrupted" in listed(tmp_path)
        ran = resume(tmp_path)
        assert ran.returncode == 0, ran.stderr
        assert server.counts == Counter(STEPS)
        check_sums(outcome(tmp_path, ran.stdout))


def test_the_second_signal_stops_at_once_and_a_resume_asks_that_step_again(tmp_path: Path) -> None:
    with HeldServer() as server:
        process = held_in("step2", tmp_path, server)
        process.send_signal(signal.SIGINT)
        wait_for_line(process, STOPPING)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=300)
        assert server.holds("step2"), "so it did not wait for the answer"
        folder = only_session(tmp_path)
        assert process.returncode == 130
        assert stdout == ""
        assert stderr.splitlines()[-2:] == [
            "Interrupted. Everything completed is saved.",
            f"To resume: strands run --resume {id_of(folder)}",
        ]
        assert "Traceback" not in stderr
        assert STOPPING not in stderr, "it was said at the first signal, and is not true any more"
        assert completed_units(folder) == ["steps/0", "steps/1"]
        server.let_go()
        ran = resume(tmp_path)
        assert ran.returncode == 0, ran.stderr
        assert server.counts == Counter(STEPS) + Counter(["step2"])
        check_sums(outcome(tmp_path, ran.stdout))


def test_of_two_drivers_one_works_and_the_other_is_told_who_does(tmp_path: Path) -> None:
    with HeldServer() as server:
        process = held_in("step1", tmp_path, server)
        folder = only_session(tmp_path)
        holder = (folder / ".lease").read_bytes()
        refused = resume(tmp_path)
        assert refused.returncode == 17
        assert refused.stdout == ""
        assert f"process {process.pid} on " in refused.stderr
        assert (folder / ".lease").read_bytes() == holder
        server.let_go()
        stdout, stderr = process.communicate(timeout=300)
        assert process.returncode == 0, stderr
        lines = (folder / "journal.jsonl").read_text().splitlines()
        assert {json.loads(line)["token"] for line in lines} == {1}, "all was written under the first lease"
        assert server.counts == Counter(STEPS)
        check_sums(outcome(tmp_path, stdout))


def test_of_two_resumes_at_once_one_works_and_the_other_is_told_who_does(tmp_path: Path) -> None:
    with HeldServer() as server:
        first = held_in("step1", tmp_path, server)
        first.kill()
        first.communicate()
        both = [start("resume", "@latest", home=tmp_path) for _ in range(2)]
        ended = wait_for_one(both)
        loser, winner = both[ended], both[1 - ended]
        _, said = loser.communicate()
        assert loser.returncode == 17
        assert f"process {winner.pid} on " in said
        server.let_go()
        stdout, stderr = winner.communicate(timeout=300)
        assert winner.returncode == 0, stderr
        assert server.counts == Counter(STEPS) + Counter(["step1"])
        check_sums(outcome(tmp_path, stdout))


def wait_for_one(processes: list[Running]) -> int:
    """Which of the processes ends first."""
    wait_until(lambda: any(process.poll() is not None for process in processes), "one of them ends")
    return next(index for index, process in enumerate(processes) if process.poll() is not None)


def test_a_driven_session_is_listed_as_running_cannot_be_deleted_and_is_interrupted_after_a_kill(
    tmp_path: Path,
) -> None:
    with HeldServer() as server:
        process = held_in("step1", tmp_path, server)
        folder = only_session(tmp_path)
        assert f"{id_of(folder)}  five-steps  chain    running" in listed(tmp_path)
        deleted = run("sessions", "delete", id_of(folder), "--force", home=tmp_path)
        assert deleted.returncode == 17
        assert f"process {process.pid} on " in deleted.stderr
        assert folder.exists()
        process.kill()
        process.communicate()
        assert f"{id_of(folder)}  five-steps  chain    interrupted" in listed(tmp_path)
        shown = run("sessions", "show", "@latest", home=tmp_path).stdout
        assert "Status: interrupted\n" in shown
        deleted = run("sessions", "delete", id_of(folder), "--force", home=tmp_path)
        assert deleted.returncode == 0
        assert not folder.exists()


def listed(home: Path) -> str:
    """What ``sessions list`` prints."""
    ran = run("sessions", "list", home=home)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_a_session_that_was_named_is_there_however_early_the_interrupt_comes(tmp_path: Path) -> None:
    with HeldServer() as server:
        process = start(*run_spec(tmp_path, server), home=tmp_path)
        assert process.stderr is not None
        named = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=300)
    folder = only_session(tmp_path)
    assert named == f"Session ID: {id_of(folder)}\n"
    assert process.returncode == 130
    assert stdout == ""
    assert stderr.endswith(f"To resume: strands run --resume {id_of(folder)}\n")


def test_an_interrupt_while_the_program_loads_names_no_session_and_leaves_none(tmp_path: Path) -> None:
    with HeldServer() as server:
        server.hold("step0")
        for number in range(20):  # on a busy machine the program may be past its loading when we look
            home = tmp_path / str(number)
            home.mkdir()
            process = start(*run_spec(home, server), home=home, anew=True)  # a forked one has loaded
            kept = home / ".strands" / "sessions"
            wait_until(lambda kept=kept: any(kept.glob(".new_*/.lease")), "a session is being made")
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=300)
            assert (process.returncode, stdout) == (130, "")
            if sessions(home) == []:
                break
        assert stderr == "\nInterrupted.\n"
        assert sessions(home) == []
        server.let_go()
        ran = run(*run_spec(home, server), home=home)
    assert ran.returncode == 0, ran.stderr
    assert list(kept.iterdir()) == [only_session(home)]  # what the interrupt left was swept up
