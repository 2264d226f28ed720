"""Values for templates to look at: the kinds of views that a session gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType


class Row(Mapping[str, object]):
    """A mapping that is no dict, such as the session's views of its units."""

    def __init__(self, **fields: object) -> None:
        self._fields = fields

    def __getitem__(self, key: str) -> object:
        return self._fields[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


class Rows(Sequence[object]):
    """A sequence that is no list, and does not slice."""

    def __init__(self, *rows: object) -> None:
        self._rows = rows

    def __getitem__(self, index: int) -> object:  # type: ignore[override]  # what is under test
        return self._rows[index + 0]

    def __len__(self) -> int:
        return len(self._rows)


CONTEXT: dict[str, object] = {
    "steps": Rows(Row(index=0, response="one", agent="a"), Row(index=1, response="two", agent="b")),
    "tasks": MappingProxyType({"draft": Row(response="D", status="ok"), "values": Row(response="V")}),
    "branches": Row(web={"response": "W"}, docs={"response": "X"}),
    "names": ["Ada", "Bob"],
    "text": "Score: 85\nverdict: ok",
    "n": 3,
    "empty": "",
    "nothing": None,
    "city": "Zürich",
}
