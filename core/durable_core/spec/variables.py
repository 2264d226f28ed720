"""Variables: from declarations, files and the command line to the values of one run.

Text becomes what the declaration says; nothing else changes its type. Declared defaults and ``inputs.values``
go through the same door, since people quote numbers there too.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from returns.result import Failure, Result, Success

from durable_core.bounds import finite
from durable_core.characters import whole, whole_texts
from durable_core.frozen import frozen
from durable_core.persistent.frozen_dict import JSON, FrozenDict, freeze
from durable_core.spec.document import Document
from durable_core.spec.models import InputDeclaration, Spec
from durable_core.spec.problems import Problem, path_of, pointer_of
from durable_core.spec.reading import MAX_NUMBER_DIGITS, number_trouble
from durable_core.spec.secrets import known_secrets, reference
from durable_core.spec.suggestions import listed
from durable_core.spec.validation_messages import described, quoted

_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_TRUE: Final = ("true", "yes", "1")
_FALSE: Final = ("false", "no", "0")

_DUE: Final = FrozenDict(
    string="text",
    number="a number",
    integer="a whole number",
    boolean="true or false",
    array="a list; write it as JSON, such as [1, 2]",
    object='a mapping; write it as JSON, such as {"a": 1}',
)


@frozen()
class MissingInput:
    """A required input without a value: what to ask the person for."""

    name: str
    declaration: InputDeclaration


class _Unfit(ValueError):
    """A value is not what the declaration says. Carries the end of a sentence; never leaves this module."""


def resolve_variables(
    spec: Spec, *, file: Mapping[str, JSON], given: Mapping[str, str]
) -> Result[Mapping[str, JSON], tuple[Problem, ...]]:
    """The variables of a run, frozen: declared defaults, ``inputs.values``, ``file``, ``given``, low to high.

    ``file`` is the content of a variables file, ``given`` what was said on the command line. Text is read by
    the declared type (``array`` and ``object`` as JSON); an undeclared name keeps what it was given. The
    problems, all of kind "usage", are values that do not fit and required inputs that nobody gave. In the
    place of a declared secret stands its reference, whatever was given for it. All texts are whole
    characters, as they go to models.
    """
    values, unfit = _read_all(spec, file, given)
    problems = (*(_missing_problem(missing) for missing in missing_inputs(spec, values)), *unfit)
    if problems:
        return Failure(problems)
    return Success(FrozenDict({whole(name): freeze(whole_texts(value)) for name, value in values.items()}))


def known_variables(spec: Spec, *, file: Mapping[str, JSON], given: Mapping[str, str]) -> Mapping[str, JSON]:
    """The variables known so far, for a plan: missing ones are left out, unfit ones stay as given."""
    return FrozenDict(_read_all(spec, file, given)[0])


def declared_names(spec: Spec) -> frozenset[str]:
    """The names of variables that the spec declares, or gives a value."""
    return frozenset((*spec.inputs.required, *spec.inputs.optional, *spec.inputs.values))


def _read_all(
    spec: Spec, file: Mapping[str, JSON], given: Mapping[str, str]
) -> tuple[dict[str, JSON], tuple[Problem, ...]]:
    """All values by precedence, read by their declared types, and what does not fit."""
    declarations = _declarations(spec)
    defaults = ((name, declaration.default) for name, declaration in declarations.items())
    values = {name: freeze(default) for name, default in defaults if default is not None}
    values |= {name: freeze(value) for name, value in spec.inputs.values.items()}
    values |= {name: freeze(value) for name, value in file.items()}
    values |= dict(given)
    problems = []
    for name, value in values.items():
        try:
            values[name] = coerced(value, declarations[name]) if name in declarations else value
        except _Unfit as unfit:
            message = f"The variable '{name}' {unfit}."
            problems.append(Problem(message, kind="usage", hint=declarations[name].description))
    return values | {name: reference(name) for name, _ in known_secrets(spec)}, tuple(problems)


def missing_inputs(spec: Spec, known: Collection[str]) -> tuple[MissingInput, ...]:
    """The required inputs that are not among ``known`` and have neither a default nor a value in the spec.

    Secrets are looked for elsewhere.
    """
    secrets = {name for name, _ in known_secrets(spec)}
    return tuple(
        MissingInput(name, declaration)
        for name, declaration in spec.inputs.required.items()
        if name not in known and name not in spec.inputs.values and not declaration.has_default
        if name not in secrets
    )


def text_inputs(data: Mapping[str, JSON]) -> Iterator[str]:
    """The pointers, in the data of a spec, of what declarations of text say: defaults, choices and values."""
    inputs = data.get("inputs")
    groups = inputs if isinstance(inputs, FrozenDict) else FrozenDict()
    for group in ("required", "optional"):
        declarations = groups.get(group)
        for name, declared in declarations.items() if isinstance(declarations, FrozenDict) else ():
            inside = declared if isinstance(declared, FrozenDict) else FrozenDict(type=declared)
            if inside.get("type") == "string":
                yield pointer_of("inputs", "values", name)
                yield pointer_of("inputs", group, name, "default")
                choices = inside.get("enum")
                for n in range(len(choices) if isinstance(choices, tuple) else 0):
                    yield pointer_of("inputs", group, name, "enum", n)


def file_values(spec: Spec, document: Document) -> Mapping[str, JSON]:
    """What a file says about variables: where ``spec`` declares text, digits with leading zeros stay."""
    declared = _declarations(spec).items()
    texts = (pointer_of(name) for name, declaration in declared if declaration.type == "string")
    return document.as_text(texts).data


def declared_problems(spec: Spec, written: Mapping[str, str] = FrozenDict()) -> Iterator[Problem]:
    """What is wrong with the declarations: names declared twice, defaults, choices and values that don't fit.

    ``written`` is that of the document that they stand in.
    """
    for name in spec.inputs.optional:
        if name in spec.inputs.required:
            pointer = pointer_of("inputs", "optional", name)
            message = f"The input '{name}' is both required and optional."
            yield Problem(message, pointer, hint="Remove one of the two.")
    for group, declarations in (("required", spec.inputs.required), ("optional", spec.inputs.optional)):
        for name, declaration in declarations.items():
            here = pointer_of("inputs", group, name)
            yield from _misfit_choices(f"{here}/enum", declaration, written)
            if declaration.has_default:
                yield from _fitting(f"{here}/default", freeze(declaration.default), declaration, written)
    declared = _declarations(spec)
    for name, value in spec.inputs.values.items():
        if name in declared:
            yield from _fitting(pointer_of("inputs", "values", name), freeze(value), declared[name], written)


def coerced(value: JSON, declaration: InputDeclaration, written: str | None = None) -> JSON:
    """``value`` as its declaration wants it; text is read. ValueError, with the end of a sentence.

    ``written`` is how the value was written, if JSON would write it in another way.
    """
    read = _read(value, declaration.type) if isinstance(value, str) else value
    if not _is(declaration.type, read):
        raise _Unfit(f"must be {_DUE[declaration.type]}, not {described(value, written)}")
    if declaration.enum is not None and not any(
        _same(read, _read(allowed, declaration.type) if isinstance(allowed, str) else allowed)
        for allowed in declaration.enum
    ):
        allowed = listed(map(_shown, declaration.enum))
        raise _Unfit(f"must be one of {allowed}, not {written or quoted(value)}")
    return read


def _declarations(spec: Spec) -> dict[str, InputDeclaration]:
    return {**spec.inputs.optional, **spec.inputs.required}


def _misfit_choices(
    pointer: str, declaration: InputDeclaration, written: Mapping[str, str]
) -> Iterator[Problem]:
    """Choices of another type than the declared one: no value could ever be one of them."""
    free = declaration.model_copy(update={"enum": None})
    for n, choice in enumerate(declaration.enum or ()):
        yield from _fitting(f"{pointer}/{n}", freeze(choice), free, written)


def _fitting(
    pointer: str, value: JSON, declaration: InputDeclaration, written: Mapping[str, str]
) -> Iterator[Problem]:
    try:
        coerced(value, declaration, written.get(pointer))
    except _Unfit as unfit:
        hint = declaration.description
        if declaration.type == "string" and isinstance(value, int | float):
            hint = f'Quote it: "{written.get(pointer) or _shown(value)}".'
        yield Problem(f"{path_of(pointer)} {unfit}.", pointer, hint=hint)


def _missing_problem(missing: MissingInput) -> Problem:
    declaration = missing.declaration
    about = f": {declaration.description}" if declaration.description else ""
    allowed = f" It is one of {listed(map(_shown, declaration.enum))}." if declaration.enum else ""
    return Problem(
        f"The input '{missing.name}' ({declaration.type}) is required and has no value{about}.",
        pointer_of("inputs", "required", missing.name),
        kind="usage",
        hint=f"Give it with --var {missing.name}=..., or let --ask ask for it.{allowed}",
    )


def _read(text: str, kind: str) -> JSON:
    """The value that ``text`` stands for; ``text`` itself when it stands for none of that kind."""
    word = text.strip()
    if kind == "boolean" and word.lower() in (*_TRUE, *_FALSE):
        return word.lower() in _TRUE
    if kind in ("integer", "number"):
        pattern = _WHOLE if kind == "integer" else _NUMBER
        if pattern.fullmatch(word) and number_trouble(word) is None:
            return int(word) if _WHOLE.fullmatch(word) else float(word)
    if kind in ("array", "object"):
        return _read_json(text)
    return text


def _read_json(text: str) -> JSON:
    try:
        return freeze(json.loads(text, parse_constant=finite, parse_float=finite, parse_int=_bounded))
    except (ValueError, RecursionError):
        return text


def _bounded(digits: str) -> int:
    if len(digits) > MAX_NUMBER_DIGITS:
        raise ValueError("too long")
    return int(digits)


def _is(kind: str, value: JSON) -> bool:
    """Whether ``value`` is of the declared type. A whole float such as 3.0 is no integer: write 3."""
    match kind:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            whole_number = isinstance(value, int) and not isinstance(value, bool)
            return whole_number or (isinstance(value, float) and math.isfinite(value))
        case "array":
            return isinstance(value, tuple)
        case _:
            return isinstance(value, FrozenDict)


def _same(value: object, allowed: object) -> bool:
    """Equality as JSON has it: true is not 1, at any depth."""
    if isinstance(value, tuple) and isinstance(allowed, tuple):
        return len(value) == len(allowed) and all(map(_same, value, allowed))
    if isinstance(value, FrozenDict) and isinstance(allowed, FrozenDict):
        return value.keys() == allowed.keys() and all(_same(value[key], allowed[key]) for key in value)
    return value == allowed and isinstance(value, bool) == isinstance(allowed, bool)


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
