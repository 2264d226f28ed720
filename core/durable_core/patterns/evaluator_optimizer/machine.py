"""Evaluator-optimizer: a draft is written, scored, and revised until it is good enough.

Theory of operation. Iteration n (from 1) is a draft and its evaluation. ``drafts`` counts the drafts that
were written and ``records`` holds the iterations that were evaluated, so there is never more than one
draft ahead of the records, and what comes next follows from the two::

    a draft without its evaluation   -> evaluate it
    accepted, or ended by a person   -> finished, with the current draft
    max_iters evaluations            -> failed, with the best draft kept
    a gate without an answer yet     -> ask
    else                             -> draft, or revise

Acceptance is decided with the evaluation and kept in its event, so no later change of the spec takes it
back. A changed ``accept`` may let a failed session be resumed, or accept the latest draft after all.
"""

from __future__ import annotations

from typing import Final, Literal, assert_never

from returns.result import Result, Success

from durable_core.answers.reading import EVALUATION_SHAPE, Evaluation, read_evaluation
from durable_core.answers.shapes import EvaluationAnswer
from durable_core.patterns.base import (
    AskPerson,
    CallAgent,
    Completed,
    Failed,
    Finished,
    Malformed,
    Open,
    PatternCommand,
    PatternVerdict,
    Refusal,
    Request,
    Respecified,
    Respecify,
    Responded,
    Waiting,
)
from durable_core.patterns.changes import respecified
from durable_core.patterns.evaluator_optimizer.names import (
    EVALUATOR_RESULT,
    EVALUATOR_SCOPE,
    GATE_SCOPE,
    REVISION_SCOPE,
    heard_at_evaluations,
)
from durable_core.patterns.evaluator_optimizer.state import (
    Drafted,
    DraftReviewed,
    Evaluated,
    Event,
    IterationRecord,
    State,
)
from durable_core.patterns.steps import Spot, asked
from durable_core.spec.models import EvaluatorOptimizerConfig, HumanStep, Spec
from durable_core.types import Fault

EVALUATE: Final = (
    "Evaluate this draft:\n\n{{ draft }}\n\nThat was the draft of iteration {{ iteration }}. "
    f"Answer with JSON and nothing else: {EVALUATION_SHAPE}."
)
"""What an evaluator without an ``input`` is sent: nothing else would tell it the shape that is due."""

REVISE: Final = (
    "Revise your draft. It scored {{ evaluation.score }} out of 100."
    "{% for issue in evaluation.issues %}\nIssue: {{ issue }}{% endfor %}"
    "{% for fix in evaluation.fixes %}\nFix: {{ fix }}{% endfor %}"
    "\n\nThe draft:\n\n{{ draft }}\n\nAnswer with the revised draft and nothing else."
)
"""What a revision without a ``revise_prompt`` is asked with. The draft is repeated, because a long
conversation may have been shortened since."""

REVISE_WITH_ANSWER: Final = REVISE + "\n\nA person adds: {{ hitl_response }}"
"""The same after a gate: the person's answer is the newest wish."""

ENDINGS: Final = frozenset({"stop", "abort", "end"})
"""Answers at the gate that finish with the current draft (semantics, section 3)."""

GATE_CHOICES: Final = ("continue", "stop")
"""Shown at the gate. Any other text continues too, and is passed to the revision."""


NextTurn = Literal["draft", "evaluate", "ask", "finished", "failed"]
"""What comes next: the table of the module's docstring."""


def initial(spec: Spec) -> State:
    """No draft is written."""
    config = _config(spec)
    return State(config, spec.agents[config.producer].prompt)


def decide(state: State, command: PatternCommand) -> Result[tuple[Event | Respecified, ...], Refusal]:
    """The events that ``command`` leads to; ``()`` for a report on a unit that is not the next one."""
    match command, _next(state):
        case Respecify(spec), _:
            return respecified(command, _conflict(state, spec))
        case Completed(unit, text, tokens), "draft" if unit == _producer(state.drafts + 1):
            agent = state.config.producer
            return Success((Drafted(iteration=state.drafts + 1, agent=agent, draft=text, tokens=tokens),))
        case Completed(unit, text, tokens), "evaluate" if unit == _evaluator(state.drafts):
            return read_evaluation(text).map(lambda read: (_evaluated(state, read, tokens),)).alt(Malformed)
        case Responded(unit, prompt, text), "ask" if unit == _gate(len(state.records)):
            ends = text.strip().lower() in ENDINGS
            iteration = len(state.records)
            return Success((DraftReviewed(iteration=iteration, prompt=prompt, response=text, ends=ends),))
    return Success(())


def evolve(state: State, event: Event | Respecified) -> State:
    """The state after ``event``."""
    match event:
        case Drafted(iteration=iteration, draft=draft):
            return state._replace(drafts=iteration, draft=draft)
        case Evaluated():
            record = IterationRecord(
                iteration=event.iteration,
                score=event.score,
                issues=event.issues,
                fixes=event.fixes,
                draft=state.draft,
            )
            is_best = not state.records or event.score > state.records[state.best].score
            return state._replace(
                records=state.records.append(record),
                best=len(state.records) if is_best else state.best,
                accepted=event.accepted,
            )
        case DraftReviewed(iteration=iteration, response=response, ends=ends):
            return state._replace(reviews=iteration, hitl_response=response, ended=ends)
        case Respecified(spec):
            config = _config(spec)
            enough = _evaluated_last(state) and state.records[-1].score >= config.accept.min_score
            return state._replace(
                config=config,
                first_input=spec.agents[config.producer].prompt,
                accepted=state.accepted or enough,
            )
        case _ as never:
            assert_never(never)


def wanted(state: State) -> tuple[Request, ...]:
    """The one thing that comes next, if anything does."""
    match _next(state):
        case "draft":
            return (_production(state),)
        case "evaluate":
            return (_evaluation(state),)
        case "ask":
            gate = state.config.review_gate
            assert gate is not None, "a person is asked only where the spec has a gate"
            return (_question(state, gate),)
        case "finished" | "failed":
            return ()
        case _ as never:
            assert_never(never)


def verdict(state: State) -> PatternVerdict:
    """Finished once accepted or ended by a person; failed, with the best draft, after ``max_iters``."""
    match _next(state):
        case "draft" | "evaluate":
            return Open()
        case "ask":
            return Waiting((_gate(len(state.records)),))
        case "finished":
            return Finished(state.draft, EVALUATOR_RESULT.context(state, heard_at_evaluations(state.config)))
        case "failed":
            best = state.records[state.best]
            accept = state.config.accept
            message = (
                f"the draft was not accepted in {len(state.records)} evaluations: the best score was "
                f"{best.score} (iteration {best.iteration}), {accept.min_score} is wanted; the best "
                "draft is kept; raise max_iters or lower min_score in the spec and resume to go on"
            )
            unit = _evaluator(len(state.records))
            return Failed(unit, Fault("pattern", message), kept=best.draft)
        case _ as never:
            assert_never(never)


def _config(spec: Spec) -> EvaluatorOptimizerConfig:
    assert spec.pattern.type == "evaluator_optimizer", "the session hands each pattern its own spec"
    return spec.pattern.config


def _next(state: State) -> NextTurn:
    if not _evaluated_last(state):
        return "evaluate" if state.drafts else "draft"
    if state.accepted or state.ended:
        return "finished"
    if len(state.records) >= state.config.accept.max_iters:
        return "failed"
    if state.config.review_gate is not None and state.reviews < len(state.records):
        return "ask"
    return "draft"


def _evaluated_last(state: State) -> bool:
    """Whether there is a draft and the latest one has its evaluation."""
    return 0 < state.drafts == len(state.records)


def _evaluated(state: State, read: Evaluation, tokens: int) -> Event:
    return Evaluated(
        iteration=state.drafts,
        agent=state.config.evaluator.agent,
        score=read.score,
        issues=read.issues,
        fixes=read.fixes,
        accepted=read.score >= state.config.accept.min_score,
        tokens=tokens,
    )


def _producer(iteration: int) -> str:
    return f"iterations/{iteration}/producer"


def _evaluator(iteration: int) -> str:
    return f"iterations/{iteration}/evaluator"


def _gate(iteration: int) -> str:
    return f"iterations/{iteration}/gate"


def _production(state: State) -> CallAgent:
    """The first draft is asked for with the producer's own prompt, each later one by a revision."""
    agent, iteration = state.config.producer, state.drafts + 1
    source, place = state.first_input, f"agents.{agent}.prompt"
    context: dict[str, object] = {}
    if state.drafts:
        default = REVISE_WITH_ANSWER if state.reviews == state.drafts else REVISE
        source = default if state.config.revise_prompt is None else state.config.revise_prompt
        place = "pattern.config.revise_prompt"
        context = REVISION_SCOPE.context(state, heard_at_evaluations(state.config))
    return CallAgent(
        unit=_producer(iteration),
        title=f"Iteration {iteration}, producer: {agent}",
        agent=agent,
        conversation=agent,
        input=source,
        place=place,
        context=context,
        lenient=not state.drafts,
    )


def _evaluation(state: State) -> CallAgent:
    evaluator = state.config.evaluator
    return CallAgent(
        unit=_evaluator(state.drafts),
        title=f"Iteration {state.drafts}, evaluator: {evaluator.agent}",
        agent=evaluator.agent,
        conversation=evaluator.agent,
        input=EVALUATE if evaluator.input is None else evaluator.input,
        place="pattern.config.evaluator.input",
        context=EVALUATOR_SCOPE.context(state, heard_at_evaluations(state.config)),
        shape=EVALUATION_SHAPE,
        answer_type=EvaluationAnswer,
    )


def _question(state: State, gate: HumanStep) -> AskPerson:
    iteration = len(state.records)
    spot = Spot(unit=_gate(iteration), title=f"Iteration {iteration}", place="pattern.config.review_gate")
    return asked(gate, spot, GATE_SCOPE.context(state, heard_at_evaluations(state.config)), GATE_CHOICES)


def _conflict(state: State, spec: Spec) -> str | None:
    """A draft that is written must still be within ``max_iters``; a gate that was answered must be there."""
    config = _config(spec)
    allowed = config.accept.max_iters
    if state.drafts > allowed:
        return f"draft {state.drafts} is written, but the changed spec allows only {allowed} iterations"
    if state.reviews and config.review_gate is None:
        return "review_gate was answered, but the changed spec has no such gate"
    return None
