"""A fault that we see on the wire ourselves, where the provider's client sees none."""

from __future__ import annotations

from typing import Any, Final

from durable_core.types import FaultKind

_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})


class WireFault(Exception):
    """What came is no answer: ``said`` goes on after the provider's name; ``next_step`` may be empty."""

    def __init__(self, kind: FaultKind, said: str, next_step: str = "") -> None:
        super().__init__(said)
        self.kind = kind
        self.said = said
        self.next_step = next_step


async def refuse_page(response: Any) -> None:
    """A hook on the responses of an HTTP client: raises WireFault for a page in place of an answer."""
    if 200 <= response.status_code < 300:
        check_type(response.headers.get("content-type", ""))


def check_type(content_type: str) -> None:
    """Raises WireFault if a response of this ``Content-Type`` is a page for people."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _PAGES:
        raise WireFault(
            "refused",
            f"answered with a page for people ({kind})",
            "Check runtime.host: its path may be wrong, or a proxy asks to sign in.",
        )
