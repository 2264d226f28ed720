"""What was read: the text of a spec, and how the bytes of a file become text.

Whatever people write for us is UTF-8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Final, Literal

from returns.result import Failure, Result, Success

from durable_core.frozen import frozen
from durable_core.spec.problems import Problem

_MARK: Final = "\ufeff"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


@frozen(kw_only=True)
class Source:
    """The spec as it was read: its text, the name of its format, its SHA-256 (hex), and the file, if any.

    ``refs`` are the texts of the files that it names by ``$ref``, by the name it uses.
    """

    text: str
    format: Literal["yaml", "json"]
    sha256: str
    path: str | None = None
    refs: Mapping[str, str] = field(default_factory=dict)


@frozen()
class NotText:
    """The first byte of a file that is no UTF-8.

    ``line`` counts from 1, as do ``column`` and ``byte``: the bytes of that line and of the whole file.
    ``hint`` says what to do about it.
    """

    line: int
    column: int
    byte: int
    value: int
    hint: str

    @property
    def problem(self) -> Problem:
        """The same about a file that is named elsewhere."""
        return Problem(
            f"The file is not UTF-8 text: byte {self.byte} is 0x{self.value:02x}.",
            line=self.line,
            column=self.column,
            hint=self.hint,
            kind="usage",
        )


def decoded(raw: bytes) -> Result[str, NotText]:
    """The text, with or without a byte order mark before it."""
    try:
        return Success(raw.decode("utf-8").removeprefix(_MARK))
    except UnicodeDecodeError as error:
        start = error.start
    hint = "Save the file with the encoding UTF-8."
    return Failure(
        NotText(
            line=raw.count(b"\n", 0, start) + 1,
            column=start - raw.rfind(b"\n", 0, start),
            byte=start + 1,
            value=raw[start],
            hint=f"It looks like UTF-16. {hint}" if raw.startswith(_UTF_16) else hint,
        )
    )
