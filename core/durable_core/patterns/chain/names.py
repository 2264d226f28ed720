"""What the templates of a chain see."""

from __future__ import annotations

from typing import Final

from durable_core.patterns.places import CONFIG_AT, row_places, whole_row
from durable_core.patterns.scopes import Heard, Scope
from durable_core.patterns.steps import ROW_NAMES, Line
from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.models import ChainConfig
from durable_core.spec.template_names import TemplateNames

STEP_SCOPE: Final[Scope[Line]] = Scope("a step", ROW_NAMES)
CHAIN_RESULT: Final[Scope[Line]] = Scope("an artifact", ROW_NAMES)


def template_names(config: ChainConfig) -> TemplateNames:
    """The templates of a chain, and what its artifacts see."""
    places = row_places(f"{CONFIG_AT}/steps", config.steps, STEP_SCOPE, Heard())
    known = FrozenDict({"steps": whole_row(config.steps)})
    return TemplateNames(tuple(places), CHAIN_RESULT.offered(Heard.of(config.steps), known=known))
