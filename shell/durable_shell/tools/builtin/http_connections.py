"""Connections of one HTTP exchange: to checked addresses, over a few redirects, until it is cut."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
import urllib.request
from collections.abc import Callable
from typing import IO, Any, Final
from urllib.parse import SplitResult, urlsplit

from durable_shell.tools.addresses import AddressRules

MAX_REDIRECTS: Final = 5
"""Redirects that one request follows."""

_HARMLESS: Final = frozenset(
    {
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "content-language",
        "content-type",
        "if-modified-since",
        "if-none-match",
        "range",
        "user-agent",
    }
)
"""Headers that go along to another host. Any other may be a credential: services call theirs as they like."""

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Exchange:
    """One request with all its redirects: where it may go, how long it may last, and how to end it.

    ``holds_secret`` says of a header's value whether a secret is in it.
    """

    def __init__(self, rules: AddressRules, seconds: float, holds_secret: Callable[[str], bool]) -> None:
        self.rules = rules
        self.holds_secret = holds_secret
        self.redirects = 0
        self._ends = time.monotonic() + seconds
        self._checked: dict[tuple[str, int], tuple[str, ...]] = {}
        self._goes_through_proxy = False
        self._open: list[socket.socket] = []
        self._is_cut = False
        self._guard = threading.Lock()

    def left(self) -> float:
        """Seconds that are left, and never none: a socket takes no time for "do not wait"."""
        return max(self._ends - time.monotonic(), 0.001)

    def check(self, url: str) -> None:
        """Resolve the host of ``url`` once, and keep its addresses for the connection.

        Raises Forbidden when one of them may not be reached, and OSError when there is none.
        """
        parts = self.rules.target(url)
        host, port = parts.hostname or "", _port(parts)
        self._goes_through_proxy = _has_proxy(parts)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            if self._goes_through_proxy:
                return  # its own name server may know the name
            raise
        addresses = tuple(dict.fromkeys(str(place[0]) for *_, place in found))
        for address in addresses:
            self.rules.check(url, address)
        self._checked[host, port] = addresses

    def connect(self, place: tuple[str, int], *_: Any) -> socket.socket:
        """A connection to the checked addresses of ``place``, or to the proxy that a person has set."""
        host, port = place
        addresses = (host,) if self._goes_through_proxy else self._checked.get((host.lower(), port), ())
        problem = OSError(f"no address of {host} was checked")
        for address in addresses:
            try:
                made = socket.create_connection((address, port), self.left())
            except OSError as error:
                problem = error
                continue
            self._keep(made)
            return made
        raise problem

    def cut(self) -> None:
        """End all connections, whoever waits for them, and let none be made any more."""
        with self._guard:
            self._is_cut = True
            for handle in self._open:
                with contextlib.suppress(OSError):
                    handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of what ``cut`` would need. The connections themselves are closed by who reads them."""
        with self._guard:
            for handle in self._open:
                handle.close()
            self._open.clear()

    def _keep(self, made: socket.socket) -> None:
        with self._guard:
            if self._is_cut:
                made.close()
                raise OSError("the time for the whole exchange is over")
            self._open.append(made.dup())  # TLS takes the first one over, and a shutdown counts for both


def opener_for(exchange: Exchange) -> urllib.request.OpenerDirector:
    """HTTP and nothing else: no files, no FTP, also not where a redirect leads to."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        _CheckedHandler(exchange),
        _CheckedTlsHandler(exchange),
        _Redirects(exchange),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


class _Connection(http.client.HTTPConnection):
    _create_connection: Callable[..., socket.socket]  # where http.client lets others make the socket

    def __init__(self, exchange: Exchange, host: str, **given: Any) -> None:
        super().__init__(host, **given)
        self._create_connection = exchange.connect


class _TlsConnection(http.client.HTTPSConnection):
    _create_connection: Callable[..., socket.socket]

    def __init__(self, exchange: Exchange, host: str, **given: Any) -> None:
        super().__init__(host, **given)
        self._create_connection = exchange.connect


class _CheckedHandler(urllib.request.HTTPHandler):
    """Checks each address just before it is opened, those of redirects too."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__()
        self.exchange = exchange

    def http_request(self, request: urllib.request.Request) -> urllib.request.Request:
        self.exchange.check(request.full_url)
        return super().http_request(request)

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(lambda host, **given: _Connection(self.exchange, host, **given), request)


class _CheckedTlsHandler(urllib.request.HTTPSHandler):
    """The same over TLS; the certificate is that of the name, not of the address."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__()
        self.exchange = exchange

    def https_request(self, request: urllib.request.Request) -> urllib.request.Request:
        self.exchange.check(request.full_url)
        return super().https_request(request)

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(lambda host, **given: _TlsConnection(self.exchange, host, **given), request)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a few redirects, and takes nothing to another host that was meant for the first one."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        self.exchange.redirects += 1
        if self.exchange.redirects > MAX_REDIRECTS:
            raise ValueError(f"there are more than {MAX_REDIRECTS} redirects")
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is None or _same_host(req.full_url, newurl):
            return following
        for name, value in tuple(following.headers.items()):
            if name.lower() not in _HARMLESS or self.exchange.holds_secret(value):
                following.remove_header(name)
        return following


def _same_host(url: str, other: str) -> bool:
    """Whether both are one service: one host and port, or its usual ports on the way from http to https."""
    one, two = urlsplit(url), urlsplit(other)
    if one.hostname != two.hostname:
        return False
    if one.scheme == two.scheme:
        return _port(one) == _port(two)
    return (one.scheme, two.scheme, _port(one), _port(two)) == ("http", "https", 80, 443)


def _port(parts: SplitResult) -> int:
    return _DEFAULT_PORTS.get(parts.scheme, 0) if parts.port is None else parts.port


def _has_proxy(parts: SplitResult) -> bool:
    proxies = urllib.request.getproxies()
    return parts.scheme in proxies and not urllib.request.proxy_bypass(parts.netloc)
