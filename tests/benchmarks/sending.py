"""Two senders share an outbox and are killed again and again; a mail server in a process of its own counts what it took.

    python -m tests.benchmarks.sending [--kills 50] [--messages 3000] [--page]

On SQLite and on PostgreSQL: a wave is opened, so many messages are planned, and two processes send them to a real server
(aiosmtpd), which writes down the Message-ID of each message before it says that it has it.  Senders are killed with SIGKILL at
moments drawn from a seed, and started again.  A quarter of an hour later (by the senders' clock) the last turn is made.  Then:

- *twice*: messages that the server took more than once, by their Message-ID;
- *uncertain*: messages of which nobody knows; at most one a kill;
- *lost*: messages marked as sent that the server never took, or still planned at the end.

Before that, one sender alone sends 500 messages undisturbed: its speed, with a commit to the disk before and after each.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from symmetry.fieldwork.sending.outbox import send_due
from symmetry.fieldwork.store.addressing import VARIABLES
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.opening import close, create, links_key, open_store
from symmetry.fieldwork.store.tables import ADDRESSES, OUTBOX
from symmetry.fieldwork.store.tokens import hash_of, token_of
from tests.fieldwork.postgresql import Server as Database
from tests.fieldwork.postgresql import programs
from tests.fieldwork.sending.mailserver import Server
from tests.fieldwork.sending.outboxes import DUE, EXPIRES, NOON, id_of, opened, settings_for, urls_of

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext
    from multiprocessing.process import BaseProcess
    from multiprocessing.synchronize import Event

    from symmetry.fieldwork.store.nouns import Store

ROOT = Path(__file__).resolve().parents[2]
ALONE = 500


@dataclass
class Tally:
    """What came of an outbox whose senders were killed."""

    kills: int = 0
    taken: int = 0
    twice: int = 0
    uncertain: int = 0
    lost: int = 0
    a_second: float = 0.0


def main() -> int:
    """Kill so many times; 1 when anything was sent twice or lost, or more is uncertain than was killed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=9)
    parser.add_argument("--page", action="store_true", help="write results-sending.md")
    options = parser.parse_args()
    tallies = dict(killed(options.kills, options.messages, options.seed))
    lines = [told(name, tally) for name, tally in tallies.items()]
    print("\n".join(lines))
    if options.page:
        title, *method = __doc__.splitlines()
        page = ["# Sending, killed", "", "```text", *lines, "```", "", title, "\n".join(method[3:]).rstrip(), ""]
        Path(__file__).with_name("results-sending.md").write_text("\n".join(page), encoding="utf-8")
    return 0 if all(is_good(tally) for tally in tallies.values()) else 1


def told(name: str, tally: Tally) -> str:
    """One line about a store."""
    return (
        f"{name}: {tally.kills} kills, {tally.taken} messages taken, {tally.twice} twice, {tally.uncertain} uncertain, "
        f"{tally.lost} lost; undisturbed {tally.a_second:.0f} mails/s"
    )


def is_good(tally: Tally) -> bool:
    """Whether the promise was kept."""
    return (tally.twice, tally.lost) == (0, 0) and tally.uncertain <= tally.kills


def killed(kills: int, messages: int, seed: int, *, alone: int = ALONE) -> Iterator[tuple[str, Tally]]:
    """Each kind of store, and what came of it."""
    found = programs()
    with tempfile.TemporaryDirectory() as folder:
        yield "SQLite", _on(create(Path(folder) / "field"), Path(folder), kills, messages, seed, alone)
    if found is None:
        print("NO POSTGRESQL HERE: half of this was not done", file=sys.stderr)
        return
    database = Database(found)
    try:
        database.execute("CREATE DATABASE outbox", "CREATE DATABASE sealed")
        with tempfile.TemporaryDirectory() as folder:
            made = create(
                Path(folder) / "field", database=database.url("outbox"), sealed_database=database.url("sealed")
            )
            yield "PostgreSQL", _on(made, Path(folder), kills, messages, seed, alone)
    finally:
        database.remove()


def _on(store: Store, folder: Path, kills: int, messages: int, seed: int, alone: int) -> Tally:
    """Plan, kill and count in one store."""
    tally = Tally()
    with _mail_server(folder / "taken") as port:
        opened(store, folder, messages + alone)
        plan_all(store, range(alone))
        start = time.perf_counter()
        sent = send_due(store, settings_for(Server(port=port)), at=lambda: NOON, sender="alone")["sent"]
        tally.a_second = sent / (time.perf_counter() - start) if alone else 0.0
        plan_all(store, range(alone, alone + messages))
        tally.kills = _kill(store, port, kills, random.Random(seed))
        send_due(store, settings_for(Server(port=port)), at=lambda: NOON + timedelta(minutes=16), sender="last")
        ids = (folder / "taken").read_text(encoding="ascii").split()
    with store.field.connect() as connection:
        rows = {f"<{row.id.hex()}@banque.example>": row.state for row in connection.execute(select(OUTBOX))}
    close(store)
    shutil.rmtree(folder / "field")
    tally.taken, tally.twice = len(set(ids)), len(ids) - len(set(ids))
    states = Counter(rows.values())
    tally.uncertain = states["uncertain"]
    tally.lost = (
        len({key for key, state in rows.items() if state == "sent"} - set(ids))
        + len(rows)
        - states["sent"]
        - states["uncertain"]
    )
    return tally


def plan_all(store: Store, people: range) -> None:
    """One message each to so many customers, and their addresses."""
    key = links_key(store.folder)
    persons = [f"c-{number:03d}" for number in people]
    common = {"wave": "cold", "audience": "customers", "step": 0, "channel": "email", "due": DUE, "expires": EXPIRES,
              "state": "planned", "reason": "", "tries": 0}  # fmt: skip
    rows = [
        {**common, "id": id_of(each), "token": hash_of(token_of(key, "cold", "customers", each)), "contact": each}
        for each in persons
    ]
    known = [{"contact": each, "email": f"{each}@example.org", "bad": "", "day": "2027-03-01"} for each in persons]
    with to_write(store.field) as connection:
        if rows:
            connection.execute(insert(OUTBOX), rows)
            connection.execute(insert(ADDRESSES), known)


def _kill(store: Store, port: int, kills: int, chance: random.Random) -> int:
    """Kill one of two senders at a time, and let both end their work at last; how many were killed while they worked."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["symmetry.fieldwork.sending.outbox", "tests.fieldwork.sending.outboxes"])
    senders = [_started(context, store, port, f"{number}-0") for number in range(2)]
    done = 0
    while done < kills:
        which = chance.randrange(2)
        time.sleep(chance.uniform(0.02, 0.4))
        victim, ready = senders[which]
        ready.wait()
        if victim.exitcode is not None:
            break  # nothing is left to send
        os.kill(victim.pid or 0, signal.SIGKILL)
        victim.join()
        done += 1
        senders[which] = _started(context, store, port, f"{which}-{done}")
    for sender, _ in senders:
        sender.join()
    return done


def _started(context: ForkServerContext, store: Store, port: int, name: str) -> tuple[BaseProcess, Event]:
    ready = context.Event()
    sender = context.Process(target=send, args=(store.folder, urls_of(store), port, name, ready))
    sender.start()
    return sender, ready


def send(folder: Path, urls: tuple[str, str] | None, port: int, name: str, ready: Event) -> None:
    """A sender in a process of its own, until nothing is due."""
    os.environ.update(zip(VARIABLES, urls, strict=True) if urls else ())
    store = open_store(folder)

    def now() -> datetime:
        ready.set()
        return NOON

    send_due(store, settings_for(Server(port=port)), at=now, sender=name)
    close(store)


@contextmanager
def _mail_server(file: Path) -> Iterator[int]:
    """The server that takes mail; its port."""
    file.touch()
    command = [sys.executable, "-m", "tests.fieldwork.sending.mailserver", str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield int(server.stdout.readline())
        finally:
            server.kill()


if __name__ == "__main__":
    sys.exit(main())
