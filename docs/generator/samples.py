"""One small workflow for each pattern, and the answers that are tried in it: what diagrams are drawn from.

A sample is chosen so that every kind of unit of its pattern occurs, and every way that the pattern can go is
open to some answer, while the drawing still fits on a page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from durable_core.spec.models import Spec
from durable_core.spec.parse import parse_spec
from strands_durable.testing import Asked

_STEP: Final = {"agent": "writer"}
_GATE: Final = {"type": "hitl", "prompt": "Good enough?"}


@dataclass(frozen=True, slots=True)
class Sample:
    """A pattern's config, and what its models and people may answer.

    Answers stand under a short name for the diagrams: ``due`` where JSON is due, ``said`` from all other
    models, ``person`` at gates.
    """

    config: Mapping[str, Any]
    due: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=lambda: {"done": "done"})
    person: Mapping[str, str] = field(default_factory=lambda: {"approved": "approved"})

    def first_answer(self, asked: Asked) -> str:
        """The first of the answers that are tried where ``asked`` is."""
        if asked.agent is None:
            return next(iter(self.person.values()))
        return next(iter((self.due if asked.json_due else self.said).values()))


SAMPLES: Final[Mapping[str, Sample]] = {
    "chain": Sample({"steps": [_STEP, _GATE, _STEP]}),
    "workflow": Sample(
        {
            "tasks": [
                {"id": "facts", "agent": "writer"},
                {"id": "style", "agent": "writer"},
                {"id": "draft", "agent": "writer", "deps": ["facts", "style"]},
                {"id": "check", **_GATE, "deps": ["draft"]},
            ]
        }
    ),
    "parallel": Sample(
        {
            "branches": [{"id": "web", "steps": [_STEP, _STEP]}, {"id": "books", "steps": [_STEP]}],
            "reduce": _STEP,
        }
    ),
    "routing": Sample(
        {
            "router": {"agent": "writer", "review_router": _GATE},
            "routes": {"short": {"then": [_STEP]}, "long": {"then": [_STEP, _STEP]}},
        },
        due={"short": '{"route": "short"}', "long": '{"route": "long"}'},
        person={"approved": "approved", "route long": "route:long"},
    ),
    "orchestrator_workers": Sample(
        {
            "orchestrator": {"agent": "writer", "limits": {"max_workers": 2, "max_rounds": 1}},
            "worker_template": {"agent": "writer"},
            "reduce": _STEP,
            "writeup": _STEP,
        },
        due={"two tasks": '[{"task": "a"}, {"task": "b"}]', "no task": "[]"},
    ),
    "evaluator_optimizer": Sample(
        {
            "producer": "writer",
            "evaluator": {"agent": "writer"},
            "accept": {"min_score": 80, "max_iters": 2},
            "review_gate": _GATE,
        },
        due={
            "score 90": '{"score": 90, "issues": [], "fixes": []}',
            "score 10": '{"score": 10, "issues": [], "fixes": []}',
        },
        person={"go on": "go on", "stop": "stop"},
    ),
    "graph": Sample(
        {
            "max_iterations": 2,
            "nodes": {"draft": _STEP, "review": _STEP, "publish": _STEP},
            "edges": [
                {"from": "draft", "to": ["review"]},
                {
                    "from": "review",
                    "choose": [
                        {"when": "last_response == 'good'", "to": "publish"},
                        {"when": "else", "to": "draft"},
                    ],
                },
            ],
        },
        said={"good": "good", "bad": "bad"},
    ),
}


def spec_of(kind: str, config: Mapping[str, Any], **runtime: Any) -> Spec:
    """A whole workflow around a pattern's config; ``runtime`` are further keys of its runtime."""
    text = json.dumps(
        {
            "version": 0,
            "name": "sample",
            "runtime": {"provider": "echo", **runtime},
            "agents": {"writer": {"prompt": "You write."}},
            "pattern": {"type": kind, "config": config},
        }
    )
    return parse_spec(text, format="json").unwrap()
