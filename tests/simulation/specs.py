"""Small specs of every pattern, drawn from a seed, and what models and people answer in them.

An answer depends on its unit alone, so a run that crashed and one that did not can be compared by ``==``.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from random import Random
from typing import Any, Final

from durable_core.session import Source
from durable_core.spec.models import Spec
from durable_core.types import Json, UnitId, Usage
from durable_shell.sources.spec_file import load_spec

Doc = dict[str, Any]

EXAMPLES: Final = Path(__file__).parents[2] / "docs" / "examples"
VARIABLES: Final = {"topic": "bridges", "audience": "everybody"}
MIN_SCORE: Final = 80

ODD: Final = (
    "",
    " \0.",
    " \u202egnol\u202c!",
    " \U0001d11e",
    " \u2028\r.",
    " \ud83d.",
    " \x1b[2J",
    " \ufeff.",
)
"""What answers, and what people write, end in: it is hard on terminals, files, hashes, readers of lines."""

_AGENTS: Final = {
    name: {"prompt": f"You are {name} and write about {{{{ topic }}}}."} for name in ("ann", "bob", "eve")
}


def draw_spec(random: Random) -> tuple[Spec, dict[str, Json]]:
    """A spec, and the variables that a person gives it."""
    examples = sorted(EXAMPLES.glob("*.yaml"))
    if examples and random.random() < 0.05:
        spec = load_spec(str(random.choice(examples)), EXAMPLES).unwrap().spec
        given: dict[str, Json] = {name: _value(declared) for name, declared in _declared(spec).items()}
        return spec, VARIABLES | given
    pattern = random.choice(sorted(_CONFIGS))
    config, artifact = _CONFIGS[pattern](random)
    doc: Doc = {
        "version": 0,
        "name": pattern,
        "runtime": _runtime(random),
        "agents": _AGENTS,
        "pattern": {"type": pattern, "config": config},
    }
    if random.random() < 0.6:
        texts = ["On {{ topic }}.", artifact][: random.randint(1, 2)]
        doc["outputs"] = {
            "artifacts": [{"path": f"out/{n}.md", "from": text} for n, text in enumerate(texts)]
        }
    return Spec.model_validate(doc), dict(VARIABLES)


def edited_spec(random: Random, spec: Spec) -> Spec:
    """``spec`` after a person changed something that leaves the answers as they are."""
    doc: Doc = spec.model_dump(mode="json", by_alias=True, exclude_unset=True)
    match random.choice(("prompt", "slots", "artifact")):
        case "prompt":
            first = next(iter(doc["agents"].values()))
            first["prompt"] = str(first.get("prompt", "")) + " Be brief."
        case "slots":
            doc["runtime"]["max_parallel"] = spec.runtime.max_parallel % 4 + 1
        case _:
            artifacts = doc.setdefault("outputs", {}).setdefault("artifacts", [])
            artifacts.append({"path": f"late/{len(artifacts)}.md", "from": "Late, on {{ topic }}."})
    return Spec.model_validate(doc)


def source_of(spec: Spec) -> Source:
    """The file that a spec would have been read from."""
    text = spec.model_dump_json(by_alias=True, exclude_unset=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Source(text=text, format="json", sha256=digest, path="flow.json")


def answer_of(spec: Spec, unit: UnitId) -> str:
    """What the model says for a unit."""
    kind = spec.pattern.type
    if kind == "routing" and unit == "router":
        assert spec.pattern.type == "routing"
        return json.dumps({"route": next(iter(spec.pattern.config.routes))})
    if kind == "orchestrator_workers" and unit.endswith("/orchestrator"):
        number = int(unit.split("/")[1])
        return json.dumps([{"task": f"part {number}.{n}"} for n in range(max(0, 4 - number))])
    if kind == "evaluator_optimizer" and unit.endswith("/evaluator"):
        score = 35 * int(unit.split("/")[1])
        return json.dumps({"score": min(score, 100), "issues": ["dull"], "fixes": []})
    # not by a CRC: names that differ in a digit would get one ending in two, and most none that is odd
    return f"answer of {unit} {{{{ topic }}}}{ODD[hashlib.sha256(unit.encode()).digest()[0] % len(ODD)]}"


def is_structured(spec: Spec, unit: UnitId) -> bool:
    """Whether JSON is due for a unit, so that an answer can be malformed."""
    return not answer_of(spec, unit).startswith("answer of")


def person_of(unit: UnitId) -> str:
    """What a person says at a gate."""
    return "approved" if "review" in unit else "carry on"


def usage_of(unit: UnitId) -> Usage:
    """What an answer costs, in tokens."""
    return Usage(1 + sum(unit.encode()) % 4, 2)


# --- what specs are made of ---------------------------------------------------------------------------


def _runtime(random: Random) -> Doc:
    runtime: Doc = {"provider": "echo", "max_parallel": random.randint(1, 4)}
    if random.random() < 0.5:
        runtime["failure_policy"] = {
            "retries": random.randint(0, 3),
            "backoff": random.choice(("constant", "exponential", "jittered")),
            "wait_min": random.randint(0, 2),
            "wait_max": random.randint(2, 60),
        }
    if random.random() < 0.15:
        budget = random.choice(("max_tokens", "max_steps", "max_duration_s"))
        runtime["budgets"] = {budget: random.randint(2, 8)}
    return runtime


def _gate(random: Random, answer: str = "carry on") -> Doc:
    gate: Doc = {"type": "hitl", "prompt": "Is {{ topic }} right?"}
    if random.random() < 0.5:
        gate["default"] = answer
    if random.random() < 0.3:
        gate["timeout_seconds"] = random.choice((5, 40))
    if random.random() < 0.3:
        gate["validation"] = {"pattern": "[a-z ]+"}
    return gate


def _call(random: Random, text: str | None = None) -> Doc:
    step: Doc = {"agent": random.choice(sorted(_AGENTS))}
    if text is not None and random.random() < 0.6:
        step["input"] = text
    return step


def _steps(random: Random, most: int, gates: float = 0.2) -> list[Doc]:
    steps = [_call(random, "Write about {{ topic }}.")]
    for _ in range(random.randrange(most)):
        steps.append(
            _gate(random) if random.random() < gates else _call(random, "After: {{ last_response }}")
        )
    return steps


def _chain(random: Random) -> tuple[Doc, str]:
    return {"steps": _steps(random, 4)}, "{{ steps[0].response }}"


def _workflow(random: Random) -> tuple[Doc, str]:
    tasks: list[Doc] = []
    for number in range(random.randint(2, 5)):
        earlier = [task["id"] for task in tasks]
        deps = random.sample(earlier, random.randint(0, min(2, len(earlier))))
        is_gate = number > 0 and random.random() < 0.2
        task = _gate(random) if is_gate else _call(random, "Write about {{ topic }}.")
        tasks.append({"id": f"t{number}", "deps": deps, **task})
    return {"tasks": tasks}, "{{ tasks.t0.response }}"


def _routing(random: Random) -> tuple[Doc, str]:
    router: Doc = _call(random, "Where does {{ topic }} belong?")
    if random.random() < 0.5:
        router["review_router"] = _gate(random, "approved")
    routes = {name: {"then": _steps(random, 3)} for name in ("alpha", "beta")}
    return {"router": router, "routes": routes}, "{{ chosen_route }}"


def _parallel(random: Random) -> tuple[Doc, str]:
    branches = [{"id": name, "steps": _steps(random, 2)} for name in ("b", "a", "c")[: random.randint(2, 3)]]
    config: Doc = {"branches": branches}
    if random.random() < 0.6:
        config["reduce"] = (
            _gate(random) if random.random() < 0.3 else _call(random, "{{ branches.a.response }}")
        )
    return config, "{{ branches.a.response }}"


def _orchestrator(random: Random) -> tuple[Doc, str]:
    limits = {"max_workers": random.randint(1, 3), "max_rounds": random.randint(1, 2)}
    config: Doc = {
        "orchestrator": {"agent": "ann", "limits": limits},
        "worker_template": {"agent": random.choice(("bob", "eve"))},
    }
    for review in ("decomposition_review", "reduce_review"):
        if random.random() < 0.25:
            config[review] = _gate(random, "approved")
    if random.random() < 0.6:
        config["reduce"] = _call(random, "{{ num_workers }} workers on {{ topic }}")
    if random.random() < 0.4:
        config["writeup"] = _call(random)
    return config, "On {{ topic }}, too."


def _evaluator(random: Random) -> tuple[Doc, str]:
    config: Doc = {
        "producer": "ann",
        "evaluator": {"agent": "bob"},
        "accept": {"min_score": random.choice((30, 60, MIN_SCORE)), "max_iters": random.randint(2, 3)},
    }
    if random.random() < 0.4:
        config["review_gate"] = _gate(random)
    return config, "{{ final_score }}"


def _graph(random: Random) -> tuple[Doc, str]:
    nodes: Doc = {
        "draft": _call(random, "Write about {{ topic }}."),
        "check": _call(random),
        "end": _call(random),
    }
    back = {"when": f"nodes.check.iteration < {random.randint(1, 3)}", "to": "draft"}
    edges: list[Doc] = [
        {"from": "draft", "to": ["check"]},
        {"from": "check", "choose": [back, {"when": "else", "to": "end"}]},
    ]
    if random.random() < 0.4:
        nodes["ask"] = _gate(random)
        edges[1]["choose"][1]["to"] = "ask"
        edges.append({"from": "ask", "to": ["end"]})
    return {"nodes": nodes, "edges": edges}, "{{ nodes.draft.response }}"


_CONFIGS: Final = {
    "chain": _chain,
    "workflow": _workflow,
    "routing": _routing,
    "parallel": _parallel,
    "orchestrator_workers": _orchestrator,
    "evaluator_optimizer": _evaluator,
    "graph": _graph,
}


def _declared(spec: Spec) -> dict[str, str]:
    declared = {**spec.inputs.required, **spec.inputs.optional}
    return {name: one.type for name, one in declared.items()}


def _value(type_name: str) -> Json:
    return {"integer": 3, "number": 3.0, "boolean": True, "array": ["a"], "object": {"a": 1}}.get(
        type_name, "x"
    )
