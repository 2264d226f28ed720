"""``config.yaml`` in the sessions' home: what a person settles once for all runs. There need not be one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field
from returns.result import Failure, Result, Success

from durable_core.catalog.retention import DEFAULT_STATUSES, RetentionRule, parse_age
from durable_core.spec.base_types import Given, Items, Model
from durable_core.spec.document import Document, decode_bytes, read_document
from durable_core.spec.problems import Problem, at_most, located
from durable_core.spec.validation_messages import faults
from durable_shell.store.disk import read_file

CONFIG: Final = "config.yaml"


class Retention(Model):
    """Which sessions go at the end of a run that succeeded. What is left out does not count."""

    older_than: Given[str] = None
    status: Items[Literal["paused", "interrupted", "completed", "failed"]] = ("completed",)
    keep: Annotated[int, Field(ge=0)] = 0


class UserConfig(Model):
    """The whole file."""

    retention: Given[Retention] = None


def load_config(home: Path) -> Result[UserConfig, tuple[Problem, ...] | OSError]:
    """The configuration, every problem with it, or the OSError that keeps it from being read."""
    try:
        raw = read_file(str(home / CONFIG))
    except (FileNotFoundError, NotADirectoryError):
        return Success(UserConfig())
    except OSError as error:
        return Failure(error)
    if not raw.strip():
        return Success(UserConfig())
    read = decode_bytes(raw).bind(lambda text: read_document(text, format="yaml", kind="config"))
    return Failure(read.failure()) if isinstance(read, Failure) else _checked(read.unwrap())


def rule_of(retention: Retention) -> RetentionRule:
    """The retention as the core has it. Its age was checked when it was loaded."""
    age = None if retention.older_than is None else parse_age(retention.older_than)
    return RetentionRule(older_than=age, statuses=retention.status or DEFAULT_STATUSES, keep=retention.keep)


def _checked(document: Document) -> Result[UserConfig, tuple[Problem, ...] | OSError]:
    problems = at_most(fault.problem for fault in faults(UserConfig, document.data))
    if not problems:
        config = UserConfig.model_validate(document.data)
        problems = _retention_problems(config.retention)
        if not problems:
            return Success(config)
    return Failure(located(problems, document))


def _retention_problems(retention: Retention | None) -> tuple[Problem, ...]:
    if retention is None:
        return ()
    if retention.older_than is None and not retention.keep:
        message = "retention names neither older_than nor keep, so every session would go."
        return (Problem(message, "/retention", hint="Write, for example, 'older_than: 30d'."),)
    if retention.older_than is not None and parse_age(retention.older_than) is None:
        message = f"retention.older_than is no age: {retention.older_than!r:.40}."
        return (Problem(message, "/retention/older_than", hint="An age is 30d, 12h, 30m or 2w, say."),)
    return ()
