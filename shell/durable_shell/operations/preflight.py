"""Before a run: everything that can go wrong without anything having been written or paid for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from durable_core.spec.models import Spec
from durable_core.spec.settings import model_settings
from durable_core.spec.source import Source
from durable_core.spec.template_names import has_markup, templates
from durable_core.spec.undefined_names import check_names
from durable_core.types import Json
from durable_shell.app import App
from durable_shell.cli.exit_codes import Exit
from durable_shell.errors import OperationError
from durable_shell.operations.problems import EXITS, SpecInvalid
from durable_shell.providers.factory import check_provider, with_located_script
from durable_shell.sources.spec_file import folder_of, placed
from durable_shell.terminal.messages import errors as error_messages
from durable_shell.tools.validation import tool_problems


def check_before_run(
    app: App, path: str, spec: Spec, source: Source, variables: Mapping[str, Json], *, begun: bool = False
) -> None:
    """Whether the templates' names, the providers and the tools are all there. Raises OperationError.

    ``path`` is what the spec is called. A session that has ``begun`` under it goes on: an earlier version may
    have looked less closely at its templates.
    """
    check_names_of(path, spec, source, variables, begun=begun)
    folder = folder_of(source, app.environment.cwd)  # where scripts and Python tools are looked for
    for agent in () if app.has_own_models else spec.agents:
        settings = with_located_script(model_settings(spec, agent), folder)
        problem = check_provider(settings, app.environment.env)
        if problem is not None:
            lines = error_messages.error(problem.message), error_messages.hint(problem.hint)
            raise OperationError(EXITS[problem.kind], *lines)
    broken = placed(tool_problems(spec, folder), source)
    if broken:
        raise SpecInvalid(path, broken)


def check_names_of(
    path: str, spec: Spec, source: Source, variables: Mapping[str, Json], *, begun: bool = False
) -> None:
    """Whether every name that a template uses will be there; of a session that has not ``begun``, every part.

    Raises SpecInvalid about ``path``.
    """
    absent = check_names(spec, variables)
    if not begun and any(place.may_look for place in templates(spec)):
        from durable_core.spec.absent_parts import check_parts, variable_shapes

        absent += check_parts(spec, variable_shapes(spec, variables))
    if absent:
        raise SpecInvalid(path, placed(absent, source))


def check_artifacts(spec: Spec, out: Path, *, force: bool) -> None:
    """An artifact whose path is known and taken would fail at the very end: OperationError at the start."""
    if force or spec.outputs is None:
        return
    for artifact in spec.outputs.artifacts:
        target = out / artifact.path
        if not has_markup(artifact.path) and target.exists():
            raise OperationError(Exit.USAGE, *error_messages.artifact_not_replaced(str(target)))
