"""Evaluator-optimizer's own laws: never past acceptance, never past the window, and the best draft kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure

from durable_core.patterns.base import Completed, Failed, Finished, Malformed, Open, Respecify, Waiting
from durable_core.patterns.evaluator_optimizer import machine as evaluator_optimizer
from durable_core.spec.models import Spec
from property_tests.kits.strategies import Doc
from property_tests.worlds.walking import after, sent, spec_of, walk

BAR = 50
SCORES = (10, 40, 90)
"""A poor draft, a better one, and one that is accepted."""


def config(max_iters: int, *, gate: bool = False) -> Doc:
    asks = {"review_gate": {"type": "hitl", "prompt": "Go on?"}} if gate else {}
    accept = {"min_score": BAR, "max_iters": max_iters}
    return {"producer": "ann", "evaluator": {"agent": "eve"}, "accept": accept, **asks}


def runs(max_iters: int, *, gate: bool) -> Iterator[tuple[Spec, tuple[int, ...], tuple[str, ...]]]:
    """Every way a small run can go: the scores of its drafts, and what people say between them."""
    replies = list(product(("stop", "go on"), repeat=max_iters - 1)) if gate else [()]
    for scores in product(SCORES, repeat=max_iters):
        for said in replies:
            yield spec_of("evaluator_optimizer", config(max_iters, gate=gate)), scores, said


def answers(scores: Sequence[int], said: Sequence[str]) -> Any:
    """What is answered, by unit."""

    def answer(unit: str) -> str:
        _, iteration, part = unit.split("/")
        if part == "gate":
            return said[int(iteration) - 1]
        return (
            json.dumps({"score": scores[int(iteration) - 1]}) if part == "evaluator" else f"draft {iteration}"
        )

    return answer


def expected_units(scores: Sequence[int], said: Sequence[str], *, gate: bool) -> list[str]:
    units: list[str] = []
    for number, score in enumerate(scores, start=1):
        units += [f"iterations/{number}/producer", f"iterations/{number}/evaluator"]
        if score >= BAR:
            break
        if gate and number < len(scores):
            units.append(f"iterations/{number}/gate")
            if said[number - 1] == "stop":
                break
    return units


def test_every_small_run_goes_draft_by_draft_and_never_past_acceptance() -> None:
    for max_iters, gate in product((1, 2, 3), (False, True)):
        for spec, scores, said in runs(max_iters, gate=gate):
            units = expected_units(scores, said, gate=gate)
            visited = list(walk(spec, answers(scores, said)))
            assert [len(done) for done, _ in visited] == list(range(len(units) + 1))
            for done, state in visited:
                assert sorted(done) == sorted(units[: len(done)])
                wanted = [request.unit for request in evaluator_optimizer.wanted(state)]
                assert wanted == units[len(done) : len(done) + 1]
                stand = evaluator_optimizer.verdict(state)
                assert isinstance(stand, Waiting) == (wanted[-1:] != [] and wanted[-1].endswith("gate"))
                assert isinstance(stand, Open) == (wanted[-1:] != [] and not wanted[-1].endswith("gate"))


def test_the_best_draft_is_kept_and_the_earliest_of_the_best() -> None:
    for spec, scores, said in runs(3, gate=False):
        *_, (_, state) = walk(spec, answers(scores, said))
        stand = evaluator_optimizer.verdict(state)
        if max(scores) >= BAR:
            assert isinstance(stand, Finished)
            accepted = next(n for n, score in enumerate(scores, 1) if score >= BAR)
            assert stand.result == f"draft {accepted}"
            assert stand.context["final_score"] == scores[accepted - 1]
        else:
            assert isinstance(stand, Failed)
            assert stand.kept == f"draft {scores.index(max(scores)) + 1}"


@given(
    scores=st.lists(st.integers(0, 100), min_size=1, max_size=6),
    windows=st.lists(st.tuples(st.integers(1, 8), st.integers(0, 100)), max_size=4),
)
def test_the_window_holds_whatever_the_spec_becomes(
    scores: list[int], windows: list[tuple[int, int]]
) -> None:
    """Between any two answers the bar and the window may change; what was accepted stays accepted."""
    spec = spec_of("evaluator_optimizer", config(2))
    state = evaluator_optimizer.initial(spec)
    evaluated = 0
    for number in range(40):
        was_accepted = state.accepted
        if windows and number % 3 == 1:
            max_iters, min_score = windows.pop()
            changed = config(max_iters)
            changed["accept"]["min_score"] = min_score
            taken = evaluator_optimizer.decide(state, Respecify(spec_of("evaluator_optimizer", changed)))
            assert isinstance(taken, Failure) == (state.drafts > max_iters)
            for event in taken.value_or(()):
                state = evaluator_optimizer.evolve(state, event)
        assert state.accepted or not was_accepted
        requests = evaluator_optimizer.wanted(state)
        if not requests:
            break
        if requests[0].unit.endswith("evaluator"):
            evaluated += 1
        state = after(spec, state, requests[0], answers(scores * 10, ()))
        assert evaluated <= state.config.accept.max_iters
    assert [record["iteration"] for record in state.records] == list(range(1, evaluated + 1))


no_score = (
    st.text(max_size=10)
    | st.booleans()
    | st.none()
    | st.integers(max_value=-1)
    | st.integers(min_value=101)
    | st.floats().filter(lambda score: score != score // 1)
)
"""What stands in the place of a score and is none: a score is a whole number from 0 to 100."""


@given(
    text=st.text(max_size=30).filter(lambda text: "{" not in text)
    | st.lists(st.integers(0, 100), max_size=2).map(json.dumps)
    | no_score.map(lambda score: json.dumps({"score": score}))
    | st.just("{}")
)
def test_an_answer_without_a_whole_score_is_never_an_evaluation(text: str) -> None:
    spec = spec_of("evaluator_optimizer", config(2))
    (first,) = evaluator_optimizer.wanted(evaluator_optimizer.initial(spec))
    state = after(spec, evaluator_optimizer.initial(spec), first)
    match evaluator_optimizer.decide(state, Completed("iterations/1/evaluator", text, 3)):
        case Failure(Malformed(problem, reasks)):
            assert problem
            assert reasks == 2
        case other:
            raise AssertionError(other)


@given(draft=st.text(max_size=20) | st.sampled_from(["{{ topic }}", "{% raw %}", "{# no #}", "{{ 1/0 }}"]))
def test_a_draft_is_passed_on_letter_by_letter(draft: str) -> None:
    spec = spec_of("evaluator_optimizer", config(2, gate=True))
    state = evaluator_optimizer.initial(spec)
    evaluation = json.dumps({"score": 3, "issues": [f"i {draft}"], "fixes": [f"f {draft}"]})
    texts = {
        "iterations/1/producer": draft,
        "iterations/1/evaluator": evaluation,
        "iterations/1/gate": f"g {draft}",
    }
    for _ in range(3):
        (request,) = evaluator_optimizer.wanted(state)
        if request.unit.endswith("evaluator"):
            assert f"\n\n{draft}\n\n" in sent(request)
        state = after(spec, state, request, texts.__getitem__)
    (revision,) = evaluator_optimizer.wanted(state)
    asked = sent(revision)
    for text in (f"Issue: i {draft}", f"Fix: f {draft}", f"\n\n{draft}\n\n", f"A person adds: g {draft}"):
        assert text in asked
