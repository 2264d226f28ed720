"""Which model an agent runs on, and how: the runtime's settings with the agent's own laid over them."""

from __future__ import annotations

from typing import Final, TypeVar

from durable_core.frozen import frozen
from durable_core.spec.models import Inference, Provider, Spec, Timeouts

_T = TypeVar("_T")

UNSAID: Final = Inference.model_construct()
"""What an agent without an ``inference`` says about it."""


UNLIMITED: Final = Timeouts.model_construct()
"""What a runtime or an agent without ``timeouts`` says about them."""

TOOL_LIMIT: Final = 600.0
"""Seconds that one call of a tool may take: builds take minutes, and a stuck call must end some day."""

TURN_LIMIT: Final = 600.0
"""Seconds that the model's calls of one turn may take. Hosted models answer within minutes."""


@frozen()
class TurnLimits:
    """How long one turn may take, in seconds: one call of the model (None: what the turn has left), one call
    of a tool, and all calls of the model together."""

    model: float | None = None
    tool: float = TOOL_LIMIT
    turn: float = TURN_LIMIT


@frozen()
class ModelSettings:
    """What a model adapter needs to know. None is "the provider's own default".

    ``temperature`` is 0..2, ``top_p`` 0..1, ``max_tokens`` the most tokens of one answer. ``timeout`` is the
    most seconds of one call, where the spec says so.
    """

    provider: Provider
    model_id: str | None = None
    region: str | None = None
    host: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    timeout: float | None = None


def model_settings(spec: Spec, agent_id: str) -> ModelSettings:
    """The settings of one agent: runtime, then agent, then the agent's ``inference``, low to high.

    The runtime's model, region and host belong to the runtime's provider: an agent with a provider of its own
    does not inherit them. KeyError when the spec has no such agent; the cross checks exclude that.
    """
    runtime = spec.runtime
    agent = spec.agents[agent_id]
    inference = agent.inference or UNSAID
    same_provider = agent.provider in (None, runtime.provider)

    return ModelSettings(
        provider=agent.provider or runtime.provider,
        model_id=_chosen(agent.model_id, runtime.model_id if same_provider else None),
        region=runtime.region if same_provider else None,
        host=runtime.host if same_provider else None,
        temperature=_chosen(inference.temperature, runtime.temperature),
        top_p=_chosen(inference.top_p, runtime.top_p),
        max_tokens=_chosen(inference.max_tokens, runtime.max_tokens),
        timeout=turn_limits(spec, agent_id).model,
    )


def turn_limits(spec: Spec, agent_id: str) -> TurnLimits:
    """The limits of a turn of one agent: the runtime's, then the agent's own. KeyError as above."""
    common = spec.runtime.timeouts or UNLIMITED
    own = spec.agents[agent_id].timeouts or UNLIMITED
    return TurnLimits(
        model=_chosen(own.model, common.model),
        tool=_chosen(own.tool, common.tool) or TOOL_LIMIT,
        turn=_chosen(own.turn, common.turn) or TURN_LIMIT,
    )


def _chosen(own: _T | None, common: _T | None) -> _T | None:
    return common if own is None else own
