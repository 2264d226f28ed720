"""Reading a spec from disk: the file, and the files that it refers to."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

from returns.result import Failure, Result, Success

from durable_core.frozen import frozen
from durable_core.spec.agent_files import in_file
from durable_core.spec.document import Format, decode_bytes, read_document
from durable_core.spec.models import Spec
from durable_core.spec.parse import parse_spec, references
from durable_core.spec.problems import Problem, located
from durable_core.spec.reading import MAX_BYTES
from durable_core.spec.source import Source

STDIN: Final = "-"


@frozen()
class Unreadable:
    """The file could not be read; ``missing`` tells a file that is not there from one that resists."""

    path: str
    reason: str
    missing: bool


SpecTrouble = Unreadable | tuple[Problem, ...]


@frozen()
class Loaded:
    """A spec, and the text that it was read from."""

    spec: Spec
    source: Source


def folder_of(source: Source, cwd: Path) -> Path:
    """Where relative paths of a spec begin: its own folder, or ``cwd`` when it came by a pipe."""
    return cwd if source.path is None else Path(source.path).parent


def placed(problems: tuple[Problem, ...], source: Source) -> tuple[Problem, ...]:
    """Problems found after the parsing, with their lines and columns."""
    if not problems:
        return ()
    document = read_document(source.text, format=source.format)
    return document.map(lambda read: located(problems, read)).value_or(problems)


def load_spec(path: str, cwd: Path, stdin: BinaryIO | None = None) -> Result[Loaded, SpecTrouble]:
    """The spec at ``path`` (``-``: standard input), with the agents it takes from other files."""
    raw = _read(path, cwd, stdin)
    if isinstance(raw, Unreadable):
        return Failure(raw)
    text = decode_bytes(raw)
    if isinstance(text, Failure):
        return Failure(text.failure())
    place = None if path == STDIN else full_path(cwd / path)
    folder = cwd if place is None else Path(place).parent
    return _parse(text.unwrap(), format_of(path), hashlib.sha256(raw).hexdigest(), place, folder)


def unchanged(source: Source, cwd: Path) -> bool:
    """Whether the files that a spec came from still hold what they held then.

    Then the spec need not be parsed again, and must not be: how a kept spec was understood stays, though a
    later version may read the same text in another way.
    """
    if source.path is None:
        return False
    raw = _read(source.path, cwd, None)
    if isinstance(raw, Unreadable) or hashlib.sha256(raw).hexdigest() != source.sha256:
        return False
    folder = Path(source.path).parent
    return all(_read_text(name, folder) == text for name, text in source.refs.items())


def full_path(path: Path) -> str:
    """``path`` from the root on. Links stay, unless ``..`` may lead out of one: where it is then, only the
    disk knows.
    """
    return str(path.resolve() if ".." in path.parts else path.absolute())


def load_text(text: str, folder: Path, *, form: Format = "yaml") -> Result[Loaded, SpecTrouble]:
    """The spec in ``text``, which came from no file; the files that it refers to are below ``folder``."""
    return _parse(text, form, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), None, folder)


def _parse(
    text: str, form: Format, sha256: str, path: str | None, folder: Path
) -> Result[Loaded, SpecTrouble]:
    refs: dict[str, str] = {}
    for name in references(text, format=form):
        raw = _read(name, folder, None)
        if isinstance(raw, Unreadable):
            if raw.missing:
                continue  # the parser reports a reference without a text, with its place
            return Failure(raw)
        referred = decode_bytes(raw)
        if isinstance(referred, Failure):
            wrong = (in_file(name, problem) for problem in referred.failure())
            return Failure(tuple(replace(problem, line=None, column=None) for problem in wrong))
        refs[name] = referred.unwrap()
    spec = parse_spec(text, format=form, refs=refs)
    if isinstance(spec, Failure):
        return Failure(spec.failure())
    source = Source(text=text, format=form, sha256=sha256, path=path, refs=refs)
    return Success(Loaded(spec.unwrap(), source))


def _read_text(path: str, folder: Path) -> str | None:
    raw = _read(path, folder, None)
    return None if isinstance(raw, Unreadable) else decode_bytes(raw).value_or(None)


def format_of(path: str) -> Format:
    """JSON by the ending ``.json``; anything else is YAML, which holds JSON too."""
    return "json" if path.lower().endswith(".json") else "yaml"


def _read(path: str, cwd: Path, stdin: BinaryIO | None) -> bytes | Unreadable:
    """At most one byte more than a spec may have, so that a huge file is refused without being held."""
    try:
        if path == STDIN and stdin is not None:
            return stdin.read(MAX_BYTES + 1)
        with open(cwd / path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return Unreadable(path, "there is no such file", missing=True)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return Unreadable(path, os.fsdecode(reason), missing=False)
