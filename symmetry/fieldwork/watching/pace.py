"""How a wave is answered: where people stop, how long they take, and who gives one answer to everything.

Of employees only the last is known, of answers that were released, and told of `privacy.min_cell` of them or more.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from symmetry.fieldwork.asking.paging import pages_of
from symmetry.fieldwork.store.tables import ANSWERS
from symmetry.fieldwork.watching.units import applicable

if TYPE_CHECKING:
    from symmetry.fieldwork.asking.nouns import Answer, Asked
    from symmetry.fieldwork.columns import Column
    from symmetry.fieldwork.store.nouns import Store
    from symmetry.fieldwork.watching.units import Unit

__all__ = ["BLOCK", "Durations", "Lines", "Pace", "Stop", "pace_of", "sealed_pace"]

BLOCK = 5
"""Fewest questions on one scale whose answers can be a straight line."""
_HASTE = 3  # who takes less than the median over this was too fast


@dataclass(frozen=True)
class Durations:
    """Seconds on the questions of those who sent their answers: quartiles, and how many took less than a third of the median.

    `n` have a time; `unknown` have none, since the browser did not say it, or they stayed away for more than half an hour.
    """

    n: int
    unknown: int
    first: float | None
    median: float | None
    third: float | None
    hasty: int


@dataclass(frozen=True)
class Lines:
    """Of `n` people who answered five or more questions of one scale with its codes, how many gave all of them the same one."""

    scale: str
    questions: int
    n: int
    straight: int


@dataclass(frozen=True)
class Stop:
    """How many of those who began and did not send are held up at a question: the first one they left unanswered."""

    question: str
    page: int
    n: int


@dataclass(frozen=True)
class Pace:
    """How one audience answers a wave; what cannot be known of it is None.

    Attributes
    ----------
    sent : people who sent their answers.
    begun : people who saved something and have not sent it.
    stops : where the latter stand, the most first.
    durations : of the former.
    lines : one for each scale of five or more questions of which enough people answered.
    """

    sent: int | None
    begun: int | None
    stops: tuple[Stop, ...]
    durations: Durations | None
    lines: tuple[Lines, ...]


def pace_of(asked: Asked, units: Sequence[Unit]) -> Pace:
    """How customers or observers answer.

    Parameters
    ----------
    asked : the questionnaire.
    units : its people, by `units_of`.
    """
    sent = [unit for unit in units if unit.state == "complete"]
    begun = [unit for unit in units if unit.state == "started"]
    held: Counter[tuple[int, str]] = Counter()
    for unit in begun:
        held[_stop(asked, unit)] += 1
    stops = tuple(Stop(name, page, n) for (page, name), n in sorted(held.items(), key=lambda one: (-one[1], one[0])))
    answers = [unit.answers for unit in sent if unit.answers is not None]
    return Pace(len(sent), len(begun), stops, _durations([unit.seconds for unit in sent]), _lines(asked, answers, 1))


def sealed_pace(store: Store, asked: Asked) -> Pace:
    """What may be told of how employees answer: lines in answers that were released, where they are enough."""
    of = (ANSWERS.c.wave == asked.wave.key, ANSWERS.c.audience == asked.audience)
    with store.sealed.connect() as connection:
        rows = connection.execute(select(ANSWERS.c.answers).where(*of)).scalars().all()
    return Pace(None, None, (), None, _lines(asked, map(json.loads, rows), asked.study.privacy.min_cell))


def _stop(asked: Asked, unit: Unit) -> tuple[int, str]:
    """Page and name of the first question that somebody left; who left none stands before the last button."""
    answers = unit.answers or {}
    open_ones = {column.name for column in applicable(asked, unit.known, answers) if column.name not in answers}
    pages = pages_of(asked, unit.person)
    here = ((number, column.name) for number, page in enumerate(pages, 1) for column in page)
    return next((each for each in here if each[1] in open_ones), (len(pages), ""))


def _durations(seconds: Sequence[int | None]) -> Durations:
    import numpy as np

    known = sorted(each for each in seconds if each is not None)
    if not known:
        return Durations(0, len(seconds), None, None, None, 0)
    first, median, third = (float(each) for each in np.quantile(known, (0.25, 0.5, 0.75)))
    hasty = sum(each < median / _HASTE for each in known)
    return Durations(len(known), len(seconds) - len(known), first, median, third, hasty)


def _lines(asked: Asked, answers: Iterable[Mapping[str, Answer]], least: int) -> tuple[Lines, ...]:
    """Straight lines in the questions of each scale of codes, of at least so many people."""
    blocks: defaultdict[str, list[Column]] = defaultdict(list)
    for column in asked.columns.values():
        if column.kind == "code" and column.scale is not None:
            blocks[column.scale.key].append(column)
    blocks = defaultdict(list, {key: columns for key, columns in blocks.items() if len(columns) >= BLOCK})
    n: Counter[str] = Counter()
    straight: Counter[str] = Counter()
    for row in answers:
        for key, columns in blocks.items():
            said = [row[column.name] for column in columns if column.name in row]
            codes = [code for code in said if code not in columns[0].missing.values()]
            if len(codes) >= BLOCK:
                n[key] += 1
                straight[key] += len(set(codes)) == 1
    return tuple(Lines(key, len(columns), n[key], straight[key]) for key, columns in blocks.items() if n[key] >= least)
