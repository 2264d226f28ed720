"""Whether the workflow that a journal keeps as data is the one that its text says, and can be one at all.

Both stand in the journal: the text for people and for a later reading, the data so that a session goes on as
it was understood. A journal whose data says something else would run what nobody can read in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from returns.result import Success

from durable_core.journal.verification import Inconsistency
from durable_core.session.events import Event, SessionResumed, SessionStarted, SpecChanged
from durable_core.spec.checks import check_structure
from durable_core.spec.models import Spec
from durable_core.spec.parse import parse_spec
from durable_core.spec.source import Source


def check_specs(events: Iterable[Event], program: str) -> Inconsistency | None:
    """The first workflow that is not what its text says, or that nobody can have begun.

    ``program`` is the version that reads it now. Only what that very version read is held to its reading:
    another one may have read the text otherwise, and one that it does not take any more may have been good
    then. What a driver relies on must be there all the same. A version that finds the text of an earlier one
    at another place reads nothing: it keeps the workflow as that one understood it.
    """
    writer = ""
    kept: SessionStarted | SpecChanged | None = None
    for line, event in enumerate(events, start=1):
        if isinstance(event, SessionStarted | SessionResumed):
            writer = event.writer.program
        if not isinstance(event, SessionStarted | SpecChanged):
            continue
        before, kept = kept, event
        if before is not None and _only_moved(before, event):
            continue
        wrong = _disagreement(event.spec, event.source if writer == program else None)
        if wrong is not None:
            return Inconsistency(line, wrong)
    return None


def _only_moved(before: SessionStarted | SpecChanged, after: SessionStarted | SpecChanged) -> bool:
    same_text = replace(before.source, path=None) == replace(after.source, path=None)
    return same_text and _written(before.spec) == _written(after.spec)


def _disagreement(spec: Spec, source: Source | None) -> str | None:
    """What is wrong with a workflow; ``source`` is the text that it must be what it says of."""
    read = None if source is None else parse_spec(source.text, format=source.format, refs=source.refs)
    if isinstance(read, Success):
        agree = _written(read.unwrap()) == _written(spec)
        return None if agree else "the workflow is not what the text says that is kept with it"
    for problem in check_structure(spec):
        return f"the workflow in it is not one that any version of this program began: {problem.message}"
    return None


def _written(spec: Spec) -> str:
    """A spec as text. The order of its keys counts: the first node of a graph is the entry."""
    return json.dumps(spec.model_dump(mode="json", by_alias=True, exclude_unset=True))
