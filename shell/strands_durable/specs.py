"""Workflows as they are given to Python: a path, the text, or a parsed spec."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from returns.result import Failure

from durable_core.spec.models import Spec
from durable_core.spec.source import Source
from durable_core.types import Json
from durable_shell.operations.inputs import supported, variables_for
from durable_shell.operations.preflight import check_names_of
from durable_shell.operations.problems import spec_error
from durable_shell.sources.spec_file import Loaded, load_spec, load_text

SpecLike = str | os.PathLike[str] | Spec
"""A workflow: a path, its text (YAML or JSON), or a parsed spec.

A ``str`` is a text when it has more than one line or begins with ``{``, and a path otherwise.
"""


def load(spec: SpecLike) -> Spec:
    """The workflow ``spec``, parsed and checked; a notebook shows it as a drawing.

    Raises SpecInvalid with all problems at once, each with its line and column, and OperationError when the
    file can't be read.
    """
    return loaded_from(spec, Path.cwd()).spec


def loaded_from(spec: SpecLike, folder: Path) -> Loaded:
    """The workflow ``spec``, checked, with the text that it was read from.

    Relative paths begin at ``folder``. Raises what ``load`` raises.
    """
    if isinstance(spec, Spec):
        return supported(SPEC_NAME, Loaded(spec, source_for(spec)))
    name = spec_called(spec)
    read = load_text(str(spec), folder) if name == SPEC_NAME else load_spec(name, folder)
    if isinstance(read, Failure):
        raise spec_error(name, read.failure(), folder)
    return supported(name, read.unwrap())


SPEC_NAME = "the spec"
"""What messages call a workflow that has no path."""


def spec_called(spec: SpecLike) -> str:
    """What messages call ``spec``: its path, if it has one."""
    if isinstance(spec, Spec) or (isinstance(spec, str) and ("\n" in spec or spec.lstrip().startswith("{"))):
        return SPEC_NAME
    return os.fspath(spec)


def source_for(spec: Spec) -> Source:
    """A source for a spec that was read from nowhere: its own JSON."""
    text = spec.model_dump_json(by_alias=True, exclude_unset=True)
    return Source(text=text, format="json", sha256=hashlib.sha256(text.encode()).hexdigest())


def checked_variables(loaded: Loaded, given: Mapping[str, Json]) -> Mapping[str, Json]:
    """All variables of a run: the declared defaults, the values of the spec, and those that are ``given``.

    Raises OperationError for those that are missing or do not fit, and SpecInvalid for names that templates
    use and that will not be there.
    """
    variables = variables_for(loaded.spec, values=given, texts={})
    check_names_of(loaded.source.path or SPEC_NAME, loaded.spec, loaded.source, variables)
    return variables
