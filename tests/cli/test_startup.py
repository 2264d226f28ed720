"""Start-up is a feature: what a quick command does not import, and that many sessions are no trouble.

No times are asserted: they belong to the machine. What is imported is what makes the difference.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from durable_core.patterns import PATTERNS
from durable_shell.store.files.store import FileStore
from tests.cli.research import run_it, work_folder
from tests.support.folders import id_of, only_session
from tests.support.program import run, surroundings

IMPORTED = """
import sys
from durable_shell.cli.main import main
code = main(sys.argv[1:])
sys.stderr.write(" ".join(sorted(sys.modules)))
sys.exit(code)
"""

BUILT = """
import sys
from durable_shell.cli.main import main
code = main(sys.argv[1:])
from durable_core.spec.base_types import Model
def below(model):
    for each in model.__subclasses__():
        yield each
        yield from below(each)
sys.stderr.write(" ".join(sorted(each.__name__ for each in below(Model) if each.__pydantic_complete__)))
sys.exit(code)
"""
"""Which models of the spec got a validator."""

ENTRY_POINTS = """
import importlib.metadata, sys
from durable_shell.cli.main import main
found, asked = importlib.metadata.entry_points, []
importlib.metadata.entry_points = lambda **wanted: asked.append("entry_points_asked_for") or found(**wanted)
code = main(sys.argv[1:])
sys.stderr.write(" ".join([*sorted(sys.modules), *asked]))
sys.exit(code)
"""
"""The modules in memory, and whether the entry points of the installed packages were looked through."""

COLLECTIONS = """
import gc, sys
from durable_shell.cli.main import main
before = sum(each["collections"] for each in gc.get_stats())
code = main(sys.argv[1:])
sys.stderr.write(str(sum(each["collections"] for each in gc.get_stats()) - before))
sys.exit(code)
"""
"""How often the collector looked for garbage."""

LEFT = """
import gc, sys
from durable_shell.cli.main import main
code = main(sys.argv[1:])
sys.stderr.write(str(len(gc.get_objects())))
sys.exit(code)
"""
"""How many objects the collector would look through while the interpreter ends."""

SLOW = {
    "strands",  # the SDK: half a second
    "boto3",
    "openai",
    "pydantic",
    "returns",
    "jinja2",
    "yaml",
    "asyncio",
    "rich",
    "durable_core.spec.models",
}
QUICKEST = {*SLOW, "dataclasses", "inspect"}
"""What would be a third of the time that a list takes."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one completed session."""
    home = tmp_path_factory.mktemp("made")
    assert run_it(home).returncode == 0
    return home


def imported(*argv: str, home: Path, code: int = 0, told: str = IMPORTED) -> set[str]:
    """The modules in memory after a command that ended with ``code``, or what else ``told`` tells."""
    ran = subprocess.run(
        [sys.executable, "-P", "-c", told, *argv],
        capture_output=True,
        text=True,
        cwd=home,
        env=surroundings(home),
        check=False,
    )
    assert ran.returncode == code, ran.stderr
    return set(ran.stderr.split("\n")[-1].split())


def brought_in_by(module: str) -> set[str]:
    """The modules in memory after a module of Python's library was imported."""
    program = f"import sys, {module}; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


@pytest.mark.parametrize(
    "argv",
    [
        ["--help"],
        ["run", "--help"],
        ["version"],
        ["sessions", "list"],
        ["sessions", "list", "--json"],
        ["sessions", "list", "--status", "completed"],
    ],
    ids=" ".join,
)
def test_the_quickest_commands_import_nothing_slow(argv: list[str], made: Path) -> None:
    modules = imported(*argv, home=made)
    if "importlib.metadata" in modules:  # which tells versions, and from Python 3.13 on imports inspect
        modules -= brought_in_by("importlib.metadata")
    assert modules & QUICKEST == set()


def test_deleting_imports_no_sdk_and_reads_no_spec(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    modules = imported("sessions", "delete", id_of(only_session(tmp_path)), "--force", home=tmp_path)
    assert modules & (SLOW - {"returns"}) == set()


def test_a_resume_that_is_refused_imports_no_core(made: Path, tmp_path: Path) -> None:
    """Of many that resume a session at once, all but one are told within the time of their own start."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    session = id_of(only_session(tmp_path))
    store = FileStore(tmp_path / ".strands")
    lease = store.lease(session, now=time.time()).unwrap()
    modules = imported("resume", session, home=tmp_path, code=17)
    store.release(lease)
    assert modules & (SLOW - {"returns"}) == set()


@pytest.mark.parametrize(
    "argv", [["sessions", "show", "@latest"], ["validate", "work/research.yaml"]], ids=" ".join
)
def test_showing_and_validating_import_no_sdk_and_draw_nothing(argv: list[str], made: Path) -> None:
    assert imported(*argv, home=made) & {"strands", "boto3", "openai", "rich"} == set()


READING = [
    (("validate", "work/research.yaml"), 90),
    (("plan", "work/research.yaml", "--var", "topic=x"), 93),
    (("sessions", "show", "@latest"), 108),
    (("sessions", "verify"), 141),
]
"""Commands that read a spec and run nothing, and how many modules of ours each may load."""


@pytest.mark.parametrize(("argv", "most"), READING, ids=str)
def test_a_command_that_reads_a_chain_loads_nothing_of_the_other_patterns(
    argv: tuple[str, ...], most: int, made: Path
) -> None:
    modules = imported(*argv, home=made)
    ours = {name for name in modules if name.startswith(("durable_core.", "durable_shell."))}
    others = {name for name in PATTERNS if name != "chain"}
    assert {name for name in ours if name.startswith("durable_core.patterns.")} >= {
        "durable_core.patterns.chain.config"
    }
    assert not {name for name in ours if {*name.split(".")} & others}
    assert not {name for name in ours if name.startswith("durable_core.drawing")}
    assert not modules & {"strands", "rich", "asyncio"}
    assert len(ours) <= most, sorted(ours)


@pytest.mark.parametrize("argv", [argv for argv, _ in READING], ids=" ".join)
def test_a_command_that_reads_a_chain_looks_for_no_plugins_and_loads_no_extras(
    argv: tuple[str, ...], made: Path
) -> None:
    modules = imported(*argv, home=made, told=ENTRY_POINTS)
    assert "durable_core.spec.models" in modules
    assert modules & {"durable_core.spec.extras", "entry_points_asked_for"} == set()


@pytest.mark.parametrize("argv", [argv for argv, _ in READING], ids=" ".join)
def test_a_command_that_reads_a_chain_loads_nothing_that_would_find_plugins(
    argv: tuple[str, ...], made: Path
) -> None:
    modules = imported(*argv, home=made)
    assert "pydantic.plugin._loader" in modules
    assert modules & {"email.message", "zipfile", "csv"} == set()


def test_what_would_find_plugins_is_there_for_who_uses_it(made: Path) -> None:
    program = f"""{IMPORTED.replace("sys.exit(code)", "")}
from importlib.metadata import entry_points, version
import importlib.metadata
assert importlib.metadata.version("pydantic") == version("pydantic")
assert entry_points(group="console_scripts", name="strands")
assert importlib.metadata.entry_points(group="console_scripts", name="strands")
"""
    assert "durable_core.spec.models" in imported("validate", "work/research.yaml", home=made, told=program)


@pytest.mark.parametrize(
    "argv",
    [*(argv for argv, _ in READING), ("run", "work/research.yaml", "--var", "topic=x")],
    ids=" ".join,
)
def test_the_collector_does_not_look_through_what_is_being_loaded(
    argv: tuple[str, ...], made: Path, tmp_path: Path
) -> None:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    (looked,) = imported(*argv, home=tmp_path, told=COLLECTIONS)
    assert int(looked) <= 5  # by Python's own threshold: 83 and more


@pytest.mark.parametrize("argv", [argv for argv, _ in READING], ids=" ".join)
def test_a_command_that_reads_a_chain_builds_the_models_that_the_file_holds(
    argv: tuple[str, ...], made: Path
) -> None:
    built = imported(*argv, home=made, told=BUILT)
    assert built - {"Budgets"} == {"Spec", "FailurePolicy", "Inputs", "ChainPattern"}  # of more than 50


@pytest.mark.parametrize(
    "argv",
    [("validate", "work/research.yaml"), ("run", "work/research.yaml", "--var", "topic=x")],
    ids=" ".join,
)
def test_nothing_is_looked_through_while_the_interpreter_ends(
    argv: tuple[str, ...], made: Path, tmp_path: Path
) -> None:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    (left,) = imported(*argv, home=tmp_path, told=LEFT)
    assert int(left) <= 100  # otherwise more than 40,000, and 300,000 with the SDK


def test_a_file_without_markup_is_checked_without_a_template_engine(tmp_path: Path) -> None:
    work_folder(tmp_path)
    plain = tmp_path / "work" / "research.yaml"
    plain.write_text(plain.read_text().replace("{{ ", "").replace(" }}", ""))
    assert "jinja2" not in imported("validate", "work/research.yaml", home=tmp_path)


def test_showing_a_session_reads_no_yaml_and_renders_nothing(made: Path) -> None:
    assert imported("sessions", "show", "@latest", home=made) & {"jinja2", "yaml"} == set()


def test_a_run_imports_only_the_provider_that_it_needs(tmp_path: Path) -> None:
    work_folder(tmp_path)
    modules = imported("run", "work/research.yaml", "--var", "topic=x", home=tmp_path)
    assert "strands" in modules
    assert modules & {"openai", "ollama", "anthropic", "rich", "durable_core.spec.extras"} == set()


def test_a_run_of_a_chain_loads_nothing_of_the_other_patterns_and_draws_nothing(tmp_path: Path) -> None:
    work_folder(tmp_path)
    modules = imported("run", "work/research.yaml", "--var", "topic=x", home=tmp_path)
    ours = {name for name in modules if name.startswith(("durable_core.", "durable_shell."))}
    others = {name for name in PATTERNS if name != "chain"}
    assert "durable_core.patterns.chain.machine" in ours
    assert not {name for name in ours if {*name.split(".")} & {*others, "planning", "drawing"}}
    assert len(ours) <= 190, sorted(ours)


def test_a_thousand_sessions_are_listed_each_once(made: Path, tmp_path: Path) -> None:
    ids = a_thousand_sessions(made, tmp_path)
    listed = run("sessions", "list", home=tmp_path)
    assert listed.returncode == 0, listed.stderr
    assert sorted(line.split()[0] for line in listed.stdout.splitlines()[2:]) == ids
    assert len(json.loads(run("sessions", "list", "--json", home=tmp_path).stdout)) == 1000


def a_thousand_sessions(made: Path, home: Path) -> list[str]:
    """Fill ``home`` with copies of the session in ``made``, under ids of their own; gives the ids, sorted."""
    view = (only_session(made) / "session.json").read_text()
    original = id_of(only_session(made))
    ids = [f"{n:08x}-0000-4000-8000-000000000000" for n in range(1000)]
    for one in ids:
        folder = home / ".strands" / "sessions" / f"session_{one}"
        folder.mkdir(parents=True)
        (folder / "session.json").write_text(view.replace(original, one))
    return ids
