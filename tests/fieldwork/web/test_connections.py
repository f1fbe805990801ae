"""What the server itself says and does on a connection, before any application: ends, refusals and being full."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from uvicorn.server import ServerState

from symmetry.fieldwork.web import rendering, serving
from symmetry.fieldwork.web.guarding import Guard
from tests.fieldwork.web.attacking import REQUIRED

Made = TypeVar("Made")
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


async def _ok(scope: Any, receive: Any, send: Any) -> None:
    """An application that says ok to everything."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def _page(kind: str, language: str | None, token: str) -> str:
    return rendering.message(kind, language=language or "en", token=token or None)


def _connected(work: Callable[[Callable[[], Awaitable[Any]]], Awaitable[Made]], room: int = 100) -> Made:
    """Do something with a server of our connections; what is given to it opens one."""

    async def run() -> Made:
        guarded: Any = Guard(_ok, page=_page, policy=rendering.policy())
        config = serving._config(guarded, behind_proxy=True)
        config.limit_concurrency = room
        state = ServerState()
        loop = asyncio.get_running_loop()
        listening = socket.create_server(("127.0.0.1", 0))
        server = await loop.create_server(lambda: serving._Bounded(config, state, {}), sock=listening)
        opened: list[asyncio.StreamWriter] = []

        async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            reader, writer = await asyncio.open_connection(*listening.getsockname()[:2])
            opened.append(writer)
            return reader, writer

        try:
            return await work(connect)
        finally:
            for writer in opened:
                writer.close()
                await writer.wait_closed()
            server.close()
            await server.wait_closed()

    return asyncio.run(run())


async def _said(reader: asyncio.StreamReader) -> bytes:
    """One whole response to a request that keeps its connection."""
    head = await reader.readuntil(b"\r\n\r\n")
    return head + await reader.readexactly(2)


@pytest.mark.parametrize("drop", [b"\r\n", b"\r\n\r\n\r\n", b"GET"])
def test_an_empty_line_does_not_hold_a_connection(monkeypatch: pytest.MonkeyPatch, drop: bytes) -> None:
    """Line ends, or the beginning of a request, after an answer do not hold the connection longer than a head may take."""
    monkeypatch.setattr(serving, "_HEAD_SECONDS", 0.1)

    async def work(connect: Callable[[], Awaitable[Any]]) -> bytes:
        reader, writer = await connect()
        writer.write(HEALTH)
        await _said(reader)
        writer.write(drop)
        async with asyncio.timeout(20):
            return bytes(await reader.read())

    assert _connected(work) == b""


def test_a_slow_answer_is_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request under way is waited for, whatever its body takes; the next one on the same connection is served too."""
    monkeypatch.setattr(serving, "_HEAD_SECONDS", 0.05)

    async def work(connect: Callable[[], Awaitable[Any]]) -> list[bytes]:
        reader, writer = await connect()
        writer.write(b"POST /s/x/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n")
        writer.write(b"Content-Length: 2\r\n\r\na")
        await asyncio.sleep(0.3)
        writer.write(b"b")
        first = await _said(reader)
        writer.write(b"\r\n" + HEALTH)
        return [first[:12], (await _said(reader))[:12]]

    assert _connected(work) == [b"HTTP/1.1 200"] * 2


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        (b"\x16\x03\x01 hello\r\n\r\n", b"400", "malformed"),
        (b"GET / HTTP/1.1\r\nA: " + b"b" * 70_000, b"431", "too large"),
    ],
)
def test_what_is_no_request_is_answered_with_a_page_of_ours(sent: bytes, status: bytes, told: str) -> None:
    """Bytes that cannot be read, and a head without end, get a page with every header of ours, and the connection ends."""

    async def work(connect: Callable[[], Awaitable[Any]]) -> bytes:
        reader, writer = await connect()
        writer.write(sent)
        return bytes(await reader.read())

    head, _, body = _connected(work).partition(b"\r\n\r\n")
    headers = dict(line.decode().split(": ", 1) for line in head.split(b"\r\n")[1:])
    assert head[9:12] == status
    assert {name: headers.get(name) for name in REQUIRED} == REQUIRED
    assert (headers["content-security-policy"], headers["connection"]) == (rendering.policy(), "close")
    assert (body.decode(), int(headers["content-length"])) == (rendering.message(told, language="en"), len(body))


def test_a_full_server_says_so_with_a_page() -> None:
    """Where more are connected than there is room for, a request gets 503, when to come again, our headers and our page."""

    async def work(connect: Callable[[], Awaitable[Any]]) -> tuple[bytes, bytes]:
        reader, writer = await connect()
        writer.write(HEALTH)
        alone = await _said(reader)
        other, more = await connect()
        more.write(b"GET /s/abcdefghij234567abcd/1?lang=fr HTTP/1.1\r\nHost: x\r\n\r\n")
        return alone, bytes(await other.read())

    alone, full = _connected(work, room=2)
    head, _, body = full.lower().partition(b"\r\n\r\n")
    assert (alone[:12], head[:12]) == (b"HTTP/1.1 200", b"http/1.1 503")
    assert b"\r\nretry-after: 30" in head
    assert all(f"\r\n{name}: ".encode() in head for name in REQUIRED)
    assert b'<html lang="fr"' in body
