"""Parallel's own laws: the join comes exactly when all branches are done, in every small shape."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from durable_core.patterns.base import AskPerson, Finished, Open, Waiting
from durable_core.patterns.parallel import machine as parallel
from property_tests.kits.strategies import Doc
from property_tests.worlds.walking import after, sent, spec_of, walk

CALL: Doc = {"agent": "ann", "input": "Go on."}
QUESTION: Doc = {"type": "hitl", "prompt": "Go on?"}
KINDS = (CALL, QUESTION)


def shapes() -> Iterator[Doc]:
    """Two branches of one or two steps of either kind, and three that are short; a reduce step or none."""
    rows = [list(row) for size in (1, 2) for row in product(KINDS, repeat=size)]
    pairs = [list(pair) for pair in product(rows, repeat=2)]
    triples = [[[step] for step in steps] for steps in product(KINDS, repeat=3)]
    for branches, reduce in product([*pairs, *triples], (None, *KINDS)):
        named = [{"id": name, "steps": row} for name, row in zip("bac", branches, strict=False)]
        yield {"branches": named} if reduce is None else {"branches": named, "reduce": reduce}


def test_reduce_is_wanted_exactly_when_all_branches_are_done_in_every_interleaving() -> None:
    for config in shapes():
        every = {
            f"branches/{branch['id']}/{number}"
            for branch in config["branches"]
            for number in range(len(branch["steps"]))
        }
        for done, state in walk(spec_of("parallel", config)):
            wanted = [request.unit for request in parallel.wanted(state)]
            is_due = every <= done and "reduce" in config and "reduce" not in done
            assert ("reduce" in wanted) == is_due
            assert len(wanted) == 1 or not is_due
            ended = every <= done and not is_due
            assert isinstance(parallel.verdict(state), Finished) == ended


def test_each_branch_wants_exactly_its_next_step_in_every_interleaving() -> None:
    for config in shapes():
        for done, state in walk(spec_of("parallel", config)):
            nexts = [
                next((f"{path}/{n}" for n in range(len(steps)) if f"{path}/{n}" not in done), None)
                for path, steps in (
                    (f"branches/{branch['id']}", branch["steps"]) for branch in config["branches"]
                )
            ]
            requests = parallel.wanted(state)
            wanted = [request.unit for request in requests if request.unit != "reduce"]
            assert wanted == [unit for unit in nexts if unit]
            match parallel.verdict(state):
                case Waiting(gates):
                    assert gates == tuple(request.unit for request in requests) != ()
                    assert all(isinstance(request, AskPerson) for request in requests)
                case Open():
                    assert any(not isinstance(request, AskPerson) for request in requests)
                case stand:
                    assert isinstance(stand, Finished)
                    assert requests == ()


@given(texts=st.dictionaries(st.sampled_from("abcd"), st.text(max_size=12), min_size=2))
def test_a_reduce_step_without_an_input_is_sent_what_the_result_would_be(texts: dict[str, str]) -> None:
    branches = [{"id": name, "steps": [CALL]} for name in texts]
    results = []
    for more in ({}, {"reduce": {"agent": "eve"}}):
        spec = spec_of("parallel", {"branches": branches, **more})
        state = parallel.initial(spec)
        for request in parallel.wanted(state):
            state = after(spec, state, request, lambda unit: texts[unit.split("/")[1]])
        match parallel.verdict(state):
            case Finished(result):
                results.append(result)
            case _:
                results.append(sent(parallel.wanted(state)[0]))
    assert (
        results[0]
        == results[1]
        == "\n\n---\n\n".join(f"Branch {name}:\n{texts[name]}" for name in sorted(texts))
    )
