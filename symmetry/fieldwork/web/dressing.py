"""The headers that every response has, whoever sends it: the application, or the server for want of a request to give to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Message, Send

__all__ = ["HTML", "STRICT", "Answer", "bare", "headers_of"]

_FIXED = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow, noarchive",
}
HTML = (b"content-type", b"text/html; charset=utf-8")
STRICT = (b"strict-transport-security", b"max-age=31536000")


class Answer:
    """One response on its way out: its status, once known, and the headers that it must have.

    After an error, and where a body came with a request that has none, the connection ends: the rest of the body may follow.
    """

    def __init__(self, send: Send, headers: list[tuple[bytes, bytes]], unread: bool) -> None:
        self._send = send
        self._headers = headers
        self._unread = unread
        self.status = 0

    async def send(self, message: Message) -> None:
        """Send a part of it, its head with our headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            hang_up = [(b"connection", b"close")] if self._unread or self.status >= 400 else []
            message = {**message, "headers": [*message.get("headers", []), *self._headers, *hang_up]}
        await self._send(message)


def headers_of(policy: str) -> list[tuple[bytes, bytes]]:
    """The headers of every response, under one Content-Security-Policy."""
    fixed = _FIXED | {"content-security-policy": policy}
    return [(name.encode(), value.encode()) for name, value in fixed.items()]


def bare(status: str, page: str, policy: str) -> bytes:
    """A whole response, for a request that cannot even be read; the connection ends with it.

    Parameters
    ----------
    status : number and words.
    page : what to say.
    policy : the Content-Security-Policy of every page.
    """
    body = page.encode()
    headers = [HTML, (b"content-length", b"%d" % len(body)), *headers_of(policy), (b"connection", b"close")]
    lines = [b"HTTP/1.1 " + status.encode(), *(name + b": " + value for name, value in headers)]
    return b"\r\n".join([*lines, b"", body])
