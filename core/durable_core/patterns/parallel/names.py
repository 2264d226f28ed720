"""What the templates of parallel see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

from durable_core.patterns.parallel.state import BranchRecord, State
from durable_core.patterns.places import CONFIG_AT, part_places, row_places, whole_row
from durable_core.patterns.records import record_shape
from durable_core.patterns.scopes import Heard, Scope, ScopedName
from durable_core.patterns.steps import ROW_NAMES, Line
from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.models import ParallelConfig
from durable_core.spec.template_names import TemplateNames, TemplatePlace
from durable_core.templates.shapes import Fields, Shape

JOINT: Final = "\n\n---\n\n"
"""What separates two branches: a line that Markdown draws as a rule."""


def joined_text(state: State) -> str:
    """The result: what the reduce step gave, else each branch's text under its id."""
    if state.reduced is not None:
        return state.reduced.response
    texts = (f"Branch {branch}:\n{output.response}" for branch, output in state.outputs.items())
    return JOINT.join(texts)


def _hitl_response(state: State) -> str | None:
    if state.reduced is not None and state.reduced.by_person:
        return state.reduced.response
    return None if state.spoken is None else state.lines[state.spoken].hitl_response


_JOINED: Final = FrozenDict(
    branches=ScopedName[State](
        lambda state: state.outputs, "the completed branches, by id", "records by id", (BranchRecord,)
    ),
    hitl_response=ScopedName[State](
        _hitl_response,
        "what a person answered last, in the last branch (by id) in which one was asked",
        "answer",
    ),
)
BRANCH_SCOPE: Final[Scope[Line]] = Scope("a step of a branch", ROW_NAMES)
REDUCE_SCOPE: Final[Scope[State]] = Scope("`reduce`", _JOINED)
PARALLEL_RESULT: Final[Scope[State]] = Scope(
    "an artifact", FrozenDict(_JOINED, last_response=ScopedName[State](joined_text, "the result"))
)


def heard_in_branches(config: ParallelConfig) -> Heard:
    """Who has answered once all branches are done."""
    return Heard.of(chain.from_iterable(branch.steps for branch in config.branches))


def heard_with_reduce(config: ParallelConfig) -> Heard:
    """Who has answered at the end; without an agent there is a result all the same."""
    return heard_in_branches(config).then(config.reduce)._replace(agent=True)


def template_names(config: ParallelConfig) -> TemplateNames:
    """The templates of parallel, and what its artifacts see."""
    known = FrozenDict(branches=_all_branches(config))
    return TemplateNames(
        tuple(_places(config, known)), PARALLEL_RESULT.offered(heard_with_reduce(config), known=known)
    )


def _all_branches(config: ParallelConfig) -> Shape:
    """What is known of the branches once they are done."""
    fields = record_shape(BranchRecord).fields
    return Fields(
        {
            branch.id: Fields({**fields, "steps": whole_row(branch.steps)}, is_record=True)
            for branch in config.branches
        }
    )


def _places(config: ParallelConfig, known: Mapping[str, Shape]) -> Iterator[TemplatePlace]:
    for index, branch in enumerate(config.branches):
        yield from row_places(f"{CONFIG_AT}/branches/{index}/steps", branch.steps, BRANCH_SCOPE, Heard())
    names = REDUCE_SCOPE.offered(heard_in_branches(config), known=known)
    yield from part_places(f"{CONFIG_AT}/reduce", config.reduce, names)
