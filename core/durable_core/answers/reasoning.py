"""Reasoning that a model wrote into its answer, between tags: not what it answers.

Local models write ``<think>...</think>`` or a relative of it into their text, and servers often swallow the
opening tag. Routes and scores that were only thought of stand in there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_TAG: Final = re.compile(
    r"<\|channel\|>final<\|message\|>"  # what gpt-oss writes between its reasoning and its answer
    r"|<(/?)\|?(\w[\w:]{0,40})[^<>\n]{0,80}>"  # <think>, </seed:think>, <|begin_of_thought|>
    r"|\[(/?)(THINK)\]"  # Mistral's reasoning models
    r"|◁(/?)(think)▷"  # Kimi's
)
_NAME: Final = re.compile(
    "think|thought|reason|reflect|rationale|scratchpad|monologue|analysis", re.IGNORECASE
)


def without_reasoning(text: str) -> str:
    """``text`` without what is between the tags of reasoning.

    What stands before a lone closing tag is reasoning too, and so is all after an opening one that nothing
    closes: an answer that broke off while the model still thought holds no decision.
    """
    kept: list[str] = []
    position = 0
    thinking = False
    for start, end, closes in _tags(text):
        if closes:
            if not thinking:
                kept.clear()
            position, thinking = end, False
        elif not thinking:
            kept.append(text[position:start])
            thinking = True
    return "".join(kept) if thinking else "".join((*kept, text[position:]))


def _tags(text: str) -> Iterator[tuple[int, int, bool]]:
    """Where each tag of reasoning starts and ends, and whether it closes."""
    for tag in _TAG.finditer(text):
        name = tag[2] or tag[4] or tag[6]
        if name is None:
            yield tag.start(), tag.end(), True
        elif _NAME.search(name):
            closes = bool(tag[1] or tag[3] or tag[5]) or name.startswith("end_of")
            yield tag.start(), tag.end(), closes
