"""Secrets: what a workflow uses and no session ever holds.

A declared secret is a variable whose value is a reference, such as ``⟪secret:token⟫``. Templates, events and
views know the reference alone. Its value takes the reference's place on the way to a model or a tool, and the
reference the value's place in all that comes back, before anything is kept.

Whoever writes a page, an answer or a variable can write a reference too, and that is text. So in what is
sent to models and kept of it, each ``⟪`` that begins no reference of ours is *escaped*: ``⟪~`` stands for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from durable_core.frozen import frozen
from durable_core.spec.models import Spec

if TYPE_CHECKING:
    from durable_core.spec.models import Secret


_OPENING: Final = "⟪"
_ESCAPED: Final = "⟪~"


def known_secrets(spec: Spec) -> Iterator[tuple[str, Secret]]:
    """The secrets that ``spec`` declares, by the name that the workflow uses."""
    for secret in spec.env.secrets:
        yield secret.name or secret.key, secret


def reference(name: str) -> str:
    """What stands for the secret ``name`` wherever something is kept."""
    return f"⟪secret:{name}⟫"


def escaped(text: str) -> str:
    """``text``, which came from outside, in the form in which it is kept: no part of it is a reference."""
    return text.replace(_OPENING, _ESCAPED)


def unescaped(text: str) -> str:
    """A kept ``text`` as people read it; references stay."""
    return text.replace(_ESCAPED, _OPENING)


@frozen()
class Vault:
    """The values of a run's secrets, by name. Use ``vault``."""

    _kept: Mapping[str, str]
    _shown: Mapping[str, str]
    _told: Mapping[str, str]
    _to_keep: re.Pattern[str]
    _to_show: re.Pattern[str] | None
    _to_tell: re.Pattern[str]

    def conceal(self, value: Any) -> Any:
        """``value`` (JSON, or a text) as it is kept: references for secrets, keys included, the rest escaped.

        ``reveal`` gives just ``value`` again, whatever references it holds.
        """
        return _replaced(value, self._to_keep, self._kept)

    def reveal(self, value: Any) -> Any:
        """What was kept (JSON, or a text) with secrets in the place of their references, and unescaped."""
        return _replaced(value, self._to_tell, self._told)

    def masked(self, text: str) -> str:
        """``text`` with a reference in the place of each secret, to be shown and never to be revealed."""
        return text if self._to_show is None else str(_replaced(text, self._to_show, self._shown))


def vault(secrets: Mapping[str, str]) -> Vault:
    """A vault of ``secrets``, values by name; empty values are none.

    Where one secret is a part of another, the longer one is taken for what it is.
    """
    values = {reference(name): value for name, value in secrets.items() if value}
    # of two names for one value, the first stands for it
    shown = {value: name for name, value in reversed(values.items())}
    kept = {_OPENING: _ESCAPED, **shown}  # a secret that is the sign itself is a secret all the same
    told = {_ESCAPED: _OPENING, **values}
    return Vault(kept, shown, told, any_of(kept), any_of(shown) if shown else None, any_of(told))


def any_of(texts: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds each of ``texts``, of which there are some; where two begin, the longer one."""
    return re.compile("|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True)))


def _replaced(value: Any, pattern: re.Pattern[str], by: Mapping[str, str]) -> Any:
    match value:
        case str():
            return pattern.sub(lambda found: by[found[0]], value)
        case Mapping():
            return {_replaced(key, pattern, by): _replaced(part, pattern, by) for key, part in value.items()}
        case list() | tuple():
            return [_replaced(part, pattern, by) for part in value]
        case _:
            return value


NO_SECRETS = vault({})
"""What a run has that uses none."""
