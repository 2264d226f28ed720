"""The driver: takes what the core wants, has it done, and commits what comes back.

One loop, one writer. Each round folds all reports that have come in, lets the core decide what starts
next, commits all of it with one append, and only then launches the new attempts and shows it. So nothing
visible ever happens that a crash could take back, and a completed unit shares its fdatasync with the start
of the next. Where many may start, each round begins a few of them. Views follow while the loop waits. No
pattern's name stands here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any, Final

from returns.result import Failure, Success

from durable_core.journal import codec
from durable_core.patterns.base import Open
from durable_core.session import (
    Answer,
    ArtifactText,
    Brief,
    Event,
    Question,
    Recovered,
    Session,
    Turn,
    brief,
    commands,
    decide,
    evolve_all,
    verdict,
)
from durable_core.session.budgets import unkept
from durable_core.session.places import needed_folder
from durable_core.session.scheduling import due
from durable_core.session.state import BudgetName
from durable_core.types import Fault, UnitId
from durable_shell.cli.environment import FILES_FOR_VIEWS, FILES_OF_A_CALL, SpareFiles, can_open
from durable_shell.errors import OutOfFiles, StoreFailed
from durable_shell.runtime.artifacts import write_artifact
from durable_shell.runtime.ports import Clock, Models
from durable_shell.runtime.progress_events import narrate
from durable_shell.runtime.turn_reporter import TurnReporter, answered, faulted, unexplained
from durable_shell.runtime.view_publisher import Publisher
from durable_shell.store.disk import shortage_behind
from durable_shell.store.port import Lease, OutOfStep, Store
from durable_shell.terminal import Progress
from durable_shell.terminal.messages import errors as error_messages
from durable_shell.terminal.messages import run as run_messages

GRACE_S: Final = 120.0
"""Seconds that running units may go on after the first Ctrl-C: a slow model takes a minute or two, and its
answer is paid for either way."""


STARTS: Final = 5
"""Calls that one commit begins at most. Where twenty may begin, the first need not wait until the last are
rendered and written down; their answers come in apart, too, and none waits for a row of others. Any number
from 4 to 10 does as well as another (docs/explanation/performance.md).
"""


@dataclass(slots=True)
class Drive:
    """One run of a session under one lease. ``session`` is the state as decided so far.

    ``greeting`` is shown right after the first commit. ``watch`` is told of each event once it is committed,
    with the session that it led to; what it raises ends the drive. No artifact is written below the folders
    ``closed``.
    """

    session: Session
    lease: Lease
    store: Store
    models: Models
    clock: Clock
    progress: Progress
    greeting: tuple[str, ...] = ()
    watch: Callable[[Event, Session], None] | None = None
    closed: tuple[Path, ...] = ()
    _committed: Session | None = None
    _stopping: bool = False
    _lease_is_lost: bool = False
    _is_short: bool = False
    _retry_at: float = inf
    _waited_until: float = 0.0
    _inbox: list[commands.Command] = field(default_factory=list)
    _waiters: dict[int, asyncio.Future[bool]] = field(default_factory=dict)
    _due: list[tuple[asyncio.Future[bool], bool]] = field(default_factory=list)
    _tasks: dict[UnitId, asyncio.Task[None]] = field(default_factory=dict)
    _titles: dict[UnitId, str] = field(default_factory=dict)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _disk: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "journal"))
    _spare: SpareFiles = field(default_factory=SpareFiles)
    _views: Publisher = field(init=False)
    _unkept: BudgetName | None = field(init=False)
    _publishing: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self._views = Publisher(self.store)
        self._unkept = unkept(self.session)

    async def run(self, first: Iterable[Event] = (), *, committed_before: bool = False) -> Session:
        """Commit ``first`` (which ``session`` already holds), then go on until nothing more can be done.

        With ``committed_before`` they are in the journal, and are only to be shown.

        Raises StoreFailed when a commit fails or the lease is lost: what runs then is cancelled and will run
        again on resume. Raises OutOfFiles when hardly any file could be opened, once what ran is committed.
        Nothing is shown or started that is not in the journal.
        """
        self._spare.keep(FILES_FOR_VIEWS)
        pending = tuple(first)
        committed = self.session.seq - (0 if committed_before else len(pending))
        if committed_before or not pending:
            self._committed = self.session
        try:
            if committed_before:
                self._show(pending)
                pending = ()
            while True:
                if self._lease_is_lost:
                    raise StoreFailed(OutOfStep(self.session.id, self.lease.token, 0, "token"))
                pending += self._fold_reports()
                ready, begun = self._begin_wanted()
                pending += begun
                if pending:
                    committed = await self._commit(committed, pending)
                    self._answer_waiters()
                    self._launch(ready)
                    await asyncio.sleep(0)  # what they say at once belongs to the views that follow
                    self._show(pending)  # once they are under way: no call waits for a screen
                    pending = ()
                    continue
                self._answer_waiters()
                if self._at_rest():
                    if self._is_short and isinstance(verdict(self.session), Open):
                        raise OutOfFiles
                    return self.session
                await self._something_happens()
        finally:
            await self._wind_down()

    def ask_to_stop(self) -> None:
        """First call: start nothing new and let running units finish. Second: cancel them."""
        if self._stopping:
            self._cancel()
        else:
            self._stopping = True
            asyncio.get_running_loop().call_later(GRACE_S, self._cancel)
        self._woken.set()

    def lose_lease(self) -> None:
        """Somebody else may drive the session now: what runs here is paid for twice from here on. Stop."""
        self._lease_is_lost = True
        self._cancel()
        self._woken.set()

    # --- one round ------------------------------------------------------------------------------------

    def _fold_reports(self) -> tuple[Event, ...]:
        reports, self._inbox = self._inbox, []
        events: tuple[Event, ...] = ()
        for report in reports:
            decided = self._fold(report)
            events += decided
            waiter = self._waiters.pop(id(report), None)
            if waiter is not None:
                self._due.append((waiter, bool(decided)))
        return events

    def _answer_waiters(self) -> None:
        """Whoever waits for reports that were folded before the last commit may go on now."""
        due, self._due = self._due, []
        for waiter, decided in due:
            if not waiter.done():  # a cancelled turn waits no more
                waiter.set_result(decided)

    def _fold(self, command: commands.Command) -> tuple[Event, ...]:
        decided = decide(self.session, command).value_or(())
        self.session = evolve_all(self.session, decided)
        return decided

    def _begin_wanted(self) -> tuple[list[Brief], tuple[Event, ...]]:
        """The briefs to launch once the events beside them are committed."""
        ready: list[Brief] = []
        decided: tuple[Event, ...] = ()
        if self._stopping or self._is_short:
            return ready, decided
        now = self.clock.now()
        attempts, self._retry_at = due(self.session, self._at_least(now), STARTS)
        starts: list[commands.UnitStart] = []
        faults: list[commands.Faulted] = []
        for attempt in attempts:
            self._titles[attempt.unit] = attempt.request.title
            match brief(self.session, attempt):
                case Success(Question(unit=unit, prompt=prompt, display=display)):
                    question = commands.QuestionAsked(
                        at=now, unit=unit, attempt=attempt.number, prompt=prompt, display=display
                    )
                    decided += self._fold(question)
                case Success(todo):
                    kept = todo.kept if isinstance(todo, Turn | Recovered) else 0
                    starts.append(commands.UnitStart(attempt.unit, attempt.number, kept))
                    ready.append(todo)
                case Failure(fault):
                    starts.append(commands.UnitStart(attempt.unit, attempt.number))
                    faults.append(faulted(attempt.unit, attempt.number, fault, now))
        if starts:
            decided += self._fold(commands.UnitsStarted(at=now, starts=tuple(starts)))
        for fault in faults:
            decided += self._fold(fault)
        return ready, decided

    async def _commit(self, committed: int, events: tuple[Event, ...]) -> int:
        wires = [codec.encode(event) for event in events]
        appended = await asyncio.get_running_loop().run_in_executor(
            self._disk, self.store.append, self.lease, committed, events[-1].at, wires
        )
        if isinstance(appended, Failure):
            error = appended.failure()
            self._lease_is_lost = isinstance(error, OutOfStep)
            raise StoreFailed(error, kept=committed > 0)
        self._committed = self.session
        self._views.committed(wires)
        return int(appended.unwrap())

    def _show(self, events: Iterable[Event]) -> None:
        lines, self.greeting = self.greeting, ()
        for line in lines:
            self.progress.note(line)
        for event in events:
            narrate(self.progress, event, self._titles, self.session)
            if self.watch is not None:
                self.watch(event, self.session)
        budget = unkept(self.session)
        if budget is not None and budget != self._unkept:
            self.progress.warn(run_messages.budget_unkept(budget))
        self._unkept = budget

    def _launch(self, briefs: Iterable[Brief]) -> None:
        for todo in briefs:
            match todo:
                case Turn():
                    self._start(todo.unit, self._answer(todo))
                case ArtifactText():
                    self._start(todo.unit, self._write(todo))
                case Recovered():
                    now = self.clock.now()
                    self._inbox.append(answered(todo.unit, todo.attempt, todo.answer, now))
                case Question():
                    pass  # it went out with its event

    def _start(self, unit: UnitId, attempt: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(attempt)
        self._tasks[unit] = task
        # Not a `finally` of the attempt: one that is cancelled before its first step never gets to it.
        task.add_done_callback(lambda _: self._ended(unit))

    def _at_rest(self) -> bool:
        if self._tasks or self._inbox:
            return False
        return self._stopping or self._is_short or not isinstance(verdict(self.session), Open)

    async def _something_happens(self) -> None:
        """Wait for a report, a request to stop, or the time of a retry; meanwhile the views follow."""
        stale = self._committed is not None and self._views.due(self._committed)
        if stale and self._publishing is None:
            self._publishing = asyncio.create_task(self._publish())
        alarm = None
        if self._retry_at < inf and not self._stopping and not self._is_short:
            alarm = asyncio.create_task(self._wake_for_retry())
        try:
            await self._woken.wait()
        finally:
            if alarm is not None:
                alarm.cancel()
        self._woken.clear()

    async def _wake_for_retry(self) -> None:
        until = self._retry_at
        await self.clock.sleep(until - self._at_least(self.clock.now()))
        self._waited_until = until
        self._woken.set()

    def _at_least(self, now: float) -> float:
        """The time as far as waits are concerned, which a clock that was set back does not lengthen."""
        return max(now, self.session.updated_at, self._waited_until)

    # --- attempts -------------------------------------------------------------------------------------

    async def _answer(self, turn: Turn) -> None:
        report = TurnReporter(turn, self.clock, self._report, self._report_and_wait)
        try:
            outcome = await self.models.answer(turn, report)
        except Exception as error:  # the port promises not to raise; if it does, its siblings must not suffer
            if not self._runs_short(error):
                self._report(unexplained(turn.unit, turn.attempt, error, self.clock.now()))
        else:
            match outcome:
                case Answer():
                    self._report(answered(turn.unit, turn.attempt, outcome, self.clock.now()))
                case _ if not self._runs_short():
                    now, chance = self.clock.now(), self.clock.chance()
                    self._report(faulted(turn.unit, turn.attempt, outcome.fault, now, outcome.usage, chance))

    async def _write(self, document: ArtifactText) -> None:
        options = self.session.options
        try:
            written = await asyncio.to_thread(
                write_artifact,
                Path(options.out),
                document.path,
                document.text,
                force=options.force,
                closed=self.closed,
                needed=needed_folder(options),
            )
            now = self.clock.now()
            if isinstance(written, Fault):
                self._report(faulted(document.unit, document.attempt, written, now))
            else:
                self._report(
                    commands.ArtifactWritten(
                        at=now,
                        unit=document.unit,
                        attempt=document.attempt,
                        path=document.path,
                        sha256=written.sha256,
                        size=written.size,
                    )
                )
        except Exception as error:  # as above: a bug here must not take other units with it
            if not self._runs_short(error):
                self._report(unexplained(document.unit, document.attempt, error, self.clock.now()))

    def _ended(self, unit: UnitId) -> None:
        """A cancelled attempt reports nothing and takes a while to end: the loop must wake for it, too."""
        del self._tasks[unit]
        self._woken.set()

    def _report(self, command: commands.Command) -> None:
        self._inbox.append(command)
        self._woken.set()

    async def _report_and_wait(self, command: commands.Command) -> bool:
        """Report, and wait until that is on disk; False when it led to nothing."""
        waiter: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiters[id(command)] = waiter  # the inbox keeps the command alive until it is folded
        self._report(command)
        return await waiter

    def _runs_short(self, error: Exception | None = None) -> bool:
        """Whether an attempt failed while this process can open hardly any more files, whatever it says.

        That is no fault of the unit. What runs goes on to its end, and nothing new begins.
        """
        short = not can_open(FILES_OF_A_CALL) or (error is not None and shortage_behind(error))
        self._is_short = self._is_short or short
        return short

    # --- views, and the end ---------------------------------------------------------------------------

    async def _publish(self, *, last: bool = False) -> None:
        if self._committed is None or self._lease_is_lost:
            return  # nothing of this run was committed, or somebody else writes the views now
        published = await asyncio.to_thread(self._views.publish, self._committed)
        if isinstance(published, Failure):
            error = published.failure()
            if isinstance(error, OutOfStep):
                self.lose_lease()
            elif last or not self._runs_short():
                self.progress.warn(error_messages.views_behind(error))
        self._publishing = None
        self._woken.set()

    def _cancel(self) -> None:
        for task in self._tasks.values():
            task.cancel()

    async def _wind_down(self) -> None:
        """Views show what the journal holds, even when the last commit failed."""
        self._cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        if self._publishing is not None:
            await self._publishing
        self._spare.free()  # nobody else opens anything now
        await self._publish(last=True)
        self._disk.shutdown()
        self.progress.close()
