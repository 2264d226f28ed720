"""Workflow documents for property tests: right ones of every pattern, and every way to get one key wrong."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from tests.support.spec_kit import FULL_CONFIGS, full

PLAIN_TEXT = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"], exclude_characters="{}#%"), max_size=20
)
"""Texts that no template syntax hides in."""

NAMES = st.text(st.sampled_from("abcdefgh-_.:7"), min_size=1, max_size=6).filter(
    lambda name: name not in (".", "..")
)
"""Ids, as the format has them."""

SCALARS = st.one_of(
    PLAIN_TEXT, st.integers(-(10**9), 10**9), st.booleans(), st.floats(allow_nan=False, allow_infinity=False)
)

JSON_VALUES = st.recursive(
    st.one_of(st.none(), SCALARS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(PLAIN_TEXT, inner, max_size=3)),
    max_leaves=10,
)
"""Any JSON value that a file can hold."""


def _optional(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=parts)


_GATES = st.fixed_dictionaries(
    {"type": st.just("hitl"), "prompt": PLAIN_TEXT},
    optional={
        "context_display": PLAIN_TEXT,
        "default": PLAIN_TEXT,
        "timeout_seconds": st.integers(0, 10**6),
        "validation": _optional(),
    },
)


@st.composite
def _agent_steps(draw: st.DrawFn, agents: list[str]) -> dict[str, Any]:
    extra = draw(_optional(input=PLAIN_TEXT, vars=st.dictionaries(NAMES, SCALARS, max_size=2)))
    return {"agent": draw(st.sampled_from(agents)), **extra}


def _steps(agents: list[str]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.one_of(_agent_steps(agents), _GATES), min_size=1, max_size=4)


@st.composite
def _configs(draw: st.DrawFn, kind: str, agents: list[str]) -> dict[str, Any]:
    agent = st.sampled_from(agents)
    step = st.one_of(_agent_steps(agents), _GATES)
    ids = draw(st.lists(NAMES, min_size=2, max_size=5, unique=True))
    if kind == "chain":
        return {"steps": draw(_steps(agents))}
    if kind == "workflow":
        tasks = []
        for index, name in enumerate(ids):
            deps = draw(st.lists(st.sampled_from(ids[:index]), unique=True)) if index else []
            human = draw(st.booleans())
            body = draw(_GATES) if human else {"agent": draw(agent), **draw(_optional(input=PLAIN_TEXT))}
            tasks.append({"id": name, "deps": deps, **body})
        return {"tasks": draw(st.permutations(tasks))}
    if kind == "routing":
        router = {"agent": draw(agent), **draw(_optional(input=PLAIN_TEXT, review_router=_GATES))}
        return {"router": router, "routes": {name: {"then": draw(_steps(agents))} for name in ids}}
    if kind == "parallel":
        branches = [{"id": name, "steps": draw(_steps(agents))} for name in ids]
        return {"branches": branches, **draw(_optional(reduce=step))}
    if kind == "orchestrator_workers":
        limits = draw(_optional(max_workers=st.integers(1, 9), max_rounds=st.integers(1, 9)))
        return {
            "orchestrator": {"agent": draw(agent), "limits": limits},
            "worker_template": {"agent": draw(agent)},
            **draw(_optional(decomposition_review=_GATES, reduce_review=_GATES, reduce=step, writeup=step)),
        }
    if kind == "evaluator_optimizer":
        return {
            "producer": draw(agent),
            "evaluator": {"agent": draw(agent), **draw(_optional(input=PLAIN_TEXT))},
            "accept": {
                "min_score": draw(st.integers(0, 100)),
                **draw(_optional(max_iters=st.integers(1, 9))),
            },
            **draw(_optional(revise_prompt=PLAIN_TEXT, review_gate=_GATES)),
        }
    nodes = {name: draw(st.one_of(st.fixed_dictionaries({"agent": agent}), _GATES)) for name in ids}
    edges: list[dict[str, Any]] = [{"from": one, "to": [other]} for one, other in pairwise(ids)]
    choose = [{"when": "last_response", "to": draw(st.sampled_from(ids))}, {"when": "else", "to": ids[0]}]
    return {"nodes": nodes, "edges": [*edges, {"from": ids[-1], "choose": choose}]}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Documents that parse without a problem, of any pattern."""
    agents = draw(st.dictionaries(NAMES, _agents(), min_size=1, max_size=3))
    kind = draw(st.sampled_from(list(FULL_CONFIGS)))
    return {
        "version": draw(st.one_of(st.integers(0, 9), PLAIN_TEXT)),
        "name": draw(PLAIN_TEXT.filter(bool)),
        "runtime": {"provider": "echo", **draw(_RUNTIMES)},
        "agents": agents,
        "pattern": {"type": kind, "config": draw(_configs(kind, list(agents)))},
        **draw(
            _optional(
                description=PLAIN_TEXT,
                metadata=_optional(name=PLAIN_TEXT, labels=st.dictionaries(PLAIN_TEXT, SCALARS, max_size=2)),
                inputs=_optional(
                    optional=st.dictionaries(
                        NAMES,
                        st.one_of(st.just("string"), st.fixed_dictionaries({"type": st.just("number")})),
                        max_size=2,
                    ),
                ),
                outputs=_optional(
                    artifacts=st.lists(
                        st.fixed_dictionaries({"path": NAMES, "from": PLAIN_TEXT}),
                        max_size=2,
                        unique_by=lambda artifact: artifact["path"],
                    )
                ),
            )
        ),
    }


def _agents() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"prompt": PLAIN_TEXT},
        optional={
            "tools": st.lists(st.sampled_from(["calculator", "file_read"]), max_size=2),
            "model_id": PLAIN_TEXT,
            "inference": _optional(temperature=st.floats(0, 2), max_tokens=st.integers(1, 10**6)),
            "output_schema": st.dictionaries(PLAIN_TEXT, JSON_VALUES, max_size=2),
        },
    )


_RUNTIMES = _optional(
    model_id=PLAIN_TEXT,
    temperature=st.one_of(st.floats(0, 2), st.integers(0, 2)),
    max_parallel=st.integers(1, 99),
    budgets=_optional(max_steps=st.integers(1, 99), warn_threshold=st.floats(0, 1)),
    failure_policy=_optional(retries=st.integers(0, 9), backoff=st.sampled_from(["constant", "jittered"])),
)

FULL_DOCUMENTS = st.sampled_from(list(FULL_CONFIGS)).map(full)
"""Documents that spell out every key of the format."""

ANY_WRONG = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        -1,
        2.5,
        10**30,
        "",
        "text",
        "{{",
        "12",
        [],
        [1],
        [None],
        {},
        {"zzz": 1},
        {"type": "hitl"},
    ]
)
"""Values that hardly any key may have."""


def places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every key and item in a document, outer ones first; the document itself has none."""
    items: Any = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for part, inner in items:
        yield (*at, part)
        yield from places(inner, (*at, part))


def look_up(value: Any, at: tuple[str | int, ...]) -> Any:
    """What is at a path."""
    for part in at:
        value = value[part]
    return value


def replaced(value: Any, at: tuple[str | int, ...], new: Any) -> Any:
    """A copy of the document with something else at a path."""
    changed = copy.deepcopy(value)
    look_up(changed, at[:-1])[at[-1]] = copy.deepcopy(new)
    return changed


def removed(value: Any, at: tuple[str | int, ...]) -> Any:
    """A copy of the document without what is at a path."""
    changed = copy.deepcopy(value)
    del look_up(changed, at[:-1])[at[-1]]
    return changed
