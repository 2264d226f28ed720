"""The model port on the SDK: one fresh agent per turn, one model object per settings and run.

The SDK and the clients never try again on their own: a failure comes back as a fault, and the run's retry
policy decides. What an attempt cost is reported even when it failed, as far as the provider said.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from returns.result import Failure
from strands import Agent
from strands.agent.agent_result import AgentResult
from strands.agent.conversation_manager import NullConversationManager
from strands.middleware import ExecuteToolStage, InvokeModelStage
from strands.models.model import Model
from strands.types.content import Message

from durable_core.session.turns import Answer, NoAnswer, Turn
from durable_core.spec.secrets import NO_SECRETS, Vault
from durable_core.spec.settings import ModelSettings
from durable_core.types import Fault, FaultKind, Usage
from durable_shell.providers.conversation_recorder import Recorder
from durable_shell.providers.factory import build_model, cache_key, close_model, secrets, with_located_script
from durable_shell.providers.time_limits import TimeLimits
from durable_shell.providers.tool_journal import ToolJournal
from durable_shell.runtime.ports import TurnReport
from durable_shell.store.disk import shortage_behind
from durable_shell.tools.confinement import Workplace

if TYPE_CHECKING:
    from durable_shell.tools.registry import BuiltTool

MAX_MODEL_CALLS: Final = 50
"""Model calls in one turn. The SDK goes one level deeper with each, and Python's stack ends near 320."""

# Without a handler of its own the SDK's warnings would land on stderr, which belongs to the user's screen.
logging.getLogger("strands").addHandler(logging.NullHandler())


class SdkModels:
    """Answers turns through the SDK. All turns of one object must run on one event loop.

    ``env`` is where API keys are looked up, ``folder`` where relative paths of scripts and Python tools
    begin, ``workplace`` what built-in tools may touch (by default, files below the current folder). Models
    and tools are given the secrets of ``vault``; what is recorded and answered has references instead.
    ``now`` gives the seconds since the epoch, by which a provider's date to try again at counts.
    Implements ``durable_shell.runtime.ports.Models``.
    """

    def __init__(
        self,
        env: Mapping[str, str],
        *,
        folder: Path = Path(),
        workplace: Workplace | None = None,
        vault: Vault = NO_SECRETS,
        now: Callable[[], float] | None = None,
        max_calls: int = MAX_MODEL_CALLS,
    ) -> None:
        self._env = env
        self._folder = folder
        self._workplace = workplace or Workplace(Path.cwd())
        self._vault = vault
        self._now = now
        self._max_calls = max_calls
        self._models: dict[ModelSettings, Model] = {}

    async def answer(self, turn: Turn, report: TurnReport) -> Answer | NoAnswer:
        """Send one turn and wait for the end of it.

        Raises what ``report`` raised, if it did (a full disk, say), and whatever was raised because this
        process can open no more files: that is no fault of the model.
        """
        model = self._model(turn.settings)
        if isinstance(model, Fault):
            return NoAnswer(fault=model, usage=Usage())
        tools = self._tools(turn) if turn.tools else {}
        if isinstance(tools, Fault):
            return NoAnswer(fault=tools, usage=Usage())
        recorder = Recorder(turn, report, self._vault)
        limits = TimeLimits(turn.limits, turn.settings, recorder.close)
        journal = ToolJournal(turn, report, tools, limits, recorder.close, self._vault)
        agent: Agent | None = None
        try:
            agent = _agent(turn, self._vault.reveal(turn.system_prompt), model, recorder, tools)
            agent.add_middleware(ExecuteToolStage, journal)
            agent.add_middleware(InvokeModelStage, limits)
            if turn.answer_type is not None and not tools:
                from durable_shell.providers.answer_type import AnswerType  # few turns have one

                agent.add_middleware(InvokeModelStage, AnswerType(turn.answer_type))
            prompt = None if turn.goes_on else self._vault.reveal(turn.prompt)
            result = await agent.invoke_async(prompt, limits={"turns": self._max_calls})
        except Exception as error:
            if recorder.broken is not None:
                raise recorder.broken from None
            if journal.broken is not None:
                raise journal.broken from None
            if shortage_behind(error):
                raise
            return NoAnswer(fault=limits.fault or self._explain(error, turn.settings), usage=_spent(agent))
        if journal.broken is not None:
            raise journal.broken
        usage = _spent(agent)
        fault = limits.fault or _fault(result, recorder, turn.settings, self._max_calls)
        if fault is not None:
            return NoAnswer(fault=fault, usage=usage)
        return Answer(text=self._vault.masked(_text(result.message)), usage=usage, mark=recorder.mark)

    async def close(self) -> None:
        """Close every client; the object may be used again, and opens new ones then."""
        while self._models:
            _, model = self._models.popitem()
            await close_model(model)

    def _model(self, settings: ModelSettings) -> Model | Fault:
        key = cache_key(settings)
        known = self._models.get(key)
        if known is not None:
            return known
        built = build_model(with_located_script(settings, self._folder), self._env)
        if isinstance(built, Failure):
            problem = built.failure()
            return Fault("refused", f"{problem.message} {problem.hint}")
        model = built.unwrap()
        self._models[key] = model
        return model

    def _tools(self, turn: Turn) -> dict[str, BuiltTool] | Fault:
        from durable_shell.tools.python_loader import ToolProblem  # many workflows have no tool
        from durable_shell.tools.registry import build_tools

        built = build_tools(
            turn.tools,
            self._folder,
            self._workplace,
            deny_network=turn.deny_network,
            env=self._env,
            vault=self._vault,
        )
        return Fault("refused", f"{built.message} {built.hint}") if isinstance(built, ToolProblem) else built

    def _explain(self, error: BaseException, settings: ModelSettings) -> Fault:
        from durable_shell.providers.error_classification import classify  # most runs have no fault

        now = None if self._now is None else self._now()
        fault = classify(error, settings, secrets(settings, self._env), now=now)
        return replace(fault, message=self._vault.masked(fault.message))


def _agent(
    turn: Turn, system_prompt: str, model: Model, recorder: Recorder, tools: Mapping[str, BuiltTool]
) -> Agent:
    return Agent(
        model=model,
        system_prompt=system_prompt,
        # The SDK takes no path separators here, and a conversation may be named after a unit's path.
        agent_id=turn.conversation.replace("/", ":"),
        name=turn.agent,
        session_manager=recorder,
        # Leaves the history whole: the SDK's default drops the oldest messages, and on overflow sends again.
        conversation_manager=NullConversationManager(),
        callback_handler=None,
        retry_strategy=None,
        tools=[built.tool for built in tools.values()],
    )


def _spent(agent: Agent | None) -> Usage:
    """What the turn cost so far. The numbers are copied: the SDK's object is live."""
    invocation = agent.event_loop_metrics.latest_agent_invocation if agent is not None else None
    if invocation is None:
        return Usage()
    return Usage(int(invocation.usage["inputTokens"]), int(invocation.usage["outputTokens"]))


def _text(message: Message) -> str:
    parts = []
    for block in message["content"]:
        if "text" in block:
            parts.append(block["text"])
        elif "citationsContent" in block:
            parts.extend(piece.get("text", "") for piece in block["citationsContent"].get("content", []))
    return "".join(parts)


def _fault(result: AgentResult, recorder: Recorder, settings: ModelSettings, max_calls: int) -> Fault | None:
    """Why an invocation that ended without an exception is no answer all the same, or None."""
    if recorder.redacted:
        said = "took back by a guardrail what was sent. The journal keeps the original."
        return _fault_of(settings, "refused", said)
    match result.stop_reason:
        case "end_turn" | "stop_sequence" if _text(result.message).strip():
            return None
        case "end_turn" | "stop_sequence":
            return _fault_of(settings, "empty", "gave an answer that holds no text.")
        case "limit_turns" | "limit_output_tokens" | "limit_total_tokens":
            return Fault("limit", f"The agent used up its {max_calls} model calls without an answer.")
        case other:
            return _ended(str(other), settings)


def _fault_of(settings: ModelSettings, kind: FaultKind, said: str) -> Fault:
    from durable_shell.providers.fault_messages import told_of  # most runs have no fault

    return Fault(kind, told_of(settings, said))


def _ended(stop_reason: str, settings: ModelSettings) -> Fault:
    """The fault of an answer that is not whole, by the stop reason that ``stream_check`` gave it."""
    from durable_shell.providers.fault_messages import no_answer  # most runs have no fault
    from durable_shell.providers.finish_reasons import FAULTS, Ending

    meant, _, reason = stop_reason.partition(": ")
    if meant not in FAULTS:
        return no_answer("unknown", stop_reason, settings)
    return no_answer(cast(Ending, meant), reason, settings)
