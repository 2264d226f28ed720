"""Laws of what a session costs, and of how often it tries."""

from __future__ import annotations

from collections import Counter

from hypothesis import strategies as st

from durable_core.session.budgets import BUDGETS
from durable_core.session.conversation import usage_of
from durable_core.session.events import AttemptFaulted, MessageAdded, SessionResumed, UnitFailed, UnitStarted
from property_tests.laws.law import Moment, When, law
from property_tests.worlds.oracle import Ledger
from property_tests.worlds.world import World


@law(When.AT_THE_END)
def spent_budget_only_grows_and_nothing_starts_past_it(end: Moment) -> None:
    world = end.world
    ledger = Ledger.of(world.journal[:1])
    before = ledger.spent()
    for event in world.journal[1:]:
        if isinstance(event, UnitStarted) and event.agent:
            again = event.unit in ledger.steps
            for budget, limit in ledger.budgets.items():
                if limit is not None and not (budget == "max_steps" and again):
                    assert before[budget] < limit
        ledger.enter(event)
        after = ledger.spent()
        assert all(after[budget] >= before[budget] for budget in BUDGETS)
        before = after
    spending = world.session.spending
    shown = (spending.usage.total, spending.steps, round(world.session.worked_s, 6))
    assert shown == (before["max_tokens"], before["max_steps"], round(before["max_duration_s"], 6))


@law(When.AT_THE_END)
def each_budget_is_warned_of_once_until_it_is_raised(end: Moment) -> None:
    warned: set[str] = set()
    for event in end.world.journal:
        if event.type == "budget_warned/1":
            assert event.budget not in warned
            warned.add(event.budget)
        if event.type == "budget_raised/1":
            warned.discard(event.budget)


@law(When.FROM_THE_MIDDLE)
def each_model_call_is_paid_for_once_whatever_became_of_its_attempt(
    world: World, data: st.DataObject
) -> None:
    """In this world an answer costs what its message says, and a call that fails with a reason one token."""
    for unit in list(world.flights):
        ending = data.draw(st.sampled_from((None, "throttled", "unexplained")), label=f"the end of {unit}")
        if ending is not None:  # right after its answer came, which schedules hardly ever think of
            while world.has_more_to_say(world.flights[unit]):
                world.say(unit)
            world.fault(unit, ending)
    world.finish()
    answers = [event.message for event in world.journal if isinstance(event, MessageAdded)]
    failed = [event for event in world.journal if isinstance(event, AttemptFaulted | UnitFailed)]
    calls = [
        event for event in failed if event.agent and event.fault.kind not in ("malformed", "unexplained")
    ]
    total = sum(usage_of(answer).total for answer in answers) + len(calls)
    assert world.session.spending.usage.total == total


@law(When.AT_THE_END)
def a_unit_is_tried_again_as_often_as_the_policy_says_after_each_resume(end: Moment) -> None:
    retries = end.world.session.spec.runtime.failure_policy.retries
    faults: Counter[str] = Counter()
    for event in end.world.journal:
        match event:
            case SessionResumed():
                faults.clear()
            case AttemptFaulted(unit=unit, fault=fault):
                faults[unit] += 1
                assert fault.transient
                assert faults[unit] <= retries
            case UnitFailed(unit=unit, agent=agent, fault=fault) if agent and fault.transient:
                assert faults[unit] == retries
