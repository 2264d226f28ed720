"""The rules by which the ``echo`` provider answers: pure functions of the prompts.

==================================================  =====================================================
The prompt                                          The answer
==================================================  =====================================================
has a line ``echo: TEXT``                           TEXT, with ``\\n`` as a line end
says JSON and shows the key ``"route"``             ``{"route": NAME}``, the first route it lists
says JSON and shows the key ``"score"``             ``{"score": N, ...}``: 60, 75, then 90
says JSON and shows the key ``"task"``              two tasks
anything else                                       ``Echo (FIRST WORDS OF SYSTEM PROMPT): USER TEXT``
==================================================  =====================================================

Each rule looks at the last user message first, then at the system prompt; the directive comes before all
others in both. Answers are bounded, so that a chain of echoes does not grow from step to step.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

HEARD_LIMIT: Final = 240
"""Characters of the user's text that the default answer repeats: enough to read, too few to snowball."""

SUBJECT_LIMIT: Final = 80
"""Characters of the user's text that a task repeats."""

NAMED_WORDS: Final = 6
"""Words of the system prompt that the default answer repeats."""

SCORES: Final = (60, 75, 90)
"""The scores of the first, second and every later evaluation: with a usual bar of 80, the third passes."""

_DIRECTIVE = re.compile(r"^[ \t]*echo:[ \t]?(.*)$", re.MULTILINE)
_SAYS_JSON = re.compile(r"\bjson\b", re.IGNORECASE)
_ITERATION = re.compile(r"\biteration\D{0,3}(\d{1,6})\b", re.IGNORECASE)
_NAME = r"[`\"'<\[(]*(\w[\w.-]*)"
_ROUTES = (
    # {"route": "billing" | "technical"}
    re.compile(r"\"route\"\s*:\s*" + _NAME + r"[`\"'>\])]*\s*[|/]"),
    # Routes: billing, technical -- or the same as a list on the lines below
    re.compile(
        r"\b(?:routes?|one of)\b[^:\n{}\"]{0,60}:[ \t]*(?:\n\s*)?(?:(?:[-*]|\d+\.)[ \t]+)?" + _NAME, re.I
    ),
    # choose one of billing, technical
    re.compile(r"\bone of[ \t]+(?!the\b|these\b|those\b)" + _NAME, re.I),
    # {"route": "billing"}
    re.compile(r"\"route\"\s*:\s*\"(\w[\w.-]*)\""),
)


def echo_answer(system_prompt: str, turns: Sequence[str]) -> str:
    """The answer to the last of the user's ``turns`` (oldest first), as the table above says."""
    heard = turns[-1] if turns else ""
    for text in (heard, system_prompt):
        if directives := _DIRECTIVE.findall(text):
            return str(directives[-1]).strip().replace("\\n", "\n")
    for text in (heard, system_prompt):
        if not _SAYS_JSON.search(text):
            continue
        if '"route"' in text:
            return json.dumps({"route": _first_route(text, system_prompt)})
        if '"score"' in text:
            return _evaluation(heard, len(turns))
        if '"task"' in text:
            return _tasks(heard)
    named = " ".join(system_prompt.split()[:NAMED_WORDS])
    return f"Echo ({named}): {_cut(heard, HEARD_LIMIT)}" if named else f"Echo: {_cut(heard, HEARD_LIMIT)}"


def _first_route(*texts: str) -> str:
    for text in texts:
        for pattern in _ROUTES:
            if found := pattern.search(text):
                return str(found.group(1))
    return ""


def _evaluation(heard: str, turns: int) -> str:
    named = _ITERATION.findall(heard)
    iteration = int(named[-1]) if named else turns
    score = SCORES[min(max(iteration, 1), len(SCORES)) - 1]
    passed = score == SCORES[-1]
    return json.dumps(
        {
            "score": score,
            "issues": [] if passed else ["The draft could be more specific."],
            "fixes": [] if passed else ["Add one concrete example."],
        }
    )


def _tasks(heard: str) -> str:
    first_line = next((line for line in heard.splitlines() if line.strip()), "the request")
    subject = _cut(first_line, SUBJECT_LIMIT)
    return json.dumps([{"task": f"Part {part} of 2: {subject}"} for part in (1, 2)], ensure_ascii=False)


def _cut(text: str, limit: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
