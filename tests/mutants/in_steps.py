"""Mutants of the patterns that are made of steps and tasks: chain, workflow, parallel, routing."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Mutant, heard, is_sent, law, may_run, one

SAME_NAMES: Final = (
    "tests/unit/core/spec/test_template_names.py",
    "property_tests/laws/test_template_names.py",
)
"""What holds the check of a spec and a run to the same names."""

CHAIN: Final = (
    Mutant(
        "patterns/chain/machine.py",
        "decide",
        "not isinstance(step, Step) or unit != _unit(len(state.records))",
        "not isinstance(step, Step)",
        "a late report on a step that is done completes the next one",
        heard("chain"),
    ),
    Mutant(
        "patterns/chain/machine.py",
        "decide",
        "not isinstance(_next_step(state), HumanStep) or unit != _unit(len(state.records))",
        "not isinstance(_next_step(state), HumanStep)",
        "a late answer to a question that is answered answers the next one",
        heard("chain"),
    ),
    Mutant(
        "patterns/chain/machine.py",
        "evolve",
        "state._replace(config=_config(spec))",
        "state",
        "a changed spec changes nothing",
        law("a_session_goes_on_under_a_changed_spec", "chain"),
    ),
    Mutant(
        "patterns/steps.py",
        "answers_before",
        "'{{ last_response }}\\n\\nA person answered: {{ hitl_response }}'",
        "'{{ hitl_response }}'",
        "behind a person's answer the work before it is forgotten",
        is_sent("chain"),
    ),
    Mutant(
        "patterns/steps.py",
        "called",
        "{**context, **(step.vars or {})}",
        "{**(step.vars or {}), **context}",
        "a step's own variables lose against what the pattern provides",
        is_sent("chain"),
    ),
    Mutant(
        "patterns/steps.py",
        "Line.response",
        "return self.last_response",
        "return self.hitl_response or self.last_response",
        "a person's word is the result, although an agent answered",
        may_run("chain"),
    ),
    Mutant(
        "patterns/steps.py",
        "called",
        "f'{step.agent}{apart}'",
        "f'{step.agent}@{spot.unit}'",
        "an agent that is used again has forgotten its conversation",
        one("property_tests/laws/test_chain", "an_agent_that_is_used_again_goes_on_with_its_conversation"),
    ),
    Mutant(
        "patterns/changes.py",
        "row_conflict",
        "range(done)",
        "range(min(done, len(after)))",
        "a changed spec without the completed steps is taken",
        one(
            "property_tests/laws/test_changed_rows",
            "a_changed_row_is_taken_exactly_when_each_completed_step_is_the_same",
        ),
    ),
    Mutant(
        "patterns/changes.py",
        "_step_conflict",
        "old in after",
        "False",
        "a completed step may be moved",
        one(
            "property_tests/laws/test_changed_rows",
            "a_changed_row_is_taken_exactly_when_each_completed_step_is_the_same",
        ),
    ),
    Mutant(
        "patterns/changes.py",
        "_step_conflict",
        "new in before",
        "False",
        "a completed step may be taken out",
        one("property_tests/laws/test_changed_rows", "a_completed_step_that_is_taken_out_is_refused"),
    ),
    Mutant(
        "patterns/changes.py",
        "_step_conflict",
        "old.agent == new.agent",
        "True",
        "another agent gets the answer of a completed step",
        one("property_tests/laws/test_changed_rows", "a_completed_step_stays_with_its_agent"),
    ),
)

NAMES: Final = (
    Mutant(
        "patterns/scopes.py",
        "Scope.context",
        "{name: NOTHING_YET if value is None else value for name, value in values.items()}",
        "{name: value for name, value in values.items() if value is not None}",
        "an answer that is not there yet fails the unit that may name it",
        SAME_NAMES,
    ),
    Mutant(
        "patterns/scopes.py",
        "Scope.offered",
        "missing.add('hitl_response')",
        "pass",
        "a person's answer may be named where nobody is ever asked",
        ("tests/unit/core/spec/test_undefined_names.py",),
    ),
    Mutant(
        "patterns/workflow/names.py",
        "_places",
        "heard_before_task(plan, position)",
        "Heard(agent=True, person=True)",
        "the first task may name a last response that it will not have",
        SAME_NAMES,
    ),
    Mutant(
        "patterns/routing/names.py",
        "_places",
        "REVIEW_SCOPE.offered(before)",
        "REVIEW_SCOPE.offered(Heard())",
        "the review of a route may not name the router's answer, which it has",
        SAME_NAMES,
    ),
    Mutant(
        "patterns/orchestrator_workers/names.py",
        "heard_before_part",
        "part == 'decomposition_review' and config.orchestrator.limits.rounds > 1",
        "part == 'decomposition_review'",
        "the only review of a plan may name an answer that no earlier one gave",
        ("tests/unit/core/spec/test_undefined_names.py",),
    ),
)

WORKFLOW: Final = (
    Mutant(
        "patterns/workflow/machine.py",
        "_from_records",
        "sum((dep in unsettled for dep in plan.deps[position]))",
        "any((dep in unsettled for dep in plan.deps[position]))",
        "a task starts after the first of its dependencies",
        may_run("workflow"),
    ),
    Mutant(
        "patterns/workflow/machine.py",
        "wanted",
        "state.calls.first(state.max_parallel)",
        "state.calls",
        "all ready tasks may run at once",
        one(
            "property_tests/laws/test_workflow",
            "no_more_calls_are_wanted_than_may_run_and_the_first_come_first",
        ),
    ),
    Mutant(
        "patterns/workflow/machine.py",
        "verdict",
        "state.calls",
        "state.calls and (not state.gates)",
        "a question keeps tasks waiting that do not depend on it",
        one("property_tests/laws/test_workflow", "wanted_is_the_ready_set_whoever_does_the_tasks"),
    ),
    Mutant(
        "patterns/workflow/machine.py",
        "_request",
        "f'{task.agent}@{unit}'",
        "task.agent",
        "tasks side by side talk into one conversation",
        law("calls_that_may_run_side_by_side_never_share_a_conversation", "workflow"),
    ),
    Mutant(
        "patterns/workflow/machine.py",
        "_done",
        "state.gates.without(position)",
        "state.gates",
        "a question that was answered is asked again",
        may_run("workflow"),
    ),
    Mutant(
        "patterns/workflow/task_plan.py",
        "_latest",
        "(dep if counts[dep] else latest[dep] for dep in deps[index])",
        "(dep for dep in deps[index] if counts[dep])",
        "the last answer is looked for among the direct dependencies only",
        is_sent("workflow"),
    ),
    Mutant(
        "patterns/workflow/task_plan.py",
        "_topological",
        "heappop(ready)",
        "ready.pop()",
        "ties between tasks are not broken by file order",
        may_run("workflow"),
    ),
)

PARALLEL: Final = (
    Mutant(
        "patterns/parallel/machine.py",
        "_reduce_step",
        "not state.calls and (not state.gates)",
        "not state.calls",
        "the reduce step does not wait for people in the branches",
        one(
            "property_tests/laws/test_parallel",
            "reduce_is_wanted_exactly_when_all_branches_are_done_in_every_interleaving",
        ),
    ),
    Mutant(
        "patterns/parallel/machine.py",
        "_placed_all",
        "sorted((branch.id for branch in config.branches))",
        "(branch.id for branch in config.branches)",
        "the branches' texts are joined in file order",
        may_run("parallel"),
    ),
    Mutant(
        "patterns/parallel/machine.py",
        "evolve",
        "branch if state.spoken is None else max(branch, state.spoken)",
        "branch",
        "which person spoke last depends on who was faster",
        one(
            "property_tests/laws/test_parallel",
            "each_branch_wants_exactly_its_next_step_in_every_interleaving",
        ),
    ),
    Mutant(
        "patterns/parallel/machine.py",
        "_request",
        "f'@branches/{branch.id}'",
        "''",
        "branches side by side talk into one conversation",
        law("calls_that_may_run_side_by_side_never_share_a_conversation", "parallel"),
    ),
    Mutant(
        "patterns/parallel/machine.py",
        "_next_at",
        "index < len(steps) and unit == _unit(branch, index)",
        "index < len(steps)",
        "a late report on a step that is done completes the branch's next one",
        heard("parallel"),
    ),
    Mutant(
        "patterns/parallel/machine.py",
        "evolve",
        "state.lines",
        "HashTrieMap()",
        "a changed spec costs the branches what they have done",
        law("a_session_goes_on_under_a_changed_spec", "parallel"),
    ),
)

ROUTING: Final = (
    Mutant(
        "patterns/routing/machine.py",
        "decide",
        "due is None or due[0].unit != command.unit",
        "due is None",
        "a late report on a step that is done completes the next one",
        heard("routing"),
    ),
    Mutant(
        "patterns/routing/machine.py",
        "_due",
        "review is not None and state.review is None and (index == 0)",
        "review is not None and state.review is None and (index > 0)",
        "the router's choice is taken before its review",
        may_run("routing"),
    ),
    Mutant(
        "patterns/routing/machine.py",
        "evolve",
        "state._replace(choice=ChosenRoute(route, said), review=response)",
        "state._replace(review=response)",
        "the route that the reviewer named is not taken",
        may_run("routing"),
    ),
    Mutant(
        "patterns/routing/machine.py",
        "_chosen",
        "router.max_retries",
        "2",
        "the router's max_retries is not looked at",
        ("tests/cli/test_malformed_answers.py",),
    ),
    Mutant(
        "patterns/routing/names.py",
        "_last_response",
        "own if own is not None or choice is None else choice.response",
        "choice and choice.response",
        "a route's step sees the router's answer in place of the last one",
        is_sent("routing"),
    ),
    Mutant(
        "patterns/routing/machine.py",
        "_due",
        "index == len(steps)",
        "index == len(steps) - 1 > 0",
        "the last step of a route is left out",
        may_run("routing"),
    ),
)

MUTANTS: Final = (*CHAIN, *NAMES, *WORKFLOW, *PARALLEL, *ROUTING)
