"""``kill -9`` on the real program: what was completed is never paid for again, and the end shows no crash."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.crash.five_steps import (
    STEPS,
    HeldServer,
    Outcome,
    calm,
    check_sums,
    outcome,
    resume,
    run_spec,
)
from tests.support.folders import completed_units, document, events, id_of, only_session, sessions
from tests.support.night import NIGHTLY
from tests.support.program import Ran, run, start, wait_until
from tests.support.servers.behaviour import Call

RANDOM_KILLS = 200 if NIGHTLY else 10
LONGEST_RUN_S = 0.8
"""About what a run takes from its first commit to its end, with the delays of the random kills."""


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, dict[str, Call]]:
    """What an uninterrupted run leaves, and what it asks the model."""
    return calm(tmp_path_factory.mktemp("calm"))


def kill_in_step(index: int, home: Path, server: HeldServer, argv: list[str]) -> None:
    """Run ``argv`` until step ``index`` (from 0) waits for the model's answer, and kill it there."""
    key, before = STEPS[index], server.counts[STEPS[index]]
    server.hold(key)
    process = start(*argv, home=home)
    server.wait_for(key, process, before + 1)
    wait_until_views_show(index, only_session(home))
    process.kill()
    process.communicate()
    server.let_go()


def wait_until_views_show(completed: int, folder: Path) -> None:
    """Wait until pattern_state.json tells of so many steps: a moment after the next one is asked."""
    view = folder / "pattern_state.json"
    wait_until(
        lambda: view.exists() and document(folder, view.name)["current_step"] == completed,
        f"the view shows {completed} completed steps while the next one is asked",
    )


def same_questions(server: HeldServer, asked: dict[str, Call]) -> None:
    """Every request, those after a kill too, sent exactly what the calm run sent for that step."""
    for call in server.calls:
        assert call.messages == asked[call.key].messages
        assert call.model == asked[call.key].model


def test_the_calm_run_adds_up(reference: tuple[Outcome, dict[str, Call]]) -> None:
    check_sums(reference[0])


@pytest.mark.parametrize("index", range(5))
def test_a_chain_killed_in_a_step_goes_on_there_and_ends_as_if_nothing_happened(
    index: int, tmp_path: Path, reference: tuple[Outcome, dict[str, Call]]
) -> None:
    expected, asked = reference
    with HeldServer() as server:
        kill_in_step(index, tmp_path, server, run_spec(tmp_path, server))
        folder = only_session(tmp_path)
        at_the_kill = document(folder, "pattern_state.json")
        assert at_the_kill["current_step"] == index
        assert at_the_kill["step_history"] == expected.steps[:index]
        assert document(folder, "session.json")["metadata"]["status"] == "running"
        assert completed_units(folder) == [f"steps/{done}" for done in range(index)]
        ran = resume(tmp_path)
        assert ran.returncode == 0, ran.stderr
        assert server.counts == Counter(STEPS) + Counter([STEPS[index]])
        same_questions(server, asked)
    left = outcome(tmp_path, ran.stdout)
    check_sums(left)
    assert left == expected
    for done in range(index):
        assert f"Skipping completed step {done}: " in ran.stderr
    assert f"Skipping completed step {index}: " not in ran.stderr
    total = sum(step["tokens"] for step in expected.steps)
    earlier = sum(step["tokens"] for step in expected.steps[:index])
    assert f"Total tokens: {total} ({earlier} from resumed session + {total - earlier} new)" in ran.stderr


def test_a_chain_killed_in_every_step_one_after_the_other_ends_as_if_nothing_happened(
    tmp_path: Path, reference: tuple[Outcome, dict[str, Call]]
) -> None:
    expected, asked = reference
    with HeldServer() as server:
        argv = run_spec(tmp_path, server)
        for index in range(5):
            kill_in_step(index, tmp_path, server, argv)
            argv = ["resume", "@latest"]
        ran = resume(tmp_path)
        assert ran.returncode == 0, ran.stderr
        assert server.counts == Counter(STEPS + STEPS)
        same_questions(server, asked)
    left = outcome(tmp_path, ran.stdout)
    check_sums(left)
    assert left == expected


def test_a_step_killed_again_and_again_is_called_once_a_kill(
    tmp_path: Path, reference: tuple[Outcome, dict[str, Call]]
) -> None:
    expected, asked = reference
    kills = 3
    with HeldServer() as server:
        argv = run_spec(tmp_path, server)
        for _ in range(kills):
            kill_in_step(2, tmp_path, server, argv)
            argv = ["resume", "@latest"]
        ran = resume(tmp_path)
        assert ran.returncode == 0, ran.stderr
        assert server.counts == Counter(STEPS) + Counter({"step2": kills})
        same_questions(server, asked)
    assert outcome(tmp_path, ran.stdout) == expected


@pytest.mark.parametrize("seed", range(RANDOM_KILLS))
def test_kills_at_random_instants_lose_nothing_that_was_completed(
    seed: int, tmp_path: Path, reference: tuple[Outcome, dict[str, Call]]
) -> None:
    expected, asked = reference
    chance = random.Random(seed)
    with HeldServer(delay=0.05) as server:
        kills = 0
        ran = killed_after(chance, tmp_path, run_spec(tmp_path, server))
        while ran is None:
            kills += 1
            folder = only_session(tmp_path)
            done = [unit.replace("steps/", "step") for unit in completed_units(folder)]
            paid = {key: server.counts[key] for key in done}
            if is_complete(folder):
                ran = resume(tmp_path)
                assert ran.returncode == 2
                assert ran.stderr.startswith(f"Error: Session already completed: {id_of(folder)}\n")
                ran.stdout = expected.answer  # the kill came between the last commit and the printing
                break
            ran = killed_after(chance, tmp_path, ["resume", "@latest"]) if kills < 2 else resume(tmp_path)
            assert {key: server.counts[key] for key in done} == paid, f"seed {seed}"
        assert ran.returncode in (0, 2), f"seed {seed}: {ran.stderr}"
        assert max(server.counts.values()) <= 1 + kills
        assert sum(server.counts.values()) <= len(STEPS) + kills
        same_questions(server, asked)
    left = outcome(tmp_path, ran.stdout)
    check_sums(left)
    assert left == expected, f"seed {seed}"


def is_complete(folder: Path) -> bool:
    """Whether the journal holds all that the session was to do: both artifacts come last."""
    return [event["type"] for event in events(folder)].count("artifact_written/1") == 2


def killed_after(chance: random.Random, home: Path, argv: list[str]) -> Ran | None:
    """Run ``argv`` and kill it at a random instant after its first commit; how it ended if it was faster."""
    before = journal_size(home)
    process = start(*argv, home=home)
    wait_until(
        lambda: journal_size(home) > before or process.poll() is not None,
        f"{argv} commits something",
    )
    time.sleep(chance.uniform(0, LONGEST_RUN_S))
    process.kill()
    stdout, stderr = process.communicate()
    if process.returncode < 0:
        return None
    return Ran(argv, process.returncode, stdout, stderr)


def journal_size(home: Path) -> int:
    """Bytes in the journal of the one session of ``home``; 0 while there is none."""
    return sum((folder / "journal.jsonl").stat().st_size for folder in sessions(home))


def test_a_session_killed_right_after_its_last_commit_is_shown_as_completed_once_somebody_asks(
    tmp_path: Path, reference: tuple[Outcome, dict[str, Call]]
) -> None:
    expected, _ = reference
    with HeldServer() as server:
        server.hold("step4")
        process = start(*run_spec(tmp_path, server), home=tmp_path)
        server.wait_for("step4", process)
        folder = only_session(tmp_path)
        wait_until_views_show(4, folder)
        views = {name: (folder / name).read_bytes() for name in ("session.json", "pattern_state.json")}
        server.let_go()
        process.communicate(timeout=300)
        assert is_complete(folder)
        for name, before in views.items():  # as if the kill had come before the views followed the journal
            (folder / name).write_bytes(before)
        assert " interrupted " in run("sessions", "list", home=tmp_path).stdout
        ran = resume(tmp_path)
        assert ran.returncode == 2
        assert ran.stderr.startswith(f"Error: Session already completed: {id_of(folder)}\n")
        assert server.counts == Counter(STEPS)
    assert " completed " in run("sessions", "list", home=tmp_path).stdout
    assert outcome(tmp_path, expected.answer) == expected
