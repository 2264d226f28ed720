"""How a run ended: what people are told, what goes to standard output, and the exit code."""

from __future__ import annotations

import json
from typing import Any, assert_never

from durable_core.machine import Exhausted, Failed, Finished, Open, Waiting
from durable_core.session import Session, open_gates, status, verdict
from durable_core.views import session_document
from durable_shell.environment import Environment
from durable_shell.exits import Exit
from durable_shell.screens import Progress, show_result, texts


def conclude(
    environment: Environment,
    progress: Progress,
    session: Session,
    *,
    saved: bool,
    resumed: bool,
    as_json: bool,
) -> int:
    """Say how ``session`` ended and give the exit code. ``saved`` is False when nothing was kept on disk."""
    code = exit_code(session)
    for line in _said(session, saved=saved, resumed=resumed):
        if code is Exit.DONE:
            progress.note(line)
        else:
            progress.warn(line)
    stand = verdict(session)
    if as_json:
        document = json.dumps(result_document(session, code), indent=2, ensure_ascii=False)
        environment.stdout.write(document + "\n")
    elif isinstance(stand, Finished):
        show_result(environment, stand.result)
    elif isinstance(stand, Failed) and stand.kept is not None:
        show_result(environment, stand.kept)
    return code


def exit_code(session: Session) -> Exit:
    """The exit code of a run that ended with ``session``."""
    match verdict(session):
        case Finished():
            return Exit.DONE
        case Failed(_, fault):
            return Exit.IO if fault.kind == "artifact" else Exit.FAILED
        case Waiting():
            return Exit.WAITING
        case Exhausted():
            return Exit.BUDGET
        case Open():
            return Exit.INTERRUPTED
        case _ as never:
            assert_never(never)


def result_document(session: Session, code: int) -> dict[str, Any]:
    """What ``--json`` prints of a run."""
    document = session_document(session)
    stand = verdict(session)
    return {
        "session_id": session.id,
        "workflow": session.spec.name,
        "status": "interrupted" if isinstance(stand, Open) else status(session),
        "exit_code": int(code),
        "result": stand.result if isinstance(stand, Finished) else None,
        "error": document["metadata"]["error"],
        "gates": [
            {"unit": gate.unit, "prompt": gate.prompt, "display": gate.display, "default": gate.default}
            for gate in open_gates(session)
        ],
        "token_usage": document["token_usage"],
        "artifacts": document["artifacts_written"],
    }


def _said(session: Session, *, saved: bool, resumed: bool) -> tuple[str, ...]:
    kept = session.id if saved else None
    total = session.spending.usage.total
    earlier = session.resumed_from.total
    match verdict(session):
        case Finished():
            tokens = texts.total_tokens(total - earlier, earlier if resumed else None)
            return (texts.workflow_complete(), tokens)
        case Failed(unit, fault):
            return texts.workflow_failed(f"{unit}: {fault.message}", kept)
        case Exhausted(budget, limit, spent):
            return texts.budget_used_up(budget, spent, limit, kept)
        case Waiting():
            questions = [
                texts.question_open(gate.unit, gate.prompt, session.id) for gate in open_gates(session)
            ]
            return tuple(line for question in questions for line in question)
        case Open():
            return texts.interrupted(session.id) if saved else ("Interrupted.",)
        case _ as never:
            assert_never(never)
