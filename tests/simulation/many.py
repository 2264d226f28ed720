"""Many worlds at once, shared among processes, and what came of them in one line."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

from tests.simulation.ledger import Violation
from tests.simulation.scene import Tally
from tests.simulation.world import World

SHARE: Final = 50
"""Seeds that one process takes at a time."""


def run_many(seeds: range, jobs: int) -> int:
    """Live through many worlds, and count. What goes wrong is printed as it comes."""
    shares = [seeds[at : at + SHARE] for at in range(0, len(seeds), SHARE)]
    total, broken = Tally(), 0
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for tally, lines in map(run_share, shares) if jobs == 1 else pool.map(run_share, shares):
            total.add(tally)
            broken += len(lines)
            for line in lines:
                print(line, flush=True)
    print(summary(len(seeds), total, broken))
    return 1 if broken else 0


def run_share(seeds: range) -> tuple[Tally, list[str]]:
    """What happened in some worlds, in numbers, and what went wrong in them."""
    total, broken = Tally(), []
    for seed in seeds:
        world = World(seed)
        try:
            total.add(world.run())
        except Violation as violation:
            broken.append(str(violation))
    return total, broken


def summary(seeds: int, total: Tally, broken: int) -> str:
    """Many worlds in a line, and how often what happened in them."""
    happened = f"{total.runs} runs, {total.deaths} deaths, {total.power_cuts} power cuts"
    done = f"{total.calls} model calls, {total.units} units completed"
    counted = ", ".join(f"{what} {count}" for what, count in sorted(total.happened.items()))
    return f"{seeds} seeds: {happened}, {done}; promises broken: {broken}\n{counted}"
