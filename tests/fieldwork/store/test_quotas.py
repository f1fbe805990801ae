"""Quotas: never one answer more than a cell holds, whoever counts and however many at once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy.exc import OperationalError

from symmetry.fieldwork.asking.paging import asked_of
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.quotas import Cell, cells_of, is_full, period_of, take
from symmetry.fieldwork.store.tables import HOLDING, INVITATIONS, QUOTAS, RESPONSES
from tests.fieldwork.store.waves import Field, field_on, study_with

DAY = date(2027, 3, 4)


def cell(most: int, quota: str = "a", period: str = "wave") -> Cell:
    """One cell of a made-up quota."""
    return {"wave": "w", "audience": "customers", "quota": quota, "cell": "[]", "period": period, "most": most}


def taken_by(store: Store, cells: Sequence[Cell]) -> bool:
    """Take one place in a transaction of its own, waiting for one's turn as long as it takes."""
    for _ in range(50):
        try:
            with to_write(store.field) as connection:
                return take(connection, cells)
        except OperationalError:
            continue
    raise AssertionError("never had its turn")


def counts(store: Store) -> dict[str, int]:
    """Quota → places taken."""
    with store.field.connect() as connection:
        return {row.quota: row.taken for row in connection.execute(QUOTAS.select())}


def test_sixteen_writers_never_take_more_than_a_hundred_places(store: Store) -> None:
    """16 threads try 128 times for 100 places, each in a transaction of its own: exactly 100 succeed."""
    start = Barrier(16)

    def eight(_: int) -> int:
        start.wait()
        return sum(taken_by(store, [cell(100)]) for _ in range(8))

    with ThreadPoolExecutor(16) as pool:
        accepted = sum(pool.map(eight, range(16)))
    assert (accepted, counts(store)) == (100, {"a": 100})


def test_a_place_is_taken_in_every_cell_or_in_none(store: Store) -> None:
    """Where the second cell is full, the place in the first is given back."""
    assert [taken_by(store, [cell(9, "a"), cell(2, "b")]) for _ in range(4)] == [True, True, False, False]
    assert counts(store) == {"a": 2, "b": 2}
    with store.field.connect() as connection:
        assert [is_full(connection, [cell(9, "a")]), is_full(connection, [cell(9, "a"), cell(2, "b")])] == [False, True]


def test_each_period_counts_anew(store: Store) -> None:
    """What was taken in one month leaves the next one free."""
    assert [taken_by(store, [cell(1, period=month)]) for month in ("2027-03", "2027-03", "2027-04")] == [
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("period", "day", "name"),
    [
        ("day", "2027-03-04", "2027-03-04"),
        ("week", "2027-03-04", "2027-W09"),
        ("week", "2027-01-03", "2026-W53"),
        ("week", "2024-12-30", "2025-W01"),
        ("month", "2027-12-31", "2027-12"),
        ("wave", "2027-12-31", "wave"),
    ],
)
def test_periods_have_the_names_of_the_calendar(period: str, day: str, name: str) -> None:
    """Weeks are those of ISO 8601, which belong to the year of their Thursday."""
    assert period_of(period, date.fromisoformat(day)) == name


def test_cells_are_what_is_known_of_a_person_that_day(tmp_path: Path) -> None:
    """One cell for each quota, by the person's frame items; what is not known counts apart."""
    study = study_with(tmp_path, customers="{size: census, quotas: [5 per site per month, 90 per wave]}")
    asked = asked_of(study, "cold", "customers", first=DAY)
    found = [
        (each["quota"], each["cell"], each["period"], each["most"]) for each in cells_of(asked, {"site": "north"}, DAY)
    ]
    assert found == [("5 per site per month", '["north"]', "2027-03", 5), ("90 per wave", "[]", "wave", 90)]
    assert cells_of(asked, {}, DAY)[0]["cell"] == '[""]'
    assert cells_of(asked_of(study, "cold", "employees", first=DAY), {}, DAY) == []


@pytest.fixture
def field(store: Store, tmp_path: Path) -> Field:
    """The wave with room for two customers and two employees at each site."""
    quotas = "{size: census, quotas: [2 per site per wave]}"
    return field_on(store, study_with(tmp_path, customers=quotas, employees=quotas))


def states(field: Field, audience: str) -> dict[str, int]:
    """State → invitations."""
    found: dict[str, int] = {}
    for row in field.rows(INVITATIONS):
        if row["audience"] == audience:
            found[row["state"]] = found.get(row["state"], 0) + 1
    return found


@pytest.mark.parametrize("audience", ["customers", "employees"])
def test_who_is_one_too_many_at_the_end_is_not_counted(field: Field, audience: str) -> None:
    """Six begin at the north site and two can finish; the others are over quota, and so is whoever comes after."""
    north = [f"{audience[0]}-{number:03d}" for number in range(0, 12, 2)]
    begun = field.send(*(field.submission(person, recommend="9") for person in north[:4]))
    assert [each.kind for each in begun] == ["saved"] * 4
    done = field.send(*(field.submission(person, 2, listened="5") for person in north[:4]))
    assert [each.kind for each in done] == ["complete", "complete", "over quota", "over quota"]
    assert [row["taken"] for row in field.rows(QUOTAS)] == [2]
    assert sum(row["complete"] for row in field.rows(RESPONSES)) + len(field.rows(HOLDING)) == 2
    assert field.standing(north[4]).kind == "over quota"
    assert field.post(north[4], recommend="9").kind == "over quota"
    assert states(field, audience) == {"complete": 2, "over quota": 3, "invited": 7}
    assert field.post(north[3], 2, listened="5").kind == "over quota"
    assert field.standing(north[0]).kind == "complete"


def test_a_full_cell_turns_nobody_else_away(field: Field) -> None:
    """The other site goes on, and so does the other audience."""
    for person in ("c-000", "c-002"):
        field.post(person, recommend="9")
        field.post(person, 2, listened="5")
    assert [field.post(person, recommend="9").kind for person in ("c-004", "c-001", "e-000")] == [
        "over quota",
        "saved",
        "saved",
    ]


def test_who_refuses_takes_no_place(field: Field) -> None:
    """A refusal is noted where a cell is full too, and leaves the count as it is."""
    for person in ("c-000", "c-002"):
        field.post(person, recommend="9")
        field.post(person, 2, listened="5")
    assert field.post("c-004", action="refuse").kind == "refused"
    assert [row["taken"] for row in field.rows(QUOTAS)] == [2]


def test_a_daily_quota_is_free_again_tomorrow(store: Store, tmp_path: Path) -> None:
    """Who finds today's cell full, and sends nothing, may come back in the morning."""
    field = field_on(store, study_with(tmp_path, customers="{size: census, quotas: [1 per day]}"))
    field.post("c-000", recommend="9")
    assert field.post("c-000", 2, listened="5").kind == "complete"
    assert field.standing("c-001").kind == "over quota"
    assert field.standing("c-001", datetime(2027, 3, 5, 9, tzinfo=UTC)).kind == "asked"
