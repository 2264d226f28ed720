"""Every command that the pages show is run, and shows what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.generator.pages import DOCS
from tests.docs.consoles import Command, Save, actions, matches, run

PAGES = sorted(page for page in DOCS.rglob("*.md") if "```console" in page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_what_its_commands_show(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    ran = list(run(text, tmp_path))
    for command, real in ran:
        assert matches(command.shown, real), (
            f"$ {command.line}\n--- the page\n{command.shown}--- really\n{real}"
        )
    assert len(ran) == sum(isinstance(action, Command) for action in actions(text))


def test_the_tutorial_is_among_the_pages() -> None:
    assert "first-workflow" in {page.stem for page in PAGES}


@pytest.mark.parametrize("name", ["use-from-python", "test-a-workflow"])
def test_every_block_of_python_of_a_page_is_a_file_that_a_command_of_it_runs(name: str) -> None:
    page = next(page for page in PAGES if page.stem == name)
    text = page.read_text(encoding="utf-8")
    saved = [action.name for action in actions(text) if isinstance(action, Save)]
    programs = [file for file in saved if file.endswith(".py")]
    lines = [action.line for action in actions(text) if isinstance(action, Command)]
    assert text.count("```python") == len(programs) > 0
    assert [file for file in programs if not any(file in line.split() for line in lines)] == []


def test_a_test_of_a_workflow_takes_at_most_ten_lines_of_ones_own() -> None:
    page = next(page for page in PAGES if page.stem == "test-a-workflow")
    saves = [action for action in actions(page.read_text(encoding="utf-8")) if isinstance(action, Save)]
    for save in saves:
        if save.name.endswith(".py"):
            assert len([line for line in save.text.splitlines() if line.strip()]) <= 10


def test_the_actions_of_a_page_are_its_files_and_commands_in_order() -> None:
    page = "```yaml file=a.yaml\nx: 1\n```\ntext\n```console\n$ cat a.yaml\nx: 1\n$ true\n```\n"
    page += "```sh\nnot run\n```\n"
    assert list(actions(page)) == [
        Save("a.yaml", "x: 1\n"),
        Command("cat a.yaml", "x: 1\n"),
        Command("true", ""),
    ]


def test_commands_share_one_folder_and_one_shell(tmp_path: Path) -> None:
    page = "```txt file=a.txt\none\n```\n```console\n$ x=two\n$ cat a.txt; echo $x; echo three >&2\n```\n"
    assert [real for _, real in run(page, tmp_path)] == ["", "one\ntwo\nthree\n"]


def test_a_shell_that_ends_early_is_noticed(tmp_path: Path) -> None:
    page = "```console\n$ exit 3\n$ echo never\n```\n"
    assert [real for _, real in run(page, tmp_path)] == [""]


@pytest.mark.parametrize(
    ("expected", "real"),
    [
        ("one\n", "one\n"),
        ("", ""),
        ("id <id>\n", "id 286f9cd6-2aca-47d9-a929-2389352dc0c7\n"),
        ("<number> of <number>\n", "3 of 12\n"),
        ("<hex>...\n", "286f9cd6...\n"),
        ("at <time>\n", "at 2026-11-22T23:49:42.986Z\n"),
        ("one\n...\nfour\n", "one\ntwo\nthree\nfour\n"),
        ("one\n...\n", "one\n"),
        ("a.b\n", "a.b\n"),
    ],
)
def test_what_fits(expected: str, real: str) -> None:
    assert matches(expected, real)


@pytest.mark.parametrize(
    ("expected", "real"),
    [
        ("one\n", "two\n"),
        ("one\n", ""),
        ("", "one\n"),
        ("id <id>\n", "id 286f9cd6\n"),
        ("one\n", "one\ntwo\n"),
        ("a.b\n", "axb\n"),
        ("one\n...\nfour\n", "one\ntwo\n"),
    ],
)
def test_what_does_not_fit(expected: str, real: str) -> None:
    assert not matches(expected, real)
