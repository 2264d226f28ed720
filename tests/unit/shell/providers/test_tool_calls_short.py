"""Tools where this process can hardly open a file: none begins, and nobody is told that one failed."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from durable_core.session.conversation import Memory
from durable_core.spec.tool_refs import ToolRef
from durable_core.types import Json
from durable_shell.cli.environment import FILES_FOR_VIEWS, FILES_OF_A_CALL
from durable_shell.tools.confinement import Workplace
from tests.support.handles import handles_left
from tests.support.model_kit import Recorded, answered, play, settings, turn

SCRIPT = """
rules:
  - {match: {call: 1}, tool_use: {name: file_write, input: {path: deep/note.txt, content: noted}}}
  - {answer: Done.}
"""


TWO = """
rules:
  - match: {call: 1}
    tool_uses:
      - {name: look}
      - {name: file_write, input: {path: deep/note.txt, content: noted}}
  - {answer: Done.}
"""

LOOK = """
def look() -> str:
    "Look around."
    return "all is well"
"""


class Short(Recorded):
    """From the first answer on, so many files can be opened."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self.until = contextlib.ExitStack()
        self._left = left

    def __call__(self, index: int, message: Json, digest: str, memory: Memory | None = None) -> None:
        super().__call__(index, message, digest, memory)
        if index == 1:
            self.until.enter_context(handles_left(self._left))


def test_no_tool_begins_where_its_files_may_not_be_opened_and_the_call_is_made_at_the_next_try(
    tmp_path: Path,
) -> None:
    (tmp_path / "script.yaml").write_text(SCRIPT)
    asked = turn(
        settings("scripted", host=str(tmp_path / "script.yaml")), tools=(ToolRef(name="file_write"),)
    )
    record = Short(FILES_OF_A_CALL - 1)
    with record.until, pytest.raises(OSError, match="Too many open files"):
        play(asked, record=record, workplace=Workplace(tmp_path))
    assert record.tools == []
    assert [role for role, _ in record.said] == ["user", "assistant"], "the call is to be made yet"
    assert not (tmp_path / "deep").exists()
    enough = Short(FILES_OF_A_CALL)
    with enough.until:
        assert answered(play(asked, record=enough, workplace=Workplace(tmp_path))[0]).text == "Done."
    assert (tmp_path / "deep" / "note.txt").read_text() == "noted"


class ShortBesideViews(Short):
    """The same; and once a tool has begun, views are written, which have their own files open."""

    async def tool_started(self, call: str, name: str, given: Json, *, reads_only: bool) -> None:
        await super().tool_started(call, name, given, reads_only=reads_only)
        self.until.enter_context(handles_left(FILES_OF_A_CALL - FILES_FOR_VIEWS))


def test_a_tool_that_begins_can_open_its_files_while_views_are_written(tmp_path: Path) -> None:
    (tmp_path / "script.yaml").write_text(SCRIPT)
    asked = turn(
        settings("scripted", host=str(tmp_path / "script.yaml")), tools=(ToolRef(name="file_write"),)
    )
    record = ShortBesideViews(FILES_OF_A_CALL)
    with record.until:
        answered(play(asked, record=record, workplace=Workplace(tmp_path))[0])
    assert (tmp_path / "deep" / "note.txt").read_text() == "noted"


class ShortInATool(Recorded):
    """From the start of a first tool on, hardly a file can be opened."""

    def __init__(self) -> None:
        super().__init__()
        self.until = contextlib.ExitStack()

    async def tool_started(self, call: str, name: str, given: Json, *, reads_only: bool) -> None:
        await super().tool_started(call, name, given, reads_only=reads_only)
        self.until.enter_context(handles_left(FILES_OF_A_CALL - 1))


def test_the_call_beside_one_that_does_not_begin_goes_on_and_what_it_returned_is_kept(tmp_path: Path) -> None:
    (tmp_path / "script.yaml").write_text(TWO)
    (tmp_path / "look.py").write_text(LOOK)
    tools = (ToolRef(name="look", callable="./look.py:look"), ToolRef(name="file_write"))
    asked = turn(settings("scripted", host=str(tmp_path / "script.yaml")), tools=tools)
    record = ShortInATool()
    with record.until, pytest.raises(OSError, match="Too many open files"):
        play(asked, record=record, folder=tmp_path, workplace=Workplace(tmp_path))
    started, returned = record.tools
    assert (started[0], started[2]) == ("started", "look")
    assert (returned[:2], returned[2]["status"]) == (("returned", started[1]), "success")
    assert [role for role, _ in record.said] == ["user", "assistant"]
