"""A picture as a Mermaid flowchart, for viewers that draw one."""

from __future__ import annotations

from durable_core.drawing.colours import COLOURS, INK
from durable_core.drawing.lettering import shown
from durable_core.drawing.pictures import Picture


def flowchart(picture: Picture) -> str:
    """``picture`` as Mermaid text, ending in a newline. Its title is not part of it."""
    names = {box.name: f"n{index}" for index, box in enumerate(picture.boxes)}
    lines = ["flowchart TD"]
    for box in picture.boxes:
        lines.append(f'  {names[box.name]}["{_joined(box.lines)}"]:::{box.kind}')
    for arrow in picture.arrows:
        label = f'|"{_joined(arrow.lines)}"|' if arrow.lines else ""
        lines.append(f"  {names[arrow.source]} -->{label} {names[arrow.target]}")
    for kind in sorted({box.kind for box in picture.boxes}):
        fill, line = COLOURS[kind]
        lines.append(f"  classDef {kind} fill:{fill},stroke:{line},color:{INK}")
    return "\n".join(lines) + "\n"


def _joined(lines: tuple[str, ...]) -> str:
    return "<br>".join(map(_entities, lines))


def _entities(text: str) -> str:
    """Text that can't end a Mermaid string or start markup."""
    return "".join(
        char if char.isalnum() or char in " -_.,:/*()+=" else f"#{ord(char)};" for char in shown(text)
    )
