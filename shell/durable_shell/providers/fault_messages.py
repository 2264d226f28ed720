"""What people are told when a provider gave no answer: one sentence of what happened, and the next step.

The provider's own words are taken out of the form they came in; what its client or the SDK adds is advice to
programmers, and left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from durable_core.spec.settings import ModelSettings
from durable_core.types import Fault, FaultKind
from durable_shell.providers.error_documents import error_message
from durable_shell.providers.finish_reasons import FAULTS, Ending
from durable_shell.providers.wire_fault import WireFault

MESSAGE_LIMIT: Final = 300
"""Characters kept of what a provider says: some answer an error with a whole page."""

_OFFLINE: Final = frozenset({"echo", "scripted"})
"""Asked at no address; the ``host`` of a script is its file."""

_WRAPPERS: Final = frozenset({"EventLoopException", "APIConnectionError", "APITimeoutError"})
"""These say less than what they wrap."""

UNREAD_ANSWERS: Final = frozenset(
    {"JSONDecodeError", "UnicodeDecodeError", "RecursionError", "ValidationError", "ParserError"}
    | {"ResponseValidationError", "UnknownApiResponseError", "ResponseNotRead"}
)
"""What came was not in the provider's own form. What a client says of that helps nobody else."""

_UNSENT: Final = frozenset(
    {
        "NoCredentialsError",
        "PartialCredentialsError",
        "CredentialRetrievalError",
        "NoRegionError",
        "ParamValidationError",
    }
)
"""Nothing was sent when one of these came."""

_UNREACHED: Final = frozenset(
    {"ConnectError", "ConnectTimeout", "ConnectTimeoutError", "EndpointConnectionError"}
    | {"ClientConnectorError", "ConnectionRefusedError", "gaierror"}
)
"""The connection was never made when one of these came."""

_SAID: Final[Mapping[FaultKind, str]] = {
    "throttled": "asked us to slow down",
    "timeout": "did not answer in time",
    "connection": "hung up",
    "server": "failed",
    "refused": "refused the request",
    "limit": "stopped at a limit",
    "unexplained": "failed in a way that is not known",
}

_MOST_READ: Final = 20_000
"""Characters that are searched for keys: what is shown comes from their beginning."""

_LOOKS_SECRET = re.compile(
    r"\b(?:sk|pk|key|gsk)-(?=[\w-]{0,100}[\d*])[\w*-]{6,}|\bAIza[\w-]{10,}|\bBearer\s+\S+"
    r"|\bAKIA[A-Z0-9]{12,}"
)

_ADDRESSED = re.compile(r"""(?: from| to)?(?: the)? endpoint URL: (?:"[^"]*"|\S+)""")
"""How botocore names the address, which the message begins with."""

_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body|\?xml)\b", re.IGNORECASE)
"""How a page for people begins."""

_SECRET_CHARS: Final = 8
"""A key that is shorter stands for none, as ``x`` or ``none``; hiding it would eat letters of other words."""

_WORD_CHARS: Final = 20
"""Below this a key without a digit is a word, such as ``placeholder``: no service gives such keys out."""


def fault_message(
    kind: FaultKind,
    cause: BaseException,
    chain: Sequence[BaseException],
    settings: ModelSettings,
    status: int | None,
    secrets: Sequence[str],
) -> str:
    """What ``cause`` of ``chain`` (outermost first) means to people; ``status`` is its HTTP status."""
    who = _who(settings, chain)
    if isinstance(cause, WireFault):
        return f"{who} {_sentence(_shown(cause.said, secrets))}{_then(cause.next_step)}"
    names = {type(link).__name__ for link in chain}
    number = f" (HTTP {status})" if status is not None else ""
    answered = None if settings.provider in _OFFLINE else status
    reason = _sentence(_shown(_reason(kind, cause, chain, answered), secrets))
    return f"{who} {_what(kind, names)}{number}: {reason}{_then(_remedy(names, settings, status))}"


def no_answer(meant: Ending, reason: str, settings: ModelSettings) -> Fault:
    """The fault of an answer that ended as ``meant``, for the provider's own ``reason`` ("" for none)."""
    meaning = FAULTS[meant]
    named = f" ({_one_line(reason)})" if reason else ""
    step = meaning.next_step
    if settings.max_tokens:
        step = step.replace("Raise max_tokens", f"Raise max_tokens (now {settings.max_tokens})")
    return Fault(meaning.kind, f"{_who(settings, ())} {meaning.said}{named}. {step}")


def told_of(settings: ModelSettings, said: str) -> str:
    """A sentence that begins with who was asked."""
    return f"{_who(settings, ())} {said}"


def _who(settings: ModelSettings, chain: Sequence[BaseException]) -> str:
    """The provider, its model, and the host and port that it was asked at, as far as they are known."""
    model = f" ({settings.model_id})" if settings.model_id else ""
    host = None if settings.provider in _OFFLINE else settings.host
    place = _place(host) or next((at for link in chain if (at := _asked(link))), "")
    return f"{settings.provider}{model}" + (f" at {place}" if place else "")


def _place(address: str | None) -> str:
    """Host and port of an address, without anything else of it."""
    if not address:
        return ""
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{host}:{port}" if host and port else host or ""


def _asked(link: BaseException) -> str:
    """Host and port of the request that failed. httpx raises RuntimeError where it knows none."""
    try:
        request: Any = getattr(link, "request", None)
    except RuntimeError:
        return ""
    return _place(str(getattr(request, "url", "") or ""))


def _what(kind: FaultKind, names: set[str]) -> str:
    if names & _UNSENT:
        return "was not asked"
    if kind == "connection" and names & _UNREACHED:
        return "could not be reached"
    return _SAID[kind]


def _reason(kind: FaultKind, cause: BaseException, chain: Sequence[BaseException], status: int | None) -> str:
    """What the provider itself says, without the form it came in; else what its client says."""
    words = next((said for link in chain if (said := _words(link))), "")
    if status is not None:
        words = words or next((body for link in chain if (body := _body(link))), "")
    if _PAGE.match(words or str(cause)):
        return "a page for people came with it"
    if words:
        return words
    if status is not None:
        return "nothing came with it"
    if any(base.__name__ in UNREAD_ANSWERS for base in type(cause).__mro__):
        return "what it sent could not be read"
    if kind == "unexplained":
        return f"{type(cause).__name__}: {cause}"
    texts = (str(link) for link in (*chain, cause) if type(link).__name__ not in _WRAPPERS)
    return _ADDRESSED.sub("", next((text for text in texts if text), type(cause).__name__))


def _words(link: BaseException) -> str:
    """The message in an error's document, or "" where it has none."""
    response = getattr(link, "response", None)
    if isinstance(response, dict):  # botocore
        return error_message(response.get("Error"))
    if type(link).__name__ == "ResponseError":  # ollama
        return str(getattr(link, "error", ""))
    return (
        error_message(getattr(link, "body", None))
        or error_message(getattr(link, "details", None))
        or error_message(_text(response))
    )


def _body(link: BaseException) -> str:
    """What came with an error's status and is no document, or "" where nothing did."""
    body = getattr(link, "body", None)
    return body.strip() if isinstance(body, str) else _text(getattr(link, "response", None)).strip()


def _text(response: object) -> str:
    """The text of a client's response; httpx raises RuntimeError where it was never read."""
    try:
        return str(getattr(response, "text", "") or "")
    except RuntimeError:
        return ""


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _then(step: str) -> str:
    return f" {step}" if step else ""


def _remedy(names: set[str], settings: ModelSettings, status: int | None) -> str:
    if "ContextWindowOverflowException" in names:
        return "The conversation is too long for the model: shorten the inputs, or use a larger model."
    if names & {"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"}:
        return "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, and resume."
    if "NoRegionError" in names:
        return "Set runtime.region, or AWS_REGION, and resume."
    if names & _UNREACHED:
        return "Check runtime.host and that the server runs." if settings.host else "Check the network."
    match status:
        case 401 | 403:
            return "Check the API key and what it may do."
        case 404:
            return "Check the model name, and runtime.host if it is set."
        case _:
            return ""


def _scrubbed(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        if len(secret) >= _WORD_CHARS or (len(secret) >= _SECRET_CHARS and re.search(r"\d", secret)):
            text = text.replace(secret, "***")
    return _LOOKS_SECRET.sub("***", text)


def _shown(text: str, secrets: Sequence[str]) -> str:
    return _one_line(_scrubbed(" ".join(text.split())[:_MOST_READ], secrets))


def _one_line(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= MESSAGE_LIMIT else flat[: MESSAGE_LIMIT - 1] + "…"
