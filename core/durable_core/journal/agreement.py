"""Whether the workflow that a journal keeps as data is the one that its text says.

Both stand in the journal: the text for people and for a later reading, the data so that a session goes on as
it was understood. A journal whose data says something else would run what nobody can read in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from returns.result import Success

from durable_core.journal.verification import Inconsistency
from durable_core.session.events import Event, SessionResumed, SessionStarted, SpecChanged
from durable_core.spec.models import Spec
from durable_core.spec.parse import parse_spec
from durable_core.spec.source import Source


def check_specs(events: Iterable[Event], program: str) -> Inconsistency | None:
    """The first workflow that is not what its text says. ``program`` is the version that reads it now.

    Only what that very version wrote is held to its reading: another one may have read the text otherwise,
    and one that it does not take any more may have been good then.
    """
    writer = ""
    for line, event in enumerate(events, start=1):
        if isinstance(event, SessionStarted | SessionResumed):
            writer = event.writer.program
        if not isinstance(event, SessionStarted | SpecChanged) or writer != program:
            continue
        if not _agree(event.spec, event.source):
            return Inconsistency(line, "the workflow is not what the text says that is kept with it")
    return None


def _agree(spec: Spec, source: Source) -> bool:
    read = parse_spec(source.text, format=source.format, refs=source.refs)
    return not isinstance(read, Success) or _written(read.unwrap()) == _written(spec)


def _written(spec: Spec) -> str:
    """A spec as text. The order of its keys counts: the first node of a graph is the entry."""
    return json.dumps(spec.model_dump(mode="json", by_alias=True, exclude_unset=True))
