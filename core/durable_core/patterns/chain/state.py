"""The events and the state of a chain."""

from __future__ import annotations

from typing import Literal, NamedTuple

from durable_core.frozen import frozen
from durable_core.patterns.records import StepRecord
from durable_core.patterns.steps import Line
from durable_core.persistent.persistent_list import PersistentList
from durable_core.spec.models import ChainConfig
from durable_core.types import Counted


@frozen(kw_only=True)
class StepCompleted:
    """An agent answered step ``index`` (from 0) with ``response``, for ``tokens`` tokens."""

    index: Counted
    agent: str
    response: str
    tokens: Counted
    type: Literal["chain.step_completed/1"] = "chain.step_completed/1"


@frozen(kw_only=True)
class StepAnswered:
    """A person was shown ``prompt`` at step ``index`` (from 0) and answered ``response``."""

    index: Counted
    prompt: str
    response: str
    type: Literal["chain.step_answered/1"] = "chain.step_answered/1"


Event = StepCompleted | StepAnswered


class State(NamedTuple):
    """``line`` holds the steps that are done; the next step is the one after them."""

    config: ChainConfig
    line: Line = Line()

    @property
    def records(self) -> PersistentList[StepRecord]:
        """The steps that are done, as templates see them."""
        return self.line.records
