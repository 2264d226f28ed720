"""Steps: how a step of the spec becomes a request, and what steps in a row leave behind.

Values and pure functions for the patterns that hold rows of steps: a chain is one, branches and routes have
them. They decide nothing: what may run, and when, is each pattern's own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, NamedTuple

from durable_core.patterns.base import AskPerson, CallAgent
from durable_core.patterns.changes import Row, row_conflict
from durable_core.patterns.records import AgentStepRecord, HumanStepRecord, StepRecord
from durable_core.patterns.scopes import Heard, ScopedName
from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.persistent.persistent_list import PersistentList
from durable_core.spec.models import HumanStep, Step

BEGIN: Final = "Begin."
"""What a first step without an ``input`` is sent: its agent's prompt holds the task already."""


class Line(NamedTuple):
    """The steps in a row that are done: ``records`` as templates see them, ``tokens`` in all.

    ``last_response`` is the last agent's answer and ``hitl_response`` the last person's, None before that.
    """

    records: PersistentList[StepRecord] = PersistentList()
    last_response: str | None = None
    hitl_response: str | None = None
    tokens: int = 0

    @property
    def response(self) -> str:
        """What the row leads to: the last agent's answer, else the last person's, else nothing."""
        if self.last_response is not None:
            return self.last_response
        return self.hitl_response or ""

    @property
    def heard(self) -> Heard:
        """Who has answered in this row."""
        return Heard(agent=self.last_response is not None, person=self.hitl_response is not None)

    def completed(self, agent: str, response: str, tokens: int) -> Line:
        """This row after ``agent`` answered the next step."""
        record = AgentStepRecord(index=len(self.records), agent=agent, response=response, tokens=tokens)
        return self._replace(
            records=self.records.append(record),
            last_response=response,
            tokens=self.tokens + tokens,
        )

    def answered(self, prompt: str, response: str) -> Line:
        """This row after a person, shown ``prompt``, answered the next step."""
        record = HumanStepRecord(index=len(self.records), prompt=prompt, response=response)
        return self._replace(records=self.records.append(record), hitl_response=response)

    def default_input(self) -> str:
        """What the next step is sent when it has no ``input``: what was answered before it."""
        by_person = len(self.records) > 0 and isinstance(self.records[-1], HumanStepRecord)
        return answers_before(self.heard, by_person=by_person)

    def conflict(self, before: Row, after: Row) -> str | None:
        """Why this row of ``before`` cannot continue as ``after`` of a changed spec; None when it can."""
        return row_conflict(before, after, done=len(self.records))


ROW_NAMES: Final = FrozenDict(
    steps=ScopedName[Line](
        lambda line: line.records,
        "the steps before it, from 0",
        "records",
        (AgentStepRecord, HumanStepRecord),
    ),
    last_response=ScopedName[Line](lambda line: line.last_response, "what an agent answered last", "answer"),
    hitl_response=ScopedName[Line](lambda line: line.hitl_response, "what a person answered last", "answer"),
)
"""What a step sees of the row that it is in."""


def answers_before(heard: Heard, *, by_person: bool) -> str:
    """A template of what an agent answered last, and of what a person answered since.

    ``heard`` is who has answered at all, ``by_person`` whether the latest answer is a person's.
    """
    if not by_person:
        return "{{ last_response }}" if heard.agent else BEGIN
    if not heard.agent:
        return "{{ hitl_response }}"
    return "{{ last_response }}\n\nA person answered: {{ hitl_response }}"


class Spot(NamedTuple):
    """Where a step is: its unit, its title without the agent, and its place in the spec."""

    unit: str
    title: str
    place: str


def asked(
    step: HumanStep, spot: Spot, context: Mapping[str, object], choices: tuple[str, ...] = ()
) -> AskPerson:
    """The request of a question to a person."""
    return AskPerson(
        unit=spot.unit,
        title=f"{spot.title}: person",
        prompt=step.prompt,
        place=spot.place,
        context=context,
        display=step.context_display,
        default=step.default,
        timeout_seconds=step.timeout_seconds or None,  # the format's 0 means no limit
        pattern=step.validation.pattern if step.validation else None,
        choices=choices,
    )


def called(
    step: Step, spot: Spot, context: Mapping[str, object], *, default_input: str, apart: str = ""
) -> CallAgent:
    """The request of a call. ``apart`` keeps its conversation from others with the same agent (``@unit``)."""
    return CallAgent(
        unit=spot.unit,
        title=f"{spot.title}: {step.agent}",
        agent=step.agent,
        conversation=f"{step.agent}{apart}",
        input=default_input if step.input is None else step.input,
        place=f"{spot.place}.input",
        context={**context, **(step.vars or {})},
        tools=step.tool_overrides,
    )


def literally(text: str) -> str:
    """A template that renders to ``text`` itself, whatever braces are in it."""
    return "{{ " + json.dumps(text, ensure_ascii=False) + " }}"
