"""Prompts: what a model is sent, with references only where the spec itself names a secret.

A template gives text in which a secret's reference, and the same characters in a page, an answer or a
variable, look alike. So where a rendered prompt may hold a reference, it is rendered once more with marks
that nothing from outside can hold, and what stands at the marks is what the spec placed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count

from returns.result import Result

from durable_core.session.state import Session
from durable_core.spec.secrets import any_of, escaped, known_secrets, reference
from durable_core.templates.rendering import TemplateProblem, render


def placed_secrets(session: Session, provided: Mapping[str, object]) -> tuple[str, ...]:
    """The names by which a unit's templates reach secrets; a pattern's name in ``provided`` comes before."""
    return tuple(
        name
        for name, _ in known_secrets(session.spec)
        if name not in provided and session.variables.get(name) == reference(name)
    )


def render_prompt(
    source: str, context: Mapping[str, object], secrets: Iterable[str], *, place: str, lenient: bool
) -> Result[str, TemplateProblem]:
    """The text of a template for a model, in the form in which it is kept: see ``durable_core.spec.secrets``.

    In ``context`` the names of ``secrets`` have their references. A filter that changes a reference leaves
    plain text, as it would not be known again.
    """
    rendered = render(source, context, place=place, lenient=lenient)
    plain = rendered.value_or("")
    if "⟪" not in plain:
        return rendered
    number = next(number for number in count() if f"⟪{number}:" not in plain)
    sign = f"⟪{number}:"
    marks = {reference(name).replace("⟪", sign, 1): name for name in secrets}
    marked = {**context, **{name: mark for mark, name in marks.items()}}
    return render(source, marked, place=place, lenient=lenient).map(lambda text: _placed(text, sign, marks))


def _placed(text: str, sign: str, marks: Mapping[str, str]) -> str:
    """``text`` with references at the ``marks`` and all else escaped; a mark that was changed is text."""
    pieces = any_of((*marks, sign, "⟪"))
    told = {mark: reference(name) for mark, name in marks.items()}
    told |= {sign: escaped("⟪"), "⟪": escaped("⟪")}
    return pieces.sub(lambda found: told[found[0]], text)
