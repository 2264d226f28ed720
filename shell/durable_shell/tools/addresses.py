"""Which addresses of the network a tool may talk to: judged as numbers, whatever way they are written."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urlsplit

from durable_core.frozen import frozen

if TYPE_CHECKING:
    from durable_core.templates.regex_cost import Guarded

ALLOWED_DOMAINS: Final = "STRANDS_HTTP_ALLOWED_DOMAINS"
"""The environment variable with patterns of addresses that a tool may reach although they are special."""

BLOCKED_PATTERNS: Final = "STRANDS_HTTP_BLOCKED_PATTERNS"
"""The environment variable with patterns of addresses that no tool may reach."""

MAX_URL: Final = 8000
"""Characters of an address: RFC 9110 (section 4.1) asks servers to take 8000 octets, and few take more."""

_USUAL_URL: Final = 2_000
"""Characters of an address that a pattern must be able to judge: hardly any is longer."""

_METADATA: Final = frozenset(
    {
        "fd00:ec2::254",  # Amazon EC2, over IPv6
        "fd20:ce::254",  # Google Compute Engine, over IPv6
        "100.100.100.200",  # Alibaba Cloud
        "168.63.129.16",  # Microsoft Azure's WireServer
        "192.0.0.192",  # Oracle Cloud
    }
)
"""Where clouds tell a machine its own credentials, besides the link-local 169.254.169.254."""

_METADATA_NAME: Final = "metadata.google.internal"

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052, section 2.1
_NUMERIC: Final = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+))*\.?", re.IGNORECASE)


class Forbidden(ValueError):
    """An address that a tool may not reach; the text tells the model."""


@frozen()
class AddressRules:
    """What the person who runs the program allows and blocks, by pattern; blocked comes before allowed."""

    allowed: tuple[Guarded, ...] = ()
    blocked: tuple[Guarded, ...] = ()

    def target(self, url: str) -> SplitResult:
        """The parts of ``url``. Raises Forbidden for what is no plain address of HTTP, or blocked."""
        if len(url) > MAX_URL:
            raise Forbidden(f"the address is longer than {MAX_URL} characters")
        parts = _parts(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Forbidden("the address must begin with http:// or https://")
        if parts.username is not None or parts.password is not None:
            raise Forbidden("the address must hold no user name and no password")
        if "%" in parts.netloc:  # an escape would be read after the check
            raise Forbidden("the host must be written without escapes")
        if parts.hostname.rstrip(".") == _METADATA_NAME:
            raise Forbidden(f"{_METADATA_NAME} tells a machine's own credentials: never reached")
        if _NUMERIC.fullmatch(parts.hostname) and not _is_dotted(parts.hostname):
            raise Forbidden(f"the host {parts.hostname} must be a name, or a number written like 192.0.2.1")
        if _matches(self.blocked, url, parts):
            raise Forbidden(f"the address is blocked by {BLOCKED_PATTERNS}")
        return parts

    def check(self, url: str, address: str) -> None:
        """Raises Forbidden when ``address`` (a number), to which ``url`` leads, may not be reached.

        Hosts of this machine and of private networks may: workflows talk to local services. Link-local
        addresses and clouds' metadata never may, as they give a machine's own credentials away.
        """
        number = _unwrapped(ipaddress.ip_address(address.partition("%")[0]))
        if number.is_link_local or str(number) in _METADATA:
            raise Forbidden(f"{number} is link-local, or tells a machine's own credentials: never reached")
        special = number.is_unspecified or number.is_multicast or str(number) == "255.255.255.255"
        if special and not _matches(self.allowed, url, _parts(url)):
            raise Forbidden(f"{number} is the address of no single host; {ALLOWED_DOMAINS} may allow it")


def address_rules(env: Mapping[str, str]) -> AddressRules:
    """The rules that the environment holds. Raises ValueError for a pattern that is none."""
    return AddressRules(
        allowed=_patterns(ALLOWED_DOMAINS, env.get(ALLOWED_DOMAINS, "")),
        blocked=_patterns(BLOCKED_PATTERNS, env.get(BLOCKED_PATTERNS, "")),
    )


def _patterns(name: str, text: str) -> tuple[Guarded, ...]:
    """The regular expressions of a JSON list, or of a text with commas between them."""
    listed: list[object] = [*text.split(",")]
    if text.lstrip().startswith("["):
        # a pattern may begin with a class, as in [a-z]+
        with contextlib.suppress(ValueError, RecursionError):
            listed = json.loads(text)
    for one in listed:
        if not isinstance(one, str):
            raise ValueError(f"{name} holds what is no regular expression: {one!r:.80}")
    return tuple(_guarded(name, one.strip()) for one in listed if isinstance(one, str) and one.strip())


def _guarded(name: str, pattern: str) -> Guarded:
    from durable_core.templates.regex_cost import MAX_STEPS, UnsafePattern, guarded  # few have a pattern

    try:
        guard = guarded(pattern, re.IGNORECASE)
    except UnsafePattern as error:
        raise ValueError(f"{name} holds what can't be used, {pattern!r:.80}: {error}") from None
    if guard.first_steps(_USUAL_URL) > MAX_STEPS:
        problem = f"comparing it with an address of {_USUAL_URL} characters can take for ever"
        raise ValueError(f"{name} holds what can't be used, {pattern!r:.80}: {problem}")
    return guard


def _matches(patterns: tuple[Guarded, ...], url: str, parts: SplitResult) -> bool:
    """Whether one of the patterns matches. Raises Forbidden where that can't be told in due time."""
    if not patterns:
        return False
    from durable_core.templates.regex_cost import UnsafePattern, begins

    usual = 443 if parts.scheme == "https" else 80
    port = usual if parts.port is None else parts.port
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    place = f"{parts.scheme}://{host}"
    texts = (url, place, f"{place}:{port}")
    try:
        return any(begins(pattern, text) for pattern in patterns for text in texts)
    except UnsafePattern:
        raise Forbidden("the address is too long to be compared with the patterns for addresses") from None


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # read late, and may be no number
    except ValueError as error:
        raise Forbidden(f"the address can't be read: {error}") from None
    return parts


def _is_dotted(host: str) -> bool:
    try:
        return str(IPv4Address(host)) == host
    except ValueError:
        return False


def _unwrapped(number: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for, if it stands for one."""
    if isinstance(number, IPv4Address):
        return number
    if number in _NAT64:
        return IPv4Address(int(number) & 0xFFFFFFFF)
    teredo = number.teredo
    compatible = IPv4Address(int(number)) if 1 < int(number) <= 0xFFFFFFFF else None  # RFC 4291, 2.5.5.1
    return number.ipv4_mapped or number.sixtofour or (teredo and teredo[1]) or compatible or number
