"""What a mutant is: one small lie in the core or the shell, and the tests that must catch it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.mutants.places import NotThereError, changed

ROOT: Final = Path(__file__).parents[2]

PACKAGES: Final = {"durable_core": ROOT / "core", "durable_shell": ROOT / "shell"}
"""The packages that mutants change, and the folders that they are in."""

SHELL: Final = "durable_shell/"
"""How the file of a mutant begins that is not one of the core."""

LAWS_FILE: Final = "property_tests/laws/test_laws.py"

LAW: Final = "--law="
"""In front of the name of the law that is to be looked at alone, among the killers of a mutant."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """``old`` becomes ``new`` in a function of ``file``, which lies below durable_core or begins
    with ``SHELL``.

    ``breaks`` says what is wrong then. ``function`` may be a class's (``Line.response``). Both texts are
    Python, as ``places`` says.

    ``killers`` are what pytest is given: the tests, one of which must fail, and the law that they look at.
    """

    file: str
    function: str
    old: str
    new: str
    breaks: str
    killers: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}: {self.breaks}"

    @property
    def path(self) -> Path:
        """The file, from the folder that its package is in."""
        return Path(self.file) if self.file.startswith(SHELL) else Path("durable_core", self.file)

    def source(self) -> str:
        """The text of the file as it is."""
        return (PACKAGES[self.path.parts[0]] / self.path).read_text(encoding="utf-8")

    def applied(self, text: str) -> str:
        """``text`` with the change, without its comments.

        Raises NotThereError when ``old`` is not exactly once in it, nor in the function.
        """
        try:
            return changed(text, self.function, self.old, self.new)
        except NotThereError as error:
            raise NotThereError(f"{self}: {error}; bring the list up to date") from None


def law(name: str, *patterns: str) -> tuple[str, ...]:
    """A law of all patterns, alone and for ``patterns`` alone."""
    return (LAW + name, *(f"{LAWS_FILE}::test_every_law_holds[{pattern}]" for pattern in patterns))


def may_run(*patterns: str) -> tuple[str, ...]:
    """The law that compares with the oracle what may run, and the result."""
    return law("what_may_run_is_what_the_oracle_says", *patterns)


def is_sent(*patterns: str) -> tuple[str, ...]:
    """The law that compares with the oracle what is sent."""
    return law("what_is_sent_is_what_the_oracle_says", *patterns)


def heard(*patterns: str) -> tuple[str, ...]:
    """The law that a pattern hears nothing more of what is done."""
    return law("a_pattern_hears_nothing_of_a_unit_that_is_done_or_was_never_wanted", *patterns)


def one(file: str, name: str) -> tuple[str, ...]:
    """One test of a file."""
    return (f"{file}.py::test_{name}",)
