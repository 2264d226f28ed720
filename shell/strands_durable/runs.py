"""Running and resuming workflows from Python.

The same operations as the command line's, with values in the place of words and exceptions in the place of
exit codes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Mapping
from functools import partial

from durable_core.session import Event, Options, Session
from durable_core.session.resume import Wishes
from durable_core.session.state import BudgetName
from durable_core.types import Json, UnitId
from durable_shell.app import App
from durable_shell.errors import done
from durable_shell.operations.lookup import choose
from durable_shell.operations.resume import Resumed, resume_session, wanted_budgets
from durable_shell.operations.start import NewSession, prepare_session, start_session
from durable_shell.runtime.ports import Clock, Ids
from durable_shell.runtime.progress_events import narrate_notice
from durable_shell.runtime.runner import Company, Ready, drive_session
from durable_shell.terminal.messages import run as run_messages
from strands_durable.loops import wait_for
from strands_durable.outcome import Outcome
from strands_durable.specs import SpecLike, loaded_from, spec_called
from strands_durable.surroundings import (
    Ask,
    AskedPeople,
    LoggedProgress,
    ModelsLike,
    StoreLike,
    app_for,
    store_of,
)

OnEvent = Callable[[Event], None]
"""Told of each event once it is in the journal. What it raises ends the run; the session is saved."""


def run(  # noqa: PLR0913  # keywords of a program, each with a default
    spec: SpecLike,
    variables: Mapping[str, Json] | None = None,
    *,
    store: StoreLike = None,
    on_event: OnEvent | None = None,
    ask: Ask | None = None,
    name: str | None = None,
    replace: bool = False,
    out: str | os.PathLike[str] = "artifacts",
    force: bool = False,
    models: ModelsLike = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> Outcome:
    """Begin a session of the workflow ``spec``, run it until nothing more can be done, and say how it ended.

    ``spec`` is a path, the text of a workflow, or a parsed spec; ``variables`` are JSON values by name.
    ``store`` says where sessions are kept: a URL, a folder, or None for the place of the command line.
    ``on_event`` is told of each event once it is in the journal. ``ask`` answers gates: it is given the gate
    (``unit``, ``prompt``, ``choices``, ``default``) and gives the answer, or None to leave it open; without
    it the run ends at the first open gate, with the status ``paused``. ``name`` is one to find it by,
    and is refused while a session that is not completed has it; with ``replace`` that one gets another name.
    Artifacts are written below ``out``; ``force`` lets them replace files. ``models`` answer in the place of
    those that the workflow names; ``clock`` and ``ids`` replace the machine's.

    A workflow that fails is an Outcome, not an exception. Raises OperationError, before anything is written,
    when something is wrong with what was given: SpecInvalid with all problems of the workflow at once,
    StoreFailed when the store can't be used. Later it is raised where the store can be written no more, and
    where this process can open hardly any more files: what was completed is saved, and a note of the
    exception says how the session is resumed. Works inside a running event loop too, in a thread of its own,
    in which ``on_event`` and ``ask`` are then called. Old sessions stay: what ``config.yaml`` says of
    retention is for the command line alone.

    Ctrl-C cancels what runs; all that was completed is in the journal, and the KeyboardInterrupt says in a
    note how the session is resumed.
    """
    return wait_for(
        partial(
            run_async,
            spec,
            variables,
            store=store,
            on_event=on_event,
            ask=ask,
            name=name,
            replace=replace,
            out=out,
            force=force,
            models=models,
            clock=clock,
            ids=ids,
        )
    )


async def run_async(  # noqa: PLR0913  # as above
    spec: SpecLike,
    variables: Mapping[str, Json] | None = None,
    *,
    store: StoreLike = None,
    on_event: OnEvent | None = None,
    ask: Ask | None = None,
    name: str | None = None,
    replace: bool = False,
    out: str | os.PathLike[str] = "artifacts",
    force: bool = False,
    models: ModelsLike = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> Outcome:
    """The same as ``run``, as a coroutine. A cancelled task leaves a session that can be resumed.

    The workflow is read and checked in a thread. Making the session's folder and taking its lease, two writes
    to the disk that would outlive a cancelled task there, are done on the event loop.
    """
    app = app_for(store, clock=clock, ids=ids, models=models)

    def prepared() -> NewSession:
        cwd = app.environment.cwd
        return prepare_session(
            app,
            loaded_from(spec, cwd),
            path=spec_called(spec),
            values=variables,
            options=Options(out=str(cwd / out), force=force, folder=str(cwd)),
            name=name,
        )

    new = await asyncio.to_thread(prepared)
    ready = start_session(app, store_of(app), new, replace=replace, renamed=_note_renamed)
    return await _driven(app, ready, on_event, ask)


def _note_renamed(session_id: str, name: str) -> None:
    LoggedProgress().note(run_messages.session_renamed(session_id, name))


def resume(  # noqa: PLR0913  # as above
    session: str,
    variables: Mapping[str, Json] | None = None,
    *,
    store: StoreLike = None,
    on_event: OnEvent | None = None,
    ask: Ask | None = None,
    answer: str | None = None,
    gate: UnitId | None = None,
    budgets: Mapping[BudgetName, float] | None = None,
    out: str | os.PathLike[str] | None = None,
    force: bool = False,
    from_snapshot: bool = False,
    trust: bool = False,
    models: ModelsLike = None,
    clock: Clock | None = None,
) -> Outcome:
    """Resume a session, run it until nothing more can be done, and say how it ended.

    ``session`` is its id, a prefix of it that fits one session alone, its name, or ``@latest``. What is
    completed is neither run nor paid for again. ``variables`` replace those of the same name. ``answer``
    answers the open ``gate``, which must be named when several are open. ``budgets`` are new limits, in
    tokens (``max_tokens``), units (``max_steps``) or seconds (``max_duration_s``). The workflow is the file
    as it is now; with ``from_snapshot`` it is the one that the session has. A session that did not begin in
    this store runs only with ``trust``, once. The rest is as for ``run``.

    Raises OperationError when there is no such session or nothing is left to do, when the changed workflow or
    the answer makes no sense, and, as StoreFailed, when the session is damaged or another process drives it.
    Nothing has happened to the session then.
    """
    return wait_for(
        partial(
            resume_async,
            session,
            variables,
            store=store,
            on_event=on_event,
            ask=ask,
            answer=answer,
            gate=gate,
            budgets=budgets,
            out=out,
            force=force,
            from_snapshot=from_snapshot,
            trust=trust,
            models=models,
            clock=clock,
        )
    )


async def resume_async(  # noqa: PLR0913  # as above
    session: str,
    variables: Mapping[str, Json] | None = None,
    *,
    store: StoreLike = None,
    on_event: OnEvent | None = None,
    ask: Ask | None = None,
    answer: str | None = None,
    gate: UnitId | None = None,
    budgets: Mapping[BudgetName, float] | None = None,
    out: str | os.PathLike[str] | None = None,
    force: bool = False,
    from_snapshot: bool = False,
    trust: bool = False,
    models: ModelsLike = None,
    clock: Clock | None = None,
) -> Outcome:
    """The same as ``resume``, as a coroutine. A cancelled task leaves a session that can be resumed.

    The journal and the workflow are read in a thread. Finding the session and taking its lease, which would
    outlive a cancelled task there, are done on the event loop.
    """
    app = app_for(store, clock=clock, models=models)
    wishes = Wishes(
        answer=answer,
        gate=gate,
        budgets=wanted_budgets((budgets or {}).items()),
        out=None if out is None else str(app.environment.cwd / out),
        force=force,
    )
    opened = store_of(app)
    found = choose(app, opened, session)
    lease = done(opened.lease(found.session_id, now=app.clock.now()))
    progress = LoggedProgress()
    with contextlib.ExitStack() as until_driven:
        until_driven.callback(opened.release, lease)
        if lease.torn_bytes:
            progress.warn(run_messages.torn_end_dropped(lease.torn_bytes))

        def resumed() -> Resumed:
            return resume_session(
                app,
                opened,
                lease,
                wishes=wishes,
                values=variables,
                from_snapshot=from_snapshot,
                trusts=lambda _: trust,
            )

        ready = await asyncio.to_thread(resumed)
        for notice in ready.resumption.notices:
            narrate_notice(progress, notice)
        until_driven.pop_all()  # whoever drives a session gives its lease back
    return await _driven(app, ready.ready, on_event, ask)


async def _driven(app: App, ready: Ready, on_event: OnEvent | None, ask: Ask | None) -> Outcome:
    saved = False

    def watch(event: Event, _: Session) -> None:
        nonlocal saved
        saved = True
        if on_event is not None:
            on_event(event)

    company = Company(
        progress=LoggedProgress(), people=None if ask is None else AskedPeople(ask), watch=watch
    )
    try:
        return Outcome.of(await drive_session(app.clock, ready, company))
    except BaseException as error:
        if saved:
            error.add_note(_how_to_resume(ready.session.id))
        raise


def _how_to_resume(session_id: str) -> str:
    return (
        f"Session {session_id} is saved; to resume it: strands_durable.resume({session_id!r}), "
        f"or on a command line: strands resume {session_id}"
    )
