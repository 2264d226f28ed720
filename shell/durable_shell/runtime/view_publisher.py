"""Views, written behind the commit.

A commit costs one append and one fdatasync; views follow when the driver has nothing better to do. While
a session is small they follow every commit, so that whoever looks into the folder while a model call runs
sees the last completed unit. A large view is not written for every event: it waits until the journal has
grown by a share of the view's own size, so that bytes written per commit stay bounded however long the
session gets. At a pause, a failure and the end they are always brought up to date.
"""

from __future__ import annotations

import json
from typing import Any, Final

from returns.result import Result, Success

from durable_core.characters import whole
from durable_core.session import Session
from durable_core.session.conversation import Conversation, ConversationMessage
from durable_core.views.documents import agent_document, message_document, pattern_document, session_document
from durable_shell.store.digest import CHECK, check_of
from durable_shell.store.port import AgentView, Store, StoreError, Views

SMALL_BYTES: Final = 64 * 1024
"""Views up to this size follow every commit: writing 64 KiB takes about as long as one fdatasync."""

GROWTH: Final = 0.5
"""A larger view is written again when the journal grew by this share of it: at most three bytes of view
are then written for each byte of journal."""


class Publisher:
    """Derives the views of one session and hands them to its store. Calls block; one at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last_bytes = 0
        self._journal_bytes_since = 0
        self._published_seq = 0
        self._tried_seq = 0
        self._conversations: dict[str, Conversation] = {}
        self._documents: dict[str, list[tuple[ConversationMessage, dict[str, Any]]]] = {}

    def committed(self, events: list[dict[str, Any]]) -> None:
        """Told of what went into the journal, as written there."""
        if self._last_bytes > SMALL_BYTES:
            self._journal_bytes_since += sum(len(json.dumps(event)) for event in events)

    def due(self, session: Session) -> bool:
        """Whether the views should follow now. After a failure they wait for the next commit, and for the
        session's rest in a store whose views do not follow."""
        if not self._store.views_follow or session.seq in (self._published_seq, self._tried_seq):
            return False
        return self._last_bytes <= SMALL_BYTES or self._journal_bytes_since >= GROWTH * self._last_bytes

    def publish(self, session: Session) -> Result[None, StoreError]:
        """Bring the views of ``session`` up to date, if they are not."""
        if session.seq == self._published_seq:
            return Success(None)
        self._tried_seq = session.seq
        agents = {
            name: self._agent(name, conversation)
            for name, conversation in session.conversations.items()
            if self._conversations.get(name) is not conversation
        }
        views = _views(session, agents)
        published = self._store.publish(session.id, views)
        if isinstance(published, Success):
            self._published_seq = session.seq
            self._last_bytes = len(json.dumps(views.pattern_state))
            self._journal_bytes_since = 0
            self._conversations = dict(session.conversations.items())
        return published

    def _agent(self, name: str, conversation: Conversation) -> AgentView:
        """The documents of a conversation; those made before are handed on as they are."""
        known = self._documents.get(name, [])
        documents = []
        for index, message in enumerate(conversation.messages):
            if index < len(known) and known[index][0] is message:
                documents.append(known[index])
            else:
                documents.append((message, message_document(index, message)))
        self._documents[name] = documents
        return AgentView(
            agent=agent_document(name, conversation), messages=[document for _, document in documents]
        )


def all_views(session: Session) -> Views:
    """Every view of ``session``."""
    agents = {
        name: AgentView(
            agent=agent_document(name, conversation),
            messages=[
                message_document(index, message) for index, message in enumerate(conversation.messages)
            ],
        )
        for name, conversation in session.conversations.items()
    }
    return _views(session, agents)


def _views(session: Session, agents: dict[str, AgentView]) -> Views:
    document, first = session_document(session), session.first_source
    return Views(
        session={**document, CHECK: check_of(document)},
        pattern_state=pattern_document(session),
        spec_snapshot=whole(first.text).encode(),
        agents=agents,
        refs={name: whole(text).encode() for name, text in first.refs.items()},
    )
