"""A session that gives its name away has another one from then on."""

from __future__ import annotations

from durable_core.session import commands
from durable_core.session.decision import decide
from tests.support.session_kit import WRITE, Story, chain_of


def test_a_session_is_called_otherwise_once() -> None:
    story = Story(chain_of(WRITE))
    story.tell(commands.Rename(at=story.later(), name="digest.old"))
    assert story.session.name == "digest.old"
    assert decide(story.session, commands.Rename(at=story.later(), name="digest.old")).unwrap() == ()
