"""A chain of five steps on a model server that can be held at any step, and what must be true of it.

Each prompt names its step as ``key=``, so the server's counts say how often each step was really called. The
answers depend on the prompts alone, so a killed run and a calm one can be compared with ``==``.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.folders import conversations, document, id_of, only_session
from tests.support.program import Ran, Running, run, wait_until
from tests.support.servers.behaviour import Call, Misbehave
from tests.support.servers.openai_server import OpenAIServer

STEPS = ["step0", "step1", "step2", "step3", "step4"]
AGENTS = ["researcher", "analyst", "researcher", "editor", "writer"]
"""The researcher is asked twice, so one conversation goes on over steps."""

SPEC = """
version: 0
name: five-steps
runtime:
  provider: openai
  model_id: test-model
  host: {url}/v1
  failure_policy: {{retries: 0}}
inputs:
  required: {{topic: string}}
agents:
  researcher: {{prompt: "You find facts."}}
  analyst: {{prompt: "You look for patterns."}}
  editor: {{prompt: "You cut words."}}
  writer: {{prompt: "You write reports."}}
pattern:
  type: chain
  config:
    steps:
      - {{agent: researcher, input: "key=step0 Collect facts about {{{{ topic }}}}"}}
      - {{agent: analyst, input: "key=step1 What do these show? {{{{ last_response }}}}"}}
      - {{agent: researcher, input: "key=step2 Find more. {{{{ last_response }}}}"}}
      - {{agent: editor, input: "key=step3 Shorten: {{{{ steps[1].response }}}} {{{{ last_response }}}}"}}
      - {{agent: writer, input: "key=step4 Write it up: {{{{ last_response }}}}"}}
outputs:
  artifacts:
    - {{path: "report.md", from: "{{{{ last_response }}}}"}}
    - path: "notes/all.md"
      from: "{{% for s in steps %}}{{{{ s.agent }}}}: {{{{ s.response }}}}\\n{{% endfor %}}"
"""


class HeldServer(OpenAIServer):
    """Does not answer a request whose key is held, until ``let_go``. The request is counted all the same."""

    def __init__(self, *, delay: float = 0.0) -> None:
        super().__init__(delay=delay)
        self._held: set[str] = set()
        self._free = threading.Event()

    def hold(self, key: str) -> None:
        """From now on, keep requests with this key waiting."""
        self._held.add(key)
        self._free.clear()

    def holds(self, key: str) -> bool:
        """Whether requests with this key are kept waiting."""
        return key in self._held

    def let_go(self) -> None:
        """Answer all that waits, and hold nothing any more."""
        self._held.clear()
        self._free.set()

    def received(self, call: Call) -> Misbehave | None:
        wrong = super().received(call)
        if call.key in self._held:
            self._free.wait(600)
        return wrong

    def wait_for(self, key: str, process: Running, times: int = 1) -> None:
        """Wait until ``process`` has sent a request with this key for the ``times``-th time in all."""
        wait_until(lambda: self.counts[key] >= times, f"request {times} of {key} comes in", process=process)


@dataclass(frozen=True)
class Outcome:
    """What a finished session left for people."""

    answer: str
    conversations: dict[str, list[tuple[str, str]]]
    steps: list[dict[str, Any]]
    tokens: dict[str, Any]
    artifacts: dict[str, str]


def run_spec(home: Path, server: OpenAIServer) -> list[str]:
    """Write the spec into ``home`` and give the command line that runs it."""
    (home / "five.yaml").write_text(SPEC.format(url=server.url))
    return ["run", "five.yaml", "--var", "topic=tides", "--out", "out"]


def resume(home: Path) -> Ran:
    """Resume the one session of ``home``."""
    return run("run", "--resume", id_of(only_session(home)), home=home)


def outcome(home: Path, answer: str) -> Outcome:
    """What the one session of ``home`` left, whose last run printed ``answer``."""
    folder = only_session(home)
    metadata = document(folder, "session.json")["metadata"]
    assert metadata["status"] == "completed"
    assert metadata["error"] is None
    return Outcome(
        answer=answer,
        conversations=conversations(folder),
        steps=document(folder, "pattern_state.json")["step_history"],
        tokens=document(folder, "session.json")["token_usage"],
        artifacts={
            str(path.relative_to(home / "out")): path.read_text()
            for path in sorted((home / "out").rglob("*"))
            if path.is_file()
        },
    )


def calm(home: Path) -> tuple[Outcome, dict[str, Call]]:
    """An uninterrupted run, and the one request for each step."""
    with HeldServer() as server:
        ran = run(*run_spec(home, server), home=home)
        assert ran.returncode == 0, ran.stderr
        assert server.counts == Counter(STEPS)
        return outcome(home, ran.stdout), {call.key: call for call in server.calls}


def check_sums(left: Outcome) -> None:
    """The outcome agrees with itself: a step a record, a turn an exchange, totals that are sums."""
    assert [step["agent"] for step in left.steps] == AGENTS
    totals = left.tokens["total_input_tokens"] + left.tokens["total_output_tokens"]
    assert totals == sum(step["tokens"] for step in left.steps)
    by_agent = left.tokens["by_agent"].values()
    assert left.tokens["total_input_tokens"] == sum(used["input_tokens"] for used in by_agent)
    assert left.tokens["total_output_tokens"] == sum(used["output_tokens"] for used in by_agent)
    for agent, said in left.conversations.items():
        assert [role for role, _ in said] == ["user", "assistant"] * AGENTS.count(agent)
    assert left.answer == left.steps[-1]["response"] + "\n"
    assert left.artifacts["report.md"] == left.steps[-1]["response"]
    assert len(left.artifacts["notes/all.md"].splitlines()) == len(STEPS)
