"""How a study is run and read: waves, samples, contact, owners, thresholds, targets and the plan fixed beforehand.

Frozen nouns, as in `nouns.py`.  Every wait and length of time is in hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from symmetry.spec.expected import Expectation, Expected, ExpectedHot, ExpectedUnits
from symmetry.spec.texts import Text

__all__ = [
    "COLD_FIRST",
    "Alert",
    "Comparison",
    "Contact",
    "Expectation",
    "Expected",
    "ExpectedHot",
    "ExpectedUnits",
    "Invite",
    "Margin",
    "Owner",
    "Privacy",
    "Quota",
    "Registered",
    "Rotation",
    "SampledUnits",
    "Sampling",
    "Target",
    "Wave",
]


COLD_FIRST = 14 * 24.0
"""Hours before a cold wave in which a hot one leaves its people alone, where nobody says otherwise."""


@dataclass(frozen=True)
class Quota:
    """At most `count` answers in each crossing of `by`, per `period`: "400 per region per month".

    The period is "day", "week", "month", or "wave" for the whole of it.
    """

    count: int
    by: tuple[str, ...] = ()
    period: Literal["day", "week", "month", "wave"] = "wave"

    def __str__(self) -> str:
        return " per ".join([str(self.count), *self.by, self.period])


@dataclass(frozen=True)
class SampledUnits:
    """The first of two stages: `size` units are drawn, and people only in them.

    `of` is the frame item that names a person's unit.  "stratified" gives the units of a stratum the same chance, "pps" a chance
    in proportion to `measure`, a numeric frame item with one value a unit; without it, to the people whom the frame holds there.
    """

    of: str
    size: int
    method: Literal["pps", "stratified"] = "pps"
    measure: str | None = None


@dataclass(frozen=True)
class Sampling:
    """Whom a wave invites: a number of people, a share (`rate`) of the events, or everybody ("census"); and how.

    Attributes
    ----------
    size, rate : how many; a rate only where a wave follows events, "census" without a method, or for everybody in drawn units.
    by : the strata, frame items with values; those of the units where units are drawn first.
    quotas : the most answers wanted.
    method : "stratified" (at random in each stratum; in all, without strata), "systematic" (every so many in `order`, from a
        random start, in each stratum) or "pps" (a chance in proportion to `measure`, a numeric frame item).
    measure : of "pps" alone.
    order : frame items by which "systematic" and "pps" sort people before they draw, the first one first.
    allocation : how `size` is shared over the strata: as the people of the frame ("proportional"), the same for each
        ("equal"), or people by category of `by`; where `by` has several items, by their categories joined: `north × phone`.
        Over the drawn units where there are some: proportional or equal.
    units : drawn first, where there are two stages.
    """

    size: int | Literal["census"] | None = None
    rate: float | None = None
    by: tuple[str, ...] = ()
    quotas: tuple[Quota, ...] = ()
    method: Literal["stratified", "systematic", "pps"] = "stratified"
    measure: str | None = None
    order: tuple[str, ...] = ()
    allocation: Literal["proportional", "equal"] | Mapping[str, int] = "proportional"
    units: SampledUnits | None = None


@dataclass(frozen=True)
class Invite:
    """The words of an invitation: subject and text of the mail, and the short text of an SMS.

    The link, the way out and the name of the sender are added by whoever sends it, never by the author.
    """

    subject: Text
    text: Text
    sms: Text | None = None


@dataclass(frozen=True)
class Wave:
    """One run, hot or cold, of some items, for some audiences.

    `sample` gives the number of people invited per audience ("census" = everybody) where it is a number, and
    `sampling` the whole of it; `after` the event of a hot wave and `delay` the wait after it; `window` the first and last
    day of a cold wave (ISO dates); `open_for` how long an invitation stands; `reminders` the waits after it.  `arms` are
    (wait, share): shares of the events of a hot wave whose wait is another one, drawn at random; `invite` the words that
    are sent, those of the house where it is None.
    """

    key: str
    kind: Literal["hot", "cold"]
    audiences: tuple[str, ...]
    items: tuple[str, ...]
    after: str | None = None
    delay: float | None = None
    window: tuple[str, str] | None = None
    sample: Mapping[str, int | str] = field(default_factory=dict)
    sampling: Mapping[str, Sampling] = field(default_factory=dict)
    open_for: float | None = None
    reminders: tuple[float, ...] = ()
    arms: tuple[tuple[float, float], ...] = ()
    invite: Invite | None = None


@dataclass(frozen=True)
class Rotation:
    """Blocks of items whose order is drawn for each person, from a seed that is kept."""

    seed: int
    blocks: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Contact:
    """The rules by which people may be asked: rest between two surveys, most a year, hours of the day, channels.

    A hot wave leaves alone, for `cold_first` beforehand, the people whom a cold wave will ask.
    """

    quarantine: float | None = None
    max_per_year: int | None = None
    hours: tuple[str, str] | None = None
    tz: str = "UTC"
    channels: tuple[str, ...] = ()
    cold_first: float = COLD_FIRST


@dataclass(frozen=True)
class Owner:
    """Someone who answers for results: who, what they may see, of whom, and of which unit alone (`within`).

    `hours` a day are there for calling people back; None where nobody said.
    """

    key: str
    name: Text
    sees: tuple[str, ...]
    of: tuple[str, ...] = ()
    within: str | None = None
    hours: float | None = None


@dataclass(frozen=True)
class Alert:
    """An answer that calls for an answer: when, by whom, called back within, closed within.

    A case takes `minutes`; the owner `escalate` is told when four fifths of the time have gone by.
    """

    key: str
    when: str
    owner: str
    call_back: float
    close: float
    minutes: float = 20.0
    escalate: str | None = None


@dataclass(frozen=True)
class Margin:
    """The smallest gap of interest with its unit.

    points of the scale; pct, percentage points of the favourable share; top, of the share that chose the highest answer; score,
    points of a scale from 0 to 100; nps.
    """

    value: float
    unit: Literal["points", "pct", "nps", "score", "top"]

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}"


@dataclass(frozen=True)
class Comparison:
    """Two faces to compare on every item that has both, and the smallest gap of interest per unit of measure."""

    a: str
    b: str
    smallest: tuple[Margin, ...]


@dataclass(frozen=True)
class Registered:
    """The analysis plan fixed before the field: outcome, drivers, segments, comparisons, alerts.

    `expected` is read by the planner alone, before the field: no answer and no number changes with it.
    """

    outcome: str
    drivers: tuple[str, ...]
    segments: tuple[str, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    alerts: Mapping[str, Alert] = field(default_factory=dict)
    expected: Expectation | None = None


@dataclass(frozen=True)
class Privacy:
    """Cells with fewer answers than `min_cell` are never shown (floor 5, default 10).

    `employees` says what they were promised: "anonymous" (nobody can tell) or "confidential" (nobody outside may).
    """

    min_cell: int = 10
    employees: Literal["anonymous", "confidential"] = "anonymous"
    keep_verbatim: float | None = None
    keep_identity: float | None = None


@dataclass(frozen=True)
class Target:
    """Population shares of one frame item, with their source and date."""

    variable: str
    shares: Mapping[str, float]
    source: str
    date: str
