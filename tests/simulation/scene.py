"""What all runs in one world share: the machine, the people's wishes, and the books."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from durable_core.spec.models import Spec
from durable_core.types import Fault, Json, UnitId
from durable_shell.runtime.artifacts import Written
from durable_shell.store.files.folders import folder_name
from tests.simulation.disk import Disk, File, Folder
from tests.simulation.ledger import Ledger
from tests.simulation.loop import SimLoop
from tests.simulation.system import SimOs

SESSION: Final = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
OTHER: Final = "b1b2c3d4-e5f6-7890-abcd-ef1234567890"
HOME: Final = "/home/strands"
FOLDER: Final = f"{HOME}/sessions/{folder_name(SESSION)}"
BEGINNING: Final = 1_790_000_000.0
"""When every world begins, in seconds since the epoch."""


@dataclass(slots=True)
class Tally:
    """What happened, in numbers; ``happened`` counts what went wrong, and who came along, by name."""

    runs: int = 0
    deaths: int = 0
    power_cuts: int = 0
    calls: int = 0
    units: int = 0
    happened: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Count the other world's, too."""
        self.runs += other.runs
        self.deaths += other.deaths
        self.power_cuts += other.power_cuts
        self.calls += other.calls
        self.units += other.units
        self.happened += other.happened


@dataclass(slots=True)
class Scene:
    """One machine with one session. ``spec`` is the file as it is now; ``audience`` what a person last
    wrote for that variable into session.json; ``artifacts`` the output folder; ``replies`` is what a
    person says at single gates, where it is not what they always say. Several ``hosts`` share no locks."""

    random: Random
    spec: Spec
    variables: dict[str, Json]
    disk: Disk = field(init=False)
    system: SimOs | None = None
    loop: SimLoop | None = None
    ledger: Ledger = field(default_factory=Ledger)
    artifacts: dict[str, str] = field(default_factory=dict)
    replies: dict[UnitId, str] = field(default_factory=dict)
    malformed: set[UnitId] = field(default_factory=set)
    hosts: tuple[str, ...] = ("here",)
    edited: bool = False
    audience: str | None = None
    skew: float = 0.0
    trace: list[str] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        self.disk = Disk(self.random)
        self.disk.shares_locks = len(self.hosts) == 1
        home = Folder(2)
        self.disk.root.change({"home": home})
        self.disk.root.sync()

    def count(self, what: str) -> None:
        """Something happened that is counted by its name."""
        self.tally.happened[what] += 1

    def say(self, line: str) -> None:
        """Write down what happens, for whoever replays this."""
        elapsed = 0.0 if self.loop is None else self.loop.time()
        self.trace.append(f"{elapsed:10.3f}  {line}")

    def sleep(self, seconds: float) -> None:
        """The store waits."""
        if self.loop is not None:
            self.loop.pass_time(seconds)

    def write_artifact(
        self,
        out: Path,
        relative: str,
        text: str,
        *,
        force: bool,
        closed: tuple[Path, ...] = (),
        needed: str | None = None,
    ) -> Written | Fault:
        """In place of the real one, with its promises: whole or not at all, never over something else
        unasked.

        The process may die before and after. The files themselves are not on the simulated disk.
        """
        assert self.system is not None
        self.ledger.went_out(f"an artifact at {relative}", relative + text)
        self.system.step("artifact, before")
        if relative in self.artifacts and self.artifacts[relative] != text and not force:
            return Fault("artifact", f"{relative} is there already with other content")
        self.artifacts[relative] = text
        self.system.step("artifact, after")
        data = text.encode(errors="surrogatepass")
        return Written(hashlib.sha256(data).hexdigest(), len(data))

    @property
    def journal(self) -> File | None:
        """The session's journal, if there is a session."""
        found = self.disk.find(f"{FOLDER}/journal.jsonl")
        return found if isinstance(found, File) else None

    def now(self) -> float:
        """Seconds since the epoch, as far as every machine knows."""
        return BEGINNING + (0.0 if self.loop is None else self.loop.time()) + self.skew


@dataclass(slots=True)
class SceneClock:
    """What a process takes for the time. Implements ``durable_shell.runtime.ports.Clock``."""

    scene: Scene
    loop: SimLoop

    def now(self) -> float:
        """Seconds since the epoch, as far as this machine knows."""
        return BEGINNING + self.loop.time() + self.scene.skew

    def chance(self) -> float:
        """A number in [0, 1)."""
        return self.scene.random.random()

    async def sleep(self, seconds: float) -> None:
        """Wait on the loop's own time, which no clock change touches."""
        await asyncio.sleep(seconds)
