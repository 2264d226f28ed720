"""Briefs: what is carried out for an attempt, and the faults of templates and paths that a spec can hold."""

from __future__ import annotations

from typing import Any

import pytest
from returns.result import Failure

from durable_core.session import ArtifactText, Question, brief, commands, replay
from durable_core.session.rendering import safe_path
from tests.support.session_kit import ASK, WRITE, Story, chain_of


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("", "the path is empty"),
        (" \t", "the path is empty"),
        ("a\x00b", "the path holds a control character"),
        ("a\nb.md", "the path holds a control character"),
        ("a\x7f", "the path holds a control character"),
        ("/etc/passwd", "the path must be relative to the output folder"),
        ("\\server\\share", "the path must be relative to the output folder"),
        ("C:\\x.md", "the path must be relative to the output folder"),
        ("../x.md", "the path must not lead out of the output folder"),
        ("a/../../x.md", "the path must not lead out of the output folder"),
        ("a\\..\\..\\x.md", "the path must not lead out of the output folder"),
        ("out/", "the path names a folder, not a file"),
        (".", "the path names a folder, not a file"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(path: str, problem: str) -> None:
    assert safe_path(path) == problem


@pytest.mark.parametrize("path", ["a.md", "out/a.md", "./a.md", "..a.md", "a..b/c", "Grüße 1.md"])
def test_a_path_below_the_output_folder_is_fine(path: str) -> None:
    assert safe_path(path) is None


@pytest.mark.parametrize(
    ("gate", "place"),
    [
        ({**ASK, "prompt": "{{ nobody }}?"}, "pattern.config.steps[0].prompt: "),
        ({**ASK, "context_display": "{{ nobody }}"}, "pattern.config.steps[0].context_display: "),
    ],
)
def test_a_question_that_can_not_be_worded_says_where(gate: dict[str, Any], place: str) -> None:
    story = Story(chain_of(gate))
    fault = brief(story.session, story.attempt("steps/0")).failure()
    assert (fault.kind, fault.message.startswith(place)) == ("template", True)


def test_a_question_comes_with_what_it_is_about() -> None:
    story = Story(chain_of({**ASK, "context_display": "Topic: {{ topic }}"}))
    asked = brief(story.session, story.attempt("steps/0")).unwrap()
    assert asked == Question(unit="steps/0", prompt="Is bridges right?", display="Topic: bridges")


@pytest.mark.parametrize(
    ("artifact", "place"),
    [
        ({"path": "{{ nobody }}.md", "from": "x"}, "outputs.artifacts[0].path: "),
        ({"path": "a.md", "from": "{{ nobody }}"}, "outputs.artifacts[0].from: "),
    ],
)
def test_an_artifact_that_can_not_be_rendered_says_where(artifact: dict[str, str], place: str) -> None:
    story = Story(chain_of(WRITE, outputs={"artifacts": [artifact]}))
    story.answer("steps/0")
    fault = brief(story.session, story.attempt("artifacts/0")).failure()
    assert (fault.kind, fault.message.startswith(place)) == ("template", True)


def test_an_artifact_may_use_variables_and_every_step() -> None:
    artifact = {"path": "{{ topic }}.md", "from": "{{ steps[0].response }} / {{ last_response }}"}
    story = Story(chain_of(WRITE, WRITE, outputs={"artifacts": [artifact]}))
    story.answer("steps/0", "one")
    story.answer("steps/1", "two")
    written = brief(story.session, story.attempt("artifacts/0")).unwrap()
    assert written == ArtifactText(unit="artifacts/0", attempt=1, path="bridges.md", text="one / two")


def test_an_agent_prompt_keeps_the_names_that_nobody_knows() -> None:
    agents = {"ann": {"prompt": "On {{ topic }}; write {{ like_this }}."}, "bob": {"prompt": "b"}}
    story = Story(chain_of(WRITE, agents=agents))
    assert story.turn("steps/0").system_prompt == "On bridges; write {{ like_this }}."


def test_a_journal_without_its_beginning_is_no_session() -> None:
    assert replay([]) == Failure("the journal holds no event")
    story = Story(chain_of(WRITE))
    story.tell(commands.Resume(at=story.later()))
    assert replay(story.journal[1:]) == Failure(
        "the journal begins with session_resumed/2, not with session_started"
    )
    assert replay(story.journal).unwrap() == story.session
