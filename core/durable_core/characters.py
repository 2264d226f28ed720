"""Characters that come in halves, and those that turn the direction of a line.

A program that counts in UTF-16 can cut a character beyond U+FFFF in two, and models, streams and files
made by such programs hold the halves (surrogates). Python keeps them in its texts; no UTF-8 has them.

Journals of earlier versions hold them too, and a JSON library that refuses them must not make such a session
unreadable: there they are hidden from it, and shown again.

The controls of Unicode's bidirectional algorithm are not seen, and change in which order all around them is:
a name or an answer that holds one can look like another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

from durable_core.persistent.frozen_dict import FrozenDict

_HALVES: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")
_PAIR_BASE: Final = 0x10000 - (0xD800 << 10) - 0xDC00

_T = TypeVar("_T")

REPLACEMENT: Final = "\ufffd"
"""What stands for half of a character whose other half is missing: Unicode's own sign for that."""

_DIRECTION_MARKS: Final[Mapping[int, str]] = MappingProxyType(
    {
        ord(mark): f"\\u{ord(mark):04x}"
        for mark in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    }
)
"""All characters with the property Bidi_Control (Unicode 16, PropList.txt), and the escape of each."""


def undirected(text: str) -> str:
    """``text`` with an escape, such as ``\\u202e``, in the place of each mark that turns its direction."""
    return text if text.isascii() else text.translate(_DIRECTION_MARKS)


def whole(text: str) -> str:
    """``text`` with halves of characters joined where they meet, and U+FFFD in the place of lone ones."""
    return text if text.isascii() else _HALVES.sub(_joined, text)


def whole_texts(value: Any) -> Any:
    """A JSON value with all its texts whole, keys included."""
    match value:
        case str():
            return whole(value)
        case Mapping():
            return {whole(key): whole_texts(part) for key, part in value.items()}
        case list() | tuple():
            return [whole_texts(part) for part in value]
        case _:
            return value


def _joined(found: re.Match[str]) -> str:
    first, *second = map(ord, found[0])
    return chr((first << 10) + second[0] + _PAIR_BASE) if second else REPLACEMENT


# Hiding halves -------------------------------------------------------------------------------------

_MARK: Final = "\U0010fffe"  # a noncharacter: no text has business with it, and one that does is still exact
_TO_HIDE: Final = re.compile(f"[\ud800-\udfff{_MARK}]")
_HIDDEN: Final = re.compile(f"{_MARK}(.)", re.DOTALL)
_SHIFT: Final = 0xE000 - 0xD800
_MARK_ITSELF: Final = "\uf000"


def has_halves(text: str) -> bool:
    """Whether ``text`` holds half of a surrogate pair."""
    return any("\ud800" <= char <= "\udfff" for char in text)


def hide(value: _T) -> _T:
    """``value``, of JSON values and dataclasses, without halves in its texts and keys: in the place of each
    are two ordinary characters, which pydantic's JSON takes. ``show`` gives exactly ``value`` again."""
    hidden: _T = _with_texts(value, lambda text: _TO_HIDE.sub(lambda found: _MARK + _hidden(found[0]), text))
    return hidden


def show(value: _T) -> _T:
    """``value`` as it was before ``hide``."""
    shown: _T = _with_texts(value, lambda text: _HIDDEN.sub(lambda found: _shown(found[1]), text))
    return shown


def _with_texts(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list | tuple):
        return type(value)(_with_texts(item, change) for item in value)
    if isinstance(value, Mapping):
        return FrozenDict({change(key): _with_texts(item, change) for key, item in value.items()})
    parts = getattr(value, "__dataclass_fields__", ())  # without the module, which is slow to load
    return (
        type(value)(**{name: _with_texts(getattr(value, name), change) for name in parts}) if parts else value
    )


def _hidden(char: str) -> str:
    return _MARK_ITSELF if char == _MARK else chr(ord(char) + _SHIFT)


def _shown(char: str) -> str:
    return _MARK if char == _MARK_ITSELF else chr(ord(char) - _SHIFT)
