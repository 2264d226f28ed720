"""How a run ended: what people are told, what goes to standard output, and the exit code."""

from __future__ import annotations

import json
from typing import Any, assert_never

from durable_core.patterns.base import Exhausted, Failed, Finished, Open, Waiting
from durable_core.session import Session, doubts, open_gates, status, verdict
from durable_core.views.documents import pattern_document, session_document
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.terminal import Progress, show_result
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.messages import tool_calls as tool_call_messages


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
        "in_doubt": pattern_document(session)["in_doubt"],
        "token_usage": document["token_usage"],
        "artifacts": document["artifacts_written"],
    }


def _said(session: Session, *, saved: bool, resumed: bool) -> tuple[str, ...]:
    kept = session.id if saved else None
    total = session.spending.usage.total
    earlier = session.resumed_from.total
    match verdict(session):
        case Finished():
            tokens = run_messages.total_tokens(total - earlier, earlier if resumed else None)
            return (run_messages.workflow_complete(), tokens)
        case Failed(unit, fault):
            told = run_messages.workflow_failed(f"{unit}: {fault.message}", kept)
            in_doubt = doubts(session) if fault.kind == "in_doubt" else ()
            return (told[0], *tool_call_messages.doubts_open(in_doubt, kept), *told[1:])
        case Exhausted(budget, limit, spent):
            return run_messages.budget_used_up(budget, spent, limit, kept)
        case Waiting():
            questions = [
                run_messages.question_open(gate.unit, gate.prompt, session.id) for gate in open_gates(session)
            ]
            asked = tuple(line for question in questions for line in question)
            in_doubt = doubts(session)
            resume = (run_messages.resume_command(session.id),) if in_doubt and saved else ()
            return (*asked, *tool_call_messages.doubts_open(in_doubt, kept), *resume)
        case Open():
            return run_messages.interrupted(session.id) if saved else ("Interrupted.",)
        case _ as never:
            assert_never(never)
