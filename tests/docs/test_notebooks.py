"""The notebooks run as they stand and show what they say; those of the core need nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from docs.generator import notebooks
from docs.generator.pages import DOCS

NOTEBOOKS = sorted((DOCS / "notebooks").glob("*.ipynb"))

OF_THE_CORE = [path for path in NOTEBOOKS if "strands_durable" not in path.read_text(encoding="utf-8")]

NOT_THE_CORES = frozenset({
    # the SDK, screens and command lines
    "durable_shell", "strands", "rich", "docopt",
    # event loops, and libraries that open connections
    "asyncio", "anyio", "httpx", "httpcore", "requests", "urllib3", "aiohttp", "botocore", "boto3", "openai",
    "ollama", "grpc", "websockets", "mcp",
})  # fmt: skip
"""What must not be loaded. ``socket`` is: the standard library's importlib.metadata imports it through
``email.utils`` without opening one, and pydantic imports that."""


def _loaded(path: Path) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def test_there_are_notebooks_of_the_core_and_of_the_front_door() -> None:
    assert 0 < len(OF_THE_CORE) < len(NOTEBOOKS)


@pytest.mark.parametrize("path", OF_THE_CORE, ids=lambda path: path.name)
def test_a_notebook_of_the_core_loads_no_sdk_and_no_network_library(path: Path) -> None:
    ran = notebooks.run(_loaded(path))
    assert "durable_core" in ran.modules
    assert {name.partition(".")[0] for name in ran.modules} & NOT_THE_CORES == set()


@pytest.mark.parametrize("path", OF_THE_CORE, ids=lambda path: path.name)
def test_a_notebook_of_the_core_opens_no_socket_and_starts_no_process(path: Path) -> None:
    assert notebooks.run(_loaded(path)).reached == ()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_shows_what_its_cells_give(path: Path) -> None:
    stored = [cell["outputs"] for cell in _loaded(path)["cells"] if cell["cell_type"] == "code"]
    assert stored == list(notebooks.run(_loaded(path)).outputs)


def _one_cell(source: str) -> dict[str, Any]:
    return {"cells": [{"cell_type": "code", "source": [source], "outputs": [], "execution_count": None}]}


def test_a_cell_that_opens_a_socket_is_seen() -> None:
    ran = notebooks.run(_one_cell("import asyncio, socket\nsocket.socket().close()"))
    assert "socket.__new__" in ran.reached
    assert "asyncio" in ran.modules


def test_a_cell_that_fails_fails_the_notebook() -> None:
    with pytest.raises(ValueError, match="ZeroDivisionError"):
        notebooks.run(_one_cell("1 / 0"))


def test_what_a_cell_prints_and_its_last_value_are_stored() -> None:
    (outputs,) = notebooks.run(_one_cell("print('said')\n6 * 7")).outputs
    assert [output["output_type"] for output in outputs] == ["stream", "execute_result"]
    assert outputs[0]["text"] == ["said\n"]
    assert outputs[1]["data"] == {"text/plain": ["42"]}


def test_a_value_that_draws_itself_is_stored_as_its_drawings_too() -> None:
    shows = "class Drawn:\n    def _repr_html_(self):\n        return '<b>x</b>'\n"
    (outputs,) = notebooks.run(
        _one_cell(shows + "    def __repr__(self):\n        return 'x'\nDrawn()")
    ).outputs
    assert outputs[0]["data"] == {"text/html": ["<b>x</b>"], "text/plain": ["x"]}
