"""Half surrogate pairs, carried past a JSON library that refuses them.

Models do send half of a pair, and Python, JSON text and our files can hold one; pydantic's JSON can't. An
answer that was paid for must not make its session unreadable, so each half is hidden behind two ordinary
characters before pydantic sees it, and shown again after that. Both ways are exact, whatever the text holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final, TypeVar

from durable_core.persistent.frozen_dict import FrozenDict

_T = TypeVar("_T")

_MARK: Final = "\U0010fffe"  # a noncharacter: no text has business with it, and one that does is still exact
_HALF: Final = re.compile(f"[\ud800-\udfff{_MARK}]")
_HIDDEN: Final = re.compile(f"{_MARK}(.)", re.DOTALL)
_SHIFT: Final = 0xE000 - 0xD800
_MARK_ITSELF: Final = "\uf000"


def has_halves(text: str) -> bool:
    """Whether ``text`` holds half of a surrogate pair."""
    return any("\ud800" <= char <= "\udfff" for char in text)


def hide(value: _T) -> _T:
    """``value``, of JSON values and dataclasses, with no half pair in any of its texts or keys."""
    hidden: _T = _with_texts(value, lambda text: _HALF.sub(lambda found: _MARK + _hidden(found[0]), text))
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
    if is_dataclass(value) and not isinstance(value, type):
        parts = {each.name: _with_texts(getattr(value, each.name), change) for each in fields(value)}
        return replace(value, **parts)
    return value


def _hidden(char: str) -> str:
    return _MARK_ITSELF if char == _MARK else chr(ord(char) + _SHIFT)


def _shown(char: str) -> str:
    return _MARK if char == _MARK_ITSELF else chr(ord(char) - _SHIFT)
