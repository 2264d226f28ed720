"""Parts of values: what looks for one that will not be there is refused before anything is paid for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.folders import sessions
from tests.support.program import Ran, run

REPORT = """\
version: 0
name: report
runtime: {provider: echo}
inputs: {optional: {topic: {type: string, default: tides}, book: {type: object, default: {title: Tides}}}}
agents: {writer: {prompt: You write.}}
pattern:
  type: chain
  config:
    steps:
      - {agent: writer, input: 'echo: {"title": "Tides"}'}
      - {agent: writer, input: 'echo: TEXT'}
"""
TEXT = "Text has no fields, whatever an agent wrote; regex_search takes a part of it."


def strands(home: Path, text: str, *argv: str) -> Ran:
    (home / "report.yaml").write_text(REPORT.replace("TEXT", text))
    (home / "film.yaml").write_text("book: {director: Ann}\n")
    return run(*argv, home=home, cwd=home)


@pytest.mark.parametrize("command", ["validate", "plan", "run"])
@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("{{ steps[0].response.title }}", "'title' in steps[0].response, which is text", TEXT),
        ("{{ last_response.score }}", "'score' in last_response, which is text", TEXT),
        ("{{ topic.titel }}", "'titel' in topic, which is text", TEXT),
        (
            "{{ steps[0].respnse }}",
            "'respnse' in steps[0], which does not have it",
            "Did you mean 'response'?",
        ),
        ("{{ steps[1].response }}", "item 1 of steps, which has 1", "Items are counted from 0."),
        ("{% if topic == ''x'' %}{{ topic.x }}{% endif %}", "'x' in topic, which is text", TEXT),
    ],
)
def test_what_a_value_will_not_have_is_refused(
    text: str, what: str, hint: str, command: str, tmp_path: Path
) -> None:
    ran = strands(tmp_path, text, command, "report.yaml")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert (
        f"line 11, column 25, /pattern/config/steps/1/input: pattern.config.steps[1].input looks for {what}."
        in ran.stderr
    )
    assert hint in ran.stderr
    assert "Traceback" not in ran.stderr
    assert sessions(tmp_path) == []


@pytest.mark.parametrize("command", ["validate", "run"])
def test_what_is_given_is_known_and_refused_as_it_is(command: str, tmp_path: Path) -> None:
    ran = strands(tmp_path, "{{ book.title }}", command, "report.yaml", "--var-file", "film.yaml")
    assert ran.returncode == 3
    assert "looks for 'title' in book, which does not have it." in ran.stderr
    assert "It has 'director'." in ran.stderr


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("{{ steps[0].response }}", '{"title": "Tides"}'),
        ("{{ topic.title() }}", "Tides"),
        ("{{ steps[0].response | regex_search(''\"title\": \"(.*?)\"'') }}", "Tides"),
        ("{{ steps[0].response.title | default(''none'') }}", "none"),
        ("{% if steps[0].response.title is defined %}x{% else %}y{% endif %}", "y"),
        ("{% if ''title'' in book %}{{ book.title }}{% else %}{{ book.director }}{% endif %}", "Tides"),
        ("{% if steps|length > 3 %}{{ steps[3].response }}{% endif %}z", "z"),
        ("{% for step in steps %}{{ step.type | default(''agent'') }}{% endfor %}", "agent"),
    ],
)
def test_what_may_be_there_is_not_refused(text: str, answer: str, tmp_path: Path) -> None:
    for command in ("validate", "plan"):
        assert strands(tmp_path, text, command, "report.yaml").returncode == 0
    ran = strands(tmp_path, text, "run", "report.yaml")
    assert (ran.returncode, ran.stdout) == (0, f"{answer}\n")


def test_a_file_that_fits_one_thing_or_another_runs_with_each(tmp_path: Path) -> None:
    text = "{% if ''title'' in book %}{{ book.title }}{% else %}{{ book.director }}{% endif %}"
    film = strands(tmp_path, text, "run", "report.yaml", "--var-file", "film.yaml")
    assert (film.returncode, film.stdout) == (0, "Ann\n")


def test_in_a_prompt_it_is_sent_as_written_and_told(tmp_path: Path) -> None:
    (tmp_path / "report.yaml").write_text(
        REPORT.replace("You write.", "'Like {{ topic.titel }}.'").replace("TEXT", "x")
    )
    for command in ("validate", "plan", "run"):
        ran = run(command, "report.yaml", home=tmp_path, cwd=tmp_path)
        assert ran.returncode == 0
        assert (
            "⚠ Warning: report.yaml, line 5, column 19: agents.writer.prompt looks for 'titel'" in ran.stderr
        )
        assert "the model is sent it as written." in ran.stderr
