"""A run is the same in every process: texts hash differently in each, and no trace of that may show."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from durable_core.journal import codec
from durable_core.patterns.base import Exhausted, Failed, Finished, Open, Waiting
from durable_core.session import brief, verdict, wanted
from durable_core.spec.models import Spec
from durable_core.views.documents import pattern_document, session_document
from property_tests.kits import KITS
from property_tests.kits.kit import Kit
from property_tests.worlds.world import World

ROOT = Path(__file__).parents[4]


def in_a_process(seed: str) -> str:
    """What this file prints, run as a program whose texts hash by ``seed``."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.core.session.test_same_everywhere"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_same_run_in_two_processes_is_the_same_byte_for_byte() -> None:
    first, second = in_a_process("1"), in_a_process("4711")
    assert first.count("\n") > 200
    assert first == second


def tell(world: World) -> None:
    """Print all that follows from a world's journal."""
    session = world.session
    print(json.dumps([codec.encode(event) for event in world.journal]))
    print(json.dumps([session_document(session), pattern_document(session)]))
    print([(attempt.unit, brief(session, attempt).map(repr)) for attempt in wanted(session)])
    match verdict(session):
        case Finished(result):
            print(result)
        case Failed() | Exhausted() | Waiting() | Open() as stand:
            print(stand)


def play(kit: Kit) -> None:
    """A few drawn sessions of ``kit``, told half way and at their end."""

    @settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=8,
        suppress_health_check=list(HealthCheck),
    )
    @given(kit.specs, st.lists(st.integers(0, 60), min_size=10, max_size=30))
    def run(spec: Spec, schedule: list[int]) -> None:
        world = World.of(kit, spec).play(schedule)
        tell(world)
        tell(world.finish())

    run()


if __name__ == "__main__":
    for each in KITS:
        play(each)
