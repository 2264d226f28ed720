"""The tool journal: each call is on disk before the tool runs, and its result before the agent is told.

A middleware around the SDK's tool stage. A call whose result the journal holds is answered from there; that
is how a turn goes on after a crash without doing anything twice.
"""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from strands.middleware import ExecuteToolContext, ToolResultEvent
from strands.types.session import decode_bytes_values
from strands.types.tools import ToolResult, ToolUse

from durable_core.session.tool_calls import SAME_ID
from durable_core.session.turns import Turn
from durable_core.spec.secrets import NO_SECRETS, Vault
from durable_core.types import Json
from durable_shell.cli.environment import FILES_OF_A_CALL, can_open
from durable_shell.providers.time_limits import Overdue, TimeLimits
from durable_shell.providers.tool_results import as_json, in_form, within_bounds
from durable_shell.runtime.ports import TurnReport

if TYPE_CHECKING:
    from durable_shell.tools.registry import BuiltTool


class ToolJournal:
    """Journals the tool calls of one turn.

    No call begins while this process can hardly open a file: the turn ends with an OSError. Begun, it would
    fail for a reason that is not the model's to deal with, or be left in doubt.

    Tools that are not in ``tools`` (the SDK's own, or one that the model made up) pass by. ``broken`` is the
    exception that the report raised, if it did: the turn must not count, whatever the SDK makes of it, and
    ``close`` is called so that nothing more of it is recorded.
    """

    def __init__(
        self,
        turn: Turn,
        report: TurnReport,
        tools: Mapping[str, BuiltTool],
        limits: TimeLimits,
        close: Callable[[], None],
        vault: Vault = NO_SECRETS,
    ) -> None:
        self.broken: BaseException | None = None
        self._turn = turn
        self._report = report
        self._tools = tools
        self._limits = limits
        self._close = close
        self._vault = vault
        self._returned = dict(turn.returned)

    async def __call__(self, context: ExecuteToolContext, next_fn: Any) -> AsyncGenerator[Any, None]:
        """Around one call: its result from the journal, or the call itself between two entries."""
        use = context.tool_use
        tool = self._tools.get(use["name"])
        if tool is None:
            async for event in next_fn(context):
                yield event
            return
        if not can_open(FILES_OF_A_CALL):
            short = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            self._break_off(short, context)
            raise short
        from durable_shell.providers.tool_arguments import arguments_problem  # most agents call no tool
        from durable_shell.tools.threads import CALL, CallKey

        schema = tool.tool.tool_spec["inputSchema"].get("json", {})
        if problem := arguments_problem(use["input"], schema, lenient=tool.ignores_unknown):
            yield ToolResultEvent(_refusal(use, problem))
            return
        message: Any = context.agent.messages[-1]
        call = call_name(message, use)
        # once each: they are of the message that the turn goes on from, and ids may come again in later ones
        known = self._returned.pop(call, None)
        if known is not None:
            yield ToolResultEvent(self._told(in_form(known)))  # earlier versions took any form
            return
        try:
            await self._report.tool_started(
                call, tool.name, self._vault.conceal(use["input"]), reads_only=tool.reads_only(use["input"])
            )
            key = f"{self._turn.session}/{self._turn.unit}/{message.get('tracking_id', '')}/{call}"
            if tool.takes_key:
                context = context.replace(tool_use=_with_key(use, key))
            CALL.set(CallKey(self._turn.session, tool.name, key) if self._turn.session else None)
            result: Json = None
            async for event in self._limits.tool(tool.name, next_fn(context)):
                if isinstance(event, ToolResultEvent):
                    result = within_bounds(self._vault.conceal(in_form(as_json(event.tool_result))))
                else:
                    yield event
            if result is not None:
                await self._report.tool_returned(call, result)
                yield ToolResultEvent(self._told(result))
        except Overdue:
            # nothing is recorded any more: the call is in doubt, and not answered with a failure of ours
            cast(Any, context.agent).cancel()
            raise
        except Exception as error:
            # An interrupt of the SDK's passes here too: it asks a person, and no unit can do that yet.
            self._break_off(error, context)
            raise

    def _break_off(self, error: Exception, context: ExecuteToolContext) -> None:
        """End the turn, or the model is told of our failure as if it were the tool's."""
        self.broken = error
        self._close()
        cast(Any, context.agent).cancel()

    def _told(self, result: Json) -> ToolResult:
        """A result as the agent is told it: from the journal and from the tool alike."""
        return cast(ToolResult, decode_bytes_values(self._vault.reveal(result)))


def _refusal(use: ToolUse, problem: str) -> ToolResult:
    """What the model is told of a call that is not made. It says the same whenever the message is gone
    through again, and so it is not journalled as a call."""
    return {"toolUseId": use["toolUseId"], "status": "error", "content": [{"text": problem}]}


def call_name(message: Json, use: ToolUse) -> str:
    """The name of a call among those of its message: the model's id, numbered where several share it."""
    same = [
        block["toolUse"]["input"]
        for block in message["content"]
        if block.get("toolUse", {}).get("toolUseId") == use["toolUseId"]
    ]
    place = next((n for n, given in enumerate(same, 1) if given is use["input"]), 1)
    return str(use["toolUseId"]) + (f"{SAME_ID}{place}" if place > 1 else "")


def _with_key(use: ToolUse, key: str) -> ToolUse:
    given = use["input"] if isinstance(use["input"], dict) else {}
    return cast(ToolUse, {**use, "input": {**given, "idempotency_key": key}})
