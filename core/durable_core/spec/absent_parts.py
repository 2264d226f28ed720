"""Absent parts: what templates look for in values that will not have it, found before the first model call.

An answer is text, so it has no fields; a record has those that its pattern gives it; a variable is what it is
declared to be, or what a run is given.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from durable_core.persistent.frozen_dict import JSON, FrozenDict
from durable_core.spec.models import Spec
from durable_core.spec.problems import Problem, at_most, path_of
from durable_core.spec.secrets import known_secrets
from durable_core.spec.suggestions import did_you_mean, listed
from durable_core.spec.template_names import TemplatePlace, templates
from durable_core.spec.units import names_of_agents
from durable_core.templates.shapes import (
    LIST,
    MAPPING,
    NUMBER,
    TEXT,
    TRUTH,
    Fields,
    KnownList,
    Plain,
    Shape,
    one_of,
    shape_like,
    shape_of,
)

if TYPE_CHECKING:
    from durable_core.templates.expected_values import MissingPart

_DECLARED: Final[Mapping[str, Shape]] = FrozenDict(
    string=TEXT, number=NUMBER, integer=NUMBER, boolean=TRUTH, array=LIST, object=MAPPING
)


def variable_shapes(
    spec: Spec, variables: Mapping[str, JSON], given: Collection[str] | None = None
) -> Mapping[str, Shape]:
    """What is known of the variables of a run that has these values.

    If ``given`` is not None, the values of other names are the spec's own, and a run may be given others, of
    the declared type if there is one.
    """
    shapes = {
        name: shape_of(value) if given is None or name in given else shape_like(value)
        for name, value in variables.items()
    }
    for group in (spec.inputs.optional, spec.inputs.required):
        for name, declaration in group.items():
            may_be_another = given is not None and name not in given
            if may_be_another or declaration.type not in ("array", "object"):
                shapes[name] = _DECLARED[declaration.type]
    return shapes


def check_parts(spec: Spec, variables: Mapping[str, Shape]) -> tuple[Problem, ...]:
    """What templates look for in vain, one problem for each part and place.

    ``variables`` are the shapes of the variables. Of a name that is not known, nothing is told. What a
    template tests or gives a default is no problem, and neither is anything in an agent's prompt, where it
    stays as written. ``located`` adds the positions.
    """
    known = {**variables, **_secrets(spec)}
    marked = (place for place in templates(spec) if place.use != "prompt" and place.has_markup)
    return at_most(
        Problem(f"{path_of(place.pointer)} looks for {what}.", place.pointer, hint=hint)
        for place in marked
        for what, hint in _absent(place, known)
    )


def absent_in_prompts(spec: Spec, variables: Mapping[str, Shape]) -> tuple[Problem, ...]:
    """The same in agents' prompts, where what is not there stays as written, and the model is sent it."""
    from durable_core.patterns import pattern_of  # noqa: PLC0415  # patterns are made of this package's models

    own = names_of_agents(spec)
    provided: dict[str, list[Shape]] = {}
    for scope in pattern_of(spec).scopes:
        for name, entry in scope.names.items():
            provided.setdefault(name, []).append(entry.shape)
    known = {**variables, **_secrets(spec)}
    known |= {name: one_of(shapes) for name, shapes in provided.items()}
    prompts = (place for place in templates(spec) if place.use == "prompt" and place.pointer in own)
    return at_most(
        Problem(
            f"{path_of(place.pointer)} looks for {what}: the model is sent it as written.",
            place.pointer,
            hint=hint,
        )
        for place in prompts
        if place.has_markup
        for what, hint in _absent(place, known, without=own[place.pointer])
    )


def _secrets(spec: Spec) -> Mapping[str, Shape]:
    return {name: TEXT for name, _ in known_secrets(spec)}


def _absent(
    place: TemplatePlace, known: Mapping[str, Shape], without: Collection[str] = ()
) -> Iterator[tuple[str, str | None]]:
    """What the template looks for where, as the end of a sentence, and what would help."""
    if not place.may_look:
        return
    from durable_core.templates.missing_parts import missing_parts  # noqa: PLC0415  # most look into nothing
    from durable_core.templates.rendering import as_template  # noqa: PLC0415  # no markup, no Jinja

    names = {name: shape for name, shape in known.items() if name not in without} | {**place.shapes}
    is_condition = place.use == "condition"
    source = as_template(place.source) if is_condition else place.source
    for part in missing_parts(source, names, condition=is_condition):
        yield _told(part)


def _told(part: MissingPart) -> tuple[str, str | None]:
    """The part and where it is looked for, as the end of a sentence, and what would help."""
    key, written, holder = part.key, part.written, part.holder
    call = f"To call the method, write {written}.{key}()." if part.is_method else None
    match holder:
        case KnownList(count=count) if isinstance(key, int):
            return f"item {key} of {written}, which has {count}", "Items are counted from 0."
        case Fields(fields=fields):
            has = f"It has {listed(sorted(fields))}." if fields else "It is empty."
            hint = call or did_you_mean(str(key), fields) or has
            return f"'{key}' in {written}, which does not have it", hint
        case Plain(word=TEXT.word):
            hint = "Text has no fields, whatever an agent wrote; regex_search takes a part of it."
            return f"'{key}' in {written}, which is text", f"{hint} {call}" if call else hint
        case Plain(word=word):
            return f"'{key}' in {written}, which is {word}", None
        case _:
            return f"'{key}' in {written}, which is a list", call or f"Name an item first: {written}[0]."
