"""The ``strands`` program under a low limit of open files, with a note of each paid call.

    python short_of_files.py LIMIT LOG ARGUMENT...

LIMIT is how many files it may have open. Each model call is noted in LOG, by its agent and the length of its
conversation. While views are written, ``Publisher.at_rest`` is locked.
"""

from __future__ import annotations

import os
import resource
import sys
import threading
from collections.abc import AsyncGenerator, Callable
from typing import Any


def paid(stream: Callable[..., Any], log: int) -> Callable[..., AsyncGenerator[Any, None]]:
    """The method ``stream`` of a model, noted in the open file ``log``."""

    async def noted(self: Any, messages: Any, *given: Any, **named: Any) -> AsyncGenerator[Any, None]:
        agent = (named.get("invocation_state") or {})["agent"]
        os.write(log, f"{agent.agent_id} {len(messages)}\n".encode())
        async for event in stream(self, messages, *given, **named):
            yield event

    return noted


def locked(publish: Callable[..., Any], at_rest: threading.Lock) -> Callable[..., Any]:
    """The method ``publish``, during which ``at_rest`` is locked."""

    def locking(self: Any, *given: Any, **named: Any) -> Any:
        with at_rest:
            return publish(self, *given, **named)

    return locking


def program() -> int:
    """Run what the command line says."""
    from durable_shell.cli.main import main as strands
    from durable_shell.providers.offline.echo import EchoModel
    from durable_shell.providers.offline.scripted import ScriptedModel
    from durable_shell.runtime.view_publisher import Publisher

    log = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for model in (ScriptedModel, EchoModel):
        model.stream = paid(model.stream, log)  # type: ignore[method-assign]  # ours to watch
    at_rest = threading.Lock()
    Publisher.at_rest = at_rest  # type: ignore[attr-defined]  # for the tool that leaks
    Publisher.publish = locked(Publisher.publish, at_rest)  # type: ignore[method-assign]  # ours to watch
    limit = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    return strands(sys.argv[3:])


if __name__ == "__main__":
    sys.exit(program())
