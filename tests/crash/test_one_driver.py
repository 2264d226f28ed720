"""Eight processes resume one session at once: one drives, the others are told at once who does."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import pytest

from tests.crash.five_steps import STEPS, HeldServer, run_spec
from tests.support.folders import completed_units, id_of, only_session
from tests.support.night import NIGHTLY
from tests.support.program import start, wait_until

DRIVERS = 8
TIMES = 50 if NIGHTLY else 1


def refused_or_listed(*argv: str, home: Path, code: int) -> float:
    """Seconds until eight processes with this command line, started at once, have all ended with ``code``."""
    began = perf_counter()
    processes = [start(*argv, home=home) for _ in range(DRIVERS)]
    for process in processes:
        process.communicate(timeout=60)
    took = perf_counter() - began
    assert [process.returncode for process in processes] == [code] * DRIVERS
    return took


def test_being_refused_takes_hardly_longer_than_a_list_of_one_session(tmp_path: Path) -> None:
    """Nothing of the machines is loaded for it, and nothing is waited for."""
    with HeldServer() as server:
        server.hold("step1")
        driver = start(*run_spec(tmp_path, server), home=tmp_path)
        server.wait_for("step1", driver)
        session = id_of(only_session(tmp_path))
        rounds = [
            (
                refused_or_listed("resume", session, home=tmp_path, code=17),
                refused_or_listed("sessions", "list", home=tmp_path, code=0),
            )
            for _ in range(5)
        ]
        driver.kill()
        driver.communicate()
    refused, listed = map(min, zip(*rounds, strict=True))
    assert refused < 1.5 * listed


@pytest.mark.parametrize("time", range(TIMES))
def test_of_eight_drivers_one_works_and_seven_are_refused(time: int, tmp_path: Path) -> None:
    del time
    with HeldServer() as server:
        server.hold("step1")
        first = start(*run_spec(tmp_path, server), home=tmp_path)
        server.wait_for("step1", first)
        first.kill()
        first.wait()
        session = id_of(only_session(tmp_path))
        drivers = [start("resume", session, home=tmp_path) for _ in range(DRIVERS)]
        # the one that works is held at the model, so the others end first or wait for what they must not
        wait_until(lambda: sum(one.poll() is not None for one in drivers) == DRIVERS - 1, "seven give up")
        (working,) = [one for one in drivers if one.poll() is None]
        for refused in drivers:
            if refused is not working:
                _, said = refused.communicate()
                assert refused.returncode == 17
                assert f"process {working.pid} on" in said
        server.wait_for("step1", working, times=2)
        server.let_go()
        answer, said = working.communicate(timeout=60)
        assert (working.returncode, bool(answer)) == (0, True), said
        assert server.counts == {step: 2 if step == "step1" else 1 for step in STEPS}
    assert completed_units(only_session(tmp_path)) == [f"steps/{n}" for n in range(len(STEPS))]
