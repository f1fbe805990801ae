"""How a wave is answered, against rows counted by hand; what a wave sends and brings to do, against the rows written."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, update

from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.standing import asked_in
from symmetry.fieldwork.store.tables import ANSWERS, CASES, OUTBOX
from symmetry.fieldwork.watching.loads import alerting, calls, delivery, rests
from symmetry.fieldwork.watching.pace import pace_of, sealed_pace
from symmetry.fieldwork.watching.units import units_of
from tests.fieldwork.watching import exhibit
from tests.fieldwork.watching.conftest import Month

if TYPE_CHECKING:
    from symmetry.fieldwork.asking.nouns import Asked
    from symmetry.fieldwork.store.nouns import Store
    from symmetry.fieldwork.watching.units import Unit


def _units(store: Store, wave: str = "hot", audience: str = "customers") -> tuple[Asked, list[Unit]]:
    with store.field.connect() as connection:
        asked = asked_in(connection, wave, audience)
        return asked, units_of(connection, store, asked)


def test_time_lines_and_stops_are_those_of_the_rows(month: Month) -> None:
    """The median of who sent, haste under a third of it, one code on all five, and the first question left open."""
    store, rows = month.store, month.rows
    found = pace_of(*_units(store))
    sent = [row for row in rows["responses"] if row["complete"]]
    begun = [json.loads(row["answers"]) for row in rows["responses"] if not row["complete"]]
    seconds = [row["seconds"] for row in sent if row["seconds"] is not None]
    assert (len(sent), len(begun)) == (found.sent, found.begun)
    assert found.durations is not None
    assert (len(seconds), len(sent) - len(seconds)) == (found.durations.n, found.durations.unknown)
    assert statistics.median(seconds) == found.durations.median
    assert statistics.quantiles(seconds, n=4, method="inclusive")[::2] == [found.durations.first, found.durations.third]
    assert sum(3 * each < statistics.median(seconds) for each in seconds) == found.durations.hasty
    straight = sum(len({json.loads(row["answers"])[item] for item in exhibit.AGREE}) == 1 for row in sent)
    assert [("agree5", 5, len(sent), straight)] == [
        (each.scale, each.questions, each.n, each.straight) for each in found.lines
    ]
    first = Counter(
        next(item for item in (*(["why"] if row["recommend"] <= 6 else []), *exhibit.AGREE) if item not in row)
        for row in begun
    )
    assert dict(first) == {each.question: each.n for each in found.stops}
    assert {2} == {each.page for each in found.stops}


def test_employees_lines_are_told_of_enough_of_them(store: Store, tmp_path: Path) -> None:
    """Nothing of nine released answers, a count of ten; and of nobody else than who answered five with a code."""
    exhibit.employees(store, exhibit.study_in(tmp_path))
    with store.field.connect() as connection:
        asked = asked_in(connection, "cold", "employees")
    names = [name for name in asked.columns if not name.startswith("recommend")]
    assert 5 == len(names)
    said = [
        dict.fromkeys(names, 4) if number < 3 else dict(zip(names, (1, 2, 3, 4, 5), strict=True)) for number in range(9)
    ]
    said.append(dict.fromkeys(names, 0))  # "does not apply" five times is no line
    for number, row in enumerate(said):
        with to_write(store.sealed) as connection:
            made = {"key": bytes([number]) * 16, "wave": "cold", "audience": "employees", "known": "{}"}
            connection.execute(insert(ANSWERS).values(**made, answers=json.dumps(row)))
    assert () == sealed_pace(store, asked).lines
    with to_write(store.sealed) as connection:
        connection.execute(update(ANSWERS).values(answers=json.dumps(said[0])).where(ANSWERS.c.key == bytes([9]) * 16))
    found = sealed_pace(store, asked)
    assert [(10, 4)] == [(each.n, each.straight) for each in found.lines]
    assert (None, None, (), None) == (found.sent, found.begun, found.stops, found.durations)


def test_nobody_looks_at_single_employees(month: Month) -> None:
    """Their units cannot be had at all."""
    with pytest.raises(ValueError, match="single employees"):
        _units(month.store, "cold", "employees")


def test_messages_are_held_against_their_targets(month: Month, filled: Store) -> None:
    """Shares by hand; a target missed by chance is told apart from one missed beyond it."""
    store, rows = filled, month.rows
    states = Counter(row["state"] for row in rows["outbox"])
    asked, units = _units(store)
    with store.field.connect() as connection:
        found = delivery(connection, asked, units, exhibit.NOW)
    assert (states["sent"], states["bounced"], states["uncertain"], 0) == (
        found.sent, found.bounced, found.uncertain, found.waiting
    )  # fmt: skip
    shares = {each.what: each for each in found.shares}
    tried = states["sent"] + states["bounced"]
    assert (states["bounced"], tried, 0.02) == (shares["bounced"].n, shares["bounced"].of, shares["bounced"].target)
    assert states["bounced"] > 0.02 * tried
    assert (True, False) == (shares["bounced"].missed, shares["bounced"].beyond)
    with to_write(store.field) as connection:
        connection.execute(update(OUTBOX).where(OUTBOX.c.id < (300).to_bytes(16, "big")).values(state="bounced"))
    with store.field.connect() as connection:
        worse = {each.what: each.beyond for each in delivery(connection, asked, units, exhibit.NOW).shares}
    assert {"delivered": True, "bounced": True, "opted out": False} == worse


def test_letters_that_should_have_left_yesterday_are_overdue(month: Month, filled: Store) -> None:
    """Planned ones alone, and once a day is over."""
    store, rows = filled, month.rows
    with to_write(store.field) as connection:
        connection.execute(update(OUTBOX).where(OUTBOX.c.state == "uncertain").values(state="planned"))
    late = [datetime.fromisoformat(row["due"]) for row in rows["outbox"] if row["state"] == "uncertain"]
    asked, units = _units(store)
    for at in (min(late), min(late) + timedelta(days=1, seconds=1), exhibit.NOW + timedelta(days=9)):
        with store.field.connect() as connection:
            found = delivery(connection, asked, units, at)
        assert sum(due < at - timedelta(days=1) for due in late) == found.overdue
        assert len(late) == found.waiting


def test_who_is_left_to_rest_is_counted_by_segment(month: Month) -> None:
    """Of everybody the rules looked at: asked, left out by chance, or resting."""
    store, rows = month.store, month.rows
    asked, units = _units(store)
    with store.field.connect() as connection:
        found = rests(connection, asked, units, ["channel"])
    n = Counter(row["channel"] for row in rows["events"])
    resting = Counter(row["channel"] for row in rows["events"] if row["reason"] == "resting")
    assert [(each, n[each], resting[each]) for each in ("branch", "phone")] == [
        (r.value, r.n, r.resting) for r in found
    ]


def test_cases_are_counted_against_the_hours_of_their_owner(store: Store, tmp_path: Path) -> None:
    """The last seven days over, twenty minutes each; late and in time as the clock says."""
    rows = exhibit.month(store, exhibit.study_in(tmp_path))["cases"]
    asked, _ = _units(store)
    with store.field.connect() as connection:
        (found,) = alerting(connection, asked, date(2027, 3, 21), {"manager": 0.5})
        (bare,) = alerting(connection, asked, date(2027, 3, 2), {})
        at = datetime(2027, 3, 15, 12, tzinfo=UTC)
        stand = calls(connection, "hot", at)
    week = sum("2027-03-15" <= row["opened"][:10] <= "2027-03-21" for row in rows)
    assert ("detractor", "manager", 7, week, 0.5) == (found.alert, found.owner, found.days, found.n, found.capacity)
    assert found.hours == pytest.approx(week / 7 * 20 / 60)
    assert (2, None) == (bare.days, bare.capacity)
    until = "2027-03-15T12:00:00Z"
    due = [row for row in rows if row["called_back"] or row["call_back_by"] < min(until, row["closed"] or until)]
    in_time = [row for row in due if row["called_back"] and row["called_back"] <= row["call_back_by"]]
    assert (len(rows), len(due), len(in_time)) == (stand.n, stand.due, stand.in_time)
    assert sum(row["closed"] is None for row in rows) == stand.open


def test_who_was_closed_in_time_without_a_call_needed_none(filled: Store) -> None:
    """Such cases are left out of the calls in time; closed too late without one, they were not called in time."""
    at, opened = datetime(2027, 3, 22, tzinfo=UTC), "2027-03-20T08:00:00Z"
    by = {"opened": opened, "call_back_by": "2027-03-21T08:00:00Z", "called_back": None}
    for closed, due in (("2027-03-20T09:00:00Z", 0), ("2027-03-21T09:00:00Z", 1), (None, 1)):
        with to_write(filled.field) as connection:
            connection.execute(update(CASES).values(**by, closed=closed))
            stand = calls(connection, "hot", at)
        assert (due * stand.n, 0) == (stand.due, stand.in_time)


def test_cases_of_which_nobody_was_told_for_an_hour_are_counted(filled: Store) -> None:
    """Open ones alone, after an hour, with the owners."""
    with to_write(filled.field) as connection:
        connection.execute(update(CASES).values(opened="2027-03-20T08:00:00Z", closed=None))
    for hours, told, untold in ((1, None, False), (1.1, None, True), (1.1, "2027-03-20T08:00:00Z", False)):
        with to_write(filled.field) as connection:
            connection.execute(update(CASES).values(told=told))
            stand = calls(connection, "hot", datetime(2027, 3, 20, 8, tzinfo=UTC) + timedelta(hours=hours))
        assert (stand.n * untold, ("manager",) * untold) == (stand.untold, stand.unaware)
