"""Conversations: what was said between us and one agent, and where a completed unit left it.

A conversation grows by whole messages in the SDK's own form (``{"role": ..., "content": [...]}``). A
completed unit leaves a *mark*: how many messages there were, a digest of them, and the agent's memory
at that moment. Whatever stands past the last mark belongs to an attempt that never completed; it is
rolled back before the next attempt, so that no conversation keeps half a turn.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from durable_core.rows import Rows
from durable_core.words import Json, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a faithful restore of an agent needs beside its messages; JSON objects, opaque to the core.

    ``manager`` is the conversation manager's state (it counts removed messages and holds the summary);
    ``internal`` is the SDK's own (interrupts, model state).
    """

    state: Json = None
    manager: Json = None
    internal: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Where a completed unit left a conversation: ``count`` messages with SHA-256 chain ``digest``."""

    count: int
    digest: str
    memory: Memory = field(default_factory=Memory)


BEGINNING = Mark(count=0, digest="")
"""The mark of a conversation in which nothing was said yet."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message, the digest of it and all before it, and when it was said (seconds since the epoch)."""

    message: Json
    digest: str
    at: float


@dataclass(frozen=True, slots=True)
class Conversation:
    """All messages so far, and the mark of the last unit that completed in it."""

    messages: Rows[Said] = field(default_factory=Rows)
    mark: Mark = BEGINNING

    def say(self, said: Said) -> Conversation:
        """This conversation with one message more."""
        return replace(self, messages=self.messages.append(said))

    def marked(self, mark: Mark) -> Conversation:
        """This conversation, settled at ``mark``: what stands before it will never be rolled back."""
        return Conversation(self.messages.until(mark.count), mark)

    def rolled_back(self) -> Conversation:
        """This conversation without what an unfinished attempt left behind."""
        if len(self.messages) == self.mark.count:
            return self
        return replace(self, messages=self.messages.until(self.mark.count))

    @property
    def settled(self) -> tuple[Json, ...]:
        """The messages up to the mark: what the next attempt builds on."""
        return tuple(said.message for said in self.messages[: self.mark.count])

    @property
    def residue(self) -> tuple[Said, ...]:
        """The messages past the mark, which an unfinished attempt left behind."""
        return self.messages[self.mark.count :]


def recovered_answer(residue: tuple[Said, ...], prompt: str) -> tuple[str, Usage] | None:
    """The answer that a killed attempt had already received, with its cost, or None.

    An attempt may die between the model's last message and its completed event. That answer is paid
    for; when it belongs to the very prompt that would be sent again, it is taken instead of asked for.
    """
    if len(residue) != 2:
        return None
    asked, answered = residue[0].message, residue[1].message
    if asked.get("role") != "user" or _text(asked) != prompt or answered.get("role") != "assistant":
        return None
    metadata = answered.get("metadata", {})
    # a truncated or filtered answer is recorded too, but it is a fault and not an answer
    whole = metadata.get("custom", {}).get("stop_reason", "end_turn") in ("end_turn", "stop_sequence")
    if not whole or any("text" not in block for block in answered["content"]):
        return None
    text = _text(answered)
    if not text.strip():
        return None
    usage = metadata.get("usage", {})
    return text, Usage(int(usage.get("inputTokens", 0)), int(usage.get("outputTokens", 0)))


def _text(message: Json) -> str:
    return "".join(block.get("text", "") for block in message["content"])
