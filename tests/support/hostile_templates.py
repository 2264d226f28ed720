"""What hostile templates have at hand, and how they end."""

from __future__ import annotations

from typing import Final

from returns.result import Failure

from durable_core.templates.rendering import check_template, free_names, render

MEGABYTE: Final = 1_000_000


def nested(depth: int, value: object = "x") -> object:
    """A value within ``depth`` lists."""
    for _ in range(depth):
        value = [value]
    return value


CONTEXT: Final[dict[str, object]] = {
    "big": "a" * MEGABYTE,
    "wide": "a" * 20_000,
    "words": "w " * (MEGABYTE // 2),
    "spaces": " " * MEGABYTE,
    "parens": "(" * (MEGABYTE // 2) + ")" * (MEGABYTE // 2),
    "comments": "<!---->" * (MEGABYTE // 7),
    "numbers": list(range(100_000)),
    "again": list(range(100_000)),
    "shaft": nested(3, list(range(50_000))),
    "well": nested(90, list(range(20_000))),
    "letters": "".join(map(chr, range(0x4E00, 0x9000))),
    "colliding": [index * (2**61 - 1) for index in range(100_000)],
    "table": dict.fromkeys(range(50_000), 0),
    "schemes": {f"a{index}:": 0 for index in range(500)},
    "deep": nested(3_000),
    "deepmap": {"a": nested(150)},
    "rows": [{"index": index, "response": "r" * 100} for index in range(10_000)],
}
"""What the templates may read."""

MANY: Final = "{% for i in range(100000) %}"
WORK: Final = "does too much work"
"""What stands in the message of a template that has used up its steps."""


def assert_refused(source: str, words: str) -> None:
    """Rendering ``source`` is a problem whose message holds ``words``; no check before can find it."""
    assert check_template(source) is None
    assert free_names(source) <= CONTEXT.keys()
    problem = render(source, CONTEXT, place="steps/0/input")
    assert isinstance(problem, Failure)
    assert words in problem.failure().message
    assert problem.failure().place == "steps/0/input"
    assert len(problem.failure().message + problem.failure().hint) < 5_000
