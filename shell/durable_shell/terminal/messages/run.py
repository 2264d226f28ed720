"""What people are told of runs, resumes, checks, deletions and lists, on plain and drawn screens.

The words are a contract: people and scripts read them. ``terminal/safe_text`` keeps what models and files
wrote from steering a terminal.
"""

from __future__ import annotations

from collections.abc import Iterable

from durable_shell.terminal.safe_text import one_line, printable, short_id, shortened, some

# --- Running -------------------------------------------------------------------------------------------


def session_renamed(session_id: str, name: str) -> str:
    """A session gave its name to another one."""
    return f"Session {session_id} is called {shortened(one_line(name), 80)} now."


def session_id_line(session_id: str) -> str:
    """The first line of a run."""
    return f"Session ID: {session_id}"


def running_workflow(name: str) -> str:
    """What runs."""
    return f"Running workflow: {one_line(name)}"


def complete(title: str, tokens: int, unreported: int = 0) -> str:
    """A unit is done; ``tokens`` are those it used, input and output, without ``unreported`` model calls."""
    named = one_line(title)
    if unreported and not tokens:
        return f"{named} - COMPLETE (tokens unknown)"
    return f"{named} - COMPLETE ({'at least ' if unreported else ''}{tokens} tokens)"


def step_failed(title: str, reason: str) -> str:
    """A unit failed for good; an empty ``reason`` is told elsewhere."""
    failed = f"{one_line(title)} - FAILED"
    return f"{failed} ({one_line(reason)})" if reason else failed


def attempt_failed(attempt: tuple[int, int] | None, reason: str) -> str:
    """Why an attempt failed, and its number of how many; each may be missing."""
    said = f"attempt {attempt[0]} of {attempt[1]}" if attempt else ""
    return ": ".join(part for part in (said, one_line(reason)) if part)


def waiting(title: str, seconds: float, reason: str) -> str:
    """A unit is tried again in ``seconds``; at once, if that is 0."""
    when = f"in {seconds:.3g} s" if seconds > 0 else "now"
    return f"{one_line(title)} - RETRY {when} ({one_line(reason)})"


def workflow_complete() -> str:
    """The end of a run that succeeded."""
    return "✓ Workflow complete"


def total_tokens(new: int, resumed: int | None = None, unreported: int = 0) -> str:
    """Tokens of the session; ``resumed`` are those from before this resume, None in a fresh run.

    Of ``unreported`` model calls the provider did not say what they cost.
    """
    if unreported:
        known = new + (resumed or 0)
        calls = "1 model call" if unreported == 1 else f"{unreported} model calls"
        return f"Total tokens: {f'at least {known}' if known else 'unknown'} (no usage reported of {calls})"
    if resumed is None:
        return f"Total tokens: {new}"
    return f"Total tokens: {resumed + new} ({resumed} from resumed session + {new} new)"


def artifact_written(path: str) -> str:
    """One file of the workflow's outputs."""
    return f"Artifact written: {one_line(path)}"


# --- Resuming ------------------------------------------------------------------------------------------


def resuming(session_id: str) -> str:
    """The first line of a resume."""
    return f"Resuming session: {short_id(session_id)}"


def unit_started(unit: str, title: str) -> str:
    """For a log, which has a line where a screen has a moving one."""
    return f"{one_line(unit)}: started ({one_line(title)})"


def unit_waits(unit: str, title: str, seconds: float, reason: str) -> str:
    """The same for a unit whose next attempt waits ``seconds``, and why it needs one."""
    return f"{one_line(unit)}: tried again in {seconds:g} s ({one_line(title)}): {one_line(reason)}"


def skipping(unit: str) -> str:
    """A unit that is done already, and who completed it."""
    return f"Skipping completed {one_line(unit)}"


def spec_changed(original: str, current: str, changes: Iterable[str]) -> tuple[str, ...]:
    """The workflow file is not what it was: hashes as hex, and one line for each change."""
    return (
        "⚠ Warning: Spec file has changed since session creation",
        f"Original: {original[:8]}...",
        f"Current:  {current[:8]}...",
        *(f"  {change}" for change in some(changes)),
        "Continuing with execution...",
    )


def spec_gone(path: str) -> str:
    """The workflow file is missing; the snapshot runs."""
    return (
        f"⚠ Warning: Spec file {one_line(path)} is gone. Continuing with the snapshot of the session. "
        "If it was moved, resume with --spec PATH."
    )


def spec_moved(old: str, new: str, out: str) -> str:
    """The workflow file is somewhere else now, by the person's word or because the whole project is."""
    return (
        f"⚠ Warning: The workflow was {one_line(old)} and is {one_line(new)} now. "
        f"Artifacts go to {one_line(out)}. (Another place: --spec PATH, --out DIR.)"
    )


def question_withdrawn(what: str) -> str:
    """A question that was open is gone from the changed workflow, or reads otherwise in it."""
    return f"⚠ Warning: {one_line(what[:1].upper() + what[1:])}."


def force_kept(out: str) -> str:
    """The session was begun, or resumed earlier, with --force."""
    return (
        f"⚠ Warning: Artifacts replace files that are there, in {one_line(out)}: "
        "an earlier run of this session had --force. (Another folder: --out DIR.)"
    )


def moved_hint(session_id: str) -> str:
    """Below what can't be found, where the session's folder is not there any more."""
    return f"If the project was moved, name its workflow: strands resume {session_id} --spec PATH"


def folder_gone(folder: str, out: str, session_id: str) -> tuple[str, ...]:
    """Artifacts would have to go into a folder that has vanished. Exit 12."""
    return (
        f"Error: The folder {one_line(folder)}, where the session was started, is gone; "
        f"its artifacts were to go to {one_line(out)}.",
        "Nothing has run. What was completed before is saved.",
        moved_hint(session_id),
        f"To write them somewhere else: strands resume {session_id} --out DIR",
    )


def spec_meaningless(reason: str, session_id: str) -> tuple[str, ...]:
    """The workflow changed so much that a resume has no meaning. Exit 3."""
    return (
        f"Error: The session can't be resumed with the changed spec: {one_line(reason)}",
        "Nothing has run. What was completed before is saved.",
        snapshot_hint(session_id),
    )


def snapshot_hint(session_id: str) -> str:
    """Below what is wrong with the changed file."""
    return f"To resume with the spec as it was: strands resume {session_id} --spec-from snapshot"


def torn_end_dropped(size: int) -> str:
    """The last driver died in the middle of a write."""
    return f"⚠ Warning: {size} bytes of a line that was never finished were dropped from the journal."


def variables_edited(names: Iterable[str]) -> str:
    """Values that somebody changed in session.json are taken over."""
    return f"Variables taken over from session.json: {', '.join(some(names))}"


# --- Stopping ------------------------------------------------------------------------------------------


def resume_command(session_id: str) -> str:
    """How to resume a session."""
    return f"To resume: strands run --resume {session_id}"


def nothing_kept() -> str:
    """Below the reason why a run stopped that was not saved."""
    return "Nothing was kept, as --no-save-session asks."


def stopped_short(session_id: str | None) -> tuple[str, ...]:
    """Below the reason why a run stopped in the middle; ``session_id`` is None if nothing was kept."""
    if session_id is None:
        return (nothing_kept(),)
    return ("Everything completed is saved.", resume_command(session_id))


def stopping() -> str:
    """After the first Ctrl-C."""
    return "Interrupted: finishing what runs, starting nothing new. Press Ctrl-C again to stop now."


def interrupted(session_id: str | None) -> tuple[str, ...]:
    """A run ended by Ctrl-C, SIGTERM or SIGHUP; ``session_id`` is None if nothing was kept. Exit 130."""
    if session_id is None:
        return ("Interrupted.", nothing_kept())
    return ("Interrupted. Everything completed is saved.", resume_command(session_id))


def workflow_failed(reason: str, session_id: str | None) -> tuple[str, ...]:
    """A run that failed; ``session_id`` is None if nothing was kept."""
    first = f"Error: Workflow failed: {one_line(reason)}"
    return (first, nothing_kept() if session_id is None else resume_command(session_id))


def budget_used_up(budget: str, used: float, limit: float, session_id: str | None) -> tuple[str, ...]:
    """A budget ran out. Exit 20."""
    first = f"Error: Budget used up: {budget} {used:g} of {limit:g}"
    if session_id is None:
        return (first, nothing_kept())
    more = max(limit, used) * 2
    return (first, f"Raise it and resume: strands resume {session_id} --budget {budget}={more:.0f}")


def budget_warning(budget: str, used: float, limit: float) -> str:
    """A budget is nearly used up."""
    return f"⚠ Warning: {budget} {used:g} of {limit:g} used ({used / limit:.0%})"


def budget_unkept(budget: str) -> str:
    """A budget in tokens, and a provider that does not report them."""
    return (
        f"⚠ Warning: {budget} can't be kept: the provider reports no usage. "
        "Only what is reported counts; max_steps and max_duration_s hold."
    )


def question_open(unit: str, prompt: str, session_id: str) -> tuple[str, ...]:
    """A session waits for a person. Exit 19."""
    return (
        f"Waiting for an answer at {one_line(unit)}:",
        *(f"  {line}" for line in printable(prompt).splitlines()),
        f'To answer: strands run --resume {session_id} --gate {one_line(unit)} --hitl-response "..."',
    )


def question(
    unit: str, prompt: str, display: str | None, choices: Iterable[str], default: str | None
) -> tuple[str, ...]:
    """A question put on the terminal: what to look at, what is asked, what may be answered."""
    offered = ", ".join(one_line(choice) for choice in choices)
    return (
        f"Question at {one_line(unit)}:",
        *(f"  {line}" for text in (display, prompt) if text for line in printable(text).splitlines()),
        *((f"Choices: {offered}",) if offered else ()),
        *((f"Default: {one_line(default)}",) if default else ()),
        "Type the answer; e opens an editor, l leaves it for later.",
    )


def answer_prompt() -> str:
    """What stands before the cursor."""
    return "> "


def input_prompt(name: str, kind: str, description: str | None) -> str:
    """Asks for a required variable that is missing, with ``--ask``."""
    about = f": {one_line(description)}" if description else ""
    return f"{one_line(name)} ({kind}){about} > "


def answer_recorded(session_id: str, still_open: Iterable[str]) -> tuple[str, ...]:
    """A person's answer is in the journal; nothing has run."""
    others = ", ".join(some(still_open))
    return (
        f"Answer recorded in session {short_id(session_id)}",
        *((f"Still open: {others}",) if others else ()),
        resume_command(session_id),
    )


def timeout_taken(session_id: str, unit: str, response: str) -> str:
    """A gate's time was over and its default was taken."""
    return f"{session_id}: {one_line(unit)} timed out, its default is taken: {one_line(response)}"


def timeout_failed(session_id: str, unit: str, reason: str) -> tuple[str, ...]:
    """A gate's time was over and it has no default."""
    return (
        f"{session_id}: {one_line(unit)} failed: {one_line(reason)}",
        f"What was completed is saved. {resume_command(session_id)}",
    )


# --- Checking ------------------------------------------------------------------------------------------


def valid(path: str, name: str, pattern: str) -> str:
    """A workflow without problems."""
    return f"{one_line(path)} is valid: {one_line(name)} ({pattern})"


def drawing_written(name: str) -> str:
    """A drawing is on disk."""
    return f"Drawing written: {one_line(name)}"


# --- Deleting ------------------------------------------------------------------------------------------


def delete_question(session_id: str) -> str:
    """Asked before a session goes."""
    return f"Delete session {short_id(session_id)}? [y/N]: "


def delete_needs_force(session_ids: Iterable[str]) -> str:
    """Nobody can be asked. Exit 2, nothing deleted."""
    command = f"strands sessions delete {' '.join(session_ids)} --force"
    return f"Error: Nobody to ask. Nothing was deleted. To delete: {command}"


def deleted(session_id: str) -> str:
    """Done."""
    return f"Deleted session: {session_id}"


def not_deleted(session_id: str) -> str:
    """The answer was no."""
    return f"Kept session: {session_id}"


# --- Listing -------------------------------------------------------------------------------------------


def no_sessions() -> str:
    """The list is empty."""
    return "No sessions. Start one with: strands run SPEC"


def session_heading(session_id: str) -> str:
    """Over one session's details."""
    return f"Session {short_id(session_id)}"
