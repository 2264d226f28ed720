"""The built-in tool ``http_request``."""

from __future__ import annotations

import codecs
import http.client
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, Final

from durable_core.characters import whole
from durable_core.frozen import frozen
from durable_core.spec.secrets import NO_SECRETS, Vault
from durable_core.types import Json
from durable_shell.tools.addresses import AddressRules
from durable_shell.tools.builtin.http_connections import Exchange, opener_for

TIMEOUT_S: Final = 30.0
"""Seconds for the whole exchange, redirects included: a model waits for it."""

MAX_BODY: Final = 256 * 1024
"""Bytes of an answer: about 64,000 tokens."""

LONGEST_HEADER: Final = 500
"""Characters of the status line and of the content type: a server may send 64 KiB of each."""

_CHARSET: Final = re.compile(r";\s{0,9}charset\s{0,9}=\s{0,9}\"?([\w.:+-]{1,40})", re.ASCII | re.IGNORECASE)

_OF_THE_WEB: Final = re.compile(
    "ascii|utf-(8|16|32)(-[bl]e)?|iso8859-[0-9]+|cp(125[0-8]|866|874|932|949|950)|koi8-[ru]|mac-(roman|cyrillic)"
    "|gb2312|gbk|gb18030|big5(hkscs)?|euc_(jp|kr)|shift_jis|iso2022_jp|tis-620"
)
"""The encodings of the WHATWG's standard (encoding.spec.whatwg.org), as Python calls them, and UTF-32."""

_READING: Final = ("GET", "HEAD")
_METHODS: Final = (*_READING, "POST", "PUT", "PATCH", "DELETE")


def only_reads(given: Json) -> bool:
    """Whether a call with the input ``given`` changes nothing: by RFC 9110, GET and HEAD are safe."""
    method = given.get("method", "GET") if isinstance(given, dict) else ""
    return isinstance(method, str) and method.upper() in _READING


@frozen()
class HttpTool:
    """Sends requests to where ``rules`` allow it; headers with a secret of ``vault`` go to one host alone.

    An exchange that is not over after ``timeout`` seconds is cut.
    """

    rules: AddressRules = AddressRules()
    vault: Vault = NO_SECRETS
    timeout: float = TIMEOUT_S

    def http_request(
        self, url: str, method: str = "GET", headers: dict[str, str] | None = None, body: str = ""
    ) -> str:
        """Send an HTTP request, and give the status line, the content type and the text of the answer.

        Args:
            url: An address that begins with http:// or https://.
            method: GET, HEAD, POST, PUT, PATCH or DELETE.
            headers: HTTP headers to send.
            body: The text to send.
        """
        method = method.upper()
        self.rules.target(url)
        if method not in _METHODS:
            raise ValueError(f"the method must be one of {', '.join(_METHODS)}")
        data = whole(body).encode() if body else None
        request = urllib.request.Request(url, data=data, headers=headers or {}, method=method)
        exchange = Exchange(self.rules, self.timeout, lambda text: self.vault.masked(text) != text)
        try:
            return _within(self.timeout, lambda: _answer_to(request, exchange), exchange.cut)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ValueError(f"{method} {url} failed: {error}") from None


def _answer_to(request: urllib.request.Request, exchange: Exchange) -> str:
    try:
        with opener_for(exchange).open(request, timeout=exchange.left()) as answer:
            return _told(answer, answer.status, answer.reason, _read(answer))
    except urllib.error.HTTPError as refusal:
        with refusal:
            return _told(refusal, refusal.code, refusal.reason, _read(refusal))
    finally:
        exchange.close()


def _within(seconds: float, work: Callable[[], str], cut: Callable[[], None]) -> str:
    """What ``work`` gives or raises. When it takes longer than ``seconds``, ``cut`` ends what it waits for.

    A time limit on each reading is none on the whole: a server may send a byte a second. A name server that
    does not answer can't be cut, so nobody waits for that thread.
    """
    outcome: list[Callable[[], str]] = []

    def run() -> None:
        try:
            result = work()
        except Exception as error:
            failed = error
            outcome.append(lambda: _raised(failed))
        else:
            outcome.append(lambda: result)

    thread = threading.Thread(target=run, name="http_request", daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        cut()
        raise ValueError(f"no whole answer within {seconds:g} s")
    return outcome[0]()


def _raised(error: Exception) -> str:
    raise error


def _read(answer: http.client.HTTPResponse | urllib.error.HTTPError) -> bytes:
    parts: list[bytes] = []
    size = 0
    while size <= MAX_BODY and (part := answer.read(min(65536, MAX_BODY + 1 - size))):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _told(
    answer: http.client.HTTPResponse | urllib.error.HTTPError, status: int, reason: Any, data: bytes
) -> str:
    kind = answer.headers.get("Content-Type", "")
    cut = f"\n[cut after {MAX_BODY} bytes]" if len(data) > MAX_BODY else ""
    text = data[:MAX_BODY].decode(_codec(kind), errors="replace")
    return f"{status} {str(reason)[:LONGEST_HEADER]}\nContent-Type: {kind[:LONGEST_HEADER]}\n\n{text}{cut}"


def _codec(content_type: str) -> str:
    """Python's codec for the character set that a content type names; UTF-8 where that is none of the web's.

    Python knows many more by such names: those that take time without bound (punycode), those that are no
    character set (unicode_escape) and those that refuse everything (undefined). The server chooses the name.
    """
    named = _CHARSET.search(content_type)
    try:
        known = codecs.lookup(named[1]).name if named else "utf-8"
    except LookupError:
        return "utf-8"
    return known if _OF_THE_WEB.fullmatch(known) else "utf-8"
