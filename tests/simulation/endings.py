"""What a session came to, and whether its folder shows it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from durable_core.patterns.base import Failed, Finished
from durable_core.session import Session, status, verdict
from durable_core.types import Json
from durable_core.views.documents import agent_document, message_document, pattern_document, session_document
from durable_shell.store.view_files import agent_folder
from tests.simulation import ledger as promises
from tests.simulation.disk import File
from tests.simulation.scene import FOLDER, Scene


@dataclass(frozen=True, slots=True)
class End:
    """What a calm run and any other must agree on. ``conversations`` is None where answers were malformed
    or, on the way, the spec was edited or a variable that its prompts are made of: what was said about that,
    or before, stays."""

    verdict: tuple[object, ...]
    pattern: str
    gates: tuple[tuple[object, ...], ...]
    artifacts: Mapping[str, str]
    conversations: Mapping[str, tuple[str, ...]] | None


def is_over(session: Session) -> bool:
    """Whether the session is finished, or its pattern has failed for good."""
    match verdict(session):
        case Finished():
            return True
        case Failed():
            return not session.failures
        case _:
            return False


def end_of(scene: Scene, session: Session) -> End:
    """What ``session`` came to."""
    match verdict(session):
        case Finished(result):
            scene.ledger.went_out("the result", result)
            stand: tuple[object, ...] = ("finished", result)
        case Failed(unit, fault, kept):
            stand = ("failed", unit, fault, kept)
        case other:
            stand = (type(other).__name__,)
    shown: Json = json.loads(json.dumps(pattern_document(session)))
    if scene.edited:
        _without_tokens(shown)
    reworded = scene.audience is not None and "{{ audience }}" in session.spec.model_dump_json()
    gates = tuple(sorted((gate["unit"], gate["prompt"], gate["response"]) for gate in shown.pop("gates")))
    said = {
        name: tuple(part["text"] for told in conversation.messages for part in told.message["content"])
        for name, conversation in session.conversations.items()
    }
    return End(
        stand,
        json.dumps(shown),
        gates,
        dict(scene.artifacts),
        None if scene.malformed or scene.edited or reworded else said,
    )


def _without_tokens(shown: Json) -> None:
    """Under an edited spec an answer that was saved may be asked for anew, and its unit has cost more
    then."""
    for value in shown.values() if isinstance(shown, dict) else shown:
        if isinstance(value, dict):
            value.pop("tokens", None)
        if isinstance(value, dict | list):
            _without_tokens(value)


def check_views(scene: Scene, session: Session) -> None:
    """The files show the session, and no conversation keeps more or less than its mark says."""
    expected: dict[str, Any] = {
        "session.json": session_document(session),
        "pattern_state.json": pattern_document(session),
    }
    for name, conversation in session.conversations.items():
        scene.ledger.left(name, conversation)
        folder = f"agents/{agent_folder(name)}"
        expected[f"{folder}/agent.json"] = agent_document(name, conversation)
        for index, said in enumerate(conversation.messages):
            expected[f"{folder}/messages/message_{index}.json"] = message_document(index, said)
    found = {path.removeprefix(f"{FOLDER}/"): file for path, file in scene.disk.files(FOLDER)}
    for path, document in expected.items():
        if path not in found:
            scene.ledger.violated(promises.STALE_VIEW, f"{path} is missing ({status(session)})")
        elif not _shows(found[path], json.loads(json.dumps(document))):
            shown = bytes(found[path].data).decode(errors="replace")
            scene.ledger.violated(promises.STALE_VIEW, f"{path} ({status(session)}) holds {shown}")
    for path in sorted(found):
        kept = path.endswith(".writing") or ".damaged-" in path
        if path.startswith("agents/") and path not in expected and not kept:
            scene.ledger.violated(promises.HALF_A_TURN, f"{path} is left over")


def _shows(file: File, document: dict[str, Json]) -> bool:
    """Whether a file holds the document; what the store adds for itself, such as a checksum, does not
    count."""
    try:
        shown = json.loads(bytes(file.data))
    except ValueError:
        return False
    return isinstance(shown, dict) and {name: shown.get(name) for name in document} == document
