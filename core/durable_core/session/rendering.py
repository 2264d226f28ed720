"""From a wanted attempt to something the shell can carry out: templates rendered, nothing left open.

A brief is computed when its attempt is about to start and is never stored: after a crash it is computed
again from the same state. A template that can't be rendered is the attempt's fault, which names its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from returns.result import Failure, Result, Success

from durable_core.answers.reading import correction as asked_again
from durable_core.frozen import frozen
from durable_core.patterns.base import AskPerson, CallAgent
from durable_core.session.conversation import kept_for, recovered_answer
from durable_core.session.in_doubt import results_to_send
from durable_core.session.prompts import placed_secrets, render_prompt
from durable_core.session.scheduling import Attempt, WriteArtifact
from durable_core.session.state import Session
from durable_core.session.turns import Answer, Turn
from durable_core.spec.secrets import escaped, unescaped
from durable_core.spec.settings import model_settings, turn_limits
from durable_core.spec.tool_refs import tools_for
from durable_core.templates.rendering import TemplateProblem, render
from durable_core.types import Fault, UnitId, Usage


@frozen(kw_only=True)
class Recovered:
    """The answer is already paid for: a killed attempt had received it, and all ``kept`` messages stay.

    Its cost is in these messages, so the usage of ``answer`` itself is zero.
    """

    unit: UnitId
    attempt: int
    kept: int
    answer: Answer


@frozen(kw_only=True)
class Question:
    """A gate's question, as people will read it."""

    unit: UnitId
    prompt: str
    display: str | None


@frozen(kw_only=True)
class ArtifactText:
    """An artifact's path below the output folder, and its text."""

    unit: UnitId
    attempt: int
    path: str
    text: str


Brief = Turn | Recovered | Question | ArtifactText


def brief(session: Session, attempt: Attempt) -> Result[Brief, Fault]:
    """What to carry out for ``attempt``, or the fault of a template or path of the spec."""
    match attempt.request:
        case CallAgent() as call:
            return _turn(session, attempt, call)
        case AskPerson() as gate:
            return _question(session, gate)
        case WriteArtifact() as artifact:
            return _document(session, attempt, artifact)
        case _ as never:
            assert_never(never)


def safe_path(path: str) -> str | None:
    """What is wrong with ``path`` as a path below the output folder, or None when nothing is."""
    parts = path.replace("\\", "/").split("/")
    if not path.strip():
        return "the path is empty"
    if any(ord(char) < 32 or ord(char) == 127 for char in path):
        return "the path holds a control character"
    if parts[0] == "" or (len(parts[0]) == 2 and parts[0][1] == ":"):
        return "the path must be relative to the output folder"
    if ".." in parts:
        return "the path must not lead out of the output folder"
    if parts[-1] in ("", "."):
        return "the path names a folder, not a file"
    return None


def _turn(session: Session, attempt: Attempt, call: CallAgent) -> Result[Brief, Fault]:
    context = _context(session, call.context)
    agent = session.spec.agents[call.agent]
    correction = session.progress_of(call.unit).correction
    secrets = placed_secrets(session, call.context)
    if correction is None:
        prompt = render_prompt(call.input, context, secrets, place=call.place, lenient=call.lenient)
    else:
        prompt = Success(escaped(asked_again(correction, call.shape or "the text that was asked for")))
    system = render_prompt(agent.prompt, context, secrets, place=f"agents.{call.agent}.prompt", lenient=True)
    match prompt, system:
        case Success(prompt_text), Success(system_text):
            return Success(_begun_or_begin(session, attempt, call, prompt_text, system_text))
    return Failure(_fault(prompt if isinstance(prompt, Failure) else system))


def _begun_or_begin(
    session: Session, attempt: Attempt, call: CallAgent, prompt: str, system_prompt: str
) -> Turn | Recovered:
    """The turn anew, or from where an earlier attempt with the same prompt came to, or its very end."""
    conversation = session.conversation(call.conversation)
    recovered = recovered_answer(conversation.residue, prompt)
    answer = None if recovered is None else unescaped(recovered)
    if answer is not None:
        kept = len(conversation.residue)
        free = Answer(text=answer, usage=Usage(), mark=conversation.mark_after(kept))
        return Recovered(unit=call.unit, attempt=attempt.number, kept=kept, answer=free)
    kept = kept_for(conversation.residue, prompt)
    mark = conversation.mark_after(kept)
    names = session.spec.agents[call.agent].tools if call.tools is None else call.tools
    return Turn(
        unit=call.unit,
        attempt=attempt.number,
        agent=call.agent,
        conversation=call.conversation,
        system_prompt=system_prompt,
        prompt=prompt,
        settings=model_settings(session.spec, call.agent),
        history=conversation.history(kept),
        digest=mark.digest,
        memory=mark.memory,
        kept=kept,
        returned=results_to_send(session, session.progress_of(call.unit)) if kept else {},
        tools=tools_for(session.spec, names or ()),
        deny_network=session.spec.security.guardrails.deny_network,
        session=session.id,
        limits=turn_limits(session.spec, call.agent),
        answer_type=call.answer_type,
    )


def _question(session: Session, gate: AskPerson) -> Result[Brief, Fault]:
    context = _context(session, gate.context)
    prompt = render(gate.prompt, context, place=f"{gate.place}.prompt")
    display: Result[str | None, TemplateProblem] = Success(None)
    if gate.display is not None:
        display = render(gate.display, context, place=f"{gate.place}.context_display")
    match prompt, display:
        case Success(prompt_text), Success(display_text):
            return Success(Question(unit=gate.unit, prompt=prompt_text, display=display_text))
    return Failure(_fault(prompt if isinstance(prompt, Failure) else display))


def _document(session: Session, attempt: Attempt, artifact: WriteArtifact) -> Result[Brief, Fault]:
    context = _context(session, artifact.context)
    path = render(artifact.path, context, place=f"{artifact.place}.path")
    text = render(artifact.text, context, place=f"{artifact.place}.from")
    match path, text:
        case Success(path_text), Success(body):
            problem = safe_path(path_text)
            if problem is not None:
                return Failure(Fault("artifact", f"{artifact.place}.path gives {path_text!r}: {problem}"))
            return Success(
                ArtifactText(unit=artifact.unit, attempt=attempt.number, path=path_text, text=body)
            )
    return Failure(_fault(path if isinstance(path, Failure) else text))


def _context(session: Session, provided: Mapping[str, object]) -> dict[str, object]:
    """Variables, and above them what the pattern provides (semantics, section 2)."""
    return {**session.variables, **provided}


def _fault(failed: Result[str, TemplateProblem] | Result[str | None, TemplateProblem]) -> Fault:
    problem = failed.failure()
    hint = f" ({problem.hint})" if problem.hint else ""
    return Fault("template", f"{problem.place}: {problem.message}{hint}")
