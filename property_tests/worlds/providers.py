"""What runs outside of a session: attempts, the messages and the cost of a model, and a spec's source."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from durable_core.session import ArtifactText, Source, Turn
from durable_core.spec.models import Spec
from durable_core.types import Json, UnitId, Usage


@dataclass(frozen=True, slots=True)
class Flight:
    """An attempt that was launched and has not reported; ``sent`` counts its messages so far."""

    todo: Turn | ArtifactText
    sent: int = 0


def messages_of(turn: Turn, answer: str) -> tuple[Json, ...]:
    """The messages of ``turn``, from its prompt to ``answer``."""
    used = usage_of(turn.unit)
    tokens = {"inputTokens": used.input_tokens, "outputTokens": used.output_tokens}
    return (
        {"role": "user", "content": [{"text": turn.prompt}]},
        {"role": "assistant", "content": [{"text": answer}], "metadata": {"usage": tokens}},
    )


def source_of(spec: Spec) -> Source:
    """The source that a spec would have been read from, written in our own JSON."""
    text = spec.model_dump_json(by_alias=True, exclude_unset=True)
    return Source(text=text, format="json", sha256=sha256(text))


def usage_of(unit: UnitId) -> Usage:
    """What an answer for ``unit`` costs: one to four tokens in, two out, by the unit alone."""
    return Usage(1 + sum(unit.encode()) % 4, 2)


def digests_of(before: str, messages: Sequence[Json]) -> tuple[str, ...]:
    """The digest of a conversation after each of ``messages``, when it was ``before`` (hex)."""
    found = []
    for message in messages:
        before = digest_after(before, message)
        found.append(before)
    return tuple(found)


def digest_after(before: str, message: Json) -> str:
    """The digest of a conversation that was ``before`` (hex) and grew by ``message``."""
    return sha256(before + json.dumps(message, sort_keys=True))


def sha256(text: str) -> str:
    """The SHA-256 of ``text`` in UTF-8, as hex."""
    return hashlib.sha256(text.encode()).hexdigest()
