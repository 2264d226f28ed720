"""What the tests of the model port share: turns, a record that remembers, and a way to run one turn."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from durable_core.session.conversation import BEGINNING, Memory
from durable_core.session.turns import Answer, NoAnswer, Turn
from durable_core.spec.settings import ModelSettings
from durable_core.types import Json
from durable_shell.providers.agent import SdkModels

KEYS = {"OPENAI_API_KEY": "sk-test-secret-value"}


def settings(provider: Any, **given: Any) -> ModelSettings:
    """Model settings with nothing set but what is given."""
    names = ("model_id", "region", "host", "temperature", "top_p", "max_tokens")
    empty: dict[str, Any] = dict.fromkeys(names)
    return ModelSettings(provider=provider, **(empty | given))


def turn(model: ModelSettings, prompt: str = "What is tea?", **given: Any) -> Turn:
    """A turn at the beginning of a conversation, unless told otherwise."""
    plain: dict[str, Any] = {
        "unit": "steps/0",
        "attempt": 1,
        "agent": "researcher",
        "conversation": "researcher",
        "system_prompt": "You are a careful researcher of drinks.",
        "history": (),
        "digest": BEGINNING.digest,
        "memory": Memory(),
    }
    return Turn(settings=model, prompt=prompt, **(plain | given))


@dataclass
class Recorded:
    """A record that keeps what it is told."""

    entries: list[tuple[int, Json, str]] = field(default_factory=list)
    memories: list[Memory | None] = field(default_factory=list)
    tools: list[tuple[Any, ...]] = field(default_factory=list)

    def __call__(self, index: int, message: Json, digest: str, memory: Memory | None = None) -> None:
        self.entries.append((index, message, digest))
        self.memories.append(memory)

    async def tool_started(self, call: str, name: str, given: Json, *, reads_only: bool) -> None:
        self.tools.append(("started", call, name, given, reads_only))

    async def tool_returned(self, call: str, result: Json) -> None:
        self.tools.append(("returned", call, result))

    @property
    def messages(self) -> tuple[Json, ...]:
        """The messages, in order."""
        return tuple(message for _, message, _ in self.entries)

    @property
    def said(self) -> list[tuple[str, str]]:
        """Role and text of each message."""
        return [(m["role"], "".join(b.get("text", "") for b in m["content"])) for m in self.messages]


def play(*turns: Turn, record: Any = None, **how: Any) -> list[Answer | NoAnswer]:
    """The outcomes of these turns, one after the other, on one set of models and one event loop."""

    async def run() -> list[Answer | NoAnswer]:
        models = SdkModels(how.pop("env", KEYS), **how)
        try:
            return [await models.answer(each, record or Recorded()) for each in turns]
        finally:
            await models.close()

    return asyncio.run(run())


def answered(outcome: Answer | NoAnswer) -> Answer:
    """The outcome, which must be an answer."""
    assert isinstance(outcome, Answer), outcome
    return outcome


def unanswered(outcome: Answer | NoAnswer) -> NoAnswer:
    """The outcome, which must not be an answer."""
    assert isinstance(outcome, NoAnswer), outcome
    return outcome
