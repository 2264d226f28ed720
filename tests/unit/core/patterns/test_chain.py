"""Chain by example: which reports it takes, and which it does not hear."""

from __future__ import annotations

import pytest
from returns.result import Success

from durable_core.patterns.base import Completed, Finished, Open, Responded, Waiting
from durable_core.patterns.chain import machine as chain
from durable_core.spec.models import Spec
from tests.support.patterns_kit import CALL, QUESTION, spec_of, told, wanted

SPEC: Spec = spec_of("chain", {"steps": [CALL, QUESTION, CALL]})
START = chain.initial(SPEC)


def test_a_chain_goes_from_step_to_step_and_ends_with_the_last_answer() -> None:
    state = told(SPEC, START, steps__0="first")
    assert list(wanted(SPEC, state)) == ["steps/1"]
    assert (chain.verdict(START), chain.verdict(state)) == (Open(), Waiting(("steps/1",)))
    end = chain.verdict(told(SPEC, state, steps__1="yes", steps__2="last"))
    assert isinstance(end, Finished)
    assert end.result == "last"


@pytest.mark.parametrize("unit", ["steps/1", "steps/2", "steps/99", "nowhere/0", ""])
def test_an_answer_of_an_agent_is_heard_for_the_step_that_is_next_alone(unit: str) -> None:
    assert chain.decide(START, Completed(unit, "text", 1)) == Success(())


@pytest.mark.parametrize("unit", ["steps/0", "steps/2", "steps/99", "nowhere/1", ""])
def test_an_answer_of_a_person_is_heard_for_the_question_that_is_next_alone(unit: str) -> None:
    assert chain.decide(START, Responded(unit, "Go on?", "yes")) == Success(())
    asking = told(SPEC, START, steps__0="first")
    assert chain.decide(asking, Responded(unit, "Go on?", "yes")) == Success(())


def test_each_kind_of_step_takes_its_own_kind_of_answer() -> None:
    asking = told(SPEC, START, steps__0="first")
    assert chain.decide(START, Responded("steps/0", "Go on?", "yes")) == Success(())
    assert chain.decide(asking, Completed("steps/1", "text", 1)) == Success(())
