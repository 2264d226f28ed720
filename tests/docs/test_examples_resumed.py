"""Every example of the documentation: valid, planned, explained, run, and resumed from every journal length.

The real command line, the real file store and the offline provider, in this process. Which model calls are
made is counted at the model port.
"""

from __future__ import annotations

import io
import json
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from durable_core.session.turns import Answer, NoAnswer, Turn
from durable_shell.app import App
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.main import main
from durable_shell.operations.history import load_session
from durable_shell.providers.agent import SdkModels
from durable_shell.runtime.ports import TurnReport
from durable_shell.store.files.store import FileStore

pytestmark = pytest.mark.no_cover  # as in property_tests: it would take twice the time

FOLDER = Path(__file__).parents[2] / "docs" / "examples"
EXAMPLES = sorted(FOLDER.glob("*.yaml"))
VARIABLES = ("--var", "topic=tides", "--var", "product=a tide clock")

ANSWERS = {"tasks/approve": "later", "nodes/approve/1": "more colour", "iterations/1/gate": "be kinder"}
"""What people say; ``yes`` where nothing stands here."""


@dataclass(frozen=True)
class Told:
    """What one command left behind."""

    code: int
    out: str
    err: str


@dataclass
class Desk:
    """A home folder, an output folder, and the model calls that were made."""

    folder: Path
    calls: Counter[str]

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def strands(self, *argv: str) -> Told:
        streams = io.StringIO(), io.StringIO()
        environment = Environment(
            stdin=io.StringIO(), stdout=streams[0], stderr=streams[1], home=self.home, cwd=self.folder, env={}
        )
        code = main(argv, App(environment))
        return Told(code, streams[0].getvalue(), streams[1].getvalue())

    def finish(self, told: Told) -> Told:
        """Answer gates until the session is completed."""
        while told.code == Exit.WAITING:
            unit = self.open_gates()[0]
            answer = ANSWERS.get(unit, "approved" if "review" in unit else "yes")
            told = self.strands("resume", "@latest", "--gate", unit, "--hitl-response", answer)
        assert told.code == Exit.DONE, told.err
        return told

    def open_gates(self) -> list[str]:
        shown = json.loads(self.strands("sessions", "show", "@latest", "--json").out)
        return [gate["unit"] for gate in shown["pattern_state"]["gates"] if gate["response"] is None]

    def outcome(self, told: Told) -> dict[str, Any]:
        """All that must not depend on where a run was interrupted."""
        shown = json.loads(self.strands("sessions", "show", "@latest", "--json").out)
        for gate in shown["pattern_state"]["gates"]:
            del gate["opened_at"], gate["deadline"]
        out = self.folder / "artifacts"
        files = {str(path.relative_to(out)): path.read_text() for path in out.rglob("*") if path.is_file()}
        return {
            "result": told.out,
            "state": shown["pattern_state"],
            "status": shown["metadata"]["status"],
            "artifacts": files,
            "recorded": [(one["path"], one["sha256"]) for one in shown["artifacts_written"]],
            "completed_tokens": shown["token_usage"],
        }


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    calls: Counter[str] = Counter()
    answer = SdkModels.answer

    async def counted(self: SdkModels, turn: Turn, report: TurnReport) -> Answer | NoAnswer:
        calls[turn.unit] += 1
        return await answer(self, turn, report)

    monkeypatch.setattr(SdkModels, "answer", counted)
    return Desk(tmp_path, calls)


def test_there_is_an_example_of_every_pattern_and_of_gates_in_each() -> None:
    names = [path.stem for path in EXAMPLES]
    assert len(names) >= 12
    for pattern in ("chain", "workflow", "parallel", "routing", "evaluator", "orchestrator", "graph"):
        mine = [path for path in EXAMPLES if path.stem.startswith(pattern)]
        assert any("hitl" in path.read_text() for path in mine), pattern
        assert any("hitl" not in path.read_text() for path in mine), pattern


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_each_example_is_valid_and_can_be_planned_explained_and_drawn(path: Path, desk: Desk) -> None:
    assert desk.strands("validate", str(path)).code == Exit.DONE
    planned = desk.strands("plan", str(path), *VARIABLES, "--json", "--graph", "plan.svg")
    assert planned.code == Exit.DONE, planned.err
    assert json.loads(planned.out)["units"]
    assert (desk.folder / "plan.svg").read_text().startswith("<svg")
    assert f" {path.stem.split('-')[0]}" in desk.strands("explain", str(path)).out.splitlines()[0]
    assert not desk.calls
    assert not desk.home.exists()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_resumed_from_every_journal_length_ends_the_same_and_pays_nothing_twice(
    path: Path, desk: Desk, tmp_path: Path
) -> None:
    whole = desk.finish(desk.strands("run", str(path), *VARIABLES))
    expected = desk.outcome(whole)
    (session,) = (desk.home / "sessions").glob("session_*")
    lines = (session / "journal.jsonl").read_bytes().splitlines(keepends=True)
    for length in range(1, len(lines)):
        cut = Desk(tmp_path / f"cut{length}", desk.calls)
        copy = cut.home / "sessions" / session.name
        copy.mkdir(parents=True)
        (copy / "journal.jsonl").write_bytes(b"".join(lines[:length]))
        done = _completed(cut)
        desk.calls.clear()
        resumed = cut.strands("resume", "@latest", "--trust", "--out", "artifacts")
        if resumed.code == Exit.USAGE:  # completed, but for the lines that were cut
            assert "already completed" in resumed.err
            continue
        assert cut.outcome(cut.finish(resumed)) == expected, f"resumed from line {length}"
        assert not done & set(desk.calls), f"called again, resumed from line {length}"
        assert all(count == 1 for count in desk.calls.values())
        shutil.rmtree(cut.folder)


def _completed(desk: Desk) -> set[str]:
    (session,) = (desk.home / "sessions").glob("session_*")
    _, loaded = load_session(FileStore(desk.home), session.name.removeprefix("session_"))
    return {done.unit for done in loaded.done}
