"""People at the terminal: what a session needs to know of them is asked on standard error."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from returns.result import Failure

from durable_core.session import Doubt
from durable_core.session.commands import SettleTool
from durable_core.session.state import Gate
from durable_core.spec.source import decoded
from durable_core.spec.variables import MissingInput
from durable_shell.cli.environment import Environment
from durable_shell.runtime.interrupts import interruptible
from durable_shell.terminal.confirmation import typed_at
from durable_shell.terminal.messages import errors as error_messages
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.messages.tool_calls import doubt_question
from durable_shell.terminal.plain import say


class TerminalPeople:
    """Whoever sits at the terminal. Implements ``durable_shell.runtime.ports.People``."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    async def answer(self, gate: Gate, refused: str | None) -> str | None:
        """What the person says, or None when they leave it for later (``l``, Ctrl-C or Ctrl-D)."""
        if refused is not None:
            say(self._environment.stderr, error_messages.error(refused))
        question = run_messages.question(gate.unit, gate.prompt, gate.display, gate.choices, gate.default)
        with interruptible():
            while (line := self._line(question)) is not None and line.strip() == "e":
                written = _edited(self._environment, gate.default or "")
                if written is not None:
                    return written
        return line

    async def settle(self, doubt: Doubt, at: float) -> SettleTool | None:
        """What became of a call. An empty line is no answer of a tool's: it leaves the call for later."""
        with interruptible():
            line = self._line(doubt_question(doubt))
        word = "" if line is None else line.strip()
        if not word:
            return None
        return SettleTool(at=at, unit=doubt.unit, call=doubt.call.call, done=None if word == "r" else word)

    def _line(self, question: Sequence[str]) -> str | None:
        """The line that the person types below ``question``, or None when they leave it for later."""
        environment = self._environment
        say(environment.stderr, "", *question)
        try:
            line = typed_at(environment, run_messages.answer_prompt())
        except KeyboardInterrupt:
            return None
        if not line or line.strip() == "l":
            say(environment.stderr, "")
            return None
        return line


def asked_inputs(environment: Environment, missing: Iterable[MissingInput]) -> dict[str, str]:
    """What the person types for each input that is missing."""
    answers = {}
    for one in missing:
        declared = one.declaration
        line = typed_at(environment, run_messages.input_prompt(one.name, declared.type, declared.description))
        if line.strip():
            answers[one.name] = line.rstrip("\n")
    return answers


def _edited(environment: Environment, text: str) -> str | None:
    """What the person writes in their editor ($VISUAL, $EDITOR, else vi).

    None if its bytes are no text: they are told where, and the file stays, as it may be long.
    """
    editor = environment.env.get("VISUAL") or environment.env.get("EDITOR") or "vi"
    handle, name = tempfile.mkstemp(suffix=".md", text=True)
    with contextlib.ExitStack() as until_refused:
        until_refused.callback(os.unlink, name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        # the editor's own arguments (`code --wait`) are the person's, so a shell splits them
        subprocess.run(["/bin/sh", "-c", f'{editor} "$1"', "sh", name], check=False)
        read = decoded(Path(name).read_bytes())
        if not isinstance(read, Failure):
            return "\n".join(re.split("\r\n?", read.unwrap()))
        bad = read.failure()
        say(environment.stderr, *error_messages.written_no_text(name, bad.line, bad.byte, bad.hint))
        until_refused.pop_all()
    return None
