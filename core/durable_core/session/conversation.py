"""Conversations: the messages between us and one agent, and where a completed unit left them.

A conversation grows by whole messages in the SDK's own form (``{"role": ..., "content": [...]}``). A
completed unit leaves a *mark*: how many messages there were, a digest of them, and the agent's memory
at that moment. Whatever is past the last mark is the *residue* of an attempt that never completed. What
of it the next attempt can continue is kept: the prompt, and rounds of tool calls and their results. All
else is rolled back before the next attempt, so that no conversation keeps half a turn.
"""

from __future__ import annotations

from dataclasses import field
from typing import Final, NamedTuple

from durable_core.characters import whole
from durable_core.frozen import frozen
from durable_core.persistent.persistent_list import PersistentList
from durable_core.types import Counted, Json, Usage

NOT_REPORTED: Final = "notReported"
"""Stands in the usage of a message whose provider reported none, beside the SDK's zeros."""

_WHOLE = ("end_turn", "stop_sequence")
_CALLING = ("tool_use",)


@frozen(kw_only=True)
class Memory:
    """What a faithful restore of an agent needs beside its messages; JSON objects, opaque to the core.

    ``manager`` is the conversation manager's state (it counts removed messages and holds the summary);
    ``internal`` is the SDK's own (interrupts, model state).
    """

    state: Json = None
    manager: Json = None
    internal: Json = None


@frozen(kw_only=True)
class Mark:
    """Where a completed unit left a conversation: ``count`` messages with SHA-256 chain ``digest``."""

    count: Counted
    digest: str
    memory: Memory = field(default_factory=Memory)


BEGINNING = Mark(count=0, digest="")
"""The mark of a conversation without messages."""


class ConversationMessage(NamedTuple):
    """One message, the digest of it and all before it, and when it was added (seconds since the epoch).

    ``memory`` is the agent's memory as the message joined, None where it was as before.
    """

    message: Json
    digest: str
    at: float
    memory: Memory | None = None


class Conversation(NamedTuple):
    """All messages so far, and the mark of the last unit that completed in it."""

    messages: PersistentList[ConversationMessage] = PersistentList()
    mark: Mark = BEGINNING

    def append(self, message: ConversationMessage) -> Conversation:
        """This conversation and ``message`` after it."""
        return Conversation(self.messages.append(message), self.mark)

    def marked(self, mark: Mark) -> Conversation:
        """This conversation, settled at ``mark``: what is before it will never be rolled back."""
        return Conversation(self.messages.until(mark.count), mark)

    def rolled_back(self, kept: int = 0) -> Conversation:
        """This conversation with the first ``kept`` messages of what an unfinished attempt left behind."""
        if len(self.messages) <= self.mark.count + kept:
            return self
        return self._replace(messages=self.messages.until(self.mark.count + kept))

    def mark_after(self, kept: int) -> Mark:
        """The mark of this conversation after the first ``kept`` messages of its residue."""
        if kept == 0:
            return self.mark
        messages = self.residue[:kept]
        memories = [one.memory for one in messages if one.memory is not None]
        return Mark(
            count=self.mark.count + len(messages),
            digest=messages[-1].digest,
            memory=memories[-1] if memories else self.mark.memory,
        )

    def history(self, kept: int) -> tuple[Json, ...]:
        """The messages up to the mark and the first ``kept`` after it: what the next attempt builds on."""
        return tuple(one.message for one in self.messages[: self.mark.count + kept])

    @property
    def settled(self) -> tuple[Json, ...]:
        """The messages up to the mark."""
        return self.history(0)

    @property
    def residue(self) -> tuple[ConversationMessage, ...]:
        """The messages past the mark, which an unfinished attempt left behind."""
        return self.messages[self.mark.count :]


def rounds(residue: tuple[ConversationMessage, ...]) -> int:
    """How many messages at the beginning of ``residue`` a turn can continue from; 0 when none is worth it.

    Those are the prompt, then an answer that calls tools and the results of just these calls, again and
    again; the last results may be missing, because the calls are journalled. A prompt alone is sent again.
    """
    messages = [one.message for one in residue]
    if not messages or messages[0].get("role") != "user" or tool_results(messages[0]):
        return 0
    kept, index = 0, 1
    while index < len(messages) and (calls := _calls(messages[index])):
        kept = index + 1
        if kept == len(messages) or sorted(tool_results(messages[kept])) != sorted(calls):
            break
        kept += 1
        index += 2
    return kept


def kept_for(residue: tuple[ConversationMessage, ...], prompt: str) -> int:
    """How many messages of ``residue`` the next attempt continues from, when it would send ``prompt``."""
    return rounds(residue) if _begins_with(residue, prompt) else 0


def recovered_answer(residue: tuple[ConversationMessage, ...], prompt: str) -> str | None:
    """The answer that a killed attempt had already received, or None.

    An attempt may die between the model's last message and its completed event. That answer is paid
    for; when it belongs to the very prompt that would be sent again, it is taken instead of asked for.
    """
    if not _begins_with(residue, prompt) or len(residue) != max(rounds(residue), 1) + 1:
        return None
    asked, answered = residue[-2].message, residue[-1].message
    if asked.get("role") != "user" or answered.get("role") != "assistant" or not _stopped(answered, _WHOLE):
        return None
    if any("text" not in block for block in answered["content"]):
        return None
    return _text(answered) if _text(answered).strip() else None


def usage_of(message: Json) -> Usage:
    """What the model call that gave ``message`` cost, by its metadata; nothing for any other message."""
    usage = message.get("metadata", {}).get("usage", {}) if message.get("role") == "assistant" else {}
    return Usage(int(usage.get("inputTokens", 0)), int(usage.get("outputTokens", 0)))


def unreported(message: Json) -> bool:
    """Whether ``message`` is an answer whose provider reported no usage; its zeros then say nothing."""
    usage = message.get("metadata", {}).get("usage", {}) if message.get("role") == "assistant" else {}
    return NOT_REPORTED in usage


def is_message(message: Json) -> bool:
    """Whether ``message`` can be asked all that is ever asked of one here."""
    try:
        usage_of(message), _text(message)
        names = (*tool_results(message), *_calls(message))
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        return False
    return message.get("role") in ("user", "assistant") and all(isinstance(name, str) for name in names)


def tool_results(message: Json) -> list[str]:
    """The ids of the tool calls whose results are in ``message``."""
    if message.get("role") != "user":
        return []
    blocks = message.get("content", ())
    return [block["toolResult"]["toolUseId"] for block in blocks if "toolResult" in block]


def _calls(message: Json) -> list[str]:
    """The ids of the tool calls that ``message`` asks for; none if it is cut short."""
    if message.get("role") != "assistant" or not _stopped(message, _CALLING):
        return []
    return [block["toolUse"].get("toolUseId", "") for block in message["content"] if "toolUse" in block]


def _stopped(message: Json, reasons: tuple[str, ...]) -> bool:
    # a truncated or filtered answer is recorded too, but it is a fault and not an answer
    reason = message.get("metadata", {}).get("custom", {}).get("stop_reason")
    return reason is None or reason in reasons


def _begins_with(residue: tuple[ConversationMessage, ...], prompt: str) -> bool:
    if not residue or residue[0].message.get("role") != "user":
        return False
    return whole(_text(residue[0].message)) == prompt  # earlier versions sent halves of characters


def _text(message: Json) -> str:
    return "".join(block.get("text", "") for block in message["content"])
