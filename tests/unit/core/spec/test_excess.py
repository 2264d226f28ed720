"""Reading a spec stops at what is too long or too wrong, and says so. Its memory: ``tests/bounds``."""

from __future__ import annotations

import pytest

from durable_core.spec.document import Format, read_document, read_partly
from durable_core.spec.problems import MAX_PROBLEMS, MAX_SENTENCE, MORE, Problem, at_most, located
from durable_core.spec.reading import MAX_KEY, Positions, SourcePlace


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_a_key_that_is_longer_than_any_name_is_refused_with_its_place(form: Format) -> None:
    text = '{"a":\n {"' + "k" * (MAX_KEY + 1) + '": 1}}'
    (problem,) = read_document(text, format=form).failure()
    assert problem.message == f"The key '{'k' * 40}...' has 501 characters; the most is 500."
    assert (problem.pointer, problem.line, problem.column) == ("/a", 2, 3)
    longest = '{"a":\n {"' + "k" * MAX_KEY + '": 1}}'
    assert read_document(longest, format=form).unwrap().place("/a/" + "k" * MAX_KEY) == (2, 3)


@pytest.mark.parametrize(("form", "comma"), [("json", ","), ("yaml", ", ")])
def test_reading_stops_when_very_much_is_wrong(form: Format, comma: str) -> None:
    twice = comma.join('"a": 1' for _ in range(3 * MAX_PROBLEMS))
    _, problems = read_partly("{" + twice + "}", form)
    assert len(problems) == MAX_PROBLEMS + 1
    assert problems[-1] == MORE
    halves = comma.join(r'"\u0000"' for _ in range(3 * MAX_PROBLEMS))
    _, problems = read_partly('{"a": [' + halves + "]}", form)
    assert len(problems) == MAX_PROBLEMS + 1
    assert {problem.line for problem in problems[:-1]} == {1}
    assert problems[-1] == MORE


def test_problems_that_were_found_twice_are_told_once_and_those_that_were_cut_stay_cut() -> None:
    many = [Problem(f"{number}") for number in range(MAX_PROBLEMS + 1)]
    assert at_most(iter(many)) == (*many[:-1], MORE)
    assert at_most(many[:-1]) == tuple(many[:-1])
    assert at_most((many[0], MORE, many[1])) == (many[0], MORE)
    read = read_document("a: 1\nb: 2\n", format="yaml").unwrap()
    assert [problem.line for problem in located((Problem("b", "/b"), Problem("a", "/a"), MORE), read)] == [
        1,
        2,
        None,
    ]


def test_a_text_without_an_end_is_looked_through_once() -> None:
    _, (problem,) = read_partly('{"a": "' + '\\"' * 500_000, "json")  # once from each quote took hours
    assert problem.message.startswith("The file is not valid JSON: unterminated string")


def test_a_message_is_cut_in_its_middle() -> None:
    problem = Problem("begin" + "x" * 5_000 + "end", hint="y" * 5_000)
    assert problem.message.startswith("begin")
    assert problem.message.endswith("end")
    assert len(problem.message) <= MAX_SENTENCE
    assert len(problem.hint or "") <= MAX_SENTENCE
    assert Problem("short", hint="too").message == "short"


def test_positions_are_found_by_pointer_and_go_from_the_first_to_the_last() -> None:
    root = SourcePlace()
    first = root.add("a", (1, 2))
    first.add("0", (2, 3))
    root.add("b/c", (3, 4))
    root.add("a", (9, 9))  # a key that is there twice stands where it was first
    positions = Positions(root)
    assert dict(positions) == {"/a": (1, 2), "/a/0": (2, 3), "/b~1c": (3, 4)}
    assert list(positions) == ["/a", "/a/0", "/b~1c"]
    assert len(positions) == 3
    for missing in ("", "/x", "/x/y/z", "/a/0/1", "/b~1c/x"):
        assert missing not in positions
