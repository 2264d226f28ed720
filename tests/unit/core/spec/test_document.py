"""Reading: what a spec file may be at all, before anybody asks what its keys mean."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from returns.result import Failure, Success

from durable_core.spec import yaml_reader
from durable_core.spec.document import Document, Format, decode_bytes, read_document
from durable_core.spec.problems import Problem
from durable_core.spec.reading import MAX_BYTES


def failure(text: str, form: Format = "yaml") -> tuple[Problem, ...]:
    match read_document(text, format=form):
        case Failure(problems):
            return problems
    return ()


def success(text: str, form: Format = "yaml") -> Document:
    match read_document(text, format=form):
        case Success(document):
            return document
        case Failure(problems):
            raise AssertionError(problems)
    raise AssertionError("neither")


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("", "The file is empty", 1, 1),
        ("# only a comment\n", "The file is empty", 1, 1),
        ("---\n", "The file is empty", 1, 1),
        ("- a\n- b\n", "holds a list", 1, 1),
        ("just words", "holds a single value", 1, 1),
        ("a:\n\tb: 1\n", "not valid YAML", 2, 1),
        ("a: b: c\n", "not valid YAML", 1, 5),
        ("a: 'never closed\n", "not valid YAML", 2, 1),
        ("a: [1, 2\n", "not valid YAML", 2, 1),
        ("a: @b\n", "not valid YAML", 1, 4),
        ("a: [?b]\n", "A text that begins with ? needs quotes", 1, 5),
        ("a: {x, ?'b': 1}\n", "A text that begins with ? needs quotes", 1, 8),
        ("a: b\u2028 c\nd: 1: 2\n", "not valid YAML", 2, 5),
        ("a: *nobody\n", "The alias *nobody has no anchor &nobody", 1, 4),
        ("a: &a [1, *a]\n", "The alias *a stands inside the value", 1, 11),
        (BOMB, "more than 100,000 values", 5, 36),
        ("a: &m {k: v}\nb:\n" + "  - <<: *m\n" * 40_000, "more than 100,000 values", 20_001, 9),
        ("a: " + "[" * 200, "more than 100 levels deep", 1, 103),
        pytest.param("a: " + "[" * 1_000_000, "more than 100 levels deep", 1, 103, id="a million brackets"),
        pytest.param(
            "[" + "0, " * 1_000_000 + "0]", "more than 100,000 values", 1, 299_999, id="a million 0s"
        ),
        (
            "a: &a " + "[" * 60 + "]" * 60 + "\nb: " + "[" * 60 + "*a" + "]" * 60,
            "more than 100 levels",
            2,
            64,
        ),
        ("a: !!python/object/apply:os.system [ls]\n", "The YAML tag !!python/object/apply:os.system", 1, 4),
        ("a: !mine x\n", "The YAML tag !mine", 1, 4),
        ("a: !!str 1\n", "The YAML tag !!str", 1, 4),
        ("a: 1\nb: 2\na: 3\n", "The key 'a' is there twice; it was first given in line 1", 3, 1),
        ("true: 1\n", "The key true is read as a boolean", 1, 1),
        ("1: a\n", "The key 1 is read as a number", 1, 1),
        ("~: a\n", "The key ~ is read as nothing", 1, 1),
        ("?\n: a\n", "A key is missing", 1, 2),
        ("? [a, b]\n: c\n", "A list or a mapping cannot be a key", 1, 3),
        ("a: {{ topic }}\n", "A list or a mapping cannot be a key", 1, 5),
        ("a: .nan\n", "is not a number that can be stored", 1, 4),
        ("a: -.inf\n", "is not a number that can be stored", 1, 4),
        ("a: 1e999\n", "'1e999' is not a number that can be stored", 1, 4),
        ("a: " + "9" * 500 + "\n", "The number has 500 characters", 1, 4),
        ("a: 0x" + "f" * 500 + "\n", "The number has 502 characters", 1, 4),
        ("a: 1\n---\nb: 2\n", "more than one YAML document", 2, 1),
        ("a: 1\nb: x\x07y\n", "the character U+0007", 2, 5),
        ("a: x\ud800y\n", "the character U+D800", 1, 5),
        ('a:\n  - "x\\0y"\n', "The text holds U+0000", 2, 5),
        ('"a\\0": x\n', "The text holds U+0000", 1, 1),
        ("a: 1\n<<: 2\n", "'<<' takes over a mapping", 2, 1),
        ("a: 1\n<<: [2]\n", "'<<' takes over a mapping", 2, 1),
    ],
)
def test_a_yaml_file_that_cannot_be_taken_says_where_and_why(
    text: str, message: str, line: int, column: int
) -> None:
    problem = failure(text)[0]
    assert message in problem.message
    assert (problem.line, problem.column) == (line, column)
    assert problem.kind == "invalid"
    assert problem.hint


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("", "The file is empty", 1, 1),
        (" \n", "The file is empty", 1, 1),
        ("[1]", "holds a list", 1, 1),
        ('"a"', "holds a single value", 1, 1),
        ('{"a": 1 "b": 2}', "not valid JSON", 1, 9),
        ('{"a": 1} {}', "not valid JSON", 1, 10),
        ('{"a": "x\ny"}', "not valid JSON", 1, 9),
        ('{"a": tru}', "not valid JSON", 1, 7),
        ('{"a": "unclosed', "not valid JSON", 1, 7),
        ('{"a": 1,\n "a": 2}', "The key 'a' is there twice", 2, 2),
        ('{"a": [NaN]}', "'NaN' is not a number", 1, 8),
        ('{"a": {"b": -Infinity}}', "'-Infinity' is not a number", 1, 13),
        ('{"a": 1e999}', "'1e999' is not a number", 1, 7),
        ('{"a": ' + "9" * 500 + "}", "The number has 500 characters", 1, 7),
        ('{"a": ' + "[" * 5000, "more than 100 levels deep", 1, 106),
        ("[" + "1," * 200_001, "more than 100,000 values", 1, 400_000),
        ('{"a": "\\ud800"}', "The text holds U+D800", 1, 2),
        ('{"a": ["\\u0000"]}', "The text holds U+0000", 1, 8),
    ],
)
def test_a_json_file_that_cannot_be_taken_says_where_and_why(
    text: str, message: str, line: int, column: int
) -> None:
    problem = failure(text, "json")[0]
    assert message in problem.message
    assert (problem.line, problem.column) == (line, column)
    assert problem.hint


def test_one_key_given_twice_is_one_problem_whatever_stands_inside() -> None:
    assert len(failure('{"a": {"x": 1}, "a": {"x": 2}}', "json")) == 1
    assert len(failure("a: {x: 1}\na: {x: 2}\n")) == 1


def test_all_problems_that_reading_can_go_on_after_are_told_at_once() -> None:
    problems = failure("TRUE: 1\na: !!int 3\nb: .inf\nb: 4\n")
    assert [problem.line for problem in problems] == [1, 2, 3, 4]


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_eleven_megabytes_are_refused_without_being_read(form: Format) -> None:
    problem = failure("a" * (11 * 1024 * 1024), form)[0]
    assert "the most is 10,485,760 bytes" in problem.message


def test_size_counts_bytes_and_not_characters() -> None:
    assert "too big" in failure("# " + "ä" * (MAX_BYTES // 2))[0].message
    assert "empty" in failure("# " + "ä" * (MAX_BYTES // 4))[0].message


PLAIN_WORDS: list[tuple[str, object]] = [
    ("~", None),
    ("Null", None),
    ("nULL", "nULL"),
    ("true", True),
    ("FALSE", False),
    ("tRue", "tRue"),
    ("yes", "yes"),
    ("No", "No"),
    ("on", "on"),
    ("OFF", "OFF"),
    ("y", "y"),
    ("0", 0),
    ("-0", 0),
    ("+12", 12),
    ("010", 10),
    ("-010", -10),
    ("0o10", 8),
    ("-0o10", "-0o10"),
    ("0o8", "0o8"),
    ("0x1F", 31),
    ("0X1F", "0X1F"),
    ("-0x10", "-0x10"),
    ("0x_", "0x_"),
    ("0b11", "0b11"),
    ("1_000", "1_000"),
    ("1.5", 1.5),
    ("1.", 1.0),
    ("+.5", 0.5),
    (".", "."),
    ("1e3", 1000.0),
    ("1E-3", 0.001),
    ("01.50", 1.5),
    ("1.5.2", "1.5.2"),
    (".5e", ".5e"),
    (".inF", ".inF"),
    ("+.nan", "+.nan"),
    ("2026-11-22", "2026-11-22"),
    ("10:30", "10:30"),
    ("10:30.5", "10:30.5"),
    ("=", "="),
    ("text", "text"),
    ("'1'", "1"),
    ('"true"', "true"),
    ("''", ""),
    ("", None),
]


@pytest.mark.parametrize(("written", "meant"), PLAIN_WORDS)
def test_a_plain_word_means_what_yaml_1_2_says(written: str, meant: object) -> None:
    value = success(f"a: {written}\n").data["a"]
    assert value == meant
    assert type(value) is type(meant)


def test_a_key_that_older_yaml_took_for_a_boolean_is_text() -> None:
    assert success("no: 1\non: 2\nYES: 3\n").data == {"no": 1, "on": 2, "YES": 3}


@pytest.mark.parametrize("sign", ["\x85", "\u2028", "\u2029"])
def test_a_sign_that_only_older_yaml_takes_for_the_end_of_a_line_is_text(sign: str) -> None:
    document = success(f"a: x{sign}b\nc: &y |\n  1{sign}2\nd: *y\ne: 2\n")
    assert document.data == {"a": f"x{sign}b", "c": f"1{sign}2\n", "d": f"1{sign}2\n", "e": 2}
    assert document.place("/e") == (5, 1)


def test_what_stands_for_such_a_sign_while_reading_is_taken_for_no_sign_of_the_text() -> None:
    assert success('a: "\\ue000 \ue001 \\U0000e002 \u2028"\n').data["a"] == "\ue000 \ue001 \ue002 \u2028"


def test_a_question_mark_before_a_space_is_a_key_and_within_a_text_a_sign() -> None:
    assert success("? a\nb: [x?y, ? c, z?]\n").data == {"a": None, "b": ("x?y", {"c": None}, "z?")}


def test_aliases_and_merge_keys_are_written_out() -> None:
    document = success("base: &b {x: 1, y: 2}\nc:\n  <<: *b\n  x: 3\nd:\n  <<: [*b, {x: 9, z: 1}]\ne: [*b]\n")
    assert document.data == {
        "base": {"x": 1, "y": 2},
        "c": {"x": 3, "y": 2},
        "d": {"x": 1, "y": 2, "z": 1},
        "e": ({"x": 1, "y": 2},),
    }


def test_an_anchor_may_be_set_anew_and_an_alias_stands_where_it_is_written() -> None:
    document = success("a: &x 1\nb: &x 2\nc:\n  - *x\n")
    assert document.data == {"a": 1, "b": 2, "c": (2,)}
    assert document.positions["/c/0"] == (4, 5)


def test_a_key_can_be_an_alias_of_text() -> None:
    assert success("a: &k name\n*k : 1\n").data == {"a": "name", "name": 1}


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("a:\n  b/c: 1\n  d:\n    - x\n    - e~: 2\n", "yaml"),
        ('{"a":\n  {"b/c": 1,\n "d": ["x",\n {"e~": 2}]}}', "json"),
    ],
)
def test_every_key_and_item_has_its_position(text: str, form: Format) -> None:
    document = success(text, form)
    assert set(document.positions) == {"/a", "/a/b~1c", "/a/d", "/a/d/0", "/a/d/1", "/a/d/1/e~0"}
    lines = text.splitlines()
    line, column = document.place("/a/d/1/e~0")
    assert lines[line - 1][column - 1 :].lstrip('"').startswith("e~")


def test_what_the_file_does_not_spell_out_has_the_position_of_what_is_around_it() -> None:
    document = success("a: &x {b: 1}\nc: *x\n")
    assert document.place("/c/b") == (2, 1)
    assert document.place("/nowhere") == (1, 1)
    assert document.place("") == (1, 1)


def test_bytes_are_text_or_the_place_that_is_none() -> None:
    assert decode_bytes("ä".encode("utf-8-sig")).unwrap() == "ä"
    [problem] = decode_bytes(b"a: 1\nb: \xff").failure()
    assert (problem.line, problem.column) == (2, 4)
    assert "byte 9 is 0xff" in problem.message


def test_too_many_bytes_are_refused() -> None:
    [problem] = decode_bytes(b"x" * (MAX_BYTES + 1)).failure()
    assert "too big" in problem.message


def test_the_parser_written_in_python_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: &x [1, 'two', {b: yes}]\nc: *x\n'd e': |\n  text\n"
    fast = success(text)
    monkeypatch.setattr(yaml_reader, "_LOADER", yaml.SafeLoader)
    slow = success(text)
    assert (slow.data, slow.positions) == (fast.data, fast.positions)
    assert failure('a: "\\ud800"\n')[0].message == "The text holds U+D800, which cannot be written down."
    assert failure("a:\n\tb: 1\n")[0].hint == "YAML is indented with spaces, not with tabs."


@pytest.mark.parametrize(
    ("error", "line"), [(yaml.YAMLError("odd"), None), (yaml.MarkedYAMLError(problem="odd"), None)]
)
def test_a_parser_error_without_a_mark_is_still_a_problem(
    monkeypatch: pytest.MonkeyPatch, error: Exception, line: int | None
) -> None:
    def parse(*_: Any, **__: Any) -> Any:
        raise error
        yield

    monkeypatch.setattr(yaml_reader.yaml, "parse", parse)
    [problem] = failure("a: 1")
    assert (problem.message, problem.line) == ("The file is not valid YAML: odd.", line)


def test_how_numbers_and_booleans_were_written_is_kept_where_json_writes_another_way() -> None:
    document = success("a: [010, 1.50, TRUE, 7, true, 1.5, x]\nb: &z 0x10\n")
    assert document.written == {"/a/0": "010", "/a/1": "1.50", "/a/2": "TRUE", "/b": "0x10"}
    assert document.is_padded
    assert not success("a: [1.50, TRUE, 0x10]\n").is_padded


def test_digits_stay_where_a_number_with_leading_zeros_is_due_as_text() -> None:
    document = success("a: {b: &b [01, 1, 02]}\nc: 03\nd: *b\n")
    changed = document.as_text(["/a/b/0", "/a/b/1", "/c", "/d/0"])  # an alias has no digits of its own
    assert changed.data == {"a": {"b": ("01", 1, 2)}, "c": "03", "d": (1, 1, 2)}
    assert document.as_text(["/nowhere"]) is document
