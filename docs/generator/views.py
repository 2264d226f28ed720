"""What the views show, by example: the sample of each pattern, played to its end by the session machine."""

from __future__ import annotations

import json
from typing import Final

from docs.generator.samples import SAMPLES, spec_of
from durable_core.patterns import PATTERNS
from durable_core.session import Options, Session, Source
from durable_core.views.documents import pattern_document, session_document
from strands_durable.testing.memory_session import MemorySession
from strands_durable.testing.player import play_on

_ID: Final = "286f9cd6-2aca-47d9-a929-2389352dc0c7"


def session_view() -> str:
    """session.json of a completed session."""
    return _fenced(session_document(finished("chain")))


def pattern_views() -> str:
    """pattern_state.json of a completed session of each pattern."""
    return "\n\n".join(f"### {kind}\n\n{_fenced(pattern_document(finished(kind)))}" for kind in PATTERNS)


def finished(kind: str) -> Session:
    """The sample of ``kind``, in which everybody gives the first of the sample's answers."""
    sample = SAMPLES[kind]
    began = MemorySession.of(
        spec_of(kind, sample.config),
        {"topic": "tides"},
        session_id=_ID,
        name="tides",
        source=Source(text="", format="yaml", sha256="0" * 64, path="/home/me/tides.yaml"),
        options=Options(out="/home/me/artifacts"),
    )
    return play_on(began, sample.first_answer).session


def _fenced(document: dict[str, object]) -> str:
    return f"```json\n{json.dumps(document, indent=2)}\n```"
