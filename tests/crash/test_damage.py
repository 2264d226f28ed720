"""Damage: every file of a real session cut at every length and every byte changed, under every command.

Never a traceback and never a wrong result: what is shown is what was, or else exit 17 names the place and
the remedy, and the remedy works. `make test` takes a sample of the places, `make test-nightly` all of them in
files of up to 4 KB.
"""

from __future__ import annotations

import io
import json
import os
import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from durable_shell.app import App
from durable_shell.cli.environment import Environment
from durable_shell.cli.main import main
from tests.support.night import NIGHTLY
from tests.support.workflows import TALE

SPEC = TALE.replace("}, {agent: ann, input", '}, {type: hitl, prompt: "Fine?"}, {agent: ann, input')
WHOLE = 4096 if NIGHTLY else 0
"""Files up to this size, in bytes, are damaged at every place."""

SAMPLE = 500 if NIGHTLY else 30
"""Places tried in a longer file."""


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


def strands(home: Path, *argv: str) -> Ran:
    """Run one command in this process."""
    streams = io.StringIO(), io.StringIO(), io.StringIO()
    code = main(argv, App(Environment(*streams, home=home / ".strands", cwd=home, env={})))
    ran = Ran(code, streams[1].getvalue(), streams[2].getvalue())
    assert code != 70, ran.err
    assert "Traceback" not in ran.err
    return ran


@dataclass(frozen=True)
class Case:
    """A session that waits for a person, kept whole in ``pristine``, and what the commands say of it."""

    home: Path
    session_id: str
    pristine: Path
    listed: Any
    shown: Any
    result: str

    @property
    def folder(self) -> Path:
        return self.home / ".strands" / "sessions" / f"session_{self.session_id}"

    def restore(self) -> None:
        """Make the session whole again."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.pristine, self.folder)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    home = tmp_path_factory.mktemp("damage")
    (home / "tale.yaml").write_text(SPEC)
    assert strands(home, "run", "tale.yaml", "--var", "topic=tides").code == 19
    [folder] = (home / ".strands" / "sessions").iterdir()
    session_id = folder.name.removeprefix("session_")
    pristine = home / "pristine"
    shutil.copytree(folder, pristine)
    listed = json.loads(strands(home, "sessions", "list", "--json").out)
    shown = json.loads(strands(home, "sessions", "show", session_id, "--json").out)
    case = Case(home, session_id, pristine, listed, shown, result=resume(home, session_id).out)
    case.restore()
    assert strands(home, "sessions", "verify").code == 0
    return case


def resume(home: Path, session_id: str) -> Ran:
    return strands(home, "resume", session_id, "--hitl-response", "yes", "--spec-from", "snapshot")


def files() -> list[str]:
    return [
        "journal.jsonl",
        "session.json",
        "pattern_state.json",
        "spec_snapshot.yaml",
        "agents/ann/agent.json",
        "agents/ann/messages/message_0.json",
        "agents/ann/messages/message_1.json",
        ".lease",
    ]


def places(name: str, data: bytes) -> list[int]:
    if len(data) <= max(WHOLE, SAMPLE):
        return list(range(len(data)))
    edges = {0, 1, len(data) - 2, len(data) - 1}
    return sorted(edges | set(random.Random(name).sample(range(len(data)), SAMPLE)))


def check_looking(case: Case, name: str) -> bool:
    """``list``, ``show`` and ``verify`` tell the truth; whether the session is whole."""
    listed = json.loads(strands(case.home, "sessions", "list", "--json").out)
    if listed != case.listed:
        [row] = listed
        assert name == "session.json"
        assert (row["session_id"], row["status"]) == (case.session_id, "damaged")
        assert row["damaged"].startswith("session.json ")
    shown = strands(case.home, "sessions", "show", case.session_id, "--json")
    if shown.code == 0:
        assert json.loads(shown.out) == case.shown
    else:
        check_told(case, shown, name)
    verified = strands(case.home, "sessions", "verify", case.session_id)
    assert verified.code in (0, 17)
    if verified.code == 17:
        assert name in verified.out
        assert f"{case.session_id}" in verified.out
        assert "strands sessions repair" in verified.out or "can't be repaired" in verified.out
    else:
        assert shown.code == 0
    return verified.code == 0


def check_told(case: Case, ran: Ran, name: str) -> None:
    """A command stopped, and said where the damage is and what to do."""
    assert ran.code == 17, ran.err
    assert name == "journal.jsonl"
    assert "journal.jsonl" in ran.err
    assert f"strands sessions repair {case.session_id}" in ran.err
    assert ran.out == ""


def check_acting(case: Case, name: str, *, whole: bool) -> None:
    """``resume`` goes on with the truth or stops; ``repair`` makes whole what can be."""
    kept = case.home / "kept"
    shutil.copytree(case.folder, kept)
    resumed = resume(case.home, case.session_id)
    if resumed.code == 0:
        # a changed variable in session.json can't be told from a person's edit, and is told like one
        edited = name == "session.json" and "Variables taken over from session.json" in resumed.err
        assert resumed.out == case.result or edited
        left = json.loads(strands(case.home, "sessions", "verify", case.session_id, "--json").out)
        assert {Path(one["path"]).name for one in left[0]["findings"]} <= {"spec_snapshot.yaml"}
    elif name == "session.json":
        # nor can one that is no UTF-8 any more be told from an edit that was saved in another encoding
        assert resumed.code == 2
        assert f"{case.folder / name} is not UTF-8 text: byte " in resumed.err
        assert f"strands sessions repair {case.session_id}" in resumed.err
        assert (resumed.out, whole) == ("", False)
    else:
        check_told(case, resumed, name)
        assert not whole
    shutil.rmtree(case.folder)
    shutil.move(kept, case.folder)
    repaired = strands(case.home, "sessions", "repair", case.session_id, "--force")
    again = strands(case.home, "sessions", "verify", case.session_id)
    if repaired.code == 0:
        assert (again.code, again.out.count("\n")) == (0, 1), again.out
        shown = strands(case.home, "sessions", "show", case.session_id)
        assert shown.code == 0
    else:
        assert (repaired.code, again.code) == (17, 17)
        assert "can't be repaired" in repaired.err
        assert name == "journal.jsonl"


@pytest.mark.parametrize("name", files())
@pytest.mark.parametrize("how", ["cut", "changed"])
def test_damage_anywhere_in_a_file_is_seen_or_does_no_harm(case: Case, name: str, how: str) -> None:
    path = case.folder / name
    data = (case.pristine / name).read_bytes()
    chance = random.Random(name)
    for count, place in enumerate(places(name, data)):
        if how == "cut":
            damaged = data[:place]
        else:
            damaged = data[:place] + bytes([data[place] ^ (1 << chance.randrange(8))]) + data[place + 1 :]
        path.write_bytes(damaged)
        whole = check_looking(case, name)
        if count % (25 if NIGHTLY else 6) == 0 or place == len(data) - 1:
            path.write_bytes(damaged)
            check_acting(case, name, whole=whole)
        case.restore()
    assert os.path.exists(case.folder)
