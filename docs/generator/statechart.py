"""A picture of states as a Mermaid state diagram, for viewers that draw one."""

from __future__ import annotations

import re

from durable_core.drawing import Picture


def statechart(picture: Picture) -> str:
    """``picture`` as Mermaid text; its dot is where the machine begins."""
    short = {box.name: f"s{number}" for number, box in enumerate(picture.boxes)}
    short |= {box.name: "[*]" for box in picture.boxes if box.kind == "start"}
    lines = ["stateDiagram-v2"]
    lines += [
        f'    state "{_quoted(box.lines)}" as {short[box.name]}'
        for box in picture.boxes
        if box.kind != "start"
    ]
    for arrow in picture.arrows:
        said = f" : {_quoted(arrow.lines)}" if arrow.lines else ""
        lines.append(f"    {short[arrow.source]} --> {short[arrow.target]}{said}")
    return "\n".join(lines)


def _quoted(lines: tuple[str, ...]) -> str:
    """Text as Mermaid takes it: a quote, a colon or a semicolon would end it."""
    return re.sub('[":;]', " ", "<br/>".join(lines))
