"""What people are told of mistakes and of trouble with a session: what happened, and what to do next."""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import accumulate, islice
from typing import Final

from durable_shell.terminal.safe_text import MOST_LISTED, one_line, short_id, shortened, some

UPGRADE: Final = "pip install --upgrade strands-durable"
"""How a later version is had, wherever this one came from."""

MOST_TOLD: Final = 30_000
"""Characters in which the problems of one workflow are told on a screen."""


def error(message: str) -> str:
    """Any other mistake, in one line."""
    return f"Error: {one_line(message)}"


def session_not_found(given: str) -> tuple[str, ...]:
    """No session by that id, prefix or name. Exit 2."""
    return (
        f"Error: Session not found: {shortened(one_line(given), 80)}",
        "To see those that there are: strands sessions list",
    )


def none_here() -> tuple[str, ...]:
    """Nothing to resume. Exit 2."""
    return (
        "Error: No session that was started in this folder can be resumed.",
        "Nothing has run. To start one: strands run SPEC",
    )


def session_completed(session_id: str) -> tuple[str, ...]:
    """Nothing is left to resume. Exit 2."""
    return (
        f"Error: Session already completed: {session_id}",
        f"Nothing has run; what it did is kept. To see it: strands sessions show {session_id}",
    )


def session_ambiguous(given: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """Several sessions fit what was given. Exit 2."""
    return (
        f"Error: More than one session fits {shortened(one_line(given), 80)}:",
        *(f"  {candidate}" for candidate in some(candidates)),
        "Nothing was changed. Give more of the id of the one that you mean.",
    )


def name_in_use(name: str, session_id: str, status: str, aside: str, others: int) -> tuple[str, ...]:
    """A session that is not completed has the name; so do ``others``, which are older. Exit 2.

    With --replace it would be called ``aside``.
    """
    more = f" (and {others} more)" if others else ""
    first = f"Error: The name {shortened(one_line(name), 80)} is in use by session {session_id}{more}"
    if status == "damaged":
        return (
            f"{first}, which is damaged",
            f"Nothing has run. To repair it: strands sessions repair {session_id}",
        )
    when = "Once it has stopped, to" if status == "running" else "To"
    return (
        f"{first}, which is {status}",
        f"Nothing has run. {when} resume it: strands resume {session_id}",
        f"To call that one {shortened(one_line(aside), 80)} and begin another: --replace",
    )


def replaces_no_name() -> tuple[str, ...]:
    """--replace without the name that it is about. Exit 2."""
    return (
        "Error: --replace goes with --name NAME: the name that the new session is to have.",
        "Nothing has run.",
    )


def session_held(session_id: str, holder: str, ends: float | None = None) -> tuple[str, ...]:
    """Another process drives the session. Exit 17.

    ``ends`` (seconds since the epoch) is when its lease does, if nobody here can see whether it lives.
    """
    first = f"Error: Session {short_id(session_id)} is in use by {one_line(holder)}"
    if ends is None:
        return (first, "Wait until it ends, or stop it: what it has completed is saved.")
    until = time.strftime("%H:%M:%S", time.gmtime(ends))
    return (first, f"If that machine is gone, the session can be resumed from {until} UTC on.")


def session_damaged(session_id: str, path: str, line: int, reason: str) -> tuple[str, ...]:
    """A file of a session can't be trusted; ``line`` is 0 when no line is to blame. Exit 17."""
    place = one_line(path) if line == 0 else f"{one_line(path)}, line {line}"
    return (
        f"Error: Session {short_id(session_id)} is damaged: {one_line(reason)} ({place})",
        f"Nothing was changed. To see all: strands sessions verify {session_id}",
        f"To repair it: strands sessions repair {session_id}",
    )


def session_not_a_folder(session_id: str, path: str, is_link: bool) -> tuple[str, ...]:
    """A link, or a file, stands in the place of a session. Exit 17."""
    place = one_line(path)
    if not is_link:
        return (
            f"Error: Session {short_id(session_id)} can't be used: {place} is not a folder",
            "Nothing was changed. Move that file away, and put the session's folder in its place.",
        )
    return (
        f"Error: Session {short_id(session_id)} can't be used: {place} is a symbolic link; "
        "links are not followed",
        "Nothing was changed. To use the session, put its folder itself in the link's place; "
        "to keep all sessions elsewhere, set STRANDS_HOME.",
        f"To remove the link alone: strands sessions delete {session_id} --force",
    )


def session_newer(session_id: str, path: str, line: int, form: str, program: str) -> tuple[str, ...]:
    """A later version wrote ``form`` into a session; ``program`` is that version, "" if unknown. Exit 17."""
    version = f" ({one_line(program)})" if program else ""
    place = f"{one_line(path)}, line {line}"
    return (
        f"Error: Session {short_id(session_id)} was written by a newer version of strands{version}: "
        f"this one does not know {one_line(form)} ({place})",
        "Nothing is damaged, and nothing was changed.",
        f"To use it, upgrade: {UPGRADE}",
    )


def edit_unreadable(session_id: str, path: str, problem: str) -> tuple[str, ...]:
    """What a person edited in session.json can't be taken. Exit 2."""
    return (
        f"Error: {one_line(path)} {one_line(problem)}.",
        "Nothing was run or changed.",
        f"To give up what was edited in it: strands sessions repair {session_id}",
    )


def session_taken_over(session_id: str, what: str) -> tuple[str, ...]:
    """Another process took the session while this one drove it; ``what`` disagreed, say "token". Exit 17."""
    return (
        f"Error: Session {short_id(session_id)} was taken over by another process ({one_line(what)} changed)",
        "This process stopped. What it had completed before is saved.",
    )


def too_few_file_handles(needed: int, better: int) -> tuple[str, ...]:
    """This process may not open so many files at once; ``better`` is a limit to try. Exit 12."""
    return (
        f"Error: Too many open files: this process must be able to open {needed} more.",
        f"Nothing was run or changed. Raise the limit, as with: ulimit -n {better}",
    )


def out_of_files(allowed: int, better: int) -> tuple[str, ...]:
    """A process met its limit while it drove a session; ``better`` is one to try. Exit 12."""
    return (
        f"Error: Too many open files: this process may have {allowed} and can open hardly any more, "
        "so nothing new was begun.",
        f"End what keeps them open, or raise the limit, as with: ulimit -n {better}",
    )


def store_unwritable(path: str, reason: str) -> tuple[str, ...]:
    """The store can't be written or read. Exit 12."""
    return (
        f"Error: Can't use {one_line(path)}: {one_line(reason)}",
        "What was completed before is saved. Make room or give access, or move STRANDS_HOME.",
    )


def not_begun(path: str, reason: str) -> tuple[str, ...]:
    """A new session can't be written down. Exit 12, nothing has run."""
    return (
        f"Error: Can't use {one_line(path)}: {one_line(reason)}",
        "Nothing was run. Make room or give access, or set STRANDS_HOME to another folder.",
        "To run without keeping a session: --no-save-session",
    )


def views_behind(error: object) -> str:
    """A view could not be written; the journal was. ``error`` is a store's error, or a text."""
    reason = one_line(str(getattr(error, "reason", error)))
    return f"⚠ Warning: session files lag behind the journal, nothing is lost: {reason}"


def artifact_not_replaced(path: str) -> tuple[str, ...]:
    """A file stands where an artifact is due. Exit 2, nothing has run."""
    return (f"Error: Artifact exists already: {one_line(path)}", "To overwrite it: --force. Nothing has run.")


def bad_budget(name: str, value: str, known: Iterable[str]) -> str:
    """``--budget`` with a name or number that can't be. Exit 2."""
    given = shortened(one_line(f"{name}={value}"), 80)
    return f"Error: --budget takes a whole number above 0 for one of {', '.join(known)}: got {given}"


def hint(text: str) -> str:
    """What to do, below what is wrong."""
    return f"Hint: {one_line(text)}"


def inputs_missing(names: Iterable[str]) -> tuple[str, ...]:
    """Required variables without a value. Exit 2."""
    listed = [*names]
    return (
        f"Error: Missing required input: {', '.join(some(listed))}",
        f"Give them with {variable_options(listed)}, or with --ask.",
    )


def variable_options(names: Iterable[str]) -> str:
    """How variables are given: some of them, where there are very many."""
    shown = (shortened(one_line(name), 100) for name in islice(names, MOST_LISTED))
    return " ".join(f"--var {name}=..." for name in shown)


def missing_secret(name: str, remedy: str) -> tuple[str, ...]:
    """A secret has no value. Sessions do not hold any, so a resume needs it again. Exit 2."""
    named = one_line(name)
    return (
        f"Error: Missing secret: {named}",
        f"{one_line(remedy)}, or give it with --var {named}=...,",
        "which other users of this machine and the shell's history can see.",
    )


def secret_no_text(name: str, place: str, remedy: str) -> tuple[str, ...]:
    """The bytes of a secret are no text, at a place of which its value is not told. Exit 2."""
    return (error(f"The secret '{name}' is not UTF-8 text: {place}"), hint(remedy))


def written_no_text(path: str, line: int, byte: int, remedy: str) -> tuple[str, ...]:
    """What a person wrote in an editor is no text. They are asked again."""
    return (
        error(f"What was written is not UTF-8 text: line {line}, byte {byte} of {path}"),
        f"It is kept there, and nothing was answered. {one_line(remedy)}",
    )


def spec_problems(path: str, problems: Iterable[str], *, are_all: bool = True) -> tuple[str, ...]:
    """An invalid workflow, every problem on a line (or lines) of its own. Exit 3.

    Of very long ones the first are told; ``are_all`` is whether there are no others than those given.
    """
    lines = list(problems)
    noun = "problem" if len(lines) == 1 else "problems"
    told = max(1, sum(size <= MOST_TOLD for size in accumulate(map(len, lines))))
    rest = (f"  and {len(lines) - told} more, which strands validate --json lists",)
    more = rest if told < len(lines) else ()
    count = (
        f"{len(lines)} {noun}:"
        if are_all
        else f"more than {len(lines)} {noun}; these are {len(lines)} of them:"
    )
    return (f"Error: {one_line(path)} has {count}", *lines[:told], *more)


def spec_problem(pointer: str, line: int | None, column: int | None, message: str, hint: str = "") -> str:
    """One problem: where it is, as line and column (from 1) and JSON pointer, what it is, what to do."""
    place = "" if line is None else f"line {line}, column {column}, "
    first = f"  {place}{shortened(one_line(pointer), 300) or '/'}: {one_line(message)}"
    return f"{first}\n    Hint: {one_line(hint)}" if hint else first


def remark(word: str, path: str, line: int | None, column: int | None, message: str, hint: str = "") -> str:
    """Something about a workflow, ``word`` says of what kind, that keeps nothing from running."""
    place = one_line(path) if line is None else f"{one_line(path)}, line {line}, column {column}"
    return f"{word}: {place}: {one_line(f'{message} {hint}'.rstrip())}"


def variable_unused(name: str, hint: str) -> str:
    """A variable that is given has no effect."""
    named = one_line(name)
    warning = (
        f"⚠ Warning: No template uses the variable '{named}', and no input declares it. {one_line(hint)}"
    )
    return warning.rstrip()


def unknown_drawing(name: str) -> str:
    """A --graph file of no known form. Exit 2."""
    return f"Error: --graph {one_line(name)}: the name must end in .svg or .mmd (Mermaid)"
