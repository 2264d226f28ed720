"""Line breaks of YAML 1.1 that are signs like all others in YAML 1.2 (chapter 5.4 of its specification).

PyYAML ends a line at each of them. So it is given a stand-in for each, which its events are rid of again:
then a text that was copied out of a word processor stays one text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from yaml.events import Event, ScalarEvent

_STAND_INS: Final = range(0xE000, 0xF900)  # a block in which nothing has a meaning of its own
_ESCAPE: Final = re.compile(r"\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})")


def events_with_older_breaks(text: str, parse: Callable[[str], Iterable[Event]]) -> Iterator[Event]:
    """The events of ``text``, in which its older breaks are signs. ``parse`` is PyYAML's, and may raise.

    A text that holds nearly all of the stand-ins, too, is read as YAML 1.1 reads it.
    """
    taken = set(text) | {chr(int(short or long, 16)) for short, long in _ESCAPE.findall(text)}
    free = (chr(code) for code in _STAND_INS if chr(code) not in taken)
    stand_ins = dict(zip("\x85\u2028\u2029", free, strict=False))
    meant = {ord(stand_in): sign for sign, stand_in in stand_ins.items()}
    for event in parse(text.translate({ord(sign): stand_in for sign, stand_in in stand_ins.items()})):
        if isinstance(event, ScalarEvent):
            event.value = event.value.translate(meant)
        yield event
