"""The promises hold in every world that was looked at: a slice each time, ten thousand at night."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final, get_args

import pytest

from durable_core.session import Session
from durable_core.spec.undefined_names import check_names
from tests.simulation.__main__ import main
from tests.simulation.life import SHORT
from tests.simulation.many import run_share
from tests.simulation.menders import HINDRANCES
from tests.simulation.specs import draw_spec
from tests.simulation.troubles import Kind, Plan, Trouble
from tests.simulation.world import World
from tests.support.night import NIGHTLY

SEEDS: Final = 10_000 if NIGHTLY else 300
SLICES: Final = 10
"""Tests that share the seeds, so that several processes can."""

FIRST_COMMIT: Final = 100
"""Operations of the disk within which a session is made and its first commit revealed, and some more."""


@pytest.mark.parametrize("share", range(SLICES))
def test_every_promise_is_kept_in_every_world(share: int) -> None:
    tally, broken = run_share(range(share, SEEDS, SLICES))
    assert not broken, "\n".join(broken[:3])
    assert tally.runs > SEEDS // SLICES
    assert tally.deaths > 0
    assert tally.power_cuts > 0


def test_everything_that_can_happen_does_in_the_worlds_of_a_day() -> None:
    missing = {
        *get_args(Kind),
        *("1 machines", "2 machines", "taken over", "answer with half a character", SHORT),
        *("verify meanwhile", "cleanup meanwhile", "delete meanwhile", "too many files, looking"),
        *("repair", "power cut after a repair", *(f"{how}, repairing" for how in HINDRANCES)),
    }
    for seed in range(300):
        missing -= {what for what, count in World(seed).run().happened.items() if count}
        if not missing:
            break
    assert not missing


@pytest.mark.parametrize("trouble", ["crash", "power cut", "input/output error", "knock"])
def test_trouble_at_each_operation_of_the_first_commit_does_no_harm(trouble: Kind) -> None:
    for operation in range(1, FIRST_COMMIT):
        # Several power cuts, since each may spare what was not synced.
        cuts = tuple(Plan((Trouble("power cut", late),)) for late in (35, 45, 55, 65, 75, 85))
        World(3, plans=(Plan((Trouble(trouble, operation),)), *cuts)).run()


def test_a_session_whose_folders_a_dead_process_made_survives_a_power_cut() -> None:
    # The folder of all sessions was made, and its maker died before the entry was synced.
    for operation in range(1, 12):
        power_cuts = tuple(Plan((Trouble("power cut", late),)) for late in (90, 60, 40))
        World(8, plans=(Plan((Trouble("crash", operation),)), *power_cuts)).run()


def test_a_resume_whose_first_commit_fails_shows_nothing_that_is_not_in_the_journal() -> None:
    # The driver wound down by publishing what it had just failed to commit (seeds 19, 28 and 125 found it).
    for failing in range(1, 7):
        World(19, plans=(Plan((Trouble("stop", 0.02),)), Plan((Trouble("failed sync", failing),)))).run()


def test_a_driver_whose_views_are_refused_does_not_try_again_and_again() -> None:
    # It spun as fast as it could until the model answered (seed 2879).
    for seed in range(12):
        World(seed, plans=(Plan((Trouble("lost lock", 0.011),)),)).run()


def test_a_driver_that_is_stopped_twice_before_its_attempts_begin_comes_to_an_end() -> None:
    # An attempt that was cancelled before its first step was waited for for ever (seed 2349).
    for seed in range(30):
        World(seed, plans=tuple(Plan((Trouble("stop", at),)) for at in (0.001, 0.002, 0.0025))).run()


def test_a_resume_that_cannot_read_what_a_person_edited_does_not_write_over_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # It took a view that could not be read for one that was not edited, and replaced it (seed 9903).
    def edit_once(world: World, session: Session | None) -> None:
        if world.scene.audience is None:
            world._edit_variables()

    monkeypatch.setattr(World, "_between_runs", edit_once)
    for operation in range(15, 60):
        troubles = (Trouble("kill", 0.5), Trouble("input/output error", operation))
        World(10, plans=tuple(Plan((trouble,)) for trouble in troubles)).run()


def test_the_specs_drawn_here_use_no_name_that_is_not_there() -> None:
    from random import Random

    for seed in range(200):
        spec, variables = draw_spec(Random(seed))
        assert check_names(spec, variables) == ()


def test_a_seed_gives_the_same_world_in_a_process_with_another_hash_seed(tmp_path: Path) -> None:
    def lived(hash_seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-m", "tests.simulation", "--seed", "12"]
        run = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=600
        )
        return run.stdout

    assert lived("1") == lived("2")


def test_replaying_a_seed_prints_what_happens(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "5"]) == 0
    printed = capsys.readouterr().out
    assert "--- run 1: " in printed
    assert printed.endswith("every promise was kept\n")


def test_a_world_made_for_a_test_is_replayed_by_naming_its_troubles(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = World(3, plans=(Plan((Trouble("crash", 57),)), Plan((Trouble("kill", 0.5),))))
    world.run()
    assert world.replay_command.endswith('--seed 3 --trouble "crash at 57" --trouble "kill at 0.5"')
    assert main(["--seed", "3", "--trouble", "crash at 57", "--trouble", "kill at 0.5"]) == 0
    assert "\n".join(world.trace) in capsys.readouterr().out


def test_many_seeds_are_summed_up_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "0..9"]) == 0
    assert capsys.readouterr().out.startswith("10 seeds: ")
