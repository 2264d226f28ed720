"""Texts made of others: each by its number, the same on every machine.

Bytes are changed wherever they are, which tries the readers. Where a text has a structure that can be read
and written again, its parts are changed as well, which gets past the readers to what stands behind them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

LONGEST: Final = 24_000
"""Bytes of a text: that a time grows faster than its text shows long before the bounds of a spec."""

MOST_PLACES: Final = 3000
"""Places in a structure that is changed further."""

WORDS: Final = (
    b"{{", b"}}", b"{%", b"%}", b"{#", b"#}", b"{", b"}", b"[", b"]", b'"', b"'", b"\\", b"\\ud83d",
    b"\\u0000", b": ", b"- ", b"\n", b"\n  ", b"\t", b"|", b">", b"&a ", b"*a", b"!!str ", b"<<: ", b"? ",
    b"---\n", b"%YAML 1.2\n", b"null", b"true", b"no", b"0x1F", b"1e400", b"-1", b"1" * 400, b"NaN",
    b".inf", b"2001-01-01", b"~", b"<think>", b"</think>", b"```", b"```json\n", b"\xff", b"\xed\xa0\xbd",
    b"\xf0\x9f\x98\x80", b"\x00", b"\xe2\x80\xae", b" ** ", b" * ", b" ~ ", b"|length", b"|tojson",
    b"range(", b"loop.", b".x", b"[0]", b"(", b")", b",", b" in ", b"for a in rows", b"endfor", b"if n",
    b"endif", b"set a = ", b"steps", b"agent", b"type", b"pattern", b"config", b"session_id", b"unit",
    b"attempt", b"at", b"seq", b"(a+)+$", b"[a-z]*" * 8, b"x" * 300, b"(?i)", b"(?:", b"(?=", b"(?<=",
    b"(?P<a>", b"(?P=a)", b"\\1", b"{0,", b"{2}", b"*?", b"++", b".*", b"\\w", b"\\s*", b"\\b", b"[^a]", b"$",
    b"^", b"\xc5\xbf", b"\xc4\xb0", b"[\\w-\\s]", b"\\N{DIGIT ONE}", b"(?(1)a|b)", b"(?#", b"(?s:", b"\\Z",
)  # fmt: skip
"""What means something at one of the doors, and the ends of what can be written."""

VALUES: Final = (
    None, True, False, 0, 1, -1, 2**31, 2**63, -(2**64), 10**400, 0.5, -0.0, 1e308, 5e-324, 1e15, "", " ",
    "\n", "0", "-1", "no", "null", "{{", "{{ x }}", "{{ steps[0].response }}", "{% for a in range(10**9) %}",
    "\ud83d",
    "\ude00", "\u202e", "\u0000", "\u0085", "a/../b", "../../x", "/etc/passwd", "~", "x" * 300, "é" * 3000,
    "steps/0", "steps/99999999999", "(a+)+$", "((a?)*)*b", "[[:alpha:]]", "2001-01-01", "9" * 5000, [], {},
    [[]], [None], {"": ""}, {"x": {"x": {}}}, {"__class__": 1}, "${secret.x}", "$ref", "\x1b[31m", "%s", "\\",
)  # fmt: skip
"""The ends of what can stand in the place of another value."""


@dataclass(frozen=True, slots=True)
class Form:
    """How the structure of a text is read, and written again. ``read`` raises ValueError if it has none."""

    read: Callable[[bytes], Any]
    write: Callable[[Any], bytes]


def mutated(texts: Sequence[bytes], number: int, form: Form | None = None) -> bytes:
    """The text of this ``number``: one of ``texts``, changed in one to twelve places."""
    draw = Random(number)
    changes = draw.choice((1, 1, 2, 3, 5, 12))
    start = draw.choice(texts)
    if form is not None and draw.random() < 0.6:
        start = _reshaped(start, texts, form, changes, draw)
        if draw.random() < 0.8:
            return start[:LONGEST]
    text = bytearray(start[:LONGEST])
    for _ in range(changes):
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


# Structures ----------------------------------------------------------------------------------------


def _reshaped(text: bytes, texts: Sequence[bytes], form: Form, changes: int, draw: Random) -> bytes:
    """The same with other parts; the text itself where it has no structure that can be read."""
    try:
        whole = [form.read(text)]  # in a list, so that the whole of it has a place as well
        other = [form.read(draw.choice(texts))]
        for _ in range(changes):
            _reshape(whole, other, draw)
        return form.write(whole[0])
    except (ValueError, RecursionError):
        return text


def _reshape(whole: list[Any], other: list[Any], draw: Random) -> None:
    places = list(_places(whole))
    if len(places) > MOST_PLACES:
        return
    holder, key = draw.choice(places)
    value = holder[key]
    match draw.randrange(9):
        case 0 | 1:
            holder[key] = copy.deepcopy(draw.choice(VALUES))
        case 2:
            there, place = draw.choice(list(_places(other)))
            holder[key] = copy.deepcopy(there[place])
        case 3 if holder is not whole:
            del holder[key]
        case 4 if isinstance(holder, dict):
            names = [place for _, place in _places(other) if isinstance(place, str)]
            name = draw.choice((*names, *(str(one) for one in VALUES)))
            holder[name] = holder.pop(key) if draw.random() < 0.5 else copy.deepcopy(value)
        case 5 if isinstance(holder, list) and holder is not whole:
            times = draw.choice((1, 1, 2, 40, 400)) if len(list(_places([value]))) < 20 else 1
            holder[key:key] = [copy.deepcopy(value) for _ in range(times)]
        case 6:
            for _ in range(draw.choice((1, 1, 2, 30, 300, 900))):
                value = [value] if draw.random() < 0.5 else {"x": value}
            holder[key] = value
        case 7 if isinstance(value, int | float) and not isinstance(value, bool):
            holder[key] = draw.choice(
                (value + 1, value - 1, -value, value * 1000, str(value), float(value % 2**60))
            )
        case _ if isinstance(value, str):
            changed = bytearray(value.encode("utf-8", "surrogatepass"))
            _change(changed, [b"x", *WORDS], draw)
            holder[key] = changed.decode("utf-8", "replace")
        case _:
            holder[key] = copy.deepcopy(draw.choice(VALUES))


def _places(holder: Any) -> Iterator[tuple[Any, Any]]:
    """Every place below ``holder``: what holds it, and the key or index."""
    below = [holder]
    while below:
        one = below.pop()
        for key in list(one) if isinstance(one, dict) else range(len(one)):
            yield one, key
            if isinstance(one[key], dict | list):
                below.append(one[key])
