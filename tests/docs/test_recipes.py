"""The recipe for CI, as its page gives it: whatever fails, each step is paid for once."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

from tests.support.folders import completed_units, sessions
from tests.support.program import Ran, run
from tests.support.workflows import DIGEST, DIGEST_FAILS, DIGEST_WORKS

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "run-in-ci.md"


def test_the_recipe_pays_for_each_step_once_however_often_a_job_fails(tmp_path: Path) -> None:
    [line] = re.findall(r"^  - run: (strands run .*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    (tmp_path / "digest.yaml").write_text(DIGEST)

    def job(rules: object) -> Ran:
        (tmp_path / "script.json").write_text(json.dumps(rules))
        return run(*shlex.split(line)[1:], home=tmp_path)

    for _ in range(3):
        assert job(DIGEST_FAILS).returncode == 10
    [session] = sessions(tmp_path)
    assert completed_units(session) == ["steps/0"]
    ended = job(DIGEST_WORKS)
    assert (ended.returncode, ended.stdout) == (0, "done\n")
    assert [completed_units(one) for one in sessions(tmp_path)] == [["steps/0", "steps/1"]]
