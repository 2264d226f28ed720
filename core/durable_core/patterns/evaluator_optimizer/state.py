"""The events and the state of evaluator-optimizer."""

from __future__ import annotations

from typing import Literal, NamedTuple

from durable_core.frozen import frozen
from durable_core.patterns.records import Record
from durable_core.persistent.persistent_list import PersistentList
from durable_core.spec.models import EvaluatorOptimizerConfig
from durable_core.types import Counted


@frozen(kw_only=True)
class Drafted:
    """The producer wrote the draft of ``iteration`` (from 1) for ``tokens`` tokens."""

    iteration: Counted
    agent: str
    draft: str
    tokens: Counted
    type: Literal["evaluator_optimizer.drafted/1"] = "evaluator_optimizer.drafted/1"


@frozen(kw_only=True)
class Evaluated:
    """The draft of ``iteration`` got ``score`` (0..100); ``accepted`` when that was enough."""

    iteration: Counted
    agent: str
    score: Counted
    issues: tuple[str, ...]
    fixes: tuple[str, ...]
    accepted: bool
    tokens: Counted
    type: Literal["evaluator_optimizer.evaluated/1"] = "evaluator_optimizer.evaluated/1"


@frozen(kw_only=True)
class DraftReviewed:
    """After ``iteration`` a person was shown ``prompt`` and answered ``response``; ``ends`` is whether
    that ends the iterations."""

    iteration: Counted
    prompt: str
    response: str
    ends: bool
    type: Literal["evaluator_optimizer.reviewed/1"] = "evaluator_optimizer.reviewed/1"


Event = Drafted | Evaluated | DraftReviewed


@frozen(kw_only=True, eq=False)
class IterationRecord(Record):
    """An iteration that was evaluated: its number (from 1), its score (0..100), and its draft."""

    iteration: int
    score: int
    issues: tuple[str, ...]
    fixes: tuple[str, ...]
    draft: str


@frozen(kw_only=True, eq=False)
class EvaluationRecord(Record):
    """An evaluator's judgement of a draft; ``score`` is 0..100."""

    score: int
    issues: tuple[str, ...]
    fixes: tuple[str, ...]


class State(NamedTuple):
    """``records`` are the evaluated iterations as templates see them, ``best`` the index of the best one.

    ``drafts`` counts the drafts, ``draft`` is the latest. ``reviews`` is the iteration after which a person
    last answered and ``hitl_response`` their answer. ``first_input`` is the producer's own prompt.
    """

    config: EvaluatorOptimizerConfig
    first_input: str
    records: PersistentList[IterationRecord] = PersistentList()
    best: int = 0
    drafts: int = 0
    draft: str = ""
    reviews: int = 0
    hitl_response: str | None = None
    accepted: bool = False
    ended: bool = False
