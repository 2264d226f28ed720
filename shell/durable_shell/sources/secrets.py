"""Looks up what a spec declares as secret: in the environment, in files, and on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from returns.result import Failure

from durable_core.characters import whole
from durable_core.spec.models import Spec
from durable_core.spec.secrets import Vault, known_secrets, vault
from durable_core.spec.source import NotText, decoded
from durable_shell.cli.exit_codes import Exit
from durable_shell.errors import OperationError
from durable_shell.store.disk import in_words
from durable_shell.terminal.messages import errors as error_messages

if TYPE_CHECKING:
    from durable_core.spec.models import Secret

MOST_BYTES: Final = 64 * 1024
"""Bytes that a secret's file may have: a key or a certificate, not a document."""


def open_vault(env: Mapping[str, str], spec: Spec, folder: Path, given: Mapping[str, object]) -> Vault:
    """The values of all secrets of ``spec``. Raises OperationError, which tells of all that are missing.

    What was ``given`` by name for this run comes before what the spec names. Relative paths begin at
    ``folder``.
    """
    values: dict[str, str] = {}
    problems: list[str] = []
    code = Exit.IO
    for name, secret in known_secrets(spec):
        value = given.get(name)
        found = value if isinstance(value, str) and value else _looked_up(secret, folder, env)
        if isinstance(found, OSError):
            problems.append(error_messages.error(f"Can't read the secret '{name}': {in_words(found)}"))
        elif isinstance(found, NotText):
            problems += error_messages.secret_no_text(name, _place(secret, found), found.hint)
            code = Exit.USAGE
        elif found is not None and whole(found) != found:
            place = "what was given for it" if found is value else f"the environment variable {secret.key}"
            problems += error_messages.secret_no_text(name, place, "Give it in UTF-8.")
            code = Exit.USAGE
        elif not found:
            problems += error_messages.missing_secret(name, _source(secret))
            code = Exit.USAGE
        else:
            values[name] = found
    if problems:
        raise OperationError(code, *problems)
    return vault(values)


def _looked_up(secret: Secret, folder: Path, env: Mapping[str, str]) -> str | OSError | NotText | None:
    if secret.source != "file":
        return env.get(secret.key)
    try:
        with (folder / (secret.path or secret.key)).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        return error
    if len(data) > MOST_BYTES:
        return OSError(f"it has more than {MOST_BYTES} bytes")
    text = decoded(data).map(lambda text: text.removesuffix("\n").removesuffix("\r"))
    return text.failure() if isinstance(text, Failure) else text.unwrap()


def _place(secret: Secret, bad: NotText) -> str:
    """Where in its file a secret is no text; what stands there is nobody's business."""
    return f"line {bad.line}, byte {bad.byte} of the file {secret.path or secret.key}"


def _source(secret: Secret) -> str:
    if secret.source == "file":
        return f"Write it into the file {secret.path or secret.key}"
    return f"Set the environment variable {secret.key}"
