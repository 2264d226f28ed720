"""Oversights: what can be run and is hardly what was meant. People are warned of them, and nothing stops."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Final

from durable_core.patterns import pattern_of
from durable_core.spec.models import Spec
from durable_core.spec.problems import MAX_PROBLEMS, Problem, at_most, path_of
from durable_core.spec.secrets import known_secrets
from durable_core.spec.suggestions import did_you_mean, listed
from durable_core.spec.template_names import HOW_TO_KEEP_BRACES, templates
from durable_core.spec.units import names_of_agents
from durable_core.spec.variables import declared_names

_WORD: Final = re.compile(r"[^\s\x00-/:-@\[-^`{-\x7f]+")
"""What may be a name in a template: marks that combine with a letter are part of it, and no ``\\w``."""

_MOST_GUESSES: Final = 12
"""Names in one prompt that others are looked for; as many are listed."""


def unknown_in_prompts(spec: Spec, variables: Collection[str]) -> tuple[Problem, ...]:
    """The agents' prompts that use names which nothing gives a value, one problem for each.

    Such a name stays as it is written, and the model is sent its braces. ``variables`` are the names of all
    variables. What the pattern provides at one of its places may be there for an agent, and so may what a
    step of that agent has under ``vars``. A prompt that no unit uses is sent to nobody.
    """
    known = frozenset((*variables, *_secrets(spec), *_provided(spec)))
    own = names_of_agents(spec)
    prompts = (place for place in templates(spec) if place.use == "prompt" and place.pointer in own)
    unknown = (
        (place.pointer, sorted(place.needed - known - own[place.pointer]))
        for place in prompts
        if place.has_markup
    )
    return at_most(_unknown(pointer, names, known) for pointer, names in unknown if names)


def unused_variables(
    spec: Spec, names: Collection[str], given: Collection[str]
) -> Iterator[tuple[str, str | None]]:
    """Those of the variables ``names`` that no template uses and no input declares, each with a hint.

    The hint, if there is one, is a name that may have been meant: none of those that are ``given`` too. Of
    very many only the first are named.
    """
    declared = {*declared_names(spec), *_secrets(spec)}
    undeclared = {name for name in names if name not in declared}
    if not undeclared:
        return
    marked = [place for place in templates(spec) if place.has_markup]
    # most texts need not be parsed: they do not hold the word
    holding = (place for place in marked if not undeclared.isdisjoint(_WORD.findall(place.source)))
    unused = undeclared.difference(*(place.looked_at - place.names for place in holding))
    if not unused:
        return
    known = declared.union(*(place.looked_at - place.names for place in marked))
    meant = known - {*given}
    for name in islice((name for name in names if name in unused), MAX_PROBLEMS):
        yield name, did_you_mean(name, meant)


def _unknown(pointer: str, names: list[str], known: Collection[str]) -> Problem:
    them = "it" if len(names) == 1 else "them"
    message = f"{path_of(pointer)} uses {listed(names)}, which nothing gives a value:"
    guesses = filter(None, (did_you_mean(name, known) for name in names[:_MOST_GUESSES]))
    remedy = f"Give {them} a value ({' '.join(f'--var {name}=...' for name in names)})."
    return Problem(
        f"{message} the model is sent {them} as written.",
        pointer,
        hint=" ".join((*guesses, remedy, HOW_TO_KEEP_BRACES)),
    )


def _secrets(spec: Spec) -> Iterator[str]:
    return (name for name, _ in known_secrets(spec))


def _provided(spec: Spec) -> Iterator[str]:
    return (name for scope in pattern_of(spec).scopes for name in scope.names)
