"""A database that goes away while people answer: an honest page with their words in it, and all is well afterwards."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from symmetry.fieldwork.store.failing import StoreAwayError
from symmetry.fieldwork.store.opening import close, create
from symmetry.fieldwork.store.writing import Writer
from symmetry.fieldwork.web import answering
from symmetry.fieldwork.web.forms import form_of
from tests.fieldwork.store import waves
from tests.fieldwork.web.attacking import FORM_TYPE, Answered, Client, checked, saved, served, state

if TYPE_CHECKING:
    import pytest

    from tests.fieldwork.postgresql import Server


def _spring() -> datetime:
    return waves.NOON


def test_a_locked_file_is_told_with_the_form_and_heals(tmp_path: Path) -> None:
    """While another program locks the file, a post is told 503 with what was typed; afterwards it is taken."""
    store = create(tmp_path / "field")
    token = waves.field_on(store, waves.study_with(tmp_path)).token("c-000")

    async def walk(client: Client) -> tuple[Answered, int]:
        await client.post(token, 1, {"recommend": "3"})
        lock = sqlite3.connect(store.folder / "field.sqlite", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        away = await client.post(token, 2, {"why": "I typed this", "listened": "4"})
        lock.execute("ROLLBACK")
        lock.close()
        return away, (await client.post(token, 2, {"why": "I typed this", "listened": "4"})).status

    away, healed = served(store, walk, now=_spring)
    assert (away.status, away.headers["retry-after"], healed) == (503, "30", 303)
    assert "I typed this" in away.text
    assert checked(away.text) == {("listened", "4")}
    assert saved(store, token) == {"recommend": 3, "why": "I typed this", "listened": 4}
    close(store)


def test_a_refusal_that_was_not_recorded_is_still_one_when_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing can be read or written, the page holds the refusal, and its button sends just that, not answers."""
    store = create(tmp_path / "field")
    token = waves.field_on(store, waves.study_with(tmp_path)).token("c-000")

    async def away(*_: object) -> None:
        raise StoreAwayError("gone")

    def unreadable(*_: object) -> None:
        raise StoreAwayError("gone")

    async def walk(client: Client) -> tuple[Answered, Answered]:
        with monkeypatch.context() as gone:
            gone.setattr(Writer, "submit", away)
            gone.setattr(answering, "standing_of", unreadable)
            told = await client.post(token, "refuse")
        action = re.search('<form method="post" action="([^"]*)"', told.text)
        hidden = re.findall('<input type="hidden" name="([^"]*)" value="([^"]*)"', told.text)
        assert action is not None
        return told, await client.ask(
            "POST", action[1], headers=[("host", "survey.test"), FORM_TYPE], body=urlencode(hidden).encode()
        )

    told, again = served(store, walk, now=_spring)
    assert (told.status, re.findall("<button[^>]*>([^<]*)", told.text)) == (503, ["Send again"])
    assert (again.status, state(store, token)) == (303, "refused")
    close(store)


def test_a_way_back_that_was_not_recorded_is_still_one_when_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page that gives everything back to be sent again keeps which button was pressed: it must not finish anything."""
    store = create(tmp_path / "field")
    token = waves.field_on(store, waves.study_with(tmp_path)).token("c-000")

    async def walk(client: Client) -> Answered:
        await client.post(token, 1, {"recommend": "3"})

        def gone(*_: object) -> None:
            raise StoreAwayError("gone")

        monkeypatch.setattr(Writer, "submit", gone)
        monkeypatch.setattr(answering, "standing_of", gone)
        return await client.post(token, 2, {"why": "Half said", "go": "back"})

    hidden = re.findall('<input type="hidden" name="([^"]*)" value="([^"]*)"', served(store, walk, now=_spring).text)
    fields = {"why": "Half said", "go": "back", "form": form_of(token, 2), "lang": "en"}
    assert dict(hidden) == fields
    close(store)


def test_a_server_that_stops_is_told_with_the_words_and_heals(tmp_path: Path, postgres: Server) -> None:
    """While PostgreSQL is stopped, pages and the health check say 503, a post gives its words back; later it is taken."""
    postgres.execute("CREATE DATABASE away_field", "CREATE DATABASE away_sealed")
    store = create(tmp_path / "field", database=postgres.url("away_field"), sealed_database=postgres.url("away_sealed"))
    token = waves.field_on(store, waves.study_with(tmp_path)).token("c-000")

    async def walk(client: Client) -> tuple[list[int], str, list[int]]:
        await client.post(token, 1, {"recommend": "3"})
        await asyncio.to_thread(postgres.stop)
        try:
            post = await client.post(token, 2, {"why": 'I "typed" this', "listened": "4"})
            away = [post, await client.get(f"/s/{token}"), await client.get("/healthz")]
        finally:
            await asyncio.to_thread(postgres.start)
        back = [await client.post(token, 2, {"listened": "4"}), await client.get("/healthz")]
        return [each.status for each in away], post.text, [each.status for each in back]

    away, page, back = served(store, walk, now=_spring)
    assert (away, back) == ([503, 503, 503], [303, 200])
    assert 'name="why" value="I &#34;typed&#34; this"' in page
    assert f'value="{form_of(token, 2)}"' in page
    close(store)
    postgres.execute("DROP DATABASE away_field WITH (FORCE)", "DROP DATABASE away_sealed WITH (FORCE)")
