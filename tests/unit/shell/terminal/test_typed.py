"""What is typed, or written in an editor: text is taken, bytes that are none are refused."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest

from durable_core.session.state import Gate
from durable_shell.cli.environment import Environment
from durable_shell.terminal.confirmation import agrees, typed_at
from durable_shell.terminal.questions import TerminalPeople


class Typing(io.StringIO):
    """A terminal at which each of these lines is typed; None is one whose bytes are no text."""

    def __init__(self, *lines: str | None) -> None:
        super().__init__()
        self._lines = list(lines)

    def readline(self, size: int | None = -1, /) -> str:
        line = self._lines.pop(0) if self._lines else ""
        if line is None:
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
        return line


def at(stdin: io.StringIO, **env: str) -> Environment:
    return Environment(
        stdin=stdin,
        stdout=io.StringIO(),
        stderr=io.StringIO(),
        home=Path("/none"),
        cwd=Path("/none"),
        env=env,
    )


def said(environment: Environment) -> str:
    assert isinstance(environment.stderr, io.StringIO)
    return environment.stderr.getvalue()


@pytest.mark.parametrize("bad", [None, "a\udcff\n"])
def test_bytes_that_are_no_text_are_refused_and_asked_for_again(bad: str | None) -> None:
    environment = at(Typing(bad, bad, "yes\n"))
    assert agrees(environment, "Go on? ")
    assert said(environment) == "Go on? That is not UTF-8 text. Type it again.\n" * 2 + "Go on? "


def test_the_end_of_the_input_is_an_empty_line() -> None:
    assert typed_at(at(Typing(None)), "Name? ") == ""


def test_what_is_asked_can_not_steer_the_terminal() -> None:
    environment = at(Typing("x\n"))
    typed_at(environment, "\x1b[2JName\u202e\ud83d? ")
    assert said(environment) == "[2JName\\u202e\ufffd? "


@pytest.mark.parametrize(
    ("editor", "answer"),
    [("printf 'written\\n' >", "written\n"), ("printf '\\377' >", None)],
)
def test_what_an_editor_wrote_is_taken_when_it_is_text(editor: str, answer: str | None) -> None:
    environment = at(Typing("e\n"), EDITOR=editor)
    gate = Gate(unit="steps/0", prompt="Right?", opened_at=1.0)
    assert asyncio.run(TerminalPeople(environment).answer(gate, None)) == answer
    assert ("What was written is not UTF-8 text" in said(environment)) == (answer is None)
