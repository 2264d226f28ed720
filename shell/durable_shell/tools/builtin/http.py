"""The built-in tool ``http_request``."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from typing import Final
from urllib.parse import urlsplit

from durable_core.types import Json

TIMEOUT_S: Final = 30.0
"""Seconds for the whole exchange: a model waits for it."""

MAX_BODY: Final = 256 * 1024
"""Bytes of an answer: about 64,000 tokens."""

_READING: Final = ("GET", "HEAD")
_METHODS: Final = (*_READING, "POST", "PUT", "PATCH", "DELETE")


def only_reads(given: Json) -> bool:
    """Whether a call with the input ``given`` changes nothing: by RFC 9110, GET and HEAD are safe."""
    method = given.get("method", "GET") if isinstance(given, dict) else ""
    return isinstance(method, str) and method.upper() in _READING


def http_request(url: str, method: str = "GET", headers: dict[str, str] | None = None, body: str = "") -> str:
    """Send an HTTP request, and give the status line, the content type and the text of the answer.

    Args:
        url: An address that begins with http:// or https://.
        method: GET, HEAD, POST, PUT, PATCH or DELETE.
        headers: HTTP headers to send.
        body: The text to send.
    """
    method = method.upper()
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ValueError("the address must begin with http:// or https://")
    if method not in _METHODS:
        raise ValueError(f"the method must be one of {', '.join(_METHODS)}")
    data = body.encode() if body else None
    request = urllib.request.Request(url, data=data, headers=headers or {}, method=method)
    ends = time.monotonic() + TIMEOUT_S
    try:
        with _opener().open(request, timeout=TIMEOUT_S) as answer:
            return _told(answer, answer.status, answer.reason, _read(answer, ends))
    except urllib.error.HTTPError as refusal:
        with refusal:
            return _told(refusal, refusal.code, refusal.reason, _read(refusal, ends))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ValueError(f"{method} {url} failed: {error}") from None


def _opener() -> urllib.request.OpenerDirector:
    """HTTP and nothing else: no files, no FTP, also not where a redirect leads to."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _read(answer: http.client.HTTPResponse | urllib.error.HTTPError, ends: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    while size <= MAX_BODY and (part := answer.read(min(65536, MAX_BODY + 1 - size))):
        parts.append(part)
        size += len(part)
        if time.monotonic() > ends:
            raise ValueError(f"no whole answer within {TIMEOUT_S:g} s")
    return b"".join(parts)


def _told(
    answer: http.client.HTTPResponse | urllib.error.HTTPError, status: int, reason: str, data: bytes
) -> str:
    kind = answer.headers.get("Content-Type", "")
    charset = answer.headers.get_content_charset() or "utf-8"
    cut = f"\n[cut after {MAX_BODY} bytes]" if len(data) > MAX_BODY else ""
    try:
        text = data[:MAX_BODY].decode(charset, errors="replace")
    except LookupError:  # a character set that nobody knows
        text = data[:MAX_BODY].decode("utf-8", errors="replace")
    return f"{status} {reason}\nContent-Type: {kind}\n\n{text}{cut}"
