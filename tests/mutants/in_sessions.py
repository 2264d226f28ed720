"""Mutants of the session machine: attempts, retries, budgets, gates, conversations, artifacts."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Mutant, law, may_run, one

ATTEMPTS = "tests/unit/core/session/test_attempts"
BUDGETS = "tests/unit/core/session/test_budgets"

MUTANTS: Final = (
    Mutant(
        "session/decision.py",
        "if not progress.running or progress.attempt != report.attempt:",
        "if not progress.running:",
        "a report on an attempt that was given up is taken for the running one's",
        law("a_report_on_an_attempt_that_was_given_up_changes_nothing", "chain"),
    ),
    Mutant(
        "session/decision.py",
        "if not progress.running or progress.attempt != report.attempt:",
        "if progress.attempt != report.attempt:",
        "a report that comes after its attempt failed is taken",
        law("a_report_that_comes_twice_changes_nothing", "chain"),
    ),
    Mutant(
        "session/decision.py",
        "if progress.rejections < reasks:",
        "if progress.rejections <= reasks:",
        "a model whose answers stay malformed is asked once too often",
        ("tests/cli/test_malformed_answers.py",),
    ),
    Mutant(
        "session/decision.py",
        "wait_before_retry(policy, report.fault, progress.faults + 1, report.chance)",
        "wait_before_retry(policy, report.fault, progress.faults, report.chance)",
        "a faulted unit is tried once too often",
        law("a_unit_is_tried_again_as_often_as_the_policy_says_after_each_resume", "chain"),
    ),
    Mutant(
        "session/decision.py",
        "usage = answer.usage + progress.owed",
        "usage = answer.usage",
        "what a killed attempt has cost is counted by nobody",
        law("each_model_call_is_paid_for_once_whatever_became_of_its_attempt", "workflow"),
    ),
    Mutant(
        "session/decision.py",
        "report.usage.at_least(progress.heard)",
        "report.usage",
        "an answer that came before its attempt broke off is counted by nobody",
        law("each_model_call_is_paid_for_once_whatever_became_of_its_attempt", "workflow"),
    ),
    Mutant(
        "session/decision.py",
        "if gate.deadline is None or gate.deadline > at:",
        "if gate.deadline is None or gate.deadline >= at:",
        "a question's time is over a moment late",
        ("tests/unit/core/session/test_gates.py",),
    ),
    Mutant(
        "session/decision.py",
        'return _gate_answered(session, gate, gate.default, "default", answer.at)',
        'return _gate_answered(session, gate, text, "default", answer.at)',
        "an empty answer does not take the default",
        ("tests/unit/core/session/test_gates.py",),
    ),
    Mutant(
        "session/scheduling.py",
        "slots = session.spec.runtime.max_parallel - session.running",
        "slots = session.spec.runtime.max_parallel",
        "calls that run already take no slot",
        one(
            "property_tests/laws/test_workflow",
            "a_running_task_that_others_overtake_in_the_file_keeps_its_slot",
        ),
    ),
    Mutant(
        "session/scheduling.py",
        'nothing_starts = used_up is not None and used_up.budget != "max_steps"',
        "nothing_starts = used_up is not None",
        "a unit that max_steps has counted already is not tried again",
        one(BUDGETS, "steps_count_units_that_call_a_model_and_not_their_attempts_nor_people"),
    ),
    Mutant(
        "session/scheduling.py",
        "new_steps -= is_new",
        "new_steps -= 0",
        "more units start side by side than max_steps has left",
        may_run("parallel"),
    ),
    Mutant(
        "session/scheduling.py",
        "if session.failures or doubt_failure(in_doubt):",
        "if doubt_failure(in_doubt):",
        "something new starts after a unit has failed",
        one(ATTEMPTS, "when_one_unit_fails_its_sibling_finishes_and_nothing_new_starts"),
    ),
    Mutant(
        "session/scheduling.py",
        "if unit in session.artifacts or session.progress_of(unit).running:",
        "if unit in session.artifacts:",
        "a file that is being written is written again",
        may_run("chain"),
    ),
    Mutant(
        "session/scheduling.py",
        "    if session.running:\n        return Open()\n    if session.failures:",
        "    if session.failures:",
        "a session has failed while units still run",
        law("nothing_is_wanted_or_running_exactly_when_the_verdict_is_not_open", "parallel"),
    ),
    Mutant(
        "session/budgets.py",
        "if allowed is not None and spent(session, budget) >= allowed:",
        "if allowed is not None and spent(session, budget) > allowed:",
        "a budget that is used up to the last token lets units start",
        law("spent_budget_only_grows_and_nothing_starts_past_it", "chain"),
    ),
    Mutant(
        "session/budgets.py",
        "if allowed is None or budget in session.spending.warned:",
        "if allowed is None:",
        "a budget is warned of again and again",
        law("each_budget_is_warned_of_once_until_it_is_raised", "chain"),
    ),
    Mutant(
        "session/evolution.py",
        "waiting = session.running == 0 and len(session.gates) > 0",
        "waiting = len(session.gates) > 0",
        "work beside an open question takes no time",
        law("spent_budget_only_grows_and_nothing_starts_past_it", "workflow"),
    ),
    Mutant(
        "session/evolution.py",
        "            return given_up(session._replace(updated_at=at, seq=session.seq + 1))",
        "            return given_up(_clocked(session, at))",
        "the time between two runs counts as work",
        law("spent_budget_only_grows_and_nothing_starts_past_it", "chain"),
    ),
    Mutant(
        "session/evolution.py",
        "            faults=0,",
        "            faults=been_through.faults,",
        "a resume gives a failed unit no retries",
        law("a_unit_is_tried_again_as_often_as_the_policy_says_after_each_resume", "chain"),
    ),
    Mutant(
        "session/evolution.py",
        "afresh = session.conversation(event.conversation).rolled_back(event.kept)",
        "afresh = session.conversation(event.conversation)",
        "a conversation keeps the half turn of a killed attempt",
        law("no_conversation_keeps_half_a_turn", "chain"),
    ),
    Mutant(
        "session/evolution.py",
        "        if been_through.attempt == 0:",
        "        if True:",
        "max_steps counts attempts and not units",
        law("spent_budget_only_grows_and_nothing_starts_past_it", "chain"),
    ),
    Mutant(
        "session/evolution.py",
        "(_pruned(session, been_through))._replace(\n        spending=_spent(",
        "(_pruned(session, been_through))._replace(\n        spending=(lambda free, *_: free)(",
        "an attempt that faulted has cost nothing",
        law("spent_budget_only_grows_and_nothing_starts_past_it", "chain"),
    ),
    Mutant(
        "session/evolution.py",
        "    if budgets == session.spec.runtime.budgets:\n        return session",
        "    if budgets is session.spec.runtime.budgets:\n        return session",
        "an edit elsewhere in the spec takes back what a person allowed",
        one(BUDGETS, "what_a_person_allowed_outlives_a_change_of_the_spec_elsewhere"),
    ),
    Mutant(
        "session/evolution.py",
        "        if before.get(unit) != after.get(unit):",
        "        if unit not in after:",
        "a question whose words were changed is not asked anew",
        ("tests/unit/core/session/test_gates.py",),
    ),
    Mutant(
        "session/retries.py",
        "if not fault.transient or faults > policy.retries:",
        "if faults > policy.retries:",
        "a fault that will not pass is tried again",
        one("tests/unit/core/session/test_retries", "a_fault_that_will_not_pass_is_not_retried"),
    ),
    Mutant(
        "session/retries.py",
        "return max(wait, min(fault.retry_after or 0.0, LONGEST_WISH_S))",
        "return wait",
        "the provider's Retry-After is not honoured",
        ("tests/unit/core/session/test_retries.py",),
    ),
)
