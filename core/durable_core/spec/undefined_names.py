"""Undefined names: found before the first model call, when the variables are known."""

from __future__ import annotations

from collections.abc import Collection

from durable_core.spec.models import Spec
from durable_core.spec.problems import Problem, path_of
from durable_core.spec.secrets import known_secrets
from durable_core.spec.suggestions import did_you_mean, listed
from durable_core.spec.template_names import TemplatePlace, templates


def check_names(spec: Spec, variables: Collection[str]) -> tuple[Problem, ...]:
    """The names that templates use and that will not be there, one problem for each name and place.

    ``variables`` are the names of all variables of this run. Secrets are there too, but for conditions, which
    could only see their references. What the pattern provides at each place is known
    here. A name that a template guards (``is defined``, ``default``) is no problem, and neither is any name
    in an agent's prompt, where unknown names stay as written. ``located`` adds the positions.
    """
    problems = []
    secrets = frozenset(name for name, _ in known_secrets(spec))
    for place in templates(spec):
        if place.use == "prompt" or not place.has_markup:
            continue
        needed = _needed(place)
        known = frozenset(variables)
        available = place.names | (known - secrets if place.use == "condition" else known | secrets)
        for name in sorted(needed - available):
            message = f"{path_of(place.pointer)} uses '{name}', which is not defined there."
            problems.append(Problem(message, place.pointer, hint=_hint(name, available)))
    return tuple(problems)


def _needed(place: TemplatePlace) -> frozenset[str]:
    """The names that a template or condition can't do without."""
    from durable_core.templates.rendering import (  # noqa: PLC0415  # no markup, no Jinja
        expression_names,
        free_names,
    )

    return expression_names(place.source) if place.use == "condition" else free_names(place.source)


def _hint(name: str, available: frozenset[str]) -> str:
    there = f"Available there: {listed(sorted(available))}." if available else "Nothing is defined there."
    if name in _provided_names():
        return there  # a pattern provides it, but not at this place: a variable of that name would mislead
    return f"{did_you_mean(name, available) or there} Or give it with --var {name}=..."


def _provided_names() -> frozenset[str]:
    """Every name that some pattern provides at some place."""
    from durable_core.patterns import PATTERNS  # noqa: PLC0415  # patterns are made of this package's models

    return frozenset(
        name for pattern in PATTERNS.values() for scope in pattern.scopes for name in scope.names
    )
