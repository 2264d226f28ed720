"""The JSON that is due from routers, evaluators and orchestrators, as types.

A provider that can hold a model to a type is given it; what comes back is read by ``answers`` all the same,
as with any other provider.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, create_model


class _Shape(BaseModel):
    """Its validator is built when a provider first asks for it: most have no use for it."""

    model_config = ConfigDict(defer_build=True)


class EvaluationAnswer(_Shape):
    """A score from 0 to 100, with its issues and fixes."""

    score: int
    issues: list[str]
    fixes: list[str]


class TaskAnswer(_Shape):
    """One task of a plan."""

    task: str


class TasksAnswer(_Shape):
    """A plan. Types have an object at their root; ``read_tasks`` takes the list and the object alike."""

    tasks: list[TaskAnswer]


@cache
def route_answer(routes: tuple[str, ...]) -> type[BaseModel]:
    """The choice of one of ``routes``; the same type for the same routes."""
    return create_model("RouteAnswer", __base__=_Shape, route=(Literal[routes], ...))  # type: ignore[arg-type]  # a type made at run time
