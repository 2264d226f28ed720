"""A spec that a session keeps: a later version may read its text in another way, and the session goes on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from durable_core.session.resume import SpecNow
from durable_core.spec import yaml_reader
from durable_core.spec.plain_words import meaning
from durable_shell.operations.history import load_session
from durable_shell.operations.whereabouts import spec_now
from strands_durable import SpecInvalid, resume, run
from strands_durable.surroundings import app_for

LAMP = """\
version: 0
name: lamp
runtime: {provider: echo}
inputs: {optional: {light: {type: boolean, default: on, enum: [on, off]}}}
agents: {helper: {$ref: helper.yaml}}
pattern:
  type: chain
  config:
    steps:
      - {type: hitl, prompt: "Go on?"}
      - {agent: helper, input: "echo: light={{ light }}"}
"""
HELPER = "prompt: You help.\n"


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Any]:
    """A session that was begun when `on` still was a boolean; its spec and agent are files."""
    (tmp_path / "lamp.yaml").write_text(LAMP)
    (tmp_path / "helper.yaml").write_text(HELPER)
    with monkeypatch.context() as earlier:
        earlier.setattr(
            yaml_reader, "meaning", lambda word: word == "on" if word in ("on", "off") else meaning(word)
        )
        outcome = run(tmp_path / "lamp.yaml", store=tmp_path / "home")
    return {"session": outcome.session_id, "store": tmp_path / "home"}


def test_an_unchanged_file_keeps_the_meaning_that_it_had_when_the_session_began(
    begun: Mapping[str, Any],
) -> None:
    ended = resume(begun["session"], answer="yes", store=begun["store"])
    assert ended.result == "light=True"


@pytest.mark.parametrize(
    ("name", "text"), [("lamp.yaml", LAMP + "# edited\n"), ("helper.yaml", HELPER + "# edited\n")]
)
def test_a_changed_file_means_what_it_means_today(
    begun: Mapping[str, Any], tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(SpecInvalid, match="must be true or false, not the text 'on'"):
        resume(begun["session"], answer="yes", store=begun["store"])


def test_a_spec_that_lost_an_agents_file_has_changed(begun: Mapping[str, Any], tmp_path: Path) -> None:
    (tmp_path / "helper.yaml").unlink()
    with pytest.raises(SpecInvalid, match=r"helper\.yaml"):
        resume(begun["session"], answer="yes", store=begun["store"])


def test_a_file_that_was_moved_and_is_unchanged_keeps_its_meaning_too(
    begun: Mapping[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "new").mkdir()
    for name in ("lamp.yaml", "helper.yaml"):
        (tmp_path / name).rename(tmp_path / "new" / name)
    app = app_for(begun["store"])
    store = app.open_store("test")
    _, session = load_session(store, begun["session"])
    found = spec_now(app, session, str(tmp_path / "new" / "lamp.yaml"))
    assert isinstance(found, SpecNow)
    assert (found.spec, found.source.path) == (session.spec, str(tmp_path / "new" / "lamp.yaml"))
