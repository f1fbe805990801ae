"""An open-loop load: posts leave at the moments of a Poisson process, whether or not earlier ones have been answered.

    python -m tests.benchmarks.loading REQUESTS TOLD --port 8000 --rate 500 --seed 1

A request's latency counts from the moment it was due, so that a server that stands still is charged with everything that waits
for it.  REQUESTS is a pickle of finished requests (bytes); TOLD takes JSON: latencies in milliseconds, statuses, seconds in all.
Connections are kept alive and reused, as a reverse proxy's are; a new one is opened when none is free.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import pickle
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

__all__ = ["Answered", "load"]

Answered = Callable[[int, int, float], None]
"""Called with the number of a request, its status (0 where the connection broke) and its latency in seconds."""


class _Connection(asyncio.Protocol):
    """One kept-alive connection that has at most one request under way."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.done: asyncio.Future[int] | None = None
        self.seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass of it

    def data_received(self, data: bytes) -> None:
        self.seen += data
        head, found, body = self.seen.partition(b"\r\n\r\n")
        if not found or self.done is None:
            return
        lower = head.lower()
        start = lower.find(b"content-length:")
        length = int(lower[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
        if len(body) >= length and not self.done.done():
            self.seen = b""
            self.done.set_result(int(head[9:12]))

    def connection_lost(self, reason: Exception | None) -> None:
        self.transport = None
        if self.done is not None and not self.done.done():
            self.done.set_result(0)

    @property
    def alive(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    async def post(self, request: bytes) -> int:
        assert self.transport is not None
        self.done = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self.done


async def load(
    requests: Sequence[bytes], port: int, rate: float, seed: int, answered: Answered, *, until: float | None = None
) -> None:
    """Send every request at its moment (or until `until`, on the clock of `time.perf_counter`) and wait for all answers."""
    loop = asyncio.get_running_loop()
    moments = random.Random(seed)
    idle: list[_Connection] = []
    running: set[asyncio.Task[None]] = set()

    async def one(number: int, due: float) -> None:
        status = 0
        try:
            while idle and not idle[-1].alive:
                idle.pop()
            connection = idle.pop() if idle else (await loop.create_connection(_Connection, "127.0.0.1", port))[1]
            status = await connection.post(requests[number])
            if connection.alive:
                idle.append(connection)
        except OSError:
            pass
        answered(number, status, time.perf_counter() - due)

    due = time.perf_counter() + 0.05
    for number in range(len(requests)):
        due += moments.expovariate(rate)
        if until is not None and due > until:
            break
        wait = due - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        task = loop.create_task(one(number, due))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    for connection in idle:
        if connection.transport is not None:
            connection.transport.close()


def main() -> None:
    """Load a server and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("requests", type=Path)
    parser.add_argument("told", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    requests = pickle.loads(options.requests.read_bytes())
    statuses: dict[int, int] = {}
    taken: list[float] = []

    def answered(number: int, status: int, seconds: float) -> None:
        statuses[status] = statuses.get(status, 0) + 1
        taken.append(1000 * seconds)

    try:
        import uvloop

        run = uvloop.run
    except ImportError:
        run = asyncio.run
    start = time.perf_counter()
    run(load(requests, options.port, options.rate, options.seed, answered))
    told = {"milliseconds": taken, "statuses": statuses, "seconds": time.perf_counter() - start}
    options.told.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
