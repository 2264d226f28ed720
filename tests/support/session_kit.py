"""Telling a session's story in a test: given a spec, when this is reported, then that follows.

A ``Story`` is a session in memory (``strands_durable.testing``) about bridges.
"""

from __future__ import annotations

from typing import Any

from durable_core.session import Event, Source, Turn, commands
from durable_core.session.events import SessionStarted
from durable_core.session.state import Options
from durable_core.spec.models import Spec
from durable_core.types import UnitId
from strands_durable.testing.memory_session import MemorySession, Refused

START = 1000.0
"""When every story begins, in seconds since the epoch."""

ASK = {"type": "hitl", "prompt": "Is {{ topic }} right?"}
WRITE = {"agent": "ann", "input": "Write about {{ topic }}."}


def spec_of(pattern: str, config: dict[str, Any], runtime: dict[str, Any], **more: Any) -> Spec:
    """A spec with the agents ann and bob."""
    doc = {
        "version": 0,
        "name": "story",
        "runtime": {"provider": "echo", **runtime},
        "agents": {"ann": {"prompt": "You are ann."}, "bob": {"prompt": "You are bob."}},
        "pattern": {"type": pattern, "config": config},
        **more,
    }
    return Spec.model_validate(doc)


def chain_of(*steps: dict[str, Any], runtime: dict[str, Any] | None = None, **more: Any) -> Spec:
    """A chain of ``steps``."""
    return spec_of("chain", {"steps": list(steps)}, runtime or {}, **more)


def source_of(spec: Spec) -> Source:
    """A source that is another one for another spec. Its hash is readable instead of a digest."""
    text = spec.model_dump_json(by_alias=True, exclude_unset=True)
    return Source(text=text, format="json", sha256=f"hash of {text}", path="story.yaml")


class Story(MemorySession):
    """One session, told report by report."""

    def __init__(self, spec: Spec, **variables: Any) -> None:
        first = SessionStarted(
            at=START,
            session_id="s",
            spec=spec,
            source=source_of(spec),
            variables={"topic": "bridges", **variables},
            options=Options(),
        )
        super().__init__(first)

    def refused(self, command: commands.Command) -> str:
        """Why ``command`` is refused."""
        try:
            self.tell(command)
        except Refused as refusal:
            return str(refusal)
        raise AssertionError(f"{command} was not refused")

    def begin(self, unit: UnitId, *, kept: int | None = 0) -> tuple[Event, ...]:
        """Start ``unit``, anew unless ``kept`` messages stay: tests say what a driver would work out."""
        return super().begin(unit, kept=kept)

    def turn(self, unit: UnitId) -> Turn:
        """What would be sent for ``unit``."""
        todo = self.brief(unit)
        assert isinstance(todo, Turn)
        return todo
