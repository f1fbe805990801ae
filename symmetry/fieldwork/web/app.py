"""The application: which address leads where, and what starts and ends with the server.

Addresses are `/s/{token}` and what stands below it; there is no cookie and no session: the token is the key.  A page that is
looked at changes nothing, whoever looks (mail scanners follow links): only a post records.  `/x/` and a few letters lead there,
`/o/{token}` out of all surveys, and at `/events` other systems tell what happened.

Pages are compressed although they hold a secret (the value hidden in the form).  The attack on that (BREACH) needs somebody
else to make a browser fetch the page with words of his own in it; but the page's address is itself the secret, and whoever
knows it has no more to learn.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import anyio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from symmetry.fieldwork.store.failing import StoreAwayError
from symmetry.fieldwork.store.recording import record
from symmetry.fieldwork.store.releasing import release
from symmetry.fieldwork.store.writing import Writer
from symmetry.fieldwork.web import rendering
from symmetry.fieldwork.web.answering import Site
from symmetry.fieldwork.web.events import Events
from symmetry.fieldwork.web.forms import RefusedError, language_wished, read_query
from symmetry.fieldwork.web.guarding import RETRY, Guard, link_in, token_in
from symmetry.fieldwork.web.leading import Leading

if TYPE_CHECKING:
    from starlette.requests import Request

    from symmetry.fieldwork.store.nouns import Store

__all__ = ["application"]

_LOOK = ["GET", "HEAD"]
_MINUTE = 60.0


def application(
    store: Store,
    *,
    now: Callable[[], datetime] | None = None,
    behind_proxy: bool = False,
    patience: float = 20.0,
) -> Starlette:
    """Make the application that serves the open waves of a store.

    Parameters
    ----------
    store : of the field.
    now : what time it is, with its time zone; the clock's without.
    behind_proxy : believe what a proxy on this machine says of the host and of TLS.
    patience : seconds that the body of a request may take to arrive.

    Returns
    -------
    An ASGI application.  Its lifespan starts the writer, which also lets finished answers of employees go once their day is
    over, and stops it when all that was accepted is committed.
    """
    clock = now or partial(datetime.now, UTC)

    @asynccontextmanager
    async def living(_: Starlette) -> AsyncIterator[None]:
        site.writer = Writer(store, record)
        site.writer.every(_MINUTE, lambda: release(store, now=clock()))
        try:
            yield
        finally:
            await anyio.to_thread.run_sync(site.writer.stop)
            site.writer = None

    site = Site(store, clock)
    guard = Middleware(Guard, page=_message, policy=rendering.policy(), behind_proxy=behind_proxy, patience=patience)
    made = Starlette(
        routes=_routes(site, Leading(store, clock, behind_proxy=behind_proxy), Events(store, clock)),
        middleware=[guard, Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)],
        exception_handlers={HTTPException: _no_such_page, StoreAwayError: _away},
        lifespan=living,
    )
    made.router.redirect_slashes = False
    return made


def _routes(site: Site, leading: Leading, events: Events) -> list[Route]:
    async def health(_: Request) -> Response:
        await site.check()
        return PlainTextResponse("ok\n")

    return [
        Route("/s/{token}", site.stand, methods=_LOOK),
        Route("/s/{token}/thanks", site.thanks, methods=_LOOK),
        Route("/s/{token}/refuse", site.refusal, methods=_LOOK),
        Route("/s/{token}/refuse", site.refuse, methods=["POST"]),
        Route("/s/{token}/{page:int}", site.look, methods=_LOOK),
        Route("/s/{token}/{page:int}", site.post, methods=["POST"]),
        Route("/x/{short}", leading.short, methods=_LOOK),
        Route("/o/{token}", leading.out, methods=_LOOK),
        Route("/o/{token}", leading.opt_out, methods=["POST"]),
        Route("/events", events.post, methods=["POST"]),
        Route("/healthz", health, methods=_LOOK),
        Route("/robots.txt", _robots, methods=_LOOK),
    ]


def _message(kind: str, language: str | None, token: str) -> str:
    return rendering.message(kind, language=language or "en", token=token or None)


def _no_such_page(request: Request, error: Exception) -> Response:
    """Our own page for an address, or a method, that nothing stands behind; a link that a mail program bent is set straight."""
    status, detail = (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, "")
    link = link_in(request.scope["path"]) if request.method in _LOOK else ""
    if status == 404 and link:
        query = urlencode(read_query(request.scope["query_string"]), doseq=True)
        return RedirectResponse(f"{link}?{query}" if query else link, 303)
    missing = "unknown" if detail == "unknown" else "not found"
    raise RefusedError(status, missing if status == 404 else "malformed") from None


def _away(request: Request, _: Exception) -> Response:
    text = _message("away", language_wished(request.scope), token_in(request.scope["path"]))
    return HTMLResponse(text, 503, RETRY)


def _robots(_: Request) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /\n")
