"""How a run ended: what people are told, what goes to standard output, and the exit code."""

from __future__ import annotations

from typing import Any, assert_never

from durable_core.patterns.base import Exhausted, Failed, Finished, Open, Waiting
from durable_core.session import Session, doubts, open_gates, verdict
from durable_core.session.scheduling import status_at_rest
from durable_core.views.documents import pattern_document, session_document
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.terminal import Progress, show_result
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.messages import tool_calls as tool_call_messages
from durable_shell.terminal.safe_text import json_text


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
    code, verdict_now = exit_code(session), verdict(session)
    tell = progress.note if isinstance(verdict_now, Finished) else progress.warn
    for line in _lines(session, saved=saved, resumed=resumed):
        tell(line)
    if as_json:
        environment.stdout.write(json_text(result_document(session, code)) + "\n")
    elif isinstance(verdict_now, Finished):
        show_result(environment, verdict_now.result)
    elif isinstance(verdict_now, Failed) and verdict_now.kept is not None:
        show_result(environment, verdict_now.kept)
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
    verdict_now = verdict(session)
    return {
        "session_id": session.id,
        "workflow": session.spec.name,
        "status": status_at_rest(session),
        "exit_code": int(code),
        "result": verdict_now.result if isinstance(verdict_now, Finished) else None,
        "error": document["metadata"]["error"],
        "gates": [
            {"unit": gate.unit, "prompt": gate.prompt, "display": gate.display, "default": gate.default}
            for gate in open_gates(session)
        ],
        "in_doubt": pattern_document(session)["in_doubt"],
        "token_usage": document["token_usage"],
        "artifacts": document["artifacts_written"],
    }


def _lines(session: Session, *, saved: bool, resumed: bool) -> tuple[str, ...]:
    kept = session.id if saved else None
    total = session.spending.usage.total
    earlier = session.resumed_from.total
    match verdict(session):
        case Finished():
            tokens = run_messages.total_tokens(
                total - earlier, earlier if resumed else None, session.spending.unreported
            )
            return (run_messages.workflow_complete(), tokens)
        case Failed(unit, fault):
            first, next_step = run_messages.workflow_failed(f"{unit}: {fault.message}", kept)
            in_doubt = doubts(session) if fault.kind == "in_doubt" else ()
            return (first, *tool_call_messages.doubts_open(in_doubt, kept), next_step)
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
            return run_messages.interrupted(kept)
        case _ as never:
            assert_never(never)
