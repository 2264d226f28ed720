"""Variables that a person edited in session.json so that they can't be read.

An encoding that shows itself is taken. Any other text is not guessed at, and never written over unsaid.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.home import Home

SPEC = """\
version: 0
name: tale
runtime: {provider: echo}
agents: {a: {prompt: You tell tales.}}
pattern:
  type: chain
  config:
    steps:
      - {type: hitl, prompt: "Go on?"}
      - {agent: a, input: "echo: {{ topic }}"}
"""


@pytest.fixture
def user(tmp_path: Path) -> Home:
    """Somebody with one session, which waits for an answer."""
    user = Home(tmp_path)
    user.run(SPEC, expect=19)
    return user


def saved(user: Home, topic: str, encoding: str) -> Path:
    """session.json, edited and saved in an encoding."""
    [session_id] = user.ids()
    path = user.folder(session_id) / "session.json"
    document = json.loads(path.read_bytes())
    document["variables"]["topic"] = topic
    path.write_bytes(json.dumps(document, indent=2, ensure_ascii=False).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_an_edit_in_an_encoding_that_shows_itself_is_taken(encoding: str, user: Home) -> None:
    saved(user, "Dünen – 砂丘", encoding)
    assert user.strands("sessions", "verify") == 0, user.out
    assert user.strands("resume", "@latest", "--hitl-response", "yes", "--no-input") == 0, user.err
    assert "Variables taken over from session.json: topic" in user.err
    assert user.out == "Dünen – 砂丘\n"


@pytest.mark.parametrize(
    ("topic", "encoding"),
    [
        ("Dünen", "latin-1"),
        ("Dünen – flach", "cp1252"),
        ("łąka", "cp1250"),
        ("дюны", "cp1251"),
        ("дюны", "koi8-r"),
        ("砂丘", "shift_jis"),
        ("沙丘", "gb18030"),
        ("모래", "euc_kr"),
    ],
)
def test_an_edit_in_any_other_encoding_is_refused_and_left_as_it_is(
    topic: str, encoding: str, user: Home
) -> None:
    path = saved(user, topic, encoding)
    raw, [session_id] = path.read_bytes(), user.ids()
    with pytest.raises(UnicodeDecodeError) as wrong:
        raw.decode()
    first = wrong.value.start
    for command in (
        ("resume", session_id, "--hitl-response", "yes", "--no-input"),
        ("run", "--resume", session_id, "--no-input"),
        ("sessions", "answer", session_id, "yes"),
        ("sessions", "tick", session_id),
    ):
        assert user.strands(*command) == 2, command
        assert f"{path} is not UTF-8 text: byte {first + 1} of it is 0x{raw[first]:02x}." in user.err
        assert "Save the file with the encoding UTF-8" in user.err
        assert f"strands sessions repair {session_id}" in user.err
        assert path.read_bytes() == raw
    saved_again = raw.decode(encoding).encode()
    path.write_bytes(saved_again)
    assert user.strands("resume", session_id, "--hitl-response", "yes", "--no-input") == 0, user.err
    assert user.out == f"{topic}\n"


def test_who_gives_an_edit_up_repairs_the_session_and_goes_on(user: Home) -> None:
    saved(user, "Dünen", "latin-1")
    [session_id] = user.ids()
    assert user.strands("sessions", "repair", session_id) == 0, user.err
    assert user.strands("resume", session_id, "--hitl-response", "yes", "--no-input") == 0, user.err
    assert user.out == "tides\n"


@pytest.mark.parametrize("how", ["cut", "changed"])
def test_a_file_that_is_damaged_besides_is_made_anew_like_any_view(how: str, user: Home) -> None:
    path = saved(user, "Dünen", "latin-1")
    raw = path.read_bytes()
    path.write_bytes(raw[:-20] if how == "cut" else raw.replace(b'"paused"', b'"passed"'))
    assert user.strands("sessions", "answer", "tale", "yes") == 0, user.err
    assert json.loads(path.read_text())["variables"] == {"topic": "tides"}


@pytest.mark.parametrize("number", ["1e999", "NaN", "-Infinity"])
def test_an_edit_to_a_number_that_can_not_be_kept_is_refused_and_left_as_it_is(
    number: str, user: Home
) -> None:
    path = saved(user, "NUMBER", "utf-8")
    raw = path.read_bytes().replace(b'"NUMBER"', f"[{number}]".encode())
    path.write_bytes(raw)
    [session_id] = user.ids()
    for command in (
        ("resume", session_id, "--hitl-response", "yes", "--no-input"),
        ("sessions", "answer", session_id, "yes"),
    ):
        assert user.strands(*command) == 2, command
        assert f"{path} holds a number that can't be kept" in user.err
        assert path.read_bytes() == raw
