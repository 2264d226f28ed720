"""A spec, a variables file or a config that can't be used, as an error."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from durable_core.spec.problems import MORE, Problem
from durable_shell.cli.exit_codes import Exit
from durable_shell.errors import OperationError
from durable_shell.sources.spec_file import SpecTrouble, Unreadable
from durable_shell.terminal.messages import errors as error_messages

EXITS: Final[Mapping[str, Exit]] = {
    "invalid": Exit.INVALID_SPEC,
    "unsupported": Exit.UNSUPPORTED,
    "usage": Exit.USAGE,
}


class SpecInvalid(OperationError):
    """The file ``path`` has ``problems``, each with its place where that is known.

    Of more than a hundred these are a hundred, and a last one that says so.
    """

    def __init__(
        self, path: str, problems: tuple[Problem, ...], *more: str, code: Exit | None = None
    ) -> None:
        lines = [
            error_messages.spec_problem(one.pointer, one.line, one.column, one.message, one.hint or "")
            for one in problems
            if one != MORE
        ]
        told = error_messages.spec_problems(path, lines, are_all=MORE not in problems)
        super().__init__(exit_of(problems) if code is None else code, *told, *more)
        self.path = path
        self.problems = problems


def spec_error(path: str, trouble: SpecTrouble, cwd: Path, *more: str) -> OperationError:
    """Why the spec at ``path`` can't be had; relative paths begin at ``cwd``. ``more`` lines follow."""
    if not isinstance(trouble, Unreadable):
        return SpecInvalid(path, trouble, *more)
    remedy = f"Relative paths begin at {cwd}." if trouble.missing else "Name a file that can be read."
    message = error_messages.error(f"Can't read {trouble.path}: {trouble.reason}")
    return OperationError(
        Exit.USAGE if trouble.missing else Exit.IO, message, error_messages.hint(remedy), *more
    )


def exit_of(problems: tuple[Problem, ...]) -> Exit:
    """The exit code for ``problems``: an invalid spec before an unsupported feature before a wrong call."""
    kinds = {problem.kind for problem in problems}
    return next(code for kind, code in EXITS.items() if kind in kinds)
