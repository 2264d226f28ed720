"""Small workflow documents for tests, and short ways to look at what the spec door says of them."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from returns.result import Failure, Success

from durable_core.spec.models import Spec
from durable_core.spec.parse import parse_spec
from durable_core.spec.problems import Problem

HUMAN: dict[str, Any] = {"type": "hitl", "prompt": "Go on?"}
STEP: dict[str, Any] = {"agent": "writer"}

CONFIGS: dict[str, dict[str, Any]] = {
    "chain": {"steps": [STEP]},
    "workflow": {"tasks": [{"id": "draft", "agent": "writer"}]},
    "routing": {"router": {"agent": "writer"}, "routes": {"short": {"then": [STEP]}}},
    "parallel": {"branches": [{"id": "a", "steps": [STEP]}, {"id": "b", "steps": [STEP]}]},
    "orchestrator_workers": {"orchestrator": {"agent": "writer"}, "worker_template": {"agent": "writer"}},
    "evaluator_optimizer": {
        "producer": "writer",
        "evaluator": {"agent": "writer"},
        "accept": {"min_score": 80},
    },
    "graph": {"nodes": {"start": STEP}, "edges": [{"from": "start", "to": ["start"]}]},
}
"""The smallest config of each pattern."""


def document(kind: str = "chain", config: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A whole workflow with one agent, `writer`; `more` are root keys that replace or join the others."""
    return copy.deepcopy(
        {
            "version": 0,
            "name": "letters",
            "runtime": {"provider": "echo"},
            "agents": {"writer": {"prompt": "You write."}},
            "pattern": {"type": kind, "config": dict(CONFIGS[kind] if config is None else config)},
            **more,
        }
    )


def chain(*steps: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A workflow with a chain of `steps`."""
    return document("chain", {"steps": list(steps)}, **more)


def good(data: Mapping[str, Any], refs: Mapping[str, str] | None = None) -> Spec:
    """The spec of a document that must be right."""
    match parse_spec(json.dumps(data), format="json", refs=refs or {}):
        case Success(spec):
            return spec
        case Failure(problems):
            raise AssertionError(problems)
    raise AssertionError("neither")


def problems(data: Mapping[str, Any], refs: Mapping[str, str] | None = None) -> tuple[Problem, ...]:
    """The problems of a document; () when it is right."""
    return wrong(json.dumps(data), "json", refs)


def wrong(text: str, form: Any = "yaml", refs: Mapping[str, str] | None = None) -> tuple[Problem, ...]:
    """The problems of a text; () when it is right."""
    match parse_spec(text, format=form, refs=refs or {}):
        case Failure(found):
            return found
    return ()


def only(data: Mapping[str, Any], refs: Mapping[str, str] | None = None) -> Problem:
    """The one problem of a document."""
    found = problems(data, refs)
    assert len(found) == 1, found
    return found[0]


FULL: dict[str, Any] = {
    "version": "0",
    "name": "everything",
    "description": "Uses every key of the format.",
    "metadata": {"name": "n", "description": "d", "labels": {"team": "docs", "tier": 2}},
    "tags": ["a-tag", "b.2"],
    "runtime": {
        "provider": "ollama",
        "model_id": "m",
        "region": "eu-west-1",
        "host": "http://localhost:11434",
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 100,
        "max_parallel": 2,
        "budgets": {"max_steps": 9, "max_tokens": 900, "max_duration_s": 60, "warn_threshold": 0.75},
        "failure_policy": {"retries": 1, "backoff": "jittered", "wait_min": 1, "wait_max": 2},
    },
    "inputs": {
        "required": {
            "topic": "string",
            "count": {"type": "integer", "description": "How many.", "enum": [1, 2]},
        },
        "optional": {"style": {"type": "string", "default": "plain", "enum": ["plain", "dry"]}},
        "values": {"count": "2", "ratio": 0.5, "loud": False},
    },
    "env": {
        "secrets": [{"key": "TOKEN", "name": "token", "source": "file", "path": "token.txt"}],
        "mounts": {"data": "./data"},
    },
    "telemetry": {
        "otel": {"endpoint": "http://localhost:4317", "service_name": "s", "sample_ratio": 0.5},
        "redact": {"tool_inputs": True, "tool_outputs": True},
    },
    "context_policy": {
        "compaction": {
            "enabled": False,
            "when_tokens_over": 1000,
            "summary_ratio": 0.5,
            "preserve_recent_messages": 3,
            "summarization_model": "small",
        },
        "notes": {"file": "notes.md", "include_last": 2, "format": "json"},
        "retrieval": {"jit_tools": ["grep"], "mcp_servers": ["files"]},
    },
    "skills": [{"id": "pdf", "path": "./skills/pdf", "description": "For PDFs.", "preload_metadata": True}],
    "tools": {
        "python": ["pack.tool", {"callable": "pack.mod:other", "reads_only": True}],
        "in_doubt": {"tool": "retry", "calculator": "ask"},
        "mcp": [
            {"id": "files", "command": "npx", "args": ["-y"], "env": {"A": "b"}},
            {"id": "learn", "url": "https://example.org/mcp", "headers": {"X": "y"}},
        ],
        "http_executors": [
            {
                "id": "gh",
                "base_url": "https://example.org",
                "headers": {"Authorization": "Bearer {{ token }}"},
                "timeout_ms": 500,
                "description": "A service.",
                "examples": [{"method": "GET", "path": "/a", "json_data": {"deep": [1, None]}}],
                "common_endpoints": [{"path": "/b", "description": "B."}],
                "response_format": "JSON",
                "authentication_info": "A token.",
            }
        ],
    },
    "agents": {
        "writer": {
            "prompt": "You write about {{ topic }}.",
            "tools": ["tool", "other", "files", "gh", "calculator"],
            "provider": "openai",
            "model_id": "m2",
            "inference": {"temperature": 1.0, "top_p": 0.5, "max_tokens": 50},
            "input_schema": {"type": "object"},
            "output_schema": "./out.json",
        }
    },
    "outputs": {"artifacts": [{"path": "out.md", "from": "{{ last_response }}"}]},
    "security": {
        "guardrails": {
            "deny_network": True,
            "pii_redaction": False,
            "allow_tools": ["python", "gh", "calculator"],
        }
    },
}
"""Every key of the format but the pattern."""

_GATE: dict[str, Any] = {
    "type": "hitl",
    "prompt": "Good?",
    "context_display": "See above.",
    "default": "yes",
    "timeout_seconds": 60,
    "validation": {"pattern": "^(yes|no)$"},
}
_RICH: dict[str, Any] = {
    "agent": "writer",
    "input": "Write about {{ topic }}, {{ tone }}.",
    "vars": {"tone": "dry", "n": 1, "loud": True},
    "tool_overrides": ["gh"],
}

FULL_CONFIGS: dict[str, dict[str, Any]] = {
    "chain": {
        "steps": [_RICH, _GATE, {"agent": "writer", "input": "{{ last_response }}{{ steps[0].response }}"}]
    },
    "workflow": {
        "tasks": [
            {"id": "a", "agent": "writer", "deps": [], "description": "First.", "input": "{{ topic }}"},
            {"id": "g", "deps": ["a"], **_GATE},
            {"id": "b", "agent": "writer", "deps": ["a", "g"], "input": "{{ tasks.a.response }}"},
        ]
    },
    "routing": {
        "router": {"agent": "writer", "input": "{{ topic }}", "max_retries": 1, "review_router": _GATE},
        "routes": {"long": {"then": [_RICH, _GATE]}, "short one": {"then": [{"agent": "writer"}]}},
    },
    "parallel": {
        "branches": [{"id": "a", "steps": [_RICH, _GATE]}, {"id": "b", "steps": [{"agent": "writer"}]}],
        "reduce": {"agent": "writer", "input": "{{ branches.a.response }}{{ hitl_response }}"},
    },
    "orchestrator_workers": {
        "orchestrator": {"agent": "writer", "limits": {"max_workers": 3, "max_rounds": 2}},
        "decomposition_review": _GATE,
        "worker_template": {"agent": "writer", "tools": ["gh"]},
        "reduce_review": _GATE,
        "reduce": {"agent": "writer", "input": "{{ workers }}{{ num_workers }}"},
        "writeup": {"agent": "writer", "input": "{{ reduce_response }}"},
    },
    "evaluator_optimizer": {
        "producer": "writer",
        "evaluator": {"agent": "writer", "input": "{{ draft }}{{ iteration }}"},
        "accept": {"min_score": 80, "max_iters": 2},
        "revise_prompt": "{{ evaluation.score }}",
        "review_gate": {**_GATE, "context_display": "{{ iterations[-1].score }}{{ current_draft }}"},
    },
    "graph": {
        "max_iterations": 4,
        "nodes": {
            "start": {"agent": "writer", "input": "{{ topic }}"},
            "ask": _GATE,
            "end": {"agent": "writer"},
        },
        "edges": [
            {"from": "start", "to": ["ask"]},
            {
                "from": "ask",
                "choose": [
                    {"when": "{{ hitl_response == 'yes' }}", "to": "end"},
                    {"when": "else", "to": "start"},
                ],
            },
        ],
    },
}
"""For each pattern, a config with every key that it has."""


def full(kind: str) -> dict[str, Any]:
    """A document with every key of the format and of one pattern."""
    return copy.deepcopy({**FULL, "pattern": {"type": kind, "config": FULL_CONFIGS[kind]}})
