"""Texts made of others: each by its number, the same on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

LONGEST: Final = 20_000
"""Bytes of a text: that a time grows faster than its text shows long before the bounds of a spec."""

WORDS: Final = (
    b"{{", b"}}", b"{%", b"%}", b"{#", b"#}", b"{", b"}", b"[", b"]", b'"', b"'", b"\\", b"\\ud83d",
    b"\\u0000", b": ", b"- ", b"\n", b"\n  ", b"\t", b"|", b">", b"&a ", b"*a", b"!!str ", b"<<: ", b"? ",
    b"---\n", b"%YAML 1.2\n", b"null", b"true", b"no", b"0x1F", b"1e400", b"-1", b"1" * 400, b"NaN",
    b".inf", b"2001-01-01", b"~", b"<think>", b"</think>", b"```", b"```json\n", b"\xff", b"\xed\xa0\xbd",
    b"\xf0\x9f\x98\x80", b"\x00", b"\xe2\x80\xae", b" ** ", b" * ", b" ~ ", b"|length", b"|tojson",
    b"range(", b"loop.", b".x", b"[0]", b"(", b")", b",", b" in ", b"for a in rows", b"endfor", b"if n",
    b"endif", b"set a = ", b"steps", b"agent", b"type", b"pattern", b"config", b"session_id", b"unit",
    b"attempt", b"at", b"seq", b"(a+)+$", b"[a-z]*" * 8, b"x" * 300,
)  # fmt: skip
"""What means something at one of the doors, and the ends of what can be written."""


def mutated(texts: Sequence[bytes], number: int) -> bytes:
    """The text of this ``number``: one of ``texts``, changed in one to twelve places."""
    draw = Random(number)
    text = bytearray(draw.choice(texts)[:LONGEST])
    for _ in range(draw.choice((1, 1, 2, 3, 5, 12))):
        _change(text, texts, draw)
    return bytes(text[:LONGEST])


def _change(text: bytearray, texts: Sequence[bytes], draw: Random) -> None:
    start = draw.randint(0, len(text))
    end = min(len(text), start + draw.choice((0, 1, 1, 4, 20, 200)))
    match draw.randrange(6):
        case 0:
            text[start:end] = draw.choice(WORDS)
        case 1:
            text[start:end] = text[start:end] * draw.choice((2, 3, 50, 1000))
        case 2:
            del text[start:end]
        case 3:
            other = draw.choice(texts)
            at = draw.randint(0, len(other))
            text[start:end] = other[at : at + draw.choice((1, 20, 400))]
        case 4 if text:
            place = min(start, len(text) - 1)
            text[place] ^= 1 << draw.randrange(8)
        case _:
            text[start:end] = draw.choice(WORDS) * draw.choice((1, 2, 40, 1500))
