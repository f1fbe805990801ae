"""Releasing: which answers leave when, and that none is lost or doubled wherever it is cut off, on SQLite and on PostgreSQL.

Truth: who finished, as the test had them do, by the mark each left in the answers.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from nacl.public import PrivateKey
from sqlalchemy import delete, event, update

from symmetry.errors import DataError
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.keeping import close_wave
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.releasing import BATCH, Released, release
from symmetry.fieldwork.store.sealing import unboxed
from symmetry.fieldwork.store.tables import ANSWERS, HOLDING, KEYS, WAVES
from tests.fieldwork.store.employees import Staff, night, staff_of

SITES = {"large": 30, "middle": 10, "seven": 7, "three": 3, "two": 2}


@pytest.fixture
def staff(store: Store, tmp_path: Path) -> Staff:
    """A wave open for some sites."""
    return staff_of(store, tmp_path, SITES)


def finish(staff: Staff, site: str, people: int, *, day: int = 0, skip: int = 0) -> None:
    """Have some people of a site answer."""
    persons = staff.of(site)[skip : skip + people]
    staff.begin(*persons, day=day)
    staff.finish(*persons, day=day)


def stored(staff: Staff) -> Counter[str]:
    """How many sealed answers there are of each site ("" where it is not told)."""
    return Counter(json.loads(row["known"]).get("site", "") for row in staff.field.rows(ANSWERS))


def held(staff: Staff) -> Counter[str]:
    """How many boxes of each site are held, each openable with the key that it names."""
    keys = {row["seal"]: row["private"] for row in staff.field.rows(KEYS)}
    rows = staff.field.rows(HOLDING)
    assert all(unboxed(keys[row["seal"]], row["box"]) for row in rows)
    return Counter(json.loads(row["cell"]).get("site", "") for row in rows)


def marks(staff: Staff) -> list[str]:
    """The marks in all sealed answers and all boxes, sorted: exactly those given, when nothing is lost or doubled."""
    keys = {row["seal"]: row["private"] for row in staff.field.rows(KEYS)}
    inside = {row["key"]: json.loads(row["answers"])["why"] for row in staff.field.rows(ANSWERS)}
    boxes = [unboxed(keys[row["seal"]], row["box"]) for row in staff.field.rows(HOLDING)]
    inside |= {key: str(answers["why"]) for key, answers, _ in boxes}
    return sorted(inside.values())


def test_a_small_site_is_not_released_after_its_first_day(staff: Staff) -> None:
    """Three of seven people answered: nothing leaves, however many days pass."""
    finish(staff, "seven", 3)
    for day in range(4):
        assert release(staff.store, now=night(day)) == {"cold": Released(0, 3)}
    assert (stored(staff), held(staff)) == ({}, {"seven": 3})


def test_nothing_leaves_before_the_day_is_over(staff: Staff) -> None:
    """Thirty people answered: they leave after midnight of the wave's time zone, and not a minute before."""
    finish(staff, "large", 30)
    midnight = datetime(2027, 3, 1, 23, tzinfo=UTC)  # in Paris
    assert release(staff.store, now=midnight - timedelta(minutes=1)) == {}
    assert stored(staff) == {}
    assert release(staff.store, now=midnight) == {"cold": Released(24, 6)}
    assert stored(staff) == {"large": 24}


def test_a_wave_has_one_turn_a_day(staff: Staff) -> None:
    """However often it is asked for: what came after the turn waits for the next one."""
    finish(staff, "large", 12)
    assert release(staff.store, now=night(0)) == {"cold": Released(6, 6)}
    finish(staff, "large", 18, day=1, skip=12)
    for hour in range(0, 22, 3):
        assert release(staff.store, now=night(0) + timedelta(hours=hour)) == {}
    assert release(staff.store, now=night(1)) == {"cold": Released(18, 6)}


def test_a_batch_is_never_small_and_something_stays_for_the_close(staff: Staff) -> None:
    """Eleven answers stay together; of twelve, six leave and six make the last batch."""
    finish(staff, "large", 11)
    assert release(staff.store, now=night(0)) == {"cold": Released(0, 11)}
    finish(staff, "large", 1, day=1, skip=11)
    assert release(staff.store, now=night(1)) == {"cold": Released(6, 6)}
    finish(staff, "large", 1, day=2, skip=12)
    assert release(staff.store, now=night(2)) == {"cold": Released(0, 7)}
    assert release(staff.store, now=night(2), everything=True) == {"cold": Released(7, 0)}
    assert (stored(staff), held(staff)) == ({"large": 13}, {})
    assert BATCH == 6


def test_who_leaves_and_who_stays_is_drawn_by_lot(staff: Staff) -> None:
    """Of twelve people the six who leave are not those whose keys come first, nor the last."""
    first = 0
    finish(staff, "large", 12)
    release(staff.store, now=night(0))
    for day in range(1, 4):
        before = {row["key"] for row in staff.field.rows(ANSWERS)}
        finish(staff, "large", 6, day=day, skip=6 + 6 * day)
        release(staff.store, now=night(day))
        rows = [row["key"] for row in staff.field.rows(ANSWERS) if row["key"] not in before]
        keys = {row["seal"]: row["private"] for row in staff.field.rows(KEYS)}
        rest = [unboxed(keys[row["seal"]], row["box"])[0] for row in staff.field.rows(HOLDING)]
        first += max(rows) < min(rest) or max(rest) < min(rows)
    assert first < 3  # by lot: once in 462 for each of the three


def test_at_the_close_small_cells_are_pooled(staff: Staff) -> None:
    """Sites with six answers keep their name; those with fewer share one batch, and take the smallest along if need be."""
    finish(staff, "large", 9)
    finish(staff, "middle", 6)
    finish(staff, "seven", 3)
    finish(staff, "three", 2)
    assert release(staff.store, now=night(0), everything=True) == {"cold": Released(20, 0)}
    assert stored(staff) == {"large": 9, "": 11}
    assert marks(staff) == sorted(staff.marks.values())


def test_a_site_of_three_people_is_stored_without_its_name(staff: Staff) -> None:
    """Not even the holding names it: five people of the two small sites are one cell."""
    finish(staff, "three", 3)
    finish(staff, "two", 2)
    finish(staff, "seven", 7)
    assert held(staff) == {"": 5, "seven": 7}
    release(staff.store, now=night(0), everything=True)
    assert stored(staff) == {"": 12}
    known = {row["known"] for row in staff.field.rows(ANSWERS)}
    assert known == {"{}"}


def test_every_turn_destroys_the_key_of_the_last(staff: Staff) -> None:
    """Yesterday's copy of a box opens with none of today's keys; the box itself does, in another row."""
    finish(staff, "seven", 3)
    before, old = staff.field.rows(HOLDING), staff.field.rows(KEYS)
    release(staff.store, now=night(0))
    after, keys = staff.field.rows(HOLDING), staff.field.rows(KEYS)
    assert len(keys) == 1
    assert {row["private"] for row in old}.isdisjoint({row["private"] for row in keys})
    for row in before:
        with pytest.raises(DataError):
            unboxed(keys[0]["private"], row["box"])
    assert {row["key"] for row in before}.isdisjoint({row["key"] for row in after})
    inside = [
        {unboxed(key[0]["private"], row["box"])[0] for row in rows} for key, rows in ((old, before), (keys, after))
    ]
    assert inside[0] == inside[1]
    wave = staff.field.rows(WAVES)[0]
    assert wave["seal"] == keys[0]["seal"] == date(2027, 3, 2).toordinal()
    assert wave["public"] == bytes(PrivateKey(keys[0]["private"]).public_key)


def test_no_held_box_has_the_key_under_which_its_answers_are_stored(staff: Staff) -> None:
    """Who copied the holding in the evening looks for its keys in vain."""
    finish(staff, "large", 12)
    rows = {row["key"] for row in staff.field.rows(HOLDING)}
    release(staff.store, now=night(0), everything=True)
    assert rows.isdisjoint({row["key"] for row in staff.field.rows(ANSWERS)})


class CutOffError(Exception):
    """The power went."""


@contextmanager
def cut_off(store: Store, after: int) -> Iterator[None]:
    """Let so many statements and commits of both databases through, then none."""
    steps = count(1)

    def step(*_: Any, **__: Any) -> None:
        if next(steps) > after:
            raise CutOffError

    listening = [
        (engine, name) for engine in (store.field, store.sealed) for name in ("before_cursor_execute", "commit")
    ]
    for engine, name in listening:
        event.listen(engine, name, step)
    try:
        yield
    finally:
        for engine, name in listening:
            event.remove(engine, name, step)


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("site", ["large", "seven"])
def test_a_release_cut_off_at_any_step_loses_nothing_and_doubles_nothing(
    new_store: Callable[[], Store], tmp_path: Path, site: str, everything: bool
) -> None:
    """After every single statement and commit: each box has its key, answers can come in, and the next turn completes it all."""
    staff = staff_of(new_store(), tmp_path, SITES | {"large": 200, "seven": 200})
    finish(staff, "middle", 4)
    survived = 0
    for after in count():
        done = False
        finish(staff, site, 3, day=after, skip=3 * after)
        with suppress(CutOffError), cut_off(staff.store, after):
            release(staff.store, now=night(after), everything=everything)
            done = True
        held(staff)  # every box has its key
        assert marks(staff) == sorted(staff.marks.values())
        survived += 1
        if done:
            break
    assert survived > 15
    assert release(staff.store, now=night(after + 1), everything=True)["cold"].held == 0
    assert sorted(json.loads(row["answers"])["why"] for row in staff.field.rows(ANSWERS)) == sorted(
        staff.marks.values()
    )
    assert len(staff.field.rows(KEYS)) == 1


def test_a_close_after_a_cut_off_close_leaves_no_small_batch(staff: Staff) -> None:
    """The answers reached the sealed store and the holding was not emptied: closing again empties it, and adds none."""
    finish(staff, "large", 12)
    finish(staff, "seven", 2)
    for after in count():
        try:
            with cut_off(staff.store, after):
                release(staff.store, now=night(0), everything=True)
        except CutOffError:
            assert stored(staff) in ({}, {"": 14})
        else:
            break
    assert (stored(staff), held(staff)) == ({"": 14}, {})


def test_a_turn_after_a_cut_off_turn_completes_it_and_makes_no_small_batch(staff: Staff) -> None:
    """Six of twelve answers were stored when the power went: they leave the holding, and none is stored beside them."""
    finish(staff, "large", 12)
    for after in count():
        with suppress(CutOffError), cut_off(staff.store, after):
            release(staff.store, now=night(0))
        if stored(staff):
            break
    assert (stored(staff), held(staff)) == ({"large": 6}, {"large": 12})
    assert release(staff.store, now=night(0)) == {"cold": Released(6, 6)}
    assert (stored(staff), held(staff)) == ({"large": 6}, {"large": 6})
    assert marks(staff) == sorted(staff.marks.values())


def test_the_close_of_the_wave_releases_all(staff: Staff, tmp_path: Path) -> None:
    """The real close leaves no box and stores each answer once."""
    finish(staff, "large", 15)
    release(staff.store, now=night(0))
    finish(staff, "middle", 8, day=1)
    assert close_wave(staff.store, "cold", now=night(1)).released == 14
    assert (stored(staff), held(staff)) == ({"large": 15, "middle": 8}, {})
    assert marks(staff) == sorted(staff.marks.values())
    assert release(staff.store, now=night(2)) == {}


def test_a_damaged_box_stops_its_wave_and_loses_nothing(staff: Staff) -> None:
    """SEA01, and everything is where it was."""
    finish(staff, "large", 13)
    with to_write(staff.store.field) as field:
        row = staff.field.rows(HOLDING)[0]
        field.execute(update(HOLDING).where(HOLDING.c.key == row["key"]).values(box=row["box"][:-1] + b"?"))
    before = [staff.field.rows(table) for table in (HOLDING, KEYS, ANSWERS, WAVES)]
    with pytest.raises(DataError, match="cannot be opened") as caught:
        release(staff.store, now=night(0), everything=True)
    assert [problem.code for problem in caught.value.problems] == ["SEA01"]
    assert [staff.field.rows(table) for table in (HOLDING, KEYS, ANSWERS, WAVES)] == before


def test_a_missing_key_is_told(staff: Staff) -> None:
    """SEA02: the sealed database is older than the field's."""
    finish(staff, "seven", 2)
    with to_write(staff.store.sealed) as sealed:
        sealed.execute(delete(KEYS))
    with pytest.raises(DataError, match="not of the same evening") as caught:
        release(staff.store, now=night(0))
    assert [problem.code for problem in caught.value.problems] == ["SEA02"]
