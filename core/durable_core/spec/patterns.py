"""The seven patterns as a spec writes them. The models of one are loaded when a file is of that pattern."""

# ruff: noqa: PLC0415  # a file has one pattern and must not pay for the others

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.base_types import Model, deferred, schema_apart

if TYPE_CHECKING:
    from types import ModuleType

    from durable_core.patterns.chain.config import ChainPattern
    from durable_core.patterns.evaluator_optimizer.config import EvaluatorOptimizerPattern
    from durable_core.patterns.graph.config import GraphPattern
    from durable_core.patterns.orchestrator_workers.config import OrchestratorWorkersPattern
    from durable_core.patterns.parallel.config import ParallelPattern
    from durable_core.patterns.routing.config import RoutingPattern
    from durable_core.patterns.workflow.config import WorkflowPattern

_PARTS: Final[Mapping[str, tuple[str, ...]]] = FrozenDict(
    chain=("ChainPattern", "ChainConfig"),
    workflow=("WorkflowPattern", "WorkflowConfig"),
    routing=("RoutingPattern", "RoutingConfig", "Route", "Router"),
    parallel=("ParallelPattern", "ParallelConfig", "Branch"),
    orchestrator_workers=(
        "OrchestratorWorkersPattern",
        "OrchestratorWorkersConfig",
        "WorkerTemplate",
        "Orchestrator",
        "Limits",
    ),
    evaluator_optimizer=("EvaluatorOptimizerPattern", "EvaluatorOptimizerConfig", "Accept", "Evaluator"),
    graph=("GraphPattern", "GraphConfig", "Edge", "Choice"),
)
"""What each pattern adds to the format: the pattern's own model, and those inside it."""

PATTERN_TYPES: tuple[str, ...] = tuple(_PARTS)
"""The words that ``pattern.type`` may be."""


def _module(pattern_type: str) -> ModuleType:
    match pattern_type:
        case "chain":
            import durable_core.patterns.chain.config

            return durable_core.patterns.chain.config
        case "workflow":
            import durable_core.patterns.workflow.config

            return durable_core.patterns.workflow.config
        case "routing":
            import durable_core.patterns.routing.config

            return durable_core.patterns.routing.config
        case "parallel":
            import durable_core.patterns.parallel.config

            return durable_core.patterns.parallel.config
        case "orchestrator_workers":
            import durable_core.patterns.orchestrator_workers.config

            return durable_core.patterns.orchestrator_workers.config
        case "evaluator_optimizer":
            import durable_core.patterns.evaluator_optimizer.config

            return durable_core.patterns.evaluator_optimizer.config
        case "graph":
            import durable_core.patterns.graph.config

            return durable_core.patterns.graph.config
    raise KeyError(pattern_type)


def pattern_part(name: str) -> object:
    """The model ``name``, which only one pattern has. StopIteration when none has it."""
    return getattr(_module(next(kind for kind, names in _PARTS.items() if name in names)), name)


def _model(pattern_type: str) -> type[Model]:
    model: type[Model] = getattr(_module(pattern_type), _PARTS[pattern_type][0])
    return model


def config_keys(pattern_type: str, *, required: bool = False) -> set[str]:
    """The keys of the config of that pattern; those alone that are ``required``."""
    config = _model(pattern_type).model_fields["config"].annotation
    assert isinstance(config, type), "a config is a class of its own"
    assert issubclass(config, Model), "and a model"
    return {key for key, field in config.model_fields.items() if field.is_required() or not required}


def _tag(value: object) -> str:
    if isinstance(value, Mapping):
        # the parser has looked at an unknown type already: what is checked here is the rest
        return _PARTS.get(str(value.get("type")), _PARTS["chain"])[0]
    return type(value).__name__


class _ByType:
    """Stands for the pattern that ``type`` names."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        choices = {_PARTS[kind][0]: deferred(partial(_model, kind)) for kind in PATTERN_TYPES}
        return core_schema.tagged_union_schema(choices, discriminator=_tag)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"oneOf": [schema_apart(_model(kind), handler) for kind in PATTERN_TYPES]}


if TYPE_CHECKING:
    AnyPattern = (
        ChainPattern
        | WorkflowPattern
        | RoutingPattern
        | ParallelPattern
        | OrchestratorWorkersPattern
        | EvaluatorOptimizerPattern
        | GraphPattern
    )
else:
    AnyPattern = Annotated[object, _ByType()]
