"""When people may be written to, held against a search minute by minute on the clock of the time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from symmetry.fieldwork import timing
from symmetry.spec.running import Contact

DAY = ("09:00", "19:30")
MINUTE = timedelta(minutes=1)
# A day on which each clock jumps: by an hour, by half an hour, at midnight, over a whole day; and one that never does.
JUMPS = {
    "Europe/Paris": (date(2027, 3, 28), date(2027, 10, 31)),
    "Australia/Lord_Howe": (date(2027, 4, 4), date(2027, 10, 3)),
    "Africa/Cairo": (date(2027, 4, 30), date(2027, 10, 29)),
    "Asia/Beirut": (date(2027, 3, 28), date(2027, 10, 31)),
    "America/Sao_Paulo": (date(2018, 11, 4), date(2018, 2, 18)),
    "Pacific/Apia": (date(2011, 12, 30), date(2011, 9, 24)),
    "UTC": (date(2027, 1, 1),),
}


def searched(at: datetime, contact: Contact) -> datetime:
    """The first whole minute from `at` at which the clock shows an hour inside: `at` itself, else by trying one after another."""
    first, last = contact.hours or ("00:00", "24:00")
    zone = ZoneInfo(contact.tz)
    while not first <= f"{at.astimezone(zone):%H:%M}" < last:
        at += MINUTE
    return at


@st.composite
def contacts(draw: st.DrawFn) -> Contact:
    """Rules in a zone, with any opening hours."""
    zone = draw(st.sampled_from(sorted(JUMPS)))
    first, last = sorted(draw(st.lists(st.integers(0, 24 * 60 - 1), min_size=2, max_size=2, unique=True)))
    return Contact(hours=(f"{first // 60:02}:{first % 60:02}", f"{last // 60:02}:{last % 60:02}"), tz=zone)


@st.composite
def moments(draw: st.DrawFn, zone: str) -> datetime:
    """A whole minute in the four days around a jump of the clock."""
    middle = datetime.combine(draw(st.sampled_from(JUMPS[zone])), datetime.min.time(), UTC)
    return middle + draw(st.integers(-2 * 1440, 2 * 1440)) * MINUTE


@given(st.data(), contacts(), st.sampled_from([0, 0.25, 1.5, 2, 30]))
def test_due_is_the_first_moment_inside_after_the_wait(data: st.DataObject, contact: Contact, wait: float) -> None:
    """As the search finds it: never before the wait is over, never outside, and due at once when asked again."""
    at = data.draw(moments(contact.tz))
    found = timing.due(at, wait, contact)
    assert found == searched(at + timedelta(hours=wait), contact)
    assert timing.due(found, 0, contact) == found


@given(st.data(), contacts(), st.integers(1, 3))
def test_whole_days_keep_the_time_of_the_clock(data: st.DataObject, contact: Contact, days: int) -> None:
    """The first moment inside from the same time some days later, where the clock shows it."""
    at = data.draw(moments(contact.tz))
    zone = ZoneInfo(contact.tz)
    wall = at.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
    shown = [
        minute
        for minute in (at + days * 1440 * MINUTE + offset * MINUTE for offset in range(-1500, 1501))
        if minute.astimezone(zone).replace(tzinfo=None) == wall
    ]
    assume(shown)
    assert timing.due(at, 24 * days, contact) == searched(shown[0], contact)


@pytest.mark.parametrize(
    ("zone", "at", "wait", "expected"),
    [
        ("Europe/Paris", "2027-03-27T21:00", 2, "2027-03-28T09:00+02:00"),  # the night of the spring change
        ("Europe/Paris", "2027-03-27T18:00", 24, "2027-03-28T18:00+02:00"),  # a day of 23 hours
        ("Europe/Paris", "2027-10-30T18:00", 24, "2027-10-31T18:00+01:00"),  # a day of 25 hours
        ("Europe/Paris", "2027-10-30T18:00", 23.5, "2027-10-31T16:30+01:00"),  # 23 and a half hours that pass
        ("Europe/Paris", "2027-03-04T19:29:59", 0, "2027-03-04T19:29:59+01:00"),  # the last second
        ("Europe/Paris", "2027-03-04T19:30", 0, "2027-03-05T09:00+01:00"),  # closed
        ("Australia/Lord_Howe", "2027-10-02T23:00", 2, "2027-10-03T09:00+11:00"),  # half an hour forward
        ("Australia/Lord_Howe", "2027-04-03T12:00", 24, "2027-04-04T12:00+10:30"),
        ("Pacific/Apia", "2011-12-29T20:00", 2, "2011-12-31T09:00+14:00"),  # no clock showed the 30th
        ("Pacific/Apia", "2011-12-29T12:00", 24, "2011-12-31T12:00+14:00"),
    ],
)
def test_due_across_a_jump_of_the_clock(zone: str, at: str, wait: float, expected: str) -> None:
    """Written out for the days on which clocks jump."""
    begins = timing.local_moment(at, zone)
    assert timing.due(begins, wait, Contact(hours=DAY, tz=zone)) == datetime.fromisoformat(expected)


def test_a_time_that_is_jumped_over_is_one_after_it() -> None:
    """02:30 by the clock of Paris on 28 March 2027 is half an hour after the jump."""
    at = timing.local_moment("2027-03-27T02:30", "Europe/Paris")
    assert timing.stamp(timing.due(at, 24, Contact(tz="Europe/Paris"))) == "2027-03-28T01:30:00Z"


def test_a_time_that_comes_twice_is_the_first() -> None:
    """02:30 by the clock of Paris on 31 October 2027 comes at 00:30 and at 01:30 UTC."""
    at = timing.local_moment("2027-10-30T02:30", "Europe/Paris")
    assert timing.stamp(timing.due(at, 24, Contact(tz="Europe/Paris"))) == "2027-10-31T00:30:00Z"


def test_without_hours_the_wait_alone_counts() -> None:
    """In the middle of the night, with and without contact rules."""
    at = datetime(2027, 3, 4, 1, 30, 0, 1, tzinfo=UTC)
    expected = datetime(2027, 3, 4, 3, 30, 1, tzinfo=UTC)
    assert (timing.due(at, 2, Contact(tz="Europe/Paris")), timing.due(at, 2, None)) == (expected, expected)


@pytest.mark.parametrize(
    ("zone", "day", "hours", "expected"),
    [
        ("Europe/Paris", date(2027, 3, 28), DAY, "2027-03-28T07:00:00Z"),
        ("Europe/Paris", date(2027, 3, 28), ("02:30", "19:30"), "2027-03-28T01:00:00Z"),  # opens with the jump
        ("Europe/Paris", date(2027, 10, 31), ("02:30", "19:30"), "2027-10-31T00:30:00Z"),  # the first 02:30
        ("Africa/Cairo", date(2027, 4, 30), ("00:00", "19:30"), "2027-04-29T22:00:00Z"),  # the day began at 01:00
        ("Pacific/Apia", date(2011, 12, 30), DAY, "2011-12-30T19:00:00Z"),  # 09:00 on the 31st
    ],
)
def test_opening_of_a_day(zone: str, day: date, hours: tuple[str, str], expected: str) -> None:
    """Written out for the days on which clocks jump."""
    assert timing.stamp(timing.opening(day, Contact(hours=hours, tz=zone))) == expected


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)), st.sampled_from(sorted(JUMPS)))
@example(datetime(2027, 3, 28, 2, 30), "Europe/Paris")
@example(datetime(2027, 10, 31, 2, 30), "Europe/Paris")
def test_a_written_moment_is_the_one_that_the_clock_showed(wall: datetime, zone: str) -> None:
    """Read where one moment alone showed it; refused where none did, or two."""
    wall = wall.replace(second=0, microsecond=0)
    near = [(wall - timedelta(minutes=shift)).replace(tzinfo=UTC) for shift in range(-1440, 1441, 15)]
    shown = {at for at in near if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall}
    if len(shown) == 1:
        assert {timing.local_moment(wall.isoformat(), zone)} == shown
    else:
        why = "came twice in" if shown else "no such time in"
        with pytest.raises(ValueError, match=why):
            timing.local_moment(wall.isoformat(), zone)


@pytest.mark.parametrize(
    "text", ["", "soon", "2027-03-04", "2027-02-29T10:00", "2027-03-04T25:00", "0001-01-01T00:00+14:00"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    """With a word on how it is written."""
    with pytest.raises(ValueError, match="no moment, such as 2027-03-04T09:00:00"):
        timing.local_moment(text, "Europe/Paris")


@given(
    st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1)), st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1))
)
def test_stamps_are_read_back_and_compare_as_moments(one: datetime, other: datetime) -> None:
    """To the second."""
    first, second = (at.replace(microsecond=0, tzinfo=UTC) for at in (one, other))
    assert timing.moment(timing.stamp(first)) == first
    assert (timing.stamp(first) < timing.stamp(second)) == (first < second)


def test_a_moment_without_a_zone_is_none() -> None:
    """Nobody can know which one it was; and texts of another form are none of the store's."""
    with pytest.raises(ValueError, match="has no time zone"):
        timing.stamp(datetime(2027, 3, 4))
    with pytest.raises(ValueError, match="is no moment of the store"):
        timing.moment("2027-03-04 08:00:00")
