"""Which wave follows an event, after how many hours, and with what luck.

A wave follows an event where it is hot, open, waits for that touchpoint, and asks that audience without a sample; where several
do, the one that began first has it.  Luck is a keyed hash of wave and event, never a generator: whoever decides again, in other
parts or after a crash, decides the same, and nobody without the key of the ledger can tell beforehand who will be asked.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from symmetry.fieldwork.contacts.ledger import mark
from symmetry.fieldwork.inviting.planning import open_questionnaires
from symmetry.fieldwork.store.rosters import is_drawn
from symmetry.fieldwork.timing import day_of, due, ending, moment

if TYPE_CHECKING:
    from sqlalchemy import Row

    from symmetry.fieldwork.asking.nouns import Asked
    from symmetry.fieldwork.store.nouns import Store

__all__ = ["Followed", "Waves", "arm_of", "followed", "luck", "waits_of", "waves_of"]

Waves = Mapping[tuple[str, str], Sequence["Asked"]]
"""Touchpoint and audience → what the open waves ask that follow it, the wave that began first being the first."""


@dataclass(frozen=True)
class Followed:
    """An event with the wave that follows it.

    Attributes
    ----------
    row : of the event.
    asked : what the wave asks.
    delay : hours after which it asks: its own, or of the arm drawn.
    rate : the chance that the person is asked.
    first : when the person should be asked.
    happened : the moment of the event.
    day : that it was, by the clock of the study.
    """

    row: Row[Any]
    asked: Asked
    delay: float
    rate: float
    first: datetime
    happened: datetime
    day: date


def waits_of(asked: Asked) -> tuple[float, ...]:
    """Hours after which a wave may ask: its own, and those of its arms."""
    return (asked.wave.delay or 0.0, *(hours for hours, _ in asked.wave.arms))


def luck(key: bytes, kind: str, wave: str, event: str) -> float:
    """A number from 0 to 1 (excluded), by a keyed hash.

    Examples
    --------
    >>> luck(bytes(32), "rate", "hot", "visit-1") == luck(bytes(32), "rate", "hot", "visit-1")
    True
    """
    said = json.dumps([wave, event], ensure_ascii=False)
    return int.from_bytes(mark(key, kind, said)[:6], "big") / (1 << 48)


def arm_of(delay: float, arms: Sequence[tuple[float, float]], drawn: float) -> float:
    """The wait of the arm on which a number from 0 to 1 falls.

    Parameters
    ----------
    delay : hours that the wave waits without an arm.
    arms : hours and share of each; what they leave is asked after `delay`.

    Examples
    --------
    >>> [arm_of(2.0, ((24.0, 0.1), (168.0, 0.1)), drawn) for drawn in (0.0, 0.0999, 0.1, 0.2, 0.9999)]
    [24.0, 24.0, 168.0, 2.0, 2.0]
    """
    total = 0.0
    for hours, share in arms:
        total += share
        if drawn < total:
            return hours
    return delay


def waves_of(store: Store) -> Waves:
    """The open waves that follow events."""
    found: defaultdict[tuple[str, str], list[Asked]] = defaultdict(list)
    every = open_questionnaires(store)
    with store.field.connect() as field:
        for asked in sorted(every, key=lambda each: (each.first, each.wave.key)):
            follows = asked.wave.after is not None and not asked.sealed
            if follows and not is_drawn(field, asked.wave.key, asked.audience):
                found[str(asked.wave.after), asked.audience].append(asked)
    return found


def followed(key: bytes, row: Row[Any], waves: Sequence[Asked]) -> Followed | None:
    """The event with the first wave whose days hold it and the moment of asking; None where there is none."""
    happened = moment(row.at)
    for asked in waves:
        contact, wave = asked.study.contact, asked.wave.key
        delay = asked.wave.delay or 0.0
        if asked.wave.arms:
            delay = arm_of(delay, asked.wave.arms, luck(key, "arm", wave, row.event))
        first = due(happened, delay, contact)
        begins, ends = asked.first, asked.last
        day = day_of(happened, contact)
        if day < begins or (ends is not None and first >= ending(ends, contact)):
            continue
        sampling = asked.wave.sampling.get(asked.audience)
        rate = 1.0 if sampling is None or sampling.rate is None else sampling.rate
        return Followed(row, asked, delay, rate, first, happened, day)
    return None
