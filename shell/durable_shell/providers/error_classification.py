"""From whatever a provider raised to a fault: its kind, a line for people, and how long to wait.

Providers are told apart by type names and status codes alone, so no provider's package is imported. The SDK
and the clients wrap one exception in another; the whole chain is looked through, outermost first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final

from durable_core.spec.settings import ModelSettings
from durable_core.types import Fault, FaultKind
from durable_shell.providers.error_documents import error_fields
from durable_shell.providers.fault_messages import UNREAD_ANSWERS, fault_message, no_answer
from durable_shell.providers.wire_fault import WireFault

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
    # urllib3 (under botocore) in mid-stream
    "ProtocolError": "connection",
    # mistral
    "NoResponseError": "connection",
    "SDKError": "server",
    # Python's own
    "TimeoutError": "timeout",
    "ConnectionError": "connection",
    "gaierror": "connection",
    # an answer that is not in the provider's form
    **dict.fromkeys(UNREAD_ANSWERS, "server"),
}
"""By type name; a subclass takes the kind of its nearest listed parent."""

_CODES: Final[Mapping[str, FaultKind]] = {
    "insufficient_quota": "refused",  # openai: HTTP 429, but waiting does not help
    "rate_limit_exceeded": "throttled",  # openai: also within a stream
    "context_length_exceeded": "refused",
    "throttlingexception": "throttled",  # Bedrock: in mid-stream, without an HTTP status of its own
    "modeltimeoutexception": "timeout",
    "internalserverexception": "server",
    "serviceunavailableexception": "server",
    "modelstreamerrorexception": "server",
    "modelerrorexception": "server",
    "validationexception": "refused",
}
"""By the provider's own error code, in lower case; these go before status codes."""

_TYPES: Final[Mapping[str, FaultKind]] = {
    "overloaded_error": "server",
    "api_error": "server",
    "server_error": "server",
    "internal_server_error": "server",
    "timeout_error": "timeout",
    "rate_limit_error": "throttled",
    "invalid_request_error": "refused",
    "authentication_error": "refused",
    "permission_error": "refused",
    "not_found_error": "refused",
    "billing_error": "refused",
    "request_too_large": "refused",
}
"""By the type of an error within a stream (anthropic, openai), whose HTTP status was 200."""

_BY_WORDS: Final = frozenset({"ModelThrottledException"})
"""Raised by the SDK for what an error's text seems to say ("rate" in "cannot generate"): a status beside it
knows better."""


def classify(
    error: BaseException, settings: ModelSettings, secrets: Sequence[str] = (), *, now: float | None = None
) -> Fault:
    """The fault that ``error`` means; ``secrets`` are values that the message must not repeat.

    A provider may say at which time to try again: that is understood only if it is known what time is
    ``now``, in seconds since the epoch.
    """
    chain = list(_chain(error))
    if any(type(link).__name__ == "MaxTokensReachedException" for link in chain):
        return no_answer("cut", "", settings)
    kind, cause = _verdict(chain)
    status = next((code for link in chain if (code := _status(link)) is not None), None)
    message = fault_message(kind, cause, chain, settings, status, secrets)
    return Fault(kind, message, _retry_after(chain, now))


def _verdict(chain: Sequence[BaseException]) -> tuple[FaultKind, BaseException]:
    for link in chain:
        if isinstance(link, WireFault):
            return link.kind, link
    for link in chain:
        if (code := _code(link)) in _CODES:
            return _CODES[code], link
    for link in chain:
        if type(link).__name__ not in _BY_WORDS and (kind := _kind(link)) is not None:
            return kind, link
    for link in chain:
        if (kind := _kind(link)) is not None:
            return kind, link
    return "unexplained", chain[0]


def _kind(link: BaseException) -> FaultKind | None:
    status = _status(link)
    if status is not None:
        return _kind_of_status(status)
    if (named := _type(link)) in _TYPES:
        return _TYPES[named]
    for ancestor in type(link).__mro__:
        if ancestor.__name__ in _KINDS:
            return _KINDS[ancestor.__name__]
    # An error that the server sent inside a stream, without a status or a type that we know.
    return "server" if type(link).__name__ in ("APIError", "APIStatusError", "ResponseError") else None


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
        candidates.append(_part(response, "ResponseMetadata").get("HTTPStatusCode"))
    return next((status for status in candidates if isinstance(status, int) and 400 <= status <= 599), None)


def _code(link: BaseException) -> str:
    response = getattr(link, "response", None)
    if isinstance(response, dict):  # botocore
        return str(_part(response, "Error").get("Code", "")).lower()
    code = getattr(link, "code", None)
    return code.lower() if isinstance(code, str) else ""


def _part(response: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A part of botocore's response; what a server said in its place may be anything."""
    part = response.get(name)
    return part if isinstance(part, Mapping) else {}


def _type(link: BaseException) -> str:
    """The type of an error's document."""
    return str(error_fields(getattr(link, "body", None)).get("type") or "").lower()


def _headers(link: BaseException) -> Mapping[str, Any]:
    response = getattr(link, "response", None)
    if isinstance(response, dict):  # botocore
        headers = _part(response, "ResponseMetadata").get("HTTPHeaders")
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
        if (wait := _seconds(_retry_delay(link), 1.0, now)) is not None:
            return wait
    return None


def _retry_delay(link: BaseException) -> str:
    """Gemini's wait, which stands in the error's document and in no header (google.rpc.RetryInfo)."""
    listed = error_fields(getattr(link, "details", None)).get("details")
    delays = (
        (one.get("retryDelay") for one in listed if isinstance(one, dict)) if isinstance(listed, list) else ()
    )
    return next((delay.removesuffix("s") for delay in delays if isinstance(delay, str)), "")


def _seconds(value: str | None, unit: float, now: float | None) -> float | None:
    """A ``Retry-After`` value in seconds: a number of ``unit`` seconds, or a date (RFC 9110, 10.2.3)."""
    if not value:
        return None
    try:
        wait = float(value) * unit
    except ValueError:
        try:
            date = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        if now is None:
            return None
        wait = date.replace(tzinfo=date.tzinfo or UTC).timestamp() - now
    return max(wait, 0.0) if math.isfinite(wait) else None
