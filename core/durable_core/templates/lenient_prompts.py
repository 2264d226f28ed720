"""Agent prompts: what uses a name that the context lacks, or a part of a value, stays as it is written.

People show template text to a model as an example, so an unknown name in a prompt is no mistake. The source
is cut into its text, outputs `{{ }}` and tags `{% %}`; the smallest piece that needs an unknown name or part
(an output, or a tag with all it encloses) is turned into a string literal of itself, and the rest is rendered
as usual.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from durable_core.frozen import frozen
from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.templates.names import free_names, inner_names, left_names
from durable_core.templates.sandbox import Sandbox
from durable_core.templates.shapes import Shape

_NEWLINE = re.compile(r"\r\n|\r|\n")
_ENCLOSING = frozenset({"block", "call", "filter", "for", "if", "macro", "with"})
_BRANCHES = frozenset({"elif", "else"})
_GIVEN_INSIDE = MappingProxyType(
    {"for": frozenset({"loop"}), "macro": frozenset({"caller", "kwargs", "varargs"})},
)


@frozen()
class _Piece:
    """A cut of the source: text (`kind` ""), an output ("output") or a tag (its keyword)."""

    kind: str
    text: str


def kept_as_written(
    source: str,
    known: Collection[str],
    shapes: Mapping[str, Shape] = FrozenDict(),
    *,
    sets: bool = True,
) -> str:
    """The template with every piece that needs a name not in `known` made literal.

    The same goes for pieces that look for a part that values of these `shapes` do not have. With `sets` what
    the template sets is known behind that; without, it is not, as nobody can say what parts it has.

    A template that does not parse has no free names, so it is returned as it is: compiling it says what is
    wrong. Below, every tag is therefore known to be closed, and every piece to parse.
    """
    if free_names(source) <= set(known) and not shapes:
        return source
    pieces = list(_pieces(_NEWLINE.sub("\n", source)))
    written, _ = _keep(pieces, 0, frozenset(known), shapes, sets)
    return written


def _keep(
    pieces: list[_Piece], start: int, known: frozenset[str], shapes: Mapping[str, Shape], sets: bool
) -> tuple[str, int]:
    """Rewrite from `start` to the end of the enclosing tag or of the source; also says where it stopped."""
    written: list[str] = []
    index = start
    while index < len(pieces):
        piece = pieces[index]
        if piece.kind.startswith("end"):
            break
        stop, inner = index + 1, piece.text
        whole = piece.text
        if piece.kind in _ENCLOSING:
            stop = _closing(pieces, index)
            whole = "".join(each.text for each in pieces[index:stop])
            inside = _GIVEN_INSIDE.get(piece.kind, frozenset())
            own = inner_names(whole) | inside
            body, _ = _keep(pieces, index + 1, known | own, _without(shapes, own), sets)
            inner = piece.text + body + pieces[stop - 1].text
        if piece.kind and piece.kind not in _BRANCHES:
            if free_names(inner) <= known and not (shapes and _lacks(inner, shapes)):
                made = left_names(whole)
                known, shapes = known | made if sets else known - made, _without(shapes, made)
            else:
                inner = _literal(whole)
        written.append(inner)
        index = stop
    return "".join(written), index


def _lacks(source: str, shapes: Mapping[str, Shape]) -> bool:
    """Whether the piece looks for what values of these shapes do not have."""
    from durable_core.templates.missing_parts import missing_parts  # noqa: PLC0415  # few prompts look in vain

    return bool(missing_parts(source, shapes, anywhere=True))


def _without(shapes: Mapping[str, Shape], names: Collection[str]) -> Mapping[str, Shape]:
    """The shapes of the others: what a template sets itself is not known."""
    return {name: shape for name, shape in shapes.items() if name not in names} if shapes else shapes


def _closing(pieces: list[_Piece], start: int) -> int:
    """The index just after the tag that closes the one at `start`."""
    index, depth = start, 1
    while depth:
        index += 1
        depth += (pieces[index].kind in _ENCLOSING) - pieces[index].kind.startswith("end")
    return index + 1


def _literal(text: str) -> str:
    """An output that writes `text`."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '{{ "' + escaped + '" }}'


def _pieces(source: str) -> Iterator[_Piece]:
    """The source cut up; joined again the pieces give it back, but for whitespace that a `-` takes away."""
    begin = {"variable_begin": "variable_end", "block_begin": "block_end", "comment_begin": "comment_end"}
    position, start, until, kind = 0, 0, "", ""
    assigns = False
    for _, token, value in Sandbox().lex(source):
        at = source.find(value, position)
        if not until:
            if at > position:
                yield _Piece("", source[position:at])
            if token not in begin:
                yield _Piece("", value)
            else:
                start, until, assigns = at, begin[token], False
                kind = "output" if token == "variable_begin" else ""
        elif until == "block_end" and token == "name" and not kind:
            kind = value
        elif token == "operator" and value == "=":
            assigns = True
        position = at + len(value)
        if token == until:
            yield _Piece("block" if kind == "set" and not assigns else kind, source[start:position])
            until = ""
