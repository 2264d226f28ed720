"""Runs a workflow again from every place where it could have been killed, and compares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from durable_core.frozen import frozen
from durable_core.session import Event
from durable_core.types import Json
from strands_durable.specs import SpecLike
from strands_durable.testing.answers import ScriptedAnswers
from strands_durable.testing.memory_session import MemorySession
from strands_durable.testing.player import Played, paths_written, play, play_on


@frozen(kw_only=True)
class CrashDifference:
    """After a crash that left the first ``kept`` events, ``what`` was ``after`` instead of ``before``.

    ``last`` is the last event that was kept. ``what`` is status, result, error, artifacts, or what was asked
    or answered at a unit.
    """

    kept: int
    last: Event
    what: str
    before: object
    after: object

    def __str__(self) -> str:
        """The difference as a sentence."""
        unit = getattr(self.last, "unit", None)
        place = self.last.type.partition("/")[0] + (f" of {unit}" if unit else "")
        return (
            f"killed after event {self.kept} ({place}), {self.what} is {self.after!r:.200} "
            f"instead of {self.before!r:.200}"
        )


def crash_everywhere(
    spec: SpecLike, variables: Mapping[str, Json] | None = None, answers: ScriptedAnswers | None = None
) -> tuple[CrashDifference, ...]:
    """What differs when the workflow is killed after any event of its journal and resumed; () for nothing.

    Takes what ``play`` takes and raises what it raises. The workflow is played once whole, and then once for
    each event: the journal up to it is all that is left, and the session is resumed and asked the same again.
    A question that is open at the end stays open. A workflow of *n* events is played *n* times: some tens of
    units take a second or so.

    Differences have their cause in the answers: a model that answers by the number of its attempts, say, or a
    fault that a resume, which gives every unit its retries anew, gets over.
    """
    whole = play(spec, variables, answers)
    return tuple(
        difference
        for kept in range(1, len(whole.events))
        for difference in _differences(kept, whole, _resumed(whole, kept, answers or {}))
    )


def _resumed(whole: Played, kept: int, answers: ScriptedAnswers) -> Played:
    session = MemorySession.replayed(whole.events[:kept])
    session.resume()
    written = paths_written(whole.events[:kept])
    texts = {path: text for path, text in whole.artifacts.items() if path in written}
    return play_on(session, answers, texts)


def _differences(kept: int, whole: Played, resumed: Played) -> Iterator[CrashDifference]:
    told, again = dict(_told(whole)), dict(_told(resumed))
    for what in {**told, **again}:
        before, after = told.get(what), again.get(what)
        if before != after:
            yield CrashDifference(
                kept=kept, last=whole.events[kept - 1], what=what, before=before, after=after
            )


def _told(played: Played) -> Iterator[tuple[str, object]]:
    """What a crash must not change, by name."""
    yield "the status", played.status
    yield "the result", played.result
    yield "the error", played.error
    yield "the artifacts", dict(played.artifacts)
    for unit in played.units:
        yield f"what {unit.id} was asked", unit.prompt
        yield f"the answer of {unit.id}", unit.answer
