"""What a run is given: the spec, the variables, and what the config says of sessions that are over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from returns.result import Failure

from durable_core.patterns import PATTERNS
from durable_core.spec.document import Document, decode_bytes, read_document
from durable_core.spec.features import unsupported
from durable_core.spec.models import Spec
from durable_core.spec.problems import Problem
from durable_core.spec.variables import file_values, missing_inputs, resolve_variables
from durable_core.types import Json
from durable_shell.app import App
from durable_shell.cli.exit_codes import Exit
from durable_shell.errors import OperationError, each
from durable_shell.operations.problems import SpecInvalid, spec_error
from durable_shell.sources.spec_file import Loaded, format_of, load_spec, placed
from durable_shell.terminal.messages import errors as error_messages

if TYPE_CHECKING:
    from durable_core.catalog.retention import RetentionRule


def read_inputs(app: App, path: str, variables: str | None) -> tuple[Loaded, Mapping[str, Json]]:
    """The spec at ``path`` and the variables in a file. Raises OperationError, which tells of both."""
    read = each([lambda: read_spec(app, path), lambda: read_variables(app, variables)])
    loaded, file = cast("tuple[Loaded, Document | None]", tuple(read))
    return loaded, {} if file is None else file_values(loaded.spec, file)


def read_spec(app: App, path: str) -> Loaded:
    """The spec at ``path`` (``-``: standard input), parsed, its features supported.

    Raises OperationError; SpecInvalid if the file can be read and has problems.
    """
    return supported(path, parse_spec_at(app, path))


def parse_spec_at(app: App, path: str) -> Loaded:
    """The same, whatever features it uses."""
    environment = app.environment
    loaded = load_spec(path, environment.cwd, getattr(environment.stdin, "buffer", None))
    if isinstance(loaded, Failure):
        raise spec_error(path, loaded.failure(), environment.cwd)
    return loaded.unwrap()


def supported(path: str, loaded: Loaded) -> Loaded:
    """The same spec, if this version can run it. Raises SpecInvalid, which calls it ``path``."""
    unrun = placed(unsupported(loaded.spec, patterns=frozenset(PATTERNS)), loaded.source)
    if unrun:
        raise SpecInvalid(path, unrun)
    return loaded


def read_variables(app: App, path: str | None) -> Document | None:
    """The variables in a YAML or JSON file; None without a file. Raises OperationError."""
    if path is None:
        return None
    try:
        raw = (app.environment.cwd / path).read_bytes()
    except OSError as error:
        message = f"The variable file {path} can't be read: {error.strerror}"
        raise OperationError(Exit.USAGE, error_messages.error(message)) from None
    form = format_of(path)
    read = decode_bytes(raw).bind(lambda text: read_document(text, format=form, kind="variables"))
    if isinstance(read, Failure):
        raise SpecInvalid(path, read.failure(), code=Exit.USAGE)
    return read.unwrap()


def read_retention(app: App) -> RetentionRule | None:
    """Which sessions go after a run, by the config file; None if nobody wants that. Raises OperationError."""
    from durable_shell.sources.config import CONFIG, load_config, rule_of
    from durable_shell.store.disk import in_words

    home = app.environment.home
    path = str(home / CONFIG)
    loaded = load_config(home)
    if not isinstance(loaded, Failure):
        retention = loaded.unwrap().retention
        return None if retention is None else rule_of(retention)
    trouble = loaded.failure()
    if isinstance(trouble, OSError):
        raise OperationError(Exit.IO, error_messages.error(f"Can't read {path}: {in_words(trouble)}"))
    raise SpecInvalid(path, trouble, code=Exit.USAGE)


def variables_for(spec: Spec, *, values: Mapping[str, Json], texts: Mapping[str, str]) -> Mapping[str, Json]:
    """All variables of a run, checked and coerced.

    ``values`` are JSON; ``texts``, from a command line, come before them and are read as the types that the
    spec declares. Raises OperationError.
    """
    resolved = resolve_variables(spec, file=values, given=texts)
    if not isinstance(resolved, Failure):
        return resolved.unwrap()
    problems = resolved.failure()
    missing = missing_inputs(spec, {*values, *texts})
    if missing and len(missing) == len(problems):
        raise OperationError(Exit.USAGE, *error_messages.inputs_missing([one.name for one in missing]))
    raise OperationError(Exit.USAGE, *map(_bare, problems))


def _bare(problem: Problem) -> str:
    hint = f" ({problem.hint})" if problem.hint else ""
    return error_messages.error(f"{problem.message}{hint}")
