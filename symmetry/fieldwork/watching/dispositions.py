"""Final dispositions: what became of everybody a wave was to ask, in the codes of AAPOR's Standard Definitions.

Everybody who was asked has one code and stands in the rates; who was not written to stands outside them, with the reason.  That
an invitation was opened and not answered (2.112) cannot be told from silence (3.19): a look is never recorded.

Employees, of whom less may be told, are counted in `sealed`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from symmetry.fieldwork.store.tables import EVENTS
from symmetry.fieldwork.watching.hiding import hidden
from symmetry.fieldwork.watching.rates import Rates, rates
from symmetry.fieldwork.watching.units import Unit, by_hand

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.asking.nouns import Asked

__all__ = ["CODES", "Cell", "Dispositions", "Line", "cell_of", "of_units", "rates_of", "segments_of"]

CODES: Mapping[str, tuple[str, str]] = {
    "complete": ("1.1", "I"),
    "partial": ("1.2", "P"),
    "refusal": ("2.11", "R"),
    "break-off": ("2.12", "R"),
    "no reply": ("3.19", "UH"),
    "bounced mail": ("3.30", "UH"),
    "over quota": ("4.8", "not eligible"),
}
"""What became of somebody who was asked → AAPOR's code, and its place in the rates."""

_PLACES = ("I", "P", "R", "NC", "O", "UH", "UO", "not eligible")


@dataclass(frozen=True)
class Line:
    """How many people had one disposition; `weighted` by one over their probability, None where that is not told."""

    fate: str
    code: str
    place: str
    n: int
    weighted: float | None


@dataclass(frozen=True)
class Cell:
    """One value of a segment: people asked, and their rates; all None where they are hidden."""

    value: str
    n: int | None
    rr1: float | None
    rr2: float | None


@dataclass(frozen=True)
class Dispositions:
    """What became of one audience of a wave.

    Attributes
    ----------
    wave, audience : whose.
    lines : one a disposition that somebody has.
    outside : reason → people who were not, or not yet, written to; of a hot wave also events that nobody was asked about; of
        employees nothing, since who answers would leave it.
    rates, weighted : response rates, by heads and by one over the probability; the second None where that is not told.
    segments : frame item, or "group" → its cells; small ones and those by which they could be found again are hidden.
    by_hand : whether links were handed out by other means, so that everybody counts as asked.
    told : whether anything may be told; False of employees where it would be told of fewer than five.
    steps : the multiple to which the counts are rounded down, of employees while their wave is open; 1 of all others.
    """

    wave: str
    audience: str
    lines: tuple[Line, ...]
    outside: Mapping[str, int]
    rates: Rates
    weighted: Rates | None
    segments: Mapping[str, tuple[Cell, ...]]
    by_hand: bool
    told: bool = True
    steps: int = 1


def segments_of(asked: Asked, units: Sequence[Unit]) -> tuple[str, ...]:
    """The frame items by which a wave is watched: the channel, where it is known, and the strata of its sample."""
    sampling = asked.wave.sampling.get(asked.audience)
    items = ("channel", *(sampling.by if sampling is not None else ()))
    return tuple(dict.fromkeys(item for item in items if any(item in unit.known for unit in units)))


def of_units(connection: Connection, asked: Asked, units: Sequence[Unit]) -> Dispositions:
    """What became of everybody whom a wave was to ask, where each of them is known.

    Parameters
    ----------
    connection : to the field database.
    asked : the questionnaire.
    units : its people, by `units_of`.

    Notes
    -----
    Of what they were asked, a complete answer has four fifths, a partial one half, a break-off less, be it sent or left; open
    questions count as the others.  Who opted out after the invitation and before the end of the wave refused.  An invitation of
    which nobody knows whether it left ("uncertain") counts as one that did.
    """
    inside = [unit for unit in units if unit.fate in CODES]
    heads = Counter(unit.fate for unit in inside)
    weights: defaultdict[str, float] = defaultdict(float)
    for unit in inside:
        weights[unit.fate] += unit.weight
    lines = tuple(Line(fate, *CODES[fate], heads[fate], weights[fate]) for fate in CODES if heads[fate])
    outside = Counter(unit.fate for unit in units if unit.fate not in CODES) + _events(connection, asked)
    return Dispositions(
        asked.wave.key,
        asked.audience,
        lines,
        dict(sorted(outside.items())),
        rates_of(heads),
        rates_of(weights),
        _segments(asked, inside),
        by_hand(connection, asked.wave.key, asked.audience),
    )


def _segments(asked: Asked, inside: Sequence[Unit]) -> dict[str, tuple[Cell, ...]]:
    """The rates in each value of each segment, unless it is small."""
    items = segments_of(asked, inside)
    minimum = asked.study.privacy.min_cell
    gone = hidden([unit.known for unit in inside], items, minimum)
    found: dict[str, tuple[Cell, ...]] = {}
    for item in items:
        heads: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for unit in inside:
            heads[unit.known.get(item, "")][unit.fate] += 1
        found[item] = tuple(
            Cell(value, None, None, None) if value in gone[item] else cell_of(value, heads[value])
            for value in sorted(heads)
        )
    return found


def cell_of(value: str, heads: Counter[str]) -> Cell:
    """One value of a segment: how many people, and their rates."""
    made = rates_of(heads)
    return Cell(value, heads.total(), made.rr1, made.rr2)


def rates_of(counts: Mapping[str, float]) -> Rates:
    """Rates of people by what became of them."""
    places = dict.fromkeys(_PLACES, 0.0)
    for fate, n in counts.items():
        places[CODES[fate][1]] += n
    return rates(*(places[place] for place in _PLACES))


def _events(connection: Connection, asked: Asked) -> Counter[str]:
    """Why nobody was asked about some of the events that this wave follows."""
    after = asked.wave.after
    if after is None:
        return Counter()
    of = (EVENTS.c.touchpoint == after, EVENTS.c.audience == asked.audience, EVENTS.c.state == "not asked")
    mine = EVENTS.c.wave.is_(None) | (EVENTS.c.wave == asked.wave.key)
    rows = connection.execute(
        select(EVENTS.c.reason, func.count().label("n")).where(*of, mine).group_by(EVENTS.c.reason)
    )
    return Counter({row.reason: row.n for row in rows})
