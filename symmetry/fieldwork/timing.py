"""Moments of the field: how they are written, what now is, and when somebody may be written to.

Everything is kept in UTC, to the second.  People live by their clocks, which jump twice a year and do so differently in each
country, so opening hours are looked up on the clock of the study's time zone, one moment at a time: a message is due at the first
moment, not before its wait is over, at which that clock shows an hour inside the opening hours.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.tables import WAVES

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store
    from symmetry.spec import Contact

__all__ = ["NOON", "day_of", "due", "ending", "local_moment", "moment", "now_of", "opening", "stamp", "zone_of"]

NOON = time(12)
"""The time of the day at which a rehearsal stands still."""

_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_SECOND = timedelta(seconds=1)


def stamp(at: datetime) -> str:
    """A moment as the store writes it; moments written so compare as texts do.

    Parameters
    ----------
    at : with its time zone; fractions of a second are cut off.

    Examples
    --------
    >>> stamp(datetime(2027, 3, 4, 9, tzinfo=ZoneInfo("Europe/Paris")))
    '2027-03-04T08:00:00Z'
    """
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return f"{at.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat()}Z"


def moment(text: str) -> datetime:
    """A moment as the store wrote it.

    Examples
    --------
    >>> moment("2027-03-04T08:00:00Z")
    datetime.datetime(2027, 3, 4, 8, 0, tzinfo=datetime.timezone.utc)
    """
    if not _FORM.fullmatch(text):
        raise ValueError(f"`{text}` is no moment of the store")
    return datetime.fromisoformat(text)


def local_moment(text: str, tz: str) -> datetime:
    """A moment as somebody wrote it: with an offset (or Z), or by the clock of a time zone.

    Parameters
    ----------
    text : in ISO 8601, a day and a time: `2027-03-04T09:00`, `2027-03-04 09:00:00+01:00`.
    tz : name of the time zone whose clock is meant where the text has no offset.

    Returns
    -------
    The moment in UTC.

    Raises
    ------
    ValueError : that is no moment; the clock never showed this time, or showed it twice.

    Examples
    --------
    >>> local_moment("2027-03-28 02:30", "Europe/Paris")
    Traceback (most recent call last):
    ...
    ValueError: no such time in Europe/Paris: the clock was put forward over it
    """
    text = text.strip()
    try:
        read = datetime.fromisoformat(text)
        if len(text) <= len("2027-03-04"):
            raise ValueError
        if read.tzinfo is not None:
            return read.astimezone(UTC)
        zone = ZoneInfo(tz)
        first, second = (read.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    except (ValueError, OverflowError):
        raise ValueError("no moment, such as 2027-03-04T09:00:00+01:00") from None
    if first.astimezone(zone).replace(tzinfo=None) != read:
        raise ValueError(f"no such time in {tz}: the clock was put forward over it")
    if first != second:
        raise ValueError(f"came twice in {tz}, when the clock was put back: write it with its offset")
    return first


def due(at: datetime, wait: float, contact: Contact | None) -> datetime:
    """When somebody may be written to, a wait after a moment.

    Parameters
    ----------
    at : the moment, with its time zone.
    wait : in hours.  Whole days keep the time of the clock, whatever jumps in between; other waits are time that passes.
    contact : the hours in which people may be written to, the first included and the last not, and their time zone; without
        hours all day, without contact rules all day in UTC.

    Returns
    -------
    The first moment (UTC, whole seconds) when the wait is over and the clock shows an hour inside.  A time that the clock jumps
    over counts as the one after the jump, as long after it as the other was after its beginning; of one that comes twice, the
    first.

    Examples
    --------
    >>> from symmetry.spec.running import Contact
    >>> contact = Contact(hours=("09:00", "19:30"), tz="Europe/Paris")
    >>> stamp(due(moment("2027-03-27T17:00:00Z"), 2, contact))
    '2027-03-28T07:00:00Z'
    >>> stamp(due(moment("2027-03-27T17:00:00Z"), 24, contact))
    '2027-03-28T16:00:00Z'
    """
    zone = zone_of(contact)
    at = at.astimezone(UTC)
    if at.microsecond:
        at = at.replace(microsecond=0) + _SECOND
    if wait and wait % 24 == 0:
        wall = at.astimezone(zone).replace(tzinfo=None, fold=0) + timedelta(days=wait // 24)
        at = wall.replace(tzinfo=zone).astimezone(UTC)
    else:
        at += timedelta(seconds=round(wait * 3600))
    if contact is None or contact.hours is None:
        return at
    return _inside(at, zone, *_hours(contact.hours))


def opening(day: date, contact: Contact | None) -> datetime:
    """The first moment of a day at which people may be written to; of a day that no clock showed, that of the next one.

    Parameters
    ----------
    day : by the clock of the time zone.
    contact : the hours and the time zone, as for `due`.

    Examples
    --------
    >>> from symmetry.spec.running import Contact
    >>> stamp(opening(date(2027, 3, 1), Contact(hours=("09:00", "19:30"), tz="Europe/Paris")))
    '2027-03-01T08:00:00Z'
    """
    begins = datetime.combine(day, time(), zone_of(contact)).astimezone(UTC)
    return due(begins, 0, contact)


def day_of(at: datetime, contact: Contact | None) -> date:
    """The day of a moment by the clock of the time zone."""
    return at.astimezone(zone_of(contact)).date()


def ending(day: date, contact: Contact | None) -> datetime:
    """The moment at which a day is over by the clock of the time zone."""
    return datetime.combine(day + timedelta(days=1), time(), zone_of(contact)).astimezone(UTC)


def now_of(store: Store, real: datetime | None = None) -> datetime:
    """Now; in a rehearsal noon, by the study's clock, of the latest day that stands for today in an open wave.

    Parameters
    ----------
    store : the field; either all of its waves are rehearsals or none is.
    real : what a clock says; without it, that of the machine.

    Returns
    -------
    The moment in UTC.
    """
    latest = (
        select(*WAVES.c["rehearsal", "compiled"])
        .where(WAVES.c.rehearsal.is_not(None))
        .order_by(WAVES.c.state != "open", WAVES.c.rehearsal.desc())
        .limit(1)
    )
    with plainly(), store.field.connect() as field:
        row = field.execute(latest).one_or_none()
    if row is None:
        return datetime.now(UTC) if real is None else real
    contact = json.loads(row.compiled)["study"].get("contact") or {}
    noon = datetime.combine(date.fromisoformat(row.rehearsal), NOON, ZoneInfo(contact.get("tz", "UTC")))
    return noon.astimezone(UTC)


def zone_of(contact: Contact | None) -> tzinfo:
    """The time zone by whose clock people are written to."""
    return ZoneInfo(contact.tz) if contact else UTC


@lru_cache
def _hours(hours: tuple[str, str]) -> tuple[int, int]:
    """Opening and closing in minutes after midnight."""
    first, last = (60 * int(text[:2]) + int(text[3:]) for text in hours)
    return first, last


def _inside(at: datetime, zone: tzinfo, opens: int, closes: int) -> datetime:
    """The first moment, `at` or later, at which the clock shows an hour inside.

    From a moment outside it goes on to the next opening, or to a jump of the clock on the way there, whichever comes first.
    """
    while True:
        local = at.astimezone(zone)
        shown = 60 * local.hour + local.minute
        if opens <= shown < closes:
            return at
        ahead = local.replace(tzinfo=None, fold=0, hour=opens // 60, minute=opens % 60, second=0)
        if shown >= closes:
            ahead += timedelta(days=1)
        times = (ahead.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        then = min(each for each in times if each > at)
        at = _jump(at, then, zone) if local.utcoffset() != then.astimezone(zone).utcoffset() else then


def _jump(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The moment at which the clock jumped between two moments."""
    old = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before) // _SECOND // 2)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
