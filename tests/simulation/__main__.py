"""Replay one seed and print what happens, or live through many seeds and print one line.

python -m tests.simulation --seed 17
python -m tests.simulation --seed 3 --trouble "crash at 57" --trouble "power cut at 90"
python -m tests.simulation --seeds 0..9999 --jobs 2
"""

from __future__ import annotations

import argparse
import sys

from tests.simulation.ledger import Violation
from tests.simulation.many import run_many
from tests.simulation.troubles import Plan, trouble_of
from tests.simulation.world import World


def main(argv: list[str]) -> int:
    """0 when every promise was kept, 1 when one was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--seed", type=int, help="replay this seed and print what happens")
    what.add_argument(
        "--seeds", type=_range, metavar="A..B", help="live through these seeds, both ends included"
    )
    parser.add_argument(
        "--trouble",
        type=trouble_of,
        action="append",
        default=[],
        metavar="KIND at N",
        help="in place of what the seed draws: one thing that goes wrong, in a run of its own",
    )
    parser.add_argument("--hosts", type=int, help="how many machines share the folder, and no locks")
    parser.add_argument("--jobs", type=int, default=1, help="processes that share the seeds")
    chosen = parser.parse_args(argv)
    plans = tuple(Plan((trouble,)) for trouble in chosen.trouble) or None
    return (
        replay(World(chosen.seed, plans=plans, hosts=chosen.hosts))
        if chosen.seed is not None
        else run_many(chosen.seeds, chosen.jobs)
    )


def replay(world: World) -> int:
    """Live through one world, aloud."""
    broken: Violation | None = None
    try:
        world.run()
    except Violation as violation:
        broken = violation
    print(f"seed {world.seed}: {world.scene.spec.pattern.type}")
    print("\n".join(world.trace))
    print(broken or "every promise was kept")
    return 1 if broken else 0


def _range(text: str) -> range:
    first, _, last = text.partition("..")
    return range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
