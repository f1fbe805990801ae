"""Links that many open at once, or that a mail program bent: what is counted as a guess, and what is not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

from symmetry.fieldwork.sending.links import Links, links_of
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.opening import links_key
from tests.fieldwork.sending.outboxes import NOON, opened
from tests.fieldwork.web.attacking import Client, served

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


def _links(store: Store) -> Links:
    with to_write(store.field) as connection:
        return links_of(connection, links_key(store.folder), "cold", "customers", "c-000", "")


def test_guesses_at_once_are_counted_before_they_are_looked_up(store: Store, tmp_path: Path) -> None:
    """Of sixty at the same moment twenty are answered; who opens good links may open as many as they like."""
    opened(store, tmp_path)
    short = _links(store).short

    async def work(client: Client) -> tuple[list[int], list[int]]:
        good = [(await client.get(short)).status for _ in range(25)]
        found: list[int] = []

        async def guess(number: int) -> None:
            found.append(
                (await client.get(f"/x/{'abcdefgh' + 'abcdefgh'[number % 8] + 'ijklmnop'[number // 8]}")).status
            )

        async with anyio.create_task_group() as group:
            for number in range(60):
                group.start_soon(guess, number)
        return good, found

    good, found = served(store, work, now=lambda: NOON)
    assert [303] * 25 == good
    assert {404: 20, 429: 40} == {status: found.count(status) for status in sorted(set(found))}


def test_a_bent_link_is_set_straight(store: Store, tmp_path: Path) -> None:
    """A full stop that a mail program took for a part of it, or capitals, and nobody has to wait for it."""
    opened(store, tmp_path)
    links = _links(store)

    async def work(client: Client) -> list[tuple[int, str]]:
        paths = [*[f"{links.short}.)"] * 25, f"{links.out}.", links.out.replace(links.out[3:], links.out[3:].upper())]
        return [(each.status, each.location) for each in [await client.get(path) for path in paths]]

    assert [(303, links.short)] * 25 + [(303, links.out)] * 2 == served(store, work, now=lambda: NOON)
