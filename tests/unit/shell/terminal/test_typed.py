"""What is typed, or written in an editor: text is taken, bytes that are none are refused."""

from __future__ import annotations

import asyncio
import io
import tempfile
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


GATE = Gate(unit="steps/0", prompt="Right?", opened_at=1.0)


@pytest.fixture(autouse=True)
def drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the files are that an editor opens."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("written", "answer"),
    [("written\\n", "written\n"), ("one\\r\\ntwo\\r", "one\ntwo\n"), ("\\357\\273\\277marked", "marked")],
)
def test_what_an_editor_wrote_is_the_answer(written: str, answer: str, drafts: Path) -> None:
    environment = at(Typing("e\n"), EDITOR=f"printf '{written}' >")
    assert asyncio.run(TerminalPeople(environment).answer(GATE, None)) == answer
    assert [*drafts.iterdir()] == []


@pytest.mark.parametrize("then", ["yes\n", "l\n", ""])
def test_what_an_editor_wrote_that_is_no_text_is_kept_and_the_person_is_asked_again(
    then: str, drafts: Path
) -> None:
    environment = at(Typing("e\n", then), EDITOR="printf 'one\\nt\\351o' >")
    answer = asyncio.run(TerminalPeople(environment).answer(GATE, None))
    assert answer == (then if then == "yes\n" else None)
    [draft] = drafts.iterdir()
    assert draft.read_bytes() == b"one\nt\xe9o"
    refusal = f"Error: What was written is not UTF-8 text: line 2, byte 6 of {draft}\nIt is kept there"
    assert refusal in said(environment)
    assert said(environment).count("Right?") == 2
