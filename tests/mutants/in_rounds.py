"""Mutants of the patterns that go round: orchestrator-workers, evaluator-optimizer, graph."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Mutant, heard, law, may_run, one

ORCHESTRATOR_WORKERS: Final = (
    Mutant(
        "patterns/orchestrator_workers/machine.py",
        "return None if state.ended or state.round >= _max_rounds(state.config)",
        "return None if state.round >= _max_rounds(state.config)",
        "an empty plan does not end the rounds",
        may_run("orchestrator_workers"),
    ),
    Mutant(
        "patterns/orchestrator_workers/machine.py",
        "return min(state.slots, state.config.orchestrator.limits.max_workers or state.slots)",
        "return state.slots",
        "max_workers does not bound how many workers run at once",
        one("property_tests/laws/test_orchestrator_workers", "a_plan_is_decided_once"),
    ),
    Mutant(
        "patterns/orchestrator_workers/machine.py",
        "workers, ahead = state.workers, state.ahead.insert(event.index, record)",
        "workers, ahead = state.workers.append(record), state.ahead",
        "workers stand in the order in which they answered",
        one("property_tests/laws/test_orchestrator_workers", "workers_stand_in_plan_order_whoever_was_first"),
    ),
    Mutant(
        "patterns/orchestrator_workers/machine.py",
        "most = state.config.orchestrator.limits.max_workers or MOST_TASKS",
        "most = MOST_TASKS",
        "max_workers does not bound how many tasks of a plan are kept",
        one(
            "property_tests/laws/test_orchestrator_workers",
            "no_more_tasks_are_kept_or_run_at_once_than_max_workers",
        ),
    ),
    Mutant(
        "patterns/orchestrator_workers/machine.py",
        "rejected = report.text.strip().lower().startswith(REJECTED)",
        "rejected = report.text == REJECTED",
        "a rejection with its reason is taken for a remark",
        one(
            "property_tests/laws/test_orchestrator_workers",
            "a_review_fails_the_session_exactly_when_it_begins_with_rejected",
        ),
    ),
    Mutant(
        "patterns/orchestrator_workers/machine.py",
        "unseen = state.reviewed < state.round and not state.working",
        "unseen = state.reviewed == 0 and not state.working",
        "only the first plan is reviewed",
        may_run("orchestrator_workers"),
    ),
    Mutant(
        "patterns/orchestrator_workers/machine.py",
        "tasks=event.tasks, first=first, left=left)",
        "tasks=event.tasks, left=left)",
        "the workers of a later round are placed as if they were the first",
        may_run("orchestrator_workers"),
    ),
    Mutant(
        "patterns/orchestrator_workers/requests.py",
        'conversation=f"{template.agent}@{worker_unit(number, index)}",',
        "conversation=template.agent,",
        "workers side by side talk into one conversation",
        one("property_tests/laws/test_orchestrator_workers", "each_worker_has_a_conversation_of_its_own"),
    ),
    Mutant(
        "patterns/orchestrator_workers/requests.py",
        'input="{{ task }}",',
        "input=state.tasks[index],",
        "a task in a model's words is taken for a template",
        one("property_tests/laws/test_orchestrator_workers", "a_task_is_passed_on_letter_by_letter"),
    ),
)

EVALUATOR_OPTIMIZER: Final = (
    Mutant(
        "patterns/evaluator_optimizer/machine.py",
        "accepted=read.score >= state.config.accept.min_score,",
        "accepted=read.score > state.config.accept.min_score,",
        "a draft that is just good enough is not accepted",
        may_run("evaluator_optimizer"),
    ),
    Mutant(
        "patterns/evaluator_optimizer/machine.py",
        "is_best = not state.records or event.score > state.records[state.best].score",
        "is_best = not state.records or event.score >= state.records[state.best].score",
        "of two drafts that are equally good the later is kept",
        one(
            "property_tests/laws/test_evaluator_optimizer",
            "the_best_draft_is_kept_and_the_earliest_of_the_best",
        ),
    ),
    Mutant(
        "patterns/evaluator_optimizer/machine.py",
        "kept=best.draft",
        "kept=state.draft",
        "the latest draft is kept and not the best",
        one(
            "property_tests/laws/test_evaluator_optimizer",
            "the_best_draft_is_kept_and_the_earliest_of_the_best",
        ),
    ),
    Mutant(
        "patterns/evaluator_optimizer/machine.py",
        "if len(state.records) >= state.config.accept.max_iters:",
        "if len(state.records) > state.config.accept.max_iters:",
        "there is one evaluation more than max_iters",
        may_run("evaluator_optimizer"),
    ),
    Mutant(
        "patterns/evaluator_optimizer/machine.py",
        "accepted=state.accepted or enough,",
        "accepted=enough,",
        "a changed spec takes an acceptance back",
        one("property_tests/laws/test_evaluator_optimizer", "the_window_holds_whatever_the_spec_becomes"),
    ),
    Mutant(
        "patterns/evaluator_optimizer/machine.py",
        "if state.config.review_gate is not None and state.reviews < len(state.records):",
        "if state.config.review_gate is not None and not state.reviews:",
        "a person is asked after the first iteration only",
        may_run("evaluator_optimizer"),
    ),
    Mutant(
        "patterns/evaluator_optimizer/machine.py",
        "ends = text.strip().lower() in ENDINGS",
        "ends = text in ENDINGS",
        "a person who writes Stop with a capital goes on",
        ("tests/unit/core/patterns/test_evaluator_optimizer.py",),
    ),
)

GRAPH: Final = (
    Mutant(
        "patterns/graph/machine.py",
        "if state.at is None or _visits(state, state.at) >= state.config.max_iterations:",
        "if state.at is None or _visits(state, state.at) > state.config.max_iterations:",
        "a loop goes round once more than max_iterations",
        may_run("graph"),
    ),
    Mutant(
        "patterns/graph/machine.py",
        "return Transition(to=edge.to[0], edge=index)",
        "return Transition(to=edge.to[-1], edge=index)",
        "the last target of an edge is taken",
        one("property_tests/laws/test_graph", "it_moves_only_along_edges_and_takes_the_first_that_holds"),
    ),
    Mutant(
        "patterns/graph/machine.py",
        "case Success(True):",
        "case Success():",
        "the first condition is taken whether it holds or not",
        may_run("graph"),
    ),
    Mutant(
        "session/evolution.py",
        "return session._replace(variables=changed, pattern=pattern)",
        "return session._replace(variables=changed)",
        "a lost walk stays lost when the variable is corrected",
        one(
            "tests/unit/core/patterns/test_graph",
            "a_condition_that_failed_is_tried_again_with_the_variables_that_a_person_corrected",
        ),
    ),
    Mutant(
        "patterns/graph/machine.py",
        "return _going(changed, _way(changed, state.history[-1].node, variables))",
        "return changed",
        "a lost walk stays lost when the condition is repaired",
        law("a_session_goes_on_under_a_changed_spec", "graph"),
    ),
    Mutant(
        "patterns/graph/machine.py",
        "case Completed(unit, text, tokens, variables), (str(node), AgentNode(agent=agent)):",
        "case Completed(_, text, tokens, variables), (str(node), AgentNode(agent=agent)) if (\n"
        "            unit := _unit(state, node)\n"
        "        ):",
        "a late report on a visit that is over counts for the next one",
        heard("graph"),
    ),
    Mutant(
        "patterns/graph/machine.py",
        "    if not state.history:\n        return changed._replace(at=_entry(config))",
        "    if not state.history:\n        return changed",
        "a graph that has not begun keeps the old spec's first node",
        ("tests/unit/core/patterns/test_graph.py",),
    ),
)

MUTANTS: Final = (*ORCHESTRATOR_WORKERS, *EVALUATOR_OPTIMIZER, *GRAPH)
