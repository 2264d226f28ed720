"""Undefined names: found before the first model call, when the variables are known."""

from __future__ import annotations

from collections.abc import Collection

from durable_core.spec.models import Spec
from durable_core.spec.nearest import did_you_mean, listed
from durable_core.spec.places import templates
from durable_core.spec.problems import Problem, path_of
from durable_core.templates import expression_names, free_names


def check_names(spec: Spec, variables: Collection[str]) -> tuple[Problem, ...]:
    """The names that templates use and that will not be there, one problem for each name and place.

    ``variables`` are the names of all variables of this run. What the pattern provides at each place is known
    here. A name that a template guards (``is defined``, ``default``) is no problem, and neither is any name
    in an agent's prompt, where unknown names stay as written. The positions are left out: ``located`` adds them.
    """
    problems = []
    for place in templates(spec):
        if place.use == "prompt":
            continue
        needed = expression_names(place.source) if place.use == "condition" else free_names(place.source)
        available = place.names | frozenset(variables)
        for name in sorted(needed - available):
            here = (
                f"Available there: {listed(sorted(available))}." if available else "Nothing is defined there."
            )
            give = f"{did_you_mean(name, available) or here} Or give it with --var {name}=..."
            message = f"{path_of(place.pointer)} uses '{name}', which is not defined there."
            problems.append(Problem(message, place.pointer, hint=give))
    return tuple(problems)
