"""How many contacts and answers come in a day, by channel, against what the study planned or the wave's own first fortnight.

A day counts when it is over.  Answers are judged from when the first invitations have run out: before that, not all those asked
of a day have had their time.  A cold wave rises and falls with its letters, so its days are shown and not judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from sqlalchemy import func, select

from symmetry.fieldwork.store.tables import EVENTS
from symmetry.fieldwork.timing import moment, zone_of
from symmetry.fieldwork.watching.limits import runs, volume_limits

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.asking.nouns import Asked
    from symmetry.fieldwork.watching.units import Unit
    from symmetry.spec import Study

__all__ = ["BASELINE", "Point", "Series", "Signal", "planned", "volumes"]

BASELINE = 14
"""Days of a wave's own from which limits are drawn where nothing was planned."""

_DAY = timedelta(days=1)
Measure = Literal["contacts", "answers"]
Planned = Mapping[Measure, float]


@dataclass(frozen=True)
class Point:
    """A day or a week: its first day, how many came, how many were expected, and the limits; None where it is not judged."""

    day: date
    n: int
    mean: float | None = None
    low: int | None = None
    high: int | None = None

    @property
    def out(self) -> bool:
        """Whether it lies outside its limits."""
        return self.low is not None and self.high is not None and not self.low <= self.n <= self.high


@dataclass(frozen=True)
class Signal:
    """What chance hardly explains: a day or a week outside its limits, or a run of days on one side of what was expected.

    `day` and `last` are the first and the last day of it.  `n`, `low` and `high` are those of the day or week; of a run, `n` is
    the number of its days, with what was expected of one of them.
    """

    kind: Literal["day", "week", "run"]
    day: date
    last: date
    n: int
    mean: float
    low: int
    high: int
    above: bool


@dataclass(frozen=True)
class Series:
    """Volumes of one channel.

    Attributes
    ----------
    measure : "contacts" (events that came in) or "answers" (sent).
    channel : "" where nobody said it, or all channels together.
    basis : "plan", "own" (the first fortnight) or "none", where no limits can be drawn.
    days, weeks : in their order; weeks are those of the calendar (ISO), with as many days as count.
    signals : the most recent last.
    """

    measure: Measure
    channel: str
    basis: Literal["plan", "own", "none"]
    days: tuple[Point, ...]
    weeks: tuple[Point, ...]
    signals: tuple[Signal, ...]


def volumes(
    connection: Connection, asked: Asked, units: Sequence[Unit], until: date, plan: Mapping[str, Planned]
) -> tuple[Series, ...]:
    """Contacts and answers a day in each channel of one audience of a wave.

    Parameters
    ----------
    connection : to the field database.
    asked : the questionnaire.
    units : its people, by `units_of`.
    until : the last day that is over.
    plan : channel → what the study expects of a day; by `planned`.

    Returns
    -------
    One series a channel and measure, of every day from the wave's first to the last.
    """
    counts: dict[Measure, dict[str, Counter[date]]] = {"contacts": {}, "answers": {}}
    for unit in units:
        if unit.state == "complete" and unit.day is not None:
            there = counts["answers"].setdefault(unit.known.get("channel", ""), Counter())
            there[date.fromisoformat(unit.day)] += 1
    for channel, day, n in _contacts(connection, asked):
        counts["contacts"].setdefault(channel, Counter())[day] += n
    for channel in plan:
        for channels in counts.values():
            channels.setdefault(channel, Counter())
    begun = _begun(asked, counts, until)
    wait = timedelta(hours=asked.wave.open_for or 0)
    return tuple(
        _series(asked, measure, channel, channels[channel], (begun, begun + wait * (measure == "answers"), until), plan)
        for measure, channels in counts.items()
        for channel in sorted(channels)
    )


def _begun(asked: Asked, counts: Mapping[Measure, Mapping[str, Counter[date]]], until: date) -> date:
    """The first day that counts: of a rehearsal, whose days are made up, the first on which anything happened."""
    if asked.rehearsal is None:
        return asked.first
    return min(
        (day for channels in counts.values() for days in channels.values() for day in days), default=until + _DAY
    )


def planned(study: Study, wave: str, audience: str) -> dict[str, Planned]:
    """What a study expects of a day of a hot wave, by channel: contacts, and answers where it says how many answer.

    Answers are contacts × rate of the sample × share delivered × share that answers, where the latter are said.
    """
    registered = study.registered
    plan = registered.expected.hot.get(wave) if registered is not None and registered.expected is not None else None
    if plan is None:
        return {}
    sampling = study.waves[wave].sampling.get(audience)
    rate = 1.0 if sampling is None or sampling.rate is None else sampling.rate
    delivered = 1.0 if plan.delivered is None else plan.delivered
    found: dict[str, Planned] = {}
    for channel, contacts in plan.contacts.items():
        answers: dict[Measure, float] = (
            {} if plan.response is None else {"answers": contacts * rate * delivered * plan.response}
        )
        found[channel] = {"contacts": contacts, **answers}
    return found


def _contacts(connection: Connection, asked: Asked) -> list[tuple[str, date, int]]:
    """How many events that the wave may follow there were, by channel and by the minute, each with its local day."""
    if asked.wave.after is None:
        return []
    of = (EVENTS.c.touchpoint == asked.wave.after, EVENTS.c.audience == asked.audience)
    zone = zone_of(asked.study.contact)
    alike = (EVENTS.c.channel, func.substr(EVENTS.c.at, 1, len("2027-03-04T08:00")).label("minute"))
    rows = connection.execute(select(*alike, func.count().label("n")).where(*of).group_by(*alike))
    return [(row.channel, moment(f"{row.minute}:00Z").astimezone(zone).date(), row.n) for row in rows]


def _series(
    asked: Asked,
    measure: Measure,
    channel: str,
    counts: Mapping[date, int],
    span: tuple[date, date, date],
    plan: Mapping[str, Planned],
) -> Series:
    """One channel over the days that count: the first, the first that may be judged, the last."""
    begun, start, until = span
    days = [begun + number * _DAY for number in range((until - begun).days + 1)]
    mean = plan.get(channel, {}).get(measure)
    basis: Literal["plan", "own", "none"] = "none" if mean is None else "plan"
    if mean is None and asked.wave.kind == "hot":
        start = max(start, min(counts, default=start))  # limits of days before anything came would be limits of nothing
        own = [counts.get(start + number * _DAY, 0) for number in range(BASELINE)]
        if (until - start).days + 1 > BASELINE and any(own):
            mean, basis, start = sum(own) / BASELINE, "own", start + BASELINE * _DAY
    judged = start if mean is not None else until + _DAY
    points = [Point(day, counts.get(day, 0), *_limits(mean, 1 if day >= judged else 0)) for day in days]
    weeks = []
    for _, same in groupby(points, key=lambda point: point.day.isocalendar()[:2]):
        week = list(same)
        counted = [point for point in week if point.mean is not None]
        if counted:
            weeks.append(Point(week[0].day, sum(point.n for point in counted), *_limits(mean, len(counted))))
        else:
            weeks.append(Point(week[0].day, sum(point.n for point in week)))
    signals = tuple(sorted(_signals(points, weeks), key=lambda signal: (signal.day, signal.kind)))
    return Series(measure, channel, basis, tuple(points), tuple(weeks), signals)


def _limits(mean: float | None, days: int) -> tuple[float, int, int] | tuple[None, None, None]:
    """What is expected of so many days, and its limits."""
    return (None, None, None) if mean is None or not days else (mean * days, *volume_limits(mean * days))


def _signals(points: Sequence[Point], weeks: Sequence[Point]) -> list[Signal]:
    """Days and weeks outside their limits, and runs."""
    found = [_signal("day", point, point.day) for point in points if point.out]
    found += [_signal("week", point, max(_week_of(point, points))) for point in weeks if point.out]
    judged = [point for point in points if point.mean is not None]
    for first, last, above in runs([point.n for point in judged], [point.mean or 0.0 for point in judged]):
        start, end = judged[first], judged[last]
        limits = (end.mean or 0.0, end.low or 0, end.high or 0)
        found.append(Signal("run", start.day, end.day, last - first + 1, *limits, above))
    return found


def _week_of(week: Point, points: Sequence[Point]) -> list[date]:
    return [point.day for point in points if point.day.isocalendar()[:2] == week.day.isocalendar()[:2]]


def _signal(kind: Literal["day", "week"], point: Point, last: date) -> Signal:
    mean, low, high = point.mean or 0.0, point.low or 0, point.high or 0
    return Signal(kind, point.day, last, point.n, mean, low, high, point.n > high)
