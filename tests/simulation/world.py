"""A seeded world: one session, driven by the real driver on the real store, while things go wrong.

From its seed a world draws a spec, a series of runs and what goes wrong in each. Every run is a process that
takes the lease, replays and drives; it may be killed, lose power, find the disk full, meet a second driver.
Between runs people answer gates, raise budgets, edit the spec and the variables, and bits flip. In the end
nothing goes wrong any more, and the session must come to the end that it would have had in a calm world, with
every promise in the ledger kept. The fault models are written at the top of ``disk`` and ``models``.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Final
from unittest import mock

from returns.result import Failure, Success

from durable_core.characters import has_halves
from durable_core.journal import codec
from durable_core.session import Session, replay
from durable_shell.operations.verify import verify_session
from durable_shell.store.files.store import FileStore
from durable_shell.store.port import Corrupt, NotFound
from tests.simulation import ledger as promises
from tests.simulation.disk import File
from tests.simulation.endings import End, check_views, end_of, is_over
from tests.simulation.ledger import Violation
from tests.simulation.menders import Mender, look, somebody, store_of
from tests.simulation.scene import FOLDER, HOME, SESSION, Scene, Tally
from tests.simulation.specs import ODD, answer_of, draw_spec, edited_spec
from tests.simulation.stage import Stage
from tests.simulation.system import acting, simulated
from tests.simulation.troubles import CALM, Plan, draw_plan

CALM_RUNS: Final = 60
"""Runs without troubles within which every session must end: far more than its gates and budgets."""


TWO_HOSTS: Final = 0.3
"""Share of the worlds in which two machines use the folder and see none of each other's locks."""


class World:
    """The world of one seed. ``plans``, with a trouble each, replaces the runs that the seed would draw.

    Several ``hosts`` share the folder and no locks; the seed draws how many there are, one for given plans.
    """

    def __init__(self, seed: int, *, plans: tuple[Plan, ...] | None = None, hosts: int | None = None) -> None:
        self.seed = seed
        random = Random(seed)
        spec, variables = draw_spec(random)
        if hosts is None:
            hosts = 2 if plans is None and Random(f"hosts of {seed}").random() < TWO_HOSTS else 1
        self.scene = Scene(random, spec, variables, hosts=("here", "there")[:hosts])
        self.plans = plans
        self._spec, self._variables = spec, variables

    @property
    def trace(self) -> list[str]:
        """What happened, a line each."""
        return self.scene.trace

    @property
    def tally(self) -> Tally:
        """What happened, in numbers."""
        tally = self.scene.tally
        ledger, spec = self.scene.ledger, self.scene.spec
        tally.calls, tally.units = ledger.calls, len(ledger.completed)
        halves = sum(has_halves(answer_of(spec, unit)) for unit in ledger.completed)
        tally.happened["answer with half a character"] = halves
        return tally

    @property
    def replay_command(self) -> str:
        """The command that lives through the same world again and prints what happens."""
        troubles = [trouble for plan in self.plans or () for trouble in plan.troubles]
        given = "".join(f' --trouble "{trouble}"' for trouble in troubles)
        several = self.plans is not None and len(self.scene.hosts) > 1
        hosts = f" --hosts {len(self.scene.hosts)}" if several else ""
        return f"python -m tests.simulation --seed {self.seed}{hosts}{given}"

    def run(self) -> Tally:
        """Live through it. Raises Violation, with the command that replays it, when a promise was broken."""
        try:
            session = self._live()
            self._compare(session)
        except Violation as violation:
            raise Violation(violation.name, f"{violation.detail}\n  replay: {self.replay_command}") from None
        except Exception as error:  # whatever it is, the seed must be told
            detail = f"{type(error).__name__}: {error}\n  replay: {self.replay_command}"
            raise Violation(promises.UNEXPLAINED, detail) from error
        return self.tally

    def _live(self) -> Session:
        scene = self.scene
        scene.count(f"{len(scene.hosts)} machines")
        with (
            simulated(scene.disk, scene.sleep) as scene.system,
            mock.patch("durable_shell.runtime.driver.write_artifact", scene.write_artifact),
        ):
            plans = self._draw_plans() if self.plans is None else self.plans
            for plan in (*plans, *[CALM] * CALM_RUNS):
                Stage(scene, plan, patient=plan is not CALM and scene.random.random() < 0.3).play()
                session = self._look()
                self._keep_books()
                if session is not None and is_over(session) and plan is CALM:
                    check_views(scene, session)
                    self._keep_books()
                    return session
                if plan is not CALM:
                    self._between_runs(session)
                    self._keep_books()
        raise Violation(promises.STUCK, f"not at an end after {CALM_RUNS} calm runs")

    def _draw_plans(self) -> tuple[Plan, ...]:
        random = self.scene.random
        return tuple(draw_plan(random) for _ in range(random.randint(1, 6)))

    def _keep_books(self) -> None:
        if self.scene.ledger.violations:
            raise self.scene.ledger.violations[0]

    # --- between two runs -----------------------------------------------------------------------------

    def _look(self) -> Session | None:
        """The session as anybody can read it now, which must hold all that was promised."""
        scene = self.scene
        with acting(scene.disk.spawn()):
            read = FileStore(Path(HOME)).read(SESSION)
        scene.disk.processes.clear()
        match read:
            case Success(entries):
                scene.ledger.found(entries, by_driver=False)
                match codec.decode_all([entry.event for entry in entries]).bind(replay):
                    case Success(session):
                        return session
                    case Failure(problem):
                        scene.ledger.violated(promises.UNRESUMABLE, f"{problem}")
            case Failure(NotFound()) if not scene.ledger.events:
                return None
            case Failure(NotFound()):
                scene.ledger.violated(promises.UNIT_LOST, "the whole session is gone")
            case Failure(error):
                scene.ledger.violated(promises.UNRESUMABLE, f"{error}")
        return None

    def _between_runs(self, session: Session | None) -> None:
        scene, random = self.scene, self.scene.random
        if random.random() < 0.25:
            scene.say("the power goes while nothing runs")
            scene.tally.power_cuts += 1
            scene.disk.cut_power()
            self._look()
            self._keep_books()
        if random.random() < 0.3:
            self._flip_in_journal()
        if random.random() < 0.1:
            self._flip_in_view()
        if session is not None and not is_over(session) and random.random() < 0.1:
            self._edit_variables()
        if session is not None and random.random() < 0.3:
            self._mend()
            session = self._look()
            self._keep_books()
        if session is not None and not is_over(session) and random.random() < 0.15:
            scene.spec, scene.edited = edited_spec(random, scene.spec), True
            scene.say("a person edits the spec")
        if session is not None and not is_over(session) and random.random() < 0.15:
            self._edit_variables()
        if random.random() < 0.2:
            scene.skew += random.choice((-86400.0, -60.0, 60.0, 86400.0))
            scene.say("the clock is set")

    def _flip_in_journal(self) -> None:
        """A bit of what was acknowledged flips, must be noticed or leave no trace, and flips back."""
        scene, journal = self.scene, self.scene.journal
        if journal is None or not scene.ledger.events:
            return
        lines = bytes(journal.data).split(b"\n")[: len(scene.ledger.events)]
        place, bit = scene.random.randrange(len(b"\n".join(lines)) + 1), 1 << scene.random.randrange(8)
        journal.data[place] ^= bit
        scene.say(f"bit {bit} of byte {place} of the journal flips")
        with acting(scene.disk.spawn()):
            read = FileStore(Path(HOME)).read(SESSION)
        scene.disk.processes.clear()
        journal.data[place] ^= bit
        match read:
            case Success(entries) if [entry.event for entry in entries][
                : len(scene.ledger.events)
            ] != scene.ledger.events:
                scene.ledger.violated(promises.UNNOTICED, f"byte {place}, bit {bit}")
            case Failure(error) if not isinstance(error, Corrupt):
                scene.ledger.violated(promises.UNNOTICED, f"byte {place}, bit {bit}: {error}")
            case _:
                pass

    def _mend(self) -> None:
        """Somebody looks, finds nothing wrong with the journal, and repairs it once something is."""
        scene, journal = self.scene, self.scene.journal
        with acting(somebody(scene)) as process:
            look(scene, process)
        if journal is None or len(scene.ledger.events) < 2:
            return
        self._damage(journal)
        damaged, mender = bytes(journal.data), Mender(scene)
        mender.mend()
        kept = len(scene.ledger.events) if mender.kept is None else mender.kept
        scene.say(f"a repair keeps {kept} of {len(scene.ledger.events)} events")
        with acting(scene.disk.spawn()):
            seen = verify_session(store_of(scene), SESSION)
        if not seen.whole or len(seen.events) < kept:
            scene.ledger.violated(promises.UNRESUMABLE, f"after a repair: {seen.findings}")
        copies = [bytes(file.data) for path, file in scene.disk.files(FOLDER) if "journal.jsonl." in path]
        now = scene.journal
        if (now is None or bytes(now.data) != damaged) and damaged not in copies:
            scene.ledger.violated(promises.UNTOLD, "the damaged journal is not kept")
        if any(event["type"].startswith("variables_edited/") for event in scene.ledger.events[kept:]):
            scene.audience = None  # it went with the cut, and session.json may be gone with the power
        scene.ledger.cut(min(kept, len(scene.ledger.events)))
        scene.count("repair")
        if scene.random.random() < 0.5:
            scene.say("the power goes after a repair")
            scene.count("power cut after a repair")
            scene.disk.cut_power()
        scene.disk.processes.clear()

    def _damage(self, journal: File) -> None:
        """A line but the first changes, is gone or stands there twice, for good."""
        journal.sync()
        lines = bytes(journal.data).splitlines(keepends=True)
        place = self.scene.random.randrange(1, max(2, len(self.scene.ledger.events)))
        hows = ("changes", "is gone", "stands there twice")
        # that the last line is gone can't be known where the views are behind
        how = self.scene.random.choice(hows) if place + 1 < len(lines) else "changes"
        match how:
            case "changes":
                byte = self.scene.random.randrange(len(lines[place]))
                flipped = bytes([lines[place][byte] ^ 1 << self.scene.random.randrange(8)])
                lines[place] = lines[place][:byte] + flipped + lines[place][byte + 1 :]
            case "is gone":
                del lines[place]
            case _:
                lines.insert(place, lines[place])
        self.scene.say(f"line {place + 1} of the journal {how}")
        journal.data = bytearray(b"".join(lines))
        journal.durable = bytearray(journal.data)

    def _flip_in_view(self) -> None:
        """A bit of a view flips and stays so. Not in session.json, whose variables are a person's to edit,
        and not in the spec as first run, of which there is one copy. The mark of the home is no view."""
        spared = ("journal.jsonl", "session.json", "spec_snapshot.yaml", ".origin")
        views = [(path, file) for path, file in self.scene.disk.files(FOLDER) if not path.endswith(spared)]
        views = [(path, file) for path, file in views if file.data and "/refs/" not in path]
        if views:
            path, file = self.scene.random.choice(views)
            file.data[self.scene.random.randrange(len(file.data))] ^= 1 << self.scene.random.randrange(8)
            self.scene.say(f"a bit of {path} flips")

    def _edit_variables(self) -> None:
        """A person writes another audience into session.json."""
        path = f"{FOLDER}/session.json"
        file = self.scene.disk.find(path)
        if not isinstance(file, File):
            return
        try:
            document = json.loads(bytes(file.data))
        except ValueError:
            return
        self.scene.audience = f"reader {self.scene.random.randrange(1000)}{self.scene.random.choice(ODD)}"
        document["variables"]["audience"] = self.scene.audience
        self.scene.disk.edit(path, json.dumps(document).encode())
        self.scene.say(f"a person makes the audience {self.scene.audience}")

    # --- the end --------------------------------------------------------------------------------------

    def _compare(self, session: Session) -> None:
        scene = self.scene
        if scene.audience is not None and session.variables["audience"] != scene.audience:
            raise Violation(
                promises.EDIT_LOST, f"{session.variables['audience']!r} is not {scene.audience!r}"
            )
        mine, calm = end_of(scene, session), calm_end(session, edited=scene.edited)
        self._keep_books()
        for name in End.__slots__:
            one, other = getattr(mine, name), getattr(calm, name)
            if one != other and not (name == "conversations" and one is None):
                raise Violation(promises.DIFFERENT, f"{name}\n  {one}\n  and, calm,\n  {other}")


def calm_end(session: Session, *, edited: bool) -> End:
    """What a session of the same spec comes to in a calm world; ``edited`` is whether this one's was
    edited. Where nobody answered in time, because the clock was set, say, a calm person says the default."""
    world = World(0, plans=())
    variables = dict(session.variables)
    world.scene.replies = {
        gate.unit: str(gate.response) for gate in session.answered if gate.answered_by == "timeout"
    }
    world.scene.spec, world.scene.variables, world.scene.edited = session.spec, variables, edited
    return end_of(world.scene, world._live())
