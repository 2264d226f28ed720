"""Notebooks: their cells run, one after another, in a Python of their own, and what they show is stored.

What runs there is plain ``exec``: no kernel, and nothing imported that the cells do not import themselves.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_SOURCES: Final = tuple(Path(__file__).parents[2] / root for root in ("core", "shell"))

_PROGRAM: Final = """
import sys
reached = []
sys.addaudithook(lambda event, arguments: reached.append(event) if event.startswith(
    ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn")) else None)
import ast, contextlib, io, json
DRAWINGS = {"text/html": "_repr_html_", "image/svg+xml": "_repr_svg_"}
cells = json.loads(sys.stdin.read())
names = {"__name__": "__main__"}
outputs = []
for number, source in enumerate(cells, start=1):
    body = ast.parse(source)
    last = body.body.pop() if body.body and isinstance(body.body[-1], ast.Expr) else None
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(body, f"cell {number}", "exec"), names)
        value = last and eval(compile(ast.Expression(last.value), f"cell {number}", "eval"), names)
    drawn = {mime: getattr(value, name)() for mime, name in DRAWINGS.items() if hasattr(value, name)}
    outputs.append({"text": said.getvalue(), "value": None if value is None else repr(value), "drawn": drawn})
json.dump({"outputs": outputs, "modules": sorted(sys.modules), "reached": reached}, sys.stdout)
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of running a notebook's cells.

    ``outputs`` are the outputs of each code cell in the notebook's own form, ``modules`` the names of all
    modules that were loaded, ``reached`` the audit events of sockets and processes.
    """

    outputs: tuple[list[dict[str, Any]], ...]
    modules: frozenset[str]
    reached: tuple[str, ...]


def run(notebook: dict[str, Any]) -> Ran:
    """Run all code cells. Raises ValueError with the traceback of a cell that fails."""
    sources = ["".join(cell["source"]) for cell in _code_cells(notebook)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, _SOURCES)), "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        input=json.dumps(sources),
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        raise ValueError(done.stderr)
    told = json.loads(done.stdout)
    outputs = tuple(_outputs(number, output) for number, output in enumerate(told["outputs"], start=1))
    return Ran(outputs, frozenset(told["modules"]), tuple(told["reached"]))


def with_outputs(text: str) -> str:
    """The notebook ``text`` (JSON) with its cells run, and numbered, and their outputs stored."""
    notebook = json.loads(text)
    for number, (cell, outputs) in enumerate(
        zip(_code_cells(notebook), run(notebook).outputs, strict=True), start=1
    ):
        cell["execution_count"] = number
        cell["outputs"] = outputs
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _code_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def _outputs(number: int, output: dict[str, Any]) -> list[dict[str, Any]]:
    """What a cell prints, and its last value as text and as the drawings that it has of itself."""
    found: list[dict[str, Any]] = []
    if output["text"]:
        found.append({"name": "stdout", "output_type": "stream", "text": _lines(output["text"])})
    if output["value"] is not None:
        drawn = {mime: _lines(text) for mime, text in output["drawn"].items()}
        data = {**drawn, "text/plain": _lines(output["value"])}
        result = {"data": data, "execution_count": number, "metadata": {}, "output_type": "execute_result"}
        found.append(result)
    return found


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
