"""Drawings: well-formed, nothing over anything else, and safe for whatever stands in a spec."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

from durable_core.drawing import COLOURS, Arrow, Box, BoxKind, Picture, flowchart, svg
from durable_core.drawing.across import GAP
from durable_core.drawing.layout import Layout, lay_out
from durable_core.drawing.lettering import LONGEST_LINE, LONGEST_TITLE, width
from durable_core.drawing.ranks import ranked, sweeps

SVG = "{http://www.w3.org/2000/svg}"
WORDS = (40.0, 14.0)
BOX = (60.0, 30.0)


def picture(*arrows: str) -> Picture:
    """A picture from arrows such as ``a b`` or, with words, ``a b words``."""
    split = [arrow.split() for arrow in arrows]
    drawn = tuple(Arrow(source, target, tuple(words)) for source, target, *words in split)
    names = dict.fromkeys(name for arrow in drawn for name in (arrow.source, arrow.target))
    return Picture("a picture", tuple(Box(name, (name,)) for name in names), drawn)


def laid_out(drawn: Picture) -> Layout:
    words = [WORDS if arrow.lines else (0.0, 0.0) for arrow in drawn.arrows]
    return lay_out(drawn, {box.name: BOX for box in drawn.boxes}, words, {})


def corners(drawing: str) -> dict[str, tuple[float, float]]:
    """Upper left corner of each box, by its first line."""
    found = {}
    for group in ElementTree.fromstring(drawing).iter(f"{SVG}g"):
        rect, text = group.find(f"{SVG}rect"), group.find(f"{SVG}text")
        if "transform" not in group.attrib:
            assert rect is not None
            assert text is not None
            found[text.text or ""] = (float(rect.attrib["x"]), float(rect.attrib["y"]))
    return found


def arrows_in(drawing: str) -> int:
    return drawing.count('marker-end="url(#tip)"')


# --- where things stand ---------------------------------------------------------------------------------


def test_what_leads_to_a_box_stands_above_it() -> None:
    at = corners(svg(picture("a b", "b d", "a c", "c d")))
    assert at["a"][1] < at["b"][1] == at["c"][1] < at["d"][1]
    assert at["b"][0] != at["c"][0]


@pytest.mark.parametrize(
    "arrows",
    [
        ("a b", "b c"),
        ("a b x", "a c y", "b d", "c d"),
        ("a b", "b a again"),
        ("a b", "b c", "a c far", "c a back"),
        ("a a self", "a b"),
        ("a b", "a c", "a d", "b e", "c e", "d e", "a e long"),
    ],
    ids=" ".join,
)
def test_boxes_keep_their_distance(arrows: tuple[str, ...]) -> None:
    layout = laid_out(picture(*arrows))
    places = list(layout.boxes.values())
    for (x, y), (other_x, other_y) in combinations(places, 2):
        assert abs(other_x - x) >= 60 + GAP - 1e-6 or abs(other_y - y) >= 30
    for x, y in places:
        assert x - 30 + 1e-6 >= 0
        assert x + 30 <= layout.size[0] + 1e-6
        assert 15 - 1e-6 <= y <= layout.size[1] - 15 + 1e-6


def test_an_arrow_goes_from_its_source_to_its_target() -> None:
    drawn = picture("a b", "b c", "c a back")
    layout = laid_out(drawn)
    for arrow, way in zip(drawn.arrows, layout.courses, strict=True):
        assert way is not None
        for end, name in ((way.points[0], arrow.source), (way.points[-1], arrow.target)):
            x, y = layout.boxes[name]
            assert abs(end[0] - x) <= 30
            assert abs(end[1] - y) == 15


def test_a_long_arrow_is_straight_where_it_has_room() -> None:
    layout = laid_out(picture("a b", "b c", "c d", "d e", "a e far"))
    way = layout.courses[4]
    assert way is not None
    assert len({round(x, 3) for x, _ in way.points[2:-2]}) == 1


def test_the_order_within_ranks_is_that_with_the_fewest_crossings() -> None:
    boxes = tuple(Box(name, (name,)) for name in "abcxyz")
    ranks = ranked(Picture("t", boxes, (Arrow("a", "z"), Arrow("b", "y"), Arrow("c", "x"))))
    assert [name for name, _ in ranks.rows[0]] == ["a", "b", "c"]
    assert [name for name, _ in ranks.rows[2]] == ["z", "y", "x"]


def test_crossings_that_no_order_undoes_leave_the_boxes_as_they_were_told() -> None:
    boxes = tuple(Box(name, (name,)) for name in "abxy")
    arrows = tuple(Arrow(source, target) for source in "ab" for target in "xy")
    ranks = ranked(Picture("t", boxes, arrows))
    assert [name for name, _ in ranks.rows[0]] == ["a", "b"]
    assert [name for name, _ in ranks.rows[2]] == ["x", "y"]


def test_a_box_apart_stands_beside_the_others() -> None:
    boxes = tuple(Box(name, (name,)) for name in "abcd")
    layout = laid_out(Picture("t", boxes, (Arrow("a", "b"),)))
    assert layout.boxes["c"][0] - layout.boxes["a"][0] == pytest.approx(60 + GAP)
    assert layout.boxes["d"][0] - layout.boxes["c"][0] == pytest.approx(60 + GAP)
    assert layout.boxes["a"][0] == pytest.approx(layout.boxes["b"][0])


def test_a_chain_of_thousands_is_laid_out() -> None:
    layout = laid_out(picture(*(f"s{index} s{index + 1}" for index in range(3000))))
    assert {round(x, 6) for x, _ in layout.boxes.values()} == {30.0}


def test_a_picture_too_large_to_be_looked_at_gets_fewer_sweeps() -> None:
    row = [("a", -1)] * 100
    assert [sweeps(24, [row] * count) for count in (0, 10, 100, 100_000)] == [24, 24, 10, 2]


def test_an_arrow_to_the_same_box_has_no_way() -> None:
    assert laid_out(picture("a a", "a b")).courses[0] is None


# --- what is drawn --------------------------------------------------------------------------------------


def test_a_loop_is_drawn_and_does_not_stretch_the_picture() -> None:
    drawing = svg(picture("a b", "b a again", "b b still"))
    at = corners(drawing)
    assert at["a"][1] < at["b"][1]
    assert ">again<" in drawing
    assert ">still<" in drawing
    assert arrows_in(drawing) == 3


def test_words_at_an_arrow_to_the_same_box_have_room_beside_it() -> None:
    plain, talking = (
        picture("a b", "a c", "b b"),
        picture("a b", "a c", "b b why", "b b not", "b b so", "b b then"),
    )
    assert (
        arrows_in(svg(talking)) == arrows_in(svg(plain)) == 3
    )  # arrows to the same box are one, with all words

    def apart(drawn: Picture) -> float:
        at = corners(svg(drawn))
        return at["c"][0] - at["b"][0]

    assert apart(talking) >= apart(plain) + width("then", 11)


def test_an_arrow_ends_upright_on_its_box() -> None:
    drawing = svg(picture("a b", "a c"))
    courses = [path.attrib["d"] for path in ElementTree.fromstring(drawing).iter(f"{SVG}path")][1:]
    for course in courses:
        x, end = course.rpartition("L")[2].split()
        before_x, before = course.rpartition("L")[0].split()[-2:]
        assert x == before_x
        assert float(end) - float(before) == pytest.approx(9, abs=0.11)


def test_a_start_is_a_dot_and_every_kind_has_its_colours() -> None:
    kinds: list[BoxKind] = [
        "open",
        "waiting",
        "finished",
        "failed",
        "plain",
        "pending",
        "running",
        "completed",
    ]
    drawing = svg(Picture("t", (Box("s", (), "start"), *(Box(kind, (kind,), kind) for kind in kinds)), ()))
    assert drawing.count("<circle") == 1
    for kind in kinds:
        fill, line = COLOURS[kind]
        assert f'fill="{fill}" stroke="{line}"' in drawing


@pytest.mark.parametrize("arrows", [("a a", "b a", "b c else"), ("a b", "a c else", "b b")])
def test_no_number_is_written_as_minus_nought(arrows: tuple[str, ...]) -> None:
    # in these pictures something is centred at a place that rounds to nought from below
    assert re.findall(r"-0\.0\b", svg(picture(*arrows))) == []


def test_hostile_text_stays_text() -> None:
    nasty = '</text><script>alert("1")</script>&\x07\ud800\u202e'
    drawing = svg(Picture(nasty, (Box("a", (nasty,)), Box("b", ("b",))), (Arrow("a", "b", (nasty,)),)))
    assert "<script>" not in drawing
    assert ElementTree.fromstring(drawing).find(f".//{SVG}script") is None
    drawing.encode()
    chart = flowchart(Picture("t", (Box("a", ('x"]; click a "javascript:1"',)),), ()))
    assert chart.count('"') == 2


def test_long_lines_are_cut() -> None:
    drawing = svg(Picture("y" * 500, (Box("a", ("x" * 500,)),), ()))
    assert "x" * LONGEST_LINE not in drawing
    assert "x" * (LONGEST_LINE - 1) + "\u2026" in drawing
    assert "y" * LONGEST_TITLE not in drawing
    assert "y" * (LONGEST_TITLE - 1) + "\u2026" in drawing


def test_wide_letters_get_wide_boxes() -> None:
    assert width("iii", 10) < width("nnn", 10) < width("NNN", 10) < width("WWW", 10) < width("漢漢漢", 10)


def test_a_box_without_lines_and_a_picture_without_boxes_are_drawn_too() -> None:
    for boxes in ((), (Box("a", ()),)):
        assert ElementTree.fromstring(svg(Picture("nothing", boxes, ()))).tag == f"{SVG}svg"


def test_mermaid_names_boxes_by_number_and_keeps_words_and_colours() -> None:
    boxes = (Box("a", ("one", "two"), "failed"), Box("b", ("b",)))
    chart = flowchart(Picture("t", boxes, (Arrow("a", "b", ("if x",)), Arrow("b", "a"))))
    assert chart.splitlines() == [
        "flowchart TD",
        '  n0["one<br>two"]:::failed',
        '  n1["b"]:::plain',
        '  n0 -->|"if x"| n1',
        "  n1 --> n0",
        f"  classDef failed fill:{COLOURS['failed'][0]},stroke:{COLOURS['failed'][1]},color:#1f2328",
        f"  classDef plain fill:{COLOURS['plain'][0]},stroke:{COLOURS['plain'][1]},color:#1f2328",
    ]
