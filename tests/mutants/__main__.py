"""``python -m tests.mutants [TEXT]``: kill every mutant (whose name holds TEXT), two at a time.

Each mutant gets a copy of the packages to live in; its killers run against that copy, and one of them must
fail. First all killers must pass against an unchanged copy, since a test that is broken anyway kills nothing.
Exit status 1 if a mutant lives.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from tests.mutants.mutant import LAW, PACKAGES, ROOT, Mutant
from tests.mutants.mutants import MUTANTS

AT_ONCE: Final = 2

LONGEST_S: Final = 600
"""Seconds for one test of one mutant: a mutant that hangs is noticed too."""

FAILED: Final = 1
"""What pytest exits with when tests ran and some failed. Any other status is no verdict on a mutant."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant after ``seconds``, with pytest's last words."""

    mutant: Mutant
    fate: Literal["killed", "ALIVE", "NO VERDICT"]
    seconds: float
    said: str


def main(wanted: Sequence[str]) -> int:
    """Kill the mutants whose names hold ``wanted``, all when that is empty. Returns the exit status."""
    mutants = [mutant for mutant in MUTANTS if all(text in str(mutant) for text in wanted)]
    if not mutants:
        print(f"Error: no mutant's name holds {' '.join(wanted)}", file=sys.stderr)
        return 2
    began = time.monotonic()
    killers = sorted(
        {killer for mutant in mutants for killer in mutant.killers if not killer.startswith(LAW)}
    )
    print(f"The unchanged program, {len(killers)} tests that kill ...", flush=True)
    sound = _sound(killers)
    if sound is not None:
        print(sound, file=sys.stderr)
        return 1
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(_told, mutants))
    failed = [outcome for outcome in outcomes if outcome.fate != "killed"]
    for outcome in failed:
        print(f"\n{outcome.fate} {outcome.mutant}\n{outcome.said}", file=sys.stderr)
    print(f"{len(outcomes) - len(failed)} of {len(outcomes)} killed in {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


def _sound(killers: Sequence[str]) -> str | None:
    """What is wrong with killing by ``killers``; None when they test the copy, and it passes."""
    with _copy() as copy:
        for package in PACKAGES:
            where = _run(copy, "-c", f"import {package}; print({package}.__file__)").stdout.strip()
            if not where.startswith(str(copy)):
                return f"Error: the tests would look at {where} instead of a copy"
        run = _pytest(copy, killers, profile="day")
    return None if run.returncode == 0 else f"Error: the unchanged program fails\n{_last_words(run)}"


def _told(mutant: Mutant) -> Outcome:
    outcome = _outcome(mutant)
    print(f"{outcome.fate:10} {outcome.seconds:4.0f} s  {mutant}", flush=True)
    return outcome


def _outcome(mutant: Mutant) -> Outcome:
    began = time.monotonic()
    with _copy() as copy:
        (copy / mutant.path).write_text(mutant.applied(mutant.source()), encoding="utf-8")
        run = _pytest(copy, mutant.killers, profile="mutants")
    fate: Literal["killed", "ALIVE", "NO VERDICT"] = "NO VERDICT"
    if run.returncode in (0, FAILED):
        fate = "killed" if run.returncode == FAILED else "ALIVE"
    return Outcome(mutant, fate, time.monotonic() - began, _last_words(run))


@contextmanager
def _copy() -> Iterator[Path]:
    """A folder with a copy of the packages, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder).resolve()
        for package, place in PACKAGES.items():
            shutil.copytree(place / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
        yield copy


def _pytest(copy: Path, tests: Sequence[str], *, profile: str) -> subprocess.CompletedProcess[str]:
    options = ("-x", "-q", "--no-header", "--tb=line", "-p", "no:cacheprovider", "-p", "no:xdist")
    return _run(copy, "-m", "pytest", *options, f"--timeout={LONGEST_S}", *tests, profile=profile)


def _run(copy: Path, *arguments: str, profile: str = "day") -> subprocess.CompletedProcess[str]:
    """Python in the project's folder, with ``copy`` in front of the installed packages."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(copy), str(ROOT / "shell"))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_PROFILE": profile,
    }
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def _last_words(run: subprocess.CompletedProcess[str]) -> str:
    return "\n".join((run.stdout + run.stderr).splitlines()[-12:])


if __name__ == "__main__":
    os.nice(10)
    sys.exit(main(sys.argv[1:]))
