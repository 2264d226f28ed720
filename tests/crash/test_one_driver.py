"""Eight processes resume one session at once: one drives, the others are told at once who does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.five_steps import STEPS, HeldServer, run_spec
from tests.support.folders import completed_units, id_of, only_session
from tests.support.night import NIGHTLY
from tests.support.program import start, wait_until

DRIVERS = 8
TIMES = 50 if NIGHTLY else 1


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
        answer, said = working.communicate(timeout=300)
        assert (working.returncode, bool(answer)) == (0, True), said
        assert server.counts == {step: 2 if step == "step1" else 1 for step in STEPS}
    assert completed_units(only_session(tmp_path)) == [f"steps/{n}" for n in range(len(STEPS))]
