"""A person who gives commands about odd texts. What is said is no internal error, and steers no terminal."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import durable_shell.tools.registry  # noqa: F401  # a child of the fuzzer would load the SDK for each text
from durable_shell.cli.exit_codes import Exit
from strands_durable.testing import Asked, ScriptedModels, SteppingClock
from tests.support.home import Home

MOST_SAID: Final = 40_000
"""Characters that a command may say to a person, whatever it is about."""

_STEERS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")

_ANSWERS: Final = (
    "Done.",
    '{"route": "praise", "score": 90, "task": "collect"}',
    '[{"task": "collect"}, {"task": "sort"}]',
    '{"score": 10, "issues": ["long"]}',
    "[]",
    "\ud83d {{ steps }} \u202e",
)
_MOST_ANSWERS: Final = 60
"""Answers of the models of one command: some workflows have no end but a budget's."""


class Person:
    """Somebody with a home of their own, whose models answer at once and whose waits are over at once."""

    def __init__(self, folder: Path) -> None:
        self._answered = 0
        self.home = Home(
            folder, models=lambda folder, vault: ScriptedModels(self._answer), clock=SteppingClock()
        )

    def asks(self, *line: str) -> None:
        """Give a command. Raises AssertionError if what comes of it is not fit for people."""
        self._answered = 0
        with suppress(AssertionError):  # which says less than what is said here
            self.home.strands(*line)
        if self.home.code == Exit.BUG:
            kept = self.home.path / ".strands" / "last-error.txt"
            raise AssertionError(f"{line}: {self.home.err}" + (kept.read_text() if kept.exists() else ""))
        said = self.home.err
        assert len(said) <= MOST_SAID, f"{line} says {len(said)} characters"
        shown = "" if line[0] in ("run", "resume") else self.home.out  # a result is what it is
        odd = set(_STEERS.findall(said + shown))
        assert not odd, f"{line} says {odd}"

    def _answer(self, asked: Asked) -> str:
        self._answered += 1
        if self._answered > _MOST_ANSWERS:
            raise KeyboardInterrupt
        return _ANSWERS[(len(asked.prompt) + asked.attempt) % len(_ANSWERS)]


@contextmanager
def person() -> Iterator[Person]:
    """A person whose home is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        yield Person(Path(folder))
