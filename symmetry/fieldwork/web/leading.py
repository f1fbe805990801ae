"""Short links lead to the questionnaire; links to opt out to a page with one button, which mail providers press by themselves.

Short links have few letters, so who opens ones that do not exist is soon made to wait: a client after 20 in a minute,
whatever it opens then.  When all clients together have opened 600, whoever opened even one such link waits, and nobody else does:
otherwise anybody could shut the links of everybody.  All this is kept in memory alone, and no client by its address.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

import anyio
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from symmetry.errors import DataError
from symmetry.fieldwork.contacts.ledger import ledger_key
from symmetry.fieldwork.contacts.opting import opt_out
from symmetry.fieldwork.sending.links import invitation_out, is_short, token_behind
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.failing import StoreAwayError, plainly
from symmetry.fieldwork.store.opening import links_key
from symmetry.fieldwork.timing import now_of
from symmetry.fieldwork.web import messages
from symmetry.fieldwork.web.forms import RefusedError, language_wished, read_form
from symmetry.fieldwork.web.forms import form_of as hidden_of
from symmetry.fieldwork.web.framing import address
from symmetry.fieldwork.web.guarding import is_near

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Scope

    from symmetry.fieldwork.store.nouns import Store

__all__ = ["Leading", "Misses"]

_MINUTE = 60.0
_MOST, _MOST_OF_ALL = 20, 600
_MOST_CLIENTS = 10_000
_WAIT = {"Retry-After": "60"}
_READERS = 2
_ONE_CLICK = re.compile(rb'name="?list-unsubscribe"?[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n\s*one-click\s', re.IGNORECASE)
Made = TypeVar("Made")


class Misses:
    """How many links that lead nowhere each client opened in the last minute.

    Parameters
    ----------
    clock : seconds of a clock that never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._all: deque[float] = deque()
        self._of: OrderedDict[bytes, deque[float]] = OrderedDict()

    def add(self, client: str) -> None:
        """Count one; before the link is looked up, so that many at once do not all pass."""
        now = self._clock()
        who = self._who(client)
        self._all.append(now)
        self._of.setdefault(who, deque()).append(now)
        self._of.move_to_end(who)
        while len(self._of) > _MOST_CLIENTS:
            self._of.popitem(last=False)

    def take_back(self, client: str) -> None:
        """Count one less: the link leads somewhere."""
        own = self._of.get(self._who(client))
        if own:
            with suppress(ValueError):
                self._all.remove(own.pop())
        if own is not None and not own:
            del self._of[self._who(client)]

    def too_many(self, client: str) -> bool:
        """Whether a client has to wait."""
        since = self._clock() - _MINUTE
        while self._all and self._all[0] <= since:
            self._all.popleft()
        while self._of and next(iter(self._of.values()))[-1] <= since:
            self._of.popitem(last=False)
        own = self._of.get(self._who(client), deque())
        while own and own[0] <= since:
            own.popleft()
        return len(own) >= (_MOST if len(self._all) < _MOST_OF_ALL else 1)

    def _who(self, client: str) -> bytes:
        """A client under a name that only this process could make; one network of IPv6 is one client."""
        try:
            known = ipaddress.ip_address(client)
            if known.version == 6 and known.ipv4_mapped is None:
                client = str(ipaddress.ip_network((known, 64), strict=False))
        except ValueError:
            pass
        return hashlib.blake2b(client.encode(errors="replace"), key=self._secret, digest_size=16).digest()


class Leading:
    """The pages behind `/x/` and `/o/`.

    Parameters
    ----------
    store : of the field.
    now : what time it is, with its time zone.
    behind_proxy : believe what a proxy on this machine says of who asks.
    misses : counts links that lead nowhere.
    """

    def __init__(
        self, store: Store, now: Callable[[], datetime], *, behind_proxy: bool, misses: Misses | None = None
    ) -> None:
        self._store = store
        self._now = now
        self._behind_proxy = behind_proxy
        self._misses = misses or Misses()
        self._readers = anyio.CapacityLimiter(_READERS)

    async def short(self, request: Request) -> Response:
        """Lead a short link to the questionnaire."""
        client = _client(request.scope, self._behind_proxy)
        wished = language_wished(request.scope)
        if self._misses.too_many(client):
            return HTMLResponse(messages.message("too often", language=wished or "en"), 429, _WAIT)
        short = str(request.path_params["short"]).lower()
        if not is_short(short):  # no guess; a full stop behind a link is taken off, and the link looked at anew
            raise HTTPException(404, "unknown")
        self._misses.add(client)
        token: str | None = ""
        try:
            token = await self._threaded(lambda: self._token(short))
        finally:
            if token is not None:
                self._misses.take_back(client)
        if token is None:
            raise HTTPException(404, "unknown")
        query = request.scope["query_string"].decode("latin-1")
        return RedirectResponse(address(token) + (f"?{query}" if query else ""), 303)

    async def out(self, request: Request) -> Response:
        """Say what opting out means; nothing is recorded, whoever looks."""
        out = str(request.path_params["token"])
        await self._threaded(lambda: self._about(out))
        language = language_wished(request.scope) or "en"
        page = messages.opting_out(language=language, action=f"/o/{out}?lang={language}", form=hidden_of(out, "out"))
        return HTMLResponse(page)

    async def opt_out(self, request: Request) -> Response:
        """Record that the person is never to be asked again, at once; once more changes nothing."""
        out = str(request.path_params["token"])
        how = _how(request.headers.get("content-type", ""), await request.body(), out)
        await self._threaded(lambda: self._record(out, how))
        return HTMLResponse(messages.opted_out(language=language_wished(request.scope) or "en"))

    def _token(self, short: str) -> str | None:
        with plainly(), self._store.field.connect() as connection:
            try:
                return token_behind(connection, links_key(self._store.folder, draw=False), short)
            except StoreAwayError:
                raise
            except DataError:  # no wave is open, so that there is no key: no link leads anywhere
                return None

    def _about(self, out: str) -> tuple[str, bool]:
        with plainly(), self._store.field.connect() as connection:
            found = invitation_out(connection, out)
        if found is None:
            raise HTTPException(404, "unknown")
        return found

    def _record(self, out: str, how: str) -> None:
        contact, rehearsed = self._about(out)
        key, at = ledger_key(self._store.folder), now_of(self._store) if rehearsed else self._now()
        with plainly(), to_write(self._store.field) as connection:
            opt_out(connection, key, [contact], at, how)

    async def _threaded(self, work: Callable[[], Made]) -> Made:
        return await anyio.to_thread.run_sync(work, limiter=self._readers)


def _how(kind: str, body: bytes, out: str) -> str:
    """By what a person opts out: a click in their mail program, or the button of our page."""
    if kind.lower().startswith("multipart/"):
        if _ONE_CLICK.search(body):
            return "one click"
        raise RefusedError(400, "malformed")
    if body.strip().lower() == b"list-unsubscribe=one-click":
        return "one click"
    read_form(body, out, "out")
    return "page"


def _client(scope: Scope, behind_proxy: bool) -> str:
    """Who asks: the last address that the proxy on this machine added, else who is connected."""
    client = scope.get("client")
    host = str(client[0]) if client else ""
    if behind_proxy and is_near(client):
        said = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        return said.rpartition(b",")[2].strip().decode("latin-1")[:64] or host
    return host
