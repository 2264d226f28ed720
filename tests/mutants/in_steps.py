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
        "if not isinstance(step, Step) or unit != _unit(len(state.records)):",
        "if not isinstance(step, Step):",
        "a late report on a step that is done completes the next one",
        heard("chain"),
    ),
    Mutant(
        "patterns/chain/machine.py",
        "if not isinstance(_next_step(state), HumanStep) or unit != _unit(len(state.records)):",
        "if not isinstance(_next_step(state), HumanStep):",
        "a late answer to a question that is answered answers the next one",
        heard("chain"),
    ),
    Mutant(
        "patterns/chain/machine.py",
        "return state._replace(config=_config(spec))",
        "return state",
        "a changed spec changes nothing",
        one(
            "property_tests/laws/test_chain",
            "a_changed_spec_is_taken_exactly_when_each_completed_step_is_still_there_and_of_its_kind",
        ),
    ),
    Mutant(
        "patterns/steps.py",
        'return "{{ last_response }}\\n\\nA person answered: {{ hitl_response }}"',
        'return "{{ hitl_response }}"',
        "behind a person's answer the work before it is forgotten",
        is_sent("chain"),
    ),
    Mutant(
        "patterns/steps.py",
        "context={**context, **(step.vars or {})},",
        "context={**(step.vars or {}), **context},",
        "a step's own variables lose against what the pattern provides",
        is_sent("chain"),
    ),
    Mutant(
        "patterns/steps.py",
        'return self.last_response\n        return self.hitl_response or ""',
        'return self.hitl_response or self.last_response\n        return self.hitl_response or ""',
        "a person's word is the result, although an agent answered",
        may_run("chain"),
    ),
    Mutant(
        "patterns/steps.py",
        'conversation=f"{step.agent}{apart}",',
        'conversation=f"{step.agent}@{spot.unit}",',
        "an agent that is used again has forgotten its conversation",
        one("property_tests/laws/test_chain", "an_agent_that_is_used_again_goes_on_with_its_conversation"),
    ),
    Mutant(
        "patterns/steps.py",
        "        if len(steps) < len(self.records):",
        "        if len(steps) > len(self.records):",
        "a changed spec without the completed steps is taken",
        one(
            "property_tests/laws/test_chain",
            "a_changed_spec_is_taken_exactly_when_each_completed_step_is_still_there_and_of_its_kind",
        ),
    ),
)

NAMES: Final = (
    Mutant(
        "patterns/scopes.py",
        "return {name: NOTHING_YET if value is None else value for name, value in values.items()}",
        "return {name: value for name, value in values.items() if value is not None}",
        "an answer that is not there yet fails the unit that may name it",
        SAME_NAMES,
    ),
    Mutant(
        "patterns/scopes.py",
        'if not heard.person:\n            missing.add("hitl_response")',
        "if not heard.person:\n            pass",
        "a person's answer may be named where nobody is ever asked",
        ("tests/unit/core/spec/test_undefined_names.py",),
    ),
    Mutant(
        "patterns/workflow/names.py",
        "names = TASK_SCOPE.offered(heard_before_task(plan, position))",
        "names = TASK_SCOPE.offered(Heard(agent=True, person=True))",
        "the first task may name a last response that it will not have",
        SAME_NAMES,
    ),
    Mutant(
        "patterns/routing/names.py",
        "review = REVIEW_SCOPE.offered(before)",
        "review = REVIEW_SCOPE.offered(Heard())",
        "the review of a route may not name the router's answer, which it has",
        SAME_NAMES,
    ),
    Mutant(
        "patterns/orchestrator_workers/names.py",
        'person = part == "decomposition_review" and (config.orchestrator.limits.max_rounds or 1) > 1',
        'person = part == "decomposition_review"',
        "the only review of a plan may name an answer that no earlier one gave",
        ("tests/unit/core/spec/test_undefined_names.py",),
    ),
)

WORKFLOW: Final = (
    Mutant(
        "patterns/workflow/machine.py",
        "count = sum(dep in unsettled for dep in plan.deps[position])",
        "count = any(dep in unsettled for dep in plan.deps[position])",
        "a task starts after the first of its dependencies",
        may_run("workflow"),
    ),
    Mutant(
        "patterns/workflow/machine.py",
        "sorted((*state.calls.first(state.max_parallel), *state.gates))",
        "sorted((*state.calls, *state.gates))",
        "all ready tasks may run at once",
        one(
            "property_tests/laws/test_workflow",
            "no_more_calls_are_wanted_than_may_run_and_the_first_come_first",
        ),
    ),
    Mutant(
        "patterns/workflow/machine.py",
        "    if state.calls:\n        return Open()\n    if state.gates:",
        "    if state.calls and not state.gates:\n        return Open()\n    if state.gates:",
        "a question keeps tasks waiting that do not depend on it",
        one("property_tests/laws/test_workflow", "wanted_is_the_ready_set_whoever_does_the_tasks"),
    ),
    Mutant(
        "patterns/workflow/machine.py",
        'conversation=f"{task.agent}@{unit}",',
        "conversation=task.agent,",
        "tasks side by side talk into one conversation",
        law("calls_that_may_run_side_by_side_never_share_a_conversation", "workflow"),
    ),
    Mutant(
        "patterns/workflow/machine.py",
        "calls, gates, missing = state.calls.without(position), state.gates.without(position), state.missing",
        "calls, gates, missing = state.calls.without(position), state.gates, state.missing",
        "a question that was answered is asked again",
        may_run("workflow"),
    ),
    Mutant(
        "patterns/workflow/task_plan.py",
        "through = (dep if counts[dep] else latest[dep] for dep in deps[index])",
        "through = (dep for dep in deps[index] if counts[dep])",
        "the last answer is looked for among the direct dependencies only",
        is_sent("workflow"),
    ),
    Mutant(
        "patterns/workflow/task_plan.py",
        "index = heappop(ready)",
        "index = ready.pop()",
        "ties between tasks are not broken by file order",
        may_run("workflow"),
    ),
)

PARALLEL: Final = (
    Mutant(
        "patterns/parallel/machine.py",
        "branches_done = not state.calls and not state.gates",
        "branches_done = not state.calls",
        "the reduce step does not wait for people in the branches",
        one(
            "property_tests/laws/test_parallel",
            "reduce_is_wanted_exactly_when_all_branches_are_done_in_every_interleaving",
        ),
    ),
    Mutant(
        "patterns/parallel/machine.py",
        "outputs=OrderedMap(sorted(branch.id for branch in config.branches)),",
        "outputs=OrderedMap(branch.id for branch in config.branches),",
        "the branches' texts are joined in file order",
        may_run("parallel"),
    ),
    Mutant(
        "patterns/parallel/machine.py",
        "spoken = branch if state.spoken is None else max(branch, state.spoken)",
        "spoken = branch",
        "which person spoke last depends on who was faster",
        one(
            "property_tests/laws/test_parallel",
            "each_branch_wants_exactly_its_next_step_in_every_interleaving",
        ),
    ),
    Mutant(
        "patterns/parallel/machine.py",
        'apart=f"@branches/{branch.id}"',
        'apart=""',
        "branches side by side talk into one conversation",
        law("calls_that_may_run_side_by_side_never_share_a_conversation", "parallel"),
    ),
    Mutant(
        "patterns/parallel/machine.py",
        "if index < len(steps) and unit == _unit(branch, index) else None",
        "if index < len(steps) else None",
        "a late report on a step that is done completes the branch's next one",
        heard("parallel"),
    ),
    Mutant(
        "patterns/parallel/machine.py",
        "return _placed_all(spec, state.lines)._replace(spoken=state.spoken, reduced=state.reduced)",
        "return _placed_all(spec, HashTrieMap())._replace(spoken=state.spoken, reduced=state.reduced)",
        "a changed spec costs the branches what they have done",
        law("a_session_goes_on_under_a_changed_spec", "parallel"),
    ),
)

ROUTING: Final = (
    Mutant(
        "patterns/routing/machine.py",
        "    if due is None or due[0].unit != command.unit:",
        "    if due is None:",
        "a late report on a step that is done completes the next one",
        heard("routing"),
    ),
    Mutant(
        "patterns/routing/machine.py",
        "if review is not None and state.review is None and index == 0:",
        "if review is not None and state.review is None and index > 0:",
        "the router's choice is taken before its review",
        may_run("routing"),
    ),
    Mutant(
        "patterns/routing/machine.py",
        "return state._replace(choice=ChosenRoute(route, said), review=response)",
        "return state._replace(review=response)",
        "the route that the reviewer named is not taken",
        may_run("routing"),
    ),
    Mutant(
        "patterns/routing/machine.py",
        "return Failure(Malformed(route.failure(), router.max_retries))",
        "return Failure(Malformed(route.failure(), 2))",
        "the router's max_retries is not looked at",
        ("tests/cli/test_malformed_answers.py",),
    ),
    Mutant(
        "patterns/routing/names.py",
        "return own if own is not None or choice is None else choice.response",
        "return choice and choice.response",
        "a route's step sees the router's answer in place of the last one",
        is_sent("routing"),
    ),
    Mutant(
        "patterns/routing/machine.py",
        "    if index == len(steps):\n        return None",
        "    if index == len(steps) - 1 > 0:\n        return None",
        "the last step of a route is left out",
        may_run("routing"),
    ),
)

MUTANTS: Final = (*CHAIN, *NAMES, *WORKFLOW, *PARALLEL, *ROUTING)
