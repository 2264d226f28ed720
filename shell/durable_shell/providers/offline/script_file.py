"""The file behind the ``scripted`` provider: its form, its checks, and which rule answers a call.

Nothing here needs the SDK, so that a script can be checked before a run starts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from returns.result import Failure, Result, Success

from durable_core.bounds import MOST_REPORTED
from durable_core.frozen import frozen
from durable_core.spec.json_reader import read_json
from durable_core.spec.problems import Problem, pointer_of
from durable_core.spec.reading import Position, Reading
from durable_core.spec.source import decoded
from durable_core.spec.yaml_reader import read_yaml

_FORM: Final = (
    "A script has 'rules', each with a 'match' (agent, contains, regex, call) and one of"
    " answer, answers, fault, tool_use, tool_uses."
)

MOST_SENTENCES: Final = 8
"""Mistakes of one script that are told at once: a person mends those first."""

ScriptedFaultKind = Literal["throttled", "timeout", "connection", "server", "refused", "empty", "hangup"]


def _compiles(pattern: str) -> str:
    from durable_core.templates.regex_cost import UnsafePattern, guarded

    try:
        guarded(pattern)
    except UnsafePattern as error:
        raise ValueError(f"cannot be used: {error}") from None
    return pattern


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Match(_Part):
    """Which calls a rule is for; every condition that is given must hold.

    ``contains`` and ``regex`` look at the last user message. ``call`` is the number of the call among those
    that meet the other conditions, counted from 1 in this process.
    """

    agent: str | None = None
    contains: str | None = None
    regex: Annotated[str, AfterValidator(_compiles)] | None = None
    call: Annotated[int, Field(ge=1)] | None = None


class ScriptedUsage(_Part):
    """Tokens to report, instead of counted word pieces."""

    input: Annotated[int, Field(ge=0, le=MOST_REPORTED)]
    output: Annotated[int, Field(ge=0, le=MOST_REPORTED)]


class ToolUse(_Part):
    """A tool call that the model asks for."""

    name: Annotated[str, Field(min_length=1)]
    input: dict[str, Any] = {}


class ScriptRule(_Part):
    """One rule: what it matches, then exactly one of an answer, answers, a fault, or tool calls."""

    match: Match = Match()
    answer: str | None = None
    answers: Annotated[list[str], Field(min_length=1)] | None = None
    fault: ScriptedFaultKind | None = None
    tool_use: ToolUse | None = None
    tool_uses: Annotated[list[ToolUse], Field(min_length=1)] | None = None
    times: Annotated[int, Field(ge=1)] | None = None
    delay: Annotated[float, Field(ge=0, le=86_400)] = 0.0
    retry_after: Annotated[float, Field(ge=0, le=86_400)] | None = None
    usage: ScriptedUsage | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> ScriptRule:
        outcomes = (self.answer, self.answers, self.fault, self.tool_use, self.tool_uses)
        if sum(outcome is not None for outcome in outcomes) != 1:
            raise ValueError("needs exactly one of answer, answers, fault, tool_use, tool_uses")
        if self.answers is not None and self.times is not None:
            raise ValueError("has both answers and times: each answer is given once")
        if self.retry_after is not None and self.fault != "throttled":
            raise ValueError("has retry_after, which goes with fault: throttled")
        return self

    @property
    def calls(self) -> list[ToolUse]:
        """The tool calls of one answer; none when the rule asks for none."""
        return self.tool_uses or ([self.tool_use] if self.tool_use else [])

    @property
    def uses(self) -> int | None:
        """How often the rule may answer; None means without end."""
        return len(self.answers) if self.answers is not None else self.times


class ScriptFile(_Part):
    """The whole file."""

    rules: Annotated[list[ScriptRule], Field(min_length=1)]


@frozen()
class Chosen:
    """The rule that answers a call, and how often it answered before."""

    rule: ScriptRule
    used: int


class Script:
    """The rules with their counters: the one thing in this package that remembers calls.

    The counters live in this process. A script that must survive a crash and resume should match on what is
    said (``contains``, ``regex``), which is the same after a resume, and not on ``call`` or ``times``.
    """

    def __init__(self, file: ScriptFile, name: str) -> None:
        self.name = name
        self._rules = file.rules
        self._met = [0] * len(file.rules)
        self._used = [0] * len(file.rules)

    def choose(self, agent: str, heard: str) -> Chosen | None:
        """The first rule, in file order, that matches and has uses left; None when there is none.

        Raises ValueError when a rule's expression may take for ever on a text of this length.
        """
        chosen: Chosen | None = None
        for index, rule in enumerate(self._rules):
            if not _meets(rule.match, agent, heard):
                continue
            self._met[index] += 1
            used = self._used[index]
            left = rule.uses is None or used < rule.uses
            called = rule.match.call is None or rule.match.call == self._met[index]
            if chosen is None and left and called:
                self._used[index] += 1
                chosen = Chosen(rule, used)
        return chosen


def _meets(match: Match, agent: str, heard: str) -> bool:
    return (
        (match.agent is None or match.agent == agent)
        and (match.contains is None or match.contains in heard)
        and (match.regex is None or _found(match.regex, heard))
    )


def _found(pattern: str, heard: str) -> bool:
    from durable_core.templates.regex_cost import found_in

    return found_in(pattern, heard)


def load_script(path: str) -> Result[Script, Problem]:
    """Read and check the file at ``path`` (YAML or JSON); the failure names the file.

    Every script has counters of its own. The file behind them is read again only when it has changed.
    """
    try:
        seen = os.stat(path)
        state = (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
        return _checked(path, state).map(lambda file: Script(file, path))
    except (OSError, ValueError) as error:  # a NUL in the path is a ValueError
        return Failure(
            _wrong(f"The script {path} cannot be read: {getattr(error, 'strerror', '') or error}.")
        )


@lru_cache(maxsize=8)
def _checked(path: str, _state: tuple[int, ...]) -> Result[ScriptFile, Problem]:
    """The rules of the file in this state of it: a check before the run and the run itself share them.

    OSError, which is not kept, if it cannot be read.
    """
    read = decoded(Path(path).read_bytes())
    if not isinstance(read, Failure):
        return _rules(path, read.unwrap())
    bad = read.failure()
    place = f"line {bad.line}, byte {bad.byte} is 0x{bad.value:02x}"
    return Failure(Problem(f"The script {path} is not UTF-8 text: {place}.", hint=bad.hint, kind="usage"))


def _rules(path: str, text: str) -> Result[ScriptFile, Problem]:
    data, problem = _data(path, text)
    if problem is not None:
        where = f"line {problem.line}: " if problem.line else ""
        return Failure(_wrong(f"The script {path} is not YAML or JSON: {where}{problem.message}"))
    if not isinstance(data, dict):
        return Failure(_wrong(f"The script {path} must be a mapping with the key 'rules'."))
    try:
        return Success(ScriptFile.model_validate(data))
    except ValidationError as error:
        sentences = "; ".join(_sentences(error, text, path))
        return Failure(_wrong(f"The script {path} is not valid: {sentences}."))


def _wrong(message: str) -> Problem:
    return Problem(message, hint=_FORM)


def _data(path: str, text: str) -> tuple[Any, Problem | None]:
    """What the file holds, or why it cannot be read."""
    if _looks_like_json(path, text):
        try:
            return json.loads(text), None
        except RecursionError:
            return None, Problem("The file is nested too deep.")
        except ValueError:
            pass  # the reader below says what is wrong, and where; or it is YAML in braces
    reading = _reading(path, text)
    return _lists(reading.data), reading.problems[0] if reading.problems else None


def _looks_like_json(path: str, text: str) -> bool:
    return path.lower().endswith(".json") or text.lstrip().startswith("{")


def _reading(path: str, text: str) -> Reading:
    return read_json(text) if path.lower().endswith(".json") else read_yaml(text)


def _lists(value: Any) -> Any:
    """Frozen JSON as the lists and dicts that a tool is called with."""
    if isinstance(value, Mapping):
        return {key: _lists(item) for key, item in value.items()}
    return [_lists(item) for item in value] if isinstance(value, tuple) else value


def _sentences(error: ValidationError, text: str, path: str) -> list[str]:
    positions = _reading(path, text).positions
    sentences = []
    for part in error.errors(include_url=False, include_input=False)[:MOST_SENTENCES]:
        line = _line(positions, part["loc"])
        where = "/".join(str(step) for step in part["loc"]) or "the file"
        match part["type"]:
            case "missing":
                what = "is required"
            case "extra_forbidden":
                what = "is not a known key"
            case _:
                what = part["msg"].removeprefix("Value error, ").removeprefix("Input ")
        sentences.append(f"{line}{where} {what}")
    return sentences


def _line(positions: Mapping[str, Position], loc: tuple[int | str, ...]) -> str:
    """The line of the place, or of the nearest thing around it that the file spells out."""
    for end in range(len(loc), 0, -1):
        found = positions.get(pointer_of(*loc[:end]))
        if found:
            return f"line {found[0]}: "
    return ""
