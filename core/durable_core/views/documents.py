"""Views: the documents that a session's folder shows, derived from its state.

Their field names are a contract with the people and scripts that read them. Nothing is ever read back
from a view but the variables, which people may edit between two runs.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from operator import attrgetter
from typing import Final

from durable_core.patterns import pattern_of
from durable_core.patterns.base import Exhausted, Failed
from durable_core.session.conversation import Conversation, ConversationMessage
from durable_core.session.evolution import given_up
from durable_core.session.in_doubt import Doubt, doubts
from durable_core.session.scheduling import open_gates, status, status_at_rest, verdict
from durable_core.session.state import Gate, Session, WrittenArtifact
from durable_core.types import Json, Usage

SCHEMA_VERSION: Final = 1
"""Version of the layout of session.json; raised when a field changes its meaning."""


def iso_time(at: float) -> str:
    """``at`` (seconds since the epoch) as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def error_of(session: Session) -> str | None:
    """Why the session failed, in a sentence; None unless it did."""
    match verdict(session):
        case Failed(unit, fault):
            return f"{unit}: {fault.message}"
        case Exhausted(budget, limit, spent):
            return f"budget {budget} is used up: {spent:g} of {limit:g}"
        case _:
            return None


def artifacts_in_order(session: Session) -> tuple[WrittenArtifact, ...]:
    """The artifacts that were written, in the order of the spec."""
    return tuple(sorted(session.artifacts.values(), key=attrgetter("index")))


def as_left(session: Session, *, driven: bool) -> tuple[Session, dict[str, Json]]:
    """A session as it is to be shown, and its ``session.json`` as of now.

    One that runs and that nobody drives any more (``driven``) is interrupted: which tool calls are in doubt
    shows only then.
    """
    document = session_document(session)
    if driven or document["metadata"]["status"] != "running":
        return session, document
    document["metadata"]["status"] = status_at_rest(session)
    return given_up(session), document


def session_document(session: Session) -> dict[str, Json]:
    """session.json."""
    spec, source = session.spec, session.source
    return {
        "schema_version": SCHEMA_VERSION,
        "as_of": session.seq,
        "metadata": {
            "session_id": session.id,
            "name": session.name,
            "workflow_name": spec.name,
            "pattern_type": spec.pattern.type,
            "status": status(session),
            "spec_path": source.path,
            "spec_hash": source.sha256,
            "folder": session.options.folder,
            "created_at": iso_time(session.created_at),
            "updated_at": iso_time(session.updated_at),
            "error": error_of(session),
        },
        "variables": dict(session.variables),
        "runtime_config": {
            "provider": spec.runtime.provider,
            "model_id": spec.runtime.model_id,
            "max_parallel": spec.runtime.max_parallel,
            "budgets": session.budgets.model_dump(mode="json"),
            "out": session.options.out,
            "force": session.options.force,
        },
        "token_usage": _token_usage(session),
        "artifacts_written": [
            {"path": written.path, "sha256": written.sha256, "size": written.size}
            for written in artifacts_in_order(session)
        ],
    }


def pattern_document(session: Session) -> dict[str, Json]:
    """pattern_state.json: the pattern's own fields, and the gates and tool calls in doubt of all.

    Everything is JSON as it comes back from a file (lists and mappings), in the spec's order or in id order
    and never in the order of arrival.
    """
    gates = [*session.answered, *open_gates(session)]
    failed = tuple(failure.unit for failure in session.failures)
    return {
        **pattern_of(session.spec).view(session.pattern, failed),
        "gates": [_gate(gate) for gate in gates],
        "in_doubt": [_doubt(doubt) for doubt in doubts(session)],
    }


def agent_document(name: str, conversation: Conversation) -> dict[str, Json]:
    """agents/<conversation>/agent.json, in the SDK's own form."""
    memory = conversation.mark_after(len(conversation.residue)).memory
    times = [one.at for one in (*conversation.messages[:1], *conversation.messages[-1:])] or [0.0]
    return {
        "agent_id": name,
        "state": memory.state or {},
        "conversation_manager_state": memory.manager or {},
        "_internal_state": memory.internal or {},
        "created_at": iso_time(times[0]),
        "updated_at": iso_time(times[-1]),
    }


def message_document(index: int, one: ConversationMessage) -> dict[str, Json]:
    """agents/<conversation>/messages/message_<index>.json, in the SDK's own form."""
    return {
        "message": one.message,
        "message_id": index,
        "redact_message": None,
        "created_at": iso_time(one.at),
        "updated_at": iso_time(one.at),
    }


def _token_usage(session: Session) -> dict[str, Json]:
    def tokens(usage: Usage) -> dict[str, int]:
        return {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}

    used, unknown = session.spending.usage, session.spending.unreported
    return {
        "total_input_tokens": used.input_tokens,
        "total_output_tokens": used.output_tokens,
        "by_agent": {agent: tokens(usage) for agent, usage in sorted(session.spending.by_agent.items())},
        **({"unreported_calls": unknown} if unknown else {}),
    }


def _doubt(doubt: Doubt) -> dict[str, Json]:
    call = doubt.call
    return {
        "unit": doubt.unit,
        "call": call.call,
        "tool": call.name,
        "input": call.input,
        "started_at": iso_time(call.at),
    }


def _gate(gate: Gate) -> dict[str, Json]:
    shown = asdict(gate)
    shown["choices"] = list(gate.choices)
    shown["opened_at"] = iso_time(gate.opened_at)
    shown["deadline"] = None if gate.deadline is None else iso_time(gate.deadline)
    return shown
