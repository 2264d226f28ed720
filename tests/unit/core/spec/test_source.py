"""Bytes of files: text, or the first byte that is none."""

from __future__ import annotations

import pytest

from durable_core.spec.source import decoded


@pytest.mark.parametrize("text", ["", "ä", "a\r\nb", "\ufffd", "\U0010ffff"])
def test_utf_8_is_text_with_or_without_a_mark(text: str) -> None:
    assert decoded(text.encode()).unwrap() == text
    assert decoded(b"\xef\xbb\xbf" + text.encode()).unwrap() == text


@pytest.mark.parametrize(
    ("raw", "line", "column", "byte"),
    [
        (b"\xff", 1, 1, 1),
        (b"a: 1\nb: \xff\n", 2, 4, 9),
        ("é\nü".encode() + b"\xe9", 2, 3, 6),
        ("ab😀".encode()[:-1], 1, 3, 3),
        (b"\xef\xbb\xbfx\n\xff", 2, 1, 6),
        (b"\n\xed\xa0\xbd", 2, 1, 2),
        (b"x\xc0\x80", 1, 2, 2),
    ],
    ids=["alone", "on a line", "Latin-1", "cut", "behind a mark", "a surrogate", "too long a form"],
)
def test_the_first_byte_that_is_no_text_is_named(raw: bytes, line: int, column: int, byte: int) -> None:
    bad = decoded(raw).failure()
    assert (bad.line, bad.column, bad.byte, bad.value) == (line, column, byte, raw[byte - 1])
    assert bad.problem.message == f"The file is not UTF-8 text: byte {byte} is 0x{raw[byte - 1]:02x}."
    assert (bad.problem.line, bad.problem.column, bad.problem.kind) == (line, column, "usage")
    assert bad.problem.hint == "Save the file with the encoding UTF-8."


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_told_from_one_in_latin_1(encoding: str) -> None:
    bad = decoded("\ufeffname: x".encode(encoding)).failure()
    assert (bad.byte, bad.hint) == (1, "It looks like UTF-16. Save the file with the encoding UTF-8.")
