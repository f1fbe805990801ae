"""How long pages take, through the whole application with a clock of the test's own; and never of employees."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from symmetry.fieldwork.store.tables import RESPONSES
from symmetry.fieldwork.store.tokens import hash_of
from symmetry.fieldwork.web.forms import form_of, read_form, seconds_since
from tests.fieldwork.store import waves
from tests.fieldwork.web.attacking import Answered, Client, served

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store

_FIELD = re.compile(r'<input type="hidden" name="shown-at" value="([^"]*)">')
TOKEN = "abcdefghij234567abcd"


class _Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.at = waves.NOON

    def __call__(self) -> datetime:
        return self.at

    def go(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def _shown(page: Answered) -> dict[str, str]:
    """What the form of a page brings back of its moment: once, or not at all."""
    found = _FIELD.findall(page.text)
    assert len(found) <= 1
    return {"shown-at": found[0]} if found else {}


def _spent(store: Store, token: str) -> int | None:
    with store.field.connect() as connection:
        return connection.scalar(select(RESPONSES.c.seconds).where(RESPONSES.c.token == hash_of(token)))


def test_the_time_on_each_page_is_kept_and_added(store: Store, tmp_path: Path) -> None:
    """31 seconds on the first page, one of them on a mistake that was shown again, then 12 on the second."""
    field = waves.field_on(store, waves.study_with(tmp_path))
    token, clock = field.token("c-000"), _Clock()

    async def answer(client: Client) -> list[int | None]:
        spent = []
        page = await client.get(f"/s/{token}/1")
        clock.go(30)
        wrong = await client.post(token, 1, {"recommend": "77", **_shown(page)})
        assert (422, _shown(page)) == (wrong.status, _shown(wrong))
        clock.go(1)
        await client.post(token, 1, {"recommend": "9", **_shown(wrong)})
        spent.append(_spent(store, token))
        page = await client.get(f"/s/{token}/2")
        clock.go(12)
        await client.post(token, 2, {"listened": "4", **_shown(page)})
        return [*spent, _spent(store, token)]

    assert [31, 43] == served(store, answer, now=clock)


IMPOSSIBLE = ("", "x", "-5", "9" * 40, "1e3", "4102444800", "0", "１２", "1804161540.5")


def test_a_moment_that_cannot_be_is_no_time_and_no_error(store: Store, tmp_path: Path) -> None:
    """In the future, long ago, no number: the answer is taken, and nobody knows how long it took."""
    field = waves.field_on(store, waves.study_with(tmp_path))
    tokens = [field.token(f"c-{number:03d}") for number in range(len(IMPOSSIBLE))]

    async def answer(client: Client) -> list[int]:
        said = [{"recommend": "9", "shown-at": each} for each in IMPOSSIBLE]
        return [(await client.post(token, 1, each)).status for token, each in zip(tokens, said, strict=True)]

    assert [303] * len(IMPOSSIBLE) == served(store, answer, now=_Clock())
    assert {None} == {_spent(store, token) for token in tokens}


def test_two_moments_are_none(store: Store, tmp_path: Path) -> None:
    """A form that says it twice says nothing; one that does not say it is taken as well."""
    field = waves.field_on(store, waves.study_with(tmp_path))
    token, now = field.token("c-000"), str(int(waves.NOON.timestamp()))

    async def answer(client: Client) -> list[int]:
        twice = await client.post(token, 1, {"recommend": "9", "shown-at": [now, now]})
        absent = await client.post(token, 1, {"recommend": "8"})
        return [twice.status, absent.status]

    assert [303, 303] == served(store, answer, now=_Clock())
    assert _spent(store, token) is None


def test_no_page_of_employees_says_when_it_was_shown(store: Store, tmp_path: Path) -> None:
    """Neither a page that is looked at nor one that comes back with a mistake, even where somebody adds the field by hand."""
    field = waves.field_on(store, waves.study_with(tmp_path))
    ours, theirs = field.token("c-000"), field.token("e-000")
    moment = str(int(waves.NOON.timestamp()))

    async def look(client: Client) -> list[dict[str, str]]:
        wrong = {"recommend": "77", "shown-at": moment}
        pages = [await client.get(f"/s/{token}/1") for token in (ours, theirs)]
        pages += [await client.post(token, 1, wrong) for token in (ours, theirs)]
        assert [200, 200, 422, 422] == [each.status for each in pages]
        assert "shown-at" not in pages[1].text + pages[3].text
        return [_shown(each) for each in pages]

    said = {"shown-at": moment}
    assert [said, {}, said, {}] == served(store, look, now=_Clock())


def test_the_moment_is_no_answer() -> None:
    """A form gives it apart from its fields."""
    form = form_of(TOKEN, 1)
    posted = read_form(f"form={form}&shown-at=1804161540&recommend=9".encode(), TOKEN, 1)
    assert ({"recommend": ("9",)}, 1804161540) == (dict(posted.fields), posted.shown)


def test_half_an_hour_is_the_longest_stay() -> None:
    """To the second, at both ends."""
    shown = int(datetime(2027, 3, 4, tzinfo=UTC).timestamp())
    assert [None, 0, 0, 1800, None] == [seconds_since(shown, shown + each) for each in (-1, 0, 0.9, 1800.9, 1801)]
