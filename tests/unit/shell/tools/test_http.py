"""The tool ``http_request``: where it may go, what it takes along, and that it ends."""

from __future__ import annotations

import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import pytest

from durable_core.spec.secrets import vault
from durable_shell.tools.addresses import (
    ALLOWED_DOMAINS,
    BLOCKED_PATTERNS,
    MAX_URL,
    AddressRules,
    Forbidden,
    address_rules,
)
from durable_shell.tools.builtin import http_connections
from durable_shell.tools.builtin.http import LONGEST_HEADER, MAX_BODY, HttpTool, only_reads
from durable_shell.tools.builtin.http_connections import MAX_REDIRECTS

http_request = HttpTool().http_request

CREDENTIALS: Final = {
    "Authorization": "Bearer b-4711",
    "Proxy-Authorization": "Basic b-4711",
    "Cookie": "id=b-4711",
    "X-Api-Key": "b-4711",
    "X-Anything": "b-4711",
    "Referer": "http://one.example/?token=b-4711",
}

UNHEARD_OF: Final = "text/plain; charset=unheard-of"


class Site(BaseHTTPRequestHandler):
    """A server of which the paths say what it does; ``seen`` keeps the headers that came."""

    stop = threading.Event()
    kind = ""
    """The content type of what is ``typed``."""
    seen: list[tuple[str, dict[str, str]]]

    def do_GET(self) -> None:
        self.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        name, _, rest = self.path[1:].partition("/")
        if name == "to":
            self.send_response(302)
            self.send_header("Location", rest)
            self.end_headers()
        elif name == "typed":
            self._reply(200, bytes.fromhex("c3bc2d747874"), self.kind)
        elif name == "wordy":
            self._reply(200, b"", reason="y" * 30_000)
        elif name.startswith("drip"):
            self._drip(b"HTTP/1.1 200 OK\r\nX-Long: " if name == "drip-head" else b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            body = b"x" * (MAX_BODY + 5) if name == "long" else self.path.encode()
            self._reply(404 if name == "missing" else 200, body)

    def do_POST(self) -> None:
        self._reply(201, self.rfile.read(int(self.headers["Content-Length"])).upper())

    def _reply(
        self,
        status: int,
        body: bytes,
        kind: str = "text/plain; charset=unheard-of",
        reason: str | None = None,
    ) -> None:
        self.send_response(status, reason)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self, begin: bytes) -> None:
        """A byte now and then, for as long as anybody takes it."""
        self.wfile.write(begin)
        while not self.stop.wait(0.02):
            try:
                self.wfile.write(b"x")
            except OSError:
                return

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own proxies have no say here."""
    monkeypatch.setattr(urllib.request, "getproxies", dict)


@pytest.fixture
def site() -> Iterator[str]:
    Site.stop.clear()
    Site.seen = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    Site.stop.set()
    server.shutdown()
    server.server_close()


def of_name(site: str, name: str) -> str:
    """The address of the site under another name."""
    return site.replace("127.0.0.1", name)


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names are resolved to, each time anew; what is not in it is as the machine says."""
    answers: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        told = answers.get(host)
        address = host if told is None else told.pop(0) if len(told) > 1 else told[0]
        return real(address, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return answers


# --- bad input ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "method"),
    [
        ("file:///etc/passwd", "GET"),
        ("ftp://x/y", "GET"),
        ("http://", "GET"),
        ("/x", "GET"),
        ("{site}/", "TRACE"),
        ("http://127.0.0.1:1/", "GET"),
        ("http://127.0.0.1:x/", "GET"),
        ("http://127.0.0.1:0/", "GET"),
        ("http://[::1/", "GET"),
        ("{site}/a b", "GET"),
        ("{site}/" + "a" * MAX_URL, "GET"),
        ("http://me:pass@127.0.0.1/", "GET"),
        ("http://me@127.0.0.1/", "GET"),
        ("http://%31%36%39.254.169.254/", "GET"),
        ("{site}/to/ftp://127.0.0.1/x", "GET"),
    ],
)
def test_what_is_no_http_is_refused(url: str, method: str, site: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- whatever the words: the model reads them
        http_request(url.format(site=site), method)


@pytest.mark.parametrize("header", ["X-A: b\r\nX-B", "X-A\r\n"])
def test_no_header_becomes_two(header: str, site: str) -> None:
    with pytest.raises(ValueError, match="failed"):
        http_request(f"{site}/", headers={header: "c"})
    with pytest.raises(ValueError, match="failed"):
        http_request(f"{site}/", headers={"X-A": "b\r\nX-B: c"})
    assert Site.seen == []


NEVER: Final = [
    "169.254.169.254",
    "169.254.0.1",
    "fe80::1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::",
    "::a9fe:a9fe",
    "fd00:ec2::254",
    "100.100.100.200",
]


@pytest.mark.parametrize("address", NEVER)
def test_addresses_that_tell_a_machines_credentials_are_never_reached(
    address: str, site: str, resolved: dict[str, list[str]]
) -> None:
    tool = HttpTool(address_rules({ALLOWED_DOMAINS: ".*"}))
    literal = f"[{address}]" if ":" in address else address
    resolved["innocent.example"] = [address]
    for url in (
        f"http://{literal}/",
        "http://innocent.example/",
        f"{site}/to/http://{literal}/",
        f"{site}/to/http://innocent.example/",
    ):
        with pytest.raises(ValueError, match="never reached"):
            tool.http_request(url)


@pytest.mark.parametrize("name", ["metadata.google.internal", "METADATA.google.internal."])
def test_a_clouds_metadata_has_a_name_as_well(name: str) -> None:
    with pytest.raises(ValueError, match="never reached"):
        http_request(f"http://{name}/computeMetadata/v1/")


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0x7f.0.0.1", "127.0.0.1.", "2852039166", "0"]
)
def test_a_number_has_one_spelling(host: str, site: str) -> None:
    port = site.rpartition(":")[2]
    for url in (f"http://{host}:{port}/", f"{site}/to/http://{host}:{port}/inside"):
        with pytest.raises(ValueError, match="written like"):
            http_request(url)
    assert [path for path, _ in Site.seen if path == "/inside"] == []


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255"])
def test_the_address_of_no_single_host_is_reached_only_where_that_is_allowed(address: str) -> None:
    literal = f"[{address}]" if ":" in address else address
    with pytest.raises(Forbidden):
        AddressRules().check(f"http://{literal}/", address)
    address_rules({ALLOWED_DOMAINS: "http://"}).check(f"http://{literal}/", address)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.1", "fd12::1", "192.0.2.1"])
def test_services_of_this_machine_and_of_private_networks_may_be_reached(address: str) -> None:
    AddressRules().check("http://somewhere.example/", address)


# --- what a person blocks -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patterns", "url"),
    [
        ("http://127", "http://127.0.0.1/"),
        ("https://x,HTTP://LOCALHOST", "http://localhost:80/"),
        ('["https://x", "http://[a-z]+:80$"]', "http://localhost/"),
        ("[a-z]+://local", "http://localhost/"),
        (".*\\.example/private", "https://www.example/private/x"),
        ("https://\\[::1\\]:443", "https://[::1]/"),
    ],
)
def test_what_is_blocked_is_not_reached_though_it_is_allowed(patterns: str, url: str) -> None:
    rules = address_rules({BLOCKED_PATTERNS: patterns, ALLOWED_DOMAINS: ".*"})
    with pytest.raises(Forbidden, match=BLOCKED_PATTERNS):
        rules.target(url)
    rules.target("http://free.example/")


def test_what_is_blocked_is_not_reached_by_a_redirect(site: str) -> None:
    tool = HttpTool(address_rules({BLOCKED_PATTERNS: "http://localhost"}))
    with pytest.raises(ValueError, match=BLOCKED_PATTERNS):
        tool.http_request(f"{site}/to/{of_name(site, 'localhost')}/inside")
    assert len(Site.seen) == 1


@pytest.mark.parametrize("bad", ["(", '["("]', "[7]", "*a", "(" * 400])
def test_a_pattern_that_is_none_is_said(bad: str) -> None:
    with pytest.raises(ValueError, match=f"{BLOCKED_PATTERNS} holds what") as told:
        address_rules({BLOCKED_PATTERNS: bad})
    assert "no regular expression" in str(told.value) or "not a regular expression" in str(told.value)


@pytest.mark.parametrize("name", [BLOCKED_PATTERNS, ALLOWED_DOMAINS])
@pytest.mark.parametrize(
    "bad", ["(a+)+$", "http://(.*a)*b", "http://(xy|Xy)*$", "http://.*a.*b.*c.*d", "x" * 501]
)
def test_a_pattern_whose_cost_has_no_bound_is_refused(name: str, bad: str) -> None:
    started = time.process_time()
    with pytest.raises(ValueError, match=f"{name} holds what can't be used"):
        address_rules({name: bad}).target(f"http://a.example/{'aX' * 900}")
    assert time.process_time() - started < 1


def test_an_address_that_can_not_be_compared_in_due_time_is_not_reached() -> None:
    rules = address_rules({BLOCKED_PATTERNS: "https?://.*a.*b"})
    rules.target(f"http://x.example/{'a' * 1900}")
    with pytest.raises(Forbidden, match="too long to be compared"):
        rules.target(f"http://x.example/{'a' * 7900}")
    with pytest.raises(Forbidden, match=BLOCKED_PATTERNS):
        rules.target(f"http://x.example/{'a' * 1900}b")


# --- one resolution -----------------------------------------------------------------------------------


def test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_checked(
    site: str, resolved: dict[str, list[str]]
) -> None:
    resolved["moves.example"] = ["127.0.0.1", "169.254.169.254"]
    assert http_request(f"{of_name(site, 'moves.example')}/here").endswith("/here")


def test_a_name_is_checked_again_at_each_redirect(site: str, resolved: dict[str, list[str]]) -> None:
    there = of_name(site, "moves.example")
    resolved["moves.example"] = ["127.0.0.1", "169.254.169.254"]
    with pytest.raises(ValueError, match="never reached"):
        http_request(f"{there}/to/{there}/inside")
    assert len(Site.seen) == 1


def test_one_forbidden_address_among_several_is_enough(monkeypatch: pytest.MonkeyPatch, site: str) -> None:
    found = [(socket.AF_INET, 1, 6, "", (address, 80)) for address in ("127.0.0.1", "169.254.169.254")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(ValueError, match="never reached"):
        http_request(f"{of_name(site, 'both.example')}/")
    assert Site.seen == []


def test_a_proxy_that_a_person_has_set_is_used_and_resolves_the_names(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urllib.request, "getproxies", lambda: {"http": site})
    monkeypatch.setattr(urllib.request, "proxy_bypass", lambda host: False)
    assert http_request("http://only-the-proxy-knows.invalid/x").startswith("200 OK")
    assert [path for path, _ in Site.seen] == ["http://only-the-proxy-knows.invalid/x"]
    with pytest.raises(ValueError, match="never reached"):
        http_request("http://169.254.169.254/")


# --- redirects ----------------------------------------------------------------------------------------


def test_what_was_meant_for_one_host_does_not_follow_to_another(site: str) -> None:
    there = of_name(site, "localhost")
    sent = {**CREDENTIALS, "Accept": "text/plain", "Accept-Language": "of-4711", "Host": "one.example"}
    tool = HttpTool(vault=vault({"token": "of-4711"}))
    # and not back again either: the other host wrote that redirect
    tool.http_request(f"{site}/to/{there}/to/{site}/back", headers=sent)
    first, *others = [headers for _, headers in Site.seen]
    assert {name.lower() for name in sent} <= first.keys()
    assert len(others) == 2
    for headers in others:
        assert headers["accept"] == "text/plain"
        assert "4711" not in str(headers)
        assert headers["host"] != "one.example"


def test_another_port_is_another_host(site: str) -> None:
    same = http_connections._same_host  # the one function that says so
    assert same("http://a.example/x", "http://A.example:80/y")
    assert same("http://a.example/", "https://a.example/")
    for other in ("https://b.example/", "http://a.example:81/", "https://a.example:444/", "ftp://a.example/"):
        assert not same("http://a.example/", other)
    assert not same("https://a.example/", "http://a.example/")


def test_headers_stay_on_one_host(site: str) -> None:
    http_request(f"{site}/to/{site}/there", headers=CREDENTIALS)
    assert [headers["authorization"] for _, headers in Site.seen] == ["Bearer b-4711"] * 2


def test_redirects_are_followed_a_few_times(site: str) -> None:
    def chain(length: int) -> str:
        return f"{site}/to/" * length + f"{site}/end"

    assert http_request(chain(MAX_REDIRECTS)).endswith("\n\n/end")
    for url in (chain(MAX_REDIRECTS + 1), chain(12)):
        with pytest.raises(ValueError, match="more than 5 redirects"):
            http_request(url)


# --- the end ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["drip-head", "drip-body"])
def test_a_server_that_sends_a_byte_now_and_then_is_cut_off(path: str, site: str) -> None:
    for url in (f"{site}/{path}", f"{site}/to/{of_name(site, 'localhost')}/{path}"):
        with pytest.raises(ValueError, match=r"no whole answer within 0\.2 s"):
            HttpTool(timeout=0.2).http_request(url)
    workers = [thread for thread in threading.enumerate() if thread.name == "http_request"]
    for worker in workers:  # nothing goes on behind: the connection is gone
        worker.join(60)
        assert not worker.is_alive()


def test_a_name_server_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers.wait() and [])
    with pytest.raises(ValueError, match=r"no whole answer within 0\.2 s"):
        HttpTool(timeout=0.2).http_request("http://slow.example/")
    answers.set()


def test_after_the_end_no_connection_is_kept(site: str) -> None:
    exchange = http_connections.Exchange(AddressRules(), 60, lambda _: False)
    exchange.check(f"{site}/")
    exchange.cut()
    with pytest.raises(OSError, match="is over"):
        exchange.connect(("127.0.0.1", int(site.rpartition(":")[2])))


# --- answers ------------------------------------------------------------------------------------------


def test_an_answer_is_told_with_its_status_whatever_that_is(site: str) -> None:
    assert http_request(f"{site}/hello").startswith("200 OK\nContent-Type: text/plain")
    assert http_request(f"{site}/to/file:///etc/passwd").startswith("302 ")  # told, and not followed
    assert http_request(f"{site}/missing").startswith("404 Not Found\n")
    assert http_request(f"{site}/", "post", {"X-A": "b"}, "loud").endswith("\n\nLOUD")
    assert http_request(f"{site}/long").endswith(f"x\n[cut after {MAX_BODY} bytes]")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text/plain; charset=utf-8", "ü-txt"),
        ("text/plain", "ü-txt"),
        ('text/plain; charset="ISO-8859-1"', "Ã¼-txt"),
        ("text/plain;charset=windows-1252; x=y", "Ã¼-txt"),
        ("text/plain; charset=KOI8-R", "ц╪-txt"),
        ("text/plain; charset=UTF-16LE", "볃琭瑸"),
    ],
)
def test_an_answer_is_read_in_the_character_set_that_it_names(
    kind: str, text: str, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Site, "kind", kind)
    assert http_request(f"{site}/typed") == f"200 OK\nContent-Type: {kind}\n\n{text}"


@pytest.mark.parametrize(
    "charset",
    [
        *("idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf-7", "utf_8_sig"),
        *("zlib", "hex", "base64", "bz2", "rot13", "uu", "quopri", "mbcs", "oem", "aliases", "os.path"),
        *("", '"', "=?utf-8?q?x?=", "x" * 30_000, "ü", "utf-8\0", "..", ";" * 30_000, '";' * 15_000),
    ],
    ids=range(27),
)
@pytest.mark.parametrize("parameter", ["charset=", "charset*=", "charset*=punycode''", "charset*0="])
def test_an_answer_in_a_character_set_that_is_none_of_the_web_is_read_as_utf_8(
    charset: str, parameter: str, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Site, "kind", f"text/plain; {parameter}{charset}")
    told = http_request(f"{site}/typed")
    assert told.startswith("200 OK\nContent-Type: text/plain; charset")
    assert told.endswith("\n\nü-txt")
    assert len(told) < LONGEST_HEADER + 100


def test_of_a_status_line_no_more_is_told_than_a_person_reads(site: str) -> None:
    assert http_request(f"{site}/wordy").startswith(f"200 {'y' * LONGEST_HEADER}\nContent-Type: ")


def test_only_get_and_head_are_safe_to_send_again() -> None:
    assert [only_reads({"method": method}) for method in ("GET", "head", "POST", "DELETE", 7)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert only_reads({})
    assert not only_reads("GET")
