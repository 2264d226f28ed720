"""How long a turn may take, and what becomes of a tool that takes longer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from durable_core.session.turns import Turn
from durable_core.spec.settings import TurnLimits
from durable_core.spec.tool_refs import ToolRef
from durable_shell.providers.agent import SdkModels
from durable_shell.tools.threads import CALL, CallKey, in_thread
from tests.support.model_kit import KEYS, Recorded, answered, play, settings, turn, unanswered

SLOW = """
import time
from pathlib import Path
from strands import tool

FOLDER = Path(__file__).parent

def build() -> str:
    "Build, until told to end."
    with open(FOLDER / "build.log", "a") as log:
        log.write("begin ")
    while not (FOLDER / "go").exists():
        time.sleep(0.005)
    with open(FOLDER / "build.log", "a") as log:
        log.write("end ")
    return "built"

decorated = tool(name="decorated")(build)

async def waiting() -> str:
    "Wait."
    import asyncio
    with open(FOLDER / "build.log", "a") as log:
        log.write("begin ")
    try:
        await asyncio.sleep(300)
    finally:
        with open(FOLDER / "build.log", "a") as log:
            log.write("end ")
    return "waited"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "slow.py").write_text(SLOW)
    yield tmp_path
    (tmp_path / "go").touch()  # or the thread of a tool would outlive its test


def slow_turn(folder: Path, tool: str = "build", **more: Any) -> Turn:
    rules = f'rules: [{{match: {{contains: tea}}, tool_use: {{name: {tool}}}}}, {{answer: "All done."}}]'
    (folder / "script.yaml").write_text(rules)
    model = settings("scripted", model_id=str(folder / "script.yaml"))
    ref = ToolRef(name=tool, callable=f"./slow.py:{tool}", reads_only=False)
    return turn(model, **{"tools": (ref,), "session": str(folder), **more})


def log(folder: Path) -> list[str]:
    return (folder / "build.log").read_text().split()


def test_a_model_that_takes_too_long_for_one_answer_is_a_timeout() -> None:
    asked = turn(settings("echo", model_id="echo:delay=300"), limits=TurnLimits(model=0.05))
    fault = unanswered(play(asked)[0]).fault
    assert (fault.kind, fault.message) == ("timeout", "echo (echo:delay=300) did not answer within 0.05 s.")


def test_the_calls_of_one_turn_have_one_limit_together(tmp_path: Path) -> None:
    (tmp_path / "script.yaml").write_text("""
rules:
  - {match: {contains: tea}, tool_use: {name: calculator, input: {expression: 1 + 1}}, delay: 0.2}
  - {answer: "All done.", delay: 300}
""")
    model = settings("scripted", model_id=str(tmp_path / "script.yaml"))
    asked = turn(model, tools=(ToolRef(name="calculator"),), limits=TurnLimits(model=200, turn=0.5))
    fault = unanswered(play(asked)[0]).fault
    assert fault.kind == "timeout"
    assert fault.message == f"scripted ({model.model_id}) did not finish the turn within 0.5 s."


def test_the_time_of_a_tool_is_not_the_time_of_the_turn(folder: Path) -> None:
    async def run() -> Any:
        models = SdkModels(KEYS, folder=folder)
        asked = asyncio.create_task(models.answer(slow_turn(folder, limits=TurnLimits(turn=0.5)), Recorded()))
        await asyncio.sleep(0.8)
        (folder / "go").touch()
        return await asked

    assert answered(asyncio.run(run())).text == "All done."


@pytest.mark.parametrize("tool", ["build", "decorated"])
def test_a_tool_that_outlives_its_limit_is_in_doubt_and_never_started_beside_itself(
    tool: str, folder: Path
) -> None:
    first = Recorded()
    overdue = slow_turn(folder, tool, limits=TurnLimits(tool=0.05))
    fault = unanswered(play(overdue, record=first, folder=folder)[0]).fault
    assert (fault.kind, fault.message) == ("timeout", f"The tool {tool} did not return within 0.05 s.")
    # the call was begun and has no outcome, and the agent was not told of one
    assert [entry[0] for entry in first.tools] == ["started"]
    assert [message["role"] for message in first.messages] == ["user", "assistant"]
    assert log(folder) == ["begin"]

    index, _, digest = first.entries[1]
    kept = {"history": first.messages[: index + 1], "digest": digest, "kept": 2}
    again = slow_turn(folder, tool, limits=TurnLimits(tool=0.05), **kept)
    assert (
        unanswered(play(again, folder=folder)[0]).fault.kind == "timeout"
    )  # it waited, on a loop of its own
    (folder / "go").touch()
    second = Recorded()
    last = slow_turn(folder, tool, **kept)
    assert answered(play(last, record=second, folder=folder)[0]).text == "All done."
    assert log(folder) == ["begin", "end"]
    results = [block["toolResult"]["content"] for block in second.messages[0]["content"]]
    assert results == [[{"text": "built"}]]


def test_a_tool_that_can_be_stopped_is_stopped_at_its_limit(folder: Path) -> None:
    fault = unanswered(
        play(slow_turn(folder, "waiting", limits=TurnLimits(tool=0.05)), folder=folder)[0]
    ).fault
    assert fault.message == "The tool waiting did not return within 0.05 s."
    assert log(folder) == ["begin", "end"]


def test_another_call_of_a_tool_waits_until_the_one_that_was_left_has_ended(tmp_path: Path) -> None:
    order: list[str] = []

    def work(name: str) -> str:
        order.append(f"begin {name}")
        while not (tmp_path / "go").exists():
            time.sleep(0.005)
        order.append(f"end {name}")
        return name

    async def call(key: str, tool: str = "build") -> Any:
        CALL.set(CallKey(str(tmp_path), tool, key))
        return await in_thread(work, key)

    async def run() -> list[Any]:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(call("one"), 0.02)
        elsewhere = asyncio.create_task(call("three", "test"))
        other = asyncio.create_task(call("two"))
        await asyncio.sleep(0.05)
        assert order == ["begin one", "begin three"]
        (tmp_path / "go").touch()
        return [await other, await elsewhere, await call("one")]

    assert asyncio.run(run()) == ["two", "three", "one"]
    assert order.index("end one") < order.index("begin two")
    assert order.count("begin one") == 1


def test_two_calls_of_a_tool_that_nobody_left_run_side_by_side(tmp_path: Path) -> None:
    begun: list[str] = []

    def work(name: str) -> str:
        begun.append(name)
        while len(begun) < 2:
            time.sleep(0.005)
        return name

    async def call(key: str) -> Any:
        CALL.set(CallKey(str(tmp_path), "build", key))
        return await in_thread(work, key)

    async def run() -> list[Any]:
        return await asyncio.gather(*map(asyncio.create_task, (call("one"), call("two"))))

    assert asyncio.run(run()) == ["one", "two"]


def test_a_call_whose_failure_was_told_is_made_anew(tmp_path: Path) -> None:
    tries: list[int] = []

    def work() -> int:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("no")
        return len(tries)

    async def run() -> Any:
        CALL.set(CallKey(str(tmp_path), "build", "one"))
        with pytest.raises(OSError, match="no"):
            await in_thread(work)
        return await in_thread(work)

    assert asyncio.run(run()) == 2
