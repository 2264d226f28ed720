"""Runs the ``console`` blocks of a page, as a reader would, and compares what is shown with what comes.

In a page, a fenced block ``console`` holds lines that begin with ``$ ``, which are run by bash, and below
each what it shows (both streams, in the order in which they are written). A block whose info string ends in
``file=NAME`` is a file that the reader saves under that name. Everything happens in one scratch folder and in
one shell, top to bottom.

What differs from run to run stands as a placeholder: ``<id>`` a session id, ``<hex>`` hexadecimal digits,
``<number>`` digits, ``<time>`` a time in UTC; a line of three dots stands for any lines.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support import program

_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

_PLACEHOLDERS = {
    "<id>": r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "<hex>": r"[0-9a-f]+",
    "<number>": r"[0-9]+",
    "<time>": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z",
}

_MARK = "end-of-command-"


@dataclass(frozen=True, slots=True)
class Save:
    """A file that the page gives."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command line and what the page says that it shows."""

    line: str
    shown: str


def actions(page: str) -> Iterator[Save | Command]:
    """What a reader of the page does, in order."""
    for kind, info, body in _FENCE.findall(page):
        if name := re.search(r"\bfile=(\S+)", info):
            yield Save(name[1], body)
        elif kind == "console":
            yield from _commands(body)


def _commands(body: str) -> Iterator[Command]:
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        line, _, shown = part.partition("\n")
        yield Command(line, shown)


def run(page: str, folder: Path) -> Iterator[tuple[Command, str]]:
    """Do what the page says in ``folder``; gives each command with what it really showed."""
    todo = list(actions(page))
    home = folder / "home-folder"
    bin_folder = folder / "bin-folder"
    work = folder / "work"
    for made in (home, bin_folder, work):
        made.mkdir()
    _programs(bin_folder)
    script = ["exec 2>&1"]
    commands = []
    for number, action in enumerate(todo):
        match action:
            case Save(name, text):
                saved = folder / f"saved-{number}"
                saved.write_text(text, encoding="utf-8")
                script.append(f"cp {shlex.quote(str(saved))} {shlex.quote(name)}")
            case Command(line):
                commands.append(action)
                script += [line, f"echo {_MARK}$?"]
    environment = program.surroundings(home)
    del environment["OPENAI_API_KEY"]
    environment["PATH"] = f"{bin_folder}:{environment['PATH']}"
    (folder / "commands").write_text("\n".join(script) + "\n", encoding="utf-8")
    ran = subprocess.run(
        ["bash", folder / "commands"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=work,
        env=environment,
        timeout=120,
        check=False,
    )
    shown = re.split(rf"{_MARK}[0-9]+\n", ran.stdout)
    yield from zip(commands, shown, strict=False)


def matches(expected: str, real: str) -> bool:
    """Whether what came is what the page shows, placeholders considered; a last line may lack its end."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "..." else _line(line) for line in expected.splitlines()
    )
    ended = real if not real or real.endswith("\n") else f"{real}\n"
    return re.fullmatch(pattern, ended) is not None


def _line(line: str) -> str:
    parts = re.split("(" + "|".join(map(re.escape, _PLACEHOLDERS)) + ")", line.rstrip())
    return "".join(_PLACEHOLDERS.get(part, re.escape(part)) for part in parts) + r"[ \t]*\n"


def _programs(folder: Path) -> None:
    """What a reader has on the path: ``strands``, and the Python of its environment."""
    for name, words in {"strands": program.COMMAND, "python": [sys.executable]}.items():
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        script.chmod(0o755)
