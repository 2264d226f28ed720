"""From whatever a provider raised to a fault: its kind, a line for people, and how long to wait.

Providers are told apart by type names and status codes alone, so no provider's package is imported. The SDK
and the clients wrap one exception in another; the whole chain is looked through, outermost first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final

from durable_core.spec.settings import ModelSettings
from durable_core.types import Fault, FaultKind

MESSAGE_LIMIT: Final = 300
"""Characters kept of what a provider says: some answer an error with a whole page."""

CHAIN_LIMIT: Final = 12
"""Exceptions looked through in one chain; the deepest seen wraps five."""

_KINDS: Final[Mapping[str, FaultKind]] = {
    # the SDK
    "ModelThrottledException": "throttled",
    "ContextWindowOverflowException": "refused",
    "MaxTokensReachedException": "limit",
    # openai, anthropic, litellm
    "APITimeoutError": "timeout",
    "APIConnectionError": "connection",
    # botocore
    "ConnectTimeoutError": "timeout",
    "ReadTimeoutError": "timeout",
    "EndpointConnectionError": "connection",
    "ConnectionClosedError": "connection",
    "ResponseStreamingError": "connection",
    "HTTPClientError": "connection",
    "NoCredentialsError": "refused",
    "PartialCredentialsError": "refused",
    "CredentialRetrievalError": "refused",
    "NoRegionError": "refused",
    "ParamValidationError": "refused",
    # httpx (also under mistral and gemini), aiohttp (also under litellm and gemini)
    "TimeoutException": "timeout",
    "TransportError": "connection",
    "ServerTimeoutError": "timeout",
    "ClientConnectionError": "connection",
    "ClientPayloadError": "connection",
    # Python's own
    "TimeoutError": "timeout",
    "ConnectionError": "connection",
    "gaierror": "connection",
    # an answer that is not the provider's protocol
    "JSONDecodeError": "server",
}
"""By type name; a subclass takes the kind of its nearest listed parent."""

_CODES: Final[Mapping[str, FaultKind]] = {
    "insufficient_quota": "refused",  # openai: HTTP 429, but waiting does not help
    "throttlingexception": "throttled",  # Bedrock: in mid-stream, without an HTTP status of its own
    "modeltimeoutexception": "timeout",
    "internalserverexception": "server",
    "serviceunavailableexception": "server",
    "modelstreamerrorexception": "server",
    "modelerrorexception": "server",
}
"""By the provider's own error code, in lower case; these go before status codes."""

_SAID: Final[Mapping[FaultKind, str]] = {
    "throttled": "asked us to slow down",
    "timeout": "did not answer in time",
    "connection": "could not be reached, or hung up",
    "server": "failed",
    "refused": "refused the request",
    "limit": "stopped at a limit",
    "unexplained": "failed in a way that is not known",
}

_LOOKS_SECRET = re.compile(
    r"\b(?:sk|pk|key|gsk)-[\w*-]{6,}|\bAIza[\w-]{10,}|\bBearer\s+\S+|\bAKIA[A-Z0-9]{12,}"
)


def classify(
    error: BaseException, settings: ModelSettings, secrets: Sequence[str] = (), *, now: float | None = None
) -> Fault:
    """The fault that ``error`` means; ``secrets`` are values that the message must not repeat.

    A provider may say at which time to try again: that is understood only if it is known what time is
    ``now``, in seconds since the epoch.
    """
    chain = list(_chain(error))
    kind, cause = _verdict(chain)
    who = f"{settings.provider} ({settings.model_id})" if settings.model_id else settings.provider
    status = next((code for link in chain if (code := _status(link)) is not None), None)
    shown = f" (HTTP {status})" if status is not None else ""
    detail = (
        f"{type(cause).__name__}: {cause}" if kind == "unexplained" else str(cause) or type(cause).__name__
    )
    reason = _one_line(_scrubbed(detail, secrets))
    text = f"{who} {_SAID[kind]}{shown}: {reason}{_remedy(chain, settings, status)}"
    return Fault(kind, text, _retry_after(chain, now))


def _verdict(chain: Sequence[BaseException]) -> tuple[FaultKind, BaseException]:
    for link in chain:
        if (code := _code(link)) in _CODES:
            return _CODES[code], link
    for link in chain:
        if (kind := _kind(link)) is not None:
            return kind, link
    return "unexplained", chain[0]


def _kind(link: BaseException) -> FaultKind | None:
    status = _status(link)
    if status is not None:
        return _kind_of_status(status)
    for ancestor in type(link).__mro__:
        if ancestor.__name__ in _KINDS:
            return _KINDS[ancestor.__name__]
    # An error that the server sent inside a stream: openai's APIError and ollama's ResponseError, no status.
    return "server" if type(link).__name__ in ("APIError", "ResponseError") else None


def _kind_of_status(status: int) -> FaultKind:
    match status:
        case 429:
            return "throttled"
        case 408:
            return "timeout"
        case _ if status >= 500:
            return "server"
        case _:
            return "refused"


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen and len(seen) < CHAIN_LIMIT:
        seen.add(id(link))
        yield link
        original = getattr(link, "original_exception", None)
        hidden = None if link.__suppress_context__ else link.__context__
        link = original if isinstance(original, BaseException) else link.__cause__ or hidden


def _status(link: BaseException) -> int | None:
    """The HTTP status behind one exception, 400 to 599, or None."""
    response = getattr(link, "response", None)
    named = ((link, "status_code"), (response, "status_code"), (link, "code"))
    candidates = [getattr(holder, name, None) for holder, name in named]
    if isinstance(response, dict):  # botocore
        candidates.append(response.get("ResponseMetadata", {}).get("HTTPStatusCode"))
    return next((status for status in candidates if isinstance(status, int) and 400 <= status <= 599), None)


def _code(link: BaseException) -> str:
    response = getattr(link, "response", None)
    if isinstance(response, dict):  # botocore
        return str(response.get("Error", {}).get("Code", "")).lower()
    code = getattr(link, "code", None)
    return code.lower() if isinstance(code, str) else ""


def _headers(link: BaseException) -> Mapping[str, Any]:
    response = getattr(link, "response", None)
    if isinstance(response, dict):  # botocore
        headers = response.get("ResponseMetadata", {}).get("HTTPHeaders")
    else:
        headers = getattr(response, "headers", None) or getattr(link, "headers", None)
    return headers if isinstance(headers, Mapping) else {}


def _retry_after(chain: Sequence[BaseException], now: float | None) -> float | None:
    for link in chain:
        headers = {str(name).lower(): str(value) for name, value in _headers(link).items()}
        if (wait := _seconds(headers.get("retry-after-ms"), 0.001, now)) is not None:
            return wait
        if (wait := _seconds(headers.get("retry-after"), 1.0, now)) is not None:
            return wait
    return None


def _seconds(value: str | None, unit: float, now: float | None) -> float | None:
    """A ``Retry-After`` value in seconds: a number of ``unit`` seconds, or a date (RFC 9110, 10.2.3)."""
    if not value:
        return None
    try:
        wait = float(value) * unit
    except ValueError:
        try:
            date = parsedate_to_datetime(value)
        except ValueError:
            return None
        if now is None:
            return None
        wait = date.replace(tzinfo=date.tzinfo or UTC).timestamp() - now
    return max(wait, 0.0) if math.isfinite(wait) else None


def _remedy(chain: Sequence[BaseException], settings: ModelSettings, status: int | None) -> str:
    names = {type(link).__name__ for link in chain}
    if "ContextWindowOverflowException" in names:
        return " The conversation is too long for the model: shorten the inputs, or use a larger model."
    if "MaxTokensReachedException" in names:
        now = f" (now {settings.max_tokens})" if settings.max_tokens else ""
        return f" Raise max_tokens{now}."
    if names & {"NoCredentialsError", "PartialCredentialsError"}:
        return " Set up AWS credentials, for example with `aws configure`."
    match status:
        case 401 | 403:
            return " Check the API key and what it may do."
        case 404:
            return " Check the model name."
        case _:
            return ""


def _scrubbed(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return _LOOKS_SECRET.sub("***", text)


def _one_line(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= MESSAGE_LIMIT else flat[: MESSAGE_LIMIT - 1] + "…"
