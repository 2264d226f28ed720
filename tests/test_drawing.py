"""Drawings: well-formed, the same each time, and safe for whatever stands in a spec."""

from __future__ import annotations

from xml.etree import ElementTree

from durable_core.drawing import COLOURS, LONGEST_LINE, Arrow, Box, mermaid, svg

SVG = "{http://www.w3.org/2000/svg}"


def corners(drawing: str) -> dict[str, tuple[float, float]]:
    """Upper left corner of each box, by its first line."""
    root = ElementTree.fromstring(drawing)
    found = {}
    for group in root.iter(f"{SVG}g"):
        rect, text = group.find(f"{SVG}rect"), group.find(f"{SVG}text")
        assert rect is not None
        assert text is not None
        found[text.text or ""] = (float(rect.attrib["x"]), float(rect.attrib["y"]))
    return found


def test_what_leads_to_a_box_stands_above_it() -> None:
    boxes = [Box(name, (name,)) for name in "abcd"]
    arrows = [Arrow("a", "b"), Arrow("b", "d"), Arrow("a", "c"), Arrow("c", "d")]
    at = corners(svg(boxes, arrows, "diamond"))
    assert at["a"][1] < at["b"][1] == at["c"][1] < at["d"][1]
    assert at["b"][0] != at["c"][0]


def test_a_loop_is_drawn_and_does_not_stretch_the_picture() -> None:
    boxes = [Box("a", ("a",)), Box("b", ("b",))]
    loop = [Arrow("a", "b"), Arrow("b", "a", "again"), Arrow("b", "b", "still")]
    drawing = svg(boxes, loop, "loop")
    at = corners(drawing)
    assert at["a"][1] < at["b"][1]
    assert "again" in drawing
    assert drawing.count("<path") == 1 + len(loop)  # the arrow head's own, and one an arrow


def test_hostile_text_stays_text() -> None:
    nasty = '</text><script>alert("1")</script>&\x07'
    drawing = svg([Box("a", (nasty,)), Box("b", ("b",))], [Arrow("a", "b", nasty)], nasty)
    assert "<script>" not in drawing
    assert ElementTree.fromstring(drawing).find(f"{SVG}script") is None
    chart = mermaid([Box("a", ('x"]; click a "javascript:1"',))], [])
    assert chart.count('"') == 2


def test_long_lines_are_cut() -> None:
    drawing = svg([Box("a", ("x" * 500,))], [], "t")
    assert "x" * LONGEST_LINE not in drawing
    assert "x" * (LONGEST_LINE - 1) + "\u2026" in drawing


def test_mermaid_names_boxes_by_number_and_keeps_labels_and_colours() -> None:
    chart = mermaid(
        [Box("a", ("one", "two"), "failed"), Box("b", ("b",))], [Arrow("a", "b", "if x"), Arrow("b", "a")]
    )
    assert chart.splitlines() == [
        "flowchart TD",
        '  n0["one<br>two"]:::failed',
        '  n1["b"]:::plain',
        '  n0 -->|"if x"| n1',
        "  n1 --> n0",
        f"  classDef failed fill:{COLOURS['failed'][0]},stroke:{COLOURS['failed'][1]},color:#1f2328",
        f"  classDef plain fill:{COLOURS['plain'][0]},stroke:{COLOURS['plain'][1]},color:#1f2328",
    ]


def test_no_boxes_are_a_picture_too() -> None:
    assert ElementTree.fromstring(svg([], [], "nothing")).tag == f"{SVG}svg"
