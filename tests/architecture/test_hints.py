"""What people are told can be followed by those who have the installed package and nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from durable_core.spec.schema import json_schema

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for part in ("core", "shell") for path in (ROOT / part).rglob("*.py"))
TARGETS = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE)
PAGES = {page.name for page in (ROOT / "docs").rglob("*.md")}
FILES = {path.name for path in ROOT.iterdir() if path.is_file() and not path.name.startswith(".")}
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}

ONLY_THERE = re.compile(
    "|".join(
        [
            rf"\bmake (?:{'|'.join(TARGETS)})\b(?! \w+ (?:smaller|shorter))",
            *(rf"(?<![\w/-]){re.escape(name)}\b" for name in sorted({*FILES, *PAGES})),
            *(rf"(?<![\w/-]){re.escape(name)}/" for name in sorted(FOLDERS)),
            r"\b(?:README|CONTRIBUTING|CHANGELOG|SECURITY)\b",
            r"\b(?:checkout|clone|repository|this project|the docs|the documentation|the manual)\b",
            r"-e \.|\.venv\b|constraints\.txt",
        ]
    )
)
"""Files, pages, folders and targets that a clone of the repository has, and an installed package has not."""


def texts(source: Path) -> Iterator[tuple[int, str]]:
    """Every text of a module that is no docstring, with its line."""
    tree = ast.parse(source.read_text())
    notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes:
            yield node.lineno, node.value


def offenders(text: str) -> list[str]:
    return [found.group() for found in ONLY_THERE.finditer(text)]


def test_no_text_of_the_program_names_what_only_a_clone_has() -> None:
    found = [
        f"{source.relative_to(ROOT)}:{line}: {', '.join(offenders(text))}"
        for source in SOURCES
        for line, text in texts(source)
        if offenders(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "see Install in the README.",
        "run `make docs`",
        "docs/how-to/use-tools.md has more",
        "as use-tools.md says",
        "clone the repository",
        "pip install -e .",
        "listed in constraints.txt",
    ],
)
def test_an_offender_is_found(text: str) -> None:
    assert offenders(text)


def test_no_description_that_becomes_a_hint_is_meant_for_programmers() -> None:
    assert [text for text in _descriptions(json_schema()) if offenders(text)] == []


def _descriptions(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("description"), str):
            yield schema["description"]
        for part in schema.values():
            yield from _descriptions(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _descriptions(part)
