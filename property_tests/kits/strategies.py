"""Small specs to draw from: agents, runtimes, steps and artifacts, as the plain data that a file would hold.

Small on purpose: what goes wrong with five units goes wrong with two, and two can be read.
"""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

from durable_core.spec.models import Spec

Doc = dict[str, Any]

VARIABLES: Final = {"topic": "bridges"}
"""The variables of every session here."""

PERSON: Final = "carry on"
"""What a person answers at a plain gate, and every plain gate's default: who answers leaves no trace."""

AGENTS: Final[Doc] = {
    "ann": {"prompt": "You are ann and write about {{ topic }}."},
    "bob": {"prompt": "You are bob. Write names like {{ this_one }}."},  # unknown names stay as written
    "eve": {"prompt": "You are eve."},
}

agent_names = st.sampled_from(sorted(AGENTS))


@st.composite
def runtimes(draw: st.DrawFn) -> Doc:
    """A runtime: few slots, now and then tight budgets and a policy of its own."""
    runtime: Doc = {"provider": "echo", "max_parallel": draw(st.integers(1, 4))}
    if draw(st.booleans()):
        runtime["failure_policy"] = {
            "retries": draw(st.integers(0, 2)),
            "backoff": draw(st.sampled_from(["constant", "exponential", "jittered"])),
            "wait_min": draw(st.integers(0, 2)),
            "wait_max": draw(st.integers(2, 9)),
        }
    budgets = {
        "max_tokens": st.integers(1, 60),
        "max_steps": st.integers(1, 6),
        "max_duration_s": st.integers(1, 60),
        "warn_threshold": st.sampled_from([0.0, 0.5, 1.0]),
    }
    chosen = draw(st.sets(st.sampled_from(sorted(budgets)), max_size=2))
    if chosen:
        runtime["budgets"] = {name: draw(budgets[name]) for name in sorted(chosen)}
    return runtime


@st.composite
def gates(draw: st.DrawFn, prompt: str = "Go on?") -> Doc:
    """A plain question to a person, in every combination of its options."""
    gate: Doc = {"type": "hitl", "prompt": prompt}
    if draw(st.booleans()):
        gate["default"] = PERSON
    if draw(st.booleans()):
        gate["timeout_seconds"] = draw(st.sampled_from([0, 5, 40]))
    if draw(st.booleans()):
        gate["context_display"] = "About {{ topic }}"
    if draw(st.booleans()):
        gate["validation"] = {"pattern": "[a-z ]+"}
    return gate


@st.composite
def steps(draw: st.DrawFn, earlier: list[Doc]) -> Doc:
    """A step after ``earlier``, whose input may use what they left behind."""
    if draw(st.integers(0, 3)) == 0:
        return draw(gates(prompt=draw(st.sampled_from(["Go on?", "Is {{ topic }} right?"]))))
    inputs: list[str | None] = [None, "Write about {{ topic }}."]
    if any("agent" in step for step in earlier):
        inputs.append("After: {{ last_response }}")
    if any("type" in step for step in earlier):
        inputs.append("They said {{ hitl_response }}.")
    step: Doc = {"agent": draw(agent_names)}
    chosen = draw(st.sampled_from(inputs))
    if chosen is not None:
        step["input"] = chosen
    if draw(st.integers(0, 3)) == 0:
        step["vars"] = {"topic": "tunnels"}
        if "{{ last_response }}" in step.get("input", ""):  # they hide what the pattern provides, too
            step["vars"]["last_response"] = "what I say"
    return step


@st.composite
def step_lists(draw: st.DrawFn, max_size: int = 5) -> list[Doc]:
    """Steps one after another."""
    chosen: list[Doc] = []
    for _ in range(draw(st.integers(1, max_size))):
        chosen.append(draw(steps(chosen)))
    return chosen


@st.composite
def specs(
    draw: st.DrawFn,
    pattern: str,
    configs: st.SearchStrategy[Doc],
    artifact_texts: tuple[str, ...] = (),
) -> Spec:
    """A whole spec around a pattern's config; artifacts hold one of ``artifact_texts`` and the topic."""
    texts = draw(st.lists(st.sampled_from(["On {{ topic }}.", *artifact_texts]), max_size=2))
    doc: Doc = {
        "version": 0,
        "name": pattern,
        "runtime": draw(runtimes()),
        "agents": AGENTS,
        "pattern": {"type": pattern, "config": draw(configs)},
    }
    if texts:
        artifacts = [{"path": f"out/{n}.md", "from": text} for n, text in enumerate(texts)]
        doc["outputs"] = {"artifacts": artifacts}
    return Spec.model_validate(doc)


def document(spec: Spec) -> Doc:
    """``spec`` as plain data that may be changed and made a spec again with ``Spec.model_validate``."""
    written: Doc = spec.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return written


def common_edits(spec: Spec) -> tuple[Spec, ...]:
    """Changes to a spec that any session can be resumed under, whatever it has done so far."""
    reprompted = document(spec)
    reprompted["agents"]["ann"] = {"prompt": "You are ann, and brief about {{ topic }}."}
    widened = document(spec)
    widened["runtime"]["max_parallel"] = spec.runtime.max_parallel % 4 + 1
    with_artifact = document(spec)
    with_artifact.setdefault("outputs", {}).setdefault("artifacts", []).append(
        {"path": "out/late.md", "from": "Late, on {{ topic }}."}
    )
    return tuple(Spec.model_validate(doc) for doc in (reprompted, widened, with_artifact))
