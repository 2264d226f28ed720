"""Built-in tools and Python tools: what they refuse, what they give, and what the journal is told of them."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from returns.result import Failure

from durable_core.session.turns import Answer
from durable_core.spec.secrets import vault
from durable_core.spec.tool_refs import ToolRef
from durable_shell.providers.tool_journal import (
    call_name,
)
from durable_shell.providers.tool_results import MOST_TEXT
from durable_shell.runtime.ports import GivenUp
from durable_shell.tools.builtin.calculator import calculator
from durable_shell.tools.builtin.current_time import current_time
from durable_shell.tools.builtin.files import MAX_FILE, MOST_WRITTEN, FileTools
from durable_shell.tools.confinement import MOST_FOLDERS, OutOfBounds, Workplace, is_closed
from durable_shell.tools.python_loader import ToolProblem, find_tool
from durable_shell.tools.registry import BuiltTool, build_tools
from durable_shell.tools.threads import in_thread
from tests.support.model_kit import Recorded, play, settings, turn

# --- calculator and time ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "1 +",
        "x",
        "__import__('os')",
        "().__class__",
        "1 if 2 else 3",
        "'a' * 9",
        "True",
        "[1]",
        "f(2)",
        "9 ** 9 ** 9 ** 9",
        "10 ** 400",
        "1e308 * 10",
        "1 / 0",
        "2 ** 0.5j",
        "(-8) ** 0.5",
        "0 ** -1",
        "round(1, x=2)",
        "abs()",
        "1" * 501,
        "(" * 300 + ")" * 100,
    ],
)
def test_what_is_no_bounded_arithmetic_is_refused_and_not_worked_out(expression: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- whatever the words: the model reads them
        calculator(expression)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("(3 + 4) * 2 ** 10", "7168"),
        ("-7 // 2", "-4"),
        ("+1.5 - 1", "0.5"),
        ("max(2, sqrt(16))", "4.0"),
        ("round(pi, 2)", "3.14"),
        ("10 % 4", "2"),
        ("0 ** 0", "1"),
    ],
)
def test_arithmetic_is_calculated(expression: str, value: str) -> None:
    assert calculator(expression) == value


def test_the_time_is_told_with_its_zone() -> None:
    assert current_time().endswith("+00:00")
    for wrong in ("Nowhere/City", "../etc/passwd", "", "Europe", "a\0b", "\ud800", "x" * 100, "a/" * 50):
        with pytest.raises(ValueError, match="time zone"):
            current_time(wrong)


@pytest.mark.parametrize("absurd", ["x" * 10_000_000, "a/" * 100_000, "a." * 2_000])
def test_a_time_zone_with_an_absurd_name_is_refused_without_repeating_it(absurd: str) -> None:
    with pytest.raises(ValueError, match="time zone") as refused:
        current_time(absurd)
    assert len(str(refused.value)) < 200


# --- files ------------------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> FileTools:
    inside = tmp_path / "work"
    inside.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (inside / "way-out").symlink_to(tmp_path)
    (inside / "loop").symlink_to("loop")
    (inside / ".strands").mkdir()
    (inside / ".strands" / "journal.jsonl").write_text("{}")
    os.mkfifo(inside / "pipe")
    return FileTools(Workplace(inside, closed=(inside / ".strands",)))


@pytest.mark.parametrize(
    "path",
    [
        "",
        "a\0b",
        "../secret.txt",
        "/etc/passwd",
        "way-out/secret.txt",
        "way-out",
        "loop",
        ".strands/journal.jsonl",
        "x/../../secret.txt",
    ],
)
def test_no_path_leads_out_of_the_working_folder_or_into_the_sessions(path: str, files: FileTools) -> None:
    with pytest.raises(OutOfBounds):
        files.file_read(path)
    with pytest.raises(OutOfBounds):
        files.file_write(path, "x")
    assert (files.workplace.folder.parent / "secret.txt").read_text() == "secret"


@pytest.mark.parametrize(
    "path", ["a/" * 300 + "x", "a/" * 500_000 + "x", "../" * 300, "x" * 5_000, "\ud800.txt"], ids=range(5)
)
def test_a_path_that_no_person_writes_is_refused_and_nothing_is_made(path: str, files: FileTools) -> None:
    before = sorted(os.listdir(files.workplace.folder))
    for use in (files.file_read, lambda path: files.file_write(path, "x")):
        with pytest.raises(OutOfBounds) as refused:
            use(path)
        assert len(str(refused.value)) < 200
    assert sorted(os.listdir(files.workplace.folder)) == before


def test_a_file_below_many_folders_is_written_and_read(files: FileTools) -> None:
    deep = "a/" * MOST_FOLDERS + "x.txt"
    assert files.file_write(deep, "deep") == f"Wrote 4 bytes to {deep}."
    assert files.file_read(deep) == "deep"


@pytest.mark.parametrize("offset", [5, 2**63 - 1, 2**63, 10**30, 10**5_000], ids=range(5))
def test_behind_the_end_of_a_file_there_is_nothing_to_read(offset: int, files: FileTools) -> None:
    files.file_write("b.txt", "blue")
    assert files.file_read("b.txt", offset) == "[the file ends at byte 4]"
    assert files.file_read("b.txt", 4) == ""
    assert files.file_read("b.txt", -offset) == "blue"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("missing.txt", "missing.txt can't be read: No such file or directory"),
        (".", ". can't be read: Is a directory"),
        ("pipe", "pipe is no file"),
    ],
)
def test_what_is_no_file_is_not_read(path: str, said: str, files: FileTools) -> None:
    handles = len(os.listdir("/dev/fd"))
    with pytest.raises(ValueError, match=f"^{said}$"):
        files.file_read(path)
    assert len(os.listdir("/dev/fd")) == handles


@pytest.mark.parametrize("device", ["null", "zero"])
def test_a_device_is_not_read(device: str) -> None:
    with pytest.raises(ValueError, match=f"^{device} is no file$"):
        FileTools(Workplace(Path("/dev"))).file_read(device)


def test_a_pipe_to_which_nobody_writes_is_not_waited_for(
    files: FileTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, real = [], os.open

    def opened(path: str, flags: int, *more: Any, **where: Any) -> int:
        waiting.extend([path] if not flags & (os.O_NONBLOCK | os.O_DIRECTORY) else [])
        return real(path, flags | os.O_NONBLOCK, *more, **where)

    monkeypatch.setattr(os, "open", opened)
    with pytest.raises(ValueError, match="is no file"):
        files.file_read("pipe")
    assert waiting == []


def test_a_file_is_written_whole_and_read_in_parts(files: FileTools) -> None:
    assert files.file_write("a/b.txt", "grün") == "Wrote 5 bytes to a/b.txt."
    assert files.file_read("a/b.txt") == "grün"
    files.file_write("long.txt", "x" * (MAX_FILE + 3))
    assert files.file_read("long.txt").endswith(f"[3 bytes more, from offset {MAX_FILE} on]")
    assert files.file_read("long.txt", offset=MAX_FILE) == "xxx"
    assert sorted(path.name for path in (files.workplace.folder / "a").iterdir()) == ["b.txt"]


def test_what_is_opened_is_what_was_checked_though_folders_move(
    files: FileTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, outside = files.workplace.folder, files.workplace.folder.parent
    checked = Workplace.inside

    def moved_after(workplace: Workplace, path: str) -> Path:
        target = checked(workplace, path)
        (inside / "sub").rename(inside / "before")
        (inside / "sub").symlink_to(outside)
        return target

    monkeypatch.setattr(Workplace, "inside", moved_after)
    for use in (files.file_read, lambda path: files.file_write(path, "x")):
        (inside / "sub").mkdir()
        with pytest.raises(ValueError, match="can't be"):
            use("sub/secret.txt")
        (inside / "sub").unlink()
        (inside / "before").rmdir()
    assert (outside / "secret.txt").read_text() == "secret"


def test_a_folder_of_sessions_is_known_by_any_spelling_of_its_name(
    files: FileTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = files.workplace.folder
    (inside / ".STRANDS").symlink_to(".strands")  # as on a disk for which case makes no difference
    monkeypatch.setattr(Path, "resolve", Path.absolute)
    for path in (".STRANDS", ".STRANDS/new/x"):
        assert is_closed(inside / path, files.workplace.closed)
    assert not is_closed(inside / "a/x", (*files.workplace.closed, inside / "nowhere"))


def test_what_can_not_be_written_is_said_and_leaves_nothing(files: FileTools) -> None:
    for path, text in (("a" * 300, "x"), (".", "x"), ("pipe/x", "x"), ("big.txt", "x" * (MOST_WRITTEN + 1))):
        with pytest.raises(ValueError, match=r"can't be written|is a folder|longer than"):
            files.file_write(path, text)
    assert not (files.workplace.folder / "big.txt").exists()


# --- Python tools -----------------------------------------------------------------------------------------

MODULE = '''
import sys
from pathlib import Path
from strands import tool

def one(text: str) -> str:
    """Say it."""
    return text

@tool
def two(text: str, idempotency_key: str) -> str:
    """Say the key."""
    return idempotency_key

async def three() -> str:
    """Wait."""
    return "waited"

def mytools(): """Named as the file."""
def bad_hint(x: "Nowhere") -> str: """No such type."""
one.reads_only = True
number = 7
class Kind: pass
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mytools.py").write_text(MODULE)
    (tmp_path / "single.py").write_text("def only(): 'Do.'\n")
    (tmp_path / "several.py").write_text("def a(): 'Do.'\ndef b(): 'Do.'\n")
    (tmp_path / "raises.py").write_text("raise KeyError('boom')\n")
    (tmp_path / "exits.py").write_text("import sys\nsys.exit(3)\n")
    (tmp_path / "syntax.py").write_text("def (\n")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nopackage.mod.func", "can't be imported: No module named 'nopackage'"),
        ("json:nothing", "has no 'nothing'"),
        ("single", "names no function"),
        ("json:", "names no function"),
        ("./missing.py", "there is no file"),
        ("./several.py", "does not say which function"),
        ("./mytools.py:number", "it is int"),
        ("./mytools.py:Kind", "it is type"),
        ("./mytools.py:nine", "has no 'nine'"),
        ("./raises.py:x", "KeyError: 'boom'"),
        ("./exits.py:x", "SystemExit: 3"),
        ("./syntax.py:x", "SyntaxError"),
    ],
)
def test_a_tool_that_can_not_be_had_is_told_with_its_reason_and_a_remedy(
    path: str, said: str, folder: Path
) -> None:
    found = find_tool(path, folder)
    assert isinstance(found, Failure)
    problem = found.failure()
    assert said in problem.message
    assert problem.hint


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("./mytools.py:one", "one"),
        ("mytools.py", "mytools"),
        ("./single.py", "only"),
        ("json:dumps", "dumps"),
        ("os.path.join", "join"),
        ("collections.abc.callable", None),
    ],
)
def test_a_tool_is_found_by_file_module_or_dotted_path(path: str, name: str | None, folder: Path) -> None:
    found = find_tool(path, folder)
    assert (None if isinstance(found, Failure) else found.unwrap().__name__) == name


def built(folder: Path, *refs: ToolRef, deny_network: bool = False) -> dict[str, BuiltTool] | ToolProblem:
    return build_tools(refs, folder, Workplace(folder), deny_network=deny_network)


def python(function: str, **more: Any) -> ToolRef:
    return ToolRef(name=function, callable=f"./mytools.py:{function}", **more)


def test_the_model_is_not_shown_the_key_and_a_tool_says_itself_that_it_only_reads(folder: Path) -> None:
    for _ in range(2):  # the second time, the module and its objects are the same ones
        tools = built(folder, python("one"), python("two"), python("three", reads_only=True))
        assert isinstance(tools, dict)
        assert [tool.takes_key for tool in tools.values()] == [False, True, False]
        assert [tool.reads_only({}) for tool in tools.values()] == [True, False, True]
        assert list(tools["two"].tool.tool_spec["inputSchema"]["json"]["properties"]) == ["text"]
        assert tools["two"].tool.tool_spec["inputSchema"]["json"]["required"] == ["text"]


def test_tools_that_can_not_be_built_are_a_problem_and_not_an_exception(folder: Path) -> None:
    network = built(folder, ToolRef(name="http_request"), deny_network=True)
    twice = built(folder, python("one"), ToolRef(name="other", callable="./mytools.py:one"))
    unusable = built(folder, python("bad_hint"))
    missing = built(folder, python("nine"))
    problems = [network, twice, unusable, missing]
    assert all(isinstance(problem, ToolProblem) for problem in problems)


def test_a_thread_of_its_own_gives_back_what_came_of_it() -> None:
    def leave() -> None:
        raise SystemExit(3)

    def stop() -> None:
        raise StopIteration

    assert asyncio.run(in_thread(str.upper, "x")) == "X"
    for bad in (leave, stop):
        with pytest.raises(RuntimeError):
            asyncio.run(in_thread(bad))


def test_the_program_ends_while_a_tool_still_hangs() -> None:
    hangs = threading.Event()

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(in_thread(hangs.wait), 0.05)

    asyncio.run(give_up())  # would not come back if it waited for the tool
    hangs.set()


# --- the tool journal -------------------------------------------------------------------------------------


def use(call: str, given: Any) -> Any:
    return {"toolUseId": call, "name": "t", "input": given}


def test_calls_of_one_id_in_one_message_have_names_of_their_own() -> None:
    first, second = use("a", {"n": 1}), use("a", {"n": 1})
    message = {"role": "assistant", "content": [{"text": "hm"}, {"toolUse": first}, {"toolUse": second}]}
    assert [call_name(message, one) for one in (first, second, use("b", {}))] == ["a", "a##2", "b"]


SCRIPT = """
rules:
  - match: {contains: tea}
    tool_uses: [{name: one, input: {text: hi}}, {name: two, input: {text: x}}, {name: gone}]
  - {answer: "All done."}
"""


def tool_turn(folder: Path, **more: Any) -> Any:
    (folder / "script.yaml").write_text(SCRIPT)
    model = settings("scripted", model_id=str(folder / "script.yaml"))
    return turn(model, tools=(python("one"), python("two")), session="s", **more)


def test_each_call_is_told_before_and_after_it_and_one_that_does_not_exist_is_not(folder: Path) -> None:
    record = Recorded()
    (outcome,) = play(tool_turn(folder), record=record, folder=folder)
    assert isinstance(outcome, Answer)
    assert [entry[:4] for entry in record.tools if entry[0] == "started"] == [
        ("started", "scripted-1", "one", {"text": "hi"}),
        ("started", "scripted-2", "two", {"text": "x"}),
    ]
    returned = [entry[1:] for entry in record.tools if entry[0] == "returned"]
    results = {call: result["content"][0]["text"] for call, result in returned}
    tracking = record.messages[1]["tracking_id"]
    assert results == {"scripted-1": "hi", "scripted-2": f"s/steps/0/{tracking}/scripted-2"}
    assert "idempotency_key" not in json.dumps(record.messages)


def test_a_call_with_a_name_that_the_tool_does_not_have_is_not_made_and_the_model_is_told(
    folder: Path,
) -> None:
    (folder / "odd.yaml").write_text("""
rules:
  - match: {contains: tea}
    tool_uses: [{name: one, input: {txet: hi}}, {name: calculator, input: {expression: 1 + 1, please: x}}]
  - {answer: "All done."}
""")
    model = settings("scripted", model_id=str(folder / "odd.yaml"))
    record = Recorded()
    play(turn(model, tools=(python("one"), ToolRef(name="calculator"))), record=record, folder=folder)
    assert [entry[2] for entry in record.tools if entry[0] == "started"] == ["calculator"]
    results = [block["toolResult"] for block in record.messages[2]["content"]]
    assert [(one["status"], one["content"][0]["text"]) for one in results] == [
        ("error", "The tool was not run: it has no argument 'txet'; it takes 'text'. Call it again."),
        ("success", "2"),
    ]


def test_a_known_result_that_an_earlier_version_took_in_no_form_is_told_in_one(folder: Path) -> None:
    first = Recorded()
    play(tool_turn(folder), record=first, folder=folder)
    index, _, digest = first.entries[1]
    odd = {"toolUseId": "scripted-1", "status": "success", "content": "plain"}
    record = Recorded()
    history = first.messages[: index + 1]
    resumed = tool_turn(folder, history=history, digest=digest, kept=2, returned={"scripted-1": odd})
    (outcome,) = play(resumed, record=record, folder=folder)
    assert isinstance(outcome, Answer)
    told = record.messages[0]["content"][0]["toolResult"]
    assert (told["toolUseId"], told["content"]) == ("scripted-1", [{"text": "plain"}])


def test_a_turn_that_goes_on_asks_for_no_answer_again_and_runs_no_known_call(folder: Path) -> None:
    first = Recorded()
    (whole,) = play(tool_turn(folder), record=first, folder=folder)
    assert isinstance(whole, Answer)
    index, _, digest = first.entries[1]
    told = {entry[1]: entry[2] for entry in first.tools if entry[0] == "returned"}
    record = Recorded()
    resumed = tool_turn(
        folder,
        history=first.messages[: index + 1],
        digest=digest,
        kept=2,
        returned={"scripted-1": told["scripted-1"]},
    )
    (outcome,) = play(resumed, record=record, folder=folder)
    assert isinstance(outcome, Answer)
    assert outcome.text == whole.text
    assert [entry[1] for entry in record.tools] == ["scripted-2", "scripted-2"]
    assert [message["role"] for message in record.messages] == ["user", "assistant"]
    assert [block["toolResult"]["toolUseId"] for block in record.messages[0]["content"]] == [
        "scripted-1",
        "scripted-2",
        "scripted-3",
    ]
    assert outcome.usage.total < whole.usage.total


def test_the_result_of_a_python_tool_is_journalled_and_told_within_its_bounds(folder: Path) -> None:
    (folder / "long.py").write_text('def long() -> str:\n    """Long."""\n    return "x" * 2_000_000\n')
    (folder / "long.yaml").write_text("""
rules:
  - match: {contains: tea}
    tool_uses: [{name: long, input: {}}]
  - {answer: "All done."}
""")
    model = settings("scripted", model_id=str(folder / "long.yaml"))
    record = Recorded()
    long = ToolRef(name="long", callable="./long.py:long")
    (outcome,) = play(turn(model, tools=(long,)), record=record, folder=folder)
    assert isinstance(outcome, Answer)
    _, returned = record.tools
    assert returned[2]["content"] == [
        {"text": "x" * MOST_TEXT},
        {"text": f"[cut: the result is longer than {MOST_TEXT} characters]"},
    ]
    assert record.messages[2]["content"][0]["toolResult"]["content"] == returned[2]["content"]


def test_a_secret_that_a_tool_gives_is_not_in_what_is_journalled(folder: Path) -> None:
    (folder / "secret.yaml").write_text("""
rules:
  - match: {contains: tea}
    tool_uses: [{name: one, input: {text: kettle-4711}}]
  - {answer: "All done."}
""")
    model = settings("scripted", model_id=str(folder / "secret.yaml"))
    record = Recorded()
    secrets = vault({"kettle": "kettle-4711"})
    play(turn(model, tools=(python("one"),)), record=record, folder=folder, vault=secrets)
    started, returned = record.tools
    assert secrets.reveal(started[3]) == {"text": "kettle-4711"}
    assert secrets.reveal(returned[2])["content"][0]["text"] == "kettle-4711"
    assert "kettle-4711" not in json.dumps(record.tools)


def test_an_attempt_that_was_given_up_runs_no_tool_and_asks_the_model_nothing_more(folder: Path) -> None:
    class Refusing(Recorded):
        async def tool_started(self, call: str, name: str, given: Any, *, reads_only: bool) -> None:
            raise GivenUp(call)

    record = Refusing()
    with pytest.raises(GivenUp):
        play(tool_turn(folder), record=record, folder=folder)
    assert sum(message["role"] == "assistant" for message in record.messages) == 1
