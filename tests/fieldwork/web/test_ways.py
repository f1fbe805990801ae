"""The ways out of a page that are not its main button, links that were bent on their way, and the language to begin in."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.fieldwork.store.opening import close, create
from tests.fieldwork.store import waves
from tests.fieldwork.web.attacking import Answered, Client, checked, everything, held, saved, served, state

if TYPE_CHECKING:
    import pytest

    from symmetry.fieldwork.store.nouns import Store

HOST = ("host", "survey.test")


def _spring() -> datetime:
    return waves.NOON


def _customer(store: Store, tmp_path: Path) -> str:
    return waves.field_on(store, waves.study_with(tmp_path)).token("c-000")


def test_a_change_of_language_keeps_the_page(store: Store, tmp_path: Path) -> None:
    """The button of a language saves what is sound, drops what is not, and shows the same page in it, now and next time."""
    token = _customer(store, tmp_path)

    async def walk(client: Client) -> tuple[Answered, Answered, Answered]:
        await client.post(token, 1, {"recommend": "3"})
        kept = await client.post(token, 2, {"why": "Half said", "listened": "9", "go": "fr"})
        return kept, await client.get(kept.location), await client.get(f"/s/{token}")

    kept, page, later = served(store, walk, now=_spring)
    assert (kept.status, kept.location) == (303, f"/s/{token}/2?lang=fr")
    assert saved(store, token) == {"recommend": 3, "why": "Half said"}
    assert ["Half said" in page.text, '<html lang="fr"' in page.text, '<html lang="fr"' in later.text] == [True] * 3


def test_back_and_refuse_keep_the_page(store: Store, tmp_path: Path) -> None:
    """Back leads to the page before and refusing to its question, in the language of the page; what was typed is saved."""
    token = _customer(store, tmp_path)

    async def walk(client: Client) -> list[tuple[int, str]]:
        sent = [
            await client.post(token, 1, {"recommend": "3", "go": "back"}),
            await client.post(token, 1, {"recommend": "3"}),
            await client.post(token, 2, {"why": "Half said", "go": "back"}),
            await client.post(token, 2, {"why": "Said", "listened": "4", "go": "refuse"}),
            await client.post(token, 2, {"why": "Lost", "go": "thanks"}),
        ]
        return [(each.status, each.location.removeprefix(f"/s/{token}")) for each in sent]

    told = [(303, "/1?lang=en"), (303, "/2"), (303, "/1?lang=en"), (303, "/refuse?lang=en"), (400, "")]
    assert served(store, walk, now=_spring) == told
    assert (saved(store, token), state(store, token)) == ({"recommend": 3, "why": "Said", "listened": 4}, "started")


def test_an_employees_page_is_kept_too(store: Store, tmp_path: Path) -> None:
    """What an employee typed is in the draft after a change of language, and nothing is sent by it."""
    token = waves.field_on(store, waves.study_with(tmp_path)).token("e-000")

    async def walk(client: Client) -> Answered:
        await client.post(token, 1, {"recommend": "3"})
        kept = await client.post(token, 2, {"why": "Half said", "listened": "4", "go": "fr"})
        return await client.get(kept.location)

    page = served(store, walk, now=_spring)
    assert ("Half said" in page.text, checked(page.text), held(store)) == (True, {("listened", "4")}, 0)


def test_who_is_done_is_not_told_that_new_words_are_recorded(store: Store, tmp_path: Path) -> None:
    """After the end other words, a refusal and a change of language lead to the page that says so; a second click is thanked."""
    token = _customer(store, tmp_path)

    async def walk(client: Client) -> list[str]:
        await client.post(token, 1, {"recommend": "9"})
        await client.post(token, 2, {"listened": "4"})
        before = everything(store)
        sent = [
            await client.post(token, 2, {"listened": "4"}),
            await client.post(token, 2, {"listened": "1"}),
            await client.post(token, "refuse"),
            await client.post(token, 2, {"listened": "4", "go": "fr"}),
        ]
        assert everything(store) == before
        return [each.location.removeprefix(f"/s/{token}") for each in sent]

    assert served(store, walk, now=_spring) == ["/thanks?lang=en", "?lang=en", "?lang=en", "?lang=fr"]


def test_whoever_refused_may_answer_after_all(store: Store, tmp_path: Path) -> None:
    """After a refusal the link says so, page 1 can be seen and sent, and the page after it leads on."""
    token = _customer(store, tmp_path)

    async def walk(client: Client) -> tuple[list[bool], str]:
        await client.post(token, "refuse")
        looks = [await client.get(f"/s/{token}{path}") for path in ("", "/1", "/2")]
        return ['name="recommend"' in each.text for each in looks], (
            await client.post(token, 1, {"recommend": "3"})
        ).location

    assert served(store, walk, now=_spring) == ([False, True, False], f"/s/{token}/2")
    assert (saved(store, token), state(store, token)) == ({"recommend": 3}, "started")


def test_a_bent_link_is_set_straight(store: Store, tmp_path: Path) -> None:
    """Capitals and what a mail program took for a part of the link lead to the page; a form is sent to its own address alone."""
    token = _customer(store, tmp_path)
    bent = [f"/s/{token.upper()}", f"/s/{token}/", f"/s/{token}.", f"/S/{token}%29,", f"/s/{token.upper()}/1/"]

    async def walk(client: Client) -> tuple[list[tuple[int, str]], list[int]]:
        looks = [await client.get(path) for path in bent]
        looks.append(await client.get(f"/s/{token}.?recommend=9&lang=fr"))
        others = [await client.get("/s/" + "A" * 19 + "/"), await client.get(f"/x/{token}/")]
        others.append(await client.post(token.upper(), 1, {"recommend": "9"}))
        return [(each.status, each.location) for each in looks], [each.status for each in others]

    looks, others = served(store, walk, now=_spring)
    right = [*[f"/s/{token}"] * 4, f"/s/{token}/1", f"/s/{token}?recommend=9&lang=fr"]
    assert (looks, others) == ([(303, each) for each in right], [404, 404, 404])


def test_a_clicked_score_stays_in_the_link(store: Store, tmp_path: Path) -> None:
    """A page that leads elsewhere hands on the score of the link, and nothing that is no question."""
    token = _customer(store, tmp_path)

    async def walk(client: Client) -> list[str]:
        paths = ("/7?recommend=9&utm=x", "/thanks?recommend=9&lang=en")
        return [(await client.get(f"/s/{token}{path}")).location for path in paths]

    assert served(store, walk, now=_spring) == [f"/s/{token}/1?recommend=9", f"/s/{token}/1?lang=en&recommend=9"]


def test_a_browser_that_speaks_neither_gets_the_studys_first_language(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A study that says English first is English to a German browser; a page that knows no study is in English."""
    monkeypatch.setattr(waves, "STUDY", waves.STUDY.replace("languages: [fr, en]", "languages: [en, fr]"))
    token = _customer(store, tmp_path)

    async def look(client: Client) -> list[str]:
        german = [HOST, ("accept-language", "de-DE,de;q=0.9")]
        asked = [(f"/s/{token}", german), ("/nowhere", german), ("/nowhere", [HOST, ("accept-language", "fr")])]
        pages = [await client.ask("GET", path, headers=headers) for path, headers in asked]
        return [found[1] for each in pages if (found := re.search('<html lang="(..)"', each.text))]

    assert served(store, look, now=_spring) == ["en", "en", "fr"]


def test_a_refused_page_leads_back_in_its_language(tmp_path: Path) -> None:
    """A page too large to be read is told in the language of the form's address, with a link to the questions."""
    store = create(tmp_path / "field")
    token = _customer(store, tmp_path)

    async def send(client: Client) -> list[Answered]:
        kind = ("content-type", "application/x-www-form-urlencoded")
        return [
            await client.ask("POST", f"/s/{token}/1?lang={each}", headers=[HOST, kind], body=b"a" * 300_000)
            for each in ("fr", "en")
        ]

    told = served(store, send, now=_spring)
    assert [each.status for each in told] == [413, 413]
    for each, language in zip(told, ("fr", "en"), strict=True):
        assert f'<html lang="{language}"' in each.text
        assert f'href="/s/{token}?lang={language}"' in each.text
    close(store)
