"""Tool calls through the real clients of seven providers: no odd call runs a tool, and the model is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from durable_core.spec.tool_refs import ToolRef
from tests.support.model_kit import Recorded, answered, play, turn, unanswered
from tests.support.servers.behaviour import Call
from tests.support.wire_cells import ENVIRONMENT, PROMPT, WIRE_PROVIDERS

TOOL = '''
def note(text: str = "EMPTY") -> str:
    """Note a text."""
    return f"noted {text}"
'''

SENDS_OBJECTS = {"ollama", "gemini"}
"""Providers whose arguments are an object on the wire, and not a text of one."""

TOO_DEEP = '{"text": ' + '{"a": ' * 900 + "1" + "}" * 900 + "}"

ODD = {
    '{"text": "hel': "its arguments were not JSON",
    '["hello"]': "its arguments must be a JSON object",
    '"hello"': "its arguments must be a JSON object",
    '{"text": NaN}': "its arguments were not JSON",
    TOO_DEEP: "its arguments are nested more than 64 levels deep",
    '{"txet": "hello"}': "it has no argument 'txet'; it takes 'text'",
}
"""Arguments that no tool may run with, and what its model is told."""


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "notes.py").write_text(TOOL)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def called(provider: str, folder: Path, tool: str, arguments: str) -> tuple[Any, Recorded, list[Call]]:
    """A turn whose model first calls ``tool`` with ``arguments`` as they are, and then answers."""
    how, record = WIRE_PROVIDERS[provider], Recorded()
    with how.server() as server:
        server.misbehave("calls", tool=tool, arguments=arguments)
        tools = (ToolRef(name="note", callable="./notes.py:note"),)
        asked = turn(how.settings(provider, server.url), PROMPT, tools=tools, session="s")
        (outcome,) = play(asked, record=record, env=ENVIRONMENT, folder=folder)
    return outcome, record, server.calls


@pytest.mark.parametrize("provider", WIRE_PROVIDERS)
def test_a_call_in_order_runs_its_tool_once_and_the_model_has_the_result(
    provider: str, tmp_path: Path
) -> None:
    outcome, record, calls = called(provider, tmp_path, "note", '{"text": "grün"}')
    answered(outcome)
    assert [entry[2:4] for entry in record.tools if entry[0] == "started"] == [("note", {"text": "grün"})]
    assert len(calls) == 2
    assert "noted grün" in json.dumps(calls[1].body, ensure_ascii=False)


@pytest.mark.parametrize("arguments", ODD, ids=lambda text: text[:20])
@pytest.mark.parametrize("provider", [name for name in WIRE_PROVIDERS if name not in SENDS_OBJECTS])
def test_arguments_that_are_not_the_tools_run_nothing_and_the_model_is_told(
    provider: str, arguments: str, tmp_path: Path
) -> None:
    outcome, record, calls = called(provider, tmp_path, "note", arguments)
    answered(outcome)
    assert [entry for entry in record.tools if entry[0] == "started"] == []
    assert f"The tool was not run: {ODD[arguments]}" in json.dumps(calls[1].body)
    assert len(calls) == 2


@pytest.mark.parametrize("arguments", ODD, ids=lambda text: text[:20])
@pytest.mark.parametrize("provider", sorted(SENDS_OBJECTS))
def test_odd_objects_run_nothing_and_are_told_or_are_a_fault_of_the_server(
    provider: str, arguments: str, tmp_path: Path
) -> None:
    outcome, record, calls = called(provider, tmp_path, "note", arguments)
    assert [entry for entry in record.tools if entry[0] == "started"] == []
    if len(calls) == 2:
        answered(outcome)
        assert f"The tool was not run: {ODD[arguments]}" in json.dumps(calls[1].body)
    else:
        assert unanswered(outcome).fault.kind == "server"


@pytest.mark.parametrize("provider", WIRE_PROVIDERS)
def test_a_tool_that_is_not_there_is_told_to_the_model(provider: str, tmp_path: Path) -> None:
    outcome, record, calls = called(provider, tmp_path, "delete_all", "{}")
    answered(outcome)
    assert [entry for entry in record.tools if entry[0] == "started"] == []
    assert "delete_all" in json.dumps(calls[1].body)
    assert len(calls) == 2
