"""Features that the format has and this program does not run yet.

A table: a feature that starts to run loses its row here, and nothing else has to change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from durable_core.spec.models import Spec
from durable_core.spec.problems import Problem, at_most, pointer_of
from durable_core.spec.suggestions import listed
from durable_core.spec.tool_refs import BUILT_IN, tools_by_name
from durable_core.spec.units import tool_uses

Finder = Callable[[Spec], Iterator[str]]
"""Yields the JSON pointer of each use of a feature."""


def unsupported(spec: Spec, *, patterns: frozenset[str]) -> tuple[Problem, ...]:
    """Everything in ``spec`` that does not run yet; ``patterns`` are the pattern types that do.

    The problems are of kind "unsupported" and have no positions: ``located`` adds them.
    """
    return at_most(_unsupported(spec, patterns))


def _unsupported(spec: Spec, patterns: frozenset[str]) -> Iterator[Problem]:
    if spec.pattern.type not in patterns:
        yield _problem("/pattern/type", f"the pattern '{spec.pattern.type}'", _remedy(patterns))
    for feature, remedy, find in _FEATURES:
        yield from (_problem(pointer, feature, remedy) for pointer in find(spec))


def _problem(pointer: str, feature: str, remedy: str) -> Problem:
    return Problem(f"Not supported yet: {feature}.", pointer, hint=remedy, kind="unsupported")


def _remedy(patterns: Iterable[str]) -> str:
    return f"Write the workflow as one of {listed(sorted(patterns))}."


def _mcp_servers(spec: Spec) -> Iterator[str]:
    if spec.tools.mcp:
        yield "/tools/mcp"


def _http_executors(spec: Spec) -> Iterator[str]:
    if spec.tools.http_executors:
        yield "/tools/http_executors"


def _tool_lists(spec: Spec) -> Iterator[str]:
    can_run = tools_by_name(spec).keys()
    for pointer, names in tool_uses(spec):
        yield from (f"{pointer}/{index}" for index, name in enumerate(names) if name not in can_run)


def _skills(spec: Spec) -> Iterator[str]:
    if spec.skills:
        yield "/skills"


def _compaction(spec: Spec) -> Iterator[str]:
    policy = spec.context_policy
    if policy and policy.compaction and policy.compaction.enabled:
        yield "/context_policy/compaction"


def _notes(spec: Spec) -> Iterator[str]:
    if spec.context_policy and spec.context_policy.notes:
        yield "/context_policy/notes"


def _retrieval(spec: Spec) -> Iterator[str]:
    retrieval = spec.context_policy.retrieval if spec.context_policy else None
    if retrieval and (retrieval.jit_tools or retrieval.mcp_servers):
        yield "/context_policy/retrieval"


def _remote_secrets(spec: Spec) -> Iterator[str]:
    for index, secret in enumerate(spec.env.secrets):
        if secret.source not in ("env", "file"):
            yield pointer_of("env", "secrets", index, "source")


def _pii_redaction(spec: Spec) -> Iterator[str]:
    if spec.security.guardrails.pii_redaction:
        yield "/security/guardrails/pii_redaction"


def _traces(spec: Spec) -> Iterator[str]:
    if spec.telemetry and spec.telemetry.otel:
        yield "/telemetry/otel"


_WITHOUT_TOOLS: Final = "Remove it, and put what the agent needs to know into its prompt or input."
_OTHER_TOOLS: Final = f"There is {listed(BUILT_IN)}; or declare a Python function under tools.python."

_FEATURES: Final[tuple[tuple[str, str, Finder], ...]] = (
    ("MCP servers", _WITHOUT_TOOLS, _mcp_servers),
    ("HTTP executors", _WITHOUT_TOOLS, _http_executors),
    ("this tool", _OTHER_TOOLS, _tool_lists),
    ("skills", "Remove them, and put their instructions into the agent's prompt.", _skills),
    ("summaries of long conversations", "Remove it, or write 'enabled: false'.", _compaction),
    ("shared notes", "Remove it; steps see each other's answers in templates.", _notes),
    ("tools to look things up", "Remove it, and hand the text over with --var or --var-file.", _retrieval),
    ("secrets from a cloud store", "Write 'source: env' or 'source: file'.", _remote_secrets),
    ("redaction of personal data", "Remove it, and keep such data out of the inputs.", _pii_redaction),
    ("traces", "Remove it; the session's journal says what happened and when.", _traces),
)
"""What it is called, what to do instead, and where a spec uses it."""
