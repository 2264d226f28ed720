"""Secrets: what a workflow uses and no session ever holds.

A declared secret is a variable whose value is a reference, such as ``⟪secret:token⟫``. Templates, events and
views know the reference alone. Its value takes the reference's place on the way to a model or a tool, and the
reference the value's place in all that comes back, before anything is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from durable_core.frozen import frozen
from durable_core.spec.models import Spec

if TYPE_CHECKING:
    from durable_core.spec.models import Secret


def known_secrets(spec: Spec) -> Iterator[tuple[str, Secret]]:
    """The secrets that ``spec`` declares, by the name that the workflow uses."""
    for secret in spec.env.secrets:
        yield secret.name or secret.key, secret


def reference(name: str) -> str:
    """What stands for the secret ``name`` wherever something is kept."""
    return f"⟪secret:{name}⟫"


@frozen()
class Vault:
    """The values of a run's secrets, by name. Use ``vault``; one without values changes nothing."""

    _names: Mapping[str, str]
    _values: Mapping[str, str]
    _any_value: re.Pattern[str] | None
    _any_reference: re.Pattern[str] | None

    def conceal(self, value: Any) -> Any:
        """``value`` (JSON, or a text) with a reference in the place of each secret, keys included."""
        return value if self._any_value is None else _replaced(value, self._any_value, self._names)

    def reveal(self, value: Any) -> Any:
        """``value`` (JSON, or a text) with the secrets in the place of their references."""
        return value if self._any_reference is None else _replaced(value, self._any_reference, self._values)


def vault(secrets: Mapping[str, str]) -> Vault:
    """A vault of ``secrets``, values by name; empty values are none.

    Where one secret is a part of another, the longer one is taken for what it is.
    """
    values = {reference(name): value for name, value in secrets.items() if value}
    # of two names for one value, the first stands for it
    names = {value: name for name, value in reversed(values.items())}
    return Vault(names, values, _any_of(names), _any_of(values))


def _any_of(texts: Mapping[str, str]) -> re.Pattern[str] | None:
    if not texts:
        return None
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
