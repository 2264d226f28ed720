"""What contributors rely on: one version, fragments that towncrier takes, hooks and CI that run."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import yaml

from durable_core.version import VERSION
from durable_shell.runtime.writer import this_program
from tests.cli.research import run_it
from tests.support.folders import only_session
from tests.support.program import run

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
MAKEFILE = (ROOT / "Makefile").read_text()
CI = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
COMMUNITY = ("README", "CONTRIBUTING", "SECURITY", "CODE_OF_CONDUCT", "CHANGELOG")
FRAGMENT = re.compile(r"(?:\d+|\+[a-z][a-z-]*)\.([a-z]+)\.md")


def targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z -]*):(?!=)", MAKEFILE, re.MULTILINE))


def commands_of(job: dict[str, Any]) -> str:
    return "\n".join(step.get("run", "") for step in job["steps"])


# --- One version ---------------------------------------------------------------------------------------


def test_the_version_stands_in_one_place() -> None:
    assert "version" not in PROJECT["project"]
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "core/durable_core/version.py"
    sources = [*(ROOT / "core").rglob("*.py"), *(ROOT / "shell").rglob("*.py")]
    texts = {
        path
        for path in sources
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value == VERSION
    }
    assert texts == {ROOT / "core" / "durable_core" / "version.py"}


def test_the_command_and_the_journal_bear_the_version(tmp_path: Path) -> None:
    assert run("version", home=tmp_path).stdout.startswith(f"strands-durable {VERSION}, Python ")
    assert this_program().program == VERSION
    assert run_it(tmp_path).returncode == 0
    first = json.loads((only_session(tmp_path) / "journal.jsonl").read_text().splitlines()[0])
    assert f'"program":"{VERSION}"' in json.dumps(first, separators=(",", ":"))


# --- The demo ------------------------------------------------------------------------------------------


def test_make_demo_says_what_it_will_do_before_it_sets_up(tmp_path: Path) -> None:
    of_an_outer_make = ("MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "MAKELEVEL")
    ran = subprocess.run(
        ["make", "demo", "PYTHON=false", f"VENV={tmp_path / 'venv'}", f"DEMO={tmp_path / 'demo'}"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in of_an_outer_make},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert "A chain of three agents will run" in ran.stdout
    assert f"First an environment is made in {tmp_path / 'venv'}" in ran.stdout
    assert "Error: false is missing or older than Python 3.11." in ran.stderr
    assert list(tmp_path.iterdir()) == []


# --- The changelog -------------------------------------------------------------------------------------


def refused(names: list[str]) -> list[str]:
    """The names in the folder of fragments that towncrier would not take for one."""
    types = {one["directory"] for one in PROJECT["tool"]["towncrier"]["type"]}
    matches = {name: FRAGMENT.fullmatch(name) for name in names if name != "README.md"}
    return [name for name, match in matches.items() if match is None or match[1] not in types]


def test_every_fragment_has_an_issue_or_a_word_and_a_type() -> None:
    folder = ROOT / PROJECT["tool"]["towncrier"]["directory"]
    fragments = sorted(folder.iterdir())
    assert len(fragments) > 1
    assert refused([path.name for path in fragments]) == []
    for path in fragments:
        assert path.read_text().strip().endswith((".", "`"))


def test_a_fragment_with_another_name_is_refused() -> None:
    wrong = ["12.feature.md", "word.added.md", "+word.added.txt", "+word.md"]
    assert refused(["12.added.md", "+a-word.fixed.md", "README.md", *wrong]) == wrong


def test_the_changelog_has_the_place_where_releases_are_put() -> None:
    assert "<!-- towncrier release notes start -->\n" in (ROOT / "CHANGELOG.md").read_text()


# --- What GitHub and pre-commit read -------------------------------------------------------------------


def test_the_community_files_are_there_and_name_no_address() -> None:
    for name in COMMUNITY:
        text = (ROOT / f"{name}.md").read_text()
        assert len(text) > 500
        assert not re.search(r"[\w.]+@[\w-]+\.\w", text)


def test_every_hook_runs_a_target_of_the_makefile() -> None:
    (local,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert local["repo"] == "local"
    for hook in local["hooks"]:
        make, target = hook["entry"].split()
        assert (make, target in targets()) == ("make", True)


def test_ci_runs_every_python_that_the_project_names_and_what_ci_run_runs() -> None:
    job = CI["jobs"]["test"]
    named = [line.split(" :: ")[-1] for line in PROJECT["project"]["classifiers"] if "Python :: 3." in line]
    assert named[0] == PROJECT["project"]["requires-python"].removeprefix(">=")
    matrix = job["strategy"]["matrix"]
    assert (matrix["python"], matrix["experimental"]) == (named, [False])
    assert job["steps"][-1]["run"] == ".ci/run"


def test_a_python_that_is_not_promised_fails_no_build() -> None:
    job = CI["jobs"]["test"]
    assert job["continue-on-error"] == "${{ matrix.experimental }}"
    tried = job["strategy"]["matrix"]["include"]
    assert [each["experimental"] for each in tried] == [True] * len(tried)


def test_ci_tests_the_installed_wheel() -> None:
    commands = commands_of(CI["jobs"]["wheel"])
    assert commands.index("build_wheel") < commands.index("uninstall") < commands.index("dist/*.whl")
    assert commands.index("dist/*.whl") < commands.index("pytest")


def test_the_issue_templates_have_what_github_needs() -> None:
    for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.md"):
        _, head, body = path.read_text().split("---\n", 2)
        assert {"name", "about"} <= set(yaml.safe_load(head))
        assert body.strip()
    assert (ROOT / ".github" / "PULL_REQUEST_TEMPLATE.md").read_text().strip()
