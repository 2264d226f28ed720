"""A run takes hardly longer than its models: commits, views and decisions fit in between.

Where there is a file system in memory, the sessions go there: how long a disk takes to sync is its own
affair, and on a busy machine it takes a different time in each run. By hand, the benchmark shows both.
A failure says how slow the processor was beside that of performance.md: in a slow hour it may be the reason.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Final

import pytest

from tests.benchmarks.schedule import BRANCHES, TASKS, WIDTH, Shape, SleepingModels, measured, run
from tests.support.night import NIGHTLY

BOUND: Final = 1.15
"""What a run may take, against the ideal schedule; once that is shown, no more runs are made.

Timed at night, when no other test takes the processor from this one; by day calls are counted.
"""

IN_MEMORY: Final = Path("/dev/shm")


@pytest.mark.parametrize("shape", [BRANCHES, TASKS], ids=lambda shape: shape.name)
def test_a_run_is_close_to_the_ideal_schedule(shape: Shape) -> None:
    models = SleepingModels()
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else None) as folder:
        asyncio.run(run(shape, models, Path(folder)))
        assert models.most == WIDTH
        if NIGHTLY:
            timing = measured(shape, SleepingModels, Path(folder), runs=60, good_enough=BOUND)
            assert timing.to_ideal < BOUND, (timing.to_ideal, f"slowness {timing.slowness:.1f}", timing)
