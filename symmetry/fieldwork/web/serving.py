"""Run the server: one process, one writer, plain HTTP for a reverse proxy (or for this machine) to speak to.

The head of a request is read within bounds of size and time, which the server underneath leaves to its proxy.  A stop
(SIGTERM, Ctrl-C) lets requests under way finish, and ends when everything that was accepted is committed.
"""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import logging
import resource
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import uvicorn
from sqlalchemy import func, select
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from symmetry.errors import DataError, Place
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.standing import asked_in, audiences_in
from symmetry.fieldwork.store.tables import INVITATIONS, WAVES
from symmetry.fieldwork.web import rendering
from symmetry.fieldwork.web.app import application
from symmetry.fieldwork.web.dressing import bare
from symmetry.fieldwork.web.guarding import FULL, LOG, MOST_HEAD

if TYPE_CHECKING:
    from types import TracebackType

    from starlette.applications import Starlette

    from symmetry.fieldwork.asking.nouns import Asked
    from symmetry.fieldwork.store.nouns import Store

__all__ = ["serve"]

_MOST_CONNECTIONS = 4000
_SPARE_FILES = 200  # databases, sockets that listen, libraries
_HEAD_SECONDS = 10.0
_DRAIN_SECONDS = 30


def serve(
    store: Store,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    behind_proxy: bool = False,
    tell: Callable[[str], None] | None = None,
) -> None:
    """Serve the open waves of a store until told to stop.

    Parameters
    ----------
    store : of the field; the caller closes it.
    host, port : where to listen; port 0 takes a free one.
    behind_proxy : whether a proxy on this machine says under what name, and by TLS or not, people reach it.
    tell : where the address, the open waves and warnings are said; stderr without.

    Raises
    ------
    DataError : SRV01, no wave is open; SRV02, nothing can listen there.
    StoreAwayError : the database cannot be read.

    Notes
    -----
    The log goes to stderr, one line of JSON a request, without a token, an address or a word that anybody typed.
    """
    tell = tell or _say
    waves = _open_waves(store)
    with _listening(host, port) as listening:
        config = _config(application(store, behind_proxy=behind_proxy), behind_proxy)
        where = f"[{host}]" if ":" in host else host
        tell(f"serving http://{where}:{listening.getsockname()[1]}")
        for line in waves:
            tell(f"  {line}")
        if not _is_loopback(host) and not behind_proxy:
            tell(
                "warning SRV03 others than this machine can reach this address, and answers would cross the network in the clear"
                "\n  mend: listen on 127.0.0.1 behind a reverse proxy with TLS, and say --behind-proxy"
            )
        with _discreet_log():
            server = uvicorn.Server(config)
            gc.collect()
            gc.freeze()  # what was loaded stays: looking through it again and again would keep people waiting
            with suppress(KeyboardInterrupt):  # the signal that stopped it, said again
                server.run(sockets=[listening])
    tell("stopped: everything that was accepted is recorded")


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """Listen, or say why not."""
    try:
        family, *_, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.create_server(place[:2], family=family, backlog=2048)
    except OSError as error:
        raise DataError(
            f"nothing can listen on {host}, port {port}: {error.strerror or error}",
            mend="name another --port, or an address of this machine as --host",
            code="SRV02",
        ) from error
    with listening:
        yield listening


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _config(app: Starlette, behind_proxy: bool) -> uvicorn.Config:
    """How the server underneath behaves: quiet, nameless, patient with nobody for ever."""
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_CONNECTIONS + _SPARE_FILES
    if files != resource.RLIM_INFINITY and files < wanted:
        files = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    room = _MOST_CONNECTIONS if files == resource.RLIM_INFINITY else min(_MOST_CONNECTIONS, files - _SPARE_FILES)
    return uvicorn.Config(
        app,
        http=_Bounded,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=True,
        limit_concurrency=max(room, 16),  # how many connections is asked by `_Bounded`, which says so with a page
        timeout_keep_alive=75
        if behind_proxy
        else 15,  # longer than a proxy keeps its own, so that it never writes into a hang-up
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )


class _Bounded(HttpToolsProtocol):
    """A connection whose request heads have an end, in bytes and in seconds, and that ends with a page of ours."""

    _head: int = 0
    _in_head: bool = True
    _timer: asyncio.TimerHandle | None = None

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self._room, self.limit_concurrency = self.limit_concurrency, None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(_HEAD_SECONDS, self._hang_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._settled()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A head begins."""
        self._in_head, self._head = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """It has ended; where the server is full, the application says so."""
        self._in_head = False
        if self._room is not None and max(len(self.connections), len(self.tasks)) >= self._room:
            self.scope["state"] = {**self.scope["state"], FULL: True}
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head has become too long; whatever comes while no request is under way has to become one soon."""
        super().data_received(data)
        if not self._waiting():
            self._settled()
            return
        self._head += len(data)
        if self._head > 2 * MOST_HEAD:
            self._end("431 Request Header Fields Too Large", "too large")
        elif self._timer is None:
            self._timer = self.loop.call_later(_HEAD_SECONDS, self._hang_up)

    def send_400_response(self, msg: str) -> None:
        """Say that these bytes are no request."""
        self._end("400 Bad Request", "malformed")

    def _end(self, status: str, kind: str) -> None:
        """Say with a page why this connection ends; in English, since nothing is known of whoever it is."""
        if not self.transport.is_closing():
            self.transport.write(bare(status, rendering.message(kind, language="en"), rendering.policy()))
            self.transport.close()

    def _waiting(self) -> bool:
        """Whether the next thing to come is a head, or the rest of one."""
        return self._in_head or self.cycle is None or self.cycle.response_complete

    def _settled(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _hang_up(self) -> None:
        if self._waiting() and not self.transport.is_closing():
            self.transport.close()


def _open_waves(store: Store) -> list[str]:
    """Each open wave and audience in a line; their questionnaires are unpacked before the first person comes."""
    counted = (
        select(WAVES.c.wave, INVITATIONS.c.audience, func.count(INVITATIONS.c.token))
        .outerjoin(INVITATIONS, WAVES.c.wave == INVITATIONS.c.wave)
        .where(WAVES.c.state == "open")
        .group_by(WAVES.c.wave, INVITATIONS.c.audience)
        .order_by(WAVES.c.wave, INVITATIONS.c.audience)
    )
    with plainly(), store.field.connect() as connection:
        rows = [
            (wave, audience, count)
            for wave, one, count in connection.execute(counted).all()
            for audience in ([one] if one is not None else audiences_in(connection, wave))
        ]
        lines = [_line(asked_in(connection, wave, audience), count) for wave, audience, count in rows]
        halfway = connection.execute(
            select(WAVES.c.wave).where(WAVES.c.state == "closing").order_by(WAVES.c.wave)
        ).scalars()
        unfinished = [f"the close of {wave} was cut off: run `symmetry field close {wave}` again" for wave in halfway]
    if not lines:
        raise DataError(
            "no wave is open in this field store",
            where=Place(store.folder),
            mend="open one with `symmetry field open`",
            code="SRV01",
        )
    return [*lines, *unfinished]


def _line(asked: Asked, count: int) -> str:
    until = f" to {asked.last}" if asked.last else ", without a last day"
    rehearsal = f"; a rehearsal, as if it were {asked.rehearsal}" if asked.rehearsal else ""
    return f"{asked.wave.key}, {asked.audience}: {count:,} invited, from {asked.first}{until}{rehearsal}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _discreet_log() -> Iterator[None]:
    """Write the log to stderr while the server runs, errors by their kind alone: their words may hold what somebody typed."""
    handler, logger = logging.StreamHandler(sys.stderr), logging.getLogger(LOG)
    handler.setFormatter(_Discreet("%(message)s"))
    logging.getLogger().addHandler(handler)
    before = logger.level
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(before)
        logging.getLogger().removeHandler(handler)


class _Discreet(logging.Formatter):
    """Writes a message, and of an error its kind."""

    def formatException(
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        return ei[0].__name__ if ei[0] is not None else ""
