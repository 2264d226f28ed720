"""Places: every template of a spec, where it stands, and which names it may use there.

One walk over the spec serves the syntax check, the name check and whoever else wants all templates. What a
pattern's templates may use is the pattern's own to say (``Pattern.template_names``), beside the workflow's
variables, which only a run knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple

from durable_core.frozen import frozen
from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.models import Spec
from durable_core.spec.problems import pointer_of
from durable_core.templates.shapes import Shape

Use = Literal["text", "condition", "prompt"]
"""What a template is for. A ``prompt`` is an agent's: names that it does not know stay as written."""

HOW_TO_KEEP_BRACES: Final = "To keep braces as they are written, put them between {% raw %} and {% endraw %}."
"""What helps where text looks like a template and is none."""

_NOTHING: Final[Mapping[str, Shape]] = FrozenDict()


@frozen()
class TemplatePlace:
    """One template: its JSON pointer, its source, what it is for, and what the pattern provides.

    ``shapes`` are the names that it provides, each with what is known of its value. ``constants`` are those
    of which the spec itself says the value, in the ``vars`` of a step.
    """

    pointer: str
    source: str
    use: Use
    shapes: Mapping[str, Shape]
    constants: Mapping[str, object] = FrozenDict()

    @property
    def names(self) -> frozenset[str]:
        """The names that the pattern provides."""
        return frozenset(self.shapes)

    @property
    def may_look(self) -> bool:
        """Whether it may look into a value, or change it: most do neither, and need not be parsed to see."""
        start, end = 0, len(self.source)
        if self.use != "condition":
            start, end = self.source.find("{"), self.source.rfind("}")
        return any(self.source.find(sign, start, end) >= 0 for sign in ".[|")

    @property
    def has_markup(self) -> bool:
        """Whether there is more to it than text."""
        return self.use == "condition" or has_markup(self.source)

    @property
    def needed(self) -> frozenset[str]:
        """The names that the template can't do without."""
        from durable_core.templates.rendering import as_template, free_names  # noqa: PLC0415  # no markup, no Jinja

        return free_names(as_template(self.source) if self.use == "condition" else self.source)

    @property
    def looked_at(self) -> frozenset[str]:
        """The names that decide what the template gives, those that it can do without among them."""
        from durable_core.templates.rendering import as_template, outer_names  # noqa: PLC0415  # no markup, no Jinja

        return outer_names(as_template(self.source) if self.use == "condition" else self.source)


def has_markup(text: str) -> bool:
    """Whether ``text``, which is no condition, may be more than text: every mark begins with a brace."""
    return "{" in text


class TemplateNames(NamedTuple):
    """The templates of a pattern's config, in the order of the document, and the names that artifacts see."""

    places: tuple[TemplatePlace, ...]
    artifacts: Mapping[str, Shape]


def templates(spec: Spec) -> Iterator[TemplatePlace]:
    """Every template of the spec, in the order of the document."""
    from durable_core.patterns import pattern_of  # noqa: PLC0415  # patterns are made of this package's models

    headers = (
        *(("mcp", index, server.headers) for index, server in enumerate(spec.tools.mcp)),
        *(
            ("http_executors", index, service.headers)
            for index, service in enumerate(spec.tools.http_executors)
        ),
    )
    for kind, index, table in headers:
        for header, value in table.items():
            pointer = pointer_of("tools", kind, index, "headers", header)
            yield TemplatePlace(pointer, value, "text", _NOTHING)
    for name, agent in spec.agents.items():
        yield TemplatePlace(pointer_of("agents", name, "prompt"), agent.prompt, "prompt", _NOTHING)
    places, names = pattern_of(spec).template_names(spec.pattern.config)
    yield from places
    for index, artifact in enumerate(spec.outputs.artifacts):
        pointer = pointer_of("outputs", "artifacts", index)
        yield TemplatePlace(f"{pointer}/path", artifact.path, "text", names)
        yield TemplatePlace(f"{pointer}/from", artifact.from_, "text", names)
