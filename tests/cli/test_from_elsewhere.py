"""A session that was copied from another home: everybody may look at it; it runs once a person says so."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from durable_shell.store.files.birth import born_at
from tests.support.folders import only_session
from tests.support.program import Ran, run

SPEC = """\
version: 0
name: gift
runtime: {provider: echo}
env: {secrets: [{key: PATH, name: token, source: env}]}
agents: {a: {prompt: You help., tools: [calculator]}}
pattern:
  type: chain
  config:
    steps:
      - {agent: a, input: "echo: one"}
      - {type: hitl, prompt: "Go on?"}
outputs: {artifacts: [{path: settings.txt, from: "the sender's settings"}]}
"""
ANSWER = ("resume", "@latest", "--hitl-response", "yes", "--no-input")


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A home that holds a session of another home, which was started with --force."""
    sender, mine = tmp_path / "sender", tmp_path / "mine"
    for home in (sender, mine):
        home.mkdir()
    (sender / "gift.yaml").write_text(SPEC)
    begun = run("run", "gift.yaml", "--no-input", "--out", str(tmp_path / "target"), "--force", home=sender)
    assert begun.returncode == 19, begun.stderr
    shutil.copytree(only_session(sender).parent, mine / ".strands" / "sessions")
    return mine


def born(folder: Path) -> float | None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        return born_at(descriptor)
    finally:
        os.close(descriptor)


def shown(home: Path) -> dict[str, object]:
    brings: dict[str, object] = json.loads(run("sessions", "show", "@latest", "--json", home=home).stdout)[
        "brings"
    ]
    return brings


def refused(ran: Ran) -> None:
    assert ran.returncode == 2
    assert "did not begin here" in ran.stderr
    assert "--trust" in ran.stderr


def test_it_runs_only_once_somebody_trusts_it_and_what_it_brings_is_told(given: Path) -> None:
    target = given.parent / "target"
    refused(ran := run(*ANSWER, home=given))
    assert f"writes artifacts to {target}, and they replace files that are there" in ran.stderr
    assert f"was started in {given.parent / 'sender'}" in ran.stderr
    assert "asks for secrets: token (env PATH)" in ran.stderr
    assert "uses tools: calculator" in ran.stderr
    assert not target.exists()
    assert run(*ANSWER, "--trust", home=given).returncode == 0
    assert (target / "settings.txt").exists()


def test_whoever_looks_is_told_where_it_comes_from_and_need_not_trust_it(given: Path) -> None:
    assert shown(given) == {"from_elsewhere": True, "secrets": ["token (env PATH)"], "tools": ["calculator"]}
    for command in (("sessions", "list"), ("sessions", "verify")):
        assert run(*command, home=given).returncode == 0


def test_once_is_enough(given: Path) -> None:
    assert run("resume", "@latest", "--trust", "--no-input", home=given).returncode == 19
    assert shown(given)["from_elsewhere"] is False
    assert run(*ANSWER, home=given).returncode == 0


def test_a_home_trusts_what_began_in_it_and_no_mark_of_another_home(given: Path) -> None:
    sender = given.parent / "sender"
    assert shown(sender)["from_elsewhere"] is False
    mark = only_session(given) / ".origin"
    assert mark.read_bytes() == (only_session(sender) / ".origin").read_bytes()
    mark.unlink()
    refused(run(*ANSWER, home=given))
    (given / ".strands" / "origin_key").write_bytes(b"of this home")
    mark.write_bytes(b"\xff")
    refused(run(*ANSWER, home=given))


def test_a_session_of_an_earlier_version_is_resumed_unasked_and_a_copy_of_it_is_not(tmp_path: Path) -> None:
    home, copy = tmp_path / "home", tmp_path / "copy"
    for folder in (home, copy):
        folder.mkdir()
    (home / "gift.yaml").write_text(SPEC)
    assert run("run", "gift.yaml", "--no-input", home=home).returncode == 19
    for mark in (only_session(home) / ".origin", home / ".strands" / "origin_key"):
        mark.unlink()  # as an earlier version leaves a home
    shutil.copytree(home / ".strands", copy / ".strands")
    refused(run(*ANSWER, home=copy))
    # on a file system that does not tell when a folder came into being, its own user is asked, too
    told = born(only_session(home)) is not None
    assert shown(home)["from_elsewhere"] is not told
    assert run(*ANSWER, home=home).returncode == (0 if told else 2)
