"""The nouns of watching: how a field, a wave and an audience stand, and what needs attention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from symmetry.fieldwork.watching.dispositions import Dispositions
from symmetry.fieldwork.watching.loads import Alerting, Calls, Delivery, Rest
from symmetry.fieldwork.watching.pace import Pace
from symmetry.fieldwork.watching.volumes import Series
from symmetry.spec import Text

__all__ = ["AudienceStatus", "Names", "Notice", "Status", "WaveStatus"]


@dataclass(frozen=True)
class Notice:
    """Something that needs attention: a key of the words of `words/`, and the facts in them."""

    key: str
    wave: str
    audience: str
    facts: Mapping[str, str | float]


@dataclass(frozen=True)
class Names:
    """What the study calls things, by their keys: its items, the values of those that are known beforehand, and its owners.

    `by` holds the items whose values make up a stratum, of each audience.
    """

    items: Mapping[str, Text] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    owners: Mapping[str, Text] = field(default_factory=dict)
    by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class AudienceStatus:
    """How one audience of a wave stands; volumes and rests are empty of employees."""

    audience: str
    dispositions: Dispositions
    volumes: tuple[Series, ...]
    pace: Pace
    delivery: Delivery
    rests: tuple[Rest, ...]


@dataclass(frozen=True)
class WaveStatus:
    """How one wave stands: "open", "closing" or "closed"; `until` is the last day that is over, and counts."""

    wave: str
    study: str
    title: Mapping[str, str]
    kind: str
    state: str
    first: date
    last: date | None
    until: date
    rehearsal: bool
    audiences: tuple[AudienceStatus, ...]
    alerting: tuple[Alerting, ...]
    calls: Calls
    languages: tuple[str, ...]
    names: Names


@dataclass(frozen=True)
class Status:
    """How a field stands.

    Attributes
    ----------
    at : the moment, UTC.
    waves : those of the store, the first one opened first.
    attention : what needs it; empty where all is well.
    """

    at: str
    waves: tuple[WaveStatus, ...]
    attention: tuple[Notice, ...]
