"""Running and resuming from Python: what comes back, what is raised, and what an interrupt leaves."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import strands_durable
from durable_core.session import Event
from durable_core.types import Fault, Usage
from durable_shell.store.opening import open_store
from durable_shell.store.port import Held
from strands_durable import OperationError, Outcome, Session, SpecInvalid, StoreFailed, resume, run
from strands_durable.testing import Asked, CountedIds, ScriptedModels, SteppingClock
from tests.support.session_kit import chain_of

TEA = """
version: 0
name: tea-report
runtime: {provider: openai, model_id: gpt-4o-mini}
inputs: {required: {drink: string}}
agents:
  researcher: {prompt: You list facts.}
  writer: {prompt: You write reports.}
pattern:
  type: chain
  config:
    steps:
      - {agent: researcher, input: "Facts about {{ drink }}"}
      - {type: hitl, prompt: "Is this right? {{ last_response }}", validation: {pattern: "yes|no"}}
      - {agent: writer, input: "Report on {{ drink }}. The reviewer said {{ hitl_response }}."}
outputs:
  artifacts:
    - {path: "{{ drink }}.md", from: "{{ last_response }}"}
"""
MODELS = ScriptedModels({"researcher": "Leaves.", "writer": "Leaves and water."})
DRINK = {"drink": "tea"}


def given(folder: Path, **more: Any) -> dict[str, Any]:
    """What each run here is given: a store and an output folder of its own, and models that need no key."""
    return {"store": folder / "home", "models": MODELS, **more}


def paused(folder: Path) -> Outcome:
    """A session that waits for a person at its second step."""
    return run(TEA, DRINK, **given(folder, out=folder / "out"))


# --- bad input ----------------------------------------------------------------------------------------


def test_an_artifact_that_would_go_into_the_store_fails_and_leaves_the_store_as_it_is(tmp_path: Path) -> None:
    for store in (tmp_path / "home", open_store(f"file://{tmp_path}/home", command="test", clock=time.time)):
        begun = run(TEA, {"drink": "home/sessions/x"}, **given(tmp_path, store=store, out=tmp_path))
        outcome = resume(begun.session_id, answer="yes", **given(tmp_path, store=store, out=tmp_path))
        assert outcome.status == "failed"
        assert not (tmp_path / "home" / "sessions" / "x.md").exists()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda store: run("nowhere.yaml", store=store), "Can't read nowhere.yaml: there is no such file"),
        (lambda store: run(TEA, models=MODELS, store=store), "Missing required input: drink"),
        (lambda store: run(TEA, {"drink": 5}, models=MODELS, store=store), "The variable 'drink'"),
        (lambda store: run(TEA, DRINK, store="ftp://here"), "no store is known for the URL 'ftp://here'"),
        (lambda store: resume("nothing", store=store), "Session not found: nothing"),
        (lambda store: Session.open("nothing", store=store), "Session not found: nothing"),
        (lambda store: resume("x", budgets={"max_tea": 3}, store=store), "got max_tea=3"),
        (lambda store: resume("x", budgets={"max_steps": 0}, store=store), "got max_steps=0"),
        (lambda store: resume("x", budgets={"max_tokens": 1.5}, store=store), "got max_tokens=1.5"),
    ],
)
def test_bad_input_is_an_exception_with_the_words_and_the_code_of_the_command_line(
    call: Callable[[Path], object], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a key")
    with pytest.raises(OperationError) as raised:
        call(tmp_path)
    assert words in str(raised.value)
    assert raised.value.lines[0].startswith("Error: ")
    assert raised.value.code == 2
    assert list(tmp_path.iterdir()) == []


def test_all_problems_of_a_workflow_come_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    broken = TEA.replace("agent: researcher", "agent: chemist").replace("agent: writer", "agent: poet")
    with pytest.raises(SpecInvalid) as raised:
        run(broken, DRINK, **given(tmp_path))
    assert [problem.line for problem in raised.value.problems] == [13, 15]
    assert (raised.value.code, str(raised.value).count("which does not exist")) == (3, 2)
    assert list(tmp_path.iterdir()) == []


def test_a_provider_without_a_key_is_refused_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(OperationError, match="OPENAI_API_KEY") as raised:
        run(TEA, DRINK, store=tmp_path / "home")
    assert raised.value.code == 2
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_the_gate_refuses_ends_the_run_and_leaves_the_question_open(tmp_path: Path) -> None:
    with pytest.raises(OperationError, match=r"the answer does not match the pattern yes\|no") as raised:
        run(TEA, DRINK, **given(tmp_path, ask=lambda gate: "perhaps"))
    session = Session.open("@latest", store=tmp_path / "home")
    assert f"resume({session.id!r})" in raised.value.__notes__[0]
    assert (session.status, session.gates[0].unit) == ("paused", "steps/1")


def test_a_session_that_is_driven_or_completed_is_not_resumed(tmp_path: Path) -> None:
    begun = paused(tmp_path)
    refused: list[StoreFailed] = []

    def meanwhile(event: Event) -> None:
        if isinstance(event, strands_durable.events.SessionResumed):
            with pytest.raises(StoreFailed) as raised:
                resume(begun.session_id, **given(tmp_path))
            refused.append(raised.value)

    ended = resume(begun.session_id, answer="yes", on_event=meanwhile, **given(tmp_path))
    assert (ended.status, refused[0].code) == ("completed", 17)
    assert isinstance(refused[0].error, Held)
    with pytest.raises(OperationError, match="Session already completed"):
        resume(begun.session_id, **given(tmp_path))


def test_a_resume_that_is_refused_lets_go_of_the_session(tmp_path: Path) -> None:
    begun = paused(tmp_path)
    with pytest.raises(OperationError, match="does not match") as raised:
        resume(begun.session_id, answer="perhaps", **given(tmp_path))
    assert resume(begun.session_id, answer="yes", out=tmp_path, **given(tmp_path)).status == "completed"
    assert raised.value.code == 2  # held until here, and all that it refers to


# --- running ------------------------------------------------------------------------------------------


def test_a_run_says_how_it_ended(tmp_path: Path) -> None:
    outcome = run(TEA, DRINK, **given(tmp_path, ask=lambda gate: "yes", out=tmp_path / "out"))
    assert (outcome.status, outcome.result, outcome.error) == ("completed", "Leaves and water.", None)
    assert outcome.usage == Usage(6, 8)
    assert [(written.path, written.size) for written in outcome.artifacts] == [("tea.md", 17)]
    assert (tmp_path / "out" / "tea.md").read_text() == "Leaves and water."


def test_each_event_is_seen_once_it_is_in_the_journal(tmp_path: Path) -> None:
    store = tmp_path / "home"
    seen: list[Event] = []

    def watch(event: Event) -> None:
        seen.append(event)
        assert Session.open("@latest", store=store).events[: len(seen)] == tuple(seen)

    outcome = run(TEA, DRINK, **given(tmp_path, on_event=watch))
    assert Session.open(outcome.session_id, store=store).events == tuple(seen)


def test_a_name_in_use_is_an_exception_and_replace_gives_it_to_the_new_session(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[Event] = []
    first = run(TEA, DRINK, **given(tmp_path, out=tmp_path, name="cup", on_event=seen.append))
    assert [one.type for one in seen[:2]] == ["session_started/2", "unit_started/1"]
    assert tuple(seen) == Session.open("cup", store=tmp_path / "home").events
    with pytest.raises(
        OperationError, match=f"The name cup is in use by session {first.session_id}"
    ) as raised:
        run(TEA, DRINK, **given(tmp_path, out=tmp_path, name="cup"))
    assert raised.value.code == 2
    with caplog.at_level(logging.INFO, logger="strands_durable"):
        second = run(TEA, DRINK, **given(tmp_path, out=tmp_path, name="cup", replace=True))
    assert f"Session {first.session_id} is called cup.old now." in caplog.text
    assert Session.open("cup", store=tmp_path / "home").id == second.session_id
    old = Session.open("cup.old", store=tmp_path / "home")
    assert (old.id, old.events[-1].type) == (first.session_id, "session_renamed/1")
    assert old.units.ids == ("steps/0", "steps/1")


def test_a_workflow_that_fails_is_an_outcome_and_can_be_resumed(tmp_path: Path) -> None:
    broken = ScriptedModels({"researcher": Fault("refused", "no such model")})
    failed = run(TEA, DRINK, store=tmp_path / "home", models=broken)
    assert (failed.status, failed.result, failed.error) == ("failed", None, "steps/0: no such model")
    assert resume(failed.session_id, **given(tmp_path)).status == "paused"


def test_a_run_that_can_open_no_more_files_is_raised_and_what_was_completed_is_saved(tmp_path: Path) -> None:
    def short(_: Asked) -> str:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    models = ScriptedModels({"researcher": "Leaves.", "writer": short})
    with pytest.raises(OperationError, match="Too many open files") as raised:
        run(TEA, DRINK, **given(tmp_path, models=models, ask=lambda _: "yes"))
    session = Session.open("@latest", store=tmp_path / "home")
    assert raised.value.code == 12
    assert f"resume({session.id!r})" in raised.value.__notes__[0]
    assert session.units["steps/0"].answer == "Leaves."
    assert resume(session.id, **given(tmp_path, out=tmp_path / "out")).result == "Leaves and water."


def test_what_a_listener_raises_ends_the_run_and_the_session_is_saved(tmp_path: Path) -> None:
    def watch(event: Event) -> None:
        if isinstance(event, strands_durable.events.UnitCompleted):
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough") as raised:
        run(TEA, DRINK, **given(tmp_path, on_event=watch))
    assert "is saved; to resume it" in raised.value.__notes__[0]
    session = Session.open("@latest", store=tmp_path / "home")
    assert (session.status, session.units["steps/0"].answer) == ("paused", "Leaves.")
    assert resume(session.id, **given(tmp_path)).status == "paused"


def test_a_gate_is_answered_by_a_coroutine_function_too(tmp_path: Path) -> None:
    async def ask(gate: strands_durable.Gate) -> str:
        await asyncio.sleep(0)
        assert gate.prompt == "Is this right? Leaves."
        return "no"

    assert run(TEA, DRINK, **given(tmp_path, ask=ask, out=tmp_path)).status == "completed"
    assert Session.open("@latest", store=tmp_path / "home").units["steps/1"].answer == "no"


def test_a_question_that_nobody_answers_pauses_the_run(tmp_path: Path) -> None:
    assert run(TEA, DRINK, **given(tmp_path, ask=lambda gate: None)).status == "paused"


def test_clock_ids_and_models_can_be_handed_in(tmp_path: Path) -> None:
    heard: list[Asked] = []

    def answer(asked: Asked) -> str:
        heard.append(asked)
        return "Leaves."

    outcome = run(
        TEA,
        DRINK,
        store=tmp_path / "home",
        models=lambda folder, vault: ScriptedModels(answer),
        clock=SteppingClock(1000.0),
        ids=CountedIds(),
    )
    assert outcome.session_id == "00000000-0000-4000-8000-000000000001"
    assert 1000.0 < Session.open(outcome.session_id, store=tmp_path / "home").created_at < 1010.0
    assert [(one.unit, one.agent, one.prompt) for one in heard] == [
        ("steps/0", "researcher", "Facts about tea")
    ]


def test_a_parsed_spec_a_path_and_a_text_run_alike(tmp_path: Path) -> None:
    path = tmp_path / "tea.yaml"
    path.write_text(TEA)
    for number, spec in enumerate((path, str(path), TEA, strands_durable.load(path))):
        outcome = run(spec, DRINK, **given(tmp_path, ask=lambda gate: "yes", out=tmp_path / str(number)))
        assert outcome.result == "Leaves and water."


def test_a_resumed_session_takes_variables_budgets_and_another_output_folder(tmp_path: Path) -> None:
    begun = paused(tmp_path)
    ended = resume(
        begun.session_id,
        {"drink": "mate"},
        answer="yes",
        gate="steps/1",
        budgets={"max_tokens": 500},
        out=tmp_path / "else",
        **given(tmp_path),
    )
    assert (ended.status, (tmp_path / "else" / "mate.md").read_text()) == ("completed", "Leaves and water.")
    session = Session.open(begun.session_id, store=tmp_path / "home")
    assert session.units["steps/2"].prompt == "Report on mate. The reviewer said yes."


def test_a_session_in_memory_is_resumed_by_its_stores_name() -> None:
    begun = run(chain_of({"type": "hitl", "prompt": "Right?"}), store="memory://of-a-test", models=MODELS)
    assert resume(begun.session_id, store="memory://of-a-test", answer="yes").result == "yes"


def test_a_session_that_an_earlier_version_began_goes_on_though_its_workflow_would_be_refused_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = TEA.replace("Facts about {{ drink }}", "{% if drink == 'x' %}{{ drink.x }}{% endif %}")
    with monkeypatch.context() as earlier:
        earlier.setattr("durable_core.spec.absent_parts.check_parts", lambda *_: ())
        begun = run(odd, DRINK, **given(tmp_path, out=tmp_path / "out"))
    with pytest.raises(SpecInvalid, match="'x' in drink"):
        run(odd, DRINK, **given(tmp_path, out=tmp_path / "out"))
    ended = resume(begun.session_id, answer="yes", **given(tmp_path))
    assert ended.status == "completed"


def test_a_changed_workflow_is_told_of_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "tea.yaml"
    path.write_text(TEA)
    begun = run(path, DRINK, **given(tmp_path))
    path.write_text(TEA.replace("You write reports.", "You write poems."))
    with caplog.at_level(logging.WARNING, "strands_durable"):
        assert resume(begun.session_id, answer="yes", out=tmp_path, **given(tmp_path)).status == "completed"
    assert "changed" in caplog.text


# --- event loops and interrupts -----------------------------------------------------------------------


def test_a_run_works_inside_a_running_event_loop_and_as_a_coroutine(tmp_path: Path) -> None:
    async def both() -> tuple[Outcome, Outcome, Outcome]:
        inside = run(TEA, DRINK, **given(tmp_path, out=tmp_path / "a"))
        awaited = await strands_durable.run_async(TEA, DRINK, **given(tmp_path, out=tmp_path / "b"))
        resumed = await strands_durable.resume_async(awaited.session_id, answer="yes", **given(tmp_path))
        return inside, awaited, resumed

    assert [outcome.status for outcome in asyncio.run(both())] == ["paused", "paused", "completed"]


def test_what_is_raised_inside_a_running_event_loop_reaches_the_caller(tmp_path: Path) -> None:
    async def inside() -> None:
        run(TEA, **given(tmp_path))

    with pytest.raises(OperationError, match="Missing required input: drink"):
        asyncio.run(inside())


def test_a_cancelled_run_leaves_a_session_that_can_be_resumed(tmp_path: Path) -> None:
    async def cancelled() -> list[str]:
        started = asyncio.Event()

        async def never(asked: Asked) -> str:
            started.set()
            await asyncio.Event().wait()
            return asked.unit

        models = ScriptedModels({"researcher": "Leaves.", "writer": never})
        task = asyncio.create_task(
            strands_durable.run_async(TEA, DRINK, store=tmp_path / "home", models=models, ask=lambda _: "yes")
        )
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as raised:
            await task
        return raised.value.__notes__

    (note,) = asyncio.run(cancelled())
    session = Session.open("@latest", store=tmp_path / "home")
    assert (session.status, session.units["steps/0"].status) == ("interrupted", "completed")
    assert f"Session {session.id} is saved; to resume it: strands_durable.resume({session.id!r})" in note
    assert resume(session.id, **given(tmp_path, out=tmp_path / "out")).result == "Leaves and water."


INTERRUPTED = """
import asyncio, os, signal, sys
import strands_durable
from strands_durable.testing import ScriptedModels

async def never(asked):
    asyncio.get_running_loop().call_later(0.01, os.kill, os.getpid(), signal.SIGINT)
    await asyncio.Event().wait()

def run():
    models = ScriptedModels({"ann": "Done.", "steps/1": never})
    strands_durable.run(sys.argv[1], models=models)

async def inside():
    run()

try:
    run() if sys.argv[2] == "plain" else asyncio.run(inside())
except KeyboardInterrupt as interrupt:
    print(*interrupt.__notes__)
"""


@pytest.mark.parametrize("where", ["plain", "in an event loop"])
def test_ctrl_c_is_a_keyboard_interrupt_that_says_how_to_resume(
    where: str, tmp_path: Path, home: Path
) -> None:
    spec = chain_of({"agent": "ann"}, {"agent": "ann"})
    path = tmp_path / "two.json"
    path.write_text(spec.model_dump_json(by_alias=True, exclude_unset=True))
    ran = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(path), where],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    session = Session.open("@latest")
    assert ran.stdout.startswith(f"Session {session.id} is saved; to resume it: "), ran.stderr
    assert (session.status, session.units["steps/0"].answer) == ("interrupted", "Done.")
    assert resume(session.id, models=ScriptedModels({"ann": "Done too."})).result == "Done too."


# --- what it costs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", strands_durable.__all__)
def test_every_name_that_is_promised_is_there(name: str) -> None:
    assert strands_durable.__getattr__(name) is getattr(strands_durable, name)
    assert name in dir(strands_durable)


def test_a_name_that_is_not_promised_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'strands_durable' has no attribute 'spawn'"):
        getattr(strands_durable, "spawn")  # noqa: B009  # the type checker knows that it is not there


def test_the_import_loads_nothing_but_the_standard_library_and_a_run_with_own_models_no_sdk() -> None:
    program = (
        "import sys, strands_durable\n"
        "def heads(): return {name.partition('.')[0] for name in sys.modules}\n"
        "heavy = {'durable_core', 'durable_shell', 'pydantic', 'asyncio', 'strands', 'rich', 'docopt'}\n"
        "print(sorted(heads() & heavy))\n"
        "from strands_durable.testing import ScriptedModels\n"
        "spec = '''\n"
        "version: 0\nname: one\nruntime: {provider: echo}\nagents: {ann: {prompt: A}}\n"
        "pattern: {type: chain, config: {steps: [{agent: ann}]}}\n'''\n"
        "ended = strands_durable.run(spec, store='memory://', models=ScriptedModels({'ann': 'Done.'}))\n"
        "print(ended.result, sorted(heads() & {'strands', 'rich', 'docopt', 'boto3', 'httpx'}))\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.stdout == "[]\nDone. []\n", ran.stderr
