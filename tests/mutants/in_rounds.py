"""Mutants of the patterns that go round: orchestrator-workers, evaluator-optimizer, graph."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Mutant, heard, law, may_run, one

ORCHESTRATOR_WORKERS: Final = (
    Mutant(
        "patterns/orchestrator_workers/machine.py",
        "_next_in_rounds",
        "state.ended or state.round >= state.config.orchestrator.limits.rounds",
        "state.round >= state.config.orchestrator.limits.rounds",
        "an empty plan does not end the rounds",
        may_run("orchestrator_workers"),
    ),
    Mutant(
        "patterns/orchestrator_workers/machine.py",
        "_at_once",
        "min(state.slots, state.config.orchestrator.limits.max_workers or state.slots)",
        "state.slots",
        "max_workers does not bound how many workers run at once",
        one("property_tests/laws/test_orchestrator_workers", "a_plan_is_decided_once"),
    ),
    Mutant(
        "patterns/orchestrator_workers/machine.py",
        "_worked",
        "(state.workers, state.ahead.insert(event.index, record))",
        "(state.workers.append(record), state.ahead)",
        "workers stand in the order in which they answered",
        one("property_tests/laws/test_orchestrator_workers", "workers_stand_in_plan_order_whoever_was_first"),
    ),
    Mutant(
        "patterns/orchestrator_workers/machine.py",
        "_completed",
        "state.config.orchestrator.limits.max_workers or MOST_TASKS",
        "MOST_TASKS",
        "max_workers does not bound how many tasks of a plan are kept",
        one(
            "property_tests/laws/test_orchestrator_workers",
            "no_more_tasks_are_kept_or_run_at_once_than_max_workers",
        ),
    ),
    Mutant(
        "patterns/orchestrator_workers/machine.py",
        "_responded",
        "report.text.strip().lower().startswith(REJECTED)",
        "report.text == REJECTED",
        "a rejection with its reason is taken for a remark",
        one(
            "property_tests/laws/test_orchestrator_workers",
            "a_review_fails_the_session_exactly_when_it_begins_with_rejected",
        ),
    ),
    Mutant(
        "patterns/orchestrator_workers/machine.py",
        "_next_in_rounds",
        "state.reviewed < state.round",
        "state.reviewed == 0",
        "only the first plan is reviewed",
        may_run("orchestrator_workers"),
    ),
    Mutant(
        "patterns/orchestrator_workers/machine.py",
        "_planned",
        "state._replace(rounds=state.rounds.append(plan), tasks=event.tasks, first=first, left=left)",
        "state._replace(rounds=state.rounds.append(plan), tasks=event.tasks, left=left)",
        "the workers of a later round are placed as if they were the first",
        may_run("orchestrator_workers"),
    ),
    Mutant(
        "patterns/orchestrator_workers/requests.py",
        "worker_request",
        "f'{template.agent}@{worker_unit(number, index)}'",
        "template.agent",
        "workers side by side talk into one conversation",
        one("property_tests/laws/test_orchestrator_workers", "each_worker_has_a_conversation_of_its_own"),
    ),
    Mutant(
        "patterns/orchestrator_workers/requests.py",
        "worker_request",
        "'{{ task }}'",
        "state.tasks[index]",
        "a task in a model's words is taken for a template",
        one("property_tests/laws/test_orchestrator_workers", "a_task_is_passed_on_letter_by_letter"),
    ),
)

EVALUATOR_OPTIMIZER: Final = (
    Mutant(
        "patterns/evaluator_optimizer/machine.py",
        "_evaluated",
        "read.score >= state.config.accept.min_score",
        "read.score > state.config.accept.min_score",
        "a draft that is just good enough is not accepted",
        may_run("evaluator_optimizer"),
    ),
    Mutant(
        "patterns/evaluator_optimizer/machine.py",
        "evolve",
        "event.score > state.records[state.best].score",
        "event.score >= state.records[state.best].score",
        "of two drafts that are equally good the later is kept",
        one(
            "property_tests/laws/test_evaluator_optimizer",
            "the_best_draft_is_kept_and_the_earliest_of_the_best",
        ),
    ),
    Mutant(
        "patterns/evaluator_optimizer/machine.py",
        "verdict",
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
        "_next",
        "len(state.records) >= state.config.accept.max_iters",
        "len(state.records) > state.config.accept.max_iters",
        "there is one evaluation more than max_iters",
        may_run("evaluator_optimizer"),
    ),
    Mutant(
        "patterns/evaluator_optimizer/machine.py",
        "evolve",
        "state.accepted or enough",
        "enough",
        "a changed spec takes an acceptance back",
        one("property_tests/laws/test_evaluator_optimizer", "the_window_holds_whatever_the_spec_becomes"),
    ),
    Mutant(
        "patterns/evaluator_optimizer/machine.py",
        "_next",
        "state.reviews < len(state.records)",
        "not state.reviews",
        "a person is asked after the first iteration only",
        may_run("evaluator_optimizer"),
    ),
    Mutant(
        "patterns/evaluator_optimizer/machine.py",
        "decide",
        "text.strip().lower()",
        "text",
        "a person who writes Stop with a capital goes on",
        ("tests/unit/core/patterns/test_evaluator_optimizer.py",),
    ),
)

GRAPH: Final = (
    Mutant(
        "patterns/graph/machine.py",
        "_next",
        "_visits(state, state.at) >= state.config.max_iterations",
        "_visits(state, state.at) > state.config.max_iterations",
        "a loop goes round once more than max_iterations",
        may_run("graph"),
    ),
    Mutant(
        "patterns/graph/machine.py",
        "_way",
        "to=edge.to[0]",
        "to=edge.to[-1]",
        "the last target of an edge is taken",
        one("property_tests/laws/test_graph", "it_moves_only_along_edges_and_takes_the_first_that_holds"),
    ),
    Mutant(
        "patterns/graph/machine.py",
        "_way",
        "case Success(True)",
        "case Success()",
        "the first condition is taken whether it holds or not",
        may_run("graph"),
    ),
    Mutant(
        "session/evolution.py",
        "evolve",
        "session._replace(variables=changed, pattern=pattern)",
        "session._replace(variables=changed)",
        "a lost walk stays lost when the variable is corrected",
        one(
            "tests/unit/core/patterns/test_graph",
            "a_condition_that_failed_is_tried_again_with_the_variables_that_a_person_corrected",
        ),
    ),
    Mutant(
        "patterns/graph/machine.py",
        "_under",
        "_going(changed, _way(changed, state.history[-1].node, variables))",
        "changed",
        "a lost walk stays lost when the condition is repaired",
        law("a_session_goes_on_under_a_changed_spec", "graph"),
    ),
    Mutant(
        "patterns/graph/machine.py",
        "decide",
        "case [Completed(unit, text, tokens, variables), [str(node), AgentNode(agent=agent)]]",
        "case [Completed(_, text, tokens, variables), [str(node), AgentNode(agent=agent)]]"
        " if (unit := _unit(state, node))",
        "a late report on a visit that is over counts for the next one",
        heard("graph"),
    ),
    Mutant(
        "patterns/graph/machine.py",
        "_under",
        "changed._replace(at=config.entry)",
        "changed",
        "a graph that has not begun keeps the old spec's first node",
        ("tests/unit/core/patterns/test_graph.py",),
    ),
)

MUTANTS: Final = (*ORCHESTRATOR_WORKERS, *EVALUATOR_OPTIMIZER, *GRAPH)
