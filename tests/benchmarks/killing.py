"""Kills what serves a wave, under load, again and again, and counts what was lost.

    python -m tests.benchmarks.killing [--rounds 100] [--rate 300] [--page]

Every round: the server starts, people answer at `rate` a second, something is killed with SIGKILL at a moment drawn from a seed:

- *server*: the server's process (its writer thread dies with it), on SQLite and on PostgreSQL;
- *writer*: the PostgreSQL backend that the writer speaks to (the database then recovers from a crash, the server lives);
- *database*: the PostgreSQL postmaster and all its processes, which is started again.

Then the store is opened and compared with what was acknowledged (a 303 received in full): `lost` are acknowledged answers that
are not there, or not as posted; `half` answers and states that are apart, or a file that fails its integrity check; `twice`
answers stored more than once.  At the end everybody who was not acknowledged posts again, and all must be there exactly once.
Power loss is not simulated: synchronous FULL is kept for it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.field_serving import (
    Field,
    close,
    customers_stored,
    employees_stored,
    expected,
    free_port,
    open_field,
    serving,
)
from tests.benchmarks.loading import load
from tests.fieldwork.postgresql import Server, programs

AUDIENCES = ("customers", "employees")
SECONDS = 1.6  # of load in a round


@dataclass
class Tally:
    """What happened to the answers of one store over its rounds."""

    kills: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    acknowledged: dict[str, set[int]] = field(default_factory=lambda: {audience: set() for audience in AUDIENCES})
    refused: Counter[int] = field(default_factory=Counter)
    lost: int = 0
    half: int = 0
    twice: int = 0


def main() -> int:
    """Kill so many times; 1 when anything was lost, half-written or doubled."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=100, help="kills in all (default 100)")
    parser.add_argument("--rate", type=float, default=300.0, help="answers a second (default 300)")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--page", action="store_true", help="write results-killing.md")
    options = parser.parse_args()
    tallies = dict(killed(options.rounds, options.rate, options.seed))
    lines = [told(name, tally) for name, tally in tallies.items()]
    print("\n".join(lines))
    if options.page:
        title, *method = __doc__.splitlines()
        told_so = "\n".join(
            ["# Killed under load", "", "```text", *lines, "```", "", title, "\n".join(method[3:]).rstrip(), ""]
        )
        Path(__file__).with_name("results-killing.md").write_text(told_so, encoding="utf-8")
    return int(any(tally.lost or tally.half or tally.twice for tally in tallies.values()))


def told(name: str, tally: Tally) -> str:
    """One line on what was killed and what came of it."""
    kills = ", ".join(f"{count} × {what}" for what, count in tally.kills.items())
    done = sum(map(len, tally.acknowledged.values()))
    refused = ", ".join(f"{count} × {status or 'broken'}" for status, count in sorted(tally.refused.items()))
    return (
        f"{name}: killed {kills}; {tally.sent} sent, {done} acknowledged, {refused or 'none'} not; "
        f"lost {tally.lost}, half-written {tally.half}, twice {tally.twice}"
    )


def killed(rounds: int, rate: float, seed: int) -> Iterator[tuple[str, Tally]]:
    """Half of the rounds on SQLite, half on PostgreSQL, each with what it came to."""
    chance = random.Random(seed)
    with _room() as folder:
        field = open_field(folder, dict.fromkeys(AUDIENCES, _people(rounds, rate)))
        yield "SQLite", _rounds(field, ["server"] * (rounds - rounds // 2), rate, chance, None)
    with _room() as folder, _server() as server:
        server.execute("CREATE DATABASE field", "CREATE DATABASE sealed")
        urls = (server.url("field"), server.url("sealed"))
        field = open_field(folder, dict.fromkeys(AUDIENCES, _people(rounds, rate)), urls)
        ways = [("server", "writer", "database")[number % 3] for number in range(rounds // 2)]
        yield "PostgreSQL", _rounds(field, ways, rate, chance, server)


def _people(rounds: int, rate: float) -> int:
    return int(rounds * rate * SECONDS) // len(AUDIENCES) + 200


@contextmanager
def _room() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="symmetry-kill-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server() -> Iterator[Server]:
    found = programs()
    if found is None:
        raise SystemExit("no PostgreSQL here: install Debian's package postgresql")
    server = Server(found)
    try:
        yield server
    finally:
        server.remove()


def _rounds(target: Field, ways: list[str], rate: float, chance: random.Random, server: Server | None) -> Tally:
    """Kill in each of the ways, one after the other; compare after each; let everybody finish at the end."""
    tally = Tally()
    used = dict.fromkeys(AUDIENCES, 0)
    count = int(rate * SECONDS)
    for number, way in enumerate(ways):
        audience = AUDIENCES[number % 2]
        first = used[audience]
        used[audience] += count
        port = free_port()
        with serving(target, port) as process:
            moment = chance.uniform(0.3, SECONDS - 0.2)
            killer = threading.Timer(moment, _kill, (way, process.pid, server))
            killer.start()
            _send(target, audience, list(range(first, first + count)), port, rate, chance, tally)
            killer.join()
            tally.kills[way] += 1
        if way == "database" and server is not None:
            server.start()
        _compare(target, used, tally)
        print(told(f"round {number + 1}", tally), file=sys.stderr)
    _finish(target, used, chance, tally)
    return tally


def _kill(way: str, process: int, server: Server | None) -> None:
    """Kill one thing with SIGKILL."""
    if way == "server":
        os.kill(process, signal.SIGKILL)
    elif way == "writer" and server is not None:
        os.kill(_writer(server), signal.SIGKILL)
    elif server is not None:
        server.kill()


def _writer(server: Server) -> int:
    """The backend that wrote last into the field's database."""
    import psycopg

    with psycopg.connect(server.url("field")) as connection:
        row = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = 'field' AND pid <> pg_backend_pid() "
            "AND query ~* '^(insert|update|delete|commit)' ORDER BY query_start DESC LIMIT 1"
        ).fetchone()
    if row is None:
        raise RuntimeError("no backend of the writer was found")
    return int(row[0])


def _send(
    target: Field, audience: str, numbers: list[int], port: int, rate: float, chance: random.Random, tally: Tally
) -> None:
    """Let people answer, and keep who was acknowledged."""
    requests = [target.requests(audience, number, number + 1, port)[0] for number in numbers]

    def answered(place: int, status: int, seconds: float) -> None:
        tally.sent += 1
        if status == 303:
            tally.acknowledged[audience].add(numbers[place])
        else:
            tally.refused[status] += 1

    asyncio.run(load(requests, port, rate, chance.randrange(1 << 30), answered))


def _compare(target: Field, used: dict[str, int], tally: Tally) -> None:
    """Hold the store against what was acknowledged so far."""
    os.environ.update(target.environment)
    from symmetry.fieldwork.store.opening import open_store

    store = open_store(target.folder)
    try:
        if store.embedded:
            for engine in (store.field, store.sealed):
                with engine.connect() as connection:
                    tally.half += connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() != "ok"
        customers = customers_stored(store)
        tally.lost += sum(customers.get(number) != expected(number) for number in tally.acknowledged["customers"])
        tally.half += sum(answers != expected(number) for number, answers in customers.items())
        done, answers = employees_stored(store)
        seen = Counter(int(str(each["why"]).split(":")[0]) for each in answers)
        tally.lost += sum(number not in seen for number in tally.acknowledged["employees"])
        tally.twice += sum(count - 1 for count in seen.values())
        tally.half += sum(each != expected(int(str(each["why"]).split(":")[0])) for each in answers)
        tally.half += abs(done - len(answers))
    finally:
        close(store)
        for name in target.environment:
            del os.environ[name]


def _finish(target: Field, used: dict[str, int], chance: random.Random, tally: Tally) -> None:
    """Whoever was not acknowledged posts again: then all are there, each once."""
    port = free_port()
    with serving(target, port):
        for audience in AUDIENCES:
            rest = [number for number in range(used[audience]) if number not in tally.acknowledged[audience]]
            _send(target, audience, rest, port, 400.0, chance, tally)
    _compare(target, used, tally)
    tally.lost += sum(used[audience] - len(tally.acknowledged[audience]) for audience in AUDIENCES)


if __name__ == "__main__":
    sys.exit(main())
