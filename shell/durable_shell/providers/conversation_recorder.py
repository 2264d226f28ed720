"""Our conversation recorder: the SDK's session manager, telling the journal instead of writing files.

It restores an agent to what the turn says, and reports each message the moment it joins the conversation,
in the form in which it can be restored exactly, without the secrets in it. What is kept, where and when is
the caller's business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strands.hooks import AfterModelCallEvent, HookRegistry
from strands.session.session_manager import SessionManager
from strands.types.content import Message
from strands.types.session import SessionAgent, decode_bytes_values, encode_bytes_values

from durable_core.characters import whole_texts
from durable_core.session.conversation import Mark, Memory
from durable_core.session.turns import Turn
from durable_core.spec.secrets import NO_SECRETS, Vault
from durable_shell.providers.tool_results import results_in_form
from durable_shell.runtime.ports import TurnReport
from durable_shell.store.digest import chain_digest

if TYPE_CHECKING:
    from strands.agent.agent import Agent


class Recorder(SessionManager):
    """Records one turn of one conversation.

    ``broken`` is the exception that ``report`` raised, if it did: the message is then not kept, and the turn
    must not count, whatever the SDK makes of the exception. ``redacted`` is true once the provider took back
    a message that was already recorded; what was recorded stays as it was, and so the turn must not count.
    """

    def __init__(self, turn: Turn, report: TurnReport, vault: Vault = NO_SECRETS) -> None:
        self.session_id = turn.conversation
        self.broken: BaseException | None = None
        self.redacted = False
        self._closed = False
        self._turn = turn
        self._report = report
        self._vault = vault
        self._count = len(turn.history)
        self._digest = turn.digest
        self._memory = turn.memory
        self._told = turn.memory

    @property
    def mark(self) -> Mark:
        """Where the conversation stands now."""
        return Mark(count=self._count, digest=self._digest, memory=self._memory)

    def register_hooks(self, registry: HookRegistry, **kwargs: Any) -> None:
        """Listen to what every session manager does, and to why the model stopped."""
        super().register_hooks(registry, **kwargs)
        registry.add_callback(AfterModelCallEvent, _note_stop_reason)

    def initialize(self, agent: Agent, **kwargs: Any) -> None:
        """Restore the agent: its memory, then the messages that its conversation manager still holds."""
        del kwargs
        memory = self._turn.memory
        restored = SessionAgent(
            agent_id=agent.agent_id,
            state=decode_bytes_values(self._vault.reveal(memory.state or {})),
            conversation_manager_state=decode_bytes_values(self._vault.reveal(memory.manager or {})),
            _internal_state=decode_bytes_values(self._vault.reveal(memory.internal or {})),
        )
        if restored.state:
            agent.state = type(agent.state)(restored.state)
        restored.initialize_internal_state(agent)
        manager = agent.conversation_manager
        summary: list[Message] = []
        if restored.conversation_manager_state:
            summary = manager.restore_from_session(restored.conversation_manager_state) or []
        # Decoding copies, so nothing that the SDK does to a message reaches the recorded history.
        kept = [results_in_form(message) for message in self._turn.history[manager.removed_message_count :]]
        history = decode_bytes_values(whole_texts(self._vault.reveal(kept)))
        agent.messages = [*summary, *history]

    def close(self) -> None:
        """Record no more messages. Where a tool did not return, what the SDK tells the model was not said."""
        self._closed = True

    def append_message(self, message: Message, agent: Agent, **kwargs: Any) -> None:
        """Report the message, in JSON, with its place and the digest of the conversation up to it."""
        del kwargs
        if self._closed:
            return
        recorded = self._vault.conceal(encode_bytes_values(message))
        digest = chain_digest(self._digest, recorded)
        memory = _memory(agent, self._vault)
        try:
            self._report(self._count, recorded, digest, None if memory == self._told else memory)
        except BaseException as error:
            self.broken = error
            raise
        self._count += 1
        self._digest = digest
        self._told = self._memory = memory

    def sync_agent(self, agent: Agent, **kwargs: Any) -> None:
        """Keep the agent's memory as of now."""
        del kwargs
        self._memory = _memory(agent, self._vault)

    def redact_latest_message(self, redact_message: Message, agent: Agent, **kwargs: Any) -> None:
        """Note that a guardrail took back the latest message; the journal can't be rewritten."""
        del redact_message, agent, kwargs
        self.redacted = True


def _memory(agent: Agent, vault: Vault) -> Memory:
    now = SessionAgent.from_agent(agent)
    return Memory(
        state=vault.conceal(encode_bytes_values(now.state)),
        manager=vault.conceal(encode_bytes_values(now.conversation_manager_state)),
        internal=vault.conceal(encode_bytes_values(now._internal_state)),
    )


def _note_stop_reason(event: AfterModelCallEvent) -> None:
    """Write into an answer's metadata (which no provider is sent) why it ended there.

    A truncated or filtered answer looks like a whole one otherwise, and would be taken for one by whoever
    finds it after a crash.
    """
    if event.stop_response is not None:
        custom = event.stop_response.message.setdefault("metadata", {}).setdefault("custom", {})
        custom["stop_reason"] = event.stop_response.stop_reason
