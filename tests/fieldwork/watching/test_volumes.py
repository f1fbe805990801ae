"""Volumes against the plan: counts by hand, limits of the plan and of a first fortnight, and days that must not be judged."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, update

from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.standing import asked_in
from symmetry.fieldwork.store.tables import EVENTS, WAVES
from symmetry.fieldwork.watching.limits import volume_limits
from symmetry.fieldwork.watching.units import units_of
from symmetry.fieldwork.watching.volumes import Planned, Series, planned, volumes
from tests.fieldwork.watching import exhibit
from tests.fieldwork.watching.conftest import Month

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store

UNTIL = date(2027, 3, 21)


def _series(store: Store, plan: dict[str, Planned], until: date = UNTIL) -> dict[tuple[str, str], Series]:
    with store.field.connect() as connection:
        asked = asked_in(connection, "hot", "customers")
        found = volumes(connection, asked, units_of(connection, store, asked), until, plan)
    return {(each.measure, each.channel): each for each in found}


def _days(rows: list[dict[str, Any]], channel: str) -> Counter[date]:
    zone = ZoneInfo("Europe/Paris")
    return Counter(
        datetime.fromisoformat(row["at"]).astimezone(zone).date() for row in rows if row["channel"] == channel
    )


def test_a_plan_is_contacts_by_rate_by_delivered_by_response(tmp_path: Path) -> None:
    """60 contacts a day, half of them asked, 97 % reached, three in ten answer."""
    plan = planned(exhibit.study_in(tmp_path), "hot", "customers")
    assert {"contacts": 60.0, "answers": pytest.approx(60 * 0.5 * 0.97 * 0.3)} == plan["branch"]
    assert {"branch", "phone"} == set(plan)
    assert {} == planned(exhibit.study_in(tmp_path), "cold", "employees")


def test_days_and_weeks_are_counted_and_judged(store: Store, tmp_path: Path) -> None:
    """Every day of the local calendar; the day on which the telephone hardly rang is a signal."""
    study = exhibit.study_in(tmp_path)
    rows = exhibit.month(store, study)
    found = _series(store, planned(study, "hot", "customers"))
    calls = found["contacts", "phone"]
    expected = _days(rows["events"], "phone")
    assert [expected[day] for day in (exhibit.FIRST + timedelta(days=n) for n in range(21))] == [
        each.n for each in calls.days
    ]
    assert {(each.mean, each.low, each.high) for each in calls.days} == {(40.0, *volume_limits(40))}
    assert [date(2027, 3, 1), date(2027, 3, 8), date(2027, 3, 15)] == [each.day for each in calls.weeks]
    assert [280.0] * 3 == [each.mean for each in calls.weeks]
    assert ("day", date(2027, 3, 20), False) in {(each.kind, each.day, each.above) for each in calls.signals}
    assert {each.day for each in calls.signals if each.kind == "day"} == {each.day for each in calls.days if each.out}


def test_answers_are_judged_once_the_first_invitations_have_run_out(month: Month) -> None:
    """An invitation stands for seven days: no limits before the eighth, and a first week without expectation."""
    store, study, rows = month.store, month.study, month.rows
    answers = _series(store, planned(study, "hot", "customers"))["answers", "branch"]
    assert [None] * 7 == [each.mean for each in answers.days[:7]]
    assert all(each.mean == pytest.approx(8.73) for each in answers.days[7:])
    assert answers.weeks[0].mean is None
    sent = [row["day"] for row in rows["invitations"] if row["state"] == "complete" and '"branch"' in row["known"]]
    assert sum(day <= UNTIL.isoformat() for day in sent) == sum(each.n for each in answers.days)


def test_without_a_plan_a_fortnight_of_its_own_is_the_rule(month: Month) -> None:
    """Fifteen days are enough for one to be judged, fourteen are not; nothing is expected of a fortnight by itself."""
    store, rows = month.store, month.rows
    counts = _days(rows["events"], "branch")
    mean = sum(counts[exhibit.FIRST + timedelta(days=number)] for number in range(14)) / 14
    own = _series(store, {}, date(2027, 3, 15))["contacts", "branch"]
    assert ("own", [None] * 14, mean) == (own.basis, [each.mean for each in own.days[:14]], own.days[14].mean)
    short = _series(store, {}, date(2027, 3, 14))["contacts", "branch"]
    assert ("none", {None}, ()) == (short.basis, {each.mean for each in short.days}, short.signals)


def test_a_channel_that_fell_silent_is_seen(month: Month, filled: Store) -> None:
    """A channel of the plan with no event at all has its days, each of them a signal, and one run."""
    store, study = filled, month.study
    with to_write(store.field) as connection:
        connection.execute(delete(EVENTS).where(EVENTS.c.channel == "phone"))
        assert connection.execute(select(EVENTS.c.event).limit(1)).first() is not None
    silent = _series(store, planned(study, "hot", "customers"))["contacts", "phone"]
    kinds = Counter(each.kind for each in silent.signals)
    assert {"day": 21, "week": 3, "run": 1} == kinds
    run = next(each for each in silent.signals if each.kind == "run")
    assert (exhibit.FIRST, UNTIL, 21, False) == (run.day, run.last, run.n, run.above)


def test_before_its_first_day_is_over_a_wave_has_no_days(month: Month) -> None:
    """On its first day nothing is over."""
    store, study = month.store, month.study
    found = _series(store, planned(study, "hot", "customers"), exhibit.FIRST - timedelta(days=1))
    assert {((), (), ())} == {(each.days, each.weeks, each.signals) for each in found.values()}


def test_nothing_is_expected_of_the_days_before_anything_came(month: Month, filled: Store) -> None:
    """A feed that began on the sixth has its fortnight from there: no limits of nothing, before or after."""
    store, rows = filled, month.rows
    with to_write(store.field) as connection:
        connection.execute(delete(EVENTS).where(EVENTS.c.at < "2027-03-06"))
    own = _series(store, {}, UNTIL)["contacts", "branch"]
    counts = _days(rows["events"], "branch")
    assert "own" == own.basis
    assert [(date(2027, 3, 20), date(2027, 3, 21))] == [tuple(each.day for each in own.days if each.mean is not None)]
    assert own.days[-1].mean == sum(counts[date(2027, 3, 6) + timedelta(days=number)] for number in range(14)) / 14
    with to_write(store.field) as connection:
        connection.execute(delete(EVENTS))
    assert ("contacts", "branch") not in _series(store, {}, UNTIL)


def test_a_rehearsal_counts_from_its_first_event(month: Month, filled: Store) -> None:
    """It may have been opened, for a day far ahead, months before its made-up days."""
    store, study = filled, month.study
    with to_write(store.field) as connection:
        connection.execute(update(WAVES).values(first="2026-11-22", rehearsal="2027-03-22"))
    found = _series(store, planned(study, "hot", "customers"))
    assert {exhibit.FIRST} == {each.days[0].day for each in found.values()}
    assert {exhibit.FIRST} == {each.days[0].day for each in _series(store, {}).values()}
