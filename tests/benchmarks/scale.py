"""What one transition costs in a session of 100, 1,000 and 10,000 units, for each pattern.

A transition is one command: ``decide``, ``evolve`` and ``wanted`` of the session machine, and in them those
of the pattern. Each unit takes four: begin, the prompt, the answer's message, the answer. The session is run
to its end and every transition timed. Templates are not rendered: how long they are is their author's choice.

By hand: ``python -m tests.benchmarks.scale``, which needs some minutes.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any, Final

from durable_core.patterns.base import CallAgent, Finished
from durable_core.session import (
    Attempt,
    Options,
    Session,
    SessionStarted,
    Source,
    commands,
    decide,
    evolve_all,
    start,
    verdict,
    wanted,
)
from durable_core.session.conversation import Mark
from durable_core.spec.models import Spec
from durable_core.types import Usage

SIZES: Final = (100, 1_000, 10_000)
WIDTH: Final = 20
"""Tasks of a layer of the workflow, and workers of a round."""

STEP: Final[Mapping[str, Any]] = {"agent": "a", "input": "x"}


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor seconds for one transition of a session of ``units`` units: the median and the mean."""

    pattern: str
    units: int
    median: float
    mean: float

    @property
    def per_second(self) -> float:
        """Transitions per second, over the whole session."""
        return 1 / self.mean


def cost(pattern: str, units: int) -> Cost:
    """Run a session of ``pattern`` with about ``units`` units to its end, and time each transition."""
    config, answer = CONFIGS[pattern](units)
    spec = _spec(pattern, config)
    collecting = gc.isenabled()
    gc.disable()  # pytest's own million objects would be looked through while we measure
    try:
        times = _times(_started(spec), answer)
    finally:
        if collecting:
            gc.enable()
    return Cost(pattern, units, median(times), fmean(times))


def _times(session: Session, answer: Callable[[CallAgent], str]) -> list[float]:
    times: list[float] = []
    attempts = wanted(session)
    while attempts:
        for command in _life(session, attempts[0], answer):
            began = time.thread_time()  # processor time: what else the machine does costs nothing here
            session = evolve_all(session, decide(session, command).unwrap())
            attempts = wanted(session)
            times.append(time.thread_time() - began)
    assert isinstance(verdict(session), Finished), verdict(session)
    return times


def _life(
    session: Session, attempt: Attempt, answer: Callable[[CallAgent], str]
) -> Iterator[commands.Command]:
    """What is reported of one attempt that goes well."""
    call = attempt.request
    assert isinstance(call, CallAgent)
    text = answer(call)
    said = len(session.conversation(call.conversation).messages)
    yield commands.UnitsStarted(at=1.0, starts=(commands.UnitStart(attempt.unit, attempt.number, 0),))
    for index, (role, words) in enumerate((("user", "x"), ("assistant", text)), start=said):
        yield commands.MessageAdded(
            at=1.0,
            unit=attempt.unit,
            attempt=attempt.number,
            conversation=call.conversation,
            index=index,
            message={"role": role, "content": [{"text": words}]},
            digest="d",
        )
    mark = Mark(count=said + 2, digest="d")
    yield commands.Answered(
        at=1.0, unit=attempt.unit, attempt=attempt.number, text=text, usage=Usage(1, 1), mark=mark
    )


def _started(spec: Spec) -> Session:
    source = Source(text="", format="json", sha256="")
    return start(
        SessionStarted(at=1.0, session_id="s", spec=spec, source=source, variables={}, options=Options())
    )


def _spec(pattern: str, config: Mapping[str, Any]) -> Spec:
    return Spec.model_validate(
        {
            "version": 0,
            "name": "scale",
            "runtime": {"provider": "echo"},
            "agents": {"a": {"prompt": "p"}},
            "pattern": {"type": pattern, "config": config},
        }
    )


# --- a session of so many units, and what its models answer ---------------------------------------------

Made = tuple[dict[str, Any], Callable[[CallAgent], str]]


def _said(call: CallAgent) -> str:
    del call
    return "ok"


def _chain(units: int) -> Made:
    return {"steps": [STEP] * units}, _said


def layers(units: int, width: int = WIDTH) -> list[dict[str, Any]]:
    """Tasks in layers of ``width``, each depending on two of the layer before."""
    tasks = []
    for number in range(units):
        layer, place = divmod(number, width)
        above = [(layer - 1) * width + place, (layer - 1) * width + (place + 1) % width]
        deps = [f"t{task}" for task in above] if layer else []
        tasks.append({"id": f"t{number}", **STEP, "deps": deps})
    return tasks


def _workflow(units: int) -> Made:
    return {"tasks": layers(units)}, _said


def _parallel(units: int) -> Made:
    return {"branches": [{"id": f"b{number}", "steps": [STEP]} for number in range(units)]}, _said


def _routing(units: int) -> Made:
    routes = {"long": {"then": [STEP] * (units - 1)}}
    return {
        "router": {"agent": "a"},
        "routes": routes,
    }, lambda call: '{"route": "long"}' if call.unit == "router" else "ok"


def _evaluator(units: int) -> Made:
    last = f"iterations/{units // 2}/evaluator"

    def answer(call: CallAgent) -> str:
        score = 90 if call.unit == last else 10
        return f'{{"score": {score}, "issues": [], "fixes": []}}' if call.shape else "draft"

    accept = {"min_score": 80, "max_iters": units // 2}
    return {"producer": "a", "evaluator": {"agent": "a"}, "accept": accept}, answer


def _orchestrator(units: int) -> Made:
    tasks = "[" + ", ".join(['{"task": "t"}'] * (WIDTH - 1)) + "]"
    limits = {"max_workers": WIDTH, "max_rounds": units // WIDTH}
    config = {"orchestrator": {"agent": "a", "limits": limits}, "worker_template": {"agent": "a"}}
    return config, lambda call: tasks if call.shape else "ok"


def _graph(units: int) -> Made:
    last = f"nodes/back/{units // 2}"
    choose = [{"when": "last_response == 'again'", "to": "there"}]
    config = {
        "max_iterations": units,
        "nodes": {"there": STEP, "back": STEP},
        "edges": [{"from": "there", "to": ["back"]}, {"from": "back", "choose": choose}],
    }
    return config, lambda call: "enough" if call.unit == last else "again"


CONFIGS: Final[Mapping[str, Callable[[int], Made]]] = {
    "chain": _chain,
    "workflow": _workflow,
    "parallel": _parallel,
    "routing": _routing,
    "evaluator_optimizer": _evaluator,
    "orchestrator_workers": _orchestrator,
    "graph": _graph,
}
"""A config of about so many units, by pattern, and what is answered in it."""


def main() -> None:
    """Print the table that docs/explanation/performance.md shows."""
    heads = " | ".join(f"{units:,} units" for units in SIZES)
    print(f"| Transitions per second (one, in µs) | {heads} | One at {SIZES[-1]:,} against {SIZES[0]:,} |")
    print("| --- |" + " ---: |" * (len(SIZES) + 1))
    for pattern in CONFIGS:
        costs = [cost(pattern, units) for units in SIZES]
        cells = " | ".join(f"{one.per_second:,.0f} ({one.median * 1e6:.0f})" for one in costs)
        print(f"| {pattern} | {cells} | {costs[-1].median / costs[0].median:.2f} |")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
