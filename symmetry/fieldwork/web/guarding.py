"""What stands between the network and the pages: sizes, methods, kinds of body, strange origins, headers, and the log.

Every request passes here first and every response last, errors included, so that no page has to think of it.  What is
refused is refused with a page that says so.  A log line holds the method, whether it was somebody's page, the status and the
time taken: never a token, an address, a browser's name or a word that somebody typed, and not which page it was, so that no
line says that somebody has finished.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.fieldwork.sending.links import is_short
from symmetry.fieldwork.store.tokens import is_token
from symmetry.fieldwork.web.doors import door_of
from symmetry.fieldwork.web.dressing import HTML, STRICT, Answer, headers_of
from symmetry.fieldwork.web.forms import RefusedError, language_wished

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["FULL", "LOG", "RETRY", "Guard", "is_near", "link_in", "route_of", "token_in"]

LOG = "symmetry.field"
FULL = "symmetry.full"  # in the state of a request: more people are connected than this server has room for
RETRY = {"Retry-After": "30"}
METHODS = ("GET", "HEAD", "OPTIONS", "POST")
MOST_PATH = 256
MOST_QUERY = 2048
MOST_HEADERS = 100
MOST_HEAD = 32 * 1024
PATIENCE = 20.0  # seconds for a whole body
_DRAINED = 16 * 1024 * 1024  # read and thrown away, so that a browser gets to read why it was refused
_ONCE = (b"content-length", b"content-type", b"host", b"origin", b"sec-fetch-site", b"transfer-encoding")
_ROUTE = re.compile(r"/s/[^/]+(?:/(?:\d+|refuse|thanks))?")
_LED = re.compile(r"/[xo]/[^/]+")
_TRAILING = "/.,;:!?)>]\"'"  # what a mail program takes for a part of the link
_LOOPBACK = ("127.0.0.1", "::1")


class Guard:
    """Wrap an application: refuse what no page should have to read, and dress every response.

    Parameters
    ----------
    app : the application inside.
    page : kind of message, language (None: nothing is known of it) and token ("" likewise) → the page that says it.
    policy : the Content-Security-Policy of every page.
    behind_proxy : whether `X-Forwarded-Host` and `X-Forwarded-Proto` are believed, from this machine alone.
    patience : seconds that a body may take to arrive.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        page: Callable[[str, str | None, str], str],
        policy: str,
        behind_proxy: bool = False,
        patience: float = PATIENCE,
    ) -> None:
        self._app = app
        self._page = page
        self._behind_proxy = behind_proxy
        self._patience = patience
        self._headers = headers_of(policy)
        self._log = logging.getLogger(LOG)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or what starts and stops the application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        host, secure = self._reached_as(scope)
        answer = Answer(send, [*self._headers, STRICT] if secure else self._headers, _unread(scope))
        with _Kept() as kept:
            await self._answered(scope, receive, answer, host)
        if kept.fault is not None:
            self._log.error(json.dumps({"fault": type(kept.fault).__name__, "in": _where(kept.fault)}))
            if not answer.status:
                await self._refuse(RefusedError(500, "fault"), scope, answer)
        taken = round((time.perf_counter() - started) * 1000, 1)
        method = scope["method"] if scope["method"] in METHODS else "other"
        line = {"method": method, "route": route_of(scope["path"]), "status": answer.status, "ms": taken}
        self._log.info(json.dumps(line))

    async def _answered(self, scope: Scope, receive: Receive, answer: Answer, host: bytes) -> None:
        """Pass a request on, or refuse it."""
        try:
            if FULL in scope.get("state", ()):
                raise RefusedError(503, "too many")
            _check_head(scope)
            if scope["method"] == "OPTIONS":
                raise RefusedError(204, "")
            if scope["method"] == "POST":
                receive = await self._body(scope, receive)
                _check_origin(scope, host)
            await self._app(scope, receive, answer.send)
        except RefusedError as refused:
            await self._refuse(refused, scope, answer)
        except _GoneError:
            pass

    def _reached_as(self, scope: Scope) -> tuple[bytes, bool]:
        """Under what host, and whether by TLS, the person sees this server."""
        host, scheme = _header(scope, b"host"), scope.get("scheme", "http").encode()
        if self._behind_proxy and is_near(scope.get("client")):
            host = _header(scope, b"x-forwarded-host").rpartition(b",")[2].strip() or host
            scheme = _header(scope, b"x-forwarded-proto").rpartition(b",")[2].strip() or scheme
        return host, scheme == b"https"

    async def _body(self, scope: Scope, receive: Receive) -> Receive:
        """Read the whole body, within bounds, and give it again to whoever asks."""
        length, most = _length(scope), door_of(scope["path"]).most
        if length > _DRAINED or (length > most and _header(scope, b"expect")):
            raise RefusedError(413, "too large")
        body, size, more = bytearray(), 0, True
        try:
            async with asyncio.timeout(self._patience):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _GoneError
                    size += len(message.get("body", b""))
                    if size > _DRAINED:
                        raise RefusedError(413, "too large")
                    if size <= most:
                        body += message.get("body", b"")
                    more = message.get("more_body", False)
        except TimeoutError:
            raise RefusedError(408, "malformed") from None
        if size > most:
            raise RefusedError(413, "too large")
        whole: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def again() -> Message:
            return whole.pop() if whole else await receive()

        return again

    async def _refuse(self, refused: RefusedError, scope: Scope, answer: Answer) -> None:
        """Answer with the page of a refusal, and hang up where the rest of a body may still be on its way."""
        body = b""
        if refused.kind:
            body = self._page(refused.kind, language_wished(scope), token_in(scope["path"])).encode()
        headers = [HTML, (b"content-length", b"%d" % len(body))] if body else []
        headers += [(name.lower().encode(), said.encode()) for name, said in RETRY.items() if refused.status == 503]
        headers += [(b"allow", ", ".join(METHODS).encode())] if refused.status in (204, 405) else []
        await answer.send({"type": "http.response.start", "status": refused.status, "headers": headers})
        await answer.send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


class _Kept:
    """Keep the fault of a block instead of raising it: one request that fails takes nothing with it."""

    fault: Exception | None = None

    def __enter__(self) -> _Kept:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: object) -> bool:
        self.fault = fault if isinstance(fault, Exception) else None
        return self.fault is not None


class _GoneError(Exception):
    """Whoever was sending a body hung up."""


def is_near(client: tuple[str, int] | None) -> bool:
    """Whether who is connected is on this machine, as our proxy is."""
    return client is None or client[0] in _LOOPBACK


def token_in(path: str) -> str:
    """The token of the person whose page an address names; empty where it names none.

    Examples
    --------
    >>> token_in("/s/abcdefghij234567abcd/3"), token_in("/s/x")
    ('abcdefghij234567abcd', '')
    """
    token = path.removeprefix("/s/").partition("/")[0] if path.startswith("/s/") else ""
    return token if is_token(token) else ""


def link_in(path: str) -> str:
    """The page of a link of ours that a mail program or a hand has bent; empty where an address means none.

    Examples
    --------
    >>> link_in("/s/ABCDEFGHIJ234567ABCD)."), link_in("/s/abcdefghij234567abcd/"), link_in("/s/abcdefghij234567abcd")
    ('/s/abcdefghij234567abcd', '/s/abcdefghij234567abcd', '')
    """
    link = path.lower().rstrip(_TRAILING)
    kind, _, name = link.removeprefix("/").partition("/")
    led = (kind == "x" and is_short(name)) or (kind == "o" and is_token(name))
    return link if link != path and (led or (_ROUTE.fullmatch(link) and token_in(link))) else ""


def route_of(path: str) -> str:
    """Whose kind of page an address is; which of a person's pages it is, is not said.

    Examples
    --------
    >>> route_of("/s/abcdefghij234567abcd/3"), route_of("/x/abcdefgh23"), route_of("/wp-login.php")
    ('/s/{token}', '/x/{short}', 'other')
    """
    if path in ("/events", "/healthz", "/robots.txt"):
        return path
    if _LED.fullmatch(path):
        return "/x/{short}" if path.startswith("/x/") else "/o/{token}"
    return "/s/{token}" if _ROUTE.fullmatch(path) else "other"


def _check_head(scope: Scope) -> None:
    """Refuse a request by its first lines: method, address, headers."""
    headers = scope["headers"]
    if scope["method"] not in METHODS:
        raise RefusedError(405, "malformed")
    if len(scope.get("raw_path") or scope["path"].encode(errors="replace")) > MOST_PATH:
        raise RefusedError(414, "too large")
    if len(scope["query_string"]) > MOST_QUERY:
        raise RefusedError(414, "too large")
    if len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > MOST_HEAD:
        raise RefusedError(431, "too large")
    names = [name for name, _ in headers if name in _ONCE]
    if len(names) > len(set(names)):
        raise RefusedError(400, "malformed")


def _check_origin(scope: Scope, host: bytes) -> None:
    """Refuse a form that another site's page sent, and a body that is no form.

    Under `Referrer-Policy: no-referrer` browsers send `Origin: null` with our own forms, so that null says nothing; then
    `Sec-Fetch-Site`, and the value hidden in every form, decide.
    """
    door = door_of(scope["path"])
    if door.ours and _header(scope, b"sec-fetch-site") not in (b"", b"same-origin", b"none"):
        raise RefusedError(403, "foreign")
    origin = _header(scope, b"origin")
    if door.ours and origin not in (b"", b"null") and origin.partition(b"://")[2].lower() != host.lower():
        raise RefusedError(403, "foreign")
    if not door.takes(_header(scope, b"content-type")) or _header(scope, b"content-encoding"):
        raise RefusedError(415, "malformed")


def _unread(scope: Scope) -> bool:
    """Whether a body comes that nobody reads."""
    return scope["method"] != "POST" and bool(
        _header(scope, b"transfer-encoding") or _header(scope, b"content-length").strip(b"0")
    )


def _length(scope: Scope) -> int:
    """What the header says of the body's size; 0 without one."""
    said = _header(scope, b"content-length")
    if not said:
        return 0
    if not said.isdigit() or len(said) > 12:
        raise RefusedError(400 if not said.isdigit() else 413, "malformed" if not said.isdigit() else "too large")
    return int(said)


def _header(scope: Scope, name: bytes) -> bytes:
    """The value of a header; empty without one."""
    for each, value in scope["headers"]:
        if each == name:
            return bytes(value)
    return b""


def _where(fault: Exception) -> str:
    """File and line of our own code where a fault arose: never its words, which may hold what somebody typed."""
    ours = [step for step in traceback.extract_tb(fault.__traceback__) if "symmetry" in Path(step.filename).parts]
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "elsewhere"
