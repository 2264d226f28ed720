"""What a spec's templates may use, beside what a run gives them: the two sides that must agree."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from durable_core.patterns import pattern_of
from durable_core.patterns.base import AskPerson, CallAgent, Completed, Finished, Request, Responded
from durable_core.spec.models import Spec
from durable_core.spec.problems import parts_of, path_of
from durable_core.spec.template_names import TemplatePlace, templates
from durable_core.templates.nothing_yet import is_there
from durable_core.templates.shapes import (
    ANYTHING,
    Absent,
    Fields,
    KnownList,
    Many,
    OneOf,
    Plain,
    Shape,
    alternatives,
    is_a,
    shape_of,
)

Doc = dict[str, Any]
Names = frozenset[str]

WITHOUT_INPUT = frozenset({"orchestrator", "worker_template"})
"""Parts that name an agent and take no text of the spec's own."""


def accepted(spec: Spec) -> dict[str, Names]:
    """The names that the check accepts in each text of the pattern and the artifacts, by its path."""
    places = (place for place in templates(spec) if place.use == "text" and "/headers/" not in place.pointer)
    return {path_of(place.pointer): place.names for place in places}


def offered(spec: Spec, state: Any) -> Iterator[tuple[str, Names]]:
    """The path of each text that is due in ``state``, and the names that it is given."""
    return ((path, frozenset(context)) for path, context in contexts(spec, state))


def contexts(spec: Spec, state: Any) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The same, each name with its value."""
    pattern = pattern_of(spec)
    for request in pattern.wanted(state):
        for path in texts_of(request):
            yield path, request.context
    end = pattern.verdict(state)
    if isinstance(end, Finished):
        for index in range(len(spec.outputs.artifacts)):
            yield f"outputs.artifacts[{index}].path", end.context
            yield f"outputs.artifacts[{index}].from", end.context


def texts_by_path(spec: Spec) -> dict[str, str]:
    """The sources of the pattern's and the artifacts' texts, by path."""
    return {path_of(place.pointer): place.source for place in templates(spec)}


def texts_of(request: Request) -> list[str]:
    """The paths of the texts that a request is made of, as its templates' places name them."""
    if isinstance(request, CallAgent):
        return [request.place]
    shown = [f"{request.place}.context_display"] if request.display is not None else []
    return [f"{request.place}.prompt", *shown]


def disagreements(spec: Spec, state: Any) -> list[str]:
    """What the check and the run say differently of a text that is due in ``state``, to be read."""
    allowed = accepted(spec)
    return [
        f"{path}: only accepted {sorted(allowed[path] - names)}, only offered {sorted(names - allowed[path])}"
        for path, names in offered(spec, state)
        if path in allowed and allowed[path] != names
    ]


def misshapen(spec: Spec, state: Any) -> list[str]:
    """The names in texts that are due in ``state`` whose values have another shape than the check knows."""
    shapes = {path_of(place.pointer): place.shapes for place in templates(spec)}
    return [
        f"{path}: {name} is {context[name]!r}"
        for path, context in contexts(spec, state)
        for name, shape in shapes.get(path, {}).items()
        if not conforms(context[name], shape)
    ]


def conforms(value: Any, shape: Shape | None) -> bool:
    """Whether what is known of a value is true of it."""
    match shape:
        case OneOf(shapes=ways):
            return any(conforms(value, way) for way in ways)
        case Plain(word=word, sure=sure):
            return is_a(shape_of(value), Plain(word)) and (is_there(value) or not sure)
        case Fields(fields=fields, others=others):
            there = all(key in value or may_be_absent(each) for key, each in fields.items())
            return there and all(conforms(value[key], fields.get(key, others)) for key in value)
        case KnownList(items=items, count=count):
            return len(value) == count and all(map(conforms, value, items))
        case Many(element=element):
            return not isinstance(value, str) and all(conforms(each, element) for each in value)
        case _:
            return shape is ANYTHING


def may_be_absent(shape: Shape) -> bool:
    return any(isinstance(way, Absent) for way in alternatives(shape))


def using_every_name(document: Mapping[str, Any]) -> Spec:
    """The spec of ``document`` with a text at every place that may have one: it uses all accepted names."""
    return with_texts(
        document, lambda place: "x" + "".join(f"{{{{ {name} }}}}" for name in sorted(place.names))
    )


def with_texts(document: Mapping[str, Any], text: Callable[[TemplatePlace], str]) -> Spec:
    """The spec of ``document`` with a ``text`` at every place of the pattern and of an artifact."""
    filled: Doc = json.loads(json.dumps(document))
    filled["outputs"] = {"artifacts": [{"path": "a", "from": "x"}]}
    _fill(filled["pattern"], "pattern")
    if filled["pattern"]["type"] == "evaluator_optimizer":
        filled["pattern"]["config"]["revise_prompt"] = "x"
    for place in templates(Spec.model_validate(filled)):
        if place.use == "text" and "/headers/" not in place.pointer:
            _put(filled, place.pointer, text(place))
    # a path must be one, whatever the names say
    filled["outputs"]["artifacts"][0]["path"] = "a"
    return Spec.model_validate(filled)


def _fill(value: Any, key: str) -> None:
    if isinstance(value, dict):
        if value.get("type") == "hitl":
            value["context_display"] = "x"
        elif "agent" in value and key not in WITHOUT_INPUT:
            value["input"] = "x"
        for name, inner in value.items():
            _fill(inner, name)
    elif isinstance(value, list):
        for inner in value:
            _fill(inner, key)


def _put(document: Any, pointer: str, text: str) -> None:
    *way, last = parts_of(pointer)
    for part in way:
        document = document[int(part)] if isinstance(document, list) else document[part]
    document[last] = text


# --- walking ------------------------------------------------------------------------------------------


def answers(spec: Spec, request: Request) -> list[str]:
    """What may be answered to ``request``, in every way that leads elsewhere."""
    if isinstance(request, AskPerson):
        return [*request.choices, "yes", "mind the cat"]
    routes = getattr(spec.pattern.config, "routes", ())
    plans = ["[]", '["one", "two"]', '{"score": 10}', '{"score": 95}', "a text"]
    return [*(json.dumps({"route": name}) for name in routes), *plans]


def after(spec: Spec, state: Any, request: Request, answer: str, **variables: str) -> Any:
    """The state after ``answer``; None when the pattern does not take it."""
    command: Completed | Responded = Completed(request.unit, answer, 3, variables)
    if isinstance(request, AskPerson):
        command = Responded(request.unit, request.prompt, answer, variables)
    events: Iterable[Any] = pattern_of(spec).decide(state, command).value_or(())
    moved = False
    for event in events:
        state, moved = pattern_of(spec).evolve(state, event), True
    return state if moved else None


def every_state(spec: Spec, most: int) -> Iterator[Any]:
    """Up to ``most`` states that ``spec`` can reach, whatever is answered, no two by the same answers."""
    waiting: list[tuple[frozenset[tuple[str, str]], Any]] = [(frozenset(), pattern_of(spec).initial(spec))]
    seen = {waiting[0][0]}
    while waiting and most:
        most -= 1
        given, state = waiting.pop(0)
        yield state
        for request in pattern_of(spec).wanted(state):
            for answer in answers(spec, request):
                further = given | {(request.unit, answer)}
                following = None if further in seen else after(spec, state, request, answer)
                if following is not None:
                    seen.add(further)
                    waiting.append((further, following))
