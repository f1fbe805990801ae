"""A field to be loaded: the study of twelve questions, opened in a store; its links and finished requests; the real server."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tests.benchmarks.field_study import posted, sample_of, write_study

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store

ROOT = Path(__file__).resolve().parents[2]
DAY = "2027-03-03"


@dataclass(frozen=True)
class Field:
    """An opened wave: its store's folder, the environment its server needs, and the token of every person by audience."""

    folder: Path
    environment: Mapping[str, str]
    tokens: Mapping[str, list[str]]

    def requests(self, audience: str, first: int, last: int, port: int) -> list[bytes]:
        """Finished posts of persons first..last (last excluded), each with the one page there is."""
        tokens = self.tokens[audience]
        return [request_of(tokens[number], posted(number), port) for number in range(first, last)]


def open_field(folder: Path, people: Mapping[str, int], databases: tuple[str, str] | None = None) -> Field:
    """Make a store in a folder and open the wave for so many people of each audience."""
    from datetime import date

    from symmetry.fieldwork.store import keeping, opening, tokens

    study = write_study(folder)
    home = folder / "field"
    field, sealed = databases or (None, None)
    store = opening.create(home, database=field, sealed_database=sealed)
    samples = [sample_of(study, audience, people.get(audience, 1)) for audience in study.waves["cold"].audiences]
    keeping.open_wave(store, study, "cold", samples, on=date.fromisoformat(DAY), rehearse_on=date.fromisoformat(DAY))
    key = opening.links_key(home)
    made = {
        sample.audience: [tokens.token_of(key, "cold", sample.audience, person) for person in sample.units["person"]]
        for sample in samples
    }
    close(store)
    environment = {"SYMMETRY_DATABASE": field, "SYMMETRY_SEALED_DATABASE": sealed} if field and sealed else {}
    return Field(home, environment, made)


def close(store: Store) -> None:
    """Let go of both databases."""
    store.field.dispose()
    store.sealed.dispose()


def request_of(token: str, fields: Mapping[str, str], port: int) -> bytes:
    """One finished post of page 1, as a browser sends it."""
    from symmetry.fieldwork.web.forms import form_of

    body = urlencode({"form": form_of(token, 1), "page": "1", "lang": "fr", **fields}).encode()
    head = (
        f"POST /s/{token}/1 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
        f"Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def serving(field: Field, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The real server, in a process of its own, for as long as the block lasts."""
    command = [sys.executable, "-m", "symmetry", "field", "serve", "--store", str(field.folder), "--port", str(port)]
    errors = (field.folder / "server.log").open("ab")
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | dict(field.environment), stderr=errors, stdout=errors
    )
    try:
        _wait(process, port)
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(30)
        errors.close()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until the server answers."""
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with exit code {process.returncode}: see server.log")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as page:
                if page.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("the server did not come up in 30 s")


def expected(number: int) -> dict[str, int | str]:
    """What a table of answers holds once person `number` is done."""
    return {name: text if name == "why" else int(text) for name, text in posted(number).items()}


def customers_stored(store: Store) -> dict[int, dict[str, int | str]]:
    """Person number → answers, of customers who are done; fails where state and answers are apart."""
    from sqlalchemy import select

    from symmetry.fieldwork.store.tables import INVITATIONS, RESPONSES

    joined = INVITATIONS.outerjoin(RESPONSES, INVITATIONS.c.token == RESPONSES.c.token)
    wanted = select(INVITATIONS.c.person, INVITATIONS.c.state, RESPONSES.c.answers, RESPONSES.c.complete)
    with store.field.connect() as connection:
        rows = connection.execute(wanted.select_from(joined).where(INVITATIONS.c.audience == "customers")).all()
    apart = [row for row in rows if (row.state == "complete") != bool(row.complete)]
    if apart:
        raise AssertionError(f"{len(apart)} invitations and their answers are apart")
    return {int(row.person.split("-")[1]): json.loads(row.answers) for row in rows if row.complete}


def employees_stored(store: Store) -> tuple[int, list[dict[str, int | str]]]:
    """How many employees are marked as done, and every answer of theirs, held or released."""
    from sqlalchemy import func, select

    from symmetry.fieldwork.store.sealing import unboxed
    from symmetry.fieldwork.store.tables import ANSWERS, HOLDING, INVITATIONS, KEYS

    with store.field.connect() as connection:
        done = select(func.count()).where(INVITATIONS.c.audience == "employees", INVITATIONS.c.state == "complete")
        count = int(connection.execute(done).scalar_one())
        held = connection.execute(select(HOLDING.c.seal, HOLDING.c.box)).all()
    with store.sealed.connect() as connection:
        keys = {row.seal: row.private for row in connection.execute(select(KEYS))}
        moved = [json.loads(row.answers) for row in connection.execute(select(ANSWERS.c.answers))]
    return count, [*(dict(unboxed(keys[row.seal], row.box)[1]) for row in held), *moved]
