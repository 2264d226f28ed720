"""What a session brings, as it is told before a stranger's runs."""

from __future__ import annotations

from durable_core.session.belongings import Belongings, belongings
from tests.support.session_kit import WRITE, Story, chain_of


def test_all_that_nobody_chose_here_is_named_once() -> None:
    spec = chain_of(
        WRITE,
        env={
            "secrets": [
                {"key": "TOKEN", "name": "token", "source": "env"},
                {"key": "cert", "source": "file", "path": "cert.pem"},
            ]
        },
        tools={"python": ("./tools.py:note",)},
        agents={
            "ann": {"prompt": "You are ann.", "tools": ["note", "calculator"]},
            "bob": {"prompt": "You are bob.", "tools": ["note"]},
        },
    )
    assert belongings(Story(spec).session) == Belongings(
        out=".",
        force=False,
        folder="",
        spec_path="story.yaml",
        secrets=("token (env TOKEN)", "cert (file cert.pem)"),
        tools=("./tools.py:note", "note", "calculator"),
    )


def test_a_session_that_asks_for_nothing_brings_no_names() -> None:
    brings = belongings(Story(chain_of(WRITE)).session)
    assert (brings.secrets, brings.tools) == ((), ())
