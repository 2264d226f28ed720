"""What a session brings with it beside its workflow: where it writes, and what it asks for.

Of a session from elsewhere, a person is shown this before anything of it runs: its journal chose it, and they
did not.
"""

from __future__ import annotations

from collections.abc import Iterator

from durable_core.frozen import frozen
from durable_core.session.state import Session
from durable_core.spec.models import Spec
from durable_core.spec.secrets import known_secrets


@frozen(kw_only=True)
class Belongings:
    """``out`` is the folder of the artifacts, which replace files with ``force``; ``folder`` is where it was
    started, ``spec_path`` where its workflow was, empty if from no file. ``secrets`` are the places that
    secrets are taken from, ``tools`` the tools that are named.
    """

    out: str
    force: bool
    folder: str
    spec_path: str
    secrets: tuple[str, ...]
    tools: tuple[str, ...]


def belongings(session: Session) -> Belongings:
    """What ``session`` brings, under the spec that it has now."""
    return Belongings(
        out=session.options.out,
        force=session.options.force,
        folder=session.options.folder,
        spec_path=session.source.path or "",
        secrets=tuple(_secrets(session.spec)),
        tools=tuple(dict.fromkeys(_tools(session.spec))),
    )


def _secrets(spec: Spec) -> Iterator[str]:
    for name, secret in known_secrets(spec):
        place = secret.path or secret.key
        yield f"{name} ({secret.source} {place})"


def _tools(spec: Spec) -> Iterator[str]:
    yield from (tool.callable for tool in spec.tools.python)
    for agent in spec.agents.values():
        yield from agent.tools or ()
