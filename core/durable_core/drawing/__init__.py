"""Drawings of small directed graphs, as SVG or as a Mermaid flowchart, from the same description.

A picture is boxes and arrows. Nothing is random, so the same picture is always drawn in the same way; no box,
arrow or word covers another; and text from a spec is text in a drawing, whatever it holds.
"""

from durable_core.drawing.colours import COLOURS
from durable_core.drawing.flowchart import flowchart
from durable_core.drawing.pictures import Arrow, Box, BoxKind, Picture
from durable_core.drawing.svg import svg

__all__ = ["Arrow", "Box", "COLOURS", "BoxKind", "Picture", "flowchart", "svg"]
