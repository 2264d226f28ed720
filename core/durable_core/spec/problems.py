"""Problems: what is wrong with a spec, where, and what to do about it.

Every door of this package answers with problems, all of them at once, never with an exception. Importing
this module brings in nothing else, so that the command line can print problems cheaply.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from durable_core.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from durable_core.spec.document import Document

MAX_SENTENCE: Final = 1_200
"""Longest message or hint, in characters: a dozen lines of a terminal. Texts of the spec stand in many."""

ProblemKind = Literal["invalid", "unsupported", "usage"]
"""What is wrong: the spec (exit 3), a feature that does not run yet (exit 18), what a command was given:
its line, or the bytes of a file, which are no text (exit 2)."""


@frozen()
class Problem:
    """One thing that is wrong.

    ``message`` is a sentence about what is wrong, ``hint`` one about what to do next. ``pointer`` is an
    RFC 6901 JSON pointer into the spec ("" is the whole of it). ``line`` and ``column`` count from 1 and are
    None when the place in the file is unknown.
    """

    message: str
    pointer: str = ""
    line: int | None = None
    column: int | None = None
    hint: str | None = None
    kind: ProblemKind = "invalid"

    def __post_init__(self) -> None:
        # the same long name may be wrong in very many places
        object.__setattr__(self, "message", in_short(self.message))
        if self.hint is not None:
            object.__setattr__(self, "hint", in_short(self.hint))


def in_short(sentence: str) -> str:
    """The sentence, without its middle where it is longer than anybody reads (MAX_SENTENCE)."""
    if len(sentence) <= MAX_SENTENCE:
        return sentence
    return f"{sentence[: MAX_SENTENCE // 2]} ... {sentence[-MAX_SENTENCE // 4 :]}"


MAX_PROBLEMS: Final = 100
"""Problems of one file that are told: a person mends those first, and each takes time and memory to tell."""

MORE: Final = Problem(
    f"There are more than these {MAX_PROBLEMS}.", hint="Mend these first, and check again.", kind="usage"
)
"""Stands behind the last problem that is told when there are others. Its kind decides nothing."""


def at_most(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The first of ``problems``, and MORE behind them if there are others. No other is looked for then."""
    told: list[Problem] = []
    for problem in problems:
        if problem == MORE or len(told) == MAX_PROBLEMS:
            return (*told, MORE)
        told.append(problem)
    return tuple(told)


def pointer_of(*parts: str | int) -> str:
    """The JSON pointer that names ``parts``, from the root: ``pointer_of("a", 0)`` is ``/a/0``."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def parts_of(pointer: str) -> tuple[str, ...]:
    """The parts that ``pointer`` names, unescaped; list indexes stay text."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def path_of(pointer: str) -> str:
    """The pointer as people write it: ``/pattern/config/steps/0`` is ``pattern.config.steps[0]``."""
    path = ""
    for part in parts_of(pointer):
        if part.isdecimal():
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return path or "the spec"


def located(problems: Iterable[Problem], document: Document) -> tuple[Problem, ...]:
    """``at_most`` of the problems, in the order of their places, with the line and column of ``document``."""

    def placed(problem: Problem) -> Problem:
        if problem.line is not None or problem == MORE:
            return problem
        line, column = document.place(problem.pointer)
        return replace(problem, line=line, column=column)

    def order(problem: Problem) -> tuple[bool, int, int]:
        return problem == MORE, problem.line or 0, problem.column or 0

    return tuple(sorted(map(placed, at_most(problems)), key=order))
