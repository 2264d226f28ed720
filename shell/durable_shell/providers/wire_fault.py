"""A fault that we see on the wire ourselves, where the provider's client sees none."""

from __future__ import annotations

from typing import Any, Final

from durable_core.types import FaultKind, Json
from durable_shell.providers.error_documents import error_fields, error_message

_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})


class WireFault(Exception):
    """What came is no answer: ``said`` goes on after the provider's name; ``next_step`` may be empty."""

    def __init__(self, kind: FaultKind, said: str, next_step: str = "") -> None:
        super().__init__(said)
        self.kind = kind
        self.said = said
        self.next_step = next_step


async def refuse_documents(response: Any) -> None:
    """A hook on the responses of an HTTP client that asked for a stream.

    Raises WireFault where a page for people, or a document that tells of an error, came as if all was well.
    """
    if response.status_code >= 400:
        await response.aread()  # not every client does so before it looks at what came
    if not 200 <= response.status_code < 300:
        return
    check_type(response.headers.get("content-type", ""))
    if _media_type(response.headers.get("content-type", "")) == "application/json":
        await response.aread()
        if said := error_message(response.text):
            raise WireFault(_kind(error_fields(response.text).get("code")), f"answered with an error: {said}")


def _kind(code: Json) -> FaultKind:
    """Whether to try again, by a status that stands in the document."""
    return "refused" if code in (400, 401, 403, 404, 413, 422) else "server"


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def check_type(content_type: str) -> None:
    """Raises WireFault if a response of this ``Content-Type`` is a page for people."""
    kind = _media_type(content_type)
    if kind in _PAGES:
        raise WireFault(
            "refused",
            f"answered with a page for people ({kind})",
            "Check runtime.host: its path may be wrong, or a proxy asks to sign in.",
        )
