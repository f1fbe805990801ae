"""What a wave sends and what it brings to do: letters that arrive, people left to rest, alerts and their cases."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from symmetry.fieldwork.store.tables import CASES, EVENTS, FIRST, OUTBOX, PLANNED
from symmetry.fieldwork.timing import moment, stamp, zone_of
from symmetry.fieldwork.watching.hiding import hidden
from symmetry.fieldwork.watching.limits import share_limits

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.asking.nouns import Asked
    from symmetry.fieldwork.watching.units import Unit

__all__ = [
    "AT_LEAST",
    "TARGETS",
    "Alerting",
    "Calls",
    "Delivery",
    "Rest",
    "Share",
    "alerting",
    "calls",
    "delivery",
    "rests",
]

TARGETS: Mapping[str, float] = {"delivered": 0.97, "bounced": 0.02, "opted out": 0.005}
AT_LEAST = ("delivered",)
_RESTS = ("resting", "most a year", "cold first")
_FREE = ("not sampled", "enough", "over quota")  # the rules let them be asked, and they were not
_PRINTED = ("qr", "post")
_WEEK = 7
_LATE = timedelta(days=1)
_SOON = timedelta(hours=1)


@dataclass(frozen=True)
class Share:
    """A share against its target: `missed` where it is on the wrong side of it, `beyond` where chance does not explain that."""

    what: str
    n: int
    of: int
    target: float
    missed: bool
    beyond: bool


@dataclass(frozen=True)
class Delivery:
    """What became of the messages of one audience of a wave, by mail and SMS, and of letters printed.

    Reminders are counted too; but of employees, where one less would tell who answered, invitations alone.
    `waiting` are planned or being sent, of which `overdue` are invitations that should have left a day ago; `uncertain` may have
    left, and are never sent again.
    """

    sent: int
    bounced: int
    uncertain: int
    waiting: int
    overdue: int
    printed: int
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Rest:
    """Of the people of a segment who could have been asked, how many the contact rules left in peace; None where hidden."""

    item: str
    value: str
    n: int | None
    resting: int | None


@dataclass(frozen=True)
class Alerting:
    """Cases of one alert over the last seven days that are over, and what they ask of its owner.

    Attributes
    ----------
    alert, owner : of the study.
    days : how many count.
    n : cases that were opened on them.
    hours : of work a day, as many minutes each as the study says.
    capacity : hours a day that the owner has, for all alerts together; None where nobody said.
    """

    alert: str
    owner: str
    days: int
    n: int
    hours: float
    capacity: float | None


@dataclass(frozen=True)
class Calls:
    """Cases: all and open ones; late to call back or to close; and how many of those whose time is up were called back in it.

    A case that was closed in time without a call needed none.  `untold` are open for more than an hour, and their owners, of
    whom `unaware` are the keys, have not been told.
    """

    n: int
    open: int
    late_call: int
    late_close: int
    due: int
    in_time: int
    untold: int = 0
    unaware: tuple[str, ...] = ()


def delivery(connection: Connection, asked: Asked, units: Sequence[Unit], at: datetime) -> Delivery:
    """What became of the messages of a wave.

    Parameters
    ----------
    connection : to the field database.
    asked : the questionnaire.
    units : its people; none of employees, of whom nobody is told who wants no more letters.
    at : now, with its time zone.
    """
    of = (OUTBOX.c.wave == asked.wave.key, OUTBOX.c.audience == asked.audience, *((FIRST,) if asked.sealed else ()))
    columns = OUTBOX.c["channel", "state"]
    rows = connection.execute(select(*columns, func.count().label("n")).where(*of).group_by(*columns)).all()
    states: Counter[str] = Counter()
    printed = 0
    for row in rows:
        if row.channel in _PRINTED and row.state == "sent":
            printed += row.n
        else:
            states[row.state] += row.n
    sent, bounced, uncertain = (states[state] for state in ("sent", "bounced", "uncertain"))
    tried = sent + bounced
    late = (FIRST, PLANNED, OUTBOX.c.due < stamp(at - _LATE))
    overdue = connection.execute(select(func.count()).select_from(OUTBOX).where(*of, *late)).scalar_one()
    shares = [_share("delivered", sent, tried), _share("bounced", bounced, tried)] if tried else []
    reached = [unit for unit in units if unit.written]
    if reached and tried:
        shares.append(_share("opted out", sum(unit.opted for unit in reached), len(reached)))
    return Delivery(sent, bounced, uncertain, states["planned"] + states["sending"], overdue, printed, tuple(shares))


def _share(what: str, n: int, of: int) -> Share:
    target = TARGETS[what]
    low, high = share_limits(of, target)
    if what in AT_LEAST:
        return Share(what, n, of, target, n < target * of, n < low)
    return Share(what, n, of, target, n > target * of, n > high)


def rests(connection: Connection, asked: Asked, units: Sequence[Unit], items: Sequence[str]) -> tuple[Rest, ...]:
    """How many the contact rules left in peace, in each value of each segment.

    Parameters
    ----------
    connection : to the field database.
    asked : the questionnaire.
    units : its people.
    items : the segments, frame items.

    Notes
    -----
    Rules bias a wave towards those who are seldom met, which is why their share is watched; a small cell is hidden.
    """
    met: list[tuple[Mapping[str, str], bool]] = [(unit.known, unit.fate in _RESTS) for unit in units]
    if asked.wave.after is not None:
        of = (EVENTS.c.touchpoint == asked.wave.after, EVENTS.c.audience == asked.audience)
        mine = EVENTS.c.wave.is_(None) | (EVENTS.c.wave == asked.wave.key)
        other = (EVENTS.c.state == "not asked", EVENTS.c.reason.in_((*_RESTS, *_FREE)))
        alike = EVENTS.c["known", "channel", "reason"]
        rows = connection.execute(select(*alike, func.count().label("n")).where(*of, *other, mine).group_by(*alike))
        for row in rows:
            met += [({"channel": row.channel, **json.loads(row.known)}, row.reason in _RESTS)] * row.n
    gone = hidden([known for known, _ in met], items, asked.study.privacy.min_cell)
    found = []
    for item in items:
        n = Counter(known.get(item, "") for known, _ in met)
        resting = Counter(known.get(item, "") for known, rest in met if rest)
        for value in sorted(n):
            shown = value not in gone[item]
            found.append(Rest(item, value, n[value] if shown else None, resting[value] if shown else None))
    return tuple(found)


def alerting(connection: Connection, asked: Asked, until: date, capacity: Mapping[str, float]) -> tuple[Alerting, ...]:
    """The cases that a wave opened in the last seven days, against what their owners can do.

    Parameters
    ----------
    connection : to the field database.
    asked : a questionnaire of the wave.
    until : the last day that is over.
    capacity : owner → hours a day, where the study says them.
    """
    since = max(asked.first, until - timedelta(days=_WEEK - 1))
    days = (until - since).days + 1
    if days < 1 or asked.study.registered is None:
        return ()
    zone = zone_of(asked.study.contact)
    rows = connection.execute(select(CASES.c.alert, CASES.c.opened).where(CASES.c.wave == asked.wave.key))
    opened = [(row.alert, moment(row.opened).astimezone(zone).date()) for row in rows]
    found = []
    for alert in asked.study.registered.alerts.values():
        n = sum(key == alert.key and since <= day <= until for key, day in opened)
        hours = n / days * alert.minutes / 60
        found.append(Alerting(alert.key, alert.owner, days, n, hours, capacity.get(alert.owner)))
    return tuple(found)


def calls(connection: Connection, wave: str, now: datetime) -> Calls:
    """How the cases of a wave stand.

    Parameters
    ----------
    connection : to the field database.
    wave : its key.
    now : the moment, with its time zone.
    """
    at = stamp(now)
    rows = connection.execute(select(CASES).where(CASES.c.wave == wave)).all()
    due = [row for row in rows if row.called_back or row.call_back_by < min(at, row.closed or at)]
    untold = [row for row in rows if not row.told and not row.closed and row.opened < stamp(now - _SOON)]
    return Calls(
        len(rows),
        sum(row.closed is None for row in rows),
        sum(row.closed is None and row.called_back is None and row.call_back_by < at for row in rows),
        sum(row.closed is None and row.close_by < at for row in rows),
        len(due),
        sum(row.called_back is not None and row.called_back <= row.call_back_by for row in due),
        len(untold),
        tuple(sorted({row.owner for row in untold})),
    )
