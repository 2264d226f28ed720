"""The events and the state of routing."""

from __future__ import annotations

from typing import Literal, NamedTuple

from durable_core.frozen import frozen
from durable_core.patterns.steps import Line
from durable_core.spec.models import RoutingConfig
from durable_core.types import Counted


@frozen(kw_only=True)
class RouteChosen:
    """The router answered ``response``, which names ``route``, for ``tokens`` tokens."""

    route: str
    agent: str
    response: str
    tokens: Counted
    type: Literal["routing.route_chosen/1"] = "routing.route_chosen/1"


@frozen(kw_only=True)
class RouteReviewed:
    """A person was shown ``prompt`` and answered ``response``; ``route`` is the one that is taken."""

    route: str
    prompt: str
    response: str
    type: Literal["routing.route_reviewed/1"] = "routing.route_reviewed/1"


@frozen(kw_only=True)
class RouteStepCompleted:
    """An agent answered step ``index`` (from 0) of the route with ``response``, for ``tokens`` tokens."""

    index: Counted
    agent: str
    response: str
    tokens: Counted
    type: Literal["routing.step_completed/1"] = "routing.step_completed/1"


@frozen(kw_only=True)
class RouteStepAnswered:
    """A person was shown ``prompt`` at step ``index`` (from 0) of the route and answered ``response``."""

    index: Counted
    prompt: str
    response: str
    type: Literal["routing.step_answered/1"] = "routing.step_answered/1"


Event = RouteChosen | RouteReviewed | RouteStepCompleted | RouteStepAnswered


@frozen()
class ChosenRoute:
    """The ``route`` that is taken, and what the router ``response`` was, in its own words."""

    route: str
    response: str


class State(NamedTuple):
    """``choice`` is None before the router answered, ``review`` (the reviewer's words) before a person did.

    ``line`` holds the steps of the chosen route that are done.
    """

    config: RoutingConfig
    choice: ChosenRoute | None = None
    review: str | None = None
    line: Line = Line()
