"""Laws of drawings: whatever is drawn, nothing covers anything else and nothing is cut off."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from durable_core.drawing import Arrow, Box, Picture, svg
from durable_core.drawing.layout import Layout, Point, Size, lay_out

Rect = tuple[float, float, float, float]
"""Left, top, right, bottom."""

Drawn = tuple[Picture, dict[str, Size], list[Size], dict[str, float]]
"""A picture, the sizes in pixels of its boxes and of the words at its arrows, and the room beside boxes."""

NEAR = 1e-6


@st.composite
def pictures(draw: st.DrawFn) -> Drawn:
    """Up to eight boxes with any arrows between them, loops and several between the same two among them, with
    the sizes in pixels of boxes and words, and the room beside boxes."""
    names = "abcdefgh"[: draw(st.integers(1, 8))]
    pairs = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=14))
    arrows = tuple(Arrow(source, target) for source, target in pairs)
    sizes = st.tuples(st.floats(10, 200), st.floats(10, 80))
    boxes = {name: draw(sizes) for name in names}
    words = [draw(st.one_of(st.just((0.0, 0.0)), sizes)) for _ in arrows]
    rooms = {arrow.source: 50.0 for arrow in arrows if arrow.source == arrow.target}
    return Picture("t", tuple(Box(name, (name,)) for name in names), arrows), boxes, words, rooms


def around(at: Point, size: Size) -> Rect:
    return at[0] - size[0] / 2, at[1] - size[1] / 2, at[0] + size[0] / 2, at[1] + size[1] / 2


def overlap(one: Rect, other: Rect) -> bool:
    """Whether two rectangles share more than an edge. A line is a rectangle without width."""
    return (
        one[0] < other[2] - NEAR
        and other[0] < one[2] - NEAR
        and one[1] < other[3] - NEAR
        and other[1] < one[3] - NEAR
    )


def things(
    layout: Layout, boxes: dict[str, Size], words: list[Size], rooms: dict[str, float]
) -> dict[str, Rect]:
    """What may not be covered: boxes with the room beside them, and words by their arrow's number."""
    found = {}
    for name, (left, top, right, bottom) in (
        (name, around(layout.boxes[name], boxes[name])) for name in boxes
    ):
        found[name] = (left, top, right + rooms.get(name, 0.0), bottom)
    for number, way in enumerate(layout.courses):
        if way is not None and words[number] != (0.0, 0.0):
            found[str(number)] = around(way.words, words[number])
    return found


@given(pictures())
def test_no_box_and_no_words_cover_another_and_all_are_inside(drawn: Drawn) -> None:
    _, boxes, words, rooms = drawn
    layout = lay_out(*drawn)
    found = things(layout, boxes, words, rooms)
    for one, other in combinations(found.values(), 2):
        assert not overlap(one, other)
    for left, top, right, bottom in found.values():
        assert left >= -NEAR
        assert top >= -NEAR
        assert right <= layout.size[0] + NEAR
        assert bottom <= layout.size[1] + NEAR


@given(pictures())
def test_an_arrow_touches_no_box_and_no_words_but_its_own(drawn: Drawn) -> None:
    _, boxes, words, rooms = drawn
    layout = lay_out(*drawn)
    found = things(layout, boxes, words, rooms)
    for number, way in enumerate(layout.courses):
        if way is None:
            continue
        for (x, y), (next_x, next_y) in pairwise(way.points):
            # a curve between two points stays within their corners: its control points do
            line = (min(x, next_x) - 0.01, min(y, next_y), max(x, next_x) + 0.01, max(y, next_y))
            for name, thing in found.items():
                assert name == str(number) or not overlap(line, thing)


@given(pictures())
def test_an_arrow_begins_at_its_source_and_ends_at_its_target(drawn: Drawn) -> None:
    picture, boxes, *_ = drawn
    layout = lay_out(*drawn)
    for arrow, way in zip(picture.arrows, layout.courses, strict=True):
        assert (way is None) == (arrow.source == arrow.target)
        if way is not None:
            for (x, y), name in ((way.points[0], arrow.source), (way.points[-1], arrow.target)):
                left, top, right, bottom = around(layout.boxes[name], boxes[name])
                assert left <= x <= right
                assert min(abs(y - top), abs(y - bottom)) < NEAR


@given(pictures())
def test_the_same_picture_is_drawn_the_same(drawn: Drawn) -> None:
    picture = drawn[0]
    again = Picture(picture.title, tuple(picture.boxes), tuple(picture.arrows))
    assert svg(picture) == svg(again)
