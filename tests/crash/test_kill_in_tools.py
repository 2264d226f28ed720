"""``kill -9`` inside a step: what was answered is not asked again, what returned is not called again."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.crash.tool_turn import KEYS, ToolServer, called, prepare, resume, returned, wish
from tests.support.folders import document, events, id_of, only_session
from tests.support.program import Ran, run, start
from tests.support.terminal import Terminal

DONE = "posted hello"
ASKED = "If it was done, type the answer it gave; r calls it again, l leaves it for later.\n> "


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """The answer and the tokens of a run that nobody disturbed."""
    home = tmp_path_factory.mktemp("calm")
    with ToolServer() as server:
        ran = run(*prepare(home, server), home=home)
        assert ran.returncode == 0, ran.stderr
        assert server.counts == Counter(KEYS)
    assert [len(called(home, name)) for name in ("post", "look", "add")] == [1, 1, 1]
    return ran.stdout, tokens(home)


def tokens(home: Path) -> dict[str, Any]:
    used: dict[str, Any] = document(only_session(home), "session.json")["token_usage"]
    return used


def killed(home: Path, argv: list[str]) -> None:
    """Run until the program kills itself."""
    assert run(*argv, home=home).returncode == -9


def finished(home: Path, server: ToolServer, ran: Ran, calm: tuple[str, dict[str, Any]]) -> None:
    """The session ended as if nothing had happened, and no answered model call was made again."""
    assert ran.returncode == 0, ran.stderr
    assert server.counts == Counter(KEYS)
    assert (ran.stdout, tokens(home)) == calm
    roles = [event["message"]["role"] for event in events(only_session(home)) if "message" in event]
    assert roles == ["user", "assistant"] * 3


@pytest.mark.parametrize("number", range(3))
def test_a_turn_killed_while_the_model_is_asked_goes_on_with_that_question(
    number: int, tmp_path: Path, calm: tuple[str, dict[str, Any]]
) -> None:
    with ToolServer() as server:
        server.hold(KEYS[number])
        process = start(*prepare(tmp_path, server), home=tmp_path)
        server.wait_for(KEYS[number], process)
        process.kill()
        process.communicate()
        server.let_go()
        ran = resume(tmp_path)
        assert ran.returncode == 0, ran.stderr
        assert server.counts == Counter(KEYS) + Counter([KEYS[number]])
    assert (ran.stdout, tokens(tmp_path)) == calm
    assert [len(called(tmp_path, name)) for name in ("post", "look", "add")] == [1, 1, 1]


@pytest.mark.parametrize("point", ["before look", "after look", "before add", "after add"])
def test_a_turn_killed_in_a_tool_that_only_reads_calls_that_tool_again_and_no_other(
    point: str, tmp_path: Path, calm: tuple[str, dict[str, Any]]
) -> None:
    tool = point.split()[1]
    with ToolServer() as server:
        wish(tmp_path, point)
        killed(tmp_path, prepare(tmp_path, server))
        finished(tmp_path, server, resume(tmp_path), calm)
    expected = {"post": 1, "look": 1, "add": 1} | {tool: 2 if point.startswith("after") else 1}
    assert {name: len(called(tmp_path, name)) for name in expected} == expected


def in_doubt(home: Path, server: ToolServer, point: str, policy: str = "") -> set[str]:
    """Kill a run in ``post``; the calls that had returned then."""
    wish(home, point)
    killed(home, prepare(home, server, policy))
    return returned(only_session(home))


def looked_once(home: Path, known: set[str]) -> None:
    """The other call of the message ran again only if it had not returned."""
    assert 1 <= len(called(home, "look")) <= (1 if "call_0_1" in known else 2)


@pytest.mark.parametrize("point", ["before post", "after post"])
def test_a_call_in_doubt_pauses_the_session_until_a_person_settles_it_as_done(
    point: str, tmp_path: Path, calm: tuple[str, dict[str, Any]]
) -> None:
    with ToolServer() as server:
        known = in_doubt(tmp_path, server, point)
        for _ in range(2):  # asking again changes nothing
            paused = resume(tmp_path)
            assert paused.returncode == 19, paused.stderr
        folder = only_session(tmp_path)
        command = f"strands sessions settle {id_of(folder)} steps/0"
        assert f'{command} --done "..."' in paused.stderr
        assert f"{command} --retry" in paused.stderr
        (doubt,) = document(folder, "pattern_state.json")["in_doubt"]
        assert (doubt["unit"], doubt["call"], doubt["tool"], doubt["input"]) == (
            "steps/0",
            "call_0_0",
            "post",
            {"text": "hello"},
        )
        assert document(folder, "session.json")["metadata"]["status"] == "paused"
        settled = run("sessions", "settle", "@latest", "steps/0", "--done", DONE, home=tmp_path)
        assert settled.returncode == 0, settled.stderr
        finished(tmp_path, server, resume(tmp_path), calm)
    assert len(called(tmp_path, "post")) == (1 if point == "after post" else 0)
    looked_once(tmp_path, known)


@pytest.mark.parametrize(("said", "posts"), [(f"{DONE}\r", 1), ("r\r", 2)], ids=["done", "retry"])
def test_a_call_in_doubt_is_asked_about_on_a_terminal(
    said: str, posts: int, tmp_path: Path, calm: tuple[str, dict[str, Any]]
) -> None:
    with ToolServer() as server:
        in_doubt(tmp_path, server, "after post", "ask")
        with Terminal("resume", "@latest", home=tmp_path) as person:
            person.read_until(ASKED)
            assert "A tool call at steps/0 was interrupted" in person.text
            person.type("l\r")
            assert person.wait() == 19
        with Terminal("resume", "@latest", home=tmp_path) as person:
            person.read_until(ASKED)
            person.type("\r")  # no answer of a tool's: it is left for later, too
            assert person.wait() == 19
        with Terminal("resume", "@latest", home=tmp_path) as person:
            person.read_until(ASKED)
            person.type(said)
            assert person.wait() == 0
        assert server.counts == Counter(KEYS)
    assert tokens(tmp_path) == calm[1]
    assert len(called(tmp_path, "post")) == posts


@pytest.mark.parametrize("point", ["before post", "after post"])
def test_a_call_that_a_person_lets_be_retried_runs_again_with_the_same_key(
    point: str, tmp_path: Path, calm: tuple[str, dict[str, Any]]
) -> None:
    with ToolServer() as server:
        known = in_doubt(tmp_path, server, point, "ask")
        # before any resume: the journal alone says what is in doubt
        shown = json.loads(run("sessions", "show", "@latest", "--json", home=tmp_path).stdout)
        assert shown["metadata"]["status"] == "interrupted"
        assert [doubt["call"] for doubt in shown["pattern_state"]["in_doubt"]] == ["call_0_0"]
        settled = run("sessions", "settle", "@latest", "steps/0", "--retry", home=tmp_path)
        assert settled.returncode == 0, settled.stderr
        finished(tmp_path, server, resume(tmp_path), calm)
    posts = called(tmp_path, "post")
    assert len(posts) == (2 if point == "after post" else 1)
    assert len({json.dumps(post) for post in posts}) == 1
    looked_once(tmp_path, known)


def test_a_call_in_doubt_is_retried_without_asking_when_the_spec_says_so(
    tmp_path: Path, calm: tuple[str, dict[str, Any]]
) -> None:
    with ToolServer() as server:
        known = in_doubt(tmp_path, server, "after post", "retry")
        finished(tmp_path, server, resume(tmp_path), calm)
    assert len(called(tmp_path, "post")) == 2
    looked_once(tmp_path, known)


def test_a_call_in_doubt_is_skipped_and_the_agent_told_when_the_spec_says_so(tmp_path: Path) -> None:
    with ToolServer() as server:
        known = in_doubt(tmp_path, server, "after post", "skip")
        ran = resume(tmp_path)
        assert ran.returncode == 0, ran.stderr
        assert server.counts == Counter(KEYS)
        told = [message for message in server.calls[-1].messages if message["role"] == "tool"]
    assert len(called(tmp_path, "post")) == 1
    assert "Whether it did its work is not known" in told[0]["content"]
    looked_once(tmp_path, known)


def test_a_call_in_doubt_fails_the_unit_when_the_spec_says_so_until_it_is_settled(
    tmp_path: Path, calm: tuple[str, dict[str, Any]]
) -> None:
    with ToolServer() as server:
        known = in_doubt(tmp_path, server, "after post", "fail")
        for _ in range(2):
            failed = resume(tmp_path)
            assert failed.returncode == 10
            assert "steps/0: the tool post was called and never returned" in failed.stderr
            assert "sessions settle" in failed.stderr
        refused = run("sessions", "settle", "@latest", "steps/7", "--retry", home=tmp_path)
        assert refused.returncode == 2
        assert refused.stderr == "Error: no tool call is in doubt at steps/7 (but at steps/0)\n"
        run("sessions", "settle", "@latest", "steps/0", "--done", DONE, home=tmp_path)
        finished(tmp_path, server, resume(tmp_path), calm)
    assert len(called(tmp_path, "post")) == 1
    looked_once(tmp_path, known)


def test_a_turn_whose_prompt_was_changed_begins_anew_once_the_call_in_doubt_is_settled(
    tmp_path: Path,
) -> None:
    with ToolServer() as server:
        in_doubt(tmp_path, server, "after post")
        spec = tmp_path / "turn.yaml"
        spec.write_text(spec.read_text().replace("Do it.", "Do it well."))
        assert resume(tmp_path).returncode == 19
        run("sessions", "settle", "@latest", "steps/0", "--done", DONE, home=tmp_path)
        ran = resume(tmp_path)
        assert ran.returncode == 0, ran.stderr
        assert server.counts == Counter([*KEYS, "round0"])
    posts = called(tmp_path, "post")
    assert [text for text, _ in posts] == ["hello", "hello"]
    assert posts[0] != posts[1]  # another call, so another key


def test_a_journal_cut_after_any_line_ends_as_if_it_had_not_been(
    tmp_path: Path, calm: tuple[str, dict[str, Any]]
) -> None:
    """Each step of the turn at which a crash can leave the journal, with a tool that says it was not done."""
    with ToolServer() as server:
        argv = prepare(tmp_path, server, "retry")
        assert run(*argv, home=tmp_path).returncode == 0
        folder = only_session(tmp_path)
        whole = (folder / "journal.jsonl").read_bytes().splitlines(keepends=True)
        for kept in range(1, len(whole)):
            (folder / "journal.jsonl").write_bytes(b"".join(whole[:kept]))
            (folder / "session.json").unlink()  # no view is ever ahead of its journal
            shutil.rmtree(folder / "agents")
            before, left = Counter(server.counts), events(folder)
            for name in ("post", "look", "add"):
                (tmp_path / f"{name}.jsonl").unlink(missing_ok=True)
            ran = resume(tmp_path)
            assert (ran.returncode, ran.stdout) == (0, calm[0]), (kept, ran.stderr)
            answered = sum(e.get("message", {}).get("role") == "assistant" for e in left)
            assert server.counts - before == Counter(KEYS[answered:]), kept
            known = {event["call"] for event in left if event["type"] == "tool_returned/1"}
            names = {"call_0_0": "post", "call_0_1": "look", "call_1_0": "add"}
            ran_again = {call for call, name in names.items() if called(tmp_path, name)}
            assert ran_again == set(names) - known, kept
            assert tokens(tmp_path) == calm[1], kept
