"""A process that meets its limit of open files in the middle of a run: it stops, says so, and nothing is paid
twice.

A tool leaks files, as bad ones do, until ``left`` can be opened. Then views, tools, modules and an artifact
want some: which of them meets the limit depends on the place of the tool, and on ``left``.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.folders import document, events, everything_below, id_of, only_session, sessions
from tests.support.night import spread
from tests.support.program import Ran, run, script

PROGRAM = script(Path(__file__).with_name("short_of_files.py"), "program")
ENOUGH = 256
LIMIT = 96
TOO_FEW = 24

TOOLS = """
import os
from contextlib import nullcontext

from durable_shell.runtime.view_publisher import Publisher

HELD = []


def leak(left: int) -> str:
    "Hold all files but some; of none at all, not while views are written, which close theirs after that."
    if not os.environ.get("LEAKS"):
        return "done"
    with nullcontext() if left else Publisher.at_rest:
        try:
            while True:
                HELD.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            pass
    for _ in range(left):
        os.close(HELD.pop())
    return "done"
"""

HEAD = """\
version: 0
name: short
runtime: {provider: scripted, host: script.yaml}
tools: {python: ["./tools.py:leak"]}
agents:
  leaker: {prompt: You leak., tools: [leak]}
  writer: {prompt: You write., tools: [file_write]}
  reader: {prompt: You read., tools: [file_read]}
  plain: {prompt: You think., tools: []}
  other: {prompt: You echo., tools: [], provider: echo}
outputs: {artifacts: [{path: deep/out.md, from: "{{ last_response }}"}]}
"""

STEPS = ["writer", "reader", "plain", "other"]
"""The steps of the chain beside the one that leaks: at any place among them."""

PARALLEL = """\
pattern:
  type: parallel
  config:
    branches:
      - {id: one, steps: [{agent: leaker, input: leaker}, {agent: plain, input: plain}]}
      - {id: two, steps: [{agent: plain, input: plain}, {agent: writer, input: writer}]}
      - {id: three, steps: [{agent: other, input: "echo: said"}, {agent: plain, input: plain}]}
    reduce: {agent: reader, input: reader}
"""


def chain(place: int) -> str:
    agents = [*STEPS[:place], "leaker", *STEPS[place:]]
    steps = "".join(f'      - {{agent: {agent}, input: "echo: {agent}"}}\n' for agent in agents)
    return f"pattern:\n  type: chain\n  config:\n    steps:\n{steps}"


def project(folder: Path, pattern: str, left: int) -> Path:
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "leaker": ("leak", {"left": left}),
        "writer": ("file_write", {"path": "notes/note.txt", "content": "noted"}),
        "reader": ("file_read", {"path": "notes/note.txt"}),
    }
    asked = [
        {"match": {"agent": agent, "contains": agent}, "tool_use": {"name": name, "input": given}}
        for agent, (name, given) in calls.items()
    ]
    # the last message of an agent that called its tool is the result of it
    said = [{"match": {"agent": agent}, "answer": f"{agent} is done"} for agent in (*calls, "plain")]
    folder.mkdir()
    (folder / "tools.py").write_text(TOOLS)
    (folder / "script.yaml").write_text(json.dumps({"rules": [*asked, *said]}))
    (folder / "w.yaml").write_text(HEAD + pattern)
    return folder


def strands(folder: Path, limit: int, *argv: str, leaks: bool = False) -> Ran:
    env = {"LEAKS": "yes"} if leaks else {}
    log = str(folder / "paid.log")
    return run(str(limit), log, *argv, home=folder, cwd=folder, env=env, program=PROGRAM)


def paid(folder: Path) -> Counter[str]:
    return Counter((folder / "paid.log").read_text().splitlines())


CASES = {f"chain {place}": chain(place) for place in range(len(STEPS) + 1)} | {
    "parallel": PARALLEL,
}


class Calm(NamedTuple):
    """A workflow, and what is paid for when nothing leaks: each call, and the tokens that are counted."""

    pattern: str
    calls: Counter[str]
    tokens: dict[str, Any]


@pytest.fixture(scope="module", params=CASES)
def calm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Calm:
    pattern = CASES[request.param]
    folder = project(tmp_path_factory.mktemp("calm") / "work", pattern, 0)
    ran = strands(folder, ENOUGH, "run", "w.yaml")
    assert ran.returncode == 0, ran.stderr
    return Calm(pattern, paid(folder), document(only_session(folder), "session.json")["token_usage"])


SHORT = (
    f"Error: Too many open files: this process may have {LIMIT} and can open hardly any more, "
    "so nothing new was begun.",
    "End what keeps them open, or raise the limit, as with: ulimit -n 1024",
)


def resumed_by(session: Path) -> str:
    return f"To resume: strands run --resume {id_of(session)}"


LEFT = spread([0, 1, 2, 3, 4, 5, 6, 8, 10, 24], most=4)


@pytest.mark.parametrize("left", LEFT)
def test_a_run_that_can_open_no_more_files_keeps_what_was_paid_and_goes_on_later(
    left: int, calm: Calm, tmp_path: Path
) -> None:
    folder = project(tmp_path / "work", calm.pattern, left)
    ran = strands(folder, LIMIT, "run", "w.yaml", leaks=True)
    assert "Traceback" not in ran.stderr
    assert ran.returncode in ((12,) if left == 0 else (0, 12)), ran.stderr
    session = only_session(folder)
    assert document(session, "session.json")["as_of"] == len(events(session)), "no view lags"
    if ran.returncode == 12:
        assert ran.stdout == ""
        assert ran.stderr.splitlines()[-4:] == [*SHORT, "Everything completed is saved.", resumed_by(session)]
        resumed = strands(folder, ENOUGH, "resume", "@latest")
        assert resumed.returncode == 0, resumed.stderr
    assert paid(folder) == calm.calls
    assert (folder / "artifacts" / "deep" / "out.md").is_file()
    view = document(session, "session.json")
    assert view["metadata"]["status"] == "completed"
    told = [event["result"]["status"] for event in events(session) if "result" in event]
    # what another branch leaks between the look and the tool's own opening is told to the model
    assert "error" not in told or "parallel" in calm.pattern
    assert "error" in told or view["token_usage"] == calm.tokens
    assert "error" in told or (folder / "notes" / "note.txt").is_file()


def test_a_run_that_is_not_saved_says_that_nothing_is_kept(tmp_path: Path) -> None:
    folder = project(tmp_path / "work", chain(0), 0)
    ran = strands(folder, LIMIT, "run", "w.yaml", "--no-save-session", leaks=True)
    assert ran.returncode == 12
    assert ran.stderr.splitlines()[-3:] == [*SHORT, "Nothing was kept, as --no-save-session asks."]
    assert sessions(folder) == []


def test_a_run_that_stopped_for_want_of_files_leaves_its_session_to_whoever_resumes_it(
    tmp_path: Path,
) -> None:
    folder = project(tmp_path / "work", chain(1), 0)
    assert strands(folder, LIMIT, "run", "w.yaml", leaks=True).returncode == 12
    session = only_session(folder)
    assert json.loads((session / ".lease").read_text())["until"] == 0.0, "another machine need not wait"
    listed = strands(folder, ENOUGH, "sessions", "list", "--json")
    assert json.loads(listed.stdout)[0]["status"] == "interrupted"
    before = everything_below(folder)
    refused = strands(folder, TOO_FEW, "resume", id_of(session))
    assert refused.returncode == 12
    assert "Nothing was run or changed." in refused.stderr
    assert everything_below(folder) == before
    assert strands(folder, LIMIT, "resume", id_of(session)).returncode == 0
    assert set(paid(folder).values()) == {1}
