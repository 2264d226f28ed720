"""The spec door: from the text of a file to a checked spec, or to everything that is wrong with it.

All problems at once: what the models refuse is set right in a copy (an unknown key goes, a text that is
missing gets a stand-in), so that the cross checks can run over the rest. Only the problems are kept of that
copy; it never leaves this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain, islice
from typing import Any, Final

from returns.result import Failure, Result, Success

from durable_core.persistent.frozen_dict import JSON, FrozenDict
from durable_core.spec.agent_files import referred_files, with_agents
from durable_core.spec.checks import check_spec
from durable_core.spec.document import Document, Format, read_document, read_partly
from durable_core.spec.models import PATTERN_TYPES, Spec
from durable_core.spec.patterns import config_keys
from durable_core.spec.problems import MAX_PROBLEMS, Problem, located
from durable_core.spec.suggestions import did_you_mean, listed
from durable_core.spec.validation_messages import ModelFault, Schema, faults, plain, quoted, schema_of
from durable_core.spec.variables import text_inputs

_STAND_IN: Final = "stand-in"
_ROUNDS: Final = 5
"""How often the copy is set right before giving up. One round does unless a union chooses another model."""


def parse_spec(
    text: str,
    *,
    format: Format = "yaml",  # noqa: A002  # the word users know
    refs: Mapping[str, str] = FrozenDict(),
) -> Result[Spec, tuple[Problem, ...]]:
    """The spec in ``text``, checked, or every problem with it, each with its line and column.

    ``refs`` holds the texts of the files that its agents refer to, by the path that they use; ask
    ``references`` for them. What only the variables decide is checked by ``check_names``, and what does not
    run yet is named by ``unsupported``.
    """
    document, unread = read_partly(text, format)
    if document is None:
        return Failure(unread)
    parsed = parse_document(document, refs)
    if not unread:
        return parsed
    told = {problem.pointer for problem in unread}
    more = (problem for problem in parsed.swap().value_or(()) if not _within(problem.pointer, told))
    return Failure(located((*unread, *more), document))


def references(text: str, *, format: Format = "yaml") -> tuple[str, ...]:  # noqa: A002  # as above
    """The files that the agents of the spec refer to by ``$ref``, as written; () when it cannot be read."""
    return read_document(text, format=format).map(referred_files).value_or(())


def parse_document(document: Document, refs: Mapping[str, str]) -> Result[Spec, tuple[Problem, ...]]:
    """The same for a file that was read already."""
    document = _with_digits(document)
    data, problems = with_agents(document.data, refs)
    mismatch = _pattern_problem(data)
    counting = (
        fault
        for fault in faults(Spec, data, document.written)
        if not (mismatch and fault.parts[:1] == ("pattern",))
    )
    refused = [*islice(counting, MAX_PROBLEMS + 1)]  # no more are told, and nothing else then
    found = [*problems, *([mismatch] if mismatch else ())]
    if not found and not refused:
        spec = Spec.model_validate(data)
        wrong = located(check_spec(spec, document.written), document)
        return Failure(wrong) if wrong else Success(spec)
    more = _cross_problems(data, found, refused, document.written, has_pattern=not mismatch)
    wrong = located(_each_once(chain(found, (fault.problem for fault in refused), more)), document)
    return Failure(wrong)


def _each_once(problems: Iterable[Problem]) -> Iterator[Problem]:
    told: set[Problem] = set()
    for problem in problems:
        if problem not in told:
            told.add(problem)
            yield problem


def _cross_problems(
    data: FrozenDict[str, JSON],
    found: Sequence[Problem],
    refused: Iterable[ModelFault],
    written: Mapping[str, str],
    *,
    has_pattern: bool,
) -> Iterator[Problem]:
    """What the cross checks say of the rest, without what was ``found`` and ``refused``."""
    told = {problem.pointer for problem in found} | {fault.pointer for fault in refused}
    copy = _thawed(data)
    if not has_pattern or not isinstance(copy.get("pattern"), dict):
        _drop_pattern(copy, told)
    rest = _set_right(copy, told)
    if rest is not None:
        yield from (problem for problem in check_spec(rest, written) if not _within(problem.pointer, told))


def _with_digits(document: Document) -> Document:
    """``document`` with the digits as they are written where a number with leading zeros is due as text."""
    if not document.is_padded:
        return document
    refused = (fault.pointer for fault in faults(Spec, document.data) if fault.type == "string_type")
    return document.as_text((*refused, *text_inputs(document.data)))


def _pattern_problem(data: FrozenDict[str, JSON]) -> Problem | None:
    """What is wrong with ``pattern.type``, or with the config for it. Shapes are left to the models."""
    pattern = data.get("pattern")
    if not isinstance(pattern, FrozenDict):
        return None
    config, kind = pattern.get("config"), pattern.get("type")
    if kind in PATTERN_TYPES and (not isinstance(config, FrozenDict) or config_keys(str(kind)) & set(config)):
        return None  # before the other patterns are looked at: their models cost time to load
    looks = _looks_like(config) if isinstance(config, FrozenDict) else None
    guess = None if looks is None else f"The config is that of '{looks}'."
    if "type" not in pattern:
        hint = guess or f"It is one of {listed(PATTERN_TYPES)}."
        return Problem("The key 'type' is missing in pattern.", "/pattern", hint=hint)
    if not isinstance(kind, str) or kind not in PATTERN_TYPES:
        wrong = f"pattern.type must be one of {listed(PATTERN_TYPES)}, not {quoted(kind)}."
        return Problem(wrong, "/pattern/type", hint=did_you_mean(str(kind), PATTERN_TYPES) or guess)
    if looks is None or not isinstance(config, FrozenDict):
        return None
    telling = listed(key for key in config if key in config_keys(looks))
    return Problem(
        f"pattern.type is '{kind}', but the config is that of '{looks}': it has {telling}.",
        "/pattern/config",
        hint=f"Write 'type: {looks}', or give the config {listed(sorted(config_keys(kind, required=True)))}.",
    )


def _looks_like(config: FrozenDict[str, JSON]) -> str | None:
    """The pattern that knows most of the config's keys, or None when none knows any."""
    knows = {kind: len(config_keys(kind) & set(config)) for kind in PATTERN_TYPES}
    best = max(PATTERN_TYPES, key=lambda kind: knows[kind])
    return best if knows[best] else None


def _within(pointer: str, known: Set[str]) -> bool:
    """Whether a problem that was told already is at the place or around it. "" is around nothing here."""
    around = pointer
    while around and around not in known:
        around = around.rpartition("/")[0]
    return bool(around) or (not pointer and pointer in known)


def _set_right(copy: dict[str, Any], told: set[str]) -> Spec | None:
    """A spec like ``copy``, which is changed, without what the models refuse; None when too little is left.

    ``told`` are the pointers of what was reported; whatever is changed beyond them is added.
    """
    for _ in range(_ROUNDS):
        refused = [*faults(Spec, copy)]
        if not refused:
            return Spec.model_validate(copy)
        # from the back, so that what goes does not move what is still to be set right
        for fault in reversed(refused):
            if _repair(copy, fault):
                continue
            if fault.parts[:1] != ("pattern",):
                return None
            _drop_pattern(copy, told)
            break
    return None


def _drop_pattern(copy: dict[str, Any], told: set[str]) -> None:
    """Put a pattern into ``copy`` that no check minds: the file's own cannot be made out."""
    agents = copy.get("agents")
    agent = next(iter(agents), _STAND_IN) if isinstance(agents, dict) else _STAND_IN
    copy["pattern"] = {"type": "chain", "config": {"steps": [{"agent": agent}]}}
    told |= {"/pattern", "/outputs"}  # what artifacts may use hangs on the pattern


def _thawed(value: Any) -> Any:
    match value:
        case dict():
            return {key: _thawed(item) for key, item in value.items()}
        case tuple():
            return [_thawed(item) for item in value]
        case _:
            return value


def _repair(copy: dict[str, Any], fault: ModelFault) -> bool:
    """Set one refusal right in ``copy``; False when nothing can be put there that means as little."""
    if not fault.parts:
        return False  # what is wrong is the whole of it
    *way, last = fault.parts
    holder: Any = copy
    for part in way:
        holder = holder[part]
    if fault.type == "extra_forbidden" or (fault.optional and isinstance(holder, dict)):
        holder.pop(last, None)
        return True
    stand_in = _stand_in(fault.due)
    if stand_in is not None:
        holder[last] = stand_in
    return stand_in is not None


def _stand_in(due: Schema) -> object:
    """A value that the schema takes and the cross checks have nothing to say about; None if there is none."""
    match due:
        case {"enum": [first, *_]}:
            return str(first)
        case {"const": only}:
            return str(only)
        case {"type": "string"}:
            return _STAND_IN
        case {"type": "integer"}:
            return int(due.get("minimum", 0))
        case {"type": "object", "required": [*names], "properties": properties}:
            root = schema_of(Spec)
            parts = {name: _stand_in(plain(properties[name], root)) for name in names}
            return None if None in parts.values() else parts
        case _:
            return None
