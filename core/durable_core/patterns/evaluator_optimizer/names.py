"""What the templates of evaluator-optimizer see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from durable_core.patterns.evaluator_optimizer.state import EvaluationRecord, IterationRecord, State
from durable_core.patterns.places import CONFIG_AT, part_places, text_place
from durable_core.patterns.scopes import Heard, Scope, ScopedName
from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.models import EvaluatorOptimizerConfig
from durable_core.spec.template_names import TemplateNames, TemplatePlace


def _evaluation(state: State) -> EvaluationRecord:
    last = state.records[-1]
    return EvaluationRecord(score=last.score, issues=last.issues, fixes=last.fixes)


def _draft(state: State) -> str:
    return state.draft


_DRAFTED: Final = FrozenDict(
    draft=ScopedName[State](_draft, "the latest draft"),
    iteration=ScopedName[State](lambda state: state.drafts, "its number, from 1", "number"),
    hitl_response=ScopedName[State](
        lambda state: state.hitl_response, "what a person answered last at `review_gate`", "answer"
    ),
)
_EVALUATED: Final = FrozenDict(
    _DRAFTED,
    evaluation=ScopedName[State](_evaluation, "the latest draft's evaluation", "record", (EvaluationRecord,)),
    iterations=ScopedName[State](
        lambda state: state.records, "the iterations so far, from 0", "records", (IterationRecord,)
    ),
)
EVALUATOR_SCOPE: Final[Scope[State]] = Scope("`evaluator`", _DRAFTED)
REVISION_SCOPE: Final[Scope[State]] = Scope("`revise_prompt`", _EVALUATED)
GATE_SCOPE: Final[Scope[State]] = Scope(
    "`review_gate`",
    FrozenDict(
        _EVALUATED,
        iteration_index=ScopedName[State](
            lambda state: len(state.records) - 1, "the latest iteration's number, from 0", "number"
        ),
        current_draft=ScopedName[State](_draft, "the latest draft"),
        current_evaluation=ScopedName[State](
            _evaluation, "the latest draft's evaluation", "record", (EvaluationRecord,)
        ),
    ),
)
EVALUATOR_RESULT: Final[Scope[State]] = Scope(
    "an artifact",
    FrozenDict(
        _EVALUATED,
        final_score=ScopedName[State](
            lambda state: state.records[-1].score, "the last score, 0..100", "number"
        ),
        accepted=ScopedName[State](
            lambda state: state.accepted, "whether that was enough; false when a person ended it", "truth"
        ),
        last_response=ScopedName[State](_draft, "the latest draft, which is the result"),
    ),
)


def heard_at_evaluations(config: EvaluatorOptimizerConfig) -> Heard:
    """Who may have answered by any evaluation: a person wherever there is a gate."""
    return Heard(agent=True, person=config.review_gate is not None)


def template_names(config: EvaluatorOptimizerConfig) -> TemplateNames:
    """The templates of evaluator-optimizer, and what its artifacts see."""
    return TemplateNames(tuple(_places(config)), EVALUATOR_RESULT.offered(heard_at_evaluations(config)))


def _places(config: EvaluatorOptimizerConfig) -> Iterator[TemplatePlace]:
    heard = heard_at_evaluations(config)
    yield from text_place(
        f"{CONFIG_AT}/evaluator/input", config.evaluator.input, EVALUATOR_SCOPE.offered(heard)
    )
    yield from text_place(f"{CONFIG_AT}/revise_prompt", config.revise_prompt, REVISION_SCOPE.offered(heard))
    yield from part_places(f"{CONFIG_AT}/review_gate", config.review_gate, GATE_SCOPE.offered(heard))
