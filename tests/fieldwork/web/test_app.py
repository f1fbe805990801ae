"""Links, pages and posts, through the whole application and a store of each kind."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.fieldwork.store.keeping import close_wave
from symmetry.fieldwork.store.tokens import token_of
from symmetry.fieldwork.web.forms import form_of
from tests.fieldwork.store import waves
from tests.fieldwork.web.attacking import (
    Answered,
    Client,
    checked,
    drafts,
    everything,
    held,
    opened,
    saved,
    served,
    state,
)

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store


def _spring() -> datetime:
    return waves.NOON


def _tokens(store: Store, tmp_path: Path, people: int = 12) -> waves.Field:
    """A wave of three questions, the second asked of who gives at most 6, open in earnest to customers and employees."""
    return waves.field_on(store, waves.study_with(tmp_path), people=people)


def test_looking_changes_nothing(store: Store, tmp_path: Path) -> None:
    """No page that is looked at writes a row, whatever stands in the link."""
    token = opened(store, tmp_path)["customers"][0]
    before = everything(store)

    async def look(client: Client) -> list[int]:
        paths = ("", "/1", "/2", "/refuse", "/thanks", "?recommend=9", "/1?recommend=9&lang=fr", "/99")
        looks = [
            await client.ask(method, f"/s/{token}{path}") for path in paths for method in ("GET", "HEAD", "OPTIONS")
        ]
        return [each.status for each in looks]

    assert set(served(store, look)) == {200, 204, 303}
    assert everything(store) == before


def test_a_clicked_score_is_chosen_and_not_recorded(store: Store, tmp_path: Path) -> None:
    """A link with a score shows page 1 with it taken; a score that the scale does not have takes nothing."""
    token = opened(store, tmp_path)["customers"][0]

    async def look(client: Client) -> list[set[tuple[str, str]]]:
        return [
            checked((await client.get(f"/s/{token}?recommend={score}")).text)
            for score in ("9", "11", "%00", "9&recommend=8")
        ]

    assert served(store, look) == [{("recommend", "9")}, set(), set(), set()]
    assert saved(store, token) is None


def test_answers_go_from_page_to_page_to_thanks(store: Store, tmp_path: Path) -> None:
    """A person who gives 3 is asked why, and is thanked; what is stored is what was said; a second sending changes nothing."""
    field = _tokens(store, tmp_path)
    token = field.token("c-000")

    async def answer(client: Client) -> list[tuple[int, str]]:
        first = await client.post(token, 1, {"recommend": "3"})
        second = await client.post(token, 2, {"why": "Trop lent 😀", "listened": "2"})
        third = await client.post(token, 2, {"why": "Autre chose", "listened": "5"})
        again = await client.get(f"/s/{token}/2")
        thanks = await client.get(f"/s/{token}/thanks")
        return [(each.status, each.location) for each in (first, second, third, again, thanks)]

    told = served(store, answer, now=_spring)
    assert told == [
        (303, f"/s/{token}/2"),
        (303, f"/s/{token}/thanks?lang=en"),
        (303, f"/s/{token}?lang=en"),
        (200, ""),
        (200, ""),
    ]
    assert saved(store, token) == {"recommend": 3, "why": "Trop lent 😀", "listened": 2}
    assert state(store, token) == "complete"


def test_a_page_ahead_leads_back(store: Store, tmp_path: Path) -> None:
    """A page that was not reached leads to the one that was; the language in the link stays."""
    token = _tokens(store, tmp_path).token("c-000")

    async def look(client: Client) -> list[str]:
        before = await client.get(f"/s/{token}/2?lang=fr")
        await client.post(token, 1, {"recommend": "3"})
        return [
            before.location,
            (await client.get(f"/s/{token}/7")).location,
            (await client.get(f"/s/{token}/thanks")).location,
        ]

    assert served(store, look, now=_spring) == [f"/s/{token}/1?lang=fr", f"/s/{token}/2", f"/s/{token}/2"]


def test_the_back_button_shows_and_corrects_before_sending(store: Store, tmp_path: Path) -> None:
    """Page 1 shows the person's own answer again; sent once more it is corrected, and the hidden question's answer goes."""
    token = _tokens(store, tmp_path).token("c-000")

    async def walk(client: Client) -> set[tuple[str, str]]:
        await client.post(token, 1, {"recommend": "3"})
        seen = checked((await client.get(f"/s/{token}/1")).text)
        await client.post(token, 1, {"recommend": "9"})
        await client.post(token, 2, {"why": "asked of nobody", "listened": "4"})
        return seen

    assert served(store, walk, now=_spring) == {("recommend", "3")}
    assert saved(store, token) == {"recommend": 9, "listened": 4}


def test_nobody_reads_or_alters_what_another_answered(store: Store, tmp_path: Path) -> None:
    """Forged, cut, changed and foreign tokens lead nowhere, and another person's form is refused; no row changes."""
    field = _tokens(store, tmp_path)
    mine, theirs = field.token("c-000"), field.token("c-001")
    foreign = token_of(bytes(32), "cold", "customers", "c-000")
    other = token_of(field.key, "next", "customers", "c-000")

    async def try_all(client: Client) -> tuple[list[int], list[int], str]:
        await client.post(mine, 1, {"recommend": "3"})
        before = everything(store)
        tokens = (
            foreign,
            other,
            mine[:-1],
            mine[1:].upper(),
            mine + "a",
            mine[::-1],
            f"{mine[:-1]}%2e",
            f"{mine}%00",
            f"{mine}%2F..",
        )
        looks = [(await client.get(f"/s/{token}/1")).status for token in tokens]
        posts = [(await client.post(token, 1, {"recommend": "9"})).status for token in tokens]
        swapped = [
            (await client.post(theirs, 1, {"recommend": "9"}, form=form_of(mine, 1))).status,
            (await client.post(mine, 1, {"recommend": "9"}, form=form_of(mine, 2))).status,
            (await client.post(mine, 1, {"recommend": "9"}, form="")).status,
            (await client.post(mine, "refuse", {}, form=form_of(theirs, "refuse"))).status,
        ]
        assert everything(store) == before
        return [*looks, *posts], swapped, (await client.get(f"/s/{theirs}")).text

    refused, swapped, page = served(store, try_all, now=_spring)
    assert set(refused) <= {404, 303, 403}
    assert refused[:7] == [404] * 7
    assert swapped == [403] * 4
    assert checked(page) == set()
    assert mine not in page
    assert (saved(store, mine), saved(store, theirs)) == ({"recommend": 3}, None)


def test_a_percent_encoded_token_is_the_same_token(store: Store, tmp_path: Path) -> None:
    """Mail programs may encode a letter of a link: it is still that person's page."""
    token = _tokens(store, tmp_path).token("c-000")

    async def look(client: Client) -> int:
        return (await client.get(f"/s/%{ord(token[0]):x}{token[1:]}")).status

    assert served(store, look, now=_spring) == 200


def test_a_double_click_is_one_answer(store: Store, tmp_path: Path) -> None:
    """The same last page several times at once is one answer; of employees, nobody can know that it is the same again."""
    field = _tokens(store, tmp_path)

    async def click(client: Client) -> list[list[str]]:
        found = []
        for token in (field.token("c-000"), field.token("e-000")):
            await client.post(token, 1, {"recommend": "9"})
            clicks = await asyncio.gather(*(client.post(token, 2, {"listened": "4"}) for _ in range(4)))
            found.append(sorted(answered.location.removeprefix(f"/s/{token}") for answered in clicks))
        return found

    customer, employee = served(store, click, now=_spring)
    assert customer == ["/thanks?lang=en"] * 4
    assert (employee[0], set(employee[1:]) <= {"/thanks?lang=en", "?lang=en"}) == ("/thanks?lang=en", True)
    assert (saved(store, field.token("c-000")), held(store)) == ({"recommend": 9, "listened": 4}, 1)


def test_a_question_of_another_page_is_stray(store: Store, tmp_path: Path) -> None:
    """A field that the page does not have is refused with all that came with it."""
    token = _tokens(store, tmp_path).token("c-000")

    async def send(client: Client) -> list[int]:
        wrong = ({"listened": "4"}, {"recommend": "3", "site": "north"}, {"recommend": "3", "__proto__": "x"})
        return [(await client.post(token, 1, fields)).status for fields in wrong]

    assert served(store, send, now=_spring) == [400, 400, 400]
    assert (saved(store, token), state(store, token)) == (None, "invited")


def test_a_fault_keeps_what_was_typed(store: Store, tmp_path: Path) -> None:
    """A mark that the scale does not have is told with 422; the words typed beside it stand in the page; nothing is stored."""
    token = _tokens(store, tmp_path).token("c-000")

    async def send(client: Client) -> Answered:
        await client.post(token, 1, {"recommend": "3"})
        return await client.post(token, 2, {"why": 'So "slow" <b>', "listened": "9"})

    answered = served(store, send, now=_spring)
    assert answered.status == 422
    assert "So &#34;slow&#34; &lt;b&gt;" in answered.text
    assert 'href="#listened' in answered.text
    assert saved(store, token) == {"recommend": 3}


def test_an_employee_resumes_until_sending_and_never_after(store: Store, tmp_path: Path) -> None:
    """An employee finds their own draft again; once sent, the page shows nothing of it and the draft is gone."""
    field = _tokens(store, tmp_path)
    mine, theirs = field.token("e-000"), field.token("e-001")

    async def walk(client: Client) -> tuple[set[tuple[str, str]], set[tuple[str, str]], str]:
        await client.post(mine, 1, {"recommend": "3"})
        seen = checked((await client.get(f"/s/{mine}/1")).text)
        others = checked((await client.get(f"/s/{theirs}/1")).text)
        await client.post(mine, 2, {"why": "Unspoken", "listened": "1"})
        return seen, others, (await client.get(f"/s/{mine}/1")).text

    seen, others, after = served(store, walk, now=_spring)
    assert (seen, others) == ({("recommend", "3")}, set())
    assert "Unspoken" not in after
    assert checked(after) == set()
    assert (drafts(store), held(store), saved(store, mine)) == ([], 1, None)


def test_a_refusal_needs_its_button(store: Store, tmp_path: Path) -> None:
    """The page that asks records nothing; its button does, and the person is told so."""
    token = _tokens(store, tmp_path).token("c-000")

    async def refuse(client: Client) -> tuple[str | None, str, int]:
        await client.get(f"/s/{token}/refuse")
        looked = state(store, token)
        sent = await client.post(token, "refuse")
        return looked, sent.location, (await client.get(f"/s/{token}/thanks?lang=en")).status

    assert served(store, refuse, now=_spring) == ("invited", f"/s/{token}/thanks?lang=en", 200)
    assert state(store, token) == "refused"


def test_a_wave_that_closes_midway_takes_nothing_more(store: Store, tmp_path: Path) -> None:
    """After the close a page and a post are told 410, and what was saved before stays as it was."""
    field = _tokens(store, tmp_path)
    token = field.token("c-000")

    async def walk(client: Client) -> list[int]:
        await client.post(token, 1, {"recommend": "3"})
        await asyncio.to_thread(close_wave, store, "cold", now=waves.NOON)
        return [(await client.get(f"/s/{token}")).status, (await client.post(token, 2, {"listened": "4"})).status]

    assert served(store, walk, now=_spring) == [410, 410]
    assert saved(store, token) == {"recommend": 3}


def test_a_wave_before_its_first_day_says_when(store: Store, tmp_path: Path) -> None:
    """Before the first day, at midnight of the wave's own time zone, a page and a post are told 403 and the day."""
    token = _tokens(store, tmp_path).token("c-000")
    eve, morning = datetime(2027, 2, 28, 22, 59, tzinfo=UTC), datetime(2027, 2, 28, 23, 1, tzinfo=UTC)

    async def walk(client: Client) -> list[Answered]:
        return [await client.get(f"/s/{token}?lang=en"), await client.post(token, 1, {"recommend": "3"})]

    early = served(store, walk, now=lambda: eve)
    assert [each.status for each in early] == [403, 403]
    assert "1 March 2027" in early[0].text
    assert state(store, token) == "invited"
    assert [each.status for each in served(store, walk, now=lambda: morning)] == [200, 303]


def test_a_choice_of_language_lasts_once_posted(store: Store, tmp_path: Path) -> None:
    """The link's language shows the page in it; the one that was posted with is there the next time."""
    token = _tokens(store, tmp_path).token("c-000")

    async def walk(client: Client) -> list[bool]:
        pages = [await client.get(f"/s/{token}?lang=en"), await client.get(f"/s/{token}")]
        await client.post(token, 1, {"recommend": "3", "lang": "en"})
        pages.append(await client.get(f"/s/{token}"))
        pages.append(await client.ask("GET", f"/s/{token}", headers=[("accept-language", "fr-FR,fr;q=0.9")]))
        return ['<html lang="en"' in page.text for page in pages]

    assert served(store, walk, now=_spring) == [True, False, True, True]
