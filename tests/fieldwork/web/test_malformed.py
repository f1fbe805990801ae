"""Thousands of requests that no browser sends: none makes the server fail, and nothing is stored that was not asked."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs

import pytest
from sqlalchemy import select

from symmetry.fieldwork.asking.nouns import Submission
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.opening import close, create
from symmetry.fieldwork.store.recording import record
from symmetry.fieldwork.store.tables import RESPONSES
from symmetry.fieldwork.store.tokens import hash_of, secret_of
from tests.fieldwork.web.attacking import NOON, Client, everything, opened, served
from tests.fieldwork.web.malforming import Request, request_of, wrong_in

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store

WORKERS = 16


@pytest.mark.parametrize("requests", [2_000, pytest.param(52_000, marks=pytest.mark.slow)])
def test_no_malformed_request_is_a_fault_or_is_stored(tmp_path: Path, requests: int) -> None:
    """Under thousands of broken requests there is no 5xx; the store ends as the sound posts alone leave another store."""
    store = create(tmp_path / "field")
    people = requests // 8
    tokens = opened(store, tmp_path, people=people)["customers"]
    statuses, taken = served(store, lambda client: _attack(client, tokens, requests))
    print(f"\n{requests} requests: " + ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items())))

    assert [status for status in statuses if status >= 500] == []
    assert sum(statuses.values()) == requests
    assert [request.path for request in taken if not request.sound] == []
    assert _wrong_in(store) == []
    assert min(statuses[status] for status in (200, 204, 303, 400, 403, 404, 405, 413, 414, 415, 422, 431)) > 0

    twin = create(tmp_path / "twin")
    shutil.copy(store.folder / "links.key", twin.folder / "links.key")
    opened(twin, tmp_path, people=people)
    with to_write(twin.field) as connection:
        record(connection, twin, [_submission(request) for request in taken])
    assert everything(twin) == everything(store)
    for each in (store, twin):
        close(each)


async def _attack(client: Client, tokens: list[str], requests: int) -> tuple[Counter[int], list[Request]]:
    """Some workers at once, each with people of its own, so that the order of a person's posts is known."""
    statuses: Counter[int] = Counter()
    taken: list[list[Request]] = [[] for _ in range(WORKERS)]

    async def work(number: int) -> None:
        chance = random.Random(f"malformed {number}")
        mine, done = tokens[number::WORKERS], set()
        for _ in range(requests // WORKERS):
            request = request_of(chance, mine, chance.choice((1, 1, 2, 2, 3)))
            answered = await client.ask(request.method, request.path, headers=request.headers, body=request.chunks)
            statuses[answered.status] += 1
            if request.method == "POST" and answered.status == 303 and request.token not in done:
                taken[number].append(request)
                if "/thanks" in answered.location:  # from now on whatever is posted is thanked for, and changes nothing
                    done.add(request.token)

    await asyncio.gather(*(work(number) for number in range(WORKERS)))
    assert (await client.get("/healthz")).status == 200
    return statuses, [request for each in taken for request in each]


def _submission(request: Request) -> Submission:
    """A post that was taken, as the store is told of it."""
    fields = parse_qs(request.body.decode(), keep_blank_values=True)
    language, go = fields.pop("lang", [""])[0], fields.pop("go", [""])[0]
    fields.pop("form")
    said = {name: tuple(values) for name, values in fields.items()}
    language = go if go in ("fr", "en") else language
    action: Literal["next", "keep"] = "keep" if go else "next"
    token = request.token
    return Submission(hash_of(token), secret_of(token), request.page, language, said, action, NOON)


def _wrong_in(store: Store) -> list[Any]:
    """Whatever is stored and is no answer to the study."""
    with store.field.connect() as connection:
        rows = connection.execute(select(RESPONSES.c.answers, RESPONSES.c.complete, RESPONSES.c.language)).all()
    assert rows
    wrong = [(wrong_in(json.loads(row.answers), complete=row.complete), row.answers) for row in rows]
    return [each for each in wrong if each[0]] + [row.language for row in rows if row.language not in ("fr", "en")]
