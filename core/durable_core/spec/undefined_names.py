"""Undefined names: found before the first model call, when the variables are known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from durable_core.frozen import frozen
from durable_core.spec.models import Spec
from durable_core.spec.problems import Problem, at_most, path_of
from durable_core.spec.secrets import known_secrets
from durable_core.spec.suggestions import did_you_mean, listed
from durable_core.spec.template_names import TemplatePlace, templates
from durable_core.spec.variables import declared_names


@frozen()
class UndefinedName:
    """A name that a template uses and that will not be there; ``can_be_given`` if a variable would do.

    ``known`` are the variables and secrets that the template at ``place`` could use.
    """

    name: str
    place: TemplatePlace
    known: frozenset[str]
    can_be_given: bool

    @property
    def problem(self) -> Problem:
        """What to tell those for whom it is a mistake."""
        message = f"{path_of(self.place.pointer)} uses '{self.name}', which is not defined there."
        hint = _hint(self.name, self.place.names | self.known, self.can_be_given)
        return Problem(message, self.place.pointer, hint=hint)


def check_names(spec: Spec, variables: Collection[str]) -> tuple[Problem, ...]:
    """The names that templates use and that will not be there, one problem for each name and place.

    ``variables`` are the names of all variables of this run. Secrets are there too, but for conditions, which
    could only see their references. What the pattern provides at each place is known
    here. A name that a template guards (``is defined``, ``default``) is no problem, and neither is any name
    in an agent's prompt, where unknown names stay as written. ``located`` adds the positions.
    """
    return at_most(undefined.problem for undefined in undefined_names(spec, variables))


def undefined_names(spec: Spec, variables: Collection[str]) -> tuple[UndefinedName, ...]:
    """The same, each with its name, and whether there is a way to give it."""
    found: list[tuple[str, TemplatePlace, frozenset[str]]] = []
    secrets = frozenset(name for name, _ in known_secrets(spec))
    in_conditions = frozenset(variables) - secrets
    elsewhere = frozenset(variables) | secrets
    for place in templates(spec):
        if place.use == "prompt" or not place.has_markup:
            continue
        known = in_conditions if place.use == "condition" else elsewhere
        found += ((name, place, known) for name in sorted(place.needed - place.names - known))
    taken = secrets | _taken_names(spec) if found else secrets  # to know them all takes all patterns
    return tuple(UndefinedName(name, place, known, name not in taken) for name, place, known in found)


def needed_variables(spec: Spec, undefined: Iterable[UndefinedName]) -> tuple[Problem, ...]:
    """What ``undefined`` names a run needs as variables, one remark for each.

    Before a run that is no mistake: a variable that is given need not be declared.
    """
    places: dict[str, list[str]] = {}
    for each in undefined:
        if each.can_be_given:
            places.setdefault(each.name, []).append(each.place.pointer)
    declared = declared_names(spec)
    return at_most(_needed_variable(name, pointers, declared) for name, pointers in places.items())


def _needed_variable(name: str, pointers: Sequence[str], declared: Collection[str]) -> Problem:
    first, *others = pointers
    uses = f" and {len(others)} more use it" if others else " uses it"
    message = f"A run needs --var {name}=...: {path_of(first)}{uses}, and no input declares it."
    return Problem(message, first, hint=did_you_mean(name, declared))


def _hint(name: str, available: frozenset[str], can_be_given: bool) -> str:
    there = f"Available there: {listed(sorted(available))}." if available else "Nothing is defined there."
    if not can_be_given:
        return there
    return f"{did_you_mean(name, available) or there} Or give it with --var {name}=..."


def _taken_names(spec: Spec) -> frozenset[str]:
    """The names that nobody means a variable by: those that the pattern provides somewhere, as it would hide
    the variable there, and those that another pattern has for its records."""
    from durable_core.patterns import PATTERNS, pattern_of  # noqa: PLC0415  # they are made of these models

    return frozenset(
        name
        for pattern in PATTERNS.values()
        for scope in pattern.scopes
        for name, scoped in scope.names.items()
        if scoped.records or pattern is pattern_of(spec)
    )
